"""Split an explanation into paragraphs of words and LaTeX formulas, for tools that typeset both themselves."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.analysis.explain.explanation import Explanation

__all__ = ["Paragraph", "Piece", "html", "paragraphs"]

BLOCK: Final = re.compile(r"\$\$\n(?P<display>[\s\S]*?)\n\$\$|\*\*(?P<heading>.+)\*\*|(?P<prose>.+)")
INLINE: Final = re.compile(r"\$(?P<math>(?:\\.|[^$\\])+)\$|(?P<words>(?:\\.|[^$\\])+)", re.DOTALL)
ESCAPED: Final = re.compile(r"\\(.)")


class Piece(NamedTuple):
    """A run of words, or a formula in LaTeX; `kind` is "words" or "math"."""

    kind: str
    text: str


class Paragraph(NamedTuple):
    """A paragraph; its kind is "heading", "prose", or "display" for a formula on a line of its own."""

    kind: str
    pieces: tuple[Piece, ...]


def paragraphs(explanation: Explanation) -> Iterator[Paragraph]:
    """Yield an explanation's paragraphs.

    >>> from graphgrad import parse
    >>> explanation = parse("E = x*y").backprop({"x": 3, "y": 5}).explain("x", "markdown")
    >>> next(paragraphs(explanation)).pieces[:2]
    (Piece(kind='words', text='The chain rule for '), Piece(kind='math', text='E'))
    """
    for block in BLOCK.finditer(str(explanation)):
        kind = str(block.lastgroup)
        yield Paragraph(kind, (Piece("math", block[kind]),) if kind == "display" else tuple(_pieces(block[kind])))


def _pieces(text: str) -> Iterator[Piece]:
    for match in INLINE.finditer(text):
        if match["math"]:
            yield Piece("math", match["math"])
        else:
            yield Piece("words", ESCAPED.sub(r"\1", match["words"]))


def html(explanation: Explanation) -> str:
    """Return an explanation as HTML with LaTeX in delimiters, which notebooks typeset."""
    return "\n".join(_html(paragraph) for paragraph in paragraphs(explanation))


def _html(paragraph: Paragraph) -> str:
    if paragraph.kind == "display":
        return rf"<div>\[{escape(paragraph.pieces[0].text)}\]</div>"
    inner = "".join(rf"\({escape(text)}\)" if kind == "math" else escape(text) for kind, text in paragraph.pieces)
    return f"<p><strong>{inner}</strong></p>" if paragraph.kind == "heading" else f"<p>{inner}</p>"
