"""Keep the operands of an operation from top to bottom in the order of the text, or find those that are not."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.columns import Columns, Stop
    from graphgrad.draw.layout.layout import Layout
    from graphgrad.draw.scene.model import Scene

__all__ = ["constants_in_order", "misread"]


def misread(scene: Scene, layout: Layout) -> set[int]:
    """Return the arrows to operations with operands that could be mistaken for each other and are out of order."""
    return {
        index
        for indices in _operands(scene)
        if any(layout.routes[a][-1][1] <= layout.routes[b][-1][1] for a, b in pairwise(indices))
        for index in indices
    }


def _operands(scene: Scene) -> Iterator[list[int]]:
    """Yield the arrows to each operation whose operands could be mistaken for each other, in their order."""
    into: dict[str, list[int]] = {}
    for index, arrow in enumerate(scene.arrows):
        if arrow.role:
            into.setdefault(arrow.head, []).append(index)
    return (indices for indices in into.values() if len(indices) > 1)


def constants_in_order(found: Columns, scene: Scene, gap: float) -> None:
    """Move constants that are out of order between the operands beside them, and all that is in their way with them."""
    kinds = {box.key: box.kind for box in scene.boxes}
    for indices in _operands(scene):
        for place, index in enumerate(indices):
            way = found.ways[index]
            constant = way[0]
            if kinds[constant.key] != "constant" or way[1].key != scene.arrows[index].head:
                continue
            heights = [found.height(each, found.ways[each][-2]) for each in indices]
            if all(one > two for one, two in pairwise(heights)):
                break
            above = place > 0
            neighbour = found.ways[indices[place - 1 if above else place + 1]][-2]
            beside = heights[place - 1 if above else place + 1]
            half = found.sizes[neighbour.key][1] / 2 if neighbour.key else gap
            room = half + found.sizes[constant.key][1] / 2 + gap
            found.heights[constant.key] = beside - room if above else beside + room
            _give_way(found, constant, beside, gap)


def _give_way(found: Columns, moved: Stop, beside: float, gap: float) -> None:
    """Move all that is on a box's side of a height away from the box, as far as it needs the room."""
    y, half = found.heights[moved.key], found.sizes[moved.key][1] / 2
    sign = 1 if y > beside else -1
    others = [key for key in found.keys[moved.column] if key != moved.key and sign * (found.heights[key] - beside) > 0]
    lacking = max((half + gap + found.sizes[key][1] / 2 - sign * (found.heights[key] - y) for key in others), default=0)
    if lacking > 0:
        found.heights = {key: _pushed(each, beside, sign * lacking) for key, each in found.heights.items()}
        found.passing = {key: _pushed(each, beside, sign * lacking) for key, each in found.passing.items()}
        found.heights[moved.key] = y


def _pushed(height: float, threshold: float, distance: float) -> float:
    return height + distance if (height - threshold) * distance > 0 else height
