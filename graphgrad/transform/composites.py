"""Expand composite operations: affine into @ and +, softmax with loss into softmax and cross-entropy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Writer
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.tape.writer import Ref

__all__ = ["opened"]


def opened(graph: GraphData) -> GraphData:
    """Return the graph in which every composite operation is replaced by the simpler ones that its row declares.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> program(opened(build("affine(x, w, b)", parse("affine(x, w, b)"))))
    'x@w + b'
    """
    tape, m = lower(graph), _Expander()
    values = forward(tape, m, {name: m.input(name) for name in graph.inputs})
    names = {values[i].register: name for i, name in graph.names.items() if values[i] is not None}
    expanded = raised(m.tape([values[graph.output]]), graph.inputs, names, output_name=graph.output_name)
    return replace(expanded, defaults=dict(graph.defaults), guard=graph.guard)


class _Expander(Writer):
    """Writes a tape on which composite operations are expanded."""

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or its expansion."""
        return self.lift(op.opened(self.operations, *operands)) if op.opened else super().value(op, operands)
