"""Read the tokens of the plain language: functions of the parser's state, which its grammar lists by token."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import LimitError
from graphgrad.text.arguments import read_constant, read_index
from graphgrad.text.calls import resolved, text_parameter
from graphgrad.text.quoted_names import unquoted
from graphgrad.text.reader import BARRIER, Parenthesis
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.tokens import exact_number
from graphgrad.text.vocabulary import BRACKETS, strange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.text.grammar import Handler
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = [
    "LONGER",
    "MAX_ARGUMENTS",
    "PUNCTUATION",
    "any_other",
    "call",
    "close_parenthesis",
    "comma",
    "literal",
    "refuse",
]

MAX_ARGUMENTS: Final = 1_000
"""The most operands a call may have."""


def any_other(reader: Reader, text: str, span: Span) -> None:
    """Read a name, a number, a call or a sign; refuse any other token."""
    if text.isidentifier():
        name(reader, text, span)
    elif not text or text[0] == "#":
        return
    elif "0" <= text[0] <= "9" or (text[0] == "." and text != "."):
        number(reader, text, span)
    elif text[-1] == "(":
        call(reader, text, span)
    elif text[0].isidentifier():
        name(reader, text, span)
    elif text in reader.grammar.prefix and not reader.complete:
        binds, item = reader.grammar.prefix[text]
        reader.stack.append((binds, item, span[0]))
    elif text != "+":
        refuse(reader, text, span)


# ---- operands


def number(reader: Reader, text: str, span: Span) -> None:
    """Read a number."""
    reader.require_operator(text, span)
    reader.push(text, Number(literal(reader, text, span), text), span)


def literal(reader: Reader, text: str, span: Span) -> Fraction:
    """Return the exact value of a number."""
    try:
        exact = exact_number(text)
    except OverflowError as error:
        raise LimitError(str(error), reader.source, span) from None
    if exact is None:
        reader.fail(f"'{text}' is not a number", span, "an underscore stands between two digits: 1_000")
    return exact


def name(reader: Reader, text: str, span: Span) -> None:
    """Read a name: that of a constant, or an input's or an intermediate's."""
    reader.require_operator(text, span)
    called = text if text.isascii() else _normalised(reader, text, span[0])
    constants = reader.grammar.constants
    reader.push(text, Apply(constants[called], 0) if called in constants else Name(called), span)


def _normalised(reader: Reader, text: str, start: int) -> str:
    for i in range(len(text)):
        if not text[: i + 1].isidentifier():
            refuse_character(reader, text[i], start + i)
    return unicodedata.normalize("NFKC", text)


def quoted_name(reader: Reader, text: str, span: Span) -> None:
    """Read a name in backquotes."""
    quoted = unquoted(text)
    if quoted is None and text == "``":
        reader.fail("a name is missing between these backquotes", span, "write a name in backquotes: `unit price`")
    if quoted is None:
        lone_backquote(reader, text, span)
    reader.require_operator(text, span)
    reader.push(text, Name(quoted), span)


def lone_backquote(reader: Reader, _text: str, span: Span) -> NoReturn:
    """Refuse a backquote that is not closed."""
    hint = "a name in backquotes ends on its line: `unit price`; a backquote within it is written twice: `a``b`"
    reader.fail("this backquote is never closed", (span[0], span[0] + 1), hint)


# ---- parentheses and calls


def call(reader: Reader, text: str, span: Span) -> None:
    """Read a function's name with its opening parenthesis."""
    reader.require_operator(text, span)
    written = text[:-1].rstrip()
    function = written if written.isascii() else _normalised(reader, written, span[0])
    reader.open.append(Parenthesis((span[0], span[0] + len(written)), function))
    reader.stack.append(BARRIER)


def open_parenthesis(reader: Reader, _text: str, span: Span) -> None:
    """Refuse a parenthesis behind an operand: elsewhere `Reader.read` reads it."""
    reader.require_operator("(", span)


def close_parenthesis(reader: Reader, _text: str, span: Span) -> None:
    """Close a parenthesis or a call."""
    if not reader.open:
        reader.fail("this ')' closes nothing", span)
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.reduce(-1)
    reader.stack.pop()
    opening = reader.open.pop()
    if opening.function:
        _finish_call(reader, opening, (opening.span[0], span[1]))
    reader.starts[-1], reader.last = opening.span[0], span[1]


def _finish_call(reader: Reader, opening: Parenthesis, whole: Span) -> None:
    reader.code.append(resolved(opening, whole, reader.source, reader.grammar))
    reader.spans.append(whole)
    del reader.starts[len(reader.starts) - opening.operands + 1 :]


