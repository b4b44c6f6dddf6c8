"""Both passes: values, adjoints, kinks, overflow, domain errors, exact numbers."""

from __future__ import annotations

import math
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import pytest

import graphgrad as gg


def run(text: str, wrt: list[str] | None = None, **at: float) -> gg.Backprop:
    """Run both passes."""
    return gg.parse(text).backprop(at, wrt)


def test_adjoints_of_all_uses_are_added() -> None:
    """x used twice gets the sum of two adjoints, one per edge."""
    result = run("x*x + x", x=3)
    assert result.grad == {"x": 7.0}
    assert [result.dag.edges[0, 1, key]["contribution"] for key in (0, 1)] == [3.0, 3.0]


def test_the_annotated_graph_carries_every_number() -> None:
    """Nodes have values and adjoints, edges have local derivatives as numbers and formulas."""
    dag = run("(apple*n)*tax", apple=100, n=2, tax=1.1).dag
    assert dag.nodes[4]["value"] == pytest.approx(220)
    assert dag.nodes[2]["adjoint"] == 1.1
    edge = dag.edges[2, 4, 0]
    assert (edge["partial"], edge["formula"], edge["contribution"]) == (1.1, "tax", 1.1)
    assert dag.edges[3, 4, 1]["formula"] == "apple*n"


def test_only_wanted_inputs_cause_work() -> None:
    """Edges that lead to no wanted input have no local derivative, so x**y by x takes no logarithm of a negative x."""
    result = run("x**y", ["x"], x=-2, y=3)
    assert result.grad == {"x": 12.0}
    assert result.dag.edges[1, 2, 1]["partial"] is None


@pytest.mark.parametrize(
    ("text", "at", "value", "grad"),
    [
        ("x**2", {"x": 0}, 0, 0),
        ("x**0", {"x": 0}, 1, 0),
        ("x**1", {"x": 0}, 0, 1),
        ("x**2", {"x": -3}, 9, -6),
        ("x**3", {"x": -2}, -8, 12),
        ("x-x", {"x": 5}, 0, 0),
        ("x+x+x", {"x": 1}, 3, 3),
        ("2*0 + x", {"x": 1}, 1, 1),
    ],
)
def test_corners_of_arithmetic(text: str, at: dict[str, float], value: float, grad: float) -> None:
    """0**0 is 1, a constant exponent takes no logarithm, contributions of opposite sign cancel."""
    result = gg.parse(text).backprop(at)
    assert (result.value, result.grad["x"]) == (value, grad)


@pytest.mark.parametrize(
    ("text", "at", "grad"),
    [
        ("abs(x)", {"x": 0}, {"x": 0}),
        ("relu(x)", {"x": 0}, {"x": 0}),
        ("max(x, y)", {"x": 2, "y": 2}, {"x": 0.5, "y": 0.5}),
        ("min(x, y, 2)", {"x": 2, "y": 5}, {"x": 0.5, "y": 0}),
        ("sign(x)", {"x": 0}, {"x": 0}),
        ("step(x)", {"x": 0}, {"x": 0}),
        ("floor(x)", {"x": 2}, {"x": 0}),
        ("ceil(x) + x", {"x": 2}, {"x": 1}),
        ("where(x > 0, x, -x)", {"x": 0}, {"x": -1}),
    ],
)
def test_a_kink_takes_its_convention_and_is_reported(text: str, at: dict[str, float], grad: dict[str, float]) -> None:
    """At a kink the derivative is the documented convention, with a warning, and the check accepts it."""
    result = gg.parse(text).backprop(at)
    assert result.grad == grad
    assert [warning.split(":")[0] for warning in result.warnings] == ["kink"]
    report = result.check()
    assert report.having("kink")
    assert report, str(report)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x)", {"x": 1}),
        ("max(x, x)", {"x": 2}),
        ("max(x, 5)", {"x": 2}),
        ("max(abs(x), 5)", {"x": 0}),
        ("floor(abs(x) + 0.5)", {"x": 0}),
        ("where(y > 0, abs(x), x)", {"x": 0, "y": -1}),
        ("relu(abs(x) - 1)", {"x": 0}),
        ("abs(y)*0 + x", {"x": 1, "y": 2}),
    ],
)
def test_a_kink_that_does_not_matter_is_no_warning(text: str, at: dict[str, float]) -> None:
    """A kink in a branch not taken, behind a constant or in the smaller operand of max is not reported."""
    assert gg.parse(text).backprop(at).warnings == ()


