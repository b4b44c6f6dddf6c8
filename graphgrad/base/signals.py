"""End a command by a signal as Ctrl-C does: with an exception, so that files are tidied up."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stopped", "signals_raise"]

SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, the request to end, and the end of the terminal; not every system has each."""


class Stopped(KeyboardInterrupt):
    """A signal that ends the command; `status` is the exit status that shells expect, 128 and the signal's number.

    >>> Stopped(2).status
    130
    """

    def __init__(self, number: int) -> None:
        """Keep the signal's number."""
        super().__init__(f"signal {number}")
        self.status = 128 + number


@contextmanager
def signals_raise() -> Iterator[None]:
    """Raise `Stopped` in the block at Ctrl-C, SIGTERM or SIGHUP; later ones are ignored while it tidies up.

    A signal that is ignored already, as SIGHUP under `nohup`, stays so. Outside the main thread nothing changes.

    >>> try:
    ...     with signals_raise():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except Stopped as stopped:
    ...     stopped.status
    143
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    caught = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

    def stop(number: int, _frame: Any) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    try:
        for number in caught:
            signal.signal(number, stop)
        yield
    finally:
        for number, handler in caught.items():
            signal.signal(number, handler)
