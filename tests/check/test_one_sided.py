"""Kinks, jumps and single points: what lies beside the point decides what the check says of a derivative there."""

from __future__ import annotations

from fractions import Fraction

import pytest

import graphgrad as gg
from graphgrad.check.sympy_witness import Witness, exact_number
from graphgrad.namespaces.symbolic import Sympy

DERIVATIVES = [
    ("abs(x)*x", {"x": 0}),
    ("max(x, y)*x", {"x": 0, "y": 0}),
    ("max(x, y, z)*w", {"x": 1, "y": 1, "z": 1, "w": 0}),
    ("relu(x)**2", {"x": 0}),
    ("abs(x)**1.1", {"x": 0}),
    ("where(x != 0, sin(x)/x, 1)", {"x": 0}),
    ("where(x, sin(x)/x, 1)", {"x": 0}),
    ("where(x == 0, 1, sin(x)/x)", {"x": 0}),
    ("where(x != 0, (1 - cos(x))/x**2, 1/2)", {"x": 0}),
    ("where(x != 0, x**3*sin(1/x), 0)", {"x": 0}),
    ("where(x, x**2*sin(1/x), 0)", {"x": 0}),
    ("where(x, abs(x)**1.5, 0)", {"x": 0}),
    ("where(x > 1, x**2, 2*x - 1)", {"x": 1}),
    ("where(x, x, -x)", {"x": 0}),
    ("where(x-y, x*y, x**2)", {"x": 2, "y": 2}),
    ("floor(x)*0 + x", {"x": 2}),
]
"""Expressions that have a derivative at the point, and it is the one taken there."""

WRONG = [
    ("where(x != 0, (exp(x)-1)/x, 1)", {"x": 0}, 0.5),
    ("where(x, (exp(x)-1)/x, 1)", {"x": 0}, 0.5),
    ("where(x == 0, 1, (exp(x)-1)/x)", {"x": 0}, 0.5),
    ("where(x, sin(x)/cbrt(x)**3*x, 0)", {"x": 0}, 1),
    ("where(1 - (x == 0), x, -x)", {"x": 0}, 1),
    ("where((x != 0)*(y != 0), x*y, 0)", {"x": 0, "y": 3}, 3),
    ("where(abs(x), x, -x)", {"x": 0}, 1),
    ("where(x*y - 6, log(x*y), log(6))", {"x": 2, "y": 3}, 0.5),
    ("relu(x) - relu(-x)", {"x": 0}, 1),
]
"""Expressions whose derivative at the point is another one than that taken there, and the derivative by x."""

JUMPS = [
    ("where(x != 0, 1/x, 0)", {"x": 0}),
    ("where(x, 1/x, 0)", {"x": 0}),
    ("where(x == 0, 5, x)", {"x": 0}),
    ("where(x, x + 1, -x)", {"x": 0}),
    ("where(x != 0, sin(1/x), 0)", {"x": 0}),
    ("where(x != 0, cos(1/x), 1)", {"x": 0}),
    ("where(x - y, x*y, 5)", {"x": 2, "y": 2}),
    ("floor(x)", {"x": 2}),
    ("floor(x)*x", {"x": 2}),
    ("x - 3*floor(x/3)", {"x": 6}),
    ("sign(x)*exp(x)", {"x": 0}),
    ("where(x > 0, 1, 2)*x + (x >= 0)", {"x": 0}),
]
"""Expressions whose value jumps at the point."""

BETWEEN = [
    ("abs(x)", {"x": 0}, "0 is taken, between sympy's one-sided -1 and 1"),
    ("where(relu(x), x, -x)", {"x": 0}, "-1 is taken, between sympy's one-sided -1 and 1"),
    ("where(x, sqrt(abs(x)), 0)", {"x": 0}, "0 is taken, between sympy's one-sided -inf and inf"),
    ("where(x > 0, sqrt(x), 0)", {"x": 0}, "0 is taken, between sympy's one-sided 0 and inf"),
    ("abs(x)*1e-30", {"x": 0}, "0 is taken, between sympy's one-sided -1e-30 and 1e-30"),
    ("abs(x - z*y)", {"x": 1.6e-19 * 4, "y": 4, "z": 1.6e-19}, "0 is taken, between sympy's one-sided -1 and 1"),
]
"""Expressions with a kink at the point, and what is said of it."""

INFINITE = ["where(x, x*log(abs(x)), 0)", "where(x != 0, x*log(x), 0)", "where(x, sign(x)*sqrt(abs(x)), 0)"]
"""Expressions whose derivative at 0 is infinite; the one taken there is 0."""


