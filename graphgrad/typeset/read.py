r"""Read the LaTeX that our printer writes into a tree: a small part of LaTeX's math mode, with amsmath."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import RenderError
from graphgrad.typeset.signs import CHARACTERS, ENVIRONMENTS, FENCES, MACROS, OPERATORS, ROOTS, TEXT_SIGNS
from graphgrad.typeset.tree import EMPTY, Tree, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["tree_of"]

TOKEN: Final = re.compile(r"\\mathbin\{\}|\\[A-Za-z]+(?P<blanks>\s*)|\\.|.", re.DOTALL)
"""An operator that nobody sees, a macro with the blanks that it swallows, an escape, or a character."""

MAX_SHOWN: Final = 60
"""The most characters of a formula in an error."""

ARGUMENTS: Final = {
    r"\frac": 2,
    r"\sqrt": 1,
    r"\mathrm": 1,
    r"\text": 1,
    r"\mathit": 1,
    r"\textit": 1,
    r"\operatorname": 1,
}
"""How many arguments a macro takes."""

STYLES: Final = {r"\mathrm": "word", r"\text": "word", r"\textit": "slanted", r"\operatorname": "operator"}
"""The kind of text that a macro's argument is."""

NEEDS_OPERAND: Final = frozenset(("binary", "relation", "open", "punctuation", "operator", "prefix", "space"))
"""The kinds after which a sign has no operand on its left."""


@dataclass(slots=True)
class _Frame:
    """A part that is being read: the piece that ends it, the style of its text, and what has been read of it.

    `needs` is the number of arguments of a macro; such a frame ends with the last of them.
    """

    name: str
    end: str = ""
    style: str = ""
    needs: int = 0
    items: list[Tree] = field(default_factory=list)
    fence: str = ""
    lines: list[list[Tree]] = field(default_factory=lambda: [[]])


@lru_cache(maxsize=4096)
def tree_of(tex: str) -> Tree:
    r"""Return a formula's tree.

    Raises `RenderError` for LaTeX that our printer does not write.

    >>> tree_of("x^{2}").kind, tree_of(r"\frac{a}{b}").kind, tree_of(r"\left(a + b\right)").text
    ('scripts', 'fraction', '()')
    """
    reader = _Reader(tex)
    for piece in reader.pieces:
        reader.take(piece)
    if len(reader.frames) > 1:
        raise _unreadable(tex, "it ends too early")
    return _row(reader.frames[0].items)


def _unreadable(tex: str, what: str) -> RenderError:
    shown = tex if len(tex) <= MAX_SHOWN else tex[: MAX_SHOWN - 1] + "…"
    hint = (
        "write the LaTeX that to_latex() writes; the tex of an operation may have Greek letters, fractions, and signs"
    )
    return RenderError(f"the formula {shown!r} cannot be typeset: {what}", hint=hint)


