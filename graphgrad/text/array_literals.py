"""Read arrays that the text writes out: `[1, 2, 3]`, `[[1, 2], [3, 4]]`, with expressions as entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import LimitError
from graphgrad.ops.table import STACK
from graphgrad.text.reader import BARRIER, Parenthesis, Row
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

MAX_NESTING: Final = 64
"""The most arrays within each other: NumPy's limit of dimensions."""

__all__ = ["array_in_brackets", "close_bracket", "open_bracket", "stacked"]


def array_in_brackets(reader: Reader, text: str, span: Span) -> None:
    """Read a token that is a whole array without arrays in it."""
    start, last = span[0] + 1, span[1] - 1
    open_bracket(reader, "[", (span[0], start))
    for blank, token in reader.grammar.tokens(text[1:-1]):
        begin = start + len(blank)
        start = begin + len(token)
        if token:
            reader.feed(token, (begin, start))
    close_bracket(reader, "]", (last, span[1]))


def open_bracket(reader: Reader, _text: str, span: Span) -> None:
    """Begin an array."""
    if reader.complete:
        message, hint = reader.grammar.refused["["]
        reader.fail(message, span, hint)
    inner = reader.open[-MAX_NESTING:]
    if len(inner) == MAX_NESTING and all(opening.sign == "[" for opening in inner):
        raise LimitError(f"more than {MAX_NESTING} arrays within each other", reader.source, span)
    reader.open.append(Parenthesis(span, begin=len(reader.code), sign="["))
    reader.stack.append(BARRIER)


def close_bracket(reader: Reader, _text: str, span: Span) -> None:
    """End an array: its entries are stacked, and rows have one length."""
    if not reader.open:
        message, hint = reader.grammar.refused["]"]
        reader.fail(message, span, hint)
    if reader.open[-1].sign != "[":
        reader.refuse_open_parenthesis()
    opening = reader.close(span)
    stacked(reader, opening, (opening.span[0], span[1]))


def stacked(reader: Reader, opening: Parenthesis, whole: Span) -> None:
    """Stack the entries of an array that has been closed."""
    shape = _shape(reader, opening)
    if len(shape) > MAX_NESTING:
        raise LimitError(f"more than {MAX_NESTING} arrays within each other", reader.source, whole)
    reader.code.append(Apply(STACK, opening.operands))
    reader.spans.append(whole)
    del reader.starts[len(reader.starts) - opening.operands + 1 :]
    reader.starts[-1], reader.last = whole
    if reader.open and reader.open[-1].sign == "[" and shape:
        reader.open[-1].rows.append(Row(opening.begin, len(reader.code), shape, whole))


def _shape(reader: Reader, opening: Parenthesis) -> tuple[int, ...]:
    """Return the shape of an array, if its entries are numbers or arrays that are written out; else nothing.

    Raises `ExpressionSyntaxError` where these arrays have different shapes.
    """
    count, rows = opening.operands, opening.rows
    if not rows:
        return (count,)
    ends = [opening.begin, *(row.end for row in rows)]
    are_written_out = [row.begin for row in rows] == ends[:-1] and ends[-1] == len(reader.code)
    if len(rows) != count or not are_written_out:
        return ()
    for row in rows:
        if row.shape != rows[0].shape:
            this, first = (" × ".join(map(str, each.shape)) for each in (row, rows[0]))
            reader.fail(f"the rows of an array have one length: this one has {this}, the first one {first}", row.span)
    return count, *rows[0].shape
