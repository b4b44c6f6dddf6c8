"""A graph with its composite nodes opened: affine as × and +, softmax with loss as softmax and cross-entropy."""

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
    """Return the graph in which every operation that declares simpler ones is written in those.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> program(opened(build("affine(x, w, b)", parse("affine(x, w, b)"))))
    'x@w + b'
    """
    tape, m = lower(graph), _Opening()
    values = forward(tape, m, {name: m.input(name) for name in graph.inputs})
    names = {values[i].register: name for i, name in graph.names.items() if values[i] is not None}
    found = raised(m.tape([values[graph.output]]), graph.inputs, names, output_name=graph.output_name)
    return replace(found, defaults=dict(graph.defaults))


class _Opening(Writer):
    """A tape on which a composite operation is written in simpler ones."""

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or what it is made of."""
        return self.lift(op.opened(self.operations, *operands)) if op.opened else super().value(op, operands)
