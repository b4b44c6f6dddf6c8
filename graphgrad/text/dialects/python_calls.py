"""Read Python's calls: sums over a range, functions that take a list, and those whose second operand is an axis."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import OPERATIONS, STACK
from graphgrad.text import handlers
from graphgrad.text.definitions import EQUALS
from graphgrad.text.dialects.python_logic import read_logic
from graphgrad.text.dialects.python_names import ALONE, LISTED, NUMPY, SERIES, WHOLE
from graphgrad.text.reader import BARRIER
from graphgrad.text.series import SERIES_WORDS
from graphgrad.text.statement import Apply, Code, Number

if TYPE_CHECKING:
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.reader import Parenthesis
    from graphgrad.text.statement import Span

__all__ = ["close_call", "comma", "for_word", "in_word", "is_range"]

EXAMPLE: Final = "over an index write sum(x[i] for i in range(3))"
RANGE: Final = "range"
OPTIONS: Final = {"sum": "np.sum"}
"""The function of NumPy's that a call with parameters is, which Python's own of its name has not."""

AS_IT_IS: Final = frozenset(WHOLE["builtin"]) | {f"{prefix}{name}" for prefix in NUMPY for name in WHOLE["numpy"]}
REDUCTIONS: Final = {f"{prefix}{name}" for prefix in NUMPY for names in ALONE.values() for name in names}
LISTS: Final = frozenset(name for names in LISTED.values() for name in names)
OVER_INDEX: Final = {function: OPERATIONS[name].spoken for name, functions in SERIES.items() for function in functions}


EITHER: Final[Spellings] = {"max": "maximum", "min": "minimum"}
"""The reductions that NumPy calls otherwise for two numbers."""


def for_word(reader: Any, text: str, span: Span) -> None:
    """Read `for` behind the terms of a sum; it is a name elsewhere."""
    opening = reader.open[-1] if reader.open else None
    if not reader.complete or opening is None:
        reader.grammar.other(reader, text, span)
        return
    if opening.sign == "[":
        reader.fail("a list over an index is not read", span, EXAMPLE)
    opening.function = OVER_INDEX.get(opening.function, opening.function)
    reader.reduce(-1)
    read_logic(reader, opening.begin)
    if not SERIES_WORDS[text](reader, span):
        reader.fail("'for' stands in a sum", span, EXAMPLE)


def in_word(reader: Any, text: str, span: Span) -> None:
    """Read `in` behind an index; it is a name elsewhere."""
    if not (reader.complete and SERIES_WORDS[text](reader, span)):
        handlers.name(reader, text, span)


def is_range(reader: Any) -> bool:
    """Whether a range may begin here: that of an index."""
    series = reader.open[-1].series if reader.open else None
    return bool(series and series.index and series.first is None and reader.stack[-1] is BARRIER)


def _is_open_range(reader: Any) -> bool:
    return len(reader.open) > 1 and reader.open[-1].function == RANGE and bool(reader.open[-2].series)


def comma(reader: Any, text: str, span: Span) -> None:
    """Read what separates operands; in a range it stands behind the first number."""
    if not _is_open_range(reader) or not reader.complete:
        if not reader.open and reader.complete:
            reader.fail("several values are not read", span, "a text has one value: leave the others out")
        if reader.complete and reader.open and reader.open[-1].sign == "(" and not reader.open[-1].function:
            reader.fail("tuples are not read", span, "write an array: [x, y]; the decimal point is '.'")
        handlers.comma(reader, text, span)
        return
    if reader.open[-2].series.first is not None:
        reader.fail("a range has no step here", span, "write the step into the terms: x[2*i] for i in range(3)")
    reader.end_operand()
    reader.open[-2].series.first = reader.taken(reader.open[-1].begin)


def close_call(reader: Any, text: str, span: Span) -> None:
    """Close a parenthesis or a call."""
    opening = reader.open[-1] if reader.open else None
    if opening is None or opening.sign != "(" or not opening.function:
        handlers.close_parenthesis(reader, text, span)
        return
    if _is_open_range(reader):
        _close_range(reader, span)
        handlers.close_parenthesis(reader, text, span)
        reader.range_end = span[1]
        return
    if opening.series:
        _require_range(reader, opening)
    else:
        if not reader.target and len(reader.open) == 1 and EQUALS.match(reader.source, span[1]):
            hint = f"a function is defined by {opening.function} = lambda x: x**2; to compare, write =="
            reader.fail("an equals sign stands behind a name", (opening.span[0], span[1]), hint)
        if opening.function not in AS_IT_IS or opening.function in reader.called:
            reader.close_call(span)
        _read_operands(reader, opening, span)
    handlers.close_parenthesis(reader, text, span)


def _require_range(reader: Any, opening: Parenthesis) -> None:
    """Refuse an index that is not over one range."""
    if opening.series and opening.series.index and reader.complete:
        ends = reader.last == reader.range_end and reader.stack[-1] is BARRIER
        if not ends or opening.series.first is None:
            reader.fail("an index is over a range of constants", (reader.starts[-1], reader.last), EXAMPLE)


def _close_range(reader: Any, span: Span) -> None:
    """End a range, whose end Python leaves out: range(3) is 0, 1, 2."""
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.end_operand()
    opening, series = reader.open[-1], reader.open[-2].series
    if series.first is None:
        series.first = Code((Number(Fraction(0), "0"),), (opening.span,))
    minus = reader.grammar.infix["-"][2]
    reader.add(Number(Fraction(1), "1"), span)
    reader.starts.pop()
    reader.applied(minus, span)
    opening.function = ""


def _read_operands(reader: Any, opening: Parenthesis, span: Span) -> None:
    name = opening.function
    whole = opening.span[0], span[1]
    if name in AS_IT_IS:
        if opening.operands > 1 or opening.params:
            reader.fail(f"{name} takes one operand here", whole, f"write {name}([1, 2])")
        if reader.complete:
            opening.function = ""
    elif name in REDUCTIONS and opening.operands > 1:
        largest = name.rpartition(".")[2].removeprefix("a")
        also = f"; of two numbers np.{largest}imum(x, y)" if largest in EITHER else ""
        reader.fail(f"the second operand of {name} is an axis", whole, f"write {name}(x, axis=0){also}")
    elif name in OPTIONS and opening.params:
        opening.function = OPTIONS[name]
    elif name in LISTS and reader.complete:
        _read_list(reader, opening, whole)


def _read_list(reader: Any, opening: Parenthesis, whole: Span) -> None:
    reader.end_operand()
    item = reader.code[-1]
    if opening.operands > 1 or not isinstance(item, Apply) or item.op is not STACK:
        reader.fail(f"the arrays stand in brackets here: {opening.function}([x, y])", whole, "write the brackets")
    reader.code.pop()
    reader.spans.pop()
    opening.operands = item.arity
    reader.starts += [reader.starts[-1]] * (item.arity - 1)
