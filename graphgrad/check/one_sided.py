"""Judge the derivatives on either side of a point: whether they agree, are infinite, or belong to a jump."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SIDE", "OneSided", "Side", "one_sided", "side", "steps_of_size"]

SIDE: Final = Fraction(1, 10**25)
"""The first step to either side of a point, relative to the operand; two more follow, its square and fourth power."""

EQUAL: Final = Fraction(1, 10**20)
"""The relative distance within which two limits in 30 digits are equal."""

Number = Fraction | float
"""A limit: a fraction, or an infinite float."""


@dataclass(frozen=True, slots=True)
class Side:
    """The limit of a derivative from one side, and by how much it may be wrong."""

    limit: Number
    doubt: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class OneSided:
    """The left and the right derivative at a point.

    Attributes:
        left: the limit from the left; the same as `right` where the function ends at the point.
        right: the limit from the right.
        jumps: whether the value at the point is not the limit of the values beside it.
        here: what the formula gives at the point itself, None for no number.
        whose: who computed them, as a report says it.

    >>> OneSided(Side(Fraction(-1)), Side(Fraction(1))).agree, OneSided(Side(math.inf), Side(math.inf)).agree
    (False, True)
    """

    left: Side
    right: Side
    jumps: bool = False
    here: Fraction | None = None
    whose: str = "sympy's"

    @property
    def limits(self) -> tuple[Number, Number]:
        """Both derivatives."""
        return self.left.limit, self.right.limit

    @property
    def agree(self) -> bool:
        """Whether both derivatives are equal, up to their doubt, so that they are the derivative at the point."""
        left, right = self.limits
        if self.jumps or left == right:
            return not self.jumps
        if math.inf in map(abs, self.limits):
            return False
        a, b = Fraction(left), Fraction(right)
        return abs(a - b) <= self.left.doubt + self.right.doubt + EQUAL * max(abs(a), abs(b))

    @property
    def is_infinite(self) -> bool:
        """Whether the derivative is infinite, and the same on both sides."""
        return self.agree and math.isinf(self.right.limit)

    def times(self, factor: Fraction) -> OneSided:
        """Return both derivatives times a number.

        >>> OneSided(Side(Fraction(-1)), Side(math.inf)).times(Fraction(-2)).limits
        (Fraction(2, 1), -inf)
        """
        left, right = (Side(_times(side.limit, factor), side.doubt * abs(factor)) for side in (self.left, self.right))
        here = None if self.here is None else self.here * factor
        return replace(self, left=left, right=right, here=here)

    def derivative(self, ours: Any) -> Fraction | None:
        """Return the derivative if both sides agree on a finite one: `ours` where that is within their doubt.

        >>> OneSided(Side(Fraction(1, 10**50), Fraction(1, 10**40)), Side(Fraction(0))).derivative(0.0)
        Fraction(0, 1)
        """
        if not self.agree or self.is_infinite:
            return None
        limit = Fraction(self.right.limit)
        near = abs(Fraction(ours) - limit) <= max(self.left.doubt, self.right.doubt, EQUAL * abs(limit))
        return Fraction(ours) if near else limit

    def admits(self, ours: Any, tolerance: Fraction = Fraction(1, 10**9)) -> bool:
        """Whether a number lies between both derivatives, or is the one at the point itself where the value jumps.

        >>> OneSided(Side(Fraction(-1)), Side(Fraction(1))).admits(0.5), OneSided(Side(1), Side(math.inf)).admits(0)
        (True, False)
        """
        ours, doubt = Fraction(ours), max(self.left.doubt, self.right.doubt)
        slack = doubt + tolerance * max([Fraction(0), *(abs(Fraction(x)) for x in self.limits if not math.isinf(x))])
        inside = _lower(min(self.limits), slack) <= ours <= _lower(max(self.limits), -slack)
        return inside or bool(
            self.jumps and self.here is not None and abs(ours - self.here) <= slack + tolerance * abs(self.here)
        )


def _times(number: Number, factor: Fraction) -> Number:
    return number * float(factor) if factor and math.isinf(number) else Fraction(0 if not factor else number) * factor


def _lower(limit: Number, by: Fraction) -> Number:
    return limit if math.isinf(limit) else Fraction(limit) - by


def steps_of_size(point: Sequence[Fraction], position: int) -> list[Fraction]:
    """Return the steps beside a point along one operand, from its size, or at 0 from that of the smallest other one.

    >>> steps_of_size([Fraction(0), Fraction(1, 1000)], 0) == [Fraction(1, 1000) * SIDE**n for n in (1, 2, 4)]
    True
    """
    others = [abs(x) for x in point if x]
    size = abs(point[position]) or min([Fraction(1), *others])
    return [size * SIDE**n for n in (1, 2, 4)]


def one_sided(
    steps: Sequence[Fraction],
    value: Callable[[Fraction], Fraction | None],
    derivative: Callable[[Fraction], Fraction | None],
) -> OneSided | None:
    """Return the one-sided derivatives from functions of the distance to the point; None where there is neither.

    >>> def square_root(h): return Fraction(math.isqrt(int(h * 10**200)), 10**100)
    >>> steps = steps_of_size([Fraction(0)], 0)
    >>> one_sided(steps, square_root, lambda h: 1 / (2 * square_root(h)) if h > 0 else None).is_infinite
    True
    """
    sides, jumps = [], False
    here = value(Fraction(0))
    for sign in (-1, 1):
        found = side([derivative(sign * h) for h in steps])
        if found:
            sides.append(found)
            jumps = jumps or _jumps(here, [value(sign * step) for step in steps])
    return OneSided(sides[0], sides[-1], jumps, derivative(Fraction(0))) if sides else None


def side(slopes: Sequence[Fraction | None]) -> Side | None:
    """Return the limit of derivatives at ever smaller distances; None where one is no number, or where there is none.

    Of x**2*sin(1/x) they neither settle nor grow.

    >>> side([Fraction(1), Fraction(2), Fraction(4)]).limit, side([Fraction(1, 10), Fraction(1, 100), Fraction(0)])
    (inf, Side(limit=Fraction(0, 1), doubt=Fraction(1, 100)))
    >>> side([Fraction(2, 3), Fraction(3, 5), Fraction(1)]) is None
    True
    """
    first, second, last = slopes
    if first is None or second is None or last is None:
        return None
    change, before = abs(last - second), abs(second - first)
    if change <= before / 2 or change <= EQUAL * abs(last):
        return Side(last, change)
    grows = change > before and abs(last) > abs(second) > abs(first)
    return Side(math.copysign(math.inf, last - second)) if grows else None


def _jumps(here: Fraction | None, beside: Sequence[Fraction | None]) -> bool:
    """Whether values at ever smaller distances do not tend to the value at the point."""
    known = [near for near in beside if near is not None]
    if here is None or len(known) < len(beside):
        return False
    far, *changes = (abs(near - here) for near in known)
    return max(changes) > far / 2 and max(changes) > EQUAL * max(abs(here), *map(abs, known))