def comma(reader: Reader, _text: str, span: Span) -> None:
    """Read what separates the operands of a call."""
    if not reader.complete and (reader.open or reader.stack[-1] is not BARRIER):
        reader.refuse_missing_operand(span)
    reader.reduce(-1)
    if not reader.open or not reader.open[-1].function:
        reader.fail("a comma only separates the operands of a function", span, "the decimal point is '.'")
    reader.open[-1].operands += 1
    reader.complete = False
    if reader.open[-1].operands > MAX_ARGUMENTS:
        raise LimitError(f"a call has more than {MAX_ARGUMENTS} operands", reader.source, span)


# ---- parameters and what stands behind an operand


def dotted(reader: Reader, text: str, span: Span) -> None:
    """Read what begins with a dot: an operation behind its operand, or a number."""
    postfix = reader.grammar.postfix
    if text in postfix:
        _behind(reader, postfix[text].with_params({}), text, span)
    else:
        number(reader, text, span)


def bracketed(reader: Reader, text: str, span: Span) -> None:
    """Read an index of constants behind an array."""
    at = read_index(text)
    if at is None or not reader.complete:
        refuse(reader, "[", (span[0], span[0] + 1))
    _behind(reader, reader.grammar.postfix[BRACKETS].with_params({"at": at}), text, span)


def _behind(reader: Reader, op: Op, text: str, span: Span) -> None:
    if not reader.complete:
        reader.fail(f"a name is missing before '{text}'", span)
    reader.applied(Apply(op, 1), span)


def keyword(reader: Reader, text: str, span: Span) -> None:
    """Read an equals sign and a constant: a parameter of a call, or an assignment in the wrong place."""
    value = read_constant(text[1:].strip())
    called = reader.open and reader.open[-1].function and reader.complete and reader.stack[-1] is BARRIER
    called = called and reader.source[reader.starts[-1]] != "`"
    match reader.code[-1:]:
        case [Name(parameter)] if called and value is not NotImplemented and parameter not in reader.open[-1].params:
            reader.open[-1].params[parameter] = value, (reader.starts.pop(), span[1])
            reader.open[-1].operands -= 1
            del reader.code[-1], reader.spans[-1]
        case _:
            equals(reader, "=", (span[0], span[0] + 1))


def subscripts(reader: Reader, text: str, span: Span) -> None:
    """Read the subscripts that a call begins with: its parameter that is a text."""
    begins = reader.open and reader.stack[-1] is BARRIER and not reader.complete
    opening = reader.open[-1] if begins and reader.open[-1].operands == 1 and not reader.open[-1].params else None
    parameter = text_parameter(reader.grammar.functions.get(opening.function, ())) if opening else ""
    if not opening or not parameter:
        refuse_character(reader, text[0], span[0])
    opening.params[parameter] = read_constant(text[:-1].rstrip()), (span[0], span[1] - 1)


# ---- statements


def equals(reader: Reader, _text: str, span: Span) -> None:
    """Read the sign of an assignment."""
    code, starts_here = reader.code, reader.complete and len(reader.stack) == 1 and not reader.target
    if not starts_here or len(code) > 1 or not isinstance(code[0], Name):
        inside = "a parameter's value is a constant: axis=0; " if reader.open else ""
        reader.fail("only a name can be assigned to", span, f"{inside}to compare, write ==")
    reader.target, reader.target_span, reader.complete = code[0].text, reader.spans[0], False
    reader.clear_statement()


def newline(reader: Reader, _text: str, span: Span) -> None:
    """Read the end of a line, which ends a statement outside of parentheses."""
    if not reader.open:
        reader.end_of_statement(span[0])


def semicolon(reader: Reader, _text: str, span: Span) -> None:
    """Read the end of a statement."""
    if reader.open:
        reader.refuse_open_parenthesis()
    reader.end_of_statement(span[0])


# ---- refusals


def refuse(reader: Reader, text: str, span: Span) -> NoReturn:
    """Raise the error for a token that has no meaning where it stands."""
    if text in reader.grammar.infix:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    if text in reader.grammar.refused:
        message, hint = reader.grammar.refused[text]
        reader.fail(message, span, hint)
    refuse_character(reader, text[0], span[0])


def refuse_character(reader: Reader, text: str, start: int) -> NoReturn:
    """Raise the error for a character that means nothing."""
    message, hint = strange(text)
    reader.fail(message, (start, start + 1), hint)


LONGER: Final[Mapping[str, Handler]] = {".": dotted, "[": bracketed, "=": keyword, "`": quoted_name, '"': subscripts}
PUNCTUATION: Final[Mapping[str, Handler]] = {
    "(": open_parenthesis,
    ")": close_parenthesis,
    ",": comma,
    "=": equals,
    "\n": newline,
    ";": semicolon,
    "`": lone_backquote,
}
