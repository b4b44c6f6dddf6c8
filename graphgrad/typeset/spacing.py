"""Where blanks stand between the parts of a row: within scripts, operators have none."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.typeset.tree import Tree

__all__ = ["blanks", "depths", "spaced"]

WIDE: Final = frozenset(("binary", "relation"))
"""The kinds with a blank on both sides."""

CLOSE: Final = "·/"
"""The operators without blanks."""

NO_OPERAND: Final = frozenset(("open", "prefix", "space", *WIDE))
"""The kinds after which the name of a function has no blank of its own."""

ARGUMENTS: Final = frozenset(("fenced", "open", "punctuation", "close", "space", *WIDE))
"""The kinds before which the name of a function has no blank of its own."""


def blanks(parts: Sequence[Tree], *, tight: bool = False) -> list[str]:
    """Return the blank or the empty text before each part; within `tight` scripts, operators have no blanks.

    >>> from graphgrad.typeset.read import tree_of
    >>> blanks(tree_of("-a + b").parts), blanks(tree_of("-a + b").parts, tight=True)
    (['', '', ' ', ' '], ['', '', '', ''])
    """
    return [""] * bool(parts) + [*_between(parts, tight=tight)]


def depths(tree: Tree, depth: int) -> list[int]:
    """Return within how many scripts each part of a tree stands that stands within `depth` of them itself.

    >>> from graphgrad.typeset.read import tree_of
    >>> depths(tree_of("x_{1}^{2}"), 0)
    [0, 1, 1]
    """
    return [depth, depth + 1, depth + 1] if tree.kind == "scripts" else [depth] * len(tree.parts)


def spaced(tree: Tree, depth: int, parts: Sequence[str]) -> str:
    """Return the written parts of a row, which stands within `depth` scripts, with blanks between them.

    >>> from graphgrad.typeset.read import tree_of
    >>> spaced(tree_of("a+b"), 0, ["a", "+", "b"]), spaced(tree_of("a+b"), 1, ["a", "+", "b"])
    ('a + b', 'a+b')
    """
    before = blanks(tree.parts, tight=depth > 0)
    return "".join(blank + part for blank, part in zip(before, parts, strict=True))


def _between(parts: Sequence[Tree], *, tight: bool) -> Iterator[str]:
    for before, after in pairwise(map(_kind, parts)):
        wide = not tight and (before in WIDE or after in WIDE or (before == "punctuation" and after != "space"))
        name = (before == "operator" and after not in ARGUMENTS) or (after == "operator" and before not in NO_OPERAND)
        yield " " if wide or (name and "punctuation" not in (before, after)) else ""


def _kind(part: Tree) -> str:
    """Return a part's kind; that of a base with scripts is the base's, and a dot or a slash has no blanks."""
    if part.kind == "binary" and part.text in CLOSE:
        return "prefix"
    return part.parts[0].kind if part.kind == "scripts" else part.kind
