"""Schemes of inverse hyperbolic functions: log(1 + u), with u as a sum of two doubles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.logarithms import log_of_double, log_of_sum

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["INVERSE_HYPERBOLICS"]

LARGE: Final = 2.0**400
"""A number whose square is far from the end of the range."""


def asinh(m: Lanes, x: Any) -> Any:
    """Return log(1 + u) with u = |x| + x²/(1 + √(1 + x²)), and the sign of x."""
    size = m.size(x)
    square, square_low = m.product(size, size)
    total, error = m.sum(1.0, square)
    root, root_low = m.root_of(total, error + square_low)
    divisor, error = m.ordered_sum(root, 1.0)
    ratio, ratio_low = m.quotient(square, square_low, divisor, error + root_low)
    u, error = m.ordered_sum(size, ratio)
    value = log_of_sum(m, u, error + ratio_low)
    return m.signed(m.patched(~(size < LARGE), value, lambda size: log_of_double(m, size), size), x)


def acosh(m: Lanes, x: Any) -> Any:
    """Return log(1 + u) with u = w + √(w·(w + 2)) and w = x − 1."""
    w, w_low = m.sum(x, -1.0)
    square, square_low = m.product(w, w)
    total, error = m.sum(square, 2.0 * w)
    root, root_low = m.root_of(total, error + square_low)
    u, error = m.ordered_sum(root, w)
    value = log_of_sum(m, u, error + root_low + 2.0 * w_low)
    return m.patched(~((x > 1.0) & (x < LARGE)), value, lambda x: _acosh_at_the_ends(m, x), x)


def _acosh_at_the_ends(m: Lanes, x: Any) -> Any:
    return m.where(x < 1.0, math.nan, m.where(x == 1.0, 0.0, log_of_double(m, x)))


def atanh(m: Lanes, x: Any) -> Any:
    """Return log(1 + u)/2 with u = 2·|x|/(1 − |x|), and the sign of x."""
    size = m.size(x)
    divisor, divisor_low = m.ordered_sum(1.0, -size)
    u, low = m.quotient(2.0 * size, 0.0, divisor, divisor_low)
    value = m.signed(0.5 * log_of_sum(m, u, low), x)
    return m.patched(~(size < 1.0), value, lambda x: x / (1.0 - m.size(x)) + m.root(1.0 - m.size(x)), x)


INVERSE_HYPERBOLICS: Final[Spellings] = {"asinh": asinh, "acosh": acosh, "atanh": atanh}
"""The schemes of this module by operation."""
