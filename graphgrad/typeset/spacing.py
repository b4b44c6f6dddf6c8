"""Where blanks stand between the parts of a row."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.typeset.tree import Tree

__all__ = ["blanks"]

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