def checked(text: str, at: dict[str, float]) -> gg.Report:
    """Return the report of the check of a backward pass."""
    return gg.parse(text).backprop(at).check()


@pytest.mark.parametrize(("text", "at"), DERIVATIVES)
def test_a_derivative_that_exists_is_compared_as_one(text: str, at: dict[str, float]) -> None:
    """Where both sides agree there is no kink in the report: the number is compared with theirs."""
    report = checked(text, at)
    assert report, report
    assert not any("∂/∂" in row.subject for row in report.having("kink", "not attempted"))


@pytest.mark.parametrize(("text", "at", "right"), WRONG)
def test_a_derivative_of_a_single_point_fails(text: str, at: dict[str, float], right: float) -> None:
    """Where both sides agree on another number than the one taken, the check fails and says theirs."""
    report = checked(text, at)
    [row] = [row for row in report.failures if row.subject == "∂/∂x"]
    assert abs(row.theirs - Fraction(right)) < 1e-20
    assert "on both sides of a kink" in row.note


@pytest.mark.parametrize(("text", "at"), JUMPS)
def test_a_jump_is_said(text: str, at: dict[str, float]) -> None:
    """At a jump there is no derivative to compare with: that is neither a failure nor plainly ok."""
    report = checked(text, at)
    assert report, report
    assert any("jumps there" in row.note for row in report.having("kink") if row.level == "whole")


@pytest.mark.parametrize(("text", "at", "note"), BETWEEN)
def test_at_a_kink_both_sides_are_said(text: str, at: dict[str, float], note: str) -> None:
    """Where the sides differ, the number taken lies between them."""
    assert any(row.note.startswith(note) for row in checked(text, at).having("kink") if row.level == "whole")


@pytest.mark.parametrize("text", INFINITE)
def test_an_infinite_derivative_is_said(text: str) -> None:
    """A finite number in place of an infinite derivative fails."""
    [row] = checked(text, {"x": 0}).failures
    assert "is infinite there" in row.note


@pytest.mark.parametrize(("text", "at", "right"), [case for case in WRONG if "cbrt" not in case[0]])
def test_arrays_are_held_against_both_sides(text: str, at: dict[str, float], right: float) -> None:
    """An entry at a single point is compared with the derivatives beside it, as a number is."""
    report = gg.parse(f"sum({text})").backprop({name: [value, 7] for name, value in at.items()}).check()
    [row] = [row for row in report.failures if row.subject == "∂/∂x[0]"]
    assert abs(row.theirs - Fraction(right)) < 1e-20


@pytest.mark.parametrize(("text", "at"), [*DERIVATIVES, *JUMPS])
def test_arrays_raise_no_alarm(text: str, at: dict[str, float]) -> None:
    """What is right in numbers is right in arrays, beside entries that are at no kink."""
    report = gg.parse(f"sum({text})").backprop({name: [value, 7.25] for name, value in at.items()}).check()
    assert report, report


def test_the_second_derivative_of_a_guarded_quotient_is_no_plain_ok() -> None:
    """The branch 1 of a guarded sin(x)/x is taken at 0 alone: its second derivative 0 is not the function's, −1/3."""
    for text in ("where(x != 0, sin(x)/x, 1)", "where(x, sin(x)/x, 1)", "where(x == 0, 1, sin(x)/x)"):
        result = gg.parse(text).gradient("x").backprop({"x": 0})
        assert result.warnings
        [row] = [row for row in result.check().failures if row.level == "whole"]
        assert abs(row.theirs + Fraction(1, 3)) < 1e-20


@pytest.mark.parametrize("condition", ["x", "x != 0", "x*(y + 1)", "sin(x)", "1 - (x == 0)"])
@pytest.mark.parametrize("branches", ["x, -x", "x*y, 5", "2*x, x", "sin(x)/x, 1", "x + 1, x", "abs(x), x"])
def test_a_condition_that_is_0_at_the_point_is_never_plainly_ok(condition: str, branches: str) -> None:
    """The result warns, whatever the check finds."""
    result = gg.parse(f"where({condition}, {branches}) + y").backprop({"x": 0, "y": 2}, wrt=["x"])
    assert any("at this point only" in warning for warning in result.warnings)


@pytest.mark.parametrize("condition", ["y", "max(x, 0)", "x*y", "where(x > 5, x, 0)"])
def test_a_condition_that_is_0_all_around_is_no_kink(condition: str) -> None:
    """Where the condition stays 0 near the point, the branch taken holds there, too."""
    result = gg.parse(f"where({condition}, 2*x, 3*x) + y").backprop({"x": -1, "y": 0}, wrt=["x"])
    assert (result.grad, result.warnings) == ({"x": 3}, ())
    assert result.check()


