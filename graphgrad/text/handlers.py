"""Read the tokens of the plain language: functions of the parser's state, which its grammar lists by token."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import LimitError
from graphgrad.base.lazy_module import LazyModule
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.ops.elementary import POWER
from graphgrad.text.arguments import read_constant, read_index
from graphgrad.text.array_literals import array_in_brackets, close_bracket, open_bracket
from graphgrad.text.calls import resolved, text_parameter
from graphgrad.text.choices import CALLED_WORDS
from graphgrad.text.definitions import begin_definition, begins_definition, called, refuse_second_meaning
from graphgrad.text.missing_operator import refuse_empty_call
from graphgrad.text.powers import finish_power, is_power_of_function
from graphgrad.text.quoted_names import unquoted
from graphgrad.text.reader import BARRIER, ROOT, Parenthesis
from graphgrad.text.separators import refuse_comma, refuse_semicolon, refuse_thousands
from graphgrad.text.series import SERIES_WORDS, finish_series, index_of, refuse_second_index, two_dots
from graphgrad.text.signs import SUBSCRIPTS, normalised
from graphgrad.text.statement import Apply, Call, Name, Number
from graphgrad.text.tokens import exact_number
from graphgrad.text.vocabulary import BRACKETS, strange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.text import hints
    from graphgrad.text.grammar import Handler
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span
else:
    hints = LazyModule("graphgrad.text.hints")

__all__ = [
    "LONGER",
    "MAX_ARGUMENTS",
    "PUNCTUATION",
    "any_other",
    "call",
    "close_parenthesis",
    "comma",
    "literal",
    "next_operand",
    "refuse",
]

MAX_ARGUMENTS: Final = 1_000
"""The most operands a call may have."""

NOT: Final = "not"
INNER_SUBSCRIPT: Final = lazy_pattern(rf"^[{SUBSCRIPTS}]|[{SUBSCRIPTS}](?=[^{SUBSCRIPTS}])")
"""A subscript that does not end a name."""


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
        if reader.stack[-1][0] == ROOT:
            root = reader.source[reader.stack[-1][2]]
            reader.fail(f"a sign stands behind {root}", span, f"write {root}({text}…)")
        reader.stack.append((binds, item, span[0]))
    elif text != "+":
        refuse(reader, text, span)


# ---- operands


def number(reader: Reader, text: str, span: Span) -> None:
    """Read a number."""
    if reader.complete:
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
    if reader.complete:
        reader.require_operator(text, span)
    called = text if text.isascii() else _normalised(reader, text, span[0])
    constants = reader.grammar.constants
    reader.push(text, Apply(constants[called], 0) if called in constants else Name(called), span)


def _normalised(reader: Reader, text: str, start: int) -> str:
    called = normalised(text)
    if not called.isidentifier() or INNER_SUBSCRIPT.search(text):
        _refuse_in_name(reader, text, start)
    return called


def _refuse_in_name(reader: Reader, text: str, start: int) -> NoReturn:
    """Refuse the character that is no part of a name, and a subscript within a name."""
    inner = INNER_SUBSCRIPT.search(text)
    fault = (
        inner.start() if inner else next(i for i in range(len(text)) if not normalised(text[: i + 1]).isidentifier())
    )
    if inner and fault:
        end = next((i for i in range(fault, len(text)) if text[i] not in SUBSCRIPTS), len(text))
        first, rest = normalised(text[:end]), text[end:]
        function = unicodedata.normalize("NFKC", text[:end])
        hint = f"write {first}*{rest}, or the name `{text}` in backquotes"
        if function in reader.grammar.functions:
            hint = f"write {function}({rest})"
        elif not rest[:1].isidentifier() or not rest:
            hint = f"write the name `{text}` in backquotes"
        reader.fail(f"a subscript ends a name: {text[:40]}", (start, start + len(text)), hint)
    refuse_character(reader, text[fault], start + fault)


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
    written = text[:-1].rstrip()
    if written in CALLED_WORDS and _is_operator(reader, written):
        reader.feed(written, (span[0], span[0] + len(written)))
        reader.feed("(", (span[1] - 1, span[1]))
        return
    if reader.complete:
        reader.require_operator(text, span)
    elif reader.stack[-1][0] == POWER[1]:
        _refuse_exponent_call(reader, written, span)
    function = written if written.isascii() else _function_name(reader, written, span[0])
    reader.open.append(Parenthesis((span[0], span[0] + len(written)), function, begin=len(reader.code)))
    reader.stack.append(BARRIER)


def _is_operator(reader: Reader, word: str) -> bool:
    """Whether a word before a parenthesis is an operator there, and no function: a and (b), not (a)."""
    is_known = word in reader.grammar.handlers or word in reader.grammar.infix
    return is_known and (reader.complete or word == NOT)


def _function_name(reader: Reader, written: str, start: int) -> str:
    """Return a function's name; log₂ is log2."""
    function, plain = _normalised(reader, written, start), unicodedata.normalize("NFKC", written)
    functions = reader.grammar.functions
    return plain if function not in functions and plain in functions else function


