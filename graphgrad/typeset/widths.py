"""Measure texts with the widths of the shipped fonts, so that no picture depends on the machine's fonts."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["FONTS", "is_measured", "text_width"]

FONTS: Final = Path(__file__).with_name("fonts")
"""The folder of the fonts and of `widths.json`."""

STYLES: Final = {False: ("regular", "symbols"), True: ("italic", "regular", "symbols")}
"""The fonts in which a character is looked for, by whether it is set in italics."""

WIDE: Final = 1.0
EMOJI: Final = 1.25
CURSIVE: Final = 0.5
MEAN: Final = 0.6
"""The widths in ems of East Asian characters, of emoji, of letters from right to left, and of others in no font."""

WITHOUT_WIDTH: Final = frozenset(("Mn", "Me"))
"""The categories of marks on the character before them; in Thai and Devanagari, some have no combining class."""

INVISIBLE: Final = frozenset("\u200c\u200d\u2068\u2069")
"""What joins characters, or isolates a name."""


def text_width(text: str, size: float, *, italic: bool = False) -> float:
    r"""Return the width in points of the widest line of a text of that font size.

    >>> text_width("10", 10) < text_width("りん", 10) == text_width("1\nりん", 10)
    True
    """
    return max(sum(_em(character, italic=italic) for character in line) for line in text.split("\n")) * size


def is_measured(text: str) -> bool:
    """Whether the shipped font for text has all characters, so that no other font is needed.

    >>> is_measured("Δ = 1"), is_measured("林"), is_measured("ع")
    (True, False, False)
    """
    return text.isascii() or _widths()["regular"].keys() >= {*text}


@cache
def _widths() -> dict[str, dict[str, int]]:
    """Return the widths in 1/1000 em, by font and character."""
    widths: dict[str, dict[str, int]] = json.loads((FONTS / "widths.json").read_text(encoding="utf-8"))
    return widths


@cache
def _em(character: str, *, italic: bool) -> float:
    category = unicodedata.category(character)
    if category in WITHOUT_WIDTH or character in INVISIBLE:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return EMOJI if category == "So" else WIDE
    found = (_widths()[font].get(character) for font in STYLES[italic])
    mean = CURSIVE if unicodedata.bidirectional(character) in {"R", "AL"} else MEAN
    return next((width / 1000 for width in found if width is not None), mean)
