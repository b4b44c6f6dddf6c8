"""Refuse an operand behind another one, and a call without operands, and say what may be meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import UnknownNameError
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.reader import BARRIER
from graphgrad.text.shown import shown
from graphgrad.text.statement import Number
from graphgrad.text.vocabulary import glued

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["refuse_beside", "refuse_empty_call"]

CROSS: Final = ("x", "X")
CROSSED: Final = lazy_pattern(r"[xX][ \t]+([\w.]{1,20})")
"""An x that is meant as the sign of a product, and what stands behind it."""

NUMBER_BEFORE: Final = lazy_pattern(r"([0-9][\w.]*)[ \t]+$")
THOUSAND: Final = lazy_pattern(r"[1-9][0-9]{0,2} [0-9]{3}")
"""A number with a blank in it: 1 000."""

BINDING: Final = ("/", "÷", "^", "**")
"""The operators behind which a product without a sign has two readings."""

SEVERAL_WORDS: Final = lazy_pattern(r"\w+(?:[ \t]+[^\W\d]\w*)+")
"""What may be meant as one name with blanks in it."""


def refuse_beside(reader: Reader, text: str, span: Span) -> NoReturn:
    """Refuse an operand, which begins with the token `text`, directly behind another one."""
    left = reader.source[reader.starts[-1] : reader.last]
    if span[0] == reader.last and isinstance(reader.code[-1], Number) and reader.code[-1].text == left:
        _refuse_glued(reader, left, text, span)
    right = text.rstrip("( \t") or text
    if THOUSAND.fullmatch(f"{left} {right}"):
        reader.fail("a number has no blanks in it", (reader.starts[-1], span[1]), f"write {left}{right}")
    words, functions = reader.grammar.words, (reader.grammar.functions, reader.functions)
    hint = words.get(right) or words.get(left)
    if not hint and text[-1] != "(" and any(left in known for known in functions):
        hint = f"write {left}({shown(reader.source, span[0])})"
    if not hint and "\n" not in reader.source[reader.last : span[0]]:
        hint = _product(reader, left, right, span)
        several = SEVERAL_WORDS.match(reader.source, reader.starts[-1])
        if several and several.end() >= span[1] and text == right:
            hint += f"; a name with blanks stands in backquotes: `{several.group()[:40]}`"
    span = span[0], span[0] + len(right)
    reader.fail(f"an operator is missing before '{right[:40]}'", span, hint or "")


def _product(reader: Reader, left: str, right: str, span: Span) -> str:
    """Return how to write the product; in 3 x 4 and a x b, the x is its sign."""
    start, operand = reader.starts[-1], shown(reader.source, span[0])
    number = NUMBER_BEFORE.search(reader.source, max(start - 20, 0), start)
    behind = CROSSED.match(reader.source, span[0])
    if number and left in CROSS and right[0].isdecimal():
        left = number.group(1)
    elif behind and right in CROSS:
        operand = behind.group(1)
    first, second = _both_readings(reader, f"{left[-20:]}*{operand}", operand)
    return f"to multiply, write {first}{f', or {second}' * bool(second)}"


def _both_readings(reader: Reader, product: str, operand: str) -> tuple[str, str]:
    """Return how to write a product; behind a division or a power, as in 1/a b, with what stands before, twice."""
    _, item, place = reader.stack[-1]
    start = reader.starts[-1]
    sign = reader.source[place:start].strip() if item is not None else ""
    if sign not in BINDING or len(reader.starts) == 1:
        return product, ""
    before = f"{reader.source[reader.starts[-2] : place].strip()[-20:]}{sign}"
    return f"({before}{reader.source[start : reader.last][-20:]})*{operand}", f"{before}({product})"


def _refuse_glued(reader: Reader, number: str, text: str, span: Span) -> None:
    name = re.match(r"\w*", text[:40]).group()  # type: ignore[union-attr]
    if not name:
        return
    message, hint = glued(number, name)
    reader.fail(message, (span[0] - len(number), span[0] + len(name)), hint)


def refuse_empty_call(reader: Reader) -> None:
    """Refuse the call of a constant, pi(), and of a function that is not known, rand(), at the parenthesis after it."""
    opening, grammar = reader.open[-1], reader.grammar
    function = opening.function
    if not function or reader.stack[-1] is not BARRIER or len(reader.code) > opening.begin:
        return
    if function in grammar.constants:
        reader.fail(f"{function} is a constant", opening.span, f"write {function} without parentheses")
    if function in grammar.functions or function in grammar.forms or function in reader.functions:
        return
    from graphgrad.text.hints import function_hint

    hint = function_hint(function, (*reader.functions, *grammar.functions), grammar.forms)
    raise UnknownNameError(f"unknown function '{function}'", reader.source, opening.span, hint=hint)
