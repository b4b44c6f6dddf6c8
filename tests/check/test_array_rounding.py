"""Tests of what rounding may do to numbers of arrays: at exact fits, beside jumps, and below the smallest float."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import value_bound
from graphgrad.check.array_gradients import array_whole_rows
from graphgrad.check.exact_values import at_exact_values
from graphgrad.graph.builder import build
from graphgrad.text.parser import parse

X = np.array([0.3, 0.7, 0.9])
FITS: dict[str, dict[str, Any]] = {
    "mean_squared_error(a*x + b, y)": {"a": 0.1, "b": 0.2, "x": X, "y": 0.1 * X + 0.2},
    "mean((a*x + b - y)**2)": {"a": 0.1, "b": 0.2, "x": X, "y": 0.1 * X + 0.2},
    "sum((exp(x) - y)**2)": {"x": X, "y": np.exp(X)},
    "sum((x*y - z)**4)": {"x": X, "y": 0.7, "z": X * 0.7},
    "sum((x + y - z)**3)": {"x": np.array([0.1]), "y": 0.2, "z": np.array([0.1 + 0.2])},
    "sum(cosh(x/y - z) - 1)": {"x": X, "y": 3, "z": X / 3},
    "mean_squared_error(A@x, y)": {"A": np.array([[0.1, 0.2], [0.3, 0.4]]), "x": X[:2], "y": [0.17, 0.37]},
}
"""Texts whose value and gradient are 0 but for rounding, which the bound of first order takes to be 0 as well."""


@pytest.mark.parametrize("text", FITS)
def test_an_exact_fit_is_no_fault(text: str) -> None:
    """The value's error is of second order there, and a check that takes only the first one would fail."""
    assert gg.parse(text).backprop(FITS[text]).check().ok


@pytest.mark.parametrize("power", [2, 3, 4])
def test_the_bound_at_exact_values_covers_errors_of_higher_order(power: int) -> None:
    """The rounded x + y - z is 0, so that only the exact one shows how large its powers are."""
    text = f"sum((x + y - z)**{power})"
    passes = backprop(build(text, parse(text)), {"x": [0.1], "y": 0.2, "z": 0.1 + 0.2})
    exact = at_exact_values(passes)
    error = (Fraction(0.1) + Fraction(0.2) - Fraction(0.1 + 0.2)) ** power
    assert not value_bound(passes).covers(error)
    assert exact is not None
    assert value_bound(exact).covers(error)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sum(floor(x*100))", {"x": [0.29, 0.3]}, 58),
        ("sum(ceil(x/y))", {"x": [0.3, 0.7], "y": 0.1}, 10),
        ("sum(floor(x*100)*x)", {"x": [0.29, 0.3]}, 28 * 0.29 + 30 * 0.3),
        ("sum(x - y*floor(x/y))", {"x": [1, 2], "y": 0.1}, 0),
        ("sum(where(x*100 >= 30, x, 2*x))", {"x": [0.29, 0.3]}, 0.88),
        ("sum(where(x >= 0.3, x, 2*x))", {"x": [0.3, 0.1]}, 0.5),
        ("sum(where(x + y - 0.3, x, 2*x))", {"x": [0.1, 0.3], "y": 0.2}, 0.4),
        ("sum(abs(x*y - z))", {"x": [0.1], "y": 0.7, "z": [0.1 * 0.7]}, 0),
        ("sum(max(x*y, z))", {"x": [0.1, 1], "y": [0.7, 2], "z": [0.1 * 0.7, 2.1]}, 0.1 * 0.7 + 2.1),
    ],
)
def test_a_decision_within_rounding_is_no_fault(text: str, at: dict[str, Any], value: float) -> None:
    """The exact numbers are on the other side of the jump or kink, and the check says where it cannot tell."""
    result = gg.parse(text).backprop(at)
    report = result.check()
    assert result.value == pytest.approx(value, abs=1e-15)
    assert report.ok
    assert all("within rounding" in row.note for row in report.rows if row.status == "not attempted")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sum(exp(-x))", {"x": [1000]}),
        ("sum(exp(-x*y))", {"x": [1000, 2000], "y": 3}),
        ("sum(tanh(x))", {"x": [1000, -1000, 0]}),
        ("sum(sech(x)*y)", {"x": [800, 2], "y": [1, 3]}),
        ("norm(exp(-x))", {"x": [800, 2]}),
        ("sum(erf(x))", {"x": [40, 2]}),
        ("sum(sigmoid(x@w))", {"x": [[1000, 0]], "w": [-1, 2]}),
        ("sum(softmax(x)*y)", {"x": [1000, 0], "y": [2, 3]}),
    ],
)
def test_an_underflow_is_no_fault(text: str, at: dict[str, Any]) -> None:
    """A derivative of 1e-868 is 0 as a float."""
    assert gg.parse(text).backprop(at).check().ok


@pytest.mark.parametrize("size", [1e30, 1e150, 1e300])
@pytest.mark.parametrize("function", ["sin", "cos", "tan"])
def test_a_difference_has_steps_below_the_period_of_a_sine(function: str, size: float) -> None:
    """A step of 1e-20 times 1e300 is many periods long, and the difference quotient of such steps is near 0."""
    assert gg.parse(f"sum({function}(x*y))").backprop({"x": [1, 2], "y": size}).check().ok


