"""Read MATLAB's arrays in brackets: entries between commas or blanks, rows between semicolons or lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import LimitError
from graphgrad.ops.table import STACK
from graphgrad.text.handlers import MAX_ARGUMENTS, next_operand
from graphgrad.text.missing_operator import refuse_beside
from graphgrad.text.reader import BARRIER, Parenthesis, Reader, Row
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from graphgrad.text.statement import Span

__all__ = [
    "beside",
    "close_brackets",
    "ends_with_column",
    "entry",
    "in_brackets",
    "open_brackets",
    "refuse_blank",
    "row",
]

TURNED: Final = ".T"
"""What a column is: a row that is turned."""


def in_brackets(reader: Reader) -> bool:
    """Whether what is read stands directly in brackets."""
    return bool(reader.open) and reader.open[-1].sign == "["


def open_brackets(reader: Reader, _text: str, span: Span) -> None:
    """Begin an array."""
    if any(each.sign == "[" for each in reader.open):
        reader.fail("brackets in brackets are not read", span, "write rows with semicolons: [1, 2; 3, 4]")
    if reader.complete:
        reader.fail("brackets stand behind an operand", span, "an index is in parentheses: x(2); to multiply, write *")
    reader.open.append(Parenthesis(span, begin=len(reader.code), sign="["))
    reader.stack.append(BARRIER)


def entry(reader: Reader, span: Span) -> None:
    """Read what separates two entries of a row."""
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.end_operand()
    next_operand(reader, span)


def beside(reader: Reader, text: str, span: Span) -> None:
    """Read an operand behind another one: in brackets, a blank separates entries."""
    if in_brackets(reader) and span[0] > reader.last:
        entry(reader, span)
    else:
        refuse_beside(reader, text, span)


def refuse_blank(reader: Reader, text: str, span: Span) -> None:
    """Refuse [a -b], which can be [a - b] or [a, -b]; and [f (x)], which can be [f(x)] or [f, (x)]."""
    source = reader.source
    if not in_brackets(reader) or not reader.complete or span[0] == reader.last:
        return
    if source[span[1] : span[1] + 1] not in ("", " ", "\t", "\n", "."):
        left, right = source[reader.starts[-1] : reader.last][-20:], source[span[1]]
        whole = reader.starts[-1], span[1] + 1
        reader.refuse_readings(whole, f"[{left}, {text}{right}…]", f"[{left} {text} {right}…]")


def row(reader: Any, span: Span) -> None:
    """End a row of an array; a line that ends behind a semicolon ends none."""
    opening = reader.open[-1]
    if not reader.complete:
        if opening.operands == 1 and reader.stack[-1] is BARRIER and (opening.rows or reader.source[span[0]] == "\n"):
            return
        reader.refuse_missing_operand(span)
    _end_row(reader)


def _end_row(reader: Any) -> None:
    reader.end_operand()
    opening, count = reader.open[-1], reader.open[-1].operands
    begin = opening.rows[-1].end if opening.rows else opening.begin
    first = reader.starts[-count]
    span = first, reader.last
    if opening.rows and opening.rows[0].shape != (count,):
        [expected] = opening.rows[0].shape
        reader.fail(f"the rows of an array have one length: this one has {count}, the first one {expected}", span)
    reader.code.append(Apply(STACK, count))
    reader.spans.append(span)
    del reader.starts[len(reader.starts) - count + 1 :]
    opening.rows.append(Row(begin, len(reader.code), (count,), span))
    if len(opening.rows) > MAX_ARGUMENTS:
        raise LimitError(f"an array has more than {MAX_ARGUMENTS} rows", reader.source, span)
    opening.operands, reader.complete = 1, False


def close_brackets(reader: Any, _text: str, span: Span) -> None:
    """End an array: one row is a vector, and so is one column; several rows are a matrix."""
    if not reader.open:
        reader.fail("this ']' closes nothing", span, "an array is written [1, 2, 3]")
    if reader.open[-1].sign != "[":
        reader.refuse_open_parenthesis()
    opening = reader.open[-1]
    if reader.complete:
        _end_row(reader)
    elif not opening.rows or opening.operands > 1 or reader.stack[-1] is not BARRIER:
        reader.refuse_missing_operand(span)
    reader.stack.pop()
    reader.open.pop()
    whole, rows = (opening.span[0], span[1]), opening.rows
    if len(rows) == 1:
        reader.spans[-1] = whole
    elif rows[0].shape == (1,):
        _flatten(reader, rows)
        reader.code += [Apply(STACK, len(rows)), Apply(reader.grammar.postfix[TURNED].with_params({}), 1)]
        reader.spans += [whole, whole]
    else:
        reader.code.append(Apply(STACK, len(rows)))
        reader.spans.append(whole)
    del reader.starts[len(reader.starts) - len(rows) + 1 :]
    reader.starts[-1], reader.last, reader.complete = whole[0], whole[1], True


def ends_with_column(reader: Reader) -> bool:
    """Whether the operand that has just ended is a column in brackets, and no transposed array."""
    match reader.code[-2:]:
        case [Apply(stack), Apply(turn)]:
            return stack is STACK and turn.postfix == TURNED and reader.spans[-1] == reader.spans[-2]
    return False


def _flatten(reader: Any, rows: list[Row]) -> None:
    """Take the rows of one entry each apart: a column is a vector of its entries."""
    ends = {each.end - 1 for each in rows}
    begin = rows[0].begin
    for kept in (reader.code, reader.spans):
        kept[begin:] = [item for i, item in enumerate(kept[begin:], begin) if i not in ends]
