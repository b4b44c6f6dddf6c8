"""Infer the shape of every node before anything is computed, by a forward sweep over shapes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import call_of, node_text
from graphgrad.base.errors import LimitError, ShapeError
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.shapes import MAX_ENTRIES, MisfitError, Shape, shape_text
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["shapes_of"]

MAX_OPERANDS: Final = 4
"""The most operands whose shapes an error lists."""


def shapes_of(graph: GraphData, tape: Tape, inputs: Mapping[str, Shape]) -> list[Shape]:
    """Return the shape of every register.

    Raises `ShapeError`, with their spans and shapes, for operands that do not fit, and `LimitError` for an array with
    too many entries.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.tape.tape import lower
    >>> graph = build("x*y", parse("x*y"))
    >>> shapes_of(graph, lower(graph), {"x": (3, 1), "y": (4,)})
    [(3, 1), (4,), (3, 4)]
    """
    m = _Shapes(graph, tape)
    return forward(tape, m, dict(inputs))


class _Shapes(Namespace):
    """The namespace of shapes: an operation's value is the shape of its result."""

    def __init__(self, graph: GraphData, tape: Tape) -> None:
        self._graph, self._steps = graph, iter(tape.steps)

    def const(self, _number: Fraction) -> Shape:
        return ()

    def value(self, op: Op, operands: Sequence[Any]) -> Shape:
        step = next(self._steps)
        try:
            shape = op.shape(*operands)
        except MisfitError as misfit:
            raise _mismatch(self._graph, step, operands, str(misfit)) from None
        if prod(shape) > MAX_ENTRIES:
            message = f"an array of {shape_text(shape)}; at most {MAX_ENTRIES} entries are computed"
            raise LimitError(message, self._graph.source, self._graph.spans[step.target])
        return shape


def _mismatch(graph: GraphData, step: Step, shapes: Sequence[Shape], why: str) -> ShapeError:
    distinct = dict(zip(step.operands, shapes, strict=True))
    spans = [graph.spans[node] for node in distinct]
    texts = [f"{node_text(graph, node)} is {shape_text(shape)}" for node, shape in distinct.items()]
    listed = ", ".join(texts[:MAX_OPERANDS]) + ", …" * (len(texts) > MAX_OPERANDS)
    message = f"{step.op.written} does not take these shapes: {listed}: {why}"
    operands = tuple(zip(spans, distinct.values(), strict=True))
    return ShapeError(
        message, graph.source, graph.spans[step.target], hint=call_of(graph, step.target), operands=operands
    )
