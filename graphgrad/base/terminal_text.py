"""Make text safe for a terminal, measure its columns, and align tables."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["aligned", "columns", "printable"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BLANKS = "\t\n\r\v\f"


def printable(text: str) -> str:
    r"""Return the text with blanks as spaces and every control, format and surrogate character replaced.

    >>> printable("a\tb\x1b[31m")
    'a b�[31m'
    """
    if text.isprintable():
        return text
    return "".join(" " if c in BLANKS else c if c.isprintable() or c == "\u3000" else REPLACEMENT for c in text)


def columns(text: str) -> int:
    """Return the number of terminal columns of a printable text: two for wide glyphs, none for combining marks.

    >>> columns("apple"), columns("りんご")
    (5, 6)
    """
    if text.isascii():
        return len(text)
    return sum(_width(c) for c in text)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return a table: the first column flush left, the others flush right, two blanks between them.

    >>> print(aligned([["", "value"], ["りんご", "100"], ["n", "5"]]))
            value
    りんご    100
    n           5
    """
    printed = [[printable(cell) for cell in row] for row in rows]
    count = max(map(len, printed))
    widths = [max(columns(row[i]) for row in printed if i < len(row)) for i in range(count)]
    return "\n".join("  ".join(map(_padded, row, widths, range(count))).rstrip() for row in printed)


def _padded(cell: str, width: int, position: int) -> str:
    blanks = " " * (width - columns(cell))
    return blanks + cell if position else cell + blanks


def _width(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
