"""Declare the operations that round numbers, take remainders and bound them."""

from __future__ import annotations

from typing import Any, Final

from graphgrad.ops.elementary import COUNT, R
from graphgrad.ops.floor_division import floor_mod, floor_quotient
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import Interval, Op, nothing

__all__ = ["FAMILIES"]

THOUSANDS: Final = Interval(-1000, 1000)
UP_TO_1000: Final = Interval(0, 1000)
BELOW: Final = Interval(-2, 0)
ABOVE: Final = Interval(0, 2)


def _nearest(m: Any, x: Any) -> Any:
    """Return the nearest whole number, of two the even one; every step is exact in floats."""
    below = m.floor(x)
    rest = 2 * (x - below)
    is_up = m.where(m.eq(rest, 1), m.ne(2 * m.floor(below / 2), below), m.gt(rest, 1))
    return below + is_up


def _nearest_decimal(m: Any, x: Any, digits: Any) -> Any:
    """Return the nearest multiple of 10**−digits, of two the one further from 0.

    In floats, what decides is the decimal that the number is written as: 2.675 becomes 2.68.
    """
    size, power, is_fine = m.abs(x), m.pow(10, m.abs(digits)), m.ge(digits, 0)
    scaled = m.where(is_fine, size * power, size / power)
    count = m.floor((2 * scaled + 1) / 2)
    count = count + m.le(_scaled_back(m, 2 * count + 1, power, is_fine) / 2, size)
    count = count - m.gt(_scaled_back(m, 2 * count - 1, power, is_fine) / 2, size)
    is_whole = m.eq(2 * scaled + 1, 2 * scaled)
    return m.where(is_whole, x, m.sign(x) * _scaled_back(m, count, power, is_fine))


def _scaled_back(m: Any, count: Any, power: Any, is_fine: Any) -> Any:
    return m.where(is_fine, count / power, count * power)


def _remainder(m: Any, x: Any, y: Any) -> Any:
    """Return the remainder with the sign of x, exact in floats."""
    return m.where(m.lt(x, 0), -m.floor_mod(-x, m.abs(y)), m.floor_mod(x, m.abs(y)))


WHOLE_QUOTIENT: Final = Kink(
    lambda m, x, y: m.eq(m.floor_mod(x, y), 0), "it jumps where x is a multiple of y; the derivative taken is beside it"
)
WHOLE: Final = Kink(lambda m, x: m.eq(x, m.floor(x)), "it jumps at whole numbers; the derivative taken is beside it")

