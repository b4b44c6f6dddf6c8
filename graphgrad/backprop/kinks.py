"""Find the kinks that a point lies at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.array_values import is_array, repeated, shape_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.op import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Step
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape


__all__ = ["kink_entries", "kinks_at"]


def kinks_at(
    tape: Tape, m: Namespace, values: Sequence[Any], backward: Adjoints, fixed: Collection[int]
) -> tuple[int, ...]:
    """Return the nodes that have no derivative at this point and a say in the gradient.

    A node counts only if an operand moves with a wanted input, and if its own movement reaches the output: the branch
    that `where` did not take, the loser of a `max`, or a `floor` away from its jumps let nothing through.
    """
    if not any(op.kink for op in {step.op for step in tape.steps}):
        return ()
    at_kink = partial(_at_kink, m, values, backward)
    moving = _moving(tape, at_kink, fixed)
    reached, kinks = set(tape.outputs), []
    for step in reversed(tape.steps):
        if step.target in reached and step.target in moving:
            if at_kink(step, moving):
                kinks.append(step.target)
            reached.update(_live_operands(step, backward, moving))
    return tuple(reversed(kinks))


def _moving(tape: Tape, at_kink: Callable[[Step, set[int]], bool], fixed: Collection[int]) -> set[int]:
    moving = {register for register in tape.inputs.values() if register not in fixed}
    for step in tape.steps:
        if not moving.isdisjoint(step.operands) and (not step.op.flat or at_kink(step, moving)):
            moving.add(step.target)
    return moving


def _at_kink(m: Namespace, values: Sequence[Any], backward: Adjoints, step: Step, moving: set[int]) -> bool:
    distinct = list(dict.fromkeys(step.operands))
    if step.op.kink is None or moving.isdisjoint(distinct) or len(distinct) < min(len(step.operands), 2):
        return False
    xs = [values[i] for i in distinct]
    if any(isinstance(x, Fault) for x in xs):
        return False
    if any(map(is_array, xs)):
        return bool(kink_entries(step, m, xs, backward.adjoints.get(step.target)).any())
    return bool(step.op.kink.at(m.operations, *xs))


def kink_entries(step: Step, m: Namespace, xs: Sequence[Any], adjoint: Any) -> Any:
    """Return where an array has a kink, as 1 and 0; an entry of which nothing reaches the output has none."""
    at = step.op.kink.at(m.operations, *xs) if step.op.kink else 0
    counts = adjoint != 0 if is_array(adjoint) and adjoint.shape == shape_of(at) else 1
    return repeated(at * counts, shape_of(at))


def _live_operands(step: Step, backward: Adjoints, moving: set[int]) -> list[int]:
    return [
        operand
        for position, operand in enumerate(step.operands)
        if operand in moving and (backward.carries((step.target, position)) or step.op.rule(position) is nothing)
    ]
