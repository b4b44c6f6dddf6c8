"""Schemes made of several others, or of division: the remainder, which is exact, and the logarithm of a sum of powers.

The latter is as right as NumPy's: its error is 1 ulp of the larger operand, where both terms cancel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.exponentials import exponential
from graphgrad.compile.functions.logarithms import log_of_sum

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["REMAINDERS", "SUMS"]

MANY: Final = 2.0**50
"""The quotients of a remainder for which one step is enough."""

SMALL, LARGE = 2.0**-900, 2.0**900
"""Numbers far enough from the ends of the range that a remainder is computed without underflow or overflow."""


def remainder(m: Lanes, x: Any, y: Any) -> Any:
    """Return x − y·trunc(x/y), exactly: one subtraction where the quotient is small, else the C library's `fmod`."""
    size, divisor = m.size(x), m.size(y)
    quotient = m.rounded(size / divisor)
    rest = m.remainder(size, quotient, divisor)
    rest = m.where(rest < 0.0, rest + divisor, rest)
    usual = (quotient < MANY) & (size < LARGE) & (divisor > SMALL) & (divisor < LARGE)
    return m.patched(~usual, m.signed(rest, x), m.fmod, x, y)


def log_of_sum_of_powers(m: Lanes, x: Any, y: Any) -> Any:
    """Return log(exp(x) + exp(y)) from the larger operand and the difference; that of two infinities is none."""
    difference = x - y
    value = m.where(difference > 0.0, x, y) + log_of_sum(m, exponential(m, -m.size(difference)), 0.0)
    return m.where(m.size(difference) <= math.inf, value, m.where(x == y, x, difference))


REMAINDERS: Final[Spellings] = {"rem": remainder}
SUMS: Final[Spellings] = {"logaddexp": log_of_sum_of_powers}
"""The schemes of this module by operation."""
