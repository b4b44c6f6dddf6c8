"""Find operands that are not drawn from top to bottom in the order of the text."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Layout
    from graphgrad.draw.scene.model import Scene

__all__ = ["misread", "operands"]


def misread(scene: Scene, layout: Layout) -> set[int]:
    """Return the arrows to operations with operands that could be mistaken for each other and are out of order."""
    return {
        index
        for indices in operands(scene)
        if any(layout.routes[a][-1][1] <= layout.routes[b][-1][1] for a, b in pairwise(indices))
        for index in indices
    }


def operands(scene: Scene) -> Iterator[list[int]]:
    """Yield the arrows to each operation whose operands could be mistaken for each other, in their order."""
    into: dict[str, list[int]] = {}
    for index, arrow in enumerate(scene.arrows):
        if arrow.role:
            into.setdefault(arrow.head, []).append(index)
    return (indices for indices in into.values() if len(indices) > 1)
