"""Write a program or an expression on one line, for messages and descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.text.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["one_line", "place_text", "program_line"]

BETWEEN = "; "


def one_line(text: str) -> str:
    r"""Return an expression on one line, without its comments, and with one space for blanks outside of backquotes.

    >>> one_line("a  *  # the first\n `b  c`")
    'a * `b  c`'
    """
    return "".join(_pieces(text, depth=1))


def program_line(text: str, most: int) -> str:
    r"""Return a program on one line, its statements separated by semicolons; cut to a number of characters.

    >>> program_line("a = (x  # a comment\n  + y)\n\nb = a*2;\nb + a", most=100)
    'a = (x + y); b = a*2; b + a'
    >>> program_line("a = x*y\na**2", most=10)
    'a = x*y; …'
    """
    line = ""
    for piece in _pieces(text, depth=0):
        line += piece
        if len(line) > most:
            return line[: most - 1] + "…"
    return line


def place_text(source: str, start: int) -> str:
    r"""Return a place in a text in words, with the line where there are several.

    >>> place_text("x + y", 2), place_text("a = 1; a = 2\nb = 3", 13)
    ('column 3', 'line 2, column 1')
    """
    line, before = source.count("\n", 0, start) + 1, source.rfind("\n", 0, start)
    column = f"column {start - before}"
    return f"line {line}, {column}" if "\n" in source.strip() else column


def _pieces(text: str, depth: int) -> Iterator[str]:
    """Yield the tokens with what separates them; outside of brackets, the end of a line ends a statement."""
    between, is_first = "", True
    for blanks, piece in tokens(text):
        between = between or " " * bool(blanks)
        if piece == "\n" or (piece == ";" and depth == 0):
            between = " " if depth else BETWEEN
        elif piece and not piece.startswith("#"):
            yield piece if is_first else between + piece
            between, is_first = "", False
            depth += (piece[-1] in "([{") - (piece in {")", "]", "}"})
