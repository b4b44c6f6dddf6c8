"""Expand composite operations, affine into @ and +, softmax with loss, and write out calls of a text's functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Writer
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.tape.writer import Ref

__all__ = ["opened"]


def opened(graph: GraphData, names: Collection[str] | None = None) -> GraphData:
    """Return the graph in which every composite operation is replaced by the simpler ones that its row declares.

    The calls of functions are written out. `names` names the operations and functions to open; the default is all.
    Where an operation is expanded, the calls of all functions are written out. Raises `GraphgradError` for a name of
    which there is none.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> program(opened(build("affine(x, w, b)", parse("affine(x, w, b)"))))
    'x@w + b'
    """
    functions = {call.name for call in graph.calls.made} if graph.calls else set[str]()
    composites = {step.op.spoken for step in graph.steps if step.op.opened}
    wanted = functions | composites if names is None else set(names)
    _refuse_unknown(wanted, functions | composites)
    composites &= wanted
    if functions and not composites:
        return replace(graph, calls=graph.calls and graph.calls.without(wanted))
    tape, m = lower(graph), _Expander(composites)
    values = forward(tape, m, {name: m.input(name) for name in graph.inputs})
    given = {values[i].register: name for i, name in graph.names.items() if values[i] is not None}
    expanded = raised(m.tape([values[graph.output]]), graph.inputs, given, output_name=graph.output_name)
    return replace(expanded, defaults=dict(graph.defaults), guard=graph.guard)


def _refuse_unknown(wanted: Collection[str], known: Collection[str]) -> None:
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is not None:
        hint = suggestion(unknown, known, f"there are: {', '.join(sorted(known))}" if known else "there is none")
        raise GraphgradError(f"there is no function or composite operation '{unknown}' to open", hint=hint)


class _Expander(Writer):
    """Writes a tape on which composite operations are expanded."""

    def __init__(self, composites: Collection[str]) -> None:
        """Take the names of the operations to expand."""
        super().__init__()
        self._composites = composites

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or its expansion."""
        if op.opened and op.spoken in self._composites:
            return self.lift(op.opened(self.operations, *operands))
        return super().value(op, operands)
