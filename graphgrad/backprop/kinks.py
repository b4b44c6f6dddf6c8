"""Find the kinks at a point: nodes without a derivative there that matter to the gradient."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.faults import fault_in
from graphgrad.graph.packed_steps import ops_of
from graphgrad.namespaces.array_values import broadcast_to, each_with_value, is_array, shape_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.op import nothing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Step
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape


__all__ = ["is_beside_kink", "kink_entries", "kinks_at"]


def kinks_at(
    tape: Tape, m: Namespace, values: Sequence[Any], backward: Adjoints, fixed: Collection[int]
) -> tuple[int, ...]:
    """Return the nodes that have no derivative at this point and that matter to the gradient.

    A node matters if an operand depends on a wanted input and the output depends on the node. A dependence ends at the
    branch that `where` did not take, at the smaller operand of a `max`, and at a `floor` off its jumps.
    In this example `max` has a kink where both operands are 1, and `abs` has none:

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "max(x, y) + abs(x)"
    >>> passes = backprop(build(text, parse(text)), {"x": 1, "y": 1})
    >>> [passes.tape.step(node).op.name for node in passes.kinks]
    ['max']
    """
    if not any(op.kink for op in ops_of(tape.steps)):
        return ()
    return _Point(tape, m, values, backward, fixed).kinks()


class _Point:
    """The values and adjoints at a point, and the registers that depend on a wanted input."""

    def __init__(
        self, tape: Tape, m: Namespace, values: Sequence[Any], backward: Adjoints, fixed: Collection[int]
    ) -> None:
        self.tape, self.m, self.values, self.backward = tape, m, values, backward
        self.varying = {register for register in tape.inputs.values() if register not in fixed}
        flat = {op for op in ops_of(tape.steps) if op.flat}
        varying = self.varying
        for step in tape.steps:
            if not varying.isdisjoint(step.operands) and (step.op not in flat or self.is_at_kink(step)):
                varying.add(step.target)

    def kinks(self) -> tuple[int, ...]:
        """Return the nodes at a kink on which the output depends."""
        kinked = {op for op in ops_of(self.tape.steps) if op.kink}
        candidates = (step for step in self.tape.steps if step.op in kinked and step.target in self.varying)
        at_kink = {step.target for step in candidates if self.is_at_kink(step)}
        if not at_kink:
            return ()
        reached, kinks = set(self.tape.outputs), []
        for step in reversed(self.tape.steps):
            if step.target in reached and step.target in self.varying:
                if step.target in at_kink and self.matters(step):
                    kinks.append(step.target)
                reached.update(self.live_operands(step))
        return tuple(reversed(kinks))

    def is_at_kink(self, step: Step) -> bool:
        """Whether an operation has no derivative at its operands, of which at least one varies."""
        distinct = list(dict.fromkeys(step.operands))
        if step.op.kink is None or self.varying.isdisjoint(distinct) or len(distinct) < min(len(step.operands), 2):
            return False
        if step.op.chooses:
            distinct = distinct[:1]  # its condition decides; a branch may be undefined
        xs = [self.values[i] for i in distinct]
        has_no_value = any(isinstance(x, Fault) for x in (*xs, self.values[step.target]))
        if has_no_value or (step.op.chooses and distinct[0] not in self.varying):
            return False
        if any(map(is_array, xs)):
            return bool(kink_entries(step, self.m, xs, self.backward.adjoints.get(step.target)).any())
        try:
            if not step.op.kink.at(self.m.operations, *xs):
                return False
        except (ArithmeticError, ValueError):  # a step of the rule is beyond the floats, and so are the operands
            return False
        return not step.op.chooses or distinct[0] in self.moving

    def matters(self, step: Step) -> bool:
        """Whether a kink has an effect: a jump has, any other only where the node's adjoint is not 0."""
        if step.op.flat or step.op.chooses:
            return True
        adjoint = self.backward.adjoints.get(step.target)
        return adjoint is not None and (is_array(adjoint) or bool(adjoint != 0))

    def live_operands(self, step: Step) -> list[int]:
        """Return the operands that a node follows, all of them where it is part of a condition."""
        operands = [(i, operand) for i, operand in enumerate(step.operands) if operand in self.varying]
        if step.target not in self.backward.adjoints:
            return [operand for _, operand in operands]
        return [
            operand
            for position, operand in operands
            if self.backward.carries((step.target, position)) or step.op.rule(position) is nothing
        ]

    @cached_property
    def moving(self) -> set[int]:
        """The registers that change near the point: not `max(x, 0)` at -1, nor `x*y` where y is fixed at 0."""
        moving = self.varying.intersection(self.tape.inputs.values())
        for step in self.tape.steps:
            if step.target in self.varying and not isinstance(self.values[step.target], Fault):
                moves = [operand in moving for operand in step.operands]
                if any(self.follows(step, i, moves) for i, is_moving in enumerate(moves) if is_moving):
                    moving.add(step.target)
        return moving

    def follows(self, step: Step, position: int, moves: Sequence[bool]) -> bool:
        """Whether an operation changes with one of its operands near the point; `moves` says which operands change."""
        op, xs = step.op, [self.values[i] for i in step.operands]
        if op.chooses and not position:
            return is_array(xs[0]) or bool(xs[0] == 0)
        if op.flat or (op.kink and not op.chooses and self.is_at_kink(step)):
            return True
        if op.kink or op.chooses:
            d = self.m.partial(op, position, self.values[step.target], xs)
            return is_array(self.values[step.target]) or isinstance(d, Fault) or bool(d != 0)
        others = (op.absorbing or {}).items()
        return not any(
            i != position and not moves[i] and not is_array(xs[i]) and xs[i] == number for i, (number, _) in others
        )


def is_beside_kink(step: Step, m: Namespace, values: Sequence[Any]) -> bool:
    """Whether a row has a shorter rule beside its kink, and the operands, or all of their entries, are beside it.

    >>> from graphgrad.namespaces.floats import Floats
    >>> from graphgrad.ops.op import Step
    >>> from graphgrad.ops.table import OPS
    >>> [is_beside_kink(Step(2, OPS["max"], (0, 1)), Floats(), values) for values in ([1.0, 2.0], [2.0, 2.0])]
    [True, False]
    """
    kink, xs = step.op.kink, [values[i] for i in step.operands]
    if kink is None or kink.beside is None or any(isinstance(x, Fault) for x in xs):
        return False
    is_at = kink.at(m.operations, *xs)
    return not (is_at.any() if is_array(is_at) else is_at)


def kink_entries(step: Step, m: Namespace, xs: Sequence[Any], adjoint: Any) -> Any:
    """Return where an array has a kink, as 1 and 0; an entry whose adjoint is 0 has none."""
    at = _entries_at_kink(step, m, xs)
    counts = adjoint != 0 if is_array(adjoint) and adjoint.shape == shape_of(at) else 1
    return broadcast_to(at * counts, shape_of(at))


def _entries_at_kink(step: Step, m: Namespace, xs: Sequence[Any]) -> Any:
    """Return where an operation on arrays has a kink; nowhere in an entry that has no value."""
    if step.op.kink is None:
        return 0
    if all(fault_in(x) is None for x in xs):
        return step.op.kink.at(m.operations, *xs)
    return 0 if step.op.on_arrays else each_with_value(partial(step.op.kink.at, m.entries.operations), xs)