# fmt: off
ROUNDING: Final = (
    Op("round", lambda m, x: m.floor(x) + m.where(m.eq(2 * (x - m.floor(x)), 1),
                                                  2 * (m.floor(x) / 2 - m.floor(m.floor(x) / 2)),
                                                  m.gt(2 * (x - m.floor(x)), 1)),
       d=(nothing,), stable_f=_nearest, aliases=("rint",),
       kink=Kink(lambda m, x: m.eq(2 * (x - m.floor(x)), 1), "it jumps at halves; the derivative taken is 0"),
       rounding=0, witness="nint",
       about="nearest whole number, of two the even one; to digits, halves away from 0: round_half_away(x, digits)"),
    Op("round_half_away", lambda m, x, y:
           m.sign(x) * m.floor((2 * m.abs(x) * m.pow(10, y) + 1) / 2) / m.pow(10, y),
       d=(nothing, None), on=(R, COUNT), stable_f=_nearest_decimal,
       kink=Kink(lambda m, x, y: m.eq(2 * m.frac(x * m.pow(10, y)), 1),
                 "it jumps at halves of the last digit; the derivative taken is 0"),
       witness=lambda mp, x, y: mp.sign(x) * mp.floor(abs(x) * mp.power(10, y) + mp.mpf(1) / 2) / mp.power(10, y),
       roles=("number", "digits"), about="x to y decimals, halves away from 0, as a spreadsheet's ROUND"),
    Op("trunc", lambda m, x: m.sign(x) * m.floor(m.abs(x)), d=(nothing,), aliases=("fix",),
       kink=Kink(lambda m, x: m.eq(x, m.floor(x)) * m.ne(x, 0),
                 "it jumps at whole numbers but 0; the derivative taken is 0"),
       rounding=0, witness=lambda mp, x: mp.sign(x) * mp.floor(abs(x)), about="whole number before the decimal point"),
    Op("frac", lambda m, x: x - m.floor(x), d=(lambda m, z, x: 1,), kink=WHOLE, witness=lambda mp, x: x - mp.floor(x),
       about="x − floor(x), from 0 to 1; what stands behind the decimal point, with x's sign: rem(x, 1)"),
    Op("floor_div", lambda m, x, y: m.floor(x / y), d=(nothing, nothing), on=(THOUSANDS, UP_TO_1000),
       stable_f=floor_quotient, kink=WHOLE_QUOTIENT, glyph="⌊÷⌋", spoken="floordiv", aliases=("floor_div",),
       tex=r"\operatorname{floordiv}\left(#1, #2\right)", rounding=0, witness=lambda mp, x, y: mp.floor(x / y),
       roles=("numerator", "denominator"), about="floor of the quotient of the numbers as they are, as Python's x//y"),
    Op("floor_mod", lambda m, x, y: x - y * m.floor(x / y), on=(THOUSANDS, UP_TO_1000),
       d=(lambda m, z, x, y: 1, lambda m, z, x, y: -m.floor_div(x, y)),
       stable_f=floor_mod, kink=WHOLE_QUOTIENT, glyph="mod", spoken="mod", aliases=("floor_mod",),
       tex=r"\operatorname{mod}\left(#1, #2\right)", witness=lambda mp, x, y: x - y * mp.floor(x / y),
       roles=("number", "modulus"),
       about="x − y·floor(x/y) of the numbers as they are, with y's sign, as Python's x % y"),
    Op("rem", lambda m, x, y: x - y * m.trunc(x / y), on=(THOUSANDS, UP_TO_1000),
       d=(lambda m, z, x, y: 1, lambda m, z, x, y: -m.trunc(x / y)),
       stable_f=_remainder, stable_d={1: lambda m, z, x, y: -m.round((x - z) / y)}, aliases=("fmod",),
       kink=Kink(lambda m, x, y: m.eq(m.rem(x, y), 0) * m.ne(x, 0),
                 "it jumps where x is a multiple of y, but not at 0; the derivative taken is beside it"),
       witness=lambda mp, x, y: x - y * mp.sign(x / y) * mp.floor(abs(x / y)),
       roles=("number", "modulus"), about="x − y·trunc(x/y), with x's sign, as C's fmod and MATLAB's rem"),
    Op("bounded", lambda m, x, y, t: m.min(m.max(x, y), t), on=(R, BELOW, ABOVE),
       d=(lambda m, z, x, y, t: m.le(y, x) * m.le(x, t) * m.lt(y, t),
          lambda m, z, x, y, t: m.lt(x, y) * m.le(y, t),
          lambda m, z, x, y, t: m.lt(t, m.max(x, y))),
       kink=Kink(lambda m, x, y, t: m.le(y, t) * m.where(m.eq(x, y) + m.eq(x, t), 1, m.eq(y, t) * m.lt(x, y)),
                 "at a bound the derivative by x is taken as 1, that by the bound as 0"),
       spoken="clip", aliases=("clamp",), glyph="clip", rounding=0,
       witness=lambda mp, x, y, t: min(max(x, y), t),
       roles=("number", "low", "high"), about="x, but at least y and at most z; z where y is larger than z"),
    Op("heaviside", lambda m, x: (1 + m.sign(x)) / 2, d=(nothing,),
       kink=Kink(lambda m, x: m.eq(x, 0), "it jumps at 0; the derivative taken is 0"), rounding=0,
       witness=lambda mp, x: (1 + mp.sign(x)) / 2,
       about="1 where positive, 0 where negative, 1/2 at 0; with NumPy's value at 0: heaviside(x, y)"),
    Op("heaviside_with", lambda m, x, y: m.where(m.eq(x, 0), y, m.gt(x, 0)),
       d=(nothing, lambda m, z, x, y: m.eq(x, 0)), spoken="heaviside",
       kink=Kink(lambda m, x, y: m.eq(x, 0), "it jumps at 0; the derivative by x taken is 0"), rounding=0,
       witness=lambda mp, x, y: y if x == 0 else int(x > 0),
       roles=("number", "at 0"), about="1 where x is positive, 0 where negative, y at 0"),
    Op("copysign", lambda m, x, y: m.where(m.lt(y, 0), -m.abs(x), m.abs(x)),
       d=(lambda m, z, x, y: m.where(m.lt(y, 0), -m.sign(x), m.sign(x)), nothing),
       kink=Kink(lambda m, x, y: m.where(m.eq(x, 0), 1, m.eq(y, 0)),
                 "at x = 0 the derivative taken is 0; it jumps at y = 0, which counts as positive"),
       rounding=0, witness=lambda mp, x, y: -abs(x) if y < 0 else abs(x),
       roles=("size", "sign"), about="x with the sign of y; that of 0 is positive"),
)
# fmt: on

FAMILIES: Final = {"Rounding, remainders and bounds": ROUNDING}
