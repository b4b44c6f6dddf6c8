"""Read products without a sign, 2x, and refuse those that two readers would read differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.ops.elementary import PRODUCT, SIGN
from graphgrad.text.entries import refuse_two_entries
from graphgrad.text.hint_tables import EXPONENTIAL
from graphgrad.text.missing_operator import refuse_beside
from graphgrad.text.powers import powered_function, refuse_run_together
from graphgrad.text.reader import ROOT
from graphgrad.text.shown import shown
from graphgrad.text.signs import SUPERSCRIPTS, lowered
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["JUXTAPOSED", "TIMES", "beside"]

TIMES, JUXTAPOSED = "*", " "
"""The sign of a product, and a blank for none, which is no token; without a sign it binds more tightly."""

THREE_BARS: Final = lazy_pattern(r"\|([^|\n]{1,15})\|([^|\n]{1,15})\|([^|\n]{1,15})\|")
"""Two absolute values, one behind the other or one within the other."""

WORD: Final = lazy_pattern(r"[^\W\d_]{2}")
"""How a name begins that is a word and no symbol: x, x_max and σ₁ are symbols."""

NO_OPERAND: Final = lazy_pattern(r"[0-9.\[¼-¾⅐-⅞↉⁰-⁹]")
"""How an operand begins that no number stands before in a product."""

IMAGINARY: Final = frozenset("iIjJ")
POWER_OF_TEN: Final = lazy_pattern(rf"[xX]10[ \t]*(?:\^|\*\*|[{SUPERSCRIPTS}])")
EXPONENT: Final = lazy_pattern(r"[eE]\d*")
DOUBLE: Final = lazy_pattern(r"[dD]\d+")
SUSPECT: Final = lazy_pattern(r"[eEdD][0-9]*|[iIjJ]|[xXoObB]\w*")
"""Names that a programmer reads as the end of a whole number before them."""

MINUS_ONE: Final = ("-1", "−1", "–1")
NAME_END: Final = lazy_pattern(r"[^\W\d]\w*$")
RADIX: Final = lazy_pattern(r"[xXoObB]\w*")
SIZE: Final = lazy_pattern(r"[xX]([0-9]{2,})")
"""The sign of a product and a number behind it, or a name: 1920x1080. With few digits it is a name: 2x1 + 4x10."""

RAISED: Final = lazy_pattern(r"[ \t]*(?:\*\*|\^)[ \t]*-?")


def beside(reader: Reader, text: str, span: Span) -> None:
    """Read an operand, which begins with the token `text`, directly behind another one: a product if that is a number.

    Raises `ExpressionSyntaxError` where it is none, and where two readers would read it differently.
    """
    refuse_two_entries(reader, text, span)
    _refuse_between_bars(reader)
    _refuse_bare_operand(reader, span)
    number = reader.code[-1]
    is_literal = isinstance(number, Number) and reader.last - reader.starts[-1] == len(number.text)
    if is_literal and reader.source[reader.last - 1] in "%％" and NO_OPERAND.match(text):
        _refuse_numbers(reader, text, span)
    if not is_literal or NO_OPERAND.match(text) or "\n" in reader.source[reader.last : span[0]]:
        refuse_beside(reader, text, span)
    word = text.rstrip("( \t")
    if span[0] > reader.last and _is_word(reader, text, word):
        refuse_beside(reader, text, span)
    _refuse_numbers(reader, word, span)
    refuse_run_together(reader, word, span[0], reader.source[reader.starts[-1] : reader.last] + "*")
    _refuse_inverse(reader, text, span)
    _refuse_readings(reader, span)
    reader.infix(JUXTAPOSED, span)


def _refuse_between_bars(reader: Reader) -> None:
    """Refuse |a|b|c|: two absolute values, or one within another."""
    start = reader.starts[-1]
    three = THREE_BARS.match(reader.source, start)
    if three:
        a, b, c = (part.strip() for part in three.groups())
        reader.refuse_readings(three.span(), f"abs({a})*{b}*abs({c})", f"abs({a}*abs({b})*{c})")


def _refuse_bare_operand(reader: Reader, span: Span) -> None:
    """Refuse sin² x, whose operand has no parentheses."""
    function, begin = powered_function(reader)
    if function:
        power = lowered(reader.source[begin + len(function) : reader.last].strip().removeprefix("**").lstrip("^ "))
        message = f"the operand of {function} stands in parentheses"
        reader.fail(message, (begin, reader.last), f"write {function}({shown(reader.source, span[0])})^{power}")


def _is_word(reader: Reader, text: str, word: str) -> bool:
    """Whether a name behind a blank is a word, with which the number may be meant as one name: 2020 sales."""
    is_symbol = not WORD.match(word) or text[-1] == "(" or word in reader.grammar.constants
    return word in reader.grammar.words or not is_symbol


def _refuse_numbers(reader: Reader, word: str, span: Span) -> None:
    """Refuse what a programmer reads as one number, or as another operator."""
    start = reader.starts[-1]
    number = reader.source[start : reader.last]
    if number.isdecimal() and not SUSPECT.fullmatch(word):
        return
    whole, is_glued = (start, span[0] + len(word)), span[0] == reader.last
    product = f"{number}*{shown(reader.source, span[0])}"
    raised = RAISED.match(reader.source, whole[1])
    if EXPONENT.fullmatch(word) and len(word) == 1 and raised:
        exponent = raised.group().lstrip(" *^\t") + shown(reader.source, raised.end())
        exponential = EXPONENTIAL.format(exponent[1:-1] if exponent.startswith("(") else exponent)
        hint = f"for the exponential function write {number}*{exponential}; for the power of a name, {number}*{word}^…"
        reader.fail(f"'{number}{word}' is not a number", whole, hint)
    if EXPONENT.fullmatch(word) and len(word) == 1:
        hint = f"the exponent is missing: {number}e3; for the product write {product}"
        reader.fail(f"'{number}{word}' is not a number", whole, hint)
    if EXPONENT.fullmatch(word):
        reader.refuse_readings(whole, f"{number}e{word[1:]}", product)
    if word in IMAGINARY:
        message = f"'{number}{word}' can be read as an imaginary number"
        reader.fail(message, whole, f"there are no complex numbers here; for the product write {product}")
    if number.endswith("%"):
        whole = start, min(span[0] + len(product) - len(number) - 1, len(reader.source))
        reader.refuse_readings(whole, product, f"mod({number[:-1]}, {shown(reader.source, span[0])}) for the remainder")
    if is_glued:
        _refuse_glued(reader, number, word, product, whole)


def _refuse_inverse(reader: Reader, text: str, span: Span) -> None:
    """Refuse sin-1(x), which may be copied from sin⁻¹(x)."""
    source, start = reader.source, reader.stack[-1][2]
    if text != "(" or source[start : span[0]] not in MINUS_ONE:
        return
    function = NAME_END.search(source, max(start - 20, 0), start)
    name = function.group() if function else ""
    if name in reader.grammar.functions:
        inverse = next((inverse for inverse in (f"a{name}", f"arc{name}") if inverse in reader.grammar.functions), "")
        first = f"{inverse}(…)" if inverse else f"1/{name}(…)"
        reader.refuse_readings((start - len(name), span[1]), first, f"{name} - 1*(…)")


def _refuse_glued(reader: Reader, number: str, word: str, product: str, whole: Span) -> None:
    if RADIX.fullmatch(word) and not number.strip("0"):
        reader.fail(f"'{number}{word}' is not a number here", whole, f"write it in decimal; for a product, {product}")
    size = SIZE.fullmatch(word)
    if size and number.isdecimal() and len(number) > 1:
        reader.refuse_readings(whole, f"{number}*{size.group(1)}", product)
    if POWER_OF_TEN.match(reader.source, whole[1] - len(word)):
        reader.refuse_readings(whole, f"{number}*10", product)
    if DOUBLE.fullmatch(word):
        reader.refuse_readings(whole, f"{number}e{word[1:]}", product)
    if word in ("f", "F") and "." in number:
        reader.refuse_readings(whole, number, product)
    mantissa, e, sign, exponent = re.match(r"([^eE]*)([eE]?)([-+]?)(.*)", number).groups()  # type: ignore[union-attr]
    if exponent:
        second = f"{mantissa}*{e} {sign} {exponent}*{word}" if sign else f"{mantissa}*{e}{exponent}{word}"
        reader.refuse_readings(whole, product, second)
    if "_" in number or number.endswith("."):
        plain = number.replace("_", "").rstrip(".")
        message = f"a number runs into {'a name' if word else 'what follows'}: {number}{word}"
        reader.fail(message, whole, f"for the product write {plain}*{product.partition('*')[2]}")


def _refuse_readings(reader: Reader, span: Span) -> None:
    """Refuse a product behind a division, a power or a root: 1/2x, x^2y, √2x."""
    for power, item, start in reversed(reader.stack):
        if item is None or power <= PRODUCT[0]:
            return
        if power == SIGN[1]:
            continue
        if item is reader.grammar.infix[TIMES][2]:
            return
        _refuse_behind(reader, power, start, span)


def _refuse_behind(reader: Reader, power: int, start: int, span: Span) -> None:
    source, after = reader.source, shown(reader.source, span[0])
    sign = source[start] if power == ROOT else re.match(r"\*\*|.", source[start:]).group()  # type: ignore[union-attr]
    number = source[start + len(sign) : reader.last].strip()
    end = min(span[0] + len(after), len(source))
    if power == ROOT:
        reader.refuse_readings((start, end), f"{sign}{number}*{after}", f"{sign}({number}*{after})")
    begin = reader.starts[-2]
    left = source[begin:start].strip()[-20:]
    reader.refuse_readings((begin, end), f"({left}{sign}{number})*{after}", f"{left}{sign}({number}*{after})")
