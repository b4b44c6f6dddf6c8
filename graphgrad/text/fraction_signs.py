"""Read fractions that are one character: ½, and 2½ as two and a half."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from graphgrad.text.missing_operator import refuse_beside
from graphgrad.text.signs import fraction_of
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["fraction"]


def fraction(reader: Reader, text: str, span: Span) -> None:
    """Read a fraction, or the fraction of a mixed number."""
    if not reader.complete:
        reader.add(Number(fraction_of(text), text), span)
        return
    whole, begin = reader.code[-1], reader.starts[-1]
    if not isinstance(whole, Number) or span[0] - begin != len(whole.text) or not whole.text.isdecimal():
        _refuse(reader, text, span)
    reader.code[-1] = Number(whole.value + fraction_of(text), whole.text + text)
    reader.spans[-1] = begin, span[1]
    reader.last = span[1]


def _refuse(reader: Reader, text: str, span: Span) -> NoReturn:
    left = reader.source[reader.starts[-1] : reader.last]
    if left.isdecimal():
        reader.refuse_readings((reader.starts[-1], span[1]), f"{left}{text}", f"{left}*{text}")
    refuse_beside(reader, text, span)
