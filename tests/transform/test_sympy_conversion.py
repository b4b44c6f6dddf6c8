"""From sympy and back: every function that both know, the same numbers, no text in between."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import sympy
from hypothesis import given, settings
from sympy.codegen import cfunctions
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg
from graphgrad.ops import NUMERIC
from graphgrad.transform import counterparts

if TYPE_CHECKING:
    from graphgrad.ops import Op

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.sin(x) ** 2 - 3 * x / y, "sin(x)**2 - 3*x/y"),
        (x / 3 - 2, "x/3 - 2"),
        (sympy.Rational(27, 25) * x, "1.08*x"),
        (-x * y, "-x*y"),
        (2 - x, "2 - x"),
        (1 / sympy.sqrt(x), "1/sqrt(x)"),
        (sympy.pi * x + sympy.E, "exp(1) + pi*x"),
        (sympy.pi * sympy.Symbol("pi", real=True), "pi*`pi`"),
        (2 * sympy.Symbol("x_{1}"), "2*`x_{1}`"),
        (sympy.Abs(x) + sympy.sign(x), "abs(x) + sign(x)"),
        (sympy.Max(2, x, y), "max(2, x, y)"),
        (sympy.ceiling(x), "ceil(x)"),
        (sympy.loggamma(x), "lgamma(x)"),
        (sympy.digamma(x), "digamma(x)"),
        (cfunctions.hypot(x, y), "hypot(x, y)"),
        (x <= y, "x <= y"),
        (sympy.Piecewise((x, x > 0), (-x, True)), "where(x > 0, x, -x)"),
        (sympy.Piecewise((x, x > 0), (-x, x <= 0)), "where(x > 0, x, -x)"),
        (sympy.Piecewise((x, (x > 0) & (x < 1)), (y, True)), "where(x > 0 ∧ x < 1, x, y)"),
        (sympy.Heaviside(x), "where(x < 0, 0, where(x == 0, 0.5, 1))"),
        (sympy.factorial(x), "gamma(x + 1)"),
        (sympy.Mod(x, y), "x - y*floor(x/y)"),
        (sympy.sinc(x), "sinc(x)"),
        (sympy.Integer(3), "3"),
    ],
    ids=str,
)
def test_an_expression_reads_as_one_would_write_it(expression: Any, text: str) -> None:
    """Quotients, differences, decimals and choices come back; what only sympy has is said in what both have."""
    assert str(gg.from_sympy(expression)) == text


def native(op: Op) -> list[Any]:
    """Return sympy's classes that are read as an operation."""
    return [head for head, calls in counterparts().calls.items() if any(call.op is op for call in calls)]


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if native(op)], ids=lambda op: op.name)
def test_each_counterpart_has_the_operations_values(op: Op) -> None:
    """The class of sympy's that is read as an operation has its value, at a point of its domain."""
    names = ["a", "b", "c"][: op.arity]
    point = {name: op.domain(i).probes(5 + i)[2] for i, name in enumerate(names)}
    for head in native(op):
        [call] = [call for call in counterparts().calls[head] if call.op is op]
        operands = dict(zip(call.order, map(sympy.Symbol, names), strict=True)) | call.fixed
        unevaluated = {} if head is sympy.betainc_regularized else {"evaluate": False}  # it takes no such option
        expression = head(*[operands[i] for i in range(len(operands))], **unevaluated)
        theirs = expression.subs({name: sympy.Float(number, 30) for name, number in point.items()}).doit().evalf(30)
        at = {str(s): point[str(s)] for s in expression.free_symbols}
        assert gg.from_sympy(expression).backprop(at, []).value == pytest.approx(float(theirs), rel=1e-12)


