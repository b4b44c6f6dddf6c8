"""The scheme of powers: x**y is exp(y·log(x)), with the logarithm and the product as sums of two doubles.

The logarithm's series has its first two terms in two parts (N. Shibata and F. Petrogalli, SLEEF, IEEE TPDS 31, 2020);
sums and products in two parts are those of T. J. Dekker (Numer. Math. 18, 1971). The coefficients are those of
`benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.exponentials import EXP, LOG_2, reduced
from graphgrad.compile.functions.lanes import FRACTION, Part
from graphgrad.compile.functions.logarithms import LEAST_NORMAL, LIFT, MOST, as_double, reduced_logarithm

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["POWERS"]

TWO_THIRDS: Final = 2 / 3, float.fromhex("0x1.5555555555555p-55")
"""2/3 as a sum of two doubles."""

LOG: Final = (
    0.3999999999999998,
    0.285714285714451,
    0.22222222217539367,
    0.1818181886996036,
    0.15384556895106935,
    0.13336316492272773,
    0.11674837324964836,
    0.11988856281419939,
)
"""((2·atanh(s)/s − 2)/s² − 2/3)/s² by powers of s², for s = r/(2 + r)."""

NORMAL: Final = 700.0
"""The largest |y·log(x)| for which the power surely is a normal number."""

BEYOND: Final = 1000.0
"""One for which it surely is 0 or infinite."""

LARGE: Final = 2.0**900
"""An exponent for which only 1 and -1 have a power that is neither 0 nor infinite."""


class Logarithm(Part):
    """The logarithm as a sum of two doubles, for normal positive x: powers of one number share it."""

    high: Any
    low: Any

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, Any]:
        """Compute it."""
        return _logarithm_in_two_parts(m, x, 0.0)


def power(m: Lanes, x: Any, y: Any) -> Any:
    """Return x**y; a negative x, which has powers with whole exponents only, is rare."""
    logarithm = m.once(Logarithm, x)
    exponent, error = _times(m, y, logarithm.high, logarithm.low)
    mantissa, shifted, _ = _exponential(m, exponent, error)
    value = m.of_bits(m.bits(mantissa) + (m.bits(shifted) << FRACTION))
    usual = (x >= LEAST_NORMAL) & (x < MOST) & (m.size(y) < LARGE) & (m.size(exponent) < NORMAL)
    return m.patched(~usual, value, lambda x, y: _power_at_the_ends(m, x, y), x, y)


def _power_at_the_ends(m: Lanes, x: Any, y: Any) -> Any:
    """Return x**y for all numbers, as C's Annex F.9.4.4 has it."""
    size, y = m.size(x), m.where(m.size(y) > LARGE, m.signed(LARGE, y), y)
    lifted = size < 1.0
    high, low = _logarithm_in_two_parts(m, m.where(lifted, size * 2.0**LIFT, size), m.where(lifted, float(LIFT), 0.0))
    high = m.where(size == 0.0, -math.inf, m.where(size < math.inf, high, size))
    exponent, error = _times(m, y, high, low)
    mantissa, _, n = _exponential(m, exponent, error)
    value = m.where(exponent > BEYOND, math.inf, m.where(exponent < -BEYOND, 0.0, m.scaled(mantissa, n)))
    is_real = (x >= 0.0) | (m.rounded(y) == y) | (size == math.inf)
    value = m.where(is_real | m.is_nan(x), value, math.nan)
    value = m.where((m.bits(x) < 0) & _is_odd(m, y), -value, value)
    return m.where((y == 0.0) | (x == 1.0), 1.0, value)


def _logarithm_in_two_parts(m: Lanes, x: Any, shift: Any) -> tuple[Any, Any]:
    """Return log(x) - shift·log(2) as a sum of two doubles, for normal x; its relative error is below 2**-64."""
    whole, r = reduced_logarithm(m, x)
    k = as_double(m, whole) - shift
    s, s_low = m.quotient(r, 0.0, *m.ordered_sum(2.0, r))
    square, square_low = m.product(s, s)
    square_low = m.fma(2.0 * s, s_low, square_low)
    cube, cube_low = m.product(square, s)
    cube_low = m.fma(square, s_low, m.fma(square_low, s, cube_low))
    tail = square * m.polynomial(square, LOG)
    factor, factor_low = m.ordered_sum(TWO_THIRDS[0], tail)
    factor_low = m.fma(square_low, LOG[0], factor_low + TWO_THIRDS[1])
    rest, rest_low = m.product(cube, factor)
    rest_low = m.fma(cube, factor_low, m.fma(cube_low, factor, rest_low))
    high, lost = m.ordered_sum(k * LOG_2[0], 2.0 * s)
    high, lost_again = m.ordered_sum(high, rest)
    return m.ordered_sum(high, lost + (lost_again + (m.fma(k, LOG_2[1], 2.0 * s_low) + rest_low)))


def _times(m: Lanes, y: Any, high: Any, low: Any) -> tuple[Any, Any]:
    """Return y·(high + low) as a rounded product and its error."""
    product, error = m.product(y, high)
    return product, m.fma(y, low, error)


def _exponential(m: Lanes, x: Any, low: Any) -> tuple[Any, Any, Any]:
    """Return exp(x + low) as a mantissa and an exponent n, the latter also as n + `SHIFTER`."""
    shifted, n, r = reduced(m, x)
    rest = m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], x) - r) + low
    high, lost = m.ordered_sum(1.0, r)
    grown = r * r * m.polynomial(r, EXP)
    return high + m.fma(rest, high + grown, lost + grown), shifted, n


def _is_odd(m: Lanes, y: Any) -> Any:
    """Return whether a number is whole and odd."""
    half = y * 0.5
    return (m.rounded(y) == y) & (m.rounded(half) != half)


POWERS: Final[Spellings] = {"pow": power}
"""The schemes of this module by operation."""