def test_a_wrong_derivative_beside_a_kink_within_rounding_fails() -> None:
    """The note on the kink excuses only the derivative that the graph gives."""
    text = "sum(abs(x*y - z)) + sum(x)"
    passes = backprop(build(text, parse(text)), {"x": [0.1], "y": 0.7, "z": [0.1 * 0.7]}, ["x"])
    right, wrong = (array_whole_rows(passes, {"x": x}, []) for x in (passes.grad["x"], passes.grad["x"] + 5))
    assert {row.status for row in right} == {"ok", "not attempted"}
    assert "failed" in {row.status for row in wrong}


@pytest.mark.parametrize(
    ("text", "x", "grad"),
    [
        ("sum(where(x != 0, sin(x)/x, 1))", [0, 1], [0, np.cos(1) - np.sin(1)]),
        ("sum(where(x, 1/x, 0))", [0, 2], [0, -0.25]),
        ("sum(where(x > 0, log(x), x))", [-2, 0.5], [1, 2]),
        ("sum(where(x > 0, sqrt(x), 0))", [-2, 4], [0, 0.25]),
        ("sum(where(x > 1, acosh(x), x**2))", [0.5, 2], [1, 1 / np.sqrt(3)]),
    ],
)
def test_a_branch_not_taken_needs_no_value(text: str, x: list[float], grad: list[float]) -> None:
    """The value of the whole is held although an entry of the other branch has none."""
    result = gg.parse(text).backprop({"x": x})
    report = result.check()
    assert result.grad["x"] == pytest.approx(grad)
    assert report.ok
    assert [row.status for row in report.rows if row.level == "whole value"] == ["ok"]


def test_a_removable_jump_in_an_array_fails_where_its_derivative_is_another() -> None:
    """The branch 1 is taken at 0 alone, and (exp(x) - 1)/x has the derivative 1/2 there."""
    result = gg.parse("sum(where(x != 0, (exp(x) - 1)/x, 1))").backprop({"x": [0, 1]})
    assert result.grad["x"][0] == 0
    assert result.check().ok is False


LONG = np.linspace(0.1, 2, 400)
LARGE: dict[str, dict[str, Any]] = {
    "mean_squared_error(a*x + b, y)": {"a": 0.1, "b": 0.2, "x": LONG, "y": 0.1 * LONG + 0.2},
    "mean((a*x + b - y)**2)": {"a": 0.1, "b": 0.2, "x": LONG, "y": 0.1 * LONG + 0.2},
    "sum((exp(x) - y)**2)": {"x": LONG, "y": np.exp(LONG)},
    "sum(abs(x - y))": {"x": LONG, "y": LONG},
    "sum(floor(x*100)*x)": {"x": np.round(LONG, 2)},
    "sum(sin(x*y))": {"x": LONG, "y": 1e300},
    "norm(x - y)": {"x": LONG, "y": LONG + 1e-9},
    "sum(softmax(x))": {"x": LONG},
    "sum(tanh(x))": {"x": LONG * 1000},
}
"""Arrays that are checked in long doubles."""


@pytest.mark.parametrize("text", LARGE)
def test_large_arrays_raise_no_false_alarm(text: str) -> None:
    """What mpmath says of small arrays, long doubles say of large ones, or that they cannot tell."""
    assert gg.parse(text).backprop(LARGE[text]).check().ok


@pytest.mark.parametrize("factor", [1 + 1e-6, 2, -1, 0])
@pytest.mark.parametrize("text", ["sum(sin(x)*exp(-x))", "mean_squared_error(x, 0.3*x)", "norm(x - 1)"])
def test_a_wrong_gradient_of_a_large_array_fails(text: str, factor: float) -> None:
    """The differences are exact enough for it where their steps are short enough."""
    passes = backprop(build(text, parse(text)), {"x": LONG}, ["x"])
    rows = array_whole_rows(passes, {"x": passes.grad["x"] * factor}, [])
    assert [row.status for row in rows if row.level == "whole direction"] == ["failed"]


@pytest.mark.parametrize("function", ["sum", "mean", "norm", "logsumexp", "max"])
@pytest.mark.parametrize("text", ["{f}(x)/{f}(x)", "{f}(x) - {f}(x)", "log({f}(x)) - log({f}(x))"])
def test_numbers_of_arrays_that_cancel_are_checked_and_said(function: str, text: str) -> None:
    """What magnifies an error is looked for among numbers, and a sum along axes has no local derivative as one."""
    result = gg.parse(text.format(f=function)).backprop({"x": [1, 2, 4]})
    assert result.grad["x"] == pytest.approx([0, 0, 0], abs=1e-15)
    assert result.check().ok
    assert str(result.lens("x"))


@pytest.mark.parametrize("text", ["sum(where(x != 0, sin(x)/x, 1))", "sum(where(x > 0, log(x), 1))", "sum(abs(x)*x)"])
def test_many_digits_of_arrays_are_checked_beside_a_branch_not_taken(text: str) -> None:
    """An adjoint of an entry that nothing flows back to is the integer 0 there, and no number of many digits."""
    assert gg.parse(text).backprop({"x": [0, 1]}, precision=30).check().ok
