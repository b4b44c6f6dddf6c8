"""Read the rules of operations on whole arrays at probes in mpmath, and hold them against their witnesses."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.array_probes import array_of, operands_of
from graphgrad.check.readings import BENT, agree_or_tiny, fault_text, first_disagreement, is_bent, nearest
from graphgrad.check.sympy_witness import AGREEMENT
from graphgrad.check.value_witness import attempt, real_number, referee, witness_array
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.many_digits import MPMATH_DIGITS
from graphgrad.ops.array_domains import Definite, Places
from graphgrad.ops.op import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.check.array_probes import Entries, Shapes
    from graphgrad.check.readings import Held, Pair
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

    def __init__(self, op: Op, shapes: Shapes, point: tuple[Entries, ...], digits: int = MPMATH_DIGITS) -> None:
        self.op, self.shapes, self.point, self.digits = op, shapes, point, digits
        self.shape = op.shape(*shapes)
        self.referee = referee(digits)
        self.m = Entrywise(self.referee)
        self.operands = operands_of(self.m, shapes, point)
        self.weights = [self.m.const(Fraction(i + 2, 3)) for i in range(prod(self.shape))]

    def again(self, digits: int) -> ArrayReading:
        """Return the same with more digits."""
        return self if digits == self.digits else ArrayReading(self.op, self.shapes, self.point, digits)

    @property
    def is_inside(self) -> bool:
        """Whether all entries lie in the domains on which the row says that its operation is smooth."""
        domains = [self.op.domain(i) for i in range(len(self.point))]
        return all(
            isinstance(domain, (Definite, Places)) or (isinstance(domain, Interval) and domain.low < x < domain.high)
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


def entries_held(op: Op, shapes: Shapes, point: tuple[Entries, ...]) -> Held:
    """Return where the rules of an array operation's value differ from its witness; None where that has no value.

    >>> from dataclasses import replace
    >>> from graphgrad.ops.table import OPS
    >>> wrong = replace(OPS["outer"], f=lambda m, x, y: m.outer(y, x))
    >>> entries_held(wrong, ((2,), (2,)), ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))))
    'the rule gives 6, the witness 4, at 1, 2; 3, 4'
    """
    at = ArrayReading(op, shapes, point)
    if at.witnessed(at.operands) is None:
        return None
    found = (_entry_fault(at, stable=stable) for stable in ((False, True) if op.stable_f else (False,)))
    return next(filter(None, found), "")


def _entry_fault(at: ArrayReading, *, stable: bool) -> str:
    found = first_disagreement(
        lambda digits: _entry_pairs(at.again(digits), stable=stable), lambda p: agree_or_tiny(*p)
    )
    return fault_text(*found, "the witness", at.text(), stable=stable) if found else ""


def _entry_pairs(at: ArrayReading, *, stable: bool) -> list[Pair] | None:
    ours, theirs = at.value(stable=stable), at.witnessed(at.operands)
    if theirs is None or (ours is None and not stable and not at.is_inside):
        return None
    return [*zip([None] * len(theirs) if ours is None else ours, theirs, strict=True)]


def direction_held(op: Op, shapes: Shapes, position: int, point: tuple[Entries, ...]) -> Held:
    """Return where the rules for an operand's adjoint differ from differences of the witness along a direction.

    >>> from dataclasses import replace
    >>> from graphgrad.ops.table import OPS
    >>> wrong = replace(OPS["outer"], vjp=(lambda m, g, z, x, y: g @ x,))
    >>> direction_held(wrong, ((2,), (2,)), 0, ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))))
    'the rule gives -2.88889, the difference quotient -6.66667, at 1, 2; 3, 4'
    """
    at = ArrayReading(op, shapes, point)
    sides = at.sides(position)
    if sides is None:
        return None
    bent = at.is_kink or is_bent(sides)
    found = (_direction_fault(at, position, stable=stable, bent=bent) for stable in forms(op, shapes, position))
    return next(filter(None, found), "")


def _direction_fault(at: ArrayReading, position: int, *, stable: bool, bent: bool) -> str:
    scale = sum(map(abs, at.terms(position, stable=stable) or ()))
    found = first_disagreement(
        lambda digits: _direction_pairs(at.again(digits), position, stable=stable, bent=bent),
        lambda pair: agree_or_tiny(*pair, BENT if bent else AGREEMENT, scale),
    )
    return fault_text(*found, "the difference quotient", at.text(), stable=stable) if found else ""


def _direction_pairs(at: ArrayReading, position: int, *, stable: bool, bent: bool) -> list[Pair] | None:
    terms, sides = at.terms(position, stable=stable), at.sides(position)
    if sides is None or (terms is None and (bent or not at.is_inside)):
        return None
    ours = None if terms is None else sum(terms)
    return [(ours, nearest(ours, sides) if bent else sum(sides) / 2)]