def test_a_kink_by_an_unwanted_input_is_none() -> None:
    """Only inputs that are differentiated by count."""
    assert run("x + abs(y)", ["x"], x=1, y=0).warnings == ()


@pytest.mark.parametrize("text", ["where(x > 0, log(x), 0)", "where(x > 0, sqrt(x), x*0)", "where(x > 0, 1/x, 0)"])
def test_the_branch_not_taken_contributes_exactly_nothing(text: str) -> None:
    """No error, no nan, no gradient from the branch that where did not choose."""
    assert run(text, x=0).grad == {"x": 0.0}


def test_a_fault_in_a_condition_does_reach_the_output() -> None:
    """A comparison with an undefined value is undefined, not false."""
    with pytest.raises(gg.DomainError, match=r"log\(-1\) is not defined"):
        run("where(log(x) > 0, 1, x)", x=-1)


@pytest.mark.parametrize(
    ("text", "at", "message", "marked"),
    [
        ("2*log(x - 2)", {"x": 1}, "log(-1) is not defined", "log(x - 2)"),
        ("x/(y - y)", {"x": 3, "y": 3}, "3/0 is not defined", "x/(y - y)"),
        ("(-x)**0.5", {"x": 2}, "(-2)**0.5 is not defined", "(-x)**0.5"),
        ("0**-1 + x", {"x": 2}, "0**-1 is not defined", "0**-1"),
        ("asin(x)", {"x": 2}, "asin(2) is not defined", "asin(x)"),
        ("gamma(x)", {"x": 0}, "gamma(0) is not defined", "gamma(x)"),
        ("exp(x) - exp(x + 1)", {"x": 1000}, "is indeterminate", "exp(x) - exp(x + 1)"),
    ],
)
def test_a_domain_error_names_node_span_and_operands(
    text: str, at: dict[str, float], message: str, marked: str
) -> None:
    """The message has the operation with its numbers, the span the node, the hint the operands."""
    with pytest.raises(gg.DomainError) as caught:
        gg.parse(text).backprop(at)
    assert message in caught.value.message
    assert text[slice(*caught.value.span)] == marked


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("sqrt(x)", {"x": 0}, "the derivative of sqrt(x) by x is not finite"),
        ("x**0.5", {"x": 0}, "the derivative of x**0.5 by x is not finite"),
        ("hypot(x, y)", {"x": 0, "y": 0}, "the derivative of hypot(x, y) by x is not finite"),
        ("x**y", {"x": -2, "y": 2}, "the derivative of x**y by y is not finite"),
        ("polygamma(n, x)", {"n": 1, "x": 2}, "must be a constant"),
        ("1/(1 + exp(-x))", {"x": -1000}, "infinity times zero"),
    ],
)
def test_a_derivative_that_does_not_exist_is_an_error(text: str, at: dict[str, float], message: str) -> None:
    """An infinite or missing local derivative in the backward pass is an error, never a nan."""
    with pytest.raises(gg.DomainError) as caught:
        gg.parse(text).backprop(at)
    assert message in caught.value.message


def test_the_forward_pass_up_to_an_error_is_kept() -> None:
    """The error holds what was computed before."""
    with pytest.raises(gg.DomainError) as caught:
        run("(x + 1)*log(x)", x=-1)
    assert caught.value.passes.values[:3] == [-1.0, 1.0, 0.0]


@pytest.mark.parametrize("text", ["exp(x)", "sinh(x)", "x**200", "gamma(x)", "x*1e306", "1e306/(1/x)"])
def test_overflow_is_infinity_and_a_warning(text: str) -> None:
    """A value beyond float64 is inf, with a warning that names the node; the check does not pass it."""
    result = run(text, x=1000)
    assert result.value == math.inf
    assert "overflow" in result.warnings[0]
    assert result.check().having("not attempted")


def test_a_saturated_detour_is_no_overflow() -> None:
    """sigmoid(−1000) is 0 without a warning, although exp(1000) overflows within its rule."""
    result = run("sigmoid(x) + softplus(x)", x=-1000)
    assert (result.value, result.grad["x"], result.warnings) == (0.0, 0.0, ())


