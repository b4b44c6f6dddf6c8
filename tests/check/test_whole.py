"""The value of the whole and its gradient against sympy's functions and derivatives of the operations, chained."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import mpmath
import pytest

import graphgrad as gg
from graphgrad.check import Witnesses, check
from graphgrad.namespaces import Floats

if TYPE_CHECKING:
    from graphgrad.check import Report
    from graphgrad.check.report import Row


def report_of(text: str, at: dict[str, Any], **kind: Any) -> Report:
    """Return the check of a formula at a point."""
    return gg.parse(text).backprop(at, **kind).check()


def value_row(report: Report) -> Row:
    """Return the row of the value of the whole."""
    [row] = [row for row in report.rows if row.level == "whole value"]
    return row


@pytest.mark.parametrize(
    ("text", "at", "truth"),
    [
        ("(x + y) - x", {"x": 1e16, "y": 1}, 1.0),
        ("x**2 - y**2", {"x": 100000001, "y": 1e8}, 200000001.0),
        ("1 - cos(x)", {"x": 1e-30}, 5e-61),
        ("(exp(x) - 1)/x", {"x": 1e-15}, 1.0),
        ("sqrt(x + 1) - sqrt(x)", {"x": 1e14}, 5e-8),
        ("(sin(x) + 1) - 1", {"x": 1e-300}, 1e-300),
        ("log(x) - log(y)", {"x": 1e300, "y": 1.0000000000000002e300}, -1.4870169084777829e-16),
    ],
)
def test_a_value_that_loses_its_digits_is_told(text: str, at: dict[str, float], truth: float) -> None:
    """The value is held against that of the exact function at the floats' own values: rounding, and how much."""
    row = value_row(report_of(text, at))
    assert row.status == "rounding"
    assert float(row.theirs) == pytest.approx(truth, rel=1e-6, abs=0)


@pytest.mark.parametrize("text", ["x + y*x", "sin(x)*exp(y)", "x**y/3", "0.1*x - y/7", "where(x > y, x, y)", "x - x"])
def test_a_value_that_keeps_its_digits_is_ok(text: str) -> None:
    """Constants are what the floats are, so that nothing but the operations rounds."""
    at = {name: number for name, number in {"x": 1.3, "y": 2.7}.items() if name in text}
    row = value_row(report_of(text, at))
    assert row.status == "ok"
    assert row.ulps < 4


@pytest.mark.parametrize("x", [1.1, 0.7, 1e8])
def test_a_large_argument_takes_as_many_digits_as_it_needs(x: float) -> None:
    """The sine of 1e300 has no right digit with fewer than 300 of them."""
    row = value_row(report_of("sin(x*1e300)", {"x": x}))
    with mpmath.workdps(700):
        truth = mpmath.sin(mpmath.mpf(x) * mpmath.mpf(1e300))
    assert float(row.theirs) == pytest.approx(float(truth), rel=1e-12)


def test_a_difference_below_every_float_is_zero() -> None:
    """The digits end where no float could hold what is left."""
    row = value_row(report_of("(x + 2**(-4000)) - x", {"x": 1.5}))
    assert (row.status, row.theirs) == ("ok", 0)


def test_more_digits_than_there_are_is_not_attempted() -> None:
    """Beyond a stated number of digits there is no witness, and the row says so."""
    steps = "; ".join(["t0 = x*1.7e300", *(f"t{i + 1} = (t{i} + 1)*1.7e300" for i in range(7))])
    row = value_row(report_of(f"{steps}; sin(t7)", {"x": "1.1"}, precision=20))
    assert (row.status, row.note) == ("not attempted", "more than 1,264 digits cancel")


@pytest.mark.parametrize(
    ("text", "at", "cause"),
    [
        ("sqrt(x**2 + y**2)", {"x": 1e200, "y": 1e200}, "x**2 overflows float64"),
        ("x*y/z", {"x": 1e200, "y": 1e200, "z": 1e300}, "x*y overflows float64"),
    ],
)
def test_leaving_the_range_of_floats_is_a_failure(text: str, at: dict[str, float], cause: str) -> None:
    """Where the exact value is a float, and the computed one is not near it, an overflow is not called rounding."""
    report = report_of(text, at)
    row = value_row(report)
    assert not report
    assert row.status == "failed"
    assert row.note.startswith(cause)


def test_underflow_is_told() -> None:
    """An operand that became 0 is named where the value lost its digits by it."""
    row = value_row(report_of("x*y*z", {"x": 1e-200, "y": 1e-200, "z": 1e300}))
    assert (row.status, row.note) == ("rounding", "x*y underflows float64")


def test_an_exact_value_beyond_floats_is_not_attempted() -> None:
    """The float infinity is right for it, but that is no number to be held against."""
    row = value_row(report_of("exp(x)", {"x": 800}))
    assert (row.status, row.note) == ("not attempted", "it is beyond float64")


@pytest.mark.parametrize("text", ["exp(-x)", "sigmoid(-x)*y", "x*exp(-x*x)"])
def test_underflow_to_zero_is_right(text: str) -> None:
    """A value below the smallest float is 0."""
    at = {name: number for name, number in {"x": 800.0, "y": 2.0}.items() if name in text}
    assert value_row(report_of(text, at)).status == "ok"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("floor(x*y)", {"x": 0.29, "y": 100}),
        ("floor((x/y)*y)", {"x": 1, "y": 49}),
        ("(x + y == z)*2", {"x": 0.1, "y": 0.2, "z": 0.30000000000000004}),
    ],
)
def test_a_jump_within_rounding_is_no_failure(text: str, at: dict[str, float]) -> None:
    """Where rounding decides on which side of a jump a value lies, the report says so."""
    report = report_of(text, at)
    row = value_row(report)
    assert report, str(report)
    assert row.status == "ok" or "at a jump within rounding" in row.note


