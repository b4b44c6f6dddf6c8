"""Pauses the garbage collector while something large is built, which it would walk through again and again."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect no garbage within the block; afterwards the collector is as it was, and takes what was built for old.

    >>> with collector_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            _age()
            gc.enable()


def _age() -> None:
    """Move everything into the oldest generation without walking through it."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
