"""Refuse the operators that a dialect has for matrices where both of their operands are arrays.

MATLAB's a*b is the product of numbers, and of matrices; a.*b is that of entries.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from graphgrad.backprop.shape_inference import shapes_of
from graphgrad.base.errors import ShapeError
from graphgrad.tape.tape import lower
from graphgrad.text.operator_place import operation_start

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.shapes import Shape

__all__ = ["with_matrix_signs"]


def with_matrix_signs(graph: GraphData, signs: Collection[str]) -> GraphData:
    """Return the graph with a guard that raises `ShapeError` where one of these operators is given two arrays."""
    return replace(graph, guard=partial(_refuse, graph, signs))


def _refuse(graph: GraphData, signs: Collection[str], shapes: Mapping[str, Shape]) -> None:
    if not any(shapes.values()):
        return
    found = shapes_of(graph, lower(graph), shapes)
    for target, op, operands in graph.steps:
        span = graph.spans[target]
        start = operation_start(graph.source, span, op)
        sign, before = graph.source[start : start + 1], graph.source[max(start - 1, 0) : start]
        if op.infix and not op.on_arrays and sign in signs and before != "." and all(found[i] for i in operands):
            hint = f"of the entries write .{sign}, of matrices mtimes(a, b)"
            raise ShapeError(
                f"a{sign}b of two arrays is the operation of matrices", graph.source, (start, start + 1), hint=hint
            )