def _refuse_exponent_call(reader: Reader, written: str, span: Span) -> None:
    """Refuse sin^n(x), in which n is read as a function."""
    function = reader.source[reader.starts[-1] : reader.last]
    if function in reader.grammar.functions and written not in reader.grammar.functions:
        hint = f"write {function}(…)^{written}"
        whole = reader.starts[-1], span[0] + len(written)
        reader.fail(f"the power of {function} stands behind its parentheses", whole, hint)


def open_parenthesis(reader: Reader, _text: str, span: Span) -> None:
    """Read a parenthesis behind an operand, a number or sin^2; elsewhere `Reader.read` reads it."""
    if not is_power_of_function(reader):
        reader.require_operator("(", span)
        reader.feed("(", span)


def close_parenthesis(reader: Reader, _text: str, span: Span) -> None:
    """Close a parenthesis or a call."""
    if not reader.open:
        reader.fail("this ')' closes nothing", span, "leave it out, or open it with ( before")
    if reader.open[-1].sign != "(":
        reader.refuse_open_parenthesis()
    if not reader.complete:
        refuse_empty_call(reader)
        reader.refuse_missing_operand(span)
    if reader.stack[-1] is not BARRIER:
        reader.end_operand()
    reader.stack.pop()
    opening = reader.open.pop()
    if opening.function:
        _finish_call(reader, opening, (opening.span[0], span[1]))
    if opening.powered:
        finish_power(reader, opening, (opening.span[0], span[1]))
    reader.starts[-1], reader.last = opening.span[0], span[1]


def _finish_call(reader: Reader, opening: Parenthesis, whole: Span) -> None:
    if opening.series:
        finish_series(reader, opening, whole)
        return
    form = reader.grammar.forms.get(opening.function)
    if form:
        reader.code.append(form(reader, opening, whole))
    elif opening.function not in reader.grammar.functions or begins_definition(reader, whole):
        reader.code.append(called(reader, opening, whole))
    else:
        reader.code.append(resolved(opening, whole, reader.source, reader.grammar))
    reader.spans.append(whole)
    del reader.starts[len(reader.starts) - opening.operands + 1 :]


def comma(reader: Reader, _text: str, span: Span) -> None:
    """Read what separates the operands of a call."""
    if not reader.complete and (reader.open or reader.stack[-1] is not BARRIER):
        reader.refuse_missing_operand(span)
    reader.end_operand()
    if reader.open and reader.open[-1].series:
        refuse_second_index(reader, span)
    separates = reader.open and (reader.open[-1].function or reader.open[-1].sign == "[")
    if not separates or reader.source.startswith("0", span[1]):
        refuse_thousands(reader, span)
    if not separates:
        refuse_comma(reader, span)
    next_operand(reader, span)


def next_operand(reader: Reader, span: Span) -> None:
    """Begin the next operand of a call, or the next entry of an array; `span` is that of the sign before it."""
    opening = reader.open[-1]
    opening.operands += 1
    reader.complete = False
    if opening.operands > MAX_ARGUMENTS:
        what, of = ("an array", "entries in a row") if opening.sign == "[" else ("a call", "operands")
        raise LimitError(f"{what} has more than {MAX_ARGUMENTS} {of}", reader.source, span)


