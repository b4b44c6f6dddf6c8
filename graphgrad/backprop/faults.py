"""What the passes met on the way: faults told with their operands, kinks, overflows."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.array_values import is_array, is_entrywise
from graphgrad.namespaces.display import short
from graphgrad.namespaces.namespace import Fault
from graphgrad.printing.text import Notation, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.base.errors import ExpressionError
    from graphgrad.graph.data import GraphData
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape


__all__ = ["fault_in", "faulty_flow", "first_fault", "stopped", "values_text", "written"]

WRITTEN_CHARACTERS = 30
"""How much of a node's own text is quoted."""


def first_fault(values: Sequence[Any], fault: Fault) -> int:
    """Return the register in which a fault arose: it is handed on unchanged, and the first to hold it made it."""
    return next(register for register, value in enumerate(values) if any(x is fault for _, x in _faults(value)))


def fault_in(value: Any) -> Fault | None:
    """Return the first fault in a value, which may be an array of floats and faults."""
    return next((fault for _, fault in _faults(value)), None)


def _faults(value: Any) -> Iterator[tuple[tuple[int, ...], Fault]]:
    if isinstance(value, Fault):
        yield (), value
    elif is_entrywise(value):
        places = product(*map(range, value.shape))
        yield from ((place, x) for place, x in zip(places, value.flat, strict=True) if isinstance(x, Fault))


def faulty_flow(tape: Tape, values: Sequence[Any], backward: Adjoints) -> Fault | None:
    """Return a fault for the first edge on which a backward sweep made a nan: infinity times zero."""
    adjoints = [x for x in backward.adjoints.row if x is not None]
    if not any(map(math.isnan if {*map(type, adjoints)} == {float} else _has_nan, adjoints)):
        return None
    for edge, flow in backward.contributions.items():
        if _has_nan(flow):
            step = tape.step(edge[0])
            fault = Fault(step.op, [values[i] for i in step.operands], "infinity times zero")
            fault.edge = edge
            return fault
    return None


def _has_nan(flow: Any) -> bool:
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
    told = values_text(graph, operands, fault.operands)
    hint = f"here {told}" if told else ""
    return fault.error(message, graph.source, graph.spans[node], hint=hint)


def _called(graph: GraphData, node: int, fault: Fault) -> str:
    if any(map(is_array, fault.operands)):
        return written(graph, node)
    return Notation().value(fault.op, [number(short(x)) for x in fault.operands]).string


def values_text(graph: GraphData, nodes: Sequence[int], values: Sequence[Any]) -> str:
    """Return what nodes are at, without the plain numbers among them."""
    told = {written(graph, node): short(value) for node, value in zip(nodes, values, strict=True)}
    return ", ".join(f"{text} = {value}" for text, value in told.items() if text != value)


def written(graph: GraphData, node: int) -> str:
    """Return a node's name, or else its own text in the source."""
    start, end = graph.spans[node]
    end = min(end, start + WRITTEN_CHARACTERS * 10)  # the rest would be cut, whatever the blanks
    text = graph.names.get(node) or " ".join(graph.source[start:end].split())
    return text if len(text) <= WRITTEN_CHARACTERS else text[: WRITTEN_CHARACTERS - 1] + "…"
