"""Tell which numbers are remarkable: infinite, 0 or huge."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.kinds import FLOATS

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["HUGE", "SENSITIVE", "elasticity", "state_of"]

HUGE: Final = 1e200
"""A number of this size is near overflow."""

SENSITIVE: Final = 1e10
"""The percent per percent from which on a derivative is huge."""


def state_of(passes: Passes, number: Any, x: Any = None) -> str:
    """Return whether the value, or the derivative by an input x, is "infinite", "zero" or "huge"; else "".

    >>> from graphgrad import parse
    >>> passes = parse("exp(x)").backprop({"x": 800}).passes
    >>> state_of(passes, passes.value), state_of(passes, 3.0, 2.0)
    ('infinite', '')
    """
    if not passes.kind.is_finite(number):
        return "infinite"
    if not number:
        return "zero"
    if passes.kind is not FLOATS:
        return ""
    return "huge" if abs(number) >= HUGE or elasticity(number, x or 0.0, passes.value) >= SENSITIVE else ""


def elasticity(derivative: float, x: float, z: float) -> float:
    """Return |derivative·x/z|, the percent of z per percent of x; 0 where a number is not finite, and at z = 0.

    >>> elasticity(1e200, 3e200, 3e200), elasticity(math.inf, 1.0, 1.0)
    (1e+200, 0.0)
    """
    if not z or not all(map(math.isfinite, (derivative, x, z))):
        return 0.0
    (d, more), (y, grown), (w, less) = map(math.frexp, (derivative, x, z))
    try:
        return math.ldexp(abs(d * y / w), more + grown - less)
    except OverflowError:
        return math.inf
