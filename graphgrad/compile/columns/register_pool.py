"""Places for numbers that are needed for a while, each handed out again when it is free."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pool"]

Place = TypeVar("Place")


class Pool(Generic[Place]):
    """Hands out places, which `named` makes of their numbers from 0, as few as will do.

    >>> pool = Pool("b{}".format)
    >>> first = pool.take()
    >>> pool.give(first)
    >>> pool.take(), pool.take(), pool.count
    ('b0', 'b1', 2)
    """

    def __init__(self, named: Callable[[int], Place]) -> None:
        """Begin without any place."""
        self._named = named
        self._own: set[Place] = set()
        self._free: list[Place] = []

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self._own)

    def take(self) -> Place:
        """Return a place that is free."""
        if self._free:
            return self._free.pop()
        place = self._named(self.count)
        self._own.add(place)
        return place

    def give(self, place: Place) -> None:
        """Free a place; one that is not the pool's own is left alone."""
        if place in self._own:
            self._free.append(place)
