"""Steps without a number: a gradient exists where it does not need them, and the error names them where it does."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from table import TABLE

import graphgrad as gg
from graphgrad.backprop.error_bound import value_bound
from graphgrad.namespaces import Fault
from graphgrad.namespaces.kinds import FLOATS, FRACTIONS
from graphgrad.namespaces.many_digits import MANY_DIGITS
from graphgrad.ops import OPS, Op
from graphgrad.printing import Notation, Text

LOCALLY_CONSTANT = [
    ("x**floor(y)", {"x": -2.0, "y": 2.5}, {"x": -4.0, "y": 0.0}),
    ("x**(2*ceil(y) - 1)", {"x": -2.0, "y": 1.5}, {"x": 12.0, "y": 0.0}),
    ("asin(x == x)", {"x": 3.0}, {"x": 0.0}),
    ("cbrt(step(x)) + x", {"x": -1.0}, {"x": 1.0}),
    ("sqrt(sign(x)*0)*y", {"x": 2.0, "y": 3.0}, {"x": 0.0, "y": 0.0}),
    ("log(where(x > 0, 1, 0) + y)", {"x": 1.0, "y": 1.0}, {"x": 0.0, "y": 0.5}),
    ("acosh(where(x > 0, floor(y), ceil(y)))", {"x": 1.0, "y": 1.5}, {"x": 0.0, "y": 0.0}),
    ("polygamma(floor(n), x)", {"n": 1.5, "x": 2.0}, {"n": 0.0, "x": float(mpmath.psi(2, 2))}),
]


@pytest.mark.parametrize(("text", "at", "grad"), LOCALLY_CONSTANT)
def test_nothing_flows_back_through_a_locally_constant_operand(
    text: str, at: dict[str, float], grad: dict[str, float]
) -> None:
    """Also where the local derivative by it does not exist; on every path."""
    graph = gg.parse(text)
    columns = graph.compile()(**{name: [x] for name, x in at.items()})[1]
    arrays = graph.backprop({name: [x] for name, x in at.items()}, seed=1).grad
    for name, d in grad.items():
        assert graph.backprop(at).grad[name] == pytest.approx(d)
        assert graph.compile()(**at)[1][name] == pytest.approx(d)
        assert columns[name] == pytest.approx([d])
        assert arrays[name] == pytest.approx([d])
        assert graph.gradient(name).backprop(at).value == pytest.approx(d)


def test_a_locally_constant_operand_at_its_jump_is_a_kink() -> None:
    """The derivative by a floor that is left out is still one by a floor."""
    assert gg.parse("x**floor(y)").backprop({"x": -2, "y": 2}).warnings == (
        "kink: floor(y) at y = 2: it jumps at whole numbers; the derivative taken is 0",
    )


def test_a_derivative_that_matters_is_refused() -> None:
    """A locally constant operand beside it changes nothing."""
    with pytest.raises(gg.DomainError, match=r"the derivative of sqrt\(x\) by x is not finite"):
        gg.parse("sqrt(x) + asin(x == x)").backprop({"x": 0})


OVERFLOWING = [
    ("log1p(x/y)", {"x": 0.26, "y": 1e-160}),
    ("sigmoid(csch(y))", {"y": 1e-160}),
    ("digamma(csch(y))", {"y": 700.0}),
]


@pytest.mark.parametrize(("text", "at"), OVERFLOWING)
def test_local_derivatives_overflow_on_the_way(text: str, at: dict[str, float]) -> None:
    """A derivative that is a float is found also where a local derivative on its path is none."""
    graph = gg.parse(text)
    result, truth = graph.backprop(at), graph.backprop({k: Fraction(x) for k, x in at.items()}, precision=40)
    assert result.grad == pytest.approx({name: float(d) for name, d in truth.grad.items()}, rel=1e-13, abs=1e-300)
    assert result.grad == pytest.approx(graph.compile()(**at)[1])
    assert not result.warnings
    assert len(result.passes.backward.contributions) == len(result.passes.backward.partials)


def test_a_derivative_beyond_the_floats_is_warned_about() -> None:
    """The value is finite, and so the warning names the derivative."""
    result = gg.parse("1/y").backprop({"y": 1e-300})
    assert result.grad == {"y": -np.inf}
    assert result.warnings == ("overflow: the derivative by y is beyond float64, taken as infinity",)


@pytest.mark.parametrize("kind", [FLOATS, FRACTIONS, MANY_DIGITS], ids=lambda kind: kind.name)
@TABLE
def test_an_operand_without_a_number_gives_none(op: Op, kind: Any) -> None:
    """Whatever library computes a row, it is never given a `Fault` to fail on, or its failure gives the `Fault`."""
    fault, m = Fault(OPS["log"], [-1], "not defined"), kind.namespace
    for position, others in product(range(op.arity), product((2, 0, 10**300), repeat=op.arity)):
        operands = [m.const(Fraction(x)) for x in others]
        operands[position] = fault
        z = m.value(op, operands)
        assert (
            isinstance(z, Fault)
            or op.chooses
            or op.name in {"heaviside_with", "logical_and", "logical_or", "xlog1py", "xlogy"}
        )
        for i in range(op.arity):
            m.partial(op, i, z, operands)


@pytest.mark.parametrize("settings", [{}, {"exact": True}, {"precision": 20}], ids=str)
@TABLE
def test_a_branch_not_taken_has_no_effect(op: Op, settings: dict[str, Any]) -> None:
    """Whatever is computed there from what has no number; for numbers and for arrays."""
    inner = Notation().value(op, [Text("log(x)")] * op.arity)
    graph = gg.parse(f"where(y > 0, x, {inner.string})")
    assert graph.backprop({"x": 0, "y": 1}, **settings).grad["x"] == 1
    assert list(graph.backprop({"x": [0, 0], "y": 1}, seed=1, **settings).grad["x"]) == [1, 1]


@pytest.mark.parametrize("a", [0, 1])
def test_the_error_names_the_value_that_a_derivative_needs(a: int) -> None:
    """The derivative of a·log(y) by a is log(y), which has no number where y has none."""
    with pytest.raises(gg.DomainError, match=r"^log\(-1\) is not defined"):
        gg.parse("xlogy(a, log(x))").backprop({"a": a, "x": -1})
    assert gg.parse("xlogy(0, log(x))").backprop({"x": -1}).grad == {"x": 0}


WHOLE = ("softmax(log(x))[0]", "sum(exp(x) @ x)", "norm(log(x)) + mean(log(x))", "max(log(x))", "logsumexp(log(x))")


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_array_without_a_number(text: str) -> None:
    """In fractions it is refused with its name, and has no effect in a branch not taken."""
    with pytest.raises(gg.DomainError, match="not a rational number"):
        gg.parse(text).backprop({"x": [2, 3]}, exact=True)
    grad = gg.parse(f"where(y > 0, sum(x), {text})").backprop({"x": [2, 3], "y": 1}, exact=True).grad
    assert list(grad["x"]) == [1, 1]


@pytest.mark.parametrize("text", ["sum(where(x > 0, abs(log(x)), 0))", "sum(where(x > 0, max(log(x), y), 0))"])
def test_kinks_beside_entries_without_a_number(text: str) -> None:
    """The kink at the second entry is found, the first entry having no value."""
    graph = gg.parse(text)
    [warning] = graph.backprop({name: [-1, 1] if name == "x" else 0 for name in graph.inputs}).warnings
    assert "1 of 2 entries, first [1]" in warning


def test_the_end_of_a_domain_has_no_error_bound() -> None:
    """The bound of a rounding error may be infinite; it is none where the value is a constant."""
    passes = gg.parse("x*asec(-1)").backprop({"x": 1}).passes
    assert value_bound(passes).total is None


@pytest.mark.parametrize("text", ["sum(x) + 1/y", "sum(x)*sqrt(y)", "sum(x) + x[0]*log(y)", "sum(x*y**-0.5)"])
def test_a_number_beside_arrays_is_refused_as_alone(text: str) -> None:
    """Python's numbers raise where arrays overflow: the error is a `DomainError` all the same."""
    graph = gg.parse(text)
    with pytest.raises(gg.DomainError, match=r"not (defined|finite)"):
        graph.backprop({"x": [1, 2], "y": 0})
    with pytest.raises(gg.DomainError, match=r"not (defined|finite)"):
        graph.compile()(x=[1, 2], y=0)


