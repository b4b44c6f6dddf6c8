"""Make text safe for a terminal, measure its columns, and align tables."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["aligned", "columns", "isolated", "printable"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BLANKS = "\t\n\r\v\f"

ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
ISOLATES: Final = f"[^{ISOLATE}{END}]*(?:{ISOLATE}[^{ISOLATE}{END}]*{END}[^{ISOLATE}{END}]*)*"
"""The pattern of a text in which every isolate is closed."""

RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
"""The blocks of scripts that run from right to left."""

RIGHT_TO_LEFT_NAME: Final = rf"\w*[{RIGHT_TO_LEFT}](?:[\w{RIGHT_TO_LEFT}]|[ '’](?=\w*[{RIGHT_TO_LEFT}]))*"
"""The pattern of a name with letters of such a script; blanks may stand between its words."""


def printable(text: str) -> str:
    r"""Return the text with blanks as spaces and every control, format and surrogate character replaced.

    >>> printable("a\tb\x1b[31m")
    'a b�[31m'
    """
    if text.isprintable():
        return text
    kept = "\u3000" + (ISOLATE + END if re.fullmatch(ISOLATES, text) else "")
    return "".join(" " if c in BLANKS else c if c.isprintable() or c in kept else REPLACEMENT for c in text)


def isolated(text: str) -> str:
    r"""Return the text with every name of a right-to-left script isolated, so that no formula around it is reversed.

    Each such name stands between U+2068 and U+2069 (Unicode Standard Annex 9, rules X5c and X6a): a = b stays a = b.

    >>> isolated("x = 2") == "x = 2", ascii(isolated("∂ = سعر = 1.1"))
    (True, "'\\u2202 = \\u2068\\u0633\\u0639\\u0631\\u2069 = 1.1'")
    """
    if text.isascii() or ISOLATE in text:
        return text
    return re.sub(RIGHT_TO_LEFT_NAME, rf"{ISOLATE}\g<0>{END}", text)


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
    printed = [[isolated(printable(cell)) for cell in row] for row in rows]
    count = max(map(len, printed))
    widths = [max(columns(row[i]) for row in printed if i < len(row)) for i in range(count)]
    return "\n".join("  ".join(map(_padded, row, widths, range(count))).rstrip() for row in printed)


def _padded(cell: str, width: int, position: int) -> str:
    blanks = " " * (width - columns(cell))
    return blanks + cell if position else cell + blanks


def _width(c: str) -> int:
    if unicodedata.combining(c) or c in (ISOLATE, END):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
