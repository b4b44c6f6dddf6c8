"""Text on a terminal: nothing that could steer it, and how many columns it takes."""

from __future__ import annotations

import unicodedata

__all__ = ["columns", "printable"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BLANKS = "\t\n\r\v\f"


def printable(text: str) -> str:
    r"""Return the text with blanks as spaces and every control, format and surrogate character replaced.

    >>> printable("a\tb\x1b[31m")
    'a b�[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c in BLANKS else c if c.isprintable() or c == "\u3000" else REPLACEMENT for c in text)


def columns(text: str) -> int:
    """Return how many terminal columns a printable text takes: two for wide glyphs, none for combining marks.

    >>> columns("apple"), columns("りんご")
    (5, 6)
    """
    if text.isascii():
        return len(text)
    return sum(_width(c) for c in text)


def _width(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
