"""Find the choices one of whose branches is taken at single points only, and take their derivative from the other one.

In `where(x, x, -x)` the condition is 0 at x = 0 alone: near 0 the function is x, and so is its derivative at 0.
"""

from __future__ import annotations

import math
from dataclasses import fields
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.graph.packed_steps import PackedSteps
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import Op, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphgrad.text.statement import Number

__all__ = ["with_point_branches"]

PROBES: Final = (-2.0, 0.0, 2.5)
"""The numbers at which an operation has a value if it has one everywhere: a pole is at 0, an end at 0, 1 or -1."""

OTHER: Final = "its condition is 0 at this point only; the derivative taken is the other branch's where both are equal"
TAKEN: Final = (
    "its condition is 0 at this point only; the derivative taken is that of the branch taken here, and may not be the "
    "function's"
)


def _at_0(m: Any, c: Any, *_branches: Any) -> Any:
    return m.eq(c, 0)


def with_point_branches(
    steps: Sequence[Step], constants: Mapping[int, Number], inputs: Collection[int]
) -> Sequence[Step]:
    """Return the steps with each choice by a number, or by an equality, replaced by one that knows such points.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> [step.op.kink is None for step in build("", parse("where(x > 1, where(x, x, -x), 0)")).steps if step.op.chooses]
    [False, True]
    """
    conditions = {operands[0] for _, op, operands in steps if op.chooses}
    deciders = {op for target, op, _ in steps if target in conditions}
    if conditions.isdisjoint(inputs) and not any(map(_is_zero_at_points, deciders)):
        return steps
    nodes = _Nodes(constants, inputs)
    read = map(nodes.read, steps)
    return PackedSteps(read) if isinstance(steps, PackedSteps) else [*read]


class _Nodes:
    """What is known of each node: its inputs as bits, and whether it jumps only, is smooth, has a value everywhere."""

    def __init__(self, constants: Mapping[int, Number], inputs: Collection[int]) -> None:
        self.constants = constants
        self.inputs = {node: 1 << i for i, node in enumerate(inputs)}
        self.stepwise = set(constants)
        self.smooth = {*constants, *inputs}
        self.total = {*constants, *inputs}
        self.ops: dict[int, Step] = {}

    def read(self, step: Step) -> Step:
        """Note what is known of a step's node; return the step."""
        target, op, operands = step
        bits = 0
        for operand in operands:
            bits |= self.inputs.get(operand, 0)
        self.inputs[target], self.ops[target] = bits, step
        if op.flat or self.stepwise.issuperset(operands):
            self.stepwise.add(target)
        if op.kink is None and not op.chooses and not op.flat and self.smooth.issuperset(operands):
            self.smooth.add(target)
        known = tuple(float(self.constants[i].value) if i in self.constants else None for i in operands)
        if self.total.issuperset(operands) and _is_total(op, known):
            self.total.add(target)
        return Step(target, self._choice(op, operands), operands) if op.chooses else step

    def _choice(self, op: Op, operands: tuple[int, ...]) -> Op:
        condition, *branches = operands
        decider = self.ops.get(condition)
        at_equality = None if decider is None else _equality(decider.op)
        if at_equality is None and condition in self.stepwise:
            return op
        decided_by = (condition,) if at_equality is None or decider is None else decider.operands
        free = self.inputs.get(condition, 0)
        continues = (
            self.smooth.issuperset(decided_by)
            and self.total.issuperset(branches)
            and not any(self.inputs.get(branch, 0) & ~free for branch in branches)
        )
        return _at_points(op, at_equality, continues)


class _PointChoice(Op):
    """A choice that knows the points at which its condition is 0; it is pickled as how it was made."""

    __slots__ = ("made_from",)
    made_from: tuple[Op, float | None, bool]
    """The arguments with which `_at_points` makes it."""

    @classmethod
    def of(cls, *made_from: Any, **changes: Any) -> _PointChoice:
        """Return the operation that comes first of the arguments, with other rules."""
        op = made_from[0]
        choice = cls(**{field.name: getattr(op, field.name) for field in fields(op) if field.init} | changes)
        object.__setattr__(choice, "made_from", made_from)
        return choice

    def __reduce__(self) -> Any:
        """Return how to make it again."""
        return _at_points, self.made_from


@lru_cache(maxsize=64)
def _at_points(op: Op, at_equality: float | None, continues: bool) -> Op:  # noqa: FBT001  a cache takes it by position
    """Return a choice that knows the points at which its condition is 0, or its equality holds."""
    kink = Kink(_at_0, OTHER if continues else TAKEN, isolated=not continues) if at_equality is None else None
    if not continues:
        return op if kink is None else _PointChoice.of(op, at_equality, continues, kink=kink)

    def first(m: Any, c: Any, x: Any, y: Any) -> Any:
        """Return whether the first branch gives the derivative."""
        return m.where(c, m.ne(x, y), 0) if at_equality else m.where(c, 1, m.eq(x, y))

    rules = (
        op.d[0],
        lambda m, _z, c, x, y: m.where(first(m, c, x, y), 1, 0),
        lambda m, _z, c, x, y: m.where(first(m, c, x, y), 0, 1),
    )
    return _PointChoice.of(op, at_equality, continues, kink=kink, d=rules)


@lru_cache(maxsize=256)
def _is_zero_at_points(op: Op) -> bool:
    """Whether a condition by this operation may be 0, or its equality hold, at single points."""
    return not op.flat or _equality(op) is not None


@lru_cache(maxsize=256)
def _equality(op: Op) -> float | None:
    """Return what a comparison gives at equal operands, if it gives the opposite on either side; None for any other."""
    if not op.flat or op.arity != 2:  # noqa: PLR2004  a comparison has two sides
        return None
    m = Floats()
    sides = [[m.value(op, [y + step, y]) for step in (-1.0, 0.0, 1.0)] for y in (0.0, 1.0)]
    if any(isinstance(value, Fault) for value in sides[0] + sides[1]) or sides[0] != sides[1]:
        return None
    below, equal, above = sides[0]
    return float(equal) if below == above != equal else None


@lru_cache(maxsize=1024)
def _is_total(op: Op, known: tuple[float | None, ...]) -> bool:
    """Whether an operation has a value for all numbers in place of the operands that are not known.

    >>> from graphgrad.ops.table import OPS
    >>> _is_total(OPS["pow"], (None, 2.0)), _is_total(OPS["pow"], (None, -2.0)), _is_total(OPS["div"], (None, None))
    (True, False, False)
    """
    if op.on_arrays:
        return False
    domains = [op.domain(i) for i, x in enumerate(known) if x is None]
    if all(domain.probes(1) == (0.0,) and _is_unbounded(domain) for domain in domains):
        return True
    m = Floats()
    points = product(*(PROBES if x is None else (x,) for x in known))
    return not any(isinstance(m.value(op, list(point)), Fault) for point in points)


def _is_unbounded(domain: Any) -> bool:
    return math.isinf(getattr(domain, "low", 0)) and math.isinf(getattr(domain, "high", 0))
