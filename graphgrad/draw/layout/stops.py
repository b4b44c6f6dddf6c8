"""Define the columns of a layout: what stands in each, and the arrows' ways through them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from graphgrad.draw.layout.sizes import Size

__all__ = ["Columns", "Stop"]


class Stop(NamedTuple):
    """A place on an arrow's way: a box, its labels, or (without a key) a column that it passes through."""

    column: int
    key: str


@dataclass(slots=True)
class Columns:
    """The columns of a layout: what stands in each, and every arrow's way through them.

    `heights` are the heights of boxes and labels, `passing` those at which arrows pass through a column, by arrow and
    column. `sizes` are the sizes of boxes and labels, `gaps` the distances between columns. `shifts` say how far the
    middles of labels are above their lines.
    """

    keys: list[list[str]]
    sizes: dict[str, Size]
    heights: dict[str, float]
    gaps: list[float]
    ways: list[list[Stop]]
    passing: dict[tuple[int, int], float] = field(default_factory=dict)
    shifts: dict[str, float] = field(default_factory=dict)

    def reach(self, key: str, side: int) -> float:
        """Return how far a box or a label reaches up (1) or down (-1) from the height of its line."""
        return self.sizes[key][1] / 2 + side * self.shifts.get(key, 0.0)

    def spans(self, column: int) -> list[tuple[float, float]]:
        """Return the middles and the half heights of all in a column, from the lowest."""
        keys = self.keys[column]
        return sorted((self.heights[key] + self.shifts.get(key, 0.0), self.sizes[key][1] / 2) for key in keys)

    def width(self, column: int) -> float:
        """Return the width of the widest box or label in a column."""
        return max(self.sizes[key][0] for key in self.keys[column])

    def height(self, index: int, stop: Stop) -> float:
        """Return the height of an arrow at one of its stops."""
        return self.heights[stop.key] if stop.key else self.passing[index, stop.column]

    def edges(self) -> list[tuple[float, float]]:
        """Return the left and the right edge of each column, from 0 on."""
        edges, left = [], 0.0
        for column, gap in enumerate([*self.gaps, 0.0]):
            right = left + self.width(column)
            edges.append((left, right))
            left = right + gap
        return edges
