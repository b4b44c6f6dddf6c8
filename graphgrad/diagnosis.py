"""What the passes met on the way: faults told with their operands, kinks, overflows."""

from __future__ import annotations

import math
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces import Fault, is_entrywise
from graphgrad.notation import ATOM, SIGN_POWER, Notation, Text
from graphgrad.numerals import short
from graphgrad.op import nothing
from graphgrad.point import filled, is_array, shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from graphgrad.errors import ExpressionError
    from graphgrad.graph import GraphData
    from graphgrad.namespaces import Namespace
    from graphgrad.passes import Passes
    from graphgrad.run.sweeps import Adjoints
    from graphgrad.tape import Step, Tape

__all__ = ["fault_in", "faulty_flow", "first_fault", "kinks_met", "stopped", "warnings", "written"]

WRITTEN_CHARACTERS = 30
"""How much of a node's own text is quoted."""


def first_fault(values: Sequence[Any], fault: Fault) -> int:
    """Return the register in which a fault arose: it is handed on unchanged, and the first to hold it made it."""
    return next(register for register, value in enumerate(values) if any(x is fault for _, x in _faults(value)))


def fault_in(value: Any) -> Fault | None:  # noqa: ANN401
    """Return the first fault in a value, which may be an array of floats and faults."""
    return next((fault for _, fault in _faults(value)), None)


def _faults(value: Any) -> Iterator[tuple[tuple[int, ...], Fault]]:  # noqa: ANN401
    if isinstance(value, Fault):
        yield (), value
    elif is_entrywise(value):
        places = product(*map(range, value.shape))
        yield from ((place, x) for place, x in zip(places, value.flat, strict=True) if isinstance(x, Fault))


def faulty_flow(tape: Tape, values: Sequence[Any], found: Adjoints) -> Fault | None:
    """Return a fault for the first edge on which a backward sweep made a nan: infinity times zero."""
    adjoints = [x for x in found.adjoints.row if x is not None]
    if not any(map(math.isnan if {*map(type, adjoints)} == {float} else _has_nan, adjoints)):
        return None
    for edge, flow in found.contributions.items():
        if _has_nan(flow):
            step = tape.step(edge[0])
            fault = Fault(step.op, [values[i] for i in step.operands], "infinity times zero")
            fault.edge = edge
            return fault
    return None


def _has_nan(flow: Any) -> bool:  # noqa: ANN401
    differs = flow != flow  # noqa: PLR0124  nan alone differs from itself
    return differs if type(differs) is bool else bool(getattr(differs, "any", bool)())


def stopped(passes: Passes, fault: Fault, node: int, position: int | None = None) -> ExpressionError:
    """Return the error for a pass that a fault stopped at a node, or at one of its edges on the way back."""
    graph, tape, value = passes.graph, passes.tape, passes.values[node]
    operands = tape.step(node).operands
    if position is None:
        place = next((place for place, x in _faults(value) if x is fault), ())
        message = f"{_called(graph, node, fault)} is {fault.reason}{f', at entry {list(place)}' if place else ''}"
    else:
        of, by = written(graph, node), written(graph, operands[position])
        message = f"the derivative of {of} by {by} is {fault.reason}"
    told = _told(graph, operands, fault.operands)
    hint = f"here {told}" if told else ""
    return fault.error(message, graph.source, graph.spans[node], hint=hint)


def _called(graph: GraphData, node: int, fault: Fault) -> str:
    if any(map(is_array, fault.operands)):
        return written(graph, node)
    called = [Text(short(x), SIGN_POWER if x < 0 else ATOM) for x in fault.operands]
    return Notation().value(fault.op, called).string


def warnings(passes: Passes) -> tuple[str, ...]:
    """Return what a reader of the numbers should know, a sentence each: kinks and overflows."""
    most = "10**60000" if passes.precision else "float64"
    overflows = [written(passes.graph, node) for node in _overflowed(passes)]
    return (
        *(_kink_told(passes, node) for node in passes.kinks),
        *(f"overflow: {text} is beyond {most}, taken as infinity" for text in overflows),
    )


