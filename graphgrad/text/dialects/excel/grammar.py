"""The grammar of Excel's formulas: its signs, its precedence, and what reads its tokens.

Source: "Calculation operators and precedence in Excel", https://support.microsoft.com/. A sign binds more tightly than
a power there, and powers chain to the left: -2^2 is 4, and 2^3^2 is 64.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.text.dialects.excel.free_cells import statement_code
from graphgrad.text.dialects.excel.functions import CALLS, FUNCTIONS, PERCENT
from graphgrad.text.dialects.excel.references import area_in
from graphgrad.text.dialects.excel.tokens import kind_of_token, tokens, tokens_with_decimal_comma
from graphgrad.text.grammar import Grammar
from graphgrad.text.handlers import literal
from graphgrad.text.missing_operator import refuse_beside
from graphgrad.text.plain import program_grammar
from graphgrad.text.reader import BARRIER, Parenthesis
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.vocabulary import strange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.operations import Operations
    from graphgrad.text.grammar import Handler
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["excel_grammar", "excel_grammar_with_semicolons", "formula_grammar"]

COMPARISON, SUM, PRODUCT, POWER = (11, 12), (20, 21), (30, 31), (40, 41)
SIGN: Final = 50
SIGNS: Final = {
    "=": (COMPARISON, "=="),
    "<>": (COMPARISON, "!="),
    "<": (COMPARISON, "<"),
    "<=": (COMPARISON, "<="),
    ">": (COMPARISON, ">"),
    ">=": (COMPARISON, ">="),
    "+": (SUM, "+"),
    "-": (SUM, "-"),
    "*": (PRODUCT, "*"),
    "/": (PRODUCT, "/"),
    "^": (POWER, "^"),
}
"""Excel's operators: their binding powers, and the plain language's sign for the same operation."""

ARRAY: Final = "write its numbers into cells, and name them: SUM(B1:B3)"
NO_SIGN: Final = {
    "&": ("& joins texts", "only numbers have derivatives"),
    "{": ("an array is written out here", ARRAY),
    "}": ("an array is written out here", ARRAY),
    ":": ("a range runs from a cell to a cell", "write B1:B3"),
    "#": ("# means all results of an array formula", "name their range: A1:A5"),
    "@": ("@ means the cell in the same row", "name the cell"),
    "!": ("! stands between a sheet and a cell", "write Sheet1!A1, or 'My Sheet'!A1"),
    "~": ("~ joins ranges", "sum them one by one"),
    "**": ("** is no sign of Excel", "write ^"),
    "//": ("// is no sign of Excel", "write INT(A1/B1)"),
    "==": ("== is no sign of Excel", "write ="),
    "!=": ("!= is no sign of Excel", "write <>"),
    "&&": ("&& is no sign of Excel", "write AND(A1>0, B1>0)"),
    "||": ("|| is no sign of Excel", "write OR(A1>0, B1>0)"),
}
"""Signs that are refused, with what to write."""

KINDS: Final = {
    "external": ("another workbook is not read", "copy its numbers into this workbook"),
    "table": ("references to columns of tables, and in the style R1C1, are not read", "name the cells: B2:B10"),
    "error": ("an error stands in the formula", "mend the reference that was here"),
}


@lru_cache(maxsize=16)
def excel_grammar(operations: Operations) -> Grammar:
    """Return the grammar of one formula, whose cells are its inputs.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> from graphgrad.text.parser import parse
    >>> [statement] = parse("=SUM(A1:A2)*$B$1", excel_grammar(OPERATIONS))
    >>> [getattr(item, "text", None) or item.op.name for item in statement.code]
    ['A1', 'A2', 'add', 'B1', 'mul']
    """
    return _grammar("excel", operations, alone=True)


@lru_cache(maxsize=16)
def excel_grammar_with_semicolons(operations: Operations) -> Grammar:
    """Return the same with semicolons between operands, and a decimal comma or point.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> from graphgrad.text.parser import parse
    >>> [statement] = parse("=MAX(A1;1,5)", excel_grammar_with_semicolons(OPERATIONS))
    >>> statement.code[1].value
    Fraction(3, 2)
    """
    return _grammar("excel;", operations, alone=True)


@lru_cache(maxsize=16)
def formula_grammar(operations: Operations, dialect: str = "excel") -> Grammar:
    """Return the grammar of a formula in a workbook: its code keeps ranges, texts and calls, for `Lowering` to read."""
    return _grammar(dialect, operations, alone=False)


def _grammar(dialect: str, operations: Operations, *, alone: bool) -> Grammar:
    plain = program_grammar(operations)
    separator, other = (";", ",") if dialect.endswith(";") else (",", ";")
    handlers: Mapping[str, Handler] = {
        "(": _parenthesis,
        ")": _close,
        separator: _separator,
        other: _wrong_separator,
        "%": _percent,
        "=": _leading,
        "": _end if alone else _nothing,
    }
    return Grammar(
        dialect=dialect,
        operations=operations,
        tokens=tokens_with_decimal_comma if separator == ";" else tokens,
        infix={sign: (*binds, plain.infix[symbol][2]) for sign, (binds, symbol) in SIGNS.items()},
        prefix={"-": (SIGN, plain.prefix["-"][1])},
        postfix={},
        functions={},
        constants={},
        refused=NO_SIGN,
        words={},
        handlers=handlers,
        longer={},
        other=_other,
        beside=refuse_beside,
    )


# ---- operands


def _other(reader: Reader, text: str, span: Span) -> None:
    kind = kind_of_token(text)
    if kind in KINDS:
        message, hint = KINDS[kind]
        reader.fail(message, span, hint)
    if kind in _OPERANDS:
        if reader.complete:
            _refuse_two_operands(reader, text, kind, span)
        _OPERANDS[kind](reader, text, span)
    elif text in reader.grammar.prefix and not reader.complete:
        binds, item = reader.grammar.prefix[text]
        reader.stack.append((binds, item, span[0]))
    elif text != "+":
        _refuse(reader, text, span)


def _refuse_two_operands(reader: Reader, text: str, kind: str, span: Span) -> None:
    shown = text.rstrip("( \t")
    where = span[0], span[0] + len(shown)
    last = reader.code[-1]
    if kind == "reference" and isinstance(last, Name):
        reader.fail("two ranges side by side mean the cells that they share", where, "name these cells")
    left = reader.source[reader.starts[-1] : reader.last]
    reader.fail(f"an operator is missing before '{shown[:40]}'", where, f"to multiply, write {left[-20:]}*{shown[:20]}")


def _reference(reader: Reader, text: str, span: Span) -> None:
    area = area_in(text)
    if area is None:
        if text.isidentifier():
            _name(reader, text, span)  # beyond the last column, it is a name
            return
        reader.fail("this range is not on one sheet of 16384 columns and 1048576 rows", span, "name its cells")
    reader.push(text, Name(text), span)


def _name(reader: Reader, text: str, span: Span) -> None:
    upper = text.upper()
    item = Apply(CALLS[upper], 0) if upper in _TRUTHS else Name(text)
    reader.push(text, item, span)


_TRUTHS: Final = ("TRUE", "FALSE")


def _text(reader: Reader, text: str, span: Span) -> None:
    reader.push(text, Name(text), span)


def _number(reader: Reader, text: str, span: Span) -> None:
    plain = text.replace(",", ".")
    reader.push(text, Number(literal(reader, plain, span), plain), span)


# ---- calls


def _call(reader: Reader, text: str, span: Span) -> None:
    written = text[:-1].rstrip()
    reader.open.append(Parenthesis((span[0], span[0] + len(written)), _function(reader, written, span[0])))
    reader.stack.append(BARRIER)


def _function(reader: Reader, written: str, start: int) -> str:
    name = written.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
    span = (start, start + len(written))
    if name not in FUNCTIONS:
        _refuse_unread(reader, name, span)
        hint = suggestion(name, FUNCTIONS, f"to multiply, write {written[:20]}*(…)")
        raise UnknownNameError(f"unknown function '{written[:60]}'", reader.source, span, hint=hint)
    return name


def _refuse_unread(reader: Reader, name: str, span: Span) -> None:
    from graphgrad.text.dialects.excel.unread import UNREAD

    if name in UNREAD:
        reader.fail(f"{name} is not read", span, UNREAD[name])


def _parenthesis(reader: Reader, _text: str, span: Span) -> None:
    left = reader.source[reader.starts[-1] : reader.last]
    reader.fail("an operator is missing before '('", span, f"to multiply, write {left[-20:]}*(")


def _separator(reader: Reader, text: str, span: Span) -> None:
    if not reader.open or not reader.open[-1].function:
        message, hint = f"'{text}' only separates the operands of a function", "the decimal sign is the point: 1.5"
        if text == ";" or reader.open:
            hint = "ranges are joined in SUM(A1, B1:B3), one by one"
        reader.fail(message, span, hint)
    _end_operand(reader, span)
    reader.open[-1].operands += 1
    reader.complete = False


def _wrong_separator(reader: Reader, text: str, span: Span) -> None:
    if text == ";":
        reader.fail(
            "';' separates nothing here",
            span,
            "for ';' between operands, and a decimal comma, take the dialect 'excel;'",
        )
    reader.fail(
        "',' is the decimal comma here, within a number",
        span,
        "write ';' between operands, or take the dialect 'excel'",
    )


def _end_operand(reader: Reader, span: Span) -> None:
    if reader.complete:
        reader.reduce(-1)
    elif reader.stack[-1] is BARRIER:
        reader.add(Name(""), (span[0], span[0]))
    else:
        reader.refuse_missing_operand(span)


def _close(reader: Reader, _text: str, span: Span) -> None:
    if not reader.open:
        reader.fail("this ')' closes nothing", span)
    opening = reader.open[-1]
    if not opening.function and not reader.complete:
        reader.refuse_missing_operand(span)
    is_empty = opening.function and opening.operands == 1 and not reader.complete and reader.stack[-1] is BARRIER
    count = 0 if is_empty else opening.operands
    if not is_empty:
        _end_operand(reader, span)
    reader.stack.pop()
    reader.open.pop()
    if opening.function:
        _finish_call(reader, opening.function, count, (opening.span[0], span[1]))
    reader.starts[-1], reader.last, reader.complete = opening.span[0], span[1], True


def _finish_call(reader: Reader, name: str, count: int, whole: Span) -> None:
    function = FUNCTIONS[name]
    if not function.least <= count <= function.most:
        most = f" to {function.most}" if function.most > function.least else ""
        reader.fail(f"{name} takes {function.least}{most} operands, not {count}", whole)
    reader.code.append(Apply(CALLS[name], count))
    reader.spans.append(whole)
    if not count:
        reader.starts.append(whole[0])
    del reader.starts[len(reader.starts) - max(count, 1) + 1 :]


def _percent(reader: Reader, text: str, span: Span) -> None:
    if not reader.complete:
        reader.fail(f"a number is missing before '{text}'", span, "for the remainder write MOD(a, b)")
    reader.applied(Apply(PERCENT, 1), span)


# ---- the formula


def _leading(reader: Reader, _text: str, span: Span) -> None:
    if reader.code or reader.open or len(reader.stack) > 1 or reader.source[: span[0]].strip():
        _refuse(reader, "=", span)


def _nothing(_reader: Reader, _text: str, _span: Span) -> None:
    """The end of a formula in a workbook needs nothing."""


def _end(reader: Reader, _text: str, _span: Span) -> None:
    """Write the formula in operations of the table, once it is read."""
    if reader.complete and not reader.open:
        reader.reduce(-1)
        code, spans = statement_code(reader.code, reader.spans, reader.source, reader.grammar.operations)
        reader.code[:], reader.spans[:] = code, spans


def _refuse(reader: Reader, text: str, span: Span) -> None:
    if text in reader.grammar.infix:
        reader.fail(f"a number or a cell is missing before '{text}'", span)
    if text in NO_SIGN:
        message, hint = NO_SIGN[text]
        reader.fail(message, span, hint)
    reader.fail(strange(text[0]), (span[0], span[0] + 1), "leave it out: a formula has cells, numbers and functions")


_OPERANDS: Final[Mapping[str, Any]] = {
    "reference": _reference,
    "name": _name,
    "text": _text,
    "number": _number,
    "call": _call,
}
