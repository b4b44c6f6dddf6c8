"""The memory of large results, used again once nobody holds them: fresh memory costs as much as a dozen operations."""

from __future__ import annotations

import math
import sys
from collections import deque
from typing import Any, Final

__all__ = ["Memory"]

LEAST: Final = 1 << 16
"""The bytes from which on an array's memory is kept: that of smaller ones is quickly had."""

MOST: Final = 1 << 28
"""So many bytes are remembered in all, in use or not."""


class Memory:
    """Makes arrays, where possible of the memory of earlier ones that are no longer in use.

    Whatever looks into an array's memory, a view or another library's tensor, holds a reference to its owner. So the
    count of these tells whether it is in use.

    >>> import numpy as np
    >>> memory = Memory(np)
    >>> x = memory.empty((1_000, 1_000), np.dtype(float))
    >>> row, place = x[0], x.ctypes.data
    >>> del x
    >>> memory.empty((1_000, 1_000), np.dtype(float)).ctypes.data == place
    False
    >>> del row
    >>> place in {memory.empty((1_000_000,), np.dtype(float)).ctypes.data for _ in range(2)}
    True
    """

    def __init__(self, numpy: Any) -> None:  # noqa: ANN401
        """Remember nothing yet."""
        self.numpy = numpy
        self._owners: deque[Any] = deque()

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ANN401
        """Return an array with anything in it."""
        size = math.prod(shape) * dtype.itemsize
        if size < LEAST or not _can_count():
            return self.numpy.empty(shape, dtype)
        owner = self._idle(size)
        if owner is None:
            owner = self.numpy.empty(size, self.numpy.uint8)
        self._owners.append(owner)
        while sum(x.nbytes for x in [*self._owners]) > MOST:
            self._owners.popleft()
        return owner.view(dtype).reshape(shape)

    def _idle(self, size: int) -> Any:  # noqa: ANN401
        """Take out memory of this size that is not in use, and forget what is idle and of another size."""
        for _ in range(len(self._owners)):
            try:
                owner = self._owners.popleft()  # taken out, it is no other thread's
            except IndexError:
                break
            if _references(owner) > ALONE:
                self._owners.append(owner)
            elif owner.nbytes == size:
                return owner
        return None


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