class _Reader:
    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.pieces = self.split()
        self.frames = [_Frame("formula")]

    def split(self) -> Iterator[str]:
        r"""Yield the tokens; \left and \right come with their fence, \begin and \end with their environment."""
        place = 0
        while match := TOKEN.match(self.tex, place):
            place = match.end()
            piece = match[0]
            if match["blanks"] is not None:
                piece = piece.rstrip()
            if piece in {"\\left", "\\right"} and (fence := TOKEN.match(self.tex, place)):
                place = fence.end()
                piece += " " + fence[0].rstrip()
            elif piece in {"\\begin", "\\end"} and (name := re.compile(r"\{(\w+)\}\s*").match(self.tex, place)):
                place = name.end()
                piece += " " + name[1]
            yield piece

    @property
    def frame(self) -> _Frame:
        return self.frames[-1]

    def take(self, piece: str) -> None:
        """Read one piece."""
        frame = self.frame
        if piece == "{":
            self.frames.append(_Frame("group", "}", frame.style))
        elif frame.end and piece == frame.end:
            self.close(self.frames.pop())
        elif frame.style and not frame.needs:
            self.take_text(piece)
        elif piece.startswith("\\") and len(piece) > 1:
            self.take_macro(piece)
        else:
            self.take_character(piece)

    def take_text(self, piece: str) -> None:
        """Read a piece within text."""
        if piece == "$":
            self.frames.append(_Frame("group", "$"))
            return
        character = TEXT_SIGNS.get(piece) if piece.startswith("\\") and len(piece) > 1 else piece
        if character is None:
            raise _unreadable(self.tex, f"{piece} in text")
        self.frame.items.append(Tree(self.frame.style, (), character))

    def take_macro(self, name: str) -> None:
        """Read a macro in mathematics."""
        if name in ARGUMENTS:
            self.frames.append(_Frame(name, "", STYLES.get(name, ""), ARGUMENTS[name]))
        elif name.startswith("\\left "):
            self.frames.append(_Frame("fenced", "", fence=self.fence(name)))
        elif name.startswith("\\right ") and self.frame.name == "fenced":
            frame = self.frames.pop()
            self.deliver(Tree("fenced", (_row(frame.items),), frame.fence + self.fence(name)))
        elif name.startswith("\\begin ") and name[7:] in ENVIRONMENTS:
            self.frames.append(_Frame(name[7:]))
        elif name == f"\\end {self.frame.name}":
            frame = self.frames.pop()
            self.end_line(frame)
            self.deliver(Tree("table", tuple(Tree("cells", tuple(line)) for line in frame.lines), frame.name))
        elif name == "\\\\" and self.frame.name in ENVIRONMENTS:
            self.end_line(self.frame)
            self.frame.lines.append([])
        elif name in OPERATORS:
            self.deliver(Tree("operator", (), name[1:]))
        elif name in MACROS or name in TEXT_SIGNS:
            kind, character = MACROS.get(name) or ("word", TEXT_SIGNS[name])
            self.deliver(Tree(kind, (), character))
        else:
            raise _unreadable(self.tex, f"{name} is not known")

    def fence(self, name: str) -> str:
        r"""Return the character of a fence: that of \left or \right, with a blank before it."""
        character = FENCES.get(name.partition(" ")[2])
        if character is None:
            raise _unreadable(self.tex, f"{name} is not known")
        return character

    @staticmethod
    def end_line(frame: _Frame) -> None:
        """End a cell of a table."""
        frame.lines[-1].append(_row(frame.items))
        frame.items = []

    def take_character(self, piece: str) -> None:
        """Read a character of mathematics."""
        if piece in "^_":
            items = self.frame.items
            base = items.pop() if items else EMPTY
            self.frames.append(_Frame(piece, "", "", 1, [base]))
        elif piece == "&" and self.frame.name in ENVIRONMENTS:
            self.end_line(self.frame)
        elif piece == "[" and self.frame.name == r"\sqrt" and not self.frame.items:
            self.frames.append(_Frame("degree", "]"))
        elif piece in "}&$\\":
            raise _unreadable(self.tex, f"a {piece} too many")
        elif not piece.isspace():
            self.deliver(_character(piece))

    def close(self, frame: _Frame) -> None:
        """Deliver what a pair of braces, of brackets or of dollars holds."""
        inner = _text(frame) if frame.style else _row(frame.items)
        if frame.name == "degree":
            self.frame.items.append(inner)
            self.frame.needs += 1
        elif frame.end == "$":
            self.frame.items.append(Tree(self.frame.style, (), inner.text))
        else:
            self.deliver(inner)

    def deliver(self, tree: Tree) -> None:
        """Give a tree to the frame that is open; that of a macro is closed by its last argument."""
        while True:
            frame = self.frame
            frame.items.append(tree)
            arguments = len(frame.items) - (frame.name in {"^", "_"})
            if not frame.needs or arguments < frame.needs:
                return
            self.frames.pop()
            tree = _built(frame)


def _character(piece: str) -> Tree:
    if piece in CHARACTERS:
        kind, character = CHARACTERS[piece]
        return Tree(kind, (), character)
    if piece in "0123456789.":
        return Tree("number", (), piece)
    return Tree("letter" if piece.isalpha() and piece.isascii() else "word", (), piece)


def _built(frame: _Frame) -> Tree:
    """Return the tree of a macro with its arguments."""
    items = frame.items
    if frame.name in {"^", "_"}:
        return _scripts(frame.name, *items)
    if frame.name == r"\frac":
        return Tree("fraction", tuple(items))
    if frame.name == r"\sqrt":
        inner, degree = items[-1], items[0] if len(items) > 1 else EMPTY
        return Tree("word", (), ROOTS.get(degree.text, "√")) if inner.kind == "space" else Tree("root", (inner, degree))
    return items[0]


def _scripts(which: str, base: Tree, script: Tree) -> Tree:
    """Return a base with a script, added to one that it may have already."""
    inner, above, below = base.parts if base.kind == "scripts" else (base, EMPTY, EMPTY)
    return Tree("scripts", (inner, script, below) if which == "^" else (inner, above, script))


def _text(frame: _Frame) -> Tree:
    """Return text in as few pieces as it has styles."""
    pieces: list[Tree] = []
    for item in frame.items:
        if pieces and item.kind == pieces[-1].kind == frame.style and not item.parts:
            pieces[-1] = Tree(frame.style, (), pieces[-1].text + item.text)
        else:
            pieces.append(item)
    if frame.style == "operator" and not pieces:
        return Tree("operator")
    return row_of(pieces)


def _row(items: Iterable[Tree]) -> Tree:
    """Return a row of parts: digits joined, and an operator without an operand on one side told from others."""
    parts: list[Tree] = []
    for item in chain.from_iterable(each.parts if each.kind == "row" else (each,) for each in items):
        before = parts[-1] if parts else None
        if before is not None and item.kind == before.kind == "number":
            parts[-1] = Tree("number", (), before.text + item.text)
        elif item.kind == "binary" and (before is None or before.kind in NEEDS_OPERAND):
            parts.append(Tree("prefix", (), item.text))
        else:
            parts.append(item)
    if parts and parts[-1].kind == "binary":
        parts[-1] = Tree("word", (), parts[-1].text)
    return row_of(parts)