def test_exact_numbers_are_fractions() -> None:
    """Floats stand for the decimal they are written as, so the bill is 715 and not 715.0000000000001."""
    graph = gg.parse("(apple*n + orange*m)*tax")
    at = {"apple": 100, "n": "2", "orange": Decimal(150), "m": Fraction(3), "tax": 1.1}
    result = graph.backprop(at, exact=True)
    assert result.value == 715
    assert result.grad == {"apple": Fraction(11, 5), "n": 110, "orange": Fraction(33, 10), "m": 165, "tax": 650}
    assert result.check().worst.relative == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("sqrt(x)", "domain_error"), ("x**0.5", "domain_error"), ("x*pi", "domain_error"), ("1/(x - 2)", "domain_error"),
     ("9**9**9**9 + x", "limit_error"), ("2**-99999999999*x", "limit_error")],
)  # fmt: skip
def test_what_leaves_the_rationals_is_an_error(text: str, kind: str) -> None:
    """Exact mode refuses irrational results, and very long ones without computing them."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse(text).backprop({"x": 2}, exact=True)
    assert caught.value.kind == kind


def test_exact_mode_knows_the_piecewise_rationals() -> None:
    """Integer powers, abs, floor, max, relu and where are rational."""
    result = gg.parse("abs(x)**3 + floor(x) + max(x, 1) + where(x < 0, x, 2*x)").backprop({"x": "-3/2"}, exact=True)
    assert result.value == Fraction(27, 8) - 2 + 1 - Fraction(3, 2)
    assert result.grad["x"] == -Fraction(27, 4) + 1


@pytest.mark.parametrize(
    ("at", "wrt", "error", "hint"),
    [
        ({"apple": 1}, None, "no value for 'n'", "give n=…"),
        ({"apple": 1, "n": 2, "aple": 3}, None, "'aple' is not an input", "did you mean 'apple'?"),
        ({"apple": 1, "n": 2}, ["m"], "'m' is not an input", "the inputs are: apple, n"),
    ],
)
def test_names_are_checked(at: dict[str, float], wrt: list[str] | None, error: str, hint: str) -> None:
    """Unknown and missing names are errors with a suggestion."""
    with pytest.raises(gg.UnknownNameError, match=error) as caught:
        gg.parse("apple*n").backprop(at, wrt)
    assert caught.value.hint == hint


@pytest.mark.parametrize("value", [math.nan, math.inf, "abc", None, ["a"], [[1], [2, 3]], [math.inf]])
def test_a_value_is_a_finite_number(value: object) -> None:
    """Any other value is an error before anything is computed."""
    with pytest.raises(gg.DomainError, match=r"is not (a finite number|an array of finite numbers)"):
        gg.parse("x").backprop({"x": value})


def test_a_gradient_of_a_gradient() -> None:
    """A derivative is a graph with the same inputs, so it can be differentiated again."""
    graph = gg.parse("x**3*y")
    second = graph.gradient("x").gradient("x")
    assert second.inputs == ("x", "y")
    assert second.backprop({"x": 2, "y": 5}).value == 60
    assert second.gradient("y").backprop({"x": 2, "y": 5}).value == 12


def test_memory_grows_with_the_graph_alone() -> None:
    """Reading 20,000 operations, both passes and the annotated graph stay within some kilobytes an operation."""
    text = "\n".join(["v0 = x", *(f"v{k} = v{k - 1}*x" for k in range(1, 20_001))])
    tracemalloc.start()
    try:
        result = gg.parse(text).backprop({"x": 1})
        _, passes = tracemalloc.get_traced_memory()
        assert len(result.dag) > 20_000
        _, annotated = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert passes < 20_000 * 1_500
    assert annotated < 20_000 * 3_500


@pytest.mark.parametrize("text", ["floor(exp(x))", "ceil(exp(x))", "floor(-exp(x))", "ceil(-exp(x))"])
def test_rounding_an_overflow_is_an_overflow(text: str) -> None:
    """Infinity has no whole number below or above it but itself; both passes and the compiled function agree."""
    result = gg.parse(text).backprop({"x": 1e4})
    assert (abs(result.value), result.grad) == (math.inf, {"x": 0.0})
    assert gg.parse(text).compile()(1e4) == (result.value, result.grad)
