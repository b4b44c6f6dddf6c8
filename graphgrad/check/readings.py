"""Read an operation's rules at a probe in mpmath, and hold them against its witness: value and derivatives."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.probes import is_inside
from graphgrad.check.sympy_witness import AGREEMENT
from graphgrad.check.value_witness import attempt, real_number, referee, witness_value
from graphgrad.namespaces.display import short
from graphgrad.namespaces.many_digits import MPMATH_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.check.probes import Point
    from graphgrad.namespaces.many_digits import Mpmath
    from graphgrad.ops.op import Op

__all__ = ["BENT", "MORE_DIGITS", "Held", "Reading", "agree_or_tiny", "derivative_held", "fault_text", "value_held"]

MORE_DIGITS: Final = 800
"""The digits in which numbers that disagree are computed again, since a rule may cancel that many digits."""

TINIEST: Final = 4 * math.ulp(0.0)
"""Four times the smallest float: a smaller difference does not exist in float64."""

BENT: Final = 1e-8
"""The relative difference of one-sided derivatives from which a point counts as a kink."""

Held = str | None
"""What a comparison found: a fault, empty where there is none; None where there is nothing to compare with."""


class Reading:
    """An operation's rules at a point, with so many digits; every number is None where there is none.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> at = Reading(OPS["sqrt"], (Fraction(4),))
    >>> print(at.witnessed(), at.value(stable=False), at.partial(0, stable=False), short(float(at.sides(0)[0])))
    2.0 2.0 0.25 0.25
    """

    def __init__(self, op: Op, point: Point, digits: int = MPMATH_DIGITS) -> None:
        self.op, self.point = op, point
        self.plain, self.stable = referee(digits), referee(digits, stable=True)
        self.xs = [self.plain.const(x) for x in point]
        self.small = self.plain.context.mpf(10) ** (-digits // 3)

    @cached_property
    def is_kink(self) -> bool:
        """Whether the row says that there is no derivative here."""
        kink = self.op.kink
        return kink is not None and bool(attempt(kink.at, self.plain.operations, *self.xs))

    @cached_property
    def here(self) -> Any:
        """The value by the witness."""
        return self.witnessed()

    def witnessed(self, position: int = 0, step: Any = 0) -> Any:
        """Return the value by the witness, with one operand moved; by the plain rule where the row has no witness."""
        xs = [*self.xs[:position], self.xs[position] + step, *self.xs[position + 1 :]] if step else self.xs
        if self.op.witness is None:
            return real_number(self.plain, self.plain.value, self.op, xs)
        return witness_value(self.op, self.plain, xs)

    def value(self, *, stable: bool) -> Any:
        """Return the value by the row's rule."""
        m = self.namespace(stable=stable)
        return real_number(m, m.value, self.op, self.xs)

    def partial(self, position: int, *, stable: bool) -> Any:
        """Return the local derivative by the row's rule."""
        m = self.namespace(stable=stable)
        return real_number(m, lambda: m.partial(self.op, position, m.value(self.op, self.xs), self.xs))

    def namespace(self, *, stable: bool) -> Mpmath:
        """Return the namespace that reads the plain or the stable rules."""
        return self.stable if stable else self.plain

    def sides(self, position: int) -> tuple[Any, Any] | None:
        """Return the one-sided difference quotients of the witness, left and right; None where one does not exist."""
        h = self.small * (abs(self.xs[position]) or self.small.context.mpf("1e-6"))
        back, ahead = self.witnessed(position, -h), self.witnessed(position, h)
        if self.here is None or back is None or ahead is None:
            return None
        return (self.here - back) / h, (ahead - self.here) / h


def value_held(op: Op, point: Point, digits: int = MPMATH_DIGITS) -> Held:
    """Return where the value's rules, plain and stable, differ from the witness at a point.

    >>> from dataclasses import replace
    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> value_held(replace(OPS["sqrt"], f=lambda m, x: m.cbrt(x)), (Fraction(64),))
    'the rule gives 4, the witness 8, at x = 64'
    """
    at = Reading(op, point, digits)
    theirs = at.here
    if theirs is None:
        return None
    for stable in _forms(op.stable_f):
        ours = at.value(stable=stable)
        if ours is None and not stable and not is_inside(op, point):
            continue
        if not agree_or_tiny(ours, theirs):
            again = digits < MORE_DIGITS and ours is not None
            if again:
                return value_held(op, point, MORE_DIGITS)
            return fault_text(ours, "the witness", theirs, _point_text(point), stable=stable)
    return ""


def derivative_held(op: Op, position: int, point: Point, digits: int = MPMATH_DIGITS) -> Held:
    """Return where a derivative's rules, plain and stable, differ from differences of the witness at a point.

    >>> from dataclasses import replace
    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> derivative_held(replace(OPS["sqrt"], d=(lambda m, z, x: 1 / z,)), 0, (Fraction(4),))
    'the rule gives 0.5, the difference quotient 0.25, at x = 4'
    """
    at = Reading(op, point, digits)
    sides = None if op.flat and at.is_kink else at.sides(position)
    if sides is None:
        return None
    left, right = sides
    bent = at.is_kink or abs(left - right) > BENT * max(abs(left), abs(right))
    for stable in _forms((op.stable_d or {}).get(position) or op.stable_f):
        ours = at.partial(position, stable=stable)
        if ours is None and (bent or not is_inside(op, point)):
            continue
        theirs = min(max(ours, min(sides)), max(sides)) if bent and ours is not None else (left + right) / 2
        if not agree_or_tiny(ours, theirs, BENT if bent else AGREEMENT):
            if digits < MORE_DIGITS and ours is not None:
                return derivative_held(op, position, point, MORE_DIGITS)
            return fault_text(ours, "the difference quotient", theirs, _point_text(point), stable=stable)
    return ""


def _forms(has_stable: Callable[..., Any] | None) -> tuple[bool, ...]:
    return (False, True) if has_stable else (False,)


def agree_or_tiny(ours: Any, theirs: Any, tolerance: float = AGREEMENT, scale: Any = 0) -> bool:
    """Whether two numbers agree relative to the largest of both and `scale`, or differ by less than a float can hold.

    >>> agree_or_tiny(1e-325, 0), agree_or_tiny(1.0, 1.0 + 1e-12), agree_or_tiny(None, 1)
    (True, False, False)
    """
    return ours is not None and bool(abs(ours - theirs) <= max(tolerance * max(abs(ours), abs(theirs), scale), TINIEST))


def fault_text(ours: Any, referee: str, theirs: Any, at: str, *, stable: bool) -> str:
    """Return a fault in writing: which rule gives which number, and where.

    >>> fault_text(4.0, "the witness", 8.0, "x = 64", stable=False)
    'the rule gives 4, the witness 8, at x = 64'
    """
    rule = "the stable rule" if stable else "the rule"
    return f"{rule} gives {_shown(ours)}, {referee} {_shown(theirs)}{f', at {at}' * bool(at)}"


def _shown(number: Any) -> str:
    return "no number" if number is None else short(float(number))


def _point_text(point: Point) -> str:
    return ", ".join(f"{name} = {short(float(x))}" for name, x in zip("xyz", point, strict=False))
