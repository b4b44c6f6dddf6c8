"""Refuse rows and columns that a dialect of matrices would make a matrix of: vectors are neither here.

A vector of MATLAB's is a row, such as [1, 2, 3], or a column, such as [1; 2; 3], and x' is the other one. A row and a
column of one length add up to a matrix. Here both are arrays of one axis. What each vector is follows from where it
stands; a given one may be either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import ShapeError
from graphgrad.ops.table import STACK
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Step
    from graphgrad.ops.shapes import Shape

__all__ = ["refuse_rows_with_columns"]

ROW: Final = -1
"""What stands for a row among the nodes."""

ROWS: Final = re.compile(r"(?<!\.\.\.)\n|;")
ASSIGNED: Final = re.compile(r"[ \t]*=[ \t]*(\[[^\]]*\])")
MATRIX: Final = 2


class _Orientations:
    """Sets of vectors that are all rows or all columns, but for those that are turned: union and find."""

    def __init__(self, graph: GraphData) -> None:
        self.graph = graph
        self.above: dict[int, tuple[int, bool]] = {}

    def root(self, node: int) -> tuple[int, bool]:
        """Return the root of a node's set, and whether the node is turned against it."""
        path, turned = [], False
        while node in self.above:
            above, turn = self.above[node]
            path.append((node, turned))
            turned ^= turn
            node = above
        for each, before in path:
            self.above[each] = node, before ^ turned
        return node, turned

    def join(self, x: int, y: int, step: Step, *, turned: bool = False) -> None:
        """Say that two vectors are both rows or both columns, or one of each where `turned`."""
        (root, turn), (other, other_turn) = self.root(x), self.root(y)
        turn ^= other_turn ^ turned
        if root != other:
            self.above[max(root, other)] = min(root, other), turn
        elif turn:
            hint = "write x' for one of them where they are both rows or both columns"
            message = "of a row and a column, this makes a matrix in MATLAB, and none here"
            raise ShapeError(message, self.graph.source, self.graph.spans[step.target], hint=hint)


def refuse_rows_with_columns(graph: GraphData, found: Sequence[Shape]) -> None:
    """Raise `ShapeError` where a row and a column stand for a matrix; `found` are the shapes of all nodes."""
    vectors = [len(shape) == 1 for shape in found]
    if not any(vectors):
        return
    known = _Orientations(graph)
    _join_defaults(graph, known, vectors)
    for step in graph.steps:
        if step.op is STACK:
            if vectors[step.target]:
                known.join(step.target, ROW, step)
        elif step.op.on_arrays:
            _join_arrays(known, step, found)
        else:
            _join_entries(known, step, found)


def _join_defaults(graph: GraphData, known: _Orientations, vectors: Sequence[bool]) -> None:
    for name, node in graph.nodes.items():
        written = ASSIGNED.match(graph.source, graph.spans[node][1])
        if vectors[node] and written and name in graph.defaults:
            known.above[node] = ROW, ROWS.search(written[1]) is not None


def _join_entries(known: _Orientations, step: Step, found: Sequence[Shape]) -> None:
    """Read an operation on entries: its vectors are alike; with a matrix they are its rows."""
    operands = [each for each in step.operands if len(found[each]) == 1]
    beside_matrix = any(len(found[each]) >= MATRIX for each in step.operands)
    if len(found[step.target]) == 1:
        operands.append(step.target)
    for each in operands[1:]:
        known.join(operands[0], each, step)
    if operands and beside_matrix:
        known.join(operands[0], ROW, step)


def _join_arrays(known: _Orientations, step: Step, found: Sequence[Shape]) -> None:
    op, operands, result = step.op, step.operands, len(found[step.target]) == 1
    axes = [len(found[each]) for each in operands]
    if op.postfix == ".T":
        if result:
            known.join(step.target, operands[0], step, turned=True)
    elif op.infix and len(axes) == MATRIX:
        _join_product(known, step, axes, result=result)
    elif len(axes) == MATRIX and axes == [MATRIX, 1]:
        known.join(operands[1], ROW, step, turned=True)
        known.join(step.target, ROW, step, turned=True)
    elif not result:
        return
    elif axes[0] >= MATRIX:
        _join_part(known, step)
    elif axes[0] == 1 and len(found[operands[0]]) == 1:
        for each in operands:
            known.join(step.target, each, step)


def _join_product(known: _Orientations, step: Step, axes: Sequence[int], *, result: bool) -> None:
    """Read a product of matrices: a vector on its left is a row, one on its right a column."""
    left, right = step.operands
    if axes[0] == 1:
        known.join(left, ROW, step)
    if axes[1] == 1:
        known.join(right, ROW, step, turned=True)
    if result:
        known.join(step.target, ROW, step, turned=axes[1] == 1)


def _join_part(known: _Orientations, step: Step) -> None:
    """Read a vector that is a part of a matrix, or a reduction of it along an axis."""
    params: dict[str, Any] = dict(step.op.params)
    if step.op.postfix == BRACKETS:
        known.join(step.target, ROW, step, turned=isinstance(params["at"][0], tuple))
    else:
        known.join(step.target, ROW, step, turned=params.get("axis") != 0)
