"""Read the rules of operations on whole arrays at probes in mpmath, and hold them against their witnesses."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.array_probes import array_of, operands_of
from graphgrad.check.readings import BENT, MORE_DIGITS, agree_or_tiny, fault_text
from graphgrad.check.sympy_witness import AGREEMENT
from graphgrad.check.value_witness import attempt, real_number, referee, witness_array
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.many_digits import MPMATH_DIGITS
from graphgrad.ops.op import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.check.array_probes import Entries, Shapes
    from graphgrad.check.readings import Held
    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape

__all__ = ["direction_held", "entries_held", "forms", "pulled_back"]

MATRIX_AXES: Final = 2

MAX_SHOWN: Final = 4
"""The most entries of an operand in a message."""


def forms(op: Op, shapes: Sequence[Shape], position: int) -> tuple[bool, ...]:
    """Return the forms of a rule to check, plain and stable; the plain one beside a stable one is for matrices."""
    if not (op.stable_f or position in (op.stable_d or {})):
        return (False,)
    are_matrices = all(len(shape) == MATRIX_AXES for shape in shapes[:2])
    return (False, True) if not op.stable_d or are_matrices or op.classes is not None else (True,)


def pulled_back(op: Op, m: Entrywise, position: int, numbers: tuple[Any, Any, Sequence[Any]], *, stable: bool) -> Any:
    """Return what a rule makes of numbers (g, z, operands), summed over broadcast axes to the operand's shape."""
    g, z, operands = numbers
    return m.operations.sum_like(op.pull(m.operations, position, g, z, *operands, stable=stable), operands[position])