def test_an_operation_that_fails_on_another_operand() -> None:
    """The error is that of the operand without a number."""
    with pytest.raises(gg.DomainError, match=r"^asinh\(2\) is not a rational number"):
        gg.parse("xlogy(asinh(x), y > y)").backprop({"x": 2, "y": 1}, exact=True)


def test_the_branches_of_a_rule_are_fractions() -> None:
    """A step is 0 or 1, by which fractions are divided to fractions."""
    assert gg.parse("log1p(step(x))*x + x/(1 + step(x))").backprop({"x": -3}, exact=True).grad == {"x": 1}


KINKED = [op for op in OPS.values() if op.kink and not op.on_arrays and not op.variadic and not op.chooses]


@pytest.mark.parametrize("op", KINKED, ids=lambda op: op.name)
@pytest.mark.parametrize("number", [0.0, -1.0, 2.5])
def test_a_branch_that_is_not_taken_may_have_no_value_and_no_kink(op: Op, number: float) -> None:
    """Whether an operation has a kink is not asked where it has no value."""
    inputs = [f"x{i}" for i in range(op.arity)]
    branch = Notation().value(op, [Text(name) for name in inputs])
    graph = gg.parse(f"where(c, 2*x0, {branch.string})")
    assert graph.backprop({"c": 1.0, **dict.fromkeys(inputs, number)}).grad["x0"] == 2
