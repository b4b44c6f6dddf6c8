"""Read an operation's rules at a probe in mpmath, and hold them against its witness: value and derivatives."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.arguments import as_float
from graphgrad.check.probes import is_inside
from graphgrad.check.sympy_witness import AGREEMENT
from graphgrad.check.value_witness import attempt, real_number, referee, witness_value
from graphgrad.namespaces.display import short
from graphgrad.namespaces.many_digits import MPMATH_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.check.probes import Point
    from graphgrad.namespaces.many_digits import Mpmath
    from graphgrad.ops.op import Op

__all__ = [
    "BENT",
    "Held",
    "Pair",
    "Reading",
    "agree_or_tiny",
    "derivative_held",
    "fault_text",
    "first_disagreement",
    "is_bent",
    "nearest",
    "value_held",
]

DIGITS: Final = (MPMATH_DIGITS, 150, 800)
"""The digits in which numbers are computed, until they agree or no longer change: a rule may cancel so many digits."""

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
        self.op, self.point, self.digits = op, point, digits
        self.plain, self.stable = referee(digits), referee(digits, stable=True)
        self.xs = [self.plain.const(x) for x in point]
        self.small = self.plain.context.mpf(10) ** (-digits // 3)

    def again(self, digits: int) -> Reading:
        """Return the same with more digits."""
        return self if digits == self.digits else Reading(self.op, self.point, digits)

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


Pair = tuple[Any, Any]
"""A number by a rule, and the referee's."""


def first_disagreement(pairs: Callable[[int], Sequence[Pair] | None], agree: Callable[[Pair], bool]) -> Pair | None:
    """Return the first of several pairs that disagree in more and more digits; None where all agree.

    `pairs(digits)` computes them. Where one disagrees, they are computed in more digits, unless both of its numbers
    stay as they are.

    >>> first_disagreement(lambda digits: [(2, 2), (3, 4)], lambda pair: pair[0] == pair[1])
    (3, 4)
    """
    before = None
    for digits in DIGITS:
        found = next((pair for pair in pairs(digits) or () if not agree(pair)), None)
        if found is None or found[0] is None or (before is not None and _is_settled(before, found)):
            return found
        before = found
    return before


def _is_settled(before: Pair, now: Pair) -> bool:
    """Whether more digits have left both numbers as they are; a 0 may be what is left of a number that cancels."""
    return all(a is not None and b is not None and a and agree_or_tiny(a, b) for a, b in zip(before, now, strict=True))


def value_held(op: Op, point: Point) -> Held:
    """Return where the value's rules, plain and stable, differ from the witness at a point.

    >>> from dataclasses import replace
    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> value_held(replace(OPS["sqrt"], f=lambda m, x: m.cbrt(x)), (Fraction(64),))
    'the rule gives 4, the witness 8, at x = 64'
    """
    at = Reading(op, point)
    if at.here is None:
        return None
    found = (_value_fault(at, stable=stable) for stable in _forms(op.stable_f))
    return next(filter(None, found), "")


def _value_fault(at: Reading, *, stable: bool) -> str:
    found = first_disagreement(
        lambda digits: _value_pairs(at.again(digits), stable=stable), lambda p: agree_or_tiny(*p)
    )
    return fault_text(*found, "the witness", _point_text(at.point), stable=stable) if found else ""


def _value_pairs(at: Reading, *, stable: bool) -> list[Pair] | None:
    ours = at.value(stable=stable)
    return None if ours is None and not stable and not is_inside(at.op, at.point) else [(ours, at.here)]


def derivative_held(op: Op, position: int, point: Point) -> Held:
    """Return where a derivative's rules, plain and stable, differ from differences of the witness at a point.

    >>> from dataclasses import replace
    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> derivative_held(replace(OPS["sqrt"], d=(lambda m, z, x: 1 / z,)), 0, (Fraction(4),))
    'the rule gives 0.5, the difference quotient 0.25, at x = 4'
    """
    if op.chooses and point[-2] == point[-1]:
        return None  # where both branches have one value, the derivative taken may be either's
    at = Reading(op, point)
    sides = None if op.flat and at.is_kink else at.sides(position)
    if sides is None:
        return None
    bent = at.is_kink or is_bent(sides)
    forms = _forms((op.stable_d or {}).get(position) or op.stable_f)
    found = (_derivative_fault(at, position, stable=stable, bent=bent) for stable in forms)
    return next(filter(None, found), "")


def _derivative_fault(at: Reading, position: int, *, stable: bool, bent: bool) -> str:
    found = first_disagreement(
        lambda digits: _derivative_pairs(at.again(digits), position, stable=stable, bent=bent),
        lambda pair: agree_or_tiny(*pair, BENT if bent else AGREEMENT),
    )
    return fault_text(*found, "the difference quotient", _point_text(at.point), stable=stable) if found else ""


def _derivative_pairs(at: Reading, position: int, *, stable: bool, bent: bool) -> list[Pair] | None:
    ours, sides = at.partial(position, stable=stable), at.sides(position)
    if sides is None or (ours is None and (bent or not is_inside(at.op, at.point))):
        return None
    return [(ours, nearest(ours, sides) if bent else sum(sides) / 2)]


def is_bent(sides: Pair) -> bool:
    """Whether one-sided derivatives differ by more than the size of the step."""
    return bool(abs(sides[0] - sides[1]) > BENT * max(map(abs, sides)))


def nearest(x: Any, sides: Pair) -> Any:
    """Return the number between two one-sided derivatives that is nearest to x.

    >>> nearest(0, (-1, 1)), nearest(2, (-1, 1))
    (0, 1)
    """
    return min(max(x, min(sides)), max(sides))


def _forms(has_stable: Callable[..., Any] | None) -> tuple[bool, ...]:
    return (False, True) if has_stable else (False,)


def agree_or_tiny(ours: Any, theirs: Any, tolerance: float = AGREEMENT, scale: Any = 0) -> bool:
    """Whether two numbers agree relative to the largest of both and `scale`, or differ by less than a float can hold.

    >>> agree_or_tiny(1e-325, 0), agree_or_tiny(1.0, 1.0 + 1e-12), agree_or_tiny(None, 1)
    (True, False, False)
    """
    return ours is not None and bool(abs(ours - theirs) <= max(tolerance * max(abs(ours), abs(theirs), scale), TINIEST))


def fault_text(ours: Any, theirs: Any, referee: str, at: str, *, stable: bool) -> str:
    """Return a fault in writing: which rule gives which number, and where.

    >>> fault_text(4.0, 8.0, "the witness", "x = 64", stable=False)
    'the rule gives 4, the witness 8, at x = 64'
    """
    rule = "the stable rule" if stable else "the rule"
    return f"{rule} gives {_shown(ours)}, {referee} {_shown(theirs)}{f', at {at}' * bool(at)}"


def _shown(number: Any) -> str:
    return "no number" if number is None else short(as_float(number))


def _point_text(point: Point) -> str:
    return ", ".join(f"{name} = {short(float(x))}" for name, x in zip("xyz", point, strict=False))
