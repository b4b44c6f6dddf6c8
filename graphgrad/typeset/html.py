"""Write a formula as HTML: letters in italics, raised and lowered scripts, stacked fractions."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from graphgrad.typeset.boxes import ITALIC
from graphgrad.typeset.one_line import on_one_line
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.spacing import depths, spaced
from graphgrad.typeset.tree import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.typeset.tree import Tree

__all__ = ["STYLE", "html_of"]

STYLE: Final = """\
.gg-math {white-space:nowrap}
.gg-math i {font-style:italic}
.gg-math sup,.gg-math sub {font-size:.7em;line-height:0}
.gg-sign {position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.gg-frac {display:inline-flex;flex-direction:column;vertical-align:middle;text-align:center}
.gg-frac {line-height:1.2;margin:0 .1em}
.gg-frac > :first-child {border-bottom:.06em solid;padding:0 .15em}
.gg-frac > :last-child {padding:0 .15em}
.gg-root > :not(.gg-sign,sup) {border-top:.06em solid;padding:0 .1em}
.gg-table {display:inline-grid;vertical-align:middle;column-gap:.8em;line-height:1.3;padding:0 .3em}
.gg-bmatrix {border:.06em solid;border-width:0 .06em;border-radius:.4em;justify-items:center}
.gg-cases {border-left:.06em solid}
"""
"""The style sheet of formulas in HTML; the signs that are not seen are read aloud and copied: x^2, not x2."""


@lru_cache(maxsize=4096)
def html_of(tex: str, *, stacked: bool = True) -> str:
    r"""Return a formula as HTML, for a page with `STYLE`; without `stacked`, fractions have a slash.

    Raises `RenderError` for LaTeX that our printer does not write.

    >>> html_of("x_{1}")
    '<span class="gg-math"><i>x</i><span class="gg-sign">_</span><sub>1</sub></span>'
    >>> html_of(r"\frac{a}{2}", stacked=False)
    '<span class="gg-math"><i>a</i>/2</span>'
    """
    tree = on_one_line(tree_of(tex), stacked=stacked)
    return f'<span class="gg-math">{folded(tree, 0, depths, _html)}</span>'


def _html(tree: Tree, depth: int, parts: list[str]) -> str:
    if tree.kind == "row":
        return spaced(tree, depth, parts)
    write = WRITTEN.get(tree.kind)
    if write:
        return write(tree, parts)
    return f"<i>{escape(tree.text)}</i>" if tree.kind in ITALIC else escape(tree.text)


def _scripts(tree: Tree, parts: list[str]) -> str:
    base, above, below = parts
    return (
        base + _script("_", "<sub>{}</sub>", tree.parts[2], below) + _script("^", "<sup>{}</sup>", tree.parts[1], above)
    )


def _script(sign: str, element: str, tree: Tree, written: str) -> str:
    """Return a script with the sign, and the brackets, by which it is told from its base where it is read aloud."""
    if not written:
        return ""
    left, right = (sign, "") if not tree.parts else (f"{sign}(", _unseen(")"))
    return f"{_unseen(left)}{element.format(written)}{right}"


def _unseen(sign: str) -> str:
    return f'<span class="gg-sign">{sign}</span>'


def _fraction(_tree: Tree, parts: list[str]) -> str:
    return f'<span class="gg-frac"><span>{parts[0]}</span><span>{parts[1]}</span></span>'


def _root(tree: Tree, parts: list[str]) -> str:
    degree = f"<sup>{parts[1]}</sup>" if parts[1] else ""
    left, right = map(_unseen, "()") if tree.parts[0].parts else ("", "")
    return f'<span class="gg-root">{degree}√{left}<span>{parts[0]}</span>{right}</span>'


def _fenced(tree: Tree, parts: list[str]) -> str:
    if tree.text == "()" and tree.parts[0].kind == "table" and tree.parts[0].text in UNSEEN:  # it has its own
        return parts[0]
    return f"{escape(tree.text[0])}{parts[0]}{escape(tree.text[1])}".strip()


UNSEEN: Final = {"cases": "{}", "bmatrix": "[]"}
"""The brackets of tables as they are read aloud; those that are seen are lines."""


def _table(tree: Tree, parts: list[str]) -> str:
    columns = max((len(line.parts) for line in tree.parts), default=1)
    style = f"grid-template-columns:repeat({columns},auto)"
    left, right = map(_unseen, UNSEEN.get(tree.text, "  "))
    lines = _unseen("; ").join(parts)
    return f'<span class="gg-table gg-{tree.text}" style="{style}">{left}{lines}{right}</span>'


def _cells(_tree: Tree, parts: list[str]) -> str:
    return _unseen(" ").join(f"<span>{part}</span>" for part in parts)


WRITTEN: Final[dict[str, Callable[[Tree, list[str]], str]]] = {
    "scripts": _scripts,
    "fraction": _fraction,
    "root": _root,
    "fenced": _fenced,
    "table": _table,
    "cells": _cells,
}
"""How each kind of formula with parts is written; a row's parts are joined, with blanks."""
