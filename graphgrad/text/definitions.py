"""Read functions that the text defines, `f(x, y) = x**2 + y`, and their calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.calls import unknown_function
from graphgrad.text.statement import Apply, Call, Name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.text.reader import Parenthesis, Reader
    from graphgrad.text.statement import Span

__all__ = ["begin_definition", "begins_definition", "call_text", "called", "refuse_second_meaning"]

EQUALS: Final = lazy_pattern(r"[ \t\r\u00a0\u3000]*=(?!=)")
"""What stands behind the parameters of a definition."""

ASSIGNED: Final = lazy_pattern(r"[ \t]*\([^()\n;]*\)[ \t]*(:=)")
"""The parameters of a definition as other programs write it."""


def call_text(name: str, operands: Iterable[str]) -> str:
    """Return the call of a function as text.

    >>> call_text("f", ("x", "y"))
    'f(x, y)'
    """
    return f"{name}({', '.join(operands)})"


def begins_definition(reader: Reader, whole: Span) -> bool:
    """Whether a call that has just been closed, `whole`, begins a statement and stands before an equals sign."""
    begins = not reader.open and not reader.target and len(reader.stack) == 1
    begins = begins and all(start >= whole[0] for start in reader.starts[:1])
    return begins and EQUALS.match(reader.source, whole[1]) is not None


def called(reader: Reader, opening: Parenthesis, whole: Span) -> Call:
    """Return what a call applies that is none of the table: a function of the text, or one that this call defines.

    Raises `UnknownNameError` for a function that is neither, `ExpressionSyntaxError` for a wrong number of operands.
    """
    name = opening.function
    if begins_definition(reader, whole):
        return _defined(reader, opening)
    if opening.params:
        _, (_, span) = next(iter(opening.params.items()))
        reader.fail(f"'{name}' takes its operands by their order", span, f"write {name}(3)")
    parameters = reader.functions.get(name)
    if parameters is None:
        _refuse_unknown(reader, name, opening.span)
    if len(parameters) != opening.operands:
        message = f"'{name}' takes {_operands(len(parameters))}, not {opening.operands}"
        reader.fail(message, whole, f"it is defined as {call_text(name, parameters)}")
    return Call(name, opening.operands)


def _operands(count: int) -> str:
    return f"{count} operand{'s' * (count != 1)}"


def _defined(reader: Reader, opening: Parenthesis) -> Call:
    """Return the call that a definition begins with; raise an error where it defines no function."""
    name, items, spans = opening.function, reader.code[opening.begin :], reader.spans[opening.begin :]
    grammar = reader.grammar
    if name in reader.functions:
        refuse_second_meaning(reader, name, opening.span)
    if name in grammar.functions or name in grammar.constants:
        reader.fail(f"'{name}' is an operation", opening.span, "give the function another name")
    if opening.params:
        (_, span) = next(iter(opening.params.values()))
        reader.fail("a parameter has no default value", span, f"give the value in the call: {name}(3)")
    seen: set[str] = set()
    for item, span in zip(items, spans, strict=True):
        if not isinstance(item, Name):
            reason = " is a constant" if isinstance(item, Apply) and not item.arity else " is not one"
            text = reader.source[slice(*span)]
            hint = f"for example: {name}(x) = x**2; to compare, write =="
            reader.fail(f"a parameter is a name, and {text[:40]}{reason}", span, hint)
        if item.text in seen:
            reader.fail(f"'{name}' has two parameters with the name '{item.text}'", span, "give one another name")
        seen.add(item.text)
    return Call(name, opening.operands)


def begin_definition(reader: Reader, equals: Span) -> None:
    """Begin the definition of the function whose call stands before the equals sign."""
    call = reader.code[-1]
    if not isinstance(call, Call) or len(reader.code) != call.arity + 1 or call.text in reader.functions:
        reader.fail("only a name or a function of names can be assigned to", equals, "to compare, write ==")
    start = reader.starts[0]
    end = start + len(call.text)
    reader.target, reader.target_span, reader.complete = call.text, (start, end), False
    reader.parameters = tuple(item.text for item in reader.code[:-1] if isinstance(item, Name))
    reader.clear_statement()


def refuse_second_meaning(reader: Reader, name: str, span: Span) -> NoReturn:
    """Raise the error for a name that is a function already."""
    reader.fail(f"'{name}' is defined twice", span, "a name stands for one thing: take another name")


def _refuse_unknown(reader: Reader, name: str, span: Span) -> NoReturn:
    """Raise the error for a call of a function that is not known where it stands."""
    if reader.parameters is not None and name == reader.target:
        message = f"'{name}' is defined by itself"
        reader.fail(message, span, "a function may only use functions that are defined before it")
    below = re.compile(rf"(?:^|[;\n])[ \t]*{re.escape(name)}[ \t]*\([^()\n;]*\)[ \t]*=(?!=)")
    if below.search(reader.source, span[1]):
        message = f"'{name}' is used before it is defined"
        raise ExpressionSyntaxError(message, reader.source, span, hint="move its definition up")
    assigned = ASSIGNED.match(reader.source, span[1])
    if assigned:
        reader.fail(":= is not an operator here", assigned.span(1), f"write {name}(…) = expression")
    series = reader.open[-1].series if reader.open else None
    if series and name == "range":
        reader.fail("a range over an index is written with dots", span, "0..9 has both ends: for i in 0..9")
    known = (*reader.functions, *reader.grammar.functions)
    raise unknown_function(name, reader.source, span, known, reader.grammar.forms)
