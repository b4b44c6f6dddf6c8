"""Read sums and products over an index, `sum(i*x[i] for i in 0..9)`, and what an index stands in: `x[2*i + 1]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.text.arguments import read_index
from graphgrad.text.reader import BARRIER, Series
from graphgrad.text.statement import Code, Name, Repeat, TakeAt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphgrad.ops.op import Op
    from graphgrad.text.reader import Parenthesis, Reader
    from graphgrad.text.statement import Span

__all__ = ["SERIES_TOKENS", "SERIES_WORDS", "finish_series", "index_of", "refuse_second_index", "two_dots"]

EXAMPLE: Final = "for example: sum(i*x[i] for i in 0..9)"
RANGE: Final = "a range is written 0..9, with both ends"


def _for(reader: Reader, span: Span) -> bool:
    """Read the word behind the values of a sum; False where it is none."""
    if not reader.open or not (function := reader.open[-1].function):
        return False
    opening = reader.open[-1]
    reader.end_operand()
    if opening.series:
        refuse_second_index(reader, span)
    if _op_over(reader, function) is None:
        known = ", ".join(op.series for op in reader.grammar.operations.values() if op.series)
        reader.fail(f"'{function}' is not taken over an index", span, f"over an index there are {known}; {EXAMPLE}")
    if opening.operands > 1 or opening.params:
        reader.fail(f"over an index, '{function}' takes one expression", span, EXAMPLE)
    start = reader.starts[-1]
    opening.series = Series(start, reader.taken(opening.begin))
    return True


def refuse_second_index(reader: Reader, span: Span) -> NoReturn:
    """Refuse a second index, or a second expression, of a sum."""
    reader.fail("a sum has one index", span, "a sum of sums has two: sum(sum(i*j for j in 0..9) for i in 0..9)")


def _op_over(reader: Reader, function: str) -> Op | None:
    """Return the operation that a function over an index repeats."""
    return next((op for op in reader.grammar.operations.values() if op.series == function), None)


def _in(reader: Reader, span: Span) -> bool:
    """Read the word behind an index; False where it is none."""
    opening = reader.open[-1] if reader.open else None
    if opening is None or opening.series is None or opening.series.index:
        return False
    begin = opening.begin
    match reader.code[begin:]:
        case [Name(index)] if reader.stack[-1] is BARRIER:
            opening.series.index = index
        case _:
            reader.fail("the index of a sum is a name", reader.spans[-1], EXAMPLE)
    reader.taken(begin)
    del span
    return True


SERIES_WORDS: Final[Mapping[str, Callable[[Reader, Span], bool]]] = {"for": _for, "in": _in}
"""What reads the words of a sum over an index."""

SERIES_TOKENS: Final = (*SERIES_WORDS, "..")
"""The tokens of a sum over an index, for dialects that write it otherwise."""


def two_dots(reader: Reader, _text: str, span: Span) -> None:
    """Read the dots between the first and the last number of an index."""
    series = reader.open[-1].series if reader.open else None
    if series is None or not series.index or series.first:
        reader.fail("'..' stands between the first and the last number of an index", span, EXAMPLE)
    if not reader.complete:
        reader.fail("a number is missing before '..'", span, RANGE)
    reader.end_operand()
    series.first = reader.taken(reader.open[-1].begin)


def finish_series(reader: Reader, opening: Parenthesis, whole: Span) -> None:
    """Add a sum over an index, whose parenthesis has just been closed."""
    series = opening.series
    if series is None or series.first is None:
        _refuse_range(reader, opening)
    last = reader.taken(opening.begin)
    op = _op_over(reader, opening.function)
    if op is None:
        _refuse_range(reader, opening)
    reader.add(Repeat(series.index, series.first, last, series.body, op), whole)


def _refuse_range(reader: Reader, opening: Parenthesis) -> NoReturn:
    span = reader.starts[-1], reader.last
    if opening.series and not opening.series.index:
        reader.fail("the range of this index is missing", span, EXAMPLE)
    reader.fail("this is no range", span, RANGE)


def index_of(reader: Reader, take: Op, text: str, span: Span) -> TakeAt:
    """Return what takes the part of an array at an index that is not of constants alone."""
    places: list[Any] = []
    start = span[0] + 1
    for part in text[1:-1].split(","):
        known = read_index(f"[{part}]")
        places.append(_expression(reader, part, start) if known is None else known[0])
        start += len(part) + 1
    return TakeAt(text, tuple(places), take)


def _expression(reader: Reader, part: str, start: int) -> Code:
    """Return the code of an expression within an index."""
    within = type(reader)(part, reader.grammar)
    try:
        [statement] = within.read()
    except (ExpressionSyntaxError, ValueError):
        message, hint = reader.grammar.refused["["]
        reader.fail(message, (start - 1, start), hint)
    if statement.target:
        message, hint = reader.grammar.refused["["]
        reader.fail(message, (start - 1, start), hint)
    spans = tuple((first + start, last + start) for first, last in statement.spans)
    return Code(statement.code, spans)
