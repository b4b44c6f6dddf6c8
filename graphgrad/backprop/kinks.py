"""Find the kinks at a point: nodes without a derivative there that matter to the gradient."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.array_values import broadcast_to, is_array, shape_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.op import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape


__all__ = ["kink_entries", "kinks_at"]


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
    if not any(op.kink for op in {step.op for step in tape.steps}):
        return ()
    at_kink = partial(_at_kink, tape, m, values, backward)
    varying = _varying(tape, at_kink, fixed)
    reached, kinks = set(tape.outputs), []
    for step in reversed(tape.steps):
        if step.target in reached and step.target in varying:
            if at_kink(step, varying) and _matters(step, backward):
                kinks.append(step.target)
            reached.update(_live_operands(step, backward, varying))
    return tuple(reversed(kinks))


def _varying(tape: Tape, at_kink: Callable[[Step, set[int]], bool], fixed: Collection[int]) -> set[int]:
    """Return the registers that depend on a wanted input."""
    varying = {register for register in tape.inputs.values() if register not in fixed}
    for step in tape.steps:
        if not varying.isdisjoint(step.operands) and (not step.op.flat or at_kink(step, varying)):
            varying.add(step.target)
    return varying


def _at_kink(
    tape: Tape, m: Namespace, values: Sequence[Any], backward: Adjoints, step: Step, varying: set[int]
) -> bool:
    distinct = list(dict.fromkeys(step.operands))
    if step.op.kink is None or varying.isdisjoint(distinct) or len(distinct) < min(len(step.operands), 2):
        return False
    if step.op.chooses:
        distinct = distinct[:1]  # its condition decides; a branch may be undefined
    xs = [values[i] for i in distinct]
    if any(isinstance(x, Fault) for x in xs):
        return False
    if step.op.chooses and distinct[0] not in varying:
        return False
    if any(map(is_array, xs)):
        return bool(kink_entries(step, m, xs, backward.adjoints.get(step.target)).any())
    if not step.op.kink.at(m.operations, *xs):
        return False
    return not step.op.chooses or distinct[0] in _moving(tape, m, values, varying)


def _matters(step: Step, backward: Adjoints) -> bool:
    """Whether a kink has an effect: a jump has, any other only where the output changes with the node to first order."""
    if step.op.flat or step.op.chooses:
        return True
    adjoint = backward.adjoints.get(step.target)
    return adjoint is not None and (is_array(adjoint) or bool(adjoint != 0))


def _moving(tape: Tape, m: Namespace, values: Sequence[Any], varying: set[int]) -> set[int]:
    """Return the registers that are not constant near the point: `max(x, 0)` at -1 is, and so is `x*y` if y is fixed at 0."""
    moving = varying.intersection(tape.inputs.values())
    for target, op, operands in tape.steps:
        if target not in varying or isinstance(values[target], Fault):
            continue
        xs = [values[i] for i in operands]
        for position, operand in enumerate(operands):
            if operand in moving and _moves(m, op, position, values[target], xs, [i in moving for i in operands]):
                moving.add(target)
                break
    return moving


def _moves(m: Namespace, op: Op, position: int, z: Any, xs: Sequence[Any], moving: Sequence[bool]) -> bool:
    """Whether an operation follows one of its operands near the point."""
    if op.flat:
        return True
    if op.chooses and not position:
        return is_array(xs[0]) or bool(xs[0] == 0)
    if op.kink or op.chooses:
        d = m.partial(op, position, z, xs)
        at_kink = op.kink and not op.chooses and op.kink.at(m.operations, *xs)
        return bool(at_kink) or is_array(z) or isinstance(d, Fault) or bool(d != 0)
    others = (op.absorbing or {}).items()
    return not any(
        i != position and not moving[i] and not is_array(xs[i]) and xs[i] == number for i, (number, _) in others
    )


def kink_entries(step: Step, m: Namespace, xs: Sequence[Any], adjoint: Any) -> Any:
    """Return where an array has a kink, as 1 and 0; an entry whose adjoint is 0 has none."""
    at = step.op.kink.at(m.operations, *xs) if step.op.kink else 0
    counts = adjoint != 0 if is_array(adjoint) and adjoint.shape == shape_of(at) else 1
    return broadcast_to(at * counts, shape_of(at))


def _live_operands(step: Step, backward: Adjoints, varying: set[int]) -> list[int]:
    if step.target not in backward.adjoints:  # it is part of a condition
        return [operand for operand in step.operands if operand in varying]
    return [
        operand
        for position, operand in enumerate(step.operands)
        if operand in varying and (backward.carries((step.target, position)) or step.op.rule(position) is nothing)
    ]
