"""What the passes met on the way: faults told with their operands, kinks, overflows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces import Fault
from graphgrad.notation import ATOM, SIGN_POWER, Notation, Text
from graphgrad.numerals import short
from graphgrad.op import nothing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.errors import ExpressionError
    from graphgrad.graph import GraphData
    from graphgrad.passes import Passes
    from graphgrad.run.sweeps import Adjoints
    from graphgrad.tape import Step, Tape

__all__ = ["faulty_flow", "first_fault", "kinks_met", "overflowed", "stopped", "warnings", "written"]

WRITTEN_CHARACTERS = 30
"""How much of a node's own text is quoted."""


def first_fault(values: Sequence[Any], fault: Fault) -> int:
    """Return the register in which a fault arose: it is handed on unchanged, and the first to hold it made it."""
    return next(register for register, value in enumerate(values) if value is fault)


def faulty_flow(tape: Tape, values: Sequence[Any], found: Adjoints) -> Fault | None:
    """Return a fault for the first edge on which a backward sweep made a nan: infinity times zero."""
    if all(adjoint == adjoint for adjoint in found.adjoints.values()):  # noqa: PLR0124  nan alone differs from itself
        return None
    for edge, flow in found.contributions.items():
        if flow != flow:  # noqa: PLR0124  nan alone differs from itself
            step = tape.step(edge[0])
            fault = Fault(step.op, [values[i] for i in step.operands], "infinity times zero")
            fault.edge = edge
            return fault
    return None


def stopped(graph: GraphData, tape: Tape, fault: Fault, node: int, position: int | None = None) -> ExpressionError:
    """Return the error for a pass that a fault stopped at a node, or at one of its edges on the way back."""
    operands = tape.step(node).operands
    if position is None:
        called = [Text(short(x), SIGN_POWER if x < 0 else ATOM) for x in fault.operands]
        message = f"{Notation().value(fault.op, called).string} is {fault.reason}"
    else:
        of, by = written(graph, node), written(graph, operands[position])
        message = f"the derivative of {of} by {by} is {fault.reason}"
    told = _told(graph, operands, fault.operands)
    hint = f"here {told}" if told else ""
    return fault.error(message, graph.source, graph.spans[node], hint=hint)


def warnings(passes: Passes) -> tuple[str, ...]:
    """Return what a reader of the numbers should know, a sentence each: kinks and overflows."""
    most = "10**60000" if passes.precision else "float64"
    return (
        *(_kink_told(passes, node) for node in passes.kinks),
        *(f"overflow: {written(passes.graph, node)} is beyond {most}, taken as infinity" for node in passes.overflows),
    )


def _kink_told(passes: Passes, node: int) -> str:
    step = passes.tape.step(node)
    told = _told(passes.graph, step.operands, [passes.values[i] for i in step.operands])
    convention = step.op.kink.convention if step.op.kink else ""
    return f"kink: {written(passes.graph, node)} at {told}: {convention}"


def _told(graph: GraphData, nodes: Sequence[int], values: Sequence[Any]) -> str:
    """Return what nodes are at, without the plain numbers among them."""
    told = {written(graph, node): short(value) for node, value in zip(nodes, values, strict=True)}
    return ", ".join(f"{text} = {value}" for text, value in told.items() if text != value)


def written(graph: GraphData, node: int) -> str:
    """Return a node's name, or else its own text in the source."""
    start, end = graph.spans[node]
    end = min(end, start + WRITTEN_CHARACTERS * 10)  # the rest would be cut, whatever the blanks
    text = graph.names.get(node) or " ".join(graph.source[start:end].split())
    return text if len(text) <= WRITTEN_CHARACTERS else text[: WRITTEN_CHARACTERS - 1] + "…"


def kinks_met(tape: Tape, values: Sequence[Any], found: Adjoints, wanted: Collection[int]) -> tuple[int, ...]:
    """Return the nodes that have no derivative at this point and a say in the gradient.

    A node counts only if an operand moves with a wanted input, and if its own movement reaches the output: the branch
    that `where` did not take, the loser of a `max`, or a `floor` away from its jumps let nothing through.
    """
    if not any(op.kink for op in {step.op for step in tape.steps}):
        return ()
    moving = _moving(tape, values, set(wanted))
    reached, kinks = set(tape.outputs), []
    for step in reversed(tape.steps):
        if step.target in reached and step.target in moving:
            if _at_kink(step, values, moving):
                kinks.append(step.target)
            reached.update(_live_operands(step, found, moving))
    return tuple(reversed(kinks))


def _moving(tape: Tape, values: Sequence[Any], wanted: set[int]) -> set[int]:
    moving = {register for register in tape.inputs.values() if register in wanted}
    for step in tape.steps:
        if not moving.isdisjoint(step.operands) and (not step.op.flat or _at_kink(step, values, moving)):
            moving.add(step.target)
    return moving


def _at_kink(step: Step, values: Sequence[Any], moving: set[int]) -> bool:
    distinct = list(dict.fromkeys(step.operands))
    if step.op.kink is None or moving.isdisjoint(distinct) or len(distinct) < min(len(step.operands), 2):
        return False
    xs = [values[i] for i in distinct]
    return not any(isinstance(x, Fault) for x in xs) and step.op.kink.at(*xs)


def _live_operands(step: Step, found: Adjoints, moving: set[int]) -> list[int]:
    return [
        operand
        for position, operand in enumerate(step.operands)
        if operand in moving and ((step.target, position) in found.contributions or step.op.rule(position) is nothing)
    ]


def overflowed(tape: Tape, values: Sequence[Any]) -> tuple[int, ...]:
    """Return the nodes whose value is infinite although their operands are finite."""
    infinite = {i for i, x in enumerate(values) if (isinstance(x, float) or hasattr(x, "_mpf_")) and abs(x) == math.inf}
    if not infinite:
        return ()
    return tuple(target for target, _, operands in tape.steps if target in infinite and infinite.isdisjoint(operands))
