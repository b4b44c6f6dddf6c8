"""Make text safe for a terminal, measure its columns, and align tables."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

__all__ = ["aligned", "columns", "folded", "isolated", "printable", "width_of"]

PAGE: Final = 96
"""The columns of a line in a code block of a code host, for what is not written to a terminal."""

BREAKS: Final = (re.compile(r"(?<=;) "), re.compile(r"(?<=[,:]) (?![^\[\](){}]*[\])}])"), re.compile(" "))
"""Where a line may be broken, the best place first: clauses, parts outside of brackets, words."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BLANKS = "\t\n\r\v\f"

ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
INVISIBLE: Final = frozenset((ISOLATE, END, "\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}"))
ISOLATES: Final = f"[^{ISOLATE}{END}]*(?:{ISOLATE}[^{ISOLATE}{END}]*{END}[^{ISOLATE}{END}]*)*"
"""The pattern of a text in which every isolate is closed."""

SIGN: Final = "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
LETTER: Final = "\u0600-\u06ff\u0900-\u0dff"
JOINER: Final = f"(?<=[{SIGN}])\u200d(?=[{SIGN}])|(?<=[{LETTER}])[\u200c\u200d](?=[{LETTER}])"
"""The pattern of what joins or separates the characters around it, and is seen: within emoji, Arabic and Indic text."""

RIGHT_TO_LEFT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
"""The blocks of scripts that run from right to left."""

RIGHT_TO_LEFT_NAME: Final = rf"\w*[{RIGHT_TO_LEFT}](?:[\w{RIGHT_TO_LEFT}\u200c\u200d]|[ '’](?=\w*[{RIGHT_TO_LEFT}]))*"
"""The pattern of a name with letters of such a script; blanks may stand between its words."""


def printable(text: str) -> str:
    r"""Return the text with blanks as spaces and every control, format and surrogate character replaced.

    Isolates and joiners are kept where they do what they are for.

    >>> printable("a\tb\x1b[31m")
    'a b�[31m'
    """
    if text.isprintable():
        return text
    kept = "\u3000" + (ISOLATE + END if re.fullmatch(ISOLATES, text) else "")
    joined = {found.start() for found in re.finditer(JOINER, text)}
    return "".join(
        " " if c in BLANKS else c if c.isprintable() or c in kept or i in joined else REPLACEMENT
        for i, c in enumerate(text)
    )


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


def width_of(stream: TextIO) -> int:
    """Return the columns of the terminal that a stream writes to; what is no terminal has the columns of a page."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or PAGE
    except (OSError, ValueError):
        return PAGE


def folded(line: str, width: int) -> str:
    """Return a line of prose in several lines of at most a width, where it has blanks to break it at.

    It is broken after semicolons; what is still too wide, at commas and colons, and at last between words. The lines
    that follow stand two columns further to the right. A row of a table stays whole.

    >>> print(folded("  checked: 2 rules, 3 values, 1 gradient; furthest: f(x, y), 1 ulp off", width=28))
      checked: 2 rules,
        3 values, 1 gradient;
        furthest: f(x, y),
        1 ulp off
    """
    text = line.lstrip(" ")
    margin = len(line) - len(text)
    if margin + columns(text) <= width or "  " in text:
        return line
    return " " * margin + f"\n{' ' * (margin + 2)}".join(_lines(text, width - margin - 2))


def _lines(text: str, width: int, level: int = 0) -> list[str]:
    """Return the lines of a text, broken at the places of a level where one line does not hold it."""
    if columns(text) <= width or level == len(BREAKS):
        return [text]
    lines: list[str] = []
    for part in BREAKS[level].split(text):
        if lines and columns(f"{lines[-1]} {part}") <= width:
            lines[-1] = f"{lines[-1]} {part}"
        else:
            lines += _lines(part, width, level + 1)
    return lines


def _padded(cell: str, width: int, position: int) -> str:
    blanks = " " * (width - columns(cell))
    return blanks + cell if position else cell + blanks


def _width(c: str) -> int:
    if unicodedata.category(c) in {"Mn", "Me"} or c in INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