def _kink_told(passes: Passes, node: int) -> str:
    step = passes.tape.step(node)
    xs = [passes.values[i] for i in step.operands]
    convention = step.op.kink.convention if step.op.kink else ""
    where = _where(passes, step, xs) or _told(passes.graph, step.operands, xs)
    return f"kink: {written(passes.graph, node)} at {where}: {convention}"


def _where(passes: Passes, step: Step, xs: Sequence[Any]) -> str:
    """Return at how many entries of an array there is a kink, and at which first."""
    value = passes.values[step.target]
    if not passes.arrays or not any(map(is_array, xs)):
        return ""
    at = _kink_entries(step, passes.namespace, xs, passes.found.adjoints.get(step.target))
    place = next(place for place, x in zip(product(*map(range, at.shape)), at.flat, strict=True) if x)
    return f"{int(at.sum())} of {value.size if is_array(value) else 1} entries, first {list(place)}"


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


def kinks_met(
    tape: Tape, m: Namespace, values: Sequence[Any], found: Adjoints, fixed: Collection[int]
) -> tuple[int, ...]:
    """Return the nodes that have no derivative at this point and a say in the gradient.

    A node counts only if an operand moves with a wanted input, and if its own movement reaches the output: the branch
    that `where` did not take, the loser of a `max`, or a `floor` away from its jumps let nothing through.
    """
    if not any(op.kink for op in {step.op for step in tape.steps}):
        return ()
    at_kink = partial(_at_kink, m, values, found)
    moving = _moving(tape, at_kink, fixed)
    reached, kinks = set(tape.outputs), []
    for step in reversed(tape.steps):
        if step.target in reached and step.target in moving:
            if at_kink(step, moving):
                kinks.append(step.target)
            reached.update(_live_operands(step, found, moving))
    return tuple(reversed(kinks))


def _moving(tape: Tape, at_kink: Callable[[Step, set[int]], bool], fixed: Collection[int]) -> set[int]:
    moving = {register for register in tape.inputs.values() if register not in fixed}
    for step in tape.steps:
        if not moving.isdisjoint(step.operands) and (not step.op.flat or at_kink(step, moving)):
            moving.add(step.target)
    return moving


def _at_kink(m: Namespace, values: Sequence[Any], found: Adjoints, step: Step, moving: set[int]) -> bool:
    distinct = list(dict.fromkeys(step.operands))
    if step.op.kink is None or moving.isdisjoint(distinct) or len(distinct) < min(len(step.operands), 2):
        return False
    xs = [values[i] for i in distinct]
    if any(isinstance(x, Fault) for x in xs):
        return False
    if any(map(is_array, xs)):
        return bool(_kink_entries(step, m, xs, found.adjoints.get(step.target)).any())
    return bool(step.op.kink.at(m, *xs))


def _kink_entries(step: Step, m: Namespace, xs: Sequence[Any], adjoint: Any) -> Any:  # noqa: ANN401
    """Return where an array has a kink, as 1 and 0; an entry of which nothing reaches the output has none."""
    at = step.op.kink.at(m, *xs) if step.op.kink else 0
    counts = adjoint != 0 if is_array(adjoint) and adjoint.shape == shape_of(at) else 1
    return filled(at * counts, shape_of(at))


def _live_operands(step: Step, found: Adjoints, moving: set[int]) -> list[int]:
    return [
        operand
        for position, operand in enumerate(step.operands)
        if operand in moving and (found.carries((step.target, position)) or step.op.rule(position) is nothing)
    ]


def _overflowed(passes: Passes) -> list[int]:
    """Return the nodes whose value is infinite although their operands are finite."""
    infinite = {i for i, value in enumerate(passes.values) if _is_infinite(value)}
    steps = passes.tape.steps if infinite else ()
    return [target for target, _, operands in steps if target in infinite and infinite.isdisjoint(operands)]


def _is_infinite(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, float) or hasattr(value, "_mpf_"):
        return bool(abs(value) == math.inf)
    return is_array(value) and any(isinstance(x, float) and math.isinf(x) for x in value.flat)
