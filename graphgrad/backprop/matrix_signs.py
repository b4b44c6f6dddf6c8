"""Refuse what a dialect of matrices reads otherwise where operands are arrays.

MATLAB's a*b is the product of numbers, and of matrices; a.*b is that of entries. A(2) counts the entries of a matrix by
columns, and brackets join arrays.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.backprop.orientations import refuse_rows_with_columns
from graphgrad.backprop.shape_inference import shapes_of
from graphgrad.base.errors import ShapeError
from graphgrad.ops.table import OPERATIONS, STACK
from graphgrad.tape.tape import lower
from graphgrad.text.dialects.named import grammar_of
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["with_matrix_signs"]

PAIR: Final = 2

OF_MATRICES: Final = {"*": {(True, True)}, "/": {(True, True), (False, True)}}
"""Which of the operands are arrays where a sign is that of matrices; of a power, one of both."""

ANY: Final = {(True, True), (False, True), (True, False)}

INSTEAD: Final = {
    "*": "of the entries write .*, of matrices mtimes(a, b)",
    "/": "of the entries write ./, of matrices mldivide(b', a')'",
    "^": "of the entries write .^, of matrices mtimes(a, a)",
    "**": "of the entries write .^, of matrices mtimes(a, a)",
}

OF_VECTORS: Final[Spellings] = {
    "norm": "MATLAB's norm is the largest singular value: write norm(A, 'fro') for the root of the sum of squares",
    "cross": "MATLAB's cross is along the first axis of length 3: write it for vectors",
}
"""Operations that are others of matrices."""

NEAR: Final = 200
"""How many characters behind its left operand an operator's sign is looked for first."""

ALL_SQUARES: Final = "'fro'"
FIRST_AXIS: Final = re.compile(r",\s*1\s*\)$")
ROWS: Final = re.compile(r"(?<!\.\.\.)\n|;")


def with_matrix_signs(graph: GraphData, signs: Collection[str], dialect: str = "matlab") -> GraphData:
    """Return the graph with a guard that raises `ShapeError` where arrays make its text mean something else."""
    return replace(graph, guard=partial(_refuse, graph, frozenset(signs), dialect))


def _refuse(graph: GraphData, signs: Collection[str], dialect: str, shapes: Mapping[str, Shape]) -> None:
    if not any(shapes.values()) and not any(op.on_arrays for _, op, _ in graph.steps):
        return
    found = shapes_of(graph, lower(graph), shapes)
    stacks = {step.target for step in graph.steps if step.op is STACK}
    for step in graph.steps:
        _refuse_sign(graph, step, signs, dialect, found)
        if step.op.postfix == BRACKETS:
            _refuse_index(graph, step, found[step.operands[0]])
        elif step.op is STACK:
            _refuse_joined(graph, step, stacks, found)
        elif step.op.name in OF_VECTORS and any(len(found[each]) >= PAIR for each in step.operands):
            text = _text(graph, step)
            if ALL_SQUARES not in text:
                _fail(graph, step, "this is another function of a matrix", OF_VECTORS[step.op.name])
        elif dict(step.op.params).get("axis") == 0:
            _refuse_row(graph, step, found[step.operands[0]])
    refuse_rows_with_columns(graph, found)


def _text(graph: GraphData, step: Step) -> str:
    return graph.source[slice(*graph.spans[step.target])]


def _fail(graph: GraphData, step: Step, message: str, hint: str) -> NoReturn:
    raise ShapeError(message, graph.source, graph.spans[step.target], hint=hint)


def _refuse_sign(graph: GraphData, step: Step, signs: Collection[str], dialect: str, found: Sequence[Shape]) -> None:
    """Refuse an operator that is that of matrices, for the shapes of its operands."""
    op = step.op
    if not op.infix or op.on_arrays or len(step.operands) != PAIR:
        return
    x, y = (bool(found[each]) for each in step.operands)
    if not x and not y:
        return
    place, sign = _place(graph, step, dialect)
    if sign[:1] in signs and (x, y) in OF_MATRICES.get(sign, ANY):
        message = f"a{sign}b of arrays is the operation of matrices"
        raise ShapeError(message, graph.source, (place, place + len(sign)), hint=INSTEAD[sign])


def _place(graph: GraphData, step: Step, dialect: str) -> tuple[int, str]:
    """Return where the sign of an operation stands, and the sign: most often right behind the left operand."""
    start, end = graph.spans[step.target]
    first, left = graph.spans[step.operands[0]]
    if start <= first and left < end:
        place, sign = _sign(graph.source[left : min(end, left + NEAR)], step.op, dialect, behind_operand=True)
        if sign:
            return left + place, sign
    place, sign = _sign(graph.source[start:end], step.op, dialect)
    return start + place, sign


@lru_cache(maxsize=64)
def _symbols(op: Op, dialect: str) -> frozenset[str]:
    grammar: Any = grammar_of(dialect, OPERATIONS)
    return frozenset(op.symbols) | {sign for sign, entry in grammar.infix.items() if entry[2].op is op}


def _sign(text: str, op: Op, dialect: str, *, behind_operand: bool = False) -> tuple[int, str]:
    """Return the last sign of an operation outside of parentheses, the first one behind an operand; and where it is."""
    symbols = _symbols(op, dialect)
    found = 0, ""
    depth = at = 0
    lowest, complete = len(text), behind_operand
    for blank, token in grammar_of(dialect, OPERATIONS).tokens(text):
        at += len(blank)
        if token in symbols and complete and depth <= lowest:
            lowest, found = depth, (at, token)
            if behind_operand:
                break
        depth += token.count("(") + token.count("[") - token.count(")") - token.count("]")
        complete = bool(token) and (token[-1].isalnum() or token[-1] in ")]'_.")
        at += len(token)
    return found


def _refuse_index(graph: GraphData, step: Step, shape: Shape) -> None:
    """Refuse an index of fewer places than axes, and one beyond the end."""
    at = dict(step.op.params)["at"]
    if len(at) < len(shape):
        hint = "give a place for each axis: A(2, 1), or A(2, :)"
        _fail(graph, step, "one index of a matrix counts its entries by columns", hint)
    for place, length in zip(at, shape, strict=False):
        if isinstance(place, tuple) and any(end is not None and end > length for end in place[:2]):
            _fail(graph, step, f"this index is beyond the end: there are {length} entries", "write x(2:end)")


def _refuse_joined(graph: GraphData, step: Step, stacks: Collection[int], found: Sequence[Shape]) -> None:
    """Refuse arrays as entries of brackets, where these are not the rows that the brackets have themselves."""
    arrays = [each for each in step.operands if found[each]]
    has_rows = ROWS.search(_text(graph, step)) is not None
    if arrays and not (has_rows and all(each in stacks for each in arrays)):
        hint = "write the entries: [x(1), x(2), y]; for rows side by side [x(1), x(2); y(1), y(2)]"
        _fail(graph, step, "brackets join the arrays in them", hint)


def _refuse_row(graph: GraphData, step: Step, shape: Shape) -> None:
    """Refuse a reduction of a matrix of one row, which is along its row where no axis is given."""
    if len(shape) >= PAIR and shape[0] == 1 and not FIRST_AXIS.search(_text(graph, step)):
        hint = "give the axis: sum(x, 1), or sum(x, 2)"
        _fail(graph, step, "of a matrix with one row this is along the row", hint)