@settings(max_examples=60)
@given(expressions(), points)
def test_there_and_back_the_numbers_are_the_same(text: str, at: dict[str, float]) -> None:
    """Text → graph → sympy → graph has the same value and gradient."""
    ours = gradient_or_reject(text, at)
    again = gg.from_sympy(gg.parse(text).to_sympy())
    theirs = again.backprop({name: at[name] for name in again.inputs})
    assert theirs.value == pytest.approx(ours.value, rel=1e-8, abs=1e-8)
    for name, partial in ours.grad.items():
        assert theirs.grad.get(name, 0.0) == pytest.approx(partial, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_every_operation_goes_there_and_back(op: Op) -> None:
    """Sympy's expression of an operation, read again, has its value and derivatives."""
    names = list("xyz"[: op.arity])
    point = {name: op.domain(i).probes(5 + 2 * i)[3] for i, name in enumerate(names)}
    wrt = [name for i, name in enumerate(names) if op.rule(i) is not None]
    graph = gg.parse(_called(op, names))
    again = gg.from_sympy(graph.to_sympy())
    ours = graph.backprop(point, wrt)
    theirs = again.backprop(
        {name: point[name] for name in again.inputs}, [name for name in wrt if name in again.inputs]
    )
    assert theirs.value == pytest.approx(ours.value, rel=1e-12)
    assert theirs.grad == pytest.approx(ours.grad, rel=1e-12)


def _called(op: Op, names: list[str]) -> str:
    from graphgrad.printing import Notation, Text

    return Notation().value(op, [Text(name) for name in names]).string


def test_numbers_are_exact() -> None:
    """A rational stays one, a float stands for the decimal it is written as, and other precisions keep every bit."""
    tenth = gg.from_sympy(x + sympy.Float(0.1)).backprop({"x": 0}, exact=True)
    assert tenth.value == Fraction(1, 10)
    third = gg.from_sympy(x + sympy.Rational(1, 3)).backprop({"x": 0}, exact=True)
    assert third.value == Fraction(1, 3)
    fine = gg.from_sympy(x + sympy.Float("0.1", 50)).backprop({"x": 0}, exact=True)
    assert 0 < abs(fine.value - Fraction(1, 10)) < Fraction(1, 10**50)


def test_symbols_named_like_sympys_own_objects_are_only_names() -> None:
    """Inputs called E, I, S, N or beta become symbols, not sympy's constants and functions."""
    expression = gg.parse("E*I + S/N - beta").to_sympy()
    assert {str(symbol) for symbol in expression.free_symbols} == {"E", "I", "S", "N", "beta"}
    assert gg.from_sympy(expression).backprop(dict.fromkeys(["E", "I", "S", "N", "beta"], 2)).value == 3


def test_what_is_shared_is_read_once() -> None:
    """Forty squarings of a shared expression are forty nodes, not 2**40."""
    shared = x
    for _ in range(40):
        shared = sympy.Add(sympy.Mul(shared, shared, evaluate=False), 1, evaluate=False)
    assert len(gg.from_sympy(shared).dag) == 82


def test_depth_costs_no_stack() -> None:
    """An expression 100,000 deep is read."""
    deep = x
    for _ in range(50_000):
        deep = sympy.Add(sympy.Mul(2, deep, evaluate=False), 1, evaluate=False)
    assert len(gg.from_sympy(deep).dag) == 100_003


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (sympy.elliptic_k(x), "elliptic_k"),
        (sympy.Function("f")(x), "f(x)"),
        (sympy.I * x, "I"),
        (sympy.oo + sympy.Symbol("p"), "oo"),
        (sympy.nan, "nan"),
        (sympy.Integral(sympy.Function("h")(x), x), "Integral"),
        (sympy.Piecewise((x, x > 0)), "none of its conditions"),
        (sympy.Symbol("x\ny"), "no text can hold it"),
        (x + sympy.Symbol("x", positive=True), "two different symbols"),
        (sympy.Matrix([x]), "Matrix"),
        ("x + 1", "str"),
    ],
    ids=str,
)
def test_what_has_no_counterpart_is_named(expression: Any, named: str) -> None:
    """Whatever cannot be a graph is refused by its name, text among it: sympy never reads any here."""
    with pytest.raises(gg.GraphgradError) as caught:
        gg.from_sympy(expression)
    assert named in caught.value.message


@pytest.mark.parametrize(
    "text", ["sin(" * 3_000 + "x" + ")" * 3_000, "x*2**-2**20"], ids=["too deep", "too many digits"]
)
def test_what_sympy_cannot_hold_is_said(text: str) -> None:
    """Too deep, or too many digits, is an error of its own kind."""
    with pytest.raises(gg.LimitError, match="too large for sympy"):
        gg.parse(text).to_sympy()
