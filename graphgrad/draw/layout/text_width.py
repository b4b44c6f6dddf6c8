"""Set the texts of a picture, and measure them, once for all formats."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.setting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.typeset.boxes import Setting

__all__ = ["BASELINE", "baseline", "line_heights", "text_set", "text_width"]

BASELINE: Final = 0.35
"""How far a text's baseline lies below its middle, by its size: where that of a digit would be."""

ASCENT: Final = 0.89
DESCENT: Final = 0.32
"""How far a formula reaches above and below its baseline, by its size, that needs no more height than other text."""

STACKED_FROM: Final = 6.0
"""From which width on, by its size, a formula with fractions may be stacked."""

NARROWER: Final = 0.88
"""How narrow a stacked formula must be, by its width on one line."""

LEADING: Final = 0.25
"""What is free above and below a tall formula, by the size."""


def text_set(text: str, size: float) -> Setting:
    """Return a text of a picture as it is set in a font size; a fraction is stacked where that is much narrower."""
    return _set(text, text.tex if isinstance(text, Phrase) else "", size)


@lru_cache(maxsize=4096)
def _set(text: str, tex: str, size: float) -> Setting:
    phrase = Phrase(text, tex) if tex else text
    flat = typeset(phrase, size)
    if flat.width < STACKED_FROM * size:
        return flat
    stacked = typeset(phrase, size, stacked=True)
    return stacked if stacked.width <= NARROWER * flat.width else flat


def text_width(text: str, size: float) -> float:
    """Return the width in points of a text of a picture in a font size.

    >>> text_width("10", 10) < text_width("りん", 10)
    True
    """
    return text_set(text, size).width


def line_heights(texts: Iterable[str], size: float, spacing: float) -> list[float]:
    """Return the heights of lines of text: `spacing` by the size, more for a tall formula.

    >>> from graphgrad.typeset.plain import matrix
    >>> one, two = line_heights(["x", matrix([["1", "2"], ["3", "4"]])], 10, 1.25)
    >>> one, two > 20
    (12.5, True)
    """
    heights: list[float] = []
    for text in texts:
        ascent, descent = text_set(text, size)[1:3]
        is_tall = ascent > ASCENT * size or descent > DESCENT * size
        heights.append(ascent + descent + LEADING * size if is_tall else spacing * size)
    return heights


def baseline(setting: Setting, size: float) -> float:
    """Return how far the baseline of a text lies below its middle."""
    is_tall = setting.ascent > ASCENT * size or setting.descent > DESCENT * size
    return (setting.ascent - setting.descent) / 2 if is_tall else BASELINE * size
