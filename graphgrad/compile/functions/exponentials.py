"""Schemes of exponential functions.

The argument is reduced by a multiple of log 2 in two parts (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, 1980), a polynomial is the rest's exponential, and the exponent is added to the result's bits. What rounding
has taken from 1 + r is kept (P. T. P. Tang, ACM TOMS 15, 1989). The coefficients are those of
`benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import FRACTION, SHIFTER

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["EXP", "EXPM1", "EXPONENTIALS", "LOG2_E", "LOG_2", "exponential", "reduced", "scaled_exponential"]

LOG2_E: Final = 1 / math.log(2)
LOG_2: Final = float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")
"""log 2 in two parts: the first has so few digits that its product with an exponent is exact."""

LOG2_10: Final = math.log2(10)
LOG10_2: Final = float.fromhex("0x1.34413509f8000p-2"), float.fromhex("-0x1.80433b83b532ap-44")
"""log10(2) in two such parts."""

EXACT_LOG_2: Final = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56")
EXACT_LOG_10: Final = float.fromhex("0x1.26bb1bbb55516p+1"), float.fromhex("-0x1.f48ad494ea3e9p-53")
"""log 2 and log 10 as sums of two doubles, with all their digits."""

NORMAL: Final = 708.0
"""The largest |x| for which exp(x) surely is a normal number."""

BEYOND: Final = 1000.0
"""An |x| for which exp(x) surely is 0 or infinite."""

NORMAL_2, BEYOND_2 = 1021.0, 1500.0
NORMAL_10, BEYOND_10 = 307.0, 400.0
"""The same for the powers of 2 and of 10."""

LEAST: Final = -50.0
"""An x for which exp(x) − 1 is −1."""

EXP: Final = (
    0.5000000000000011,
    0.16666666666666413,
    0.041666666666530267,
    0.008333333333494338,
    0.0013888888943597065,
    0.00019841269506744357,
    2.480149313691543e-05,
    2.755758631874431e-06,
    2.763023362907999e-07,
    2.500004970505547e-08,
)
"""(exp(r) − 1 − r)/r² for |r| ≤ log(2)/2."""

EXPM1: Final = (
    0.16666666666666677,
    0.04166666666666658,
    0.008333333333322169,
    0.001388888888894266,
    0.00019841269884916105,
    2.480158719820212e-05,
    2.755724532376485e-06,
    2.755738709154438e-07,
    2.5108675201261727e-08,
    2.087888757122953e-09,
)
"""(exp(r) − 1 − r − r²/2)/r³ likewise, right for small r."""

EXP2: Final = (
    0.24022650695910122,
    0.05550410866482074,
    0.009618129107596992,
    0.0013333558146686054,
    0.00015403530454055942,
    1.5252733546897462e-05,
    1.3215436614646989e-06,
    1.0178184658654822e-07,
    7.073578337967663e-09,
    4.4363003725100277e-10,
)
"""(2**r − 1 − r·log(2))/r² for |r| ≤ 1/2."""

EXP10: Final = (
    2.6509490552392045,
    2.0346785922934454,
    1.1712551489084329,
    0.5393829292060026,
    0.2069958495122224,
    0.06808936392644463,
    0.019597620219527812,
    0.005013977430451325,
    0.0011575544906662402,
    0.00024116453823803163,
)
"""(10**r − 1 − r·log(10))/r² for |r| ≤ log10(2)/2."""


def exponential(m: Lanes, x: Any) -> Any:
    """Return e**x."""
    mantissa, shifted, _ = _parts(m, x)
    return _with_exponent(m, mantissa, shifted, x, (NORMAL, BEYOND))


def exp2(m: Lanes, x: Any) -> Any:
    """Return 2**x."""
    shifted = x + SHIFTER
    r = x - (shifted - SHIFTER)
    mantissa = _mantissa(m, r, EXACT_LOG_2[0], r * EXACT_LOG_2[1], EXP2)
    return _with_exponent(m, mantissa, shifted, x, (NORMAL_2, BEYOND_2))


def exp10(m: Lanes, x: Any) -> Any:
    """Return 10**x."""
    shifted = m.fma(x, LOG2_10, SHIFTER)
    n = shifted - SHIFTER
    whole = m.fma(n, -LOG10_2[0], x)
    r = m.fma(n, -LOG10_2[1], whole)
    rest = m.fma(n, -LOG10_2[1], whole - r)
    low = m.fma(r, EXACT_LOG_10[1], rest * EXACT_LOG_10[0])
    return _with_exponent(m, _mantissa(m, r, EXACT_LOG_10[0], low, EXP10), shifted, x, (NORMAL_10, BEYOND_10))


def expm1(m: Lanes, x: Any) -> Any:
    """Return exp(x) − 1 = 2**n·((1 − 2**-n) + r + r²/2 + …), whose first terms are added with their errors."""
    bounded = m.where(x < LEAST, LEAST, x)
    _, n, r = reduced(m, bounded)
    rest = m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], bounded) - r)
    square = r * r
    high, lost = m.ordered_sum(1.0, -m.power_of_2(-n))
    high, lost_again = m.ordered_sum(high, r)
    lost = lost + lost_again
    high, lost_again = m.ordered_sum(high, 0.5 * square)
    low = (lost + lost_again) + m.fma(square * r, m.polynomial(r, EXPM1), rest)
    value = m.signed((high + low) * m.power_of_2(n), x)
    return m.patched(~(x < NORMAL), value, lambda x: exponential(m, x), x)


def scaled_exponential(m: Lanes, x: Any, shift: float) -> Any:
    """Return exp(x)·2**shift where it may be no normal number."""
    mantissa, _, n = _parts(m, x)
    return _scaled(m, BEYOND, mantissa, n + shift, x)


def reduced(m: Lanes, x: Any) -> tuple[Any, Any, Any]:
    """Return n + `SHIFTER`, n and r, with x = n·log(2) + r."""
    shifted = m.fma(x, LOG2_E, SHIFTER)
    n = shifted - SHIFTER
    return shifted, n, m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], x))


def _parts(m: Lanes, x: Any) -> tuple[Any, Any, Any]:
    """Return the mantissa of exp(x), and its exponent n as n + `SHIFTER` and as n."""
    shifted, n, r = reduced(m, x)
    high, low = m.ordered_sum(1.0, r)
    return m.fma(r * r, m.polynomial(r, EXP), low) + high, shifted, n


def _mantissa(m: Lanes, r: Any, log_base: float, low: Any, coefficients: tuple[float, ...]) -> Any:
    """Return 1 + r·`log_base` + low, and the terms of higher order by their coefficients."""
    high = m.fma(r, log_base, 1.0)
    lost = m.fma(r, log_base, 1.0 - high)
    return high + m.fma(r * r, m.polynomial(r, coefficients), lost + low)


def _with_exponent(m: Lanes, mantissa: Any, shifted: Any, x: Any, ends: tuple[float, float]) -> Any:
    """Return mantissa·2**n; n + `SHIFTER` has n in its last bits. Beyond the `ends` it is 0, infinite or nan."""
    value = m.of_bits(m.bits(mantissa) + (m.bits(shifted) << FRACTION))
    normal, beyond = ends
    return m.patched(~(m.size(x) < normal), value, lambda *xs: _scaled(m, beyond, *xs), mantissa, shifted - SHIFTER, x)


def _scaled(m: Lanes, beyond: float, mantissa: Any, n: Any, x: Any) -> Any:
    """Return mantissa·2**n where that may be no normal number; nan is one."""
    return m.where(x > beyond, math.inf, m.where(x < -beyond, 0.0, m.scaled(mantissa, n)))


EXPONENTIALS: Final[Spellings] = {"exp": exponential, "exp2": exp2, "exp10": exp10, "expm1": expm1}
"""The schemes of this module by operation."""
