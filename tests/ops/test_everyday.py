"""The everyday rows: which convention each one takes, where others differ, and what is exact."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.namespaces import Fault, Floats
from graphgrad.ops import NUMERIC, OPS, Op


def value(text: str, **at: float) -> float:
    """Return an expression's value at a point, which is that of the compiled function."""
    graph = gg.parse(text)
    found = graph.backprop(at, wrt=[]).value
    assert graph.compile([])(*(at[name] for name in graph.inputs))[0] == found
    return float(found)


NEAR_HALVES = (
    -2.5,
    -1.5,
    -0.5,
    0.5,
    1.5,
    2.5,
    0.49999999999999994,
    -0.49999999999999994,
    4503599627370497.5,
    1e17,
    0.0,
)


@pytest.mark.parametrize("x", [*NEAR_HALVES, -1e-20, 2.0000000000000004, -7.75])
def test_rounding_is_pythons(x: float) -> None:
    """Halves to the even number; trunc and rem with the sign of the number; frac never negative."""
    assert value("round(x)", x=x) == round(x)
    assert value("frac(x)", x=x) == x - math.floor(x)
    assert value("trunc(x)", x=x) == value("fix(x)", x=x) == math.trunc(x)
    if abs(x) > 10**15:  # the quotient is no whole number that floats hold
        return
    assert value("rem(x, y)", x=x, y=0.3) == value("fmod(x, y)", x=x, y=0.3) == math.fmod(x, 0.3)
    assert value("rem(x, y)", x=x, y=-0.3) == math.fmod(x, -0.3)
    assert value("mod(x, y)", x=x, y=0.3) == value("floor_mod(x, y)", x=x, y=0.3) == x % 0.3
    assert value("floordiv(x, y)", x=x, y=0.3) == value("floor_div(x, y)", x=x, y=0.3) == x // 0.3


@pytest.mark.parametrize("x", NEAR_HALVES)
def test_the_row_of_rounding_spells_it_out_exactly(x: float) -> None:
    """Also where a target has no function for it."""
    m = Floats().operations
    for rule in (OPS["round"].f, OPS["round"].stable_f):
        assert rule is not None
        assert rule(m, x) == round(x)
    assert OPS["round"].value(m, Fraction(x)) == round(Fraction(x))


@pytest.mark.parametrize("text", ["2.675", "1.005", "0.285", "-2.5", "1234567.125", "0.5", "-0.005", "8.345", "1e300"])
@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_spreadsheets_round_the_decimal_half_away(text: str, digits: int) -> None:
    """ROUND(2.675, 2) is 2.68, although the float is a little less."""
    places = Decimal(1).scaleb(-digits)
    decimal = Decimal(text)
    expected = decimal if abs(decimal) > 10**20 else decimal.quantize(places, rounding=ROUND_HALF_UP)
    assert value("round_half_away(x, y)", x=float(text), y=digits) == float(expected)


def test_digits_may_be_before_the_point() -> None:
    """As in a spreadsheet; exact fractions agree."""
    assert value("round_half_away(x, y)", x=2550, y=-2) == 2600
    exact = gg.parse("round_half_away(x, -2)").backprop({"x": 2550}, wrt=[], exact=True)
    assert exact.value == 2600
    with pytest.raises(gg.ExpressionSyntaxError, match="round takes 1 operand") as error:
        gg.parse("round(x, 2)")
    assert "round_half_away(x, digits)" in error.value.hint


def test_bounds_pass_the_derivative_at_ties() -> None:
    """At a bound, as in PyTorch, the number itself has it; a low above the high gives the high, as in NumPy."""
    graph = gg.parse("clip(x, a, b)")
    for x, a, b, grad in [(0, 0, 1, (1, 0, 0)), (1, 0, 1, (1, 0, 0)), (-3, 0, 1, (0, 1, 0)), (5, 0, 1, (0, 0, 1))]:
        result = graph.backprop({"x": x, "a": a, "b": b})
        assert tuple(result.grad[name] for name in "xab") == grad
    assert graph.backprop({"x": 0, "a": 2, "b": 1}).value == np.clip(0, 2, 1) == 1


def test_a_step_says_its_value_at_0() -> None:
    """One half, or what is given."""
    assert [value("heaviside(x)", x=x) for x in (-1, 0, 3)] == [0, 0.5, 1]
    assert [value("heaviside(x, y)", x=x, y=0.25) for x in (-1, 0, 3)] == [0, 0.25, 1]
    assert [value("copysign(x, y)", x=-2, y=y) for y in (-1, 0, 3)] == [-2, 2, 2]