class ArrayReading:
    """The rules of an operation on arrays at a probe, with so many digits; lists of entries, None where one is none."""

    def __init__(self, op: Op, shapes: Shapes, point: tuple[Entries, ...], digits: int) -> None:
        self.op, self.shapes, self.point, self.digits = op, shapes, point, digits
        self.shape = op.shape(*shapes)
        self.referee = referee(digits)
        self.m = Entrywise(self.referee)
        self.operands = operands_of(self.m, shapes, point)
        self.weights = [self.m.const(Fraction(i + 2, 3)) for i in range(prod(self.shape))]

    @property
    def is_inside(self) -> bool:
        """Whether all entries lie in the domains on which the row says that its operation is smooth."""
        domains = [self.op.domain(i) for i in range(len(self.point))]
        return all(
            isinstance(domain, Interval) and domain.low < x < domain.high
            for domain, entries in zip(domains, self.point, strict=True)
            for x in entries
        )

    @property
    def is_kink(self) -> bool:
        """Whether the row says that there is no derivative here."""
        kink = self.op.kink
        return kink is not None and bool(
            attempt(lambda: self.m.np.any(kink.at(self.m.operations, *self.operands) != 0))
        )

    def witnessed(self, operands: Sequence[Any]) -> list[Any] | None:
        """Return the value by the witness; by the plain rule where the row has no witness."""
        if self.op.witness:
            return self.numbers(witness_array(self.op, self.m, operands), self.shape)
        return self.numbers(attempt(self.m.value, self.op, operands), self.shape)

    def value(self, *, stable: bool) -> list[Any] | None:
        """Return the value by the row's rule."""
        return self.numbers(attempt(self.namespace(stable=stable).value, self.op, self.operands), self.shape)

    def terms(self, position: int, *, stable: bool) -> list[Any] | None:
        """Return the products of the entries of an operand's adjoint, by the row's rule, with those of a direction."""
        m, g = self.namespace(stable=stable), array_of(self.m, self.weights, self.shape)
        z = attempt(m.value, self.op, self.operands)
        pulled = attempt(pulled_back, self.op, m, position, (g, z, self.operands), stable=stable)
        entries = self.numbers(pulled, self.shapes[position])
        return None if entries is None else [a * b for a, b in zip(entries, self.along(position), strict=True)]

    def along(self, position: int) -> list[Any]:
        """Return the entries of a direction in an operand's shape."""
        return [self.m.const(Fraction((-1) ** k * (k + 2), 3)) for k in range(prod(self.shapes[position]))]

    def sides(self, position: int) -> tuple[Any, Any] | None:
        """Return the one-sided difference quotients of the weighted sum of the witness along the direction."""
        direction = array_of(self.m, self.along(position), self.shapes[position])
        h = self.referee.context.mpf(10) ** (-self.digits // 3) * (max(map(abs, self.point[position]), default=0) or 1)
        back, here, ahead = (self.total(position, step * direction) for step in (-h, 0, h))
        return None if back is None or here is None or ahead is None else ((here - back) / h, (ahead - here) / h)

    def total(self, position: int, move: Any) -> Any:
        """Return the weighted sum of the witness's entries, with one operand moved."""
        moved = [*self.operands[:position], self.operands[position] + move, *self.operands[position + 1 :]]
        entries = self.witnessed(moved)
        return None if entries is None else sum(a * b for a, b in zip(self.weights, entries, strict=True))

    def namespace(self, *, stable: bool) -> Entrywise:
        """Return the namespace that reads the plain or the stable rules."""
        return Entrywise(referee(self.digits, stable=stable))

    def numbers(self, array: Any, shape: Shape) -> list[Any] | None:
        """Return the entries of an array of a shape; None where it has another shape, or an entry is no number."""
        np = self.m.np
        flat: list[Any] = attempt(lambda: [*np.broadcast_to(np.asarray(array, dtype=object), shape).flat]) or [None]
        numbers = [real_number(self.referee, _itself, x) for x in flat]
        return None if any(x is None for x in numbers) else numbers

    def text(self) -> str:
        """Return the probe in writing."""
        return "; ".join(", ".join(f"{float(x):.3g}" for x in values[:MAX_SHOWN]) for values in self.point)


def _itself(x: Any) -> Any:
    return x


def entries_held(op: Op, shapes: Shapes, point: tuple[Entries, ...], digits: int = MPMATH_DIGITS) -> Held:
    """Return where the rules of an array operation's value differ from its witness; None where that has no value.

    >>> from dataclasses import replace
    >>> from graphgrad.ops.table import OPS
    >>> wrong = replace(OPS["outer"], f=lambda m, x, y: m.outer(y, x))
    >>> entries_held(wrong, ((2,), (2,)), ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))))
    'the rule gives 6, the witness 4, at 1, 2; 3, 4'
    """
    at = ArrayReading(op, shapes, point, digits)
    theirs = at.witnessed(at.operands)
    if theirs is None:
        return None
    for stable in (False, True) if op.stable_f else (False,):
        ours = at.value(stable=stable)
        if ours is None and (stable or at.is_inside):
            return fault_text(None, "the witness", theirs[0] if theirs else None, at.text(), stable=stable)
        for a, b in zip(ours or (), theirs, strict=ours is not None):
            if not agree_or_tiny(a, b):
                again = digits < MORE_DIGITS
                return (
                    entries_held(op, shapes, point, MORE_DIGITS)
                    if again
                    else fault_text(a, "the witness", b, at.text(), stable=stable)
                )
    return ""


def direction_held(
    op: Op, shapes: Shapes, position: int, point: tuple[Entries, ...], digits: int = MPMATH_DIGITS
) -> Held:
    """Return where the rules for an operand's adjoint differ from differences of the witness along a direction.

    >>> from dataclasses import replace
    >>> from graphgrad.ops.table import OPS
    >>> wrong = replace(OPS["outer"], vjp=(lambda m, g, z, x, y: g @ x,))
    >>> direction_held(wrong, ((2,), (2,)), 0, ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))))
    'the rule gives -2.88889, the difference quotient -6.66667, at 1, 2; 3, 4'
    """
    at = ArrayReading(op, shapes, point, digits)
    sides = at.sides(position)
    if sides is None:
        return None
    bent = at.is_kink or abs(sides[0] - sides[1]) > BENT * max(map(abs, sides))
    for stable in forms(op, shapes, position):
        terms = at.terms(position, stable=stable)
        if terms is None and (bent or not at.is_inside):
            continue
        ours = None if terms is None else sum(terms)
        theirs = min(max(ours, min(sides)), max(sides)) if bent and ours is not None else sum(sides) / 2
        if not agree_or_tiny(ours, theirs, BENT if bent else AGREEMENT, sum(map(abs, terms or ()))):
            if ours is not None and digits < MORE_DIGITS:
                return direction_held(op, shapes, position, point, MORE_DIGITS)
            return fault_text(ours, "the difference quotient", theirs, at.text(), stable=stable)
    return ""
