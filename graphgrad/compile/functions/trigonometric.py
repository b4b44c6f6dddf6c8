"""Schemes of sine, cosine and tangent.

The argument is reduced by a multiple of π/2 in three parts (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, 1980), a large one by the digits of 2/π that matter (M. H. Payne and R. N. Hanek, ACM SIGNUM Newsletter 18,
1983). What remains is at most π/4, in two doubles, and has two polynomials: sine and cosine of one argument share all
of that. The coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import BIAS, FRACTION, SHIFTER, SIGN, Part

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["TRIGONOMETRIC"]

HALF_PI: Final = (
    float.fromhex("0x1.921fb54400000p+0"),
    float.fromhex("0x1.0b4611a626331p-34"),
    float.fromhex("0x1.1701b839a2520p-88"),
)
"""π/2 in three parts; a product of the first with a whole number below 2**20 is exact."""

HALF_PI_REST: Final = float.fromhex("0x1.1a62633145c07p-54")
"""What π/2 as a double leaves out."""

LARGE: Final = 2.0**20
"""From here on, an argument is reduced by the digits of 2/π."""

DIGITS_OF_2_BY_PI: Final = int(
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f5"
    "2ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d"
    "7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cf",
    16,
)
"""2/π · 2**PLACES, rounded down."""

PLACES: Final = 1232
STEP: Final = 16
FIRST: Final = -3
LAST: Final = 60
"""The table of 2/π has the rows FIRST to LAST; the row k is for arguments that are a whole number times 2**(STEP·k)."""

SINE: Final = (
    -0.1666666666666663,
    0.00833333333332212,
    -0.00019841269829590208,
    2.755731362161043e-06,
    -2.505074779788931e-08,
    1.5896232211192332e-10,
)
"""(sin(r) − r)/r³ by powers of r² for |r| ≤ π/4."""

COSINE: Final = (
    0.041666666666666595,
    -0.001388888888887306,
    2.4801587288853198e-05,
    -2.755731417969804e-07,
    2.0875700893829694e-09,
    -1.1358539113868069e-11,
)
"""(cos(r) − 1 + r²/2)/r⁴ by powers of r² for |r| ≤ π/4."""


class Turned(Part):
    """An argument's size as quarters of a turn, in the last bits of a double, and a rest.

    The rest's sine is `rest + sine`, its cosine `half + cosine`.
    """

    quarters: Any
    rest: Any
    sine: Any
    half: Any
    cosine: Any

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, ...]:
        """Compute the sine and cosine of the rest by polynomials."""
        quarters, rest, low = _reduced(m, m.size(x))
        square = rest * rest
        half = m.fma(square, -0.5, 1.0)
        series = m.fma(square, m.polynomial(square, SINE[1:]), SINE[0])  # rounded once where it is large
        sine = m.fma(rest * square, series, low * half)
        left = m.fma(square, -0.5, 1.0 - half)
        cosine = m.fma(square * square, m.polynomial(square, COSINE), m.fma(-rest, low, left))
        return quarters, rest, sine, half, cosine


def sin(m: Lanes, x: Any) -> Any:
    """Return the sine."""
    turned = m.once(Turned, x)
    quarters = m.bits(turned.quarters)
    value = m.where((quarters & 1) == 0, turned.rest + turned.sine, turned.half + turned.cosine)
    return m.of_bits(m.bits(value) ^ ((quarters << 62 ^ m.bits(x)) & SIGN))


def cos(m: Lanes, x: Any) -> Any:
    """Return the cosine."""
    turned = m.once(Turned, x)
    quarters = m.bits(turned.quarters)
    value = m.where((quarters & 1) == 0, turned.half + turned.cosine, turned.rest + turned.sine)
    return m.of_bits(m.bits(value) ^ ((quarters + 1) << 62 & SIGN))


def tan(m: Lanes, x: Any) -> Any:
    """Return the tangent: a quotient of sine and cosine, both with what their rounding leaves out."""
    turned = m.once(Turned, x)
    quarters = m.bits(turned.quarters)
    sine, sine_low = m.ordered_sum(turned.rest, turned.sine)
    cosine, cosine_low = m.ordered_sum(turned.half, turned.cosine)
    # The square's rounding error is the largest of the cosine.
    cosine_low = m.fma(m.product(turned.rest, turned.rest)[1], -0.5, cosine_low)
    is_even = (quarters & 1) == 0
    above, above_low = m.where(is_even, sine, cosine), m.where(is_even, sine_low, cosine_low)
    below, below_low = m.where(is_even, cosine, sine), m.where(is_even, cosine_low, sine_low)
    inverse = 1.0 / below
    value = above * inverse
    value = m.fma(m.remainder(above, value, below) + m.fma(value, -below_low, above_low), inverse, value)
    return m.of_bits(m.bits(value) ^ (quarters << 63) ^ (m.bits(x) & SIGN))


def _reduced(m: Lanes, x: Any) -> Any:
    """Return the multiple of π/2 next to x ≥ 0, in the last bits of a double, and the rest as two doubles."""
    shifted = m.fma(x, 2 / math.pi, SHIFTER)
    n = shifted - SHIFTER
    high = m.fma(n, -HALF_PI[0], x)
    part, low = m.product(n, HALF_PI[1])
    r = high - part
    low = ((high - r) - part) - m.fma(n, HALF_PI[2], low)
    return m.all_patched(x >= LARGE, (shifted, r, low), lambda x: _reduced_large(m, x), x)


def _reduced_large(m: Lanes, x: Any) -> tuple[Any, Any, Any]:
    """Return the same for a large x: the product of a whole number and a row of the table, whose multiples of 4 go."""
    row = ((m.bits(x) >> FRACTION) - (BIAS + FRACTION)) >> STEP.bit_length() - 1
    whole = x * m.of_bits((BIAS - (row << STEP.bit_length() - 1)) << FRACTION)
    digits = [m.looked_up(column, row - FIRST) for column in _digits()]
    (p0, e0), (p1, e1), (p2, e2) = (m.product(whole, x) for x in digits[:3])
    first, *others = (x - 4.0 * m.rounded(x * 0.25) for x in (p0, e0, p1))
    errors = []
    for other in others:
        first, error = m.sum(first, other)
        errors.append(error)
    n = m.rounded(first)
    rest, low = first - n, m.fma(whole, digits[3], e2)
    for other in (*errors, e1, p2):
        rest, error = m.sum(rest, other)
        low = low + error
    rest, low = m.ordered_sum(rest, low)
    high, error = m.product(rest, math.pi / 2)
    low = m.fma(rest, HALF_PI_REST, m.fma(low, math.pi / 2, error))
    return n + SHIFTER, *m.ordered_sum(high, low)


@cache
def _digits() -> tuple[tuple[float, ...], ...]:
    """Return the columns of the table: 2/π · 2**(STEP·row) without its multiples of 4, as the sum of four doubles."""
    return tuple(zip(*map(_row, range(FIRST, LAST + 1)), strict=True))


def _row(k: int) -> list[float]:
    places = PLACES - STEP * k
    rest = DIGITS_OF_2_BY_PI % (4 << places)
    parts = []
    for _ in range(4):
        drop = max(rest.bit_length() - 53, 0)
        parts.append(math.ldexp(rest >> drop, drop - places))
        rest -= rest >> drop << drop
    return parts


TRIGONOMETRIC: Final[Spellings] = {"sin": sin, "cos": cos, "tan": tan}
"""The schemes of this module by operation."""
