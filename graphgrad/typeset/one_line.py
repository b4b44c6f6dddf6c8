"""Write fractions with a slash, and put brackets where what they hold together is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.typeset.tree import Tree, folded, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ATOM", "on_one_line"]

SUM, PRODUCT, POWER, ATOM = range(4)
"""How closely a formula holds together: as a sum, as a product or a fraction, as a power, as a name or a bracket."""

SLASH: Final = Tree("slash", (), "/")

LOOSE: Final = {
    "relation": SUM,
    "binary": PRODUCT,
    "prefix": PRODUCT,
    "space": PRODUCT,
    "punctuation": SUM,
    "slash": PRODUCT,
    "fraction": PRODUCT,
    "cells": SUM,
    "scripts": POWER,
    "root": POWER,
    "open": POWER,
    "close": POWER,
}
"""How closely a formula of each kind holds together; others are atoms."""


NOT_WITHIN: Final = frozenset(("fraction", "root", "cells"))
"""The kinds in whose parts no fraction is stacked; nor is one in a script."""


class _Held(NamedTuple):
    tree: Tree
    holds: int

    def within(self, least: int) -> Tree:
        """Return the formula, in brackets where it holds together less than this."""
        return self.tree if self.holds >= least else Tree("fenced", (self.tree,), "()")


def on_one_line(tree: Tree, *, stacked: bool = False) -> Tree:
    r"""Return a formula whose fractions have a slash; with `stacked`, those within scripts and other fractions alone.

    >>> from graphgrad.typeset.read import tree_of
    >>> [part.kind for part in on_one_line(tree_of(r"\frac{a + b}{c}")).parts]
    ['fenced', 'slash', 'letter']
    """
    return folded(tree, 0 if stacked else 1, _depths, _flat).tree


def _depths(tree: Tree, depth: int) -> list[int]:
    """Return within how many parts that hold no stacked fraction each part stands."""
    if tree.kind == "scripts":
        return [depth, depth + 1, depth + 1]
    return [depth + (tree.kind in NOT_WITHIN)] * len(tree.parts)


def _flat(tree: Tree, depth: int, parts: list[_Held]) -> _Held:
    if tree.kind == "fraction" and depth:
        above, below = parts
        return _Held(row_of([above.within(PRODUCT), SLASH, below.within(POWER)]), PRODUCT)
    if tree.kind == "scripts":
        base, *scripts = parts
        kept = Tree("scripts", (base.within(ATOM), *(script.tree for script in scripts)))
        return _Held(kept, POWER if scripts[0].tree != ("row", (), "") else base.holds)
    if tree.kind == "row":
        return _Held(Tree("row", tuple(_factors(parts)), ""), _row_holds(parts))
    return _Held(tree._replace(parts=tuple(part.tree for part in parts)), _holds(tree))


def _holds(tree: Tree) -> int:
    if tree.kind == "binary" and tree.text in "+−±":
        return SUM
    if tree.kind in {"word", "slanted"} and len(tree.text) > 1 and not tree.text.replace("_", "").isalnum():
        return SUM
    return LOOSE.get(tree.kind, ATOM)


def _row_holds(parts: Sequence[_Held]) -> int:
    """Return how closely a row holds together: juxtaposed parts, such as a call, as closely as a power."""
    return min([POWER, *(part.holds for part in parts)]) if parts else ATOM


def _factors(parts: Sequence[_Held]) -> list[Tree]:
    """Return the parts of a row; a fraction after a sign of multiplication, or beside a blank, is put in brackets."""
    kinds = [part.tree.kind for part in parts]
    beside = {i + step for i, kind in enumerate(kinds) if kind == "space" for step in (-1, 1)}
    after = {i + 1 for i, part in enumerate(parts) if kinds[i] == "binary" and part.holds == PRODUCT}
    return [
        part.within(POWER) if i in beside | after and SLASH in part.tree.parts else part.tree
        for i, part in enumerate(parts)
    ]
