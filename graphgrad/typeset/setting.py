"""Set a formula: the places of its texts, and of the lines of its fractions, roots and brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.typeset.boxes import ITALIC, LEAST, SET, SMALLER, Place, Setting, beside, table, text
from graphgrad.typeset.one_line import on_one_line
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.spacing import blanks
from graphgrad.typeset.tree import folded

if TYPE_CHECKING:
    from graphgrad.typeset.tree import Tree

__all__ = ["typeset"]


def typeset(phrase: str, size: float, *, stacked: bool = False) -> Setting:
    r"""Return a text of a picture, set in a font size; a plain `str` is set as it is, upright.

    With `stacked`, fractions that stand in no other fraction have their parts above and below a line; else all have a
    slash.

    >>> setting = typeset(Phrase("x²", "x^{2}"), 10)
    >>> [(run.text, run.italic, run.size) for run in setting.runs]
    [('x', True, 10), ('2', False, 7.0)]
    >>> round(typeset("10", 10).width, 2), setting.rules
    (11.12, ())
    """
    if not isinstance(phrase, Phrase):
        return text(phrase, size)
    tree = on_one_line(tree_of(phrase.tex), stacked=stacked)
    [setting] = folded(tree, Place(size, LEAST * size), _places, _cells)
    return setting._replace(runs=tuple(run.trimmed for run in setting.runs if run.text.strip(" ")))


def _places(tree: Tree, place: Place) -> list[Place]:
    """Return the sizes of the parts: scripts and the degree of a root are smaller."""
    if tree.kind not in {"scripts", "root"}:
        return [place] * len(tree.parts)
    script = Place(max(place.least, SMALLER * place.size), place.least, tight=True)
    return [place, *[script] * (len(tree.parts) - 1)]


def _cells(tree: Tree, place: Place, parts: list[list[Setting]]) -> list[Setting]:
    """Return a part as a single setting; a line of a table as the settings of its cells."""
    if tree.kind == "table":
        return [table(tree.text, place.size, parts)]
    inner = [setting for part in parts for setting in part]
    if tree.kind == "cells":
        return inner
    if tree.kind == "row":
        before = [text(blank, place.size) if blank else Setting() for blank in blanks(tree.parts, tight=place.tight)]
        return [beside([each for pair in zip(before, inner, strict=True) for each in pair])]
    if tree.kind in SET:
        return [SET[tree.kind](tree, place, inner)]
    return [text(tree.text, place.size, italic=tree.kind in ITALIC) if tree.text else Setting()]