def test_floats_are_read_as_floats_and_decimals_as_decimals() -> None:
    """0.29 times 100 is below 29 for the float 0.29, and 29 for the decimal: neither is a failure."""
    assert value_row(report_of("floor(x*y)", {"x": 0.29, "y": 100})).theirs == 28
    assert value_row(report_of("floor(x*y)", {"x": "0.29", "y": 100}, exact=True)).theirs == 29
    assert value_row(report_of("floor(x*y)", {"x": "0.29", "y": 100}, precision=30)).theirs == 29


@pytest.mark.parametrize("kind", [{"exact": True}, {"precision": 40}])
def test_other_kinds_are_held_as_well(kind: dict[str, Any]) -> None:
    """Fractions agree exactly, and numbers of many digits to their last."""
    report = report_of("x/3 + y**2/7", {"x": "1/3", "y": "2/5"}, **kind)
    assert report
    assert {row.status for row in report.rows} == {"ok"}
    assert value_row(report).theirs == Fraction(1, 9) + Fraction(4, 175) or "precision" in kind


def test_a_value_that_the_graph_does_not_give_fails() -> None:
    """A wrong number is found although every rule is right."""
    passes = gg.parse("x*y + 1").backprop({"x": 3, "y": 5}).passes
    passes.values[passes.graph.output] = 16.000001
    row = value_row(check(passes))
    assert (row.status, row.note) == ("failed", "it is not what the graph gives")


@pytest.mark.parametrize("factor", [-1, 2, 1 + 1e-9])
def test_a_wrong_derivative_of_a_large_graph_fails(factor: float) -> None:
    """Where sympy would not differentiate the whole, its operations still find a wrong number."""
    steps = "; ".join(["t0 = x", *(f"t{i + 1} = sin(t{i}*y) + t{i}*0.5" for i in range(60))])
    result = gg.parse(steps).backprop({"x": 0.3, "y": 1.1})
    right = dict(result.grad)
    assert check(result.passes, right)
    failed = check(result.passes, right | {"y": right["y"] * factor}).failures
    assert [row.subject for row in failed] == ["∂/∂y"]


SHARING = "; ".join(
    [
        "t1 = sin(x1*x2) + x3*0.5",
        "t2 = sin(x2*t1) + x1*0.5",
        *(f"t{i} = sin(t{i - 1}*t{i - 2}) + x{i % 3 + 1}*0.5" for i in range(3, 101)),
    ]
)


def test_shared_statements_are_held_without_writing_them_out() -> None:
    """A hundred statements that share are 1e21 operations as a tree; each derivative is still held."""
    result = gg.parse(SHARING).backprop({"x1": 0.3, "x2": 0.7, "x3": 1.1})
    report = result.check()
    assert not report.not_attempted
    assert len([row for row in report.rows if row.level == "whole" and row.status == "ok"]) == 3
    assert float(result.explain("x1").sympy.value) == pytest.approx(result.grad["x1"], rel=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "x**y + abs(x)",
        "tanh(x*y)/(x + y)",
        "max(x, y)*erf(x)",
        "lgamma(x)*digamma(y)",
        "hypot(x, y)*where(x < y, x, 2)",
    ],
)
def test_both_witnesses_agree(text: str) -> None:
    """Sympy's derivative of the whole formula is that of its operations, chained."""
    result = gg.parse(text).backprop({"x": 1.25, "y": 2.5})
    whole, chained = Witnesses.of(result.passes)
    settled = chained.settled
    assert settled is not None
    for name in result.grad:
        position, point = whole.place(result.passes.inputs, name)
        theirs = whole.partial(position, point)
        assert theirs is not None
        assert float(settled.adjoint(result.passes.graph.node(name)) or 0) == pytest.approx(float(theirs), rel=1e-15)


@pytest.mark.parametrize(
    ("text", "sides"),
    [("abs(x)", (-1, 1)), ("relu(x)*y + max(x, 0)", (0, 3)), ("abs(x)*x", (0, 0)), ("relu(x) - relu(-x)", (1, 1))],
)
def test_one_sided_derivatives_are_chained(text: str, sides: tuple[float, float]) -> None:
    """At a kink the derivatives a step beside the point are those of the sides."""
    at = {name: number for name, number in {"x": 0, "y": 2}.items() if name in text}
    passes = gg.parse(text).backprop(at).passes
    found = Witnesses.of(passes).chained.sides(passes.graph.node("x"))
    assert found is not None
    assert [float(side) for side in found.limits] == pytest.approx(sides, abs=1e-20)


def test_the_seed_multiplies_the_witness() -> None:
    """With another adjoint of the output, each derivative is held against so many times the witness's."""
    assert gg.parse("x*n + abs(x)").backprop({"x": 100, "n": 2}, seed=2).check()


def test_digits_of_many_digits_are_judged_by_those_that_are_right() -> None:
    """The digits asked for are right, or the row says why that is not known."""
    row = value_row(report_of("1 - cos(x)", {"x": "1e-30"}, precision=20))
    assert row.status == "ok"
    assert float(row.ours) == pytest.approx(5e-61)
    row = value_row(report_of("1 - cos(x)", {"x": "1e-3000"}, precision=20))
    assert (row.status, row.note) == ("not attempted", "more than 1,264 digits cancel")


def test_a_float_function_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness uses none of the functions that computed the value."""
    value = Floats.value
    monkeypatch.setattr(Floats, "value", lambda m, op, xs: value(m, op, xs) * (1 + 1e-6 * (op.glyph == "sin")))
    report = report_of("sin(x)*y", {"x": 1.1, "y": 3})
    assert value_row(report).status == "failed"
    assert "the first node to disagree is sin(x)" in value_row(report).note
