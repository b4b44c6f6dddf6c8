"""Add up results of many files in a tree, which has the same shape here and on a cluster: so have the sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Tree"]

FAN_IN: Final = 8
"""How many results are added up at a time."""


class Tree:
    """A tree in which results are merged with their neighbours as soon as these are there; None is no result."""

    def __init__(self, leaves: int, merge: Callable[[int, int, list[Any]], Any]) -> None:
        self.sizes = [leaves]
        while self.sizes[-1] > 1:
            self.sizes.append(-(-self.sizes[-1] // FAN_IN))
        self.merge = merge
        self.groups: dict[tuple[int, int], dict[int, Any]] = {}
        self.root: Any = None

    def put(self, index: int, result: Any) -> None:
        """Set the result of a leaf, and merge what is complete."""
        for level, size in enumerate(self.sizes[:-1]):
            group, position = divmod(index, FAN_IN)
            entries = self.groups.setdefault((level, group), {})
            entries[position] = result
            if len(entries) < min(FAN_IN, size - group * FAN_IN):
                return
            del self.groups[level, group]
            there = [entries[place] for place in sorted(entries) if entries[place] is not None]
            result = self.merge(level, group, there) if len(there) > 1 else there[0] if there else None
            index = group
        self.root = result
