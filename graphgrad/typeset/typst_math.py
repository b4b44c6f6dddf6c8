"""Write a formula as Typst's mathematics, each sign as a string in which nothing has a meaning."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from graphgrad.base.terminal_text import printable
from graphgrad.typeset.one_line import on_one_line
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.tree import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.typeset.tree import Tree

__all__ = ["typst_math", "typst_string"]

CLASSES: Final = {
    "prefix": "unary",
    "binary": "binary",
    "relation": "relation",
    "punctuation": "punctuation",
    "open": "opening",
    "close": "closing",
}
"""Typst's class of a sign, which spaces it, by the kind of tree."""

SLASH: Final = "/"
"""An operator that stands close to what it divides, as in LaTeX."""

NAMED: Final = {"√": "#surd"}
"""What the document around the formula defines: a root's sign alone hangs below the line in fonts for mathematics."""

NEXT: Final = "\x1f"
"""What separates cells until the table around them is written."""


def typst_string(text: str) -> str:
    r"""Return a text as a string of Typst's, in which nothing has a meaning.

    >>> print(typst_string('say "hi" to #emoji \\ $x$'))
    "say \"hi\" to #emoji \\ $x$"
    """
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def typst_math(tex: str, *, stacked: bool = False) -> str:
    r"""Return a formula as Typst's mathematics, between dollar signs; without `stacked`, fractions have a slash.

    Raises `RenderError` for LaTeX that our printer does not write.

    >>> print(typst_math(r"x^{2}"), typst_math(r"\frac{a}{2}", stacked=True))
    $attach(italic("x"), t: "2")$ $display(frac(italic("a"), "2"))$
    """
    return f"${folded(on_one_line(tree_of(tex), stacked=stacked), None, _contexts, _written)}$"


def _contexts(tree: Tree, _: None) -> list[None]:
    return [None] * len(tree.parts)


def _written(tree: Tree, _: None, parts: list[str]) -> str:
    if tree.kind in CLASSES and tree.text != SLASH:
        return f'class("{CLASSES[tree.kind]}", {typst_string(tree.text)})'
    if tree.text in NAMED:
        return NAMED[tree.text]
    write = WRITTEN.get(tree.kind)
    return write(tree, parts) if write else typst_string(tree.text)


def _joined(parts: list[str]) -> str:
    """Return parts side by side, with blanks between names alone: beside a string, Typst would print them."""
    blanks = (" " if before[-1:].isalnum() and after[:1].isalnum() else "" for before, after in pairwise(parts))
    return "".join(f"{blank}{part}" for blank, part in zip(("", *blanks), parts, strict=bool(parts)))


def _scripts(_tree: Tree, parts: list[str]) -> str:
    base, above, below = parts
    places = {"t": above, "b": below}
    return f"attach({base}{''.join(f', {name}: {part}' for name, part in places.items() if part)})"


def _fenced(tree: Tree, parts: list[str]) -> str:
    left, right = (typst_string(each) for each in tree.text[:2])
    before = [f'class("opening", {left})'] if tree.text[0].strip() else []
    after = [f'class("closing", {right})'] if tree.text[1].strip() else []
    return f"lr({_joined([*before, parts[0], *after])})"


def _table(tree: Tree, parts: list[str]) -> str:
    lines = [part.split(NEXT) for part in parts]
    if tree.text == "cases":
        return f"cases({', '.join(' & '.join(cells) for cells in lines)})"
    if tree.text == "bmatrix":
        return f'display(mat(delim: "[", {"; ".join(", ".join(cells) for cells in lines)}))'
    return " \\ ".join(" & ".join(cells) for cells in lines)


WRITTEN: Final[dict[str, Callable[[Tree, list[str]], str]]] = {
    "letter": lambda tree, _: f"italic({typst_string(tree.text)})",
    "slanted": lambda tree, _: f"italic({typst_string(tree.text)})",
    "operator": lambda tree, _: f"op({typst_string(tree.text)})",
    "space": lambda _tree, _: "med",
    "row": lambda _tree, parts: _joined(parts),
    "scripts": _scripts,
    "fraction": lambda _tree, parts: f"display(frac({', '.join(parts)}))",
    "root": lambda _tree, parts: f"root({parts[1]}, {parts[0]})" if parts[1] else f"sqrt({parts[0]})",
    "fenced": _fenced,
    "table": _table,
    "cells": lambda _tree, parts: NEXT.join(parts),
}
"""How each kind of tree is written; the others are text."""
