"""Find where a pass fails, and turn the fault into an error that names its operands."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_values import is_array, is_entrywise
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import known_kind
from graphgrad.namespaces.namespace import Fault
from graphgrad.text.quoted_names import written
from graphgrad.text.source_lines import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.base.errors import ExpressionError
    from graphgrad.graph.data import GraphData
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape


__all__ = [
    "call_of",
    "fault_error",
    "fault_in",
    "fault_origin",
    "instead_text",
    "nan_contribution",
    "node_text",
    "output_text",
    "values_text",
]

MAX_CALLS: Final = 3
"""The most calls around a node that an error names, from the innermost one outwards."""

MAX_QUOTED: Final = 30
"""The most characters that are quoted of a node's text."""


def fault_origin(values: Sequence[Any], fault: Fault) -> int | None:
    """Return the register in which a fault arose: the first that holds it, since a fault is passed on unchanged."""
    holding = (register for register, value in enumerate(values) if any(x is fault for _, x in _faults(value)))
    return next(holding, None)


def fault_in(value: Any) -> Fault | None:
    """Return the first fault in a value, which may be an array of floats and faults."""
    return None if type(value) is float else next((fault for _, fault in _faults(value)), None)


def _faults(value: Any) -> Iterator[tuple[tuple[int, ...], Fault]]:
    if isinstance(value, Fault):
        yield (), value
    elif is_entrywise(value):
        places = product(*map(range, value.shape))
        yield from ((place, x) for place, x in zip(places, value.flat, strict=True) if isinstance(x, Fault))


def nan_contribution(tape: Tape, values: Sequence[Any], backward: Adjoints) -> Fault | None:
    """Return a fault for the first edge whose contribution is nan: infinity times zero."""
    if not any(map(_has_nan, backward.adjoints.values())):
        return None
    reasons = ((_has_nan, "infinity times zero"), (_has_infinity, "infinite, and another one with the opposite sign"))
    for is_guilty, reason in reasons:
        for edge, contribution in backward.contributions.items():
            if is_guilty(contribution):
                step = tape.step(edge[0])
                fault = Fault(step.op, [values[i] for i in step.operands], reason)
                fault.edge = edge
                return fault
    return None


def _has_infinity(number: Any) -> bool:
    kind = known_kind(number)
    return kind is not None and kind.is_infinite(number)


def _has_nan(number: Any) -> bool:
    """Whether a number, or an entry of an array, is nan; a fault stands for one among entries that are no floats."""
    if is_array(number) and number.dtype == object:
        return any(isinstance(entry, Fault) or entry != entry for entry in number.flat)  # noqa: PLR0124  as below
    differs = number != number  # noqa: PLR0124  nan alone differs from itself
    return differs if type(differs) is bool else bool(getattr(differs, "any", bool)())


def fault_error(passes: Passes, fault: Fault, node: int, position: int | None = None) -> ExpressionError:
    """Return the error for a pass that a fault stopped at a node, or in the backward pass at one of its edges."""
    graph, tape, value = passes.graph, passes.tape, passes.values[node]
    operands = tape.step(node).operands
    if position is None:
        place = next((place for place, x in _faults(value) if x is fault), ())
        message = f"{_fault_text(graph, node, fault)} is {fault.reason}{f', at entry {list(place)}' if place else ''}"
    else:
        of, by = node_text(graph, node), node_text(graph, operands[position])
        message = f"the derivative of {of} by {by} is {fault.reason}"
    held = fault.operands if len(fault.operands) == len(operands) else [passes.values[i] for i in operands]
    values = values_text(graph, operands, held)
    values = f"here {values}{_overflow_text(passes, operands)}" if values else ""
    hint = "; ".join(text for text in (values, instead_text(passes, node), call_of(graph, node)) if text)
    return fault.error(message, graph.source, graph.spans[node], hint=hint)


def call_of(graph: GraphData, node: int) -> str:
    """Return in which call of a function a node was computed, and where that stands; empty if in none."""
    calls = graph.calls.around(node) if graph.calls else []
    texts = [
        f"in {one_line(graph.source[slice(*call.span)])} at {graph.place(call.span[0])}" for call in calls[:MAX_CALLS]
    ]
    return ", ".join(texts) + ", …" * (len(calls) > MAX_CALLS)


def _overflow_text(passes: Passes, operands: Sequence[int]) -> str:
    """Return which operation before these operands overflowed; empty where none did, or an operand did itself."""
    steps = {step.target: step for step in passes.tape.steps}
    register = next((i for i in operands if _is_infinite(passes, i)), None)
    while register in steps:
        before = [i for i in steps[register].operands if _is_infinite(passes, i)]
        if not before:
            return "" if register in operands else f": {node_text(passes.graph, register)} overflows"
        register = before[0]
    return ""


def _is_infinite(passes: Passes, register: int) -> bool:
    value = passes.values[register]
    kind = None if isinstance(value, Fault) or is_array(value) else known_kind(value)
    return kind is not None and kind.is_infinite(value)


def instead_text(passes: Passes, node: int) -> str:
    """Return the advice to write an operation for an expression that spells it out; empty if there is none."""
    from graphgrad.backprop.row_instead import row_instead

    found = row_instead(passes, node)
    if found is None:
        return ""
    from graphgrad.printing.operators import Text
    from graphgrad.printing.text import Notation

    op, operands = found
    written = Notation().value(op, [Text(node_text(passes.graph, i)) for i in operands]).string
    return f"write {written}, which is the same and right there"


def _fault_text(graph: GraphData, node: int, fault: Fault) -> str:
    if any(map(is_array, fault.operands)):
        return node_text(graph, node)
    from graphgrad.printing.text import Notation, number

    return Notation().value(fault.op, [number(short(x)) for x in fault.operands]).string


def values_text(graph: GraphData, nodes: Sequence[int], values: Sequence[Any]) -> str:
    """Return the values of nodes as text, "x = 3, y = 4", without the constants among them."""
    texts = {
        node_text(graph, node): short(value)
        for node, value in zip(nodes, values, strict=True)
        if node not in graph.constants or node in graph.names
    }
    return ", ".join(f"{text} = {value}" for text, value in texts.items() if text != value)


def output_text(graph: GraphData, otherwise: str = "") -> str:
    """Return the output's name as it stands in an expression; `otherwise` where it has none."""
    return written(graph.output_name) if graph.output_name else otherwise


def node_text(graph: GraphData, node: int) -> str:
    """Return a node's name, or else its text in the source, shortened to `MAX_QUOTED` characters."""
    start, end = graph.spans[node]
    end = min(end, start + MAX_QUOTED * 10)  # a large graph's text is not split as a whole
    name = graph.names.get(node)
    text = written(name) if name else one_line(graph.source[start:end])
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
