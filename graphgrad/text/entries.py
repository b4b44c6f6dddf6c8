"""Refuse entries of an array with only a blank between them, [1 x] and [a -b], which some languages read as two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.array_literals import close_bracket
from graphgrad.text.choices import CALLED_WORDS
from graphgrad.text.handlers import bracketed
from graphgrad.text.shown import shown

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["array_or_index", "end_of_array", "refuse_two_entries"]

PIECES: Final = lazy_pattern(
    r"`[^`\n]*`|\#[^\n]*|(?P<opens>[(\[])|(?P<closes>[)\]])"
    r"|(?<=[^\s,(\[*/^<>=+@|&~×÷·−≤≥≠∧∨⊻¬√∛∜-])[ \t]+(?P<dash>[-+−–])(?=[^\s\-+−–])"
)
"""What decides on whether a sign in an array stands between entries: brackets, and a sign with a blank only before."""

BEFORE: Final = lazy_pattern(r"\w*$")


def refuse_two_entries(reader: Reader, text: str, span: Span) -> None:
    """Refuse an operand, which begins with the token `text`, behind another one in an array: [1 x], [1 2]."""
    if not reader.open or reader.open[-1].sign != "[" or span[0] == reader.last:
        return
    start = reader.starts[-1]
    left, right = reader.source[start : reader.last][-20:], shown(reader.source, span[0])
    if text[0].isdecimal() or "\n" in reader.source[reader.last : span[0]]:
        reader.fail("a comma is missing between these entries", (start, span[1]), f"write {left}, {right}")
    end = min(span[0] + len(right), len(reader.source))
    reader.refuse_readings((start, end), f"{left}, {right}", f"{left}*{right}")


def array_or_index(reader: Reader, text: str, span: Span) -> None:
    """Read an index behind an array, or an array whose entries stand in brackets."""
    if not reader.complete:
        _refuse_signed_entry(reader, span)
    bracketed(reader, text, span)


def end_of_array(reader: Reader, text: str, span: Span) -> None:
    """Read the bracket that closes an array with arrays in it."""
    if reader.open and reader.open[-1].sign == "[":
        _refuse_signed_entry(reader, (reader.open[-1].span[0], span[1]))
    close_bracket(reader, text, span)


def _refuse_signed_entry(reader: Reader, whole: Span) -> None:
    """Refuse [a -b] in an array, `whole`: a difference, or two entries."""
    source, depth, at = reader.source, 0, whole[0] + 1
    while (piece := PIECES.search(source, at, whole[1] - 1)) is not None:
        at = piece.end()
        depth += bool(piece["opens"]) - bool(piece["closes"])
        sign = piece["dash"]
        if sign and not depth:
            before = BEFORE.search(source, max(whole[0], piece.start() - 20), piece.start()).group()  # type: ignore[union-attr]
            if before not in CALLED_WORDS:
                left, right = before or "…", shown(source, at)
                span = piece.start() - max(len(before), 1), min(at + len(right), whole[1])
                reader.refuse_readings(span, f"{left} {sign} {right}", f"{left}, {sign}{right} for two entries")
