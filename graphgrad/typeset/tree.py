"""The tree of a typeset formula, and the walk over it that needs no recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["EMPTY", "KINDS", "Tree", "folded", "row_of"]

C = TypeVar("C")
R = TypeVar("R")

KINDS: Final = {
    "letter": "a variable's letter, in italics",
    "slanted": "a word in italics",
    "word": "upright text",
    "number": "digits",
    "operator": "the name of a function",
    "prefix": "an operator before its only operand",
    "binary": "an operator between two operands",
    "relation": "a sign between two sides",
    "punctuation": "a comma or the like",
    "open": "an opening bracket",
    "close": "a closing bracket",
    "space": "a blank",
    "row": "parts one after the other",
    "scripts": "a base, what stands above right of it, and what stands below right of it",
    "fraction": "what stands above a line, and what stands below it",
    "root": "what stands under a root, and its degree",
    "fenced": "a part between the two characters of its text; a blank is no fence",
    "table": "lines of kind `cells`; its text is the environment",
    "cells": "the cells of a line of a table",
}
"""What each kind of tree is."""


class Tree(NamedTuple):
    """A part of a formula: its kind, one of `KINDS`; the parts that it consists of; its own characters."""

    kind: str
    parts: tuple[Tree, ...] = ()
    text: str = ""


EMPTY: Final = Tree("row")


def row_of(parts: Iterable[Tree]) -> Tree:
    """Return parts one after the other, as one tree: a single part stays as it is.

    >>> row_of([Tree("letter", (), "x")])
    Tree(kind='letter', parts=(), text='x')
    """
    parts = tuple(parts)
    return parts[0] if len(parts) == 1 else Tree("row", parts)


def folded(tree: Tree, context: C, below: Callable[[Tree, C], Sequence[C]], up: Callable[[Tree, C, list[R]], R]) -> R:
    """Return what `up` makes of a tree from what it made of its parts; `below` says in which context each part stands.

    >>> tree = Tree("row", (Tree("letter", (), "x"), Tree("number", (), "2")))
    >>> folded(tree, 0, lambda tree, depth: [depth + 1] * len(tree.parts), lambda tree, depth, parts: [depth, *parts])
    [0, [1], [1]]
    """
    waiting = [(tree, context, False)]
    done: list[R] = []
    while waiting:
        part, where, visited = waiting.pop()
        count = len(part.parts)
        if visited or not count:
            results = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(up(part, where, results))
            continue
        waiting.append((part, where, True))
        waiting += [(each, inner, False) for each, inner in zip(part.parts, below(part, where), strict=True)][::-1]
    return done[0]
