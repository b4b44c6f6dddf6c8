"""Schemes of hyperbolic functions: sums of 2**n and 2**-n times the hyperbolic functions of the reduced argument.

The reduced argument is that of the exponential function; the coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.exponentials import LOG_2, reduced, scaled_exponential
from graphgrad.compile.functions.lanes import Lanes, Part

if TYPE_CHECKING:
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


class Hyperbolic(Part):
    """The hyperbolic sine and cosine of |x|, each as a double and a small rest, for |x| up to `LARGE`."""

    sine: Any
    sine_low: Any
    cosine: Any
    cosine_low: Any

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, ...]:
        """Compute sinh(n·log(2) + r) = a·cosh(r) + b·sinh(r) with a, b = (2**n ∓ 2**-n)/2, and cosh with b, a."""
        size = m.size(x)
        _, n, r = reduced(m, size)
        rest = m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], size) - r)
        grown, shrunk = m.power_of_2(n - 1.0), m.power_of_2(-1.0 - n)
        a, b = grown - shrunk, grown + shrunk
        a_low, b_low = (grown - a) - shrunk, (grown - b) + shrunk
        square = r * r
        cosine = square * m.polynomial(square, COSH)
        sine = m.fma(square * r, m.polynomial(square, SINH), rest)
        return (
            *_sum(m, (a, a_low), (b, b_low), r, m.fma(a, cosine, b * sine)),
            *_sum(m, (b, b_low), (a, a_low), r, m.fma(b, cosine, a * sine)),
        )


def _sum(m: Lanes, x: tuple[Any, Any], y: tuple[Any, Any], r: Any, small: Any) -> tuple[Any, Any]:
    """Return x + y·r + small and a rest, for x and y in two parts, of which x is larger than y·r or 0."""
    product, error = m.product(y[0], r)
    high, low = m.ordered_sum(x[0], product)
    return high, m.fma(y[1], r, small) + ((low + x[1]) + error)


def sinh(m: Lanes, x: Any) -> Any:
    """Return (exp(x) − exp(−x))/2."""
    both, size = m.once(Hyperbolic, x), m.size(x)
    return m.signed(_half_exponential_beyond(m, size, both.sine + both.sine_low), x)


def cosh(m: Lanes, x: Any) -> Any:
    """Return (exp(x) + exp(−x))/2."""
    both = m.once(Hyperbolic, x)
    return _half_exponential_beyond(m, m.size(x), both.cosine + both.cosine_low)


def tanh(m: Lanes, x: Any) -> Any:
    """Return the quotient of both, with their rests."""
    both, size = m.once(Hyperbolic, x), m.size(x)
    sine, cosine = m.ordered_sum(both.sine, both.sine_low), m.ordered_sum(both.cosine, both.cosine_low)
    high, low = m.quotient(*sine, *cosine)
    return m.signed(m.patched(~(size < LARGE), high + low, lambda x: m.where(x > 0.0, 1.0, x), size), x)


def _half_exponential_beyond(m: Lanes, size: Any, value: Any) -> Any:
    """Return the value, and exp(size)/2 where the size is above `LARGE` or nan."""
    return m.patched(~(size < LARGE), value, lambda size: scaled_exponential(m, size, -1.0), size)


HYPERBOLICS: Final[Spellings] = {"sinh": sinh, "cosh": cosh, "tanh": tanh}
"""The schemes of this module by operation."""
