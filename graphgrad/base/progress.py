"""Show on a terminal what long work is at, once it takes longer than a second.

The work calls `tell`, which only keeps the text; a thread writes it, so that one long step is shown as well.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

__all__ = ["is_shown", "shown_on", "tell"]

PATIENCE: Final = 1.0
"""The seconds before anything is shown, and between two lines."""

CLEAR: Final = "\r\x1b[K"
"""Return to the start of the terminal's line and erase it."""


class _Current(threading.local):
    """What the current thread's work is at; None where nobody is shown it."""

    text: list[str] | None = None


_CURRENT: Final = _Current()


def tell(text: str) -> None:
    """Say what this thread's work is at.

    >>> tell("rules")
    """
    if _CURRENT.text is not None:
        _CURRENT.text[0] = text


def is_shown() -> bool:
    """Whether somebody is shown what this thread's work is at, and may end it with Ctrl-C to see what it has.

    >>> is_shown()
    False
    """
    return _CURRENT.text is not None


@contextmanager
def shown_on(stream: TextIO) -> Iterator[None]:
    """Show on a terminal what the work in the block is at; on another stream nothing is shown.

    >>> import sys
    >>> with shown_on(sys.stderr):
    ...     tell("rules")
    """
    if not stream.isatty():
        yield
        return
    text, over = [""], threading.Event()
    thread = threading.Thread(target=_show, args=(stream, text, over), name="graphgrad progress", daemon=True)
    _CURRENT.text = text
    try:
        thread.start()
        yield
    finally:
        _CURRENT.text = None
        over.set()
        thread.join()


def _show(stream: TextIO, text: list[str], over: threading.Event) -> None:
    is_written = False
    while not over.wait(PATIENCE):
        stream.write(f"{CLEAR}checking: {text[0]} … Ctrl-C ends the check with what it has")
        stream.flush()
        is_written = True
    if is_written:
        stream.write(CLEAR)
        stream.flush()
