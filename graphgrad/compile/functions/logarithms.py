"""Schemes of logarithms: x = 2**k·(1 + r) with 1 + r from √½ to √2, and log(1 + r) = 2·atanh(s) with s = r/(2 + r).

log(1 + r) = r − (r²/2 − s·(r²/2 + R(s²))), where R is a polynomial, loses least for small r; it is the scheme of FDLIBM
(K. C. Ng, Sun Microsystems 1993). The coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.exponentials import LOG_2
from graphgrad.compile.functions.lanes import FRACTION, SHIFTER

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = [
    "LEAST_NORMAL",
    "LIFT",
    "LOGARITHMS",
    "MOST",
    "as_double",
    "log_of_double",
    "log_of_sum",
    "reduced_logarithm",
]

SHIFTER_BITS: Final = 0x4338000000000000
ROOT_OF_HALF: Final = 0x3FE6A09E667F3BCD
"""The bits of `SHIFTER` and of √½."""

LEAST_NORMAL: Final = 2.0**-1022
MOST: Final = 2.0**1023
"""Between these numbers a logarithm needs no care."""

LIFT: Final = 54
"""By this power of 2 the smallest numbers become normal."""

UPPER: Final = -(1 << 32)
"""The upper half of a double's bits: products with as short a number are exact."""

LOG: Final = (
    0.6666666666666734,
    0.39999999999414715,
    0.28571428742381455,
    0.222221985737059,
    0.18183564303533417,
    0.15314051039853818,
    0.14795945517642614,
)
"""(2·atanh(s)/s − 2)/s² by powers of s², for s = r/(2 + r)."""

LOG2_E: Final = float.fromhex("0x1.7154700000000p+0"), float.fromhex("0x1.94ae0bf85ddf4p-22")
LOG10_E: Final = float.fromhex("0x1.bcb7b00000000p-2"), float.fromhex("0x1.526e50e32a6abp-26")
"""log2(e) and log10(e) in two parts, the first of few digits."""

LOG10_2: Final = float.fromhex("0x1.34413509f8000p-2"), float.fromhex("-0x1.80433b83b532ap-44")
"""log10(2) likewise."""

INVERSE: Final = -1.0, 0.97, -0.83
"""(1/(1 + r) − 1)/r, to some hundredths."""


def log(m: Lanes, x: Any) -> Any:
    """Return the natural logarithm."""
    return _with_ends(m, _log, x)


def log2(m: Lanes, x: Any) -> Any:
    """Return the logarithm to base 2."""
    return _with_ends(m, lambda m, x, shift: _to_base(m, x, shift, LOG2_E, (1.0, 0.0)), x)


def log10(m: Lanes, x: Any) -> Any:
    """Return the logarithm to base 10."""
    return _with_ends(m, lambda m, x, shift: _to_base(m, x, shift, LOG10_E, LOG10_2), x)


def log1p(m: Lanes, x: Any) -> Any:
    """Return log(1 + x)."""
    usual = (x > -1.0) & (x < MOST)
    return m.patched(~usual, log_of_sum(m, x, 0.0), lambda x: log(m, m.where(x < MOST, 1.0 + x, x)), x)


def log_of_sum(m: Lanes, x: Any, low: Any) -> Any:
    """Return log(1 + x + low), of the sign of x, for -1 < x < `MOST` and a low that x + low rounds away.

    It is the logarithm of the rounded sum, and the sum's error over the sum, for which some digits are enough.
    """
    total, error = m.sum(1.0, x)
    exponent, r = reduced_logarithm(m, total)
    unit, k = m.of_bits(m.bits(1.0) - (exponent << FRACTION)), as_double(m, exponent)
    error, low = error * unit, low * unit
    half, rest = _parts(m, r)
    rest = m.fma(k, LOG_2[1], rest) + m.fma(error + low, r * m.horner(r, INVERSE), low)
    return m.signed(m.fma(k, LOG_2[0], r - ((half - rest) - error)), x)


def log_of_double(m: Lanes, x: Any) -> Any:
    """Return log(2·x) for x ≥ 1, infinite or nan."""
    return m.where(x < math.inf, _log(m, x, -1.0), x)


def _log(m: Lanes, x: Any, shift: float) -> Any:
    exponent, r = reduced_logarithm(m, x)
    k, (half, rest) = as_double(m, exponent) - shift, _parts(m, r)
    return m.fma(k, LOG_2[0], r - (half - m.fma(k, LOG_2[1], rest)))


def _to_base(m: Lanes, x: Any, shift: float, scale: tuple[float, float], of_2: tuple[float, float]) -> Any:
    """Return log(1 + r)·`scale` + k·`of_2`, both scaled in two parts; log(1 + r) is cut into two."""
    exponent, r = reduced_logarithm(m, x)
    k = as_double(m, exponent) - shift
    half, rest = _parts(m, r)
    high = m.of_bits(m.bits(r - half) & UPPER)
    low = ((r - high) - half) + rest
    small = m.fma(k, of_2[1], m.fma(low + high, scale[1], low * scale[0]))
    large, lost = m.ordered_sum(k * of_2[0], high * scale[0])
    return large + (lost + small)


def _parts(m: Lanes, r: Any) -> tuple[Any, Any]:
    """Return r²/2 and a small rest with log(1 + r) = r − r²/2 + rest."""
    s = r / (2.0 + r)
    square, half = s * s, 0.5 * r * r
    return half, s * m.fma(square, m.polynomial(square, LOG), half)


def reduced_logarithm(m: Lanes, x: Any) -> tuple[Any, Any]:
    """Return k, as an integer, and r, with x = 2**k·(1 + r) and 1 + r from √½ to √2."""
    bits = m.bits(x)
    exponent = (bits - ROOT_OF_HALF) >> FRACTION
    return exponent, m.of_bits(bits - (exponent << FRACTION)) - 1.0


def as_double(m: Lanes, exponent: Any) -> Any:
    """Return small integers as doubles."""
    return m.of_bits(exponent + SHIFTER_BITS) - SHIFTER


def _with_ends(m: Lanes, logarithm: Any, x: Any) -> Any:
    """Return logarithm(m, x, 0) where x is a normal positive number, and the values of a logarithm elsewhere."""
    usual = (x >= LEAST_NORMAL) & (x < MOST)
    return m.patched(~usual, logarithm(m, x, 0.0), lambda x: _at_the_ends(m, logarithm, x), x)


def _at_the_ends(m: Lanes, logarithm: Any, x: Any) -> Any:
    lifted = x < 1.0
    value = logarithm(m, m.where(lifted, x * 2.0**LIFT, x), m.where(lifted, float(LIFT), 0.0))
    value = m.where((x > 0.0) & (x < math.inf), value, x)
    return m.where(x < 0.0, math.nan, m.where(x == 0.0, -math.inf, value))


LOGARITHMS: Final[Spellings] = {"log": log, "log2": log2, "log10": log10, "log1p": log1p}
"""The schemes of this module by operation."""
