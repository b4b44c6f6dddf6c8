"""A bound on the time of pure Python code that knows none, such as sympy's."""

from __future__ import annotations

import ctypes
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DeadlineError", "deadline"]


class DeadlineError(BaseException):
    """The time is up; no `Exception`, so that the bounded code does not swallow it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `DeadlineError` in this thread once the block has run for so many seconds.

    The interpreter delivers it between two bytecodes, so one long call into C delays it.

    >>> try:
    ...     with deadline(0.01):
    ...         while True:
    ...             pass
    ... except DeadlineError:
    ...     print("stopped")
    stopped
    """
    thread, lock, over = ctypes.c_ulong(threading.get_ident()), threading.Lock(), threading.Event()
    fired = threading.Event()

    def fire() -> None:
        with lock:
            if not over.is_set():
                fired.set()
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(DeadlineError))

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over.set()
        timer.cancel()
        if fired.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)
            raise DeadlineError