POWERS = [
    ("x**y", {"x": 0, "y": 1}, {"x": 1, "y": 0}),
    ("x**y", {"x": 0, "y": 2}, {"x": 0, "y": 0}),
    ("x**y", {"x": 0, "y": 3}, {"x": 0, "y": 0}),
    ("x**y", {"x": 0, "y": 1.5}, {"x": 0, "y": 0}),
    ("x**(3-2)", {"x": 0}, {"x": 1}),
    ("x**(3-1)", {"x": 0}, {"x": 0}),
    ("x**(2-2)", {"x": 0}, {"x": 0}),
    ("x**y + x", {"x": 0, "y": 1}, {"x": 2, "y": 0}),
    ("x**y*z - x", {"x": 0, "y": 1, "z": 5}, {"x": 4, "y": 0, "z": 0}),
    ("(x*y)**z", {"x": 0, "y": 2, "z": 1}, {"x": 2, "y": 0, "z": 0}),
    ("(x - 2)**y", {"x": 2, "y": 1}, {"x": 1, "y": 0}),
    ("x**2**y", {"x": 0, "y": 0}, {"x": 1, "y": 0}),
    ("sin(x)**y", {"x": 0, "y": 1}, {"x": 1, "y": 0}),
    ("x**y/y", {"x": 0, "y": 1}, {"x": 1, "y": 0}),
    ("xlogy(x, y)", {"x": 0, "y": 2}, {"x": 0.6931471805599453, "y": 0}),
    ("hypot(x, y)", {"x": 0, "y": 2}, {"x": 0, "y": 1}),
    ("atan2(x, y)", {"x": 0, "y": 2}, {"x": 0.5, "y": 0}),
    ("sqrt(x**2 + y**2)", {"x": 0, "y": 1}, {"x": 0, "y": 1}),
    ("0*x**y + y", {"x": 0, "y": 1}, {"x": 0, "y": 1}),
]
"""Powers and their kin where sympy's formula of a derivative divides by 0, and the gradient, by hand."""


@pytest.mark.parametrize(("text", "at", "expected"), POWERS)
def test_powers_at_0(text: str, at: dict[str, float], expected: dict[str, float]) -> None:
    """The derivative of x**y by x is right at x = 0, and sympy's y*x**y/x is not taken for 0 there."""
    result = gg.parse(text).backprop(at)
    assert result.grad == expected
    report = result.check()
    assert report, report
    assert not report.having("not attempted")


@pytest.mark.parametrize(("text", "at", "expected"), [case for case in POWERS if "xlogy" not in case[0]])
def test_powers_of_arrays_at_0(text: str, at: dict[str, float], expected: dict[str, float]) -> None:
    """An entry is what the number is."""
    result = gg.parse(f"sum({text})").backprop({name: [2.5, value] for name, value in at.items()})
    assert {name: column[1] for name, column in result.grad.items()} == expected
    assert result.check(), result.check()


@pytest.mark.parametrize(
    ("at", "grad"),
    [
        ({"x": 2, "y": 0}, {"x": 0, "y": 0.5}),
        ({"x": 0, "y": 2}, {"x": 2, "y": 0}),
        ({"x": 0, "y": 3}, {"x": 0, "y": 0}),
    ],
)
def test_the_derivative_graph_of_a_power(at: dict[str, float], grad: dict[str, float]) -> None:
    """The gradient of y*x**(y-1): at y = 0 its derivative by y is 1/x."""
    result = gg.parse("x**y").gradient("x").backprop(at)
    assert result.grad == grad
    assert result.check()


def test_nan_is_no_number() -> None:
    """Sympy's nan is not taken for a zero that it could not prove."""
    assert exact_number(Sympy().sympy.nan) is None


def test_a_limit_along_another_symbol_where_there_is_none_along_the_own() -> None:
    """x**y*log(x) by y at x = 0 is nan for all y, and 0 is the limit for x towards 0."""
    m = Sympy()
    x, y = m.symbol("x"), m.symbol("y")
    witness = Witness(m, [x, y], x**y + y)
    assert witness.partial_or_limit(1, [Fraction(0), Fraction(2)]) == 1


def test_the_entry_at_a_kink_is_found_among_many() -> None:
    """Of 40 entries the one at 0 is held against both sides."""
    x = [0.25 * i - 4.25 for i in range(40)]
    report = gg.parse("sum(where(x != 0, (exp(x)-1)/x, 1))").backprop({"x": x}).check()
    assert [row.subject for row in report.failures] == ["∂/∂x[17]"]
