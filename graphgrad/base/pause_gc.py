"""Pause the garbage collector while a large structure is built."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Run the block without the garbage collector, then move the new objects into its oldest generation.

    The collector would traverse a growing structure many times and free nothing.

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
    """Move all objects into the oldest generation without traversing them."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
