"""Schemes of hyperbolic functions: sums of 2**n and 2**-n times the hyperbolic functions of the reduced argument.

The reduced argument is that of the exponential function; the coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.exponentials import LOG_2, exponential_less_1, reduced, scaled_exponential

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["HYPERBOLICS"]

SINH: Final = (
    0.16666666666666666,
    0.008333333333333337,
    0.0001984126984125322,
    2.755731926516576e-06,
    2.505205680966326e-08,
    1.6090814164066022e-10,
)
"""(sinh(r)/r − 1)/r² by powers of r², for |r| ≤ log(2)/2."""

COSH: Final = (
    0.5000000000000013,
    0.04166666666651442,
    0.0013888888947223889,
    2.4801489764381156e-05,
    2.763133404894048e-07,
)
"""(cosh(r) − 1)/r² likewise."""

LARGE: Final = 600.0
"""A number whose hyperbolic sine and cosine are half its exponential, and for which all powers of 2 are far from the
ends of the range."""

MOST: Final = 22.0
"""A number whose hyperbolic tangent is 1."""


def sinh(m: Lanes, x: Any) -> Any:
    """Return (exp(x) − exp(−x))/2."""
    size = m.size(x)
    value = _combined(m, size, odd=True)
    return m.signed(m.patched(~(size < LARGE), value, lambda size: scaled_exponential(m, size, -1.0), size), x)


def cosh(m: Lanes, x: Any) -> Any:
    """Return (exp(x) + exp(−x))/2."""
    size = m.size(x)
    value = _combined(m, size, odd=False)
    return m.patched(~(size < LARGE), value, lambda size: scaled_exponential(m, size, -1.0), size)


def tanh(m: Lanes, x: Any) -> Any:
    """Return e/(e + 2) with e = exp(2·|x|) − 1, all divided by a power of 2; the quotient is corrected by its rest."""
    size = m.size(x)
    n, high, low = exponential_less_1(m, 2.0 * m.where(size > MOST, MOST, size))
    high, low = m.ordered_sum(high, low)
    divisor, rest = m.sum(high, m.power_of_2(1.0 - n))
    inverse = 1.0 / divisor
    quotient = high * inverse
    product, error = m.product(quotient, divisor)
    remainder = ((high - product) - error) + m.fma(-quotient, rest + low, low)
    return m.signed(m.fma(remainder, inverse, quotient), x)


def _combined(m: Lanes, x: Any, *, odd: bool) -> Any:
    """Return sinh(x), or else cosh(x), for x from 0 to `LARGE`.

    sinh(n·log(2) + r) = a·cosh(r) + b·sinh(r) with a, b = (2**n ∓ 2**-n)/2, and cosh has a and b exchanged.
    """
    _, n, r = reduced(m, x)
    rest = m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], x) - r)
    grown, shrunk = m.power_of_2(n - 1.0), m.power_of_2(-1.0 - n)
    first, second = grown - shrunk, grown + shrunk
    lost = (grown - first) - shrunk
    if not odd:
        first, second, lost = second, first, (grown - second) + shrunk
    square = r * r
    of_cosh = square * m.polynomial(square, COSH)
    of_sinh = square * r * m.polynomial(square, SINH)
    product, error = m.product(second, r)
    high, low = m.ordered_sum(first, product)
    small = m.fma(second, rest, m.fma(first, of_cosh, second * of_sinh))
    return high + (small + ((low + lost) + error))


HYPERBOLICS: Final[Spellings] = {"sinh": sinh, "cosh": cosh, "tanh": tanh}
"""The schemes of this module by operation."""