@pytest.mark.parametrize("degrees", range(-720, 750, 15))
def test_degrees_are_exact_where_the_result_is_rational(degrees: int) -> None:
    """At multiples of 30 and 45 degrees, in floats as in fractions."""
    halves = {0: 0, 30: 0.5, 90: 1, 150: 0.5, 180: 0, 210: -0.5, 270: -1, 330: -0.5}
    for text, angle in (("sind(x)", degrees), ("cosd(x)", degrees + 90)):
        if angle % 360 in halves:
            expected = halves[angle % 360]
            assert value(text, x=degrees) == expected
            assert gg.parse(text).backprop({"x": degrees}, wrt=[], exact=True).value == Fraction(expected)
    tangents = {0: 0, 45: 1, 135: -1}
    if degrees % 180 in tangents:
        assert value("tand(x)", x=degrees) == tangents[degrees % 180]
    assert value("sind(x)", x=degrees) == pytest.approx(math.sin(math.radians(degrees)), abs=1e-14)
    assert value("cosd(x)", x=degrees) == pytest.approx(math.cos(math.radians(degrees)), abs=1e-14)


def test_a_logarithm_to_a_base_is_whole_where_it_is() -> None:
    """log has one operand, or two: Python's math.log(1000, 10) is not 3."""
    assert [value("log(x, b)", x=1000, b=10), value("log(x, b)", x=2**60, b=2)] == [3, 60]
    assert value("log(x, b)", x=9, b=3) == 2
    assert value("log(x)", x=1) == 0
    assert gg.parse("log(x, b)").to_latex() == r"\log_{b}\left(x\right)"


def test_roots_of_an_order() -> None:
    """Of a negative number, those of odd orders."""
    assert value("nthroot(x, n)", x=-27, n=3) == -3
    assert value("nthroot(x, n)", x=1e300, n=3) == pytest.approx(1e100, rel=2e-16)
    with pytest.raises(gg.DomainError):
        gg.parse("nthroot(x, 2)").backprop({"x": -4})


def test_the_normal_distribution_keeps_its_tails() -> None:
    """Where the plain formula is 0, or its square is rounded."""
    assert value("normcdf(x)", x=-37) == pytest.approx(5.725571222524577e-300, rel=1e-15)
    assert value("Phi(x)", x=0) == 0.5
    assert value("normpdf(x)", x=30) == pytest.approx(1.4736461348785476e-196, rel=1e-15)
    assert value("normcdf(x)", x=1e300) == 1
    assert value("normpdf(x)", x=-1e300) == 0


def test_odds_near_a_half_and_near_0() -> None:
    """There a logarithm of a quotient loses digits."""
    assert value("logit(x)", x=0.5 + 2**-50) == 2**-48
    assert value("logit(x)", x=1e-300) == pytest.approx(-690.7755278982137, rel=1e-15)
    assert value("log_expit(x)", x=-800) == -800
    assert value("expit(x)", x=0) == 0.5


def test_entropies_at_0() -> None:
    """x·log(x) is 0 there, as in SciPy."""
    assert [value("entr(x)", x=0), value("xlog1py(x, y)", x=0, y=2), value("rel_entr(x, y)", x=0, y=2)] == [0, 0, 0]
    assert value("kl_div(x, y)", x=0, y=2) == 2


def test_numpys_sinc_is_read_as_it_is() -> None:
    """Its argument is a multiple of pi; ours has all derivatives at 0."""
    assert str(gg.trace(np.sinc, "x")) == "sinc(pi*x)"
    graph = gg.parse("sinc(x)")
    for derivative in (0, Fraction(-1, 3), 0, Fraction(1, 5), 0, Fraction(-1, 7)):
        graph = graph.gradient("x")
        assert graph.backprop({"x": 0}, wrt=[]).value == pytest.approx(float(derivative), abs=1e-15)


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_no_rounding_error_is_negative(op: Op) -> None:
    """Wherever there is a value, also beyond the domain that is probed."""
    for operands in product((-700.0, -2.5, -0.3, 0.3, 2.5, 700.0), repeat=op.arity):
        z = Floats().value(op, operands)
        if not isinstance(z, Fault):
            try:
                assert not op.rounding_error(Floats().operations, z, *operands) < 0
            except (Fault, ArithmeticError, ValueError):
                continue
