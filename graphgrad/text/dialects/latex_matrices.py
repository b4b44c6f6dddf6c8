r"""Read arrays in LaTeX: \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}, and [1, 2, 3]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops.elementary import PRODUCT
from graphgrad.ops.table import TRANSPOSE
from graphgrad.text.array_literals import stacked
from graphgrad.text.dialects.latex_state import Bracket
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = [
    "MATRICES",
    "UNSEEN",
    "begin_matrix",
    "beside_matrix",
    "end_matrix",
    "matrix_row",
    "next_entry",
    "refuse_at_matrix",
]

MATRICES: Final = frozenset(("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "vmatrix"))
"""Environments that hold a matrix; the last one is its determinant."""

DETERMINANT: Final = "vmatrix"
UNSEEN: Final = r"\mathbin{}"
"""The operator of a product of matrices beside each other."""

BOLD: Final = (r"\mathbf", r"\boldsymbol", r"\bm")
"""What sets a name in bold: that of an array."""

MATRIX, ROW = "matrix", "row"
"""The kinds of brackets that a matrix and a row of it are."""


def begin_matrix(reader: LatexReader, text: str, span: Span, called: str) -> None:
    r"""Read \begin{bmatrix}."""
    reader.begin(text, span, "bracket")
    if called == DETERMINANT and reader.grammar.det is None:
        reader.fail(f"{text} is not read", span)
    reader.open.append(Bracket(span, kind=MATRIX, begin=len(reader.code), sign="[", operands=0))
    reader.stack.append(BARRIER)
    _begin_row(reader, span)


def _begin_row(reader: LatexReader, span: Span) -> None:
    reader.open.append(Bracket(span, kind=ROW, begin=len(reader.code), sign="["))
    reader.stack.append(BARRIER)
    reader.complete = False


def next_entry(reader: LatexReader, row: Bracket, span: Span) -> None:
    """Read the sign between two entries of a row."""
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.reduce(-1)
    row.operands += 1
    reader.complete = False


def matrix_row(reader: LatexReader, row: Bracket, span: Span) -> None:
    """Read the end of a row, behind which another one begins."""
    _end_row(reader, row, span)
    _begin_row(reader, span)


def _end_row(reader: LatexReader, row: Bracket, span: Span) -> None:
    reader.close(span)
    start = reader.starts[len(reader.starts) - row.operands]
    stacked(reader, row, (start, reader.last))
    reader.open[-1].operands += 1


def end_matrix(reader: LatexReader, row: Bracket, span: Span, called: str) -> None:
    r"""Read \end{bmatrix}."""
    if f"{{{called}}}" not in reader.shown(reader.open[-2].span):
        begun = reader.shown(reader.open[-2].span)
        reader.fail(f"{reader.shown(span)} does not end {begun}", span, "write the same name at both ends")
    is_empty = not reader.complete and reader.stack[-1] is BARRIER and row.operands == 1
    if is_empty and len(reader.open) > 1 and reader.open[-2].operands:
        reader.stack.pop()
        reader.open.pop()
    else:
        _end_row(reader, row, span)
    reader.stack.pop()
    opening = reader.open.pop()
    whole = opening.span[0], span[1]
    stacked(reader, opening, whole)
    reader.complete = True
    if called == DETERMINANT and reader.grammar.det:
        reader.code.append(Apply(reader.grammar.det, 1))
        reader.spans.append(whole)
    else:
        reader.matrix = span[1]
    reader.ended()


def beside_matrix(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read an operand beside a matrix: two matrices are multiplied, and a number before one is its factor.

    Matrices are those that are written out, transposed ones, and names in bold: \mathbf{w}^{\top} \mathbf{x}.
    """
    is_matrix = text.startswith(r"\begin")
    before = reader.matrix == reader.last
    if not before and _is_product(reader, text, is_matrix=is_matrix):
        reader.infix(UNSEEN, span)
        return
    if not reader.complete or not (is_matrix or before):
        return
    if is_matrix and before:
        reader.infix(UNSEEN, span)
    elif not (is_matrix and isinstance(reader.code[-1], Number)):
        reader.fail_both(span, r"a matrix product (\mathbin{@})", r"a multiple of the matrix (\cdot)")


def _is_product(reader: LatexReader, text: str, *, is_matrix: bool) -> bool:
    """Whether what stands beside each other is a product of matrices to every reader."""
    item = reader.code[-1]
    is_transposed = isinstance(item, Apply) and item.op.postfix == TRANSPOSE.postfix
    is_bold = reader.source.startswith(BOLD, reader.starts[-1]) and (is_matrix or text.startswith(BOLD))
    chained = reader.stack[-1][1] is reader.grammar.infix[UNSEEN][2] and reader.stack[-1][0] > PRODUCT[1]
    return is_transposed or is_bold or chained


def refuse_at_matrix(reader: LatexReader, text: str, span: Span, hint: str) -> None:
    """Refuse a sign behind a matrix that can be meant for the matrix or entry by entry."""
    if reader.complete and reader.matrix == reader.last:
        reader.fail(f"{text} can be meant for the matrix, or for each of its entries", span, hint)
