"""Exact values of functions: where one is rational, it comes out; elsewhere the error says that it is not."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import pytest
from table import TABLE, called, points

import graphgrad as gg
from graphgrad.namespaces import Fault, Floats
from graphgrad.ops import OPS, Op

VALUES: Final = {
    "sqrt(4)": 2,
    "sqrt(9/4)": Fraction(3, 2),
    "sqrt(0)": 0,
    "sqrt(10**100)": 10**50,
    "cbrt(-27/8)": Fraction(-3, 2),
    "hypot(3, 4)": 5,
    "hypot(5/13, -12/13)": 1,
    "8**(1/3)": 2,
    "(4/9)**1.5": Fraction(8, 27),
    "(4/9)**-0.5": Fraction(3, 2),
    "0**0.5": 0,
    "1**0.123456789": 1,
    "sin(0)": 0,
    "cos(0)": 1,
    "tan(0)": 0,
    "sec(0)": 1,
    "exp(0)": 1,
    "expm1(0)": 0,
    "log(1)": 0,
    "log1p(0)": 0,
    "log2(8)": 3,
    "log2(1/1024)": -10,
    "log10(1000)": 3,
    "log10(0.001)": -3,
    "asin(0)": 0,
    "acos(1)": 0,
    "atan(0)": 0,
    "atan2(0, 3)": 0,
    "asec(1)": 0,
    "sinh(0)": 0,
    "cosh(0)": 1,
    "tanh(0)": 0,
    "sech(0)": 1,
    "asinh(0)": 0,
    "acosh(1)": 0,
    "atanh(0)": 0,
    "asech(1)": 0,
    "erf(0)": 0,
    "erfc(0)": 1,
    "gamma(5)": 24,
    "gamma(1)": 1,
    "lgamma(1)": 0,
    "lgamma(2)": 0,
    "sigmoid(0)": Fraction(1, 2),
    "xlogy(0, 5)": 0,
    "xlogy(5, 1)": 0,
}

SLOPES: Final = {
    ("sqrt(x)", 4): Fraction(1, 4),
    ("cbrt(x)", 8): Fraction(1, 12),
    ("hypot(x, 4)", 3): Fraction(3, 5),
    ("x**0.5", 4): Fraction(1, 4),
    ("exp(x)", 0): 1,
    ("log(x)", 1): 1,
    ("sin(x)", 0): 1,
    ("cos(x)", 0): 0,
    ("tanh(x)", 0): 1,
    ("atan(x)", 0): 1,
    ("sigmoid(x)", 0): Fraction(1, 4),
}


@pytest.mark.parametrize("text", VALUES)
def test_rational_values(text: str) -> None:
    """The value is the fraction itself."""
    assert gg.parse(text).backprop({}, exact=True).value == VALUES[text]


@pytest.mark.parametrize(("text", "x"), SLOPES)
def test_rational_derivatives(text: str, x: int) -> None:
    """So is a derivative, where value and derivative are rational."""
    assert gg.parse(text).backprop({"x": x}, exact=True).grad == {"x": SLOPES[text, x]}


@pytest.mark.parametrize(
    "text",
    [
        *("sqrt(2)", "sqrt(1/3)", "cbrt(4)", "hypot(1, 1)", "2**0.5", "2**0.1", "sin(1)", "exp(1)", "exp(1000)"),
        *("log(2)", "log2(6)", "log10(2)", "log(10**-400)", "atan(1)", "asin(1)", "gamma(0.5)", "lgamma(3)", "erf(1)"),
        "digamma(1)",
    ],
)
def test_irrational_values(text: str) -> None:
    """The error says why there is no exact value."""
    with pytest.raises(gg.DomainError, match="not a rational number, so it has no exact value"):
        gg.parse(text).backprop({}, exact=True)


@pytest.mark.parametrize("text", ["sqrt(-4)", "log(-1)", "log(0)", "asin(2)", "acosh(0)", "gamma(-3)", "(-8)**(1/3)"])
def test_values_that_no_number_has(text: str) -> None:
    """Outside the domain nothing is irrational: there is no value."""
    with pytest.raises(gg.DomainError, match="not defined"):
        gg.parse(text).backprop({}, exact=True)


@pytest.mark.parametrize("text", ["gamma(100000)", "2**(10**9)", "(2**4)**(10**9/2)"])
def test_values_that_are_too_long(text: str) -> None:
    """The digits are bounded before anything is computed."""
    with pytest.raises(gg.LimitError, match="longer than 10000 digits"):
        gg.parse(text).backprop({}, exact=True)


@TABLE
def test_an_exact_value_is_the_float_s(op: Op) -> None:
    """Wherever both exist, at whole numbers and fractions, they are the same number."""
    names = "xyz"[: op.arity]
    near = [[Fraction(point[name]) for name in names] for point in points(op)]
    graph = gg.parse(called(op))
    for xs in [*near, *([Fraction(k, 2)] * op.arity for k in range(-4, 9))]:
        at = {name: x.limit_denominator(8) for name, x in zip(names, xs, strict=True)}
        float_value = Floats().value(OPS[op.name], [*map(float, at.values())])
        try:
            value = graph.backprop(at, [], exact=True).value
        except gg.DomainError:
            continue
        assert not isinstance(float_value, Fault)
        assert math.isclose(value, float_value, rel_tol=1e-13, abs_tol=1e-300)
