"""Schemes of the inverse trigonometric functions.

The argument is reduced to one of at most 1/2, to which a multiple of π/4 is added; both are sums of two doubles
(J.-M. Muller, Elementary Functions, 3rd ed., 2016, chapter 11). The coefficients are those of
`benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import BIAS, FRACTION, SHIFTER
from graphgrad.compile.functions.trigonometric import HALF_PI_REST

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["INVERSE_TRIGONOMETRIC"]

ATAN: Final = (
    -0.33333333333332993,
    0.19999999999905638,
    -0.14285714276589592,
    0.11111110667822105,
    -0.09090896435825978,
    0.07692076717496571,
    -0.06663837590228731,
    0.05858471415905323,
    -0.05122732916431811,
    0.04188445136821088,
    -0.027464676577988338,
    0.010136751705879549,
)
"""(atan(t)/t − 1)/t² by powers of t² for |t| ≤ 1/2."""

ASIN: Final = (
    0.16666666666665383,
    0.07500000000343032,
    0.044642856823492436,
    0.03038195933085247,
    0.022371753532874503,
    0.01735977096251739,
    0.013884599880572177,
    0.012173270306474242,
    0.0065108908652405885,
    0.019573807402672803,
    -0.01629392435567893,
    0.031958866832684035,
)
"""(asin(t)/t − 1)/t² likewise."""

HALF_PI: Final = math.pi / 2, HALF_PI_REST
QUARTER_PI: Final = math.pi / 4, HALF_PI_REST / 2
"""π/2 and π/4 as sums of two doubles."""

NEAR, FAR = 0.5, 2.0
"""The ends of the intervals with reductions of their own."""

LONG, SHORT = 2.0**1000, 2.0**-900
"""Lengths beyond which a quotient is computed from scaled ones."""

SCALE: Final = 60.0

HUGE: Final = 2.0**60
"""A number whose inverse tangent is π/2."""


def atan(m: Lanes, x: Any) -> Any:
    """Return the inverse tangent: that of x, of (x − 1)/(x + 1) or of −1/x, and a multiple of π/4."""
    size = m.size(x)
    size = m.where(size > HUGE, HUGE, size)
    is_small, is_large = size < NEAR, size > FAR
    beside = size + 1.0
    above = m.where(is_small, size, m.where(is_large, -1.0, size - 1.0))
    below = m.where(is_small, 1.0, m.where(is_large, size, beside))
    below_low = m.where(is_small | is_large, 0.0, size - (beside - 1.0))
    inverse = 1.0 / below
    t = above * inverse
    t_low = m.fma(-t, below_low, m.remainder(above, t, below)) * inverse
    turn = m.where(is_small, 0.0, m.where(is_large, HALF_PI[0], QUARTER_PI[0]))
    turn_low = m.where(is_small, 0.0, m.where(is_large, HALF_PI[1], QUARTER_PI[1]))
    square = t * t
    high, low = m.ordered_sum(turn, t)
    return m.signed(high + m.fma(t * square, m.polynomial(square, ATAN), (low + turn_low) + t_low), x)


def asin(m: Lanes, x: Any) -> Any:
    """Return the inverse sine: of x, or from that of √((1 − |x|)/2)."""
    size = m.size(x)
    is_near = size < NEAR
    root, root_low, rest = _half_angle(m, size, is_near)
    high, low = m.ordered_sum(HALF_PI[0], -2.0 * root)
    far = high + (low + m.fma(-2.0, rest + root_low, HALF_PI[1]))
    return m.signed(m.where(is_near, root + rest, far), x)


def acos(m: Lanes, x: Any) -> Any:
    """Return the inverse cosine: π/2 − asin(x), or 2·asin(√((1 − |x|)/2)), or π less that."""
    size = m.size(x)
    is_near, is_above = size < NEAR, x > 0.0
    root, root_low, rest = _half_angle(m, size, is_near)
    root = m.where(is_near, m.signed(root, x), root)
    rest = m.where(is_near, m.signed(rest, x), rest + root_low)
    near, near_low = m.ordered_sum(HALF_PI[0], -root)
    below, below_low = m.ordered_sum(math.pi, -2.0 * root)
    high = m.where(is_near, near, m.where(is_above, 2.0 * root, below))
    low = m.where(is_near, near_low + HALF_PI[1], m.where(is_above, 0.0, below_low + 2.0 * HALF_PI[1]))
    return high + m.fma(rest, m.where(is_near, -1.0, m.where(is_above, 2.0, -2.0)), low)


def _half_angle(m: Lanes, size: Any, is_near: Any) -> tuple[Any, Any, Any]:
    """Return a number, its rounding error, and what its inverse sine exceeds it by.

    The number is |x| where that is near 0, else √((1 − |x|)/2), whose inverse sine is (π/2 − asin(|x|))/2.
    """
    square = m.where(is_near, size * size, 0.5 * (1.0 - size))
    root = m.root(square)
    # The root of the least double above 0 is far larger, so that the divisor is rounded to it.
    low = m.remainder(square, root, root) * (0.5 / (root + 2.0**-1022))
    root = m.where(is_near, size, root)
    return root, low, root * square * m.polynomial(square, ASIN)


def atan2(m: Lanes, y: Any, x: Any) -> Any:
    """Return the angle of the point (x, y)."""
    height, width = m.size(y), m.size(x)
    is_steep = height > width
    longer, shorter = m.where(is_steep, height, width), m.where(is_steep, width, height)
    is_tiny = (shorter < SHORT) & ~(shorter == 0.0) | (longer < SHORT) & ~(longer == 0.0)
    is_left = m.bits(x) < 0
    turned = m.where(is_steep, 2.0, m.where(is_left, 4.0, 0.0))
    # From the nearest axis, the angle grows or falls with y.
    sense = m.where(is_steep ^ is_left, -1.0, 1.0)
    angle = _angle(m, longer, shorter, turned, sense)
    is_extreme = ~(longer < LONG) | is_tiny
    angle = m.patched(is_extreme, angle, lambda *xs: _angle_of_extremes(m, *xs), longer, shorter, turned, sense)
    return m.signed(angle, y)


def _angle(m: Lanes, longer: Any, shorter: Any, turned: Any, sense: Any) -> Any:
    """Return the inverse tangent of a quotient of at most 1, with a sense, and so many quarters of π."""
    is_small = shorter + shorter < longer
    beside = longer + shorter
    above = m.where(is_small, shorter, shorter - longer)
    is_origin = longer == 0.0
    below = m.where(is_origin, 1.0, m.where(is_small, longer, beside))
    below_low = m.where(is_small, 0.0, shorter - (beside - longer))
    inverse = sense / below
    t = above * inverse
    t_low = m.fma(-t * sense, below_low, m.remainder(above, t * sense, below)) * inverse
    quarters = m.where(is_small | is_origin, turned, turned + sense)
    turn, turn_low = m.product(quarters, QUARTER_PI[0])
    turn_low = m.fma(quarters, QUARTER_PI[1], turn_low)
    square = t * t
    high, low = m.ordered_sum(turn, t)
    return high + m.fma(t * square, m.polynomial(square, ATAN), (low + turn_low) + t_low)


def _angle_of_extremes(m: Lanes, longer: Any, shorter: Any, turned: Any, sense: Any) -> Any:
    """Return the same for any lengths: both infinite, or scaled, the longer to about 2**`SCALE`."""
    exponent = (m.bits(longer) >> FRACTION) - BIAS
    power = SCALE - ((m.of_bits(m.bits(SHIFTER) + exponent)) - SHIFTER)
    is_infinite, both = longer == math.inf, shorter == math.inf
    longer = m.where(is_infinite, 1.0, m.scaled(longer, power))
    shorter = m.where(is_infinite, m.where(both, 1.0, shorter * 0.0), m.scaled(shorter, power))
    return _angle(m, longer, shorter, turned, sense)


INVERSE_TRIGONOMETRIC: Final[Spellings] = {"asin": asin, "acos": acos, "atan": atan, "atan2": atan2}
"""The schemes of this module by operation."""