# ---- parameters and what stands behind an operand


def dotted(reader: Reader, text: str, span: Span) -> None:
    """Read what begins with a dot: an operation behind its operand, or a number."""
    postfix = reader.grammar.postfix
    if text in postfix:
        _behind(reader, postfix[text].with_params({}), text, span)
    else:
        number(reader, text, span)


def bracketed(reader: Reader, text: str, span: Span) -> None:
    """Read an index behind an array, or an array whose entries stand in brackets."""
    if not reader.complete:
        array_in_brackets(reader, text, span)
        return
    take, at = reader.grammar.postfix[BRACKETS], read_index(text)
    if at is None:
        reader.applied(index_of(reader, take, text, span), span)
    else:
        _behind(reader, take.with_params({"at": at}), text, span)


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
    if not reader.complete and not reader.open and reader.stack[-1] is BARRIER and not reader.target:
        hint = f"leave it out; or, where it is a spreadsheet's, {hints.read_as('excel')}"
        reader.fail("nothing stands before this '='", span, hint)
    code, starts_here = reader.code, reader.complete and len(reader.stack) == 1 and not reader.target
    if starts_here and isinstance(code[-1], Call):
        begin_definition(reader, span)
        return
    if not starts_here or len(code) > 1 or not isinstance(code[0], Name):
        hints.refuse_foreign(reader.grammar, reader.source, span[0])
        inside = "a parameter's value is a constant: axis=0; " if reader.open else ""
        reader.fail("only a name can be assigned to", span, f"{inside}to compare, write ==")
    if code[0].text in reader.functions:
        refuse_second_meaning(reader, code[0].text, reader.spans[0])
    reader.target, reader.target_span, reader.complete = code[0].text, reader.spans[0], False
    reader.clear_statement()


def newline(reader: Reader, _text: str, span: Span) -> None:
    """Read the end of a line, which ends a statement outside of parentheses."""
    if not reader.open:
        reader.end_of_statement(span[0])


def semicolon(reader: Reader, _text: str, span: Span) -> None:
    """Read the end of a statement."""
    if reader.open:
        refuse_semicolon(reader, span)
    reader.end_of_statement(span[0])


# ---- refusals


def refuse(reader: Reader, text: str, span: Span) -> NoReturn:
    """Raise the error for a token that has no meaning where it stands."""
    hints.refuse_foreign(reader.grammar, reader.source, span[0])
    if text in reader.grammar.infix:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    if text in reader.grammar.refused:
        message, hint = reader.grammar.refused[text]
        if text == "%" and reader.complete and isinstance(reader.code[-1], Number) and reader.last < span[0]:
            hint = f"write {reader.source[reader.starts[-1] : reader.last]}% without a blank; {hint}"
        reader.fail(message, span, hint)
    refuse_character(reader, text[0], span[0])


def refuse_character(reader: Reader, text: str, start: int) -> NoReturn:
    """Raise the error for a character that means nothing."""
    hints.refuse_foreign(reader.grammar, reader.source, start)
    reader.fail(strange(text), (start, start + 1), hints.character_hint(reader.source, start))


def index_word(reader: Reader, text: str, span: Span) -> None:
    """Read a word that says over which index a sum is, or a name."""
    if reader.complete and SERIES_WORDS[text](reader, span):
        return
    name(reader, text, span)


LONGER: Final[Mapping[str, Handler]] = {".": dotted, "[": bracketed, "=": keyword, "`": quoted_name, '"': subscripts}
PUNCTUATION: Final[Mapping[str, Handler]] = {
    "(": open_parenthesis,
    ")": close_parenthesis,
    ",": comma,
    "=": equals,
    "\n": newline,
    ";": semicolon,
    "`": lone_backquote,
    "[": open_bracket,
    "]": close_bracket,
    "..": two_dots,
    **dict.fromkeys(SERIES_WORDS, index_word),
}
