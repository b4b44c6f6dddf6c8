"""Set the texts of a picture, and measure them, once for all formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.typeset.setting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.typeset.boxes import Setting

__all__ = ["BASELINE", "baseline", "line_heights", "text_set", "text_width"]

BASELINE: Final = 0.35
"""How far a text's baseline lies below its middle, by its size: where that of a digit would be."""

TALL: Final = 1.25
"""From which height on, by its size, a formula is centred by its own height."""

LEADING: Final = 0.2
"""What is free above and below a tall formula, by the size."""


def text_set(text: str, size: float) -> Setting:
    """Return a text of a picture as it is set in a font size."""
    return typeset(text, size)


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
    heights = (text_set(text, size).height / size for text in texts)
    return [size * (spacing if height <= TALL else height + LEADING) for height in heights]


def baseline(setting: Setting, size: float) -> float:
    """Return how far the baseline of a text lies below its middle."""
    return BASELINE * size if setting.height <= TALL * size else (setting.ascent - setting.descent) / 2
