"""Read numbers in LaTeX: with a power of ten, with thousands apart, in percent; and digits without braces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_state import Macro
from graphgrad.text.dialects.latex_tokens import BLANKS
from graphgrad.text.handlers import literal
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["number"]

SCIENTIFIC: Final = re.compile(rf"([0-9.]+){BLANKS}\\times{BLANKS}10{BLANKS}\^{BLANKS}\{{?\s*([-+]?[0-9]+)\s*\}}?")
FRACTION_OF_NUMBERS: Final = re.compile(r"\s*\\[dt]?frac\s*(?:\{\s*\d+\s*\}|\d)\s*(?:\{\s*\d+\s*\}|\d)")


def number(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read a number: 2, 0.5, 10\,000, 3 \times 10^{8}, 5\%."""
    if "{,}" in text:
        reader.fail_both(span, text.replace("{,}", ""), text.replace("{,}", "."))
    if text[-1].isdecimal() and not text.isascii():
        reader.fail(f"'{text}' is not a number", span)
    if "\\" not in text and "e" in text.lower():
        mantissa, exponent = text.lower().split("e")
        reader.fail_both(span, rf"the number {mantissa} \times 10^{{{exponent}}}", "a product with the name e")
    if reader.open and isinstance(reader.open[-1], Macro):
        _digits(reader, text, span)
        return
    reader.begin(text, span, "number")
    scientific = SCIENTIFIC.match(text)
    plain = text.replace(r"\,", "")
    if scientific:
        if reader.stack[-1][1] is reader.grammar.infix["/"][2]:
            reader.fail_both(
                span, rf"\frac{{…}}{{{text}}}", rf"\frac{{…}}{{{scientific[1]}}} \times 10^{{{scientific[2]}}}"
            )
        plain = f"{scientific[1]}e{int(scientific[2])}" + "%" * text.endswith("%")
    elif text.endswith("%"):
        plain = text.rstrip("\\% \t\n~,;:!") + "%"
    if plain.isdecimal() and FRACTION_OF_NUMBERS.match(reader.source, span[1]):
        reader.fail_both((span[0], span[1]), f"{plain} plus the fraction", rf"{plain} times the fraction (\cdot)")
    if plain.endswith(".") and len(plain) > 1:
        plain = plain[:-1]
    reader.add(Number(literal(reader, plain, span), plain), span)
    reader.ended()


def _digits(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read digits without braces as arguments of a command: \frac12 is 1/2, and x^10 is refused."""
    opening = reader.open[-1]
    is_pair = opening.needs - opening.got == len(text) == len("12")  # type: ignore[attr-defined]  # it is a macro
    if not (text.isdecimal() and (len(text) == 1 or is_pair)):
        shown = reader.source[opening.span[0] : opening.span[1]]
        reader.fail_both(span, f"{shown}{{{text}}}", f"{shown}{{{text[0]}}} {text[1:]}")
    for i, digit in enumerate(text):
        reader.add(Number(literal(reader, digit, span), digit), (span[0] + i, span[0] + i + 1))
        reader.ended()
