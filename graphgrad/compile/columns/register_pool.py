"""Allocate registers by liveness: one is reused as soon as its value is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pool"]

Register = TypeVar("Register")


class Pool(Generic[Register]):
    """A pool that reuses free registers before it makes a new one: `new(k)` is the k-th, from 0.

    >>> pool = Pool("b{}".format)
    >>> first = pool.take()
    >>> pool.give(first)
    >>> pool.take(), pool.take(), pool.count
    ('b0', 'b1', 2)
    """

    def __init__(self, new: Callable[[int], Register]) -> None:
        """Start without registers."""
        self._new = new
        self._own: set[Register] = set()
        self._free: list[Register] = []

    @property
    def count(self) -> int:
        """The registers made so far: the most that were live at once."""
        return len(self._own)

    def take(self) -> Register:
        """Return a free register, a new one if there is none."""
        if self._free:
            return self._free.pop()
        register = self._new(self.count)
        self._own.add(register)
        return register

    def give(self, register: Register) -> None:
        """Free a register; one that is not the pool's is ignored."""
        if register in self._own:
            self._free.append(register)
