"""Give contexts of mpmath of chosen precision, so that the user's own is neither read nor written."""

from __future__ import annotations

import threading
from typing import Any, Final

__all__ = ["context_of"]


class _Contexts(threading.local):
    """The contexts of this thread, by their bits: mpmath's functions change the precision while they run."""

    def __init__(self) -> None:
        self.by_bits: dict[int, Any] = {}


_CONTEXTS: Final = _Contexts()


def context_of(bits: int) -> Any:
    """Return this thread's context of so many bits.

    >>> context_of(106) is context_of(106)
    True
    """
    known = _CONTEXTS.by_bits
    if bits not in known:
        from mpmath import MPContext

        known[bits] = MPContext()
    known[bits].prec = bits  # an exception that ended a function of mpmath may have left another
    return known[bits]
