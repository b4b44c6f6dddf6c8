"""Schemes of the exponential function and its relatives.

The argument is reduced by a multiple of log 2 in two parts (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, 1980), a polynomial is the rest's exponential, and the exponent is added to the result's bits. The
coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import FRACTION, SHIFTER

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["EXPONENTIALS"]

LOG2_E: Final = 1 / math.log(2)
LOG_2: Final = float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")
"""log 2 in two parts; a product of the first with an exponent is exact."""

NORMAL: Final = 708.0
"""The largest |x| for which exp(x) surely is a normal number."""

BEYOND: Final = 1000.0
"""An |x| for which exp(x) surely is 0 or infinite."""

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


def exp(m: Lanes, x: Any) -> Any:
    """Return e**x."""
    shifted = m.fma(x, LOG2_E, SHIFTER)
    n = shifted - SHIFTER
    r = m.fma(n, -LOG_2[1], m.fma(n, -LOG_2[0], x))
    high, low = m.ordered_sum(1.0, r)
    mantissa = m.fma(r * r, m.polynomial(r, EXP), low) + high
    value = m.of_bits(m.bits(mantissa) + (m.bits(shifted) << FRACTION))
    return m.patched(~(m.size(x) < NORMAL), value, lambda *xs: _beyond(m, *xs), x, mantissa, n)


def _beyond(m: Lanes, x: Any, mantissa: Any, n: Any) -> Any:
    """Return mantissa·2**n where that may be no normal number; nan is one."""
    value = m.scaled(mantissa, n)
    return m.where(x > BEYOND, math.inf, m.where(x < -BEYOND, 0.0, value))


EXPONENTIALS: Final[Spellings] = {"exp": exp}
"""The schemes of this module by operation."""
