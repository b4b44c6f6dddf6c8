"""Bound the time of pure Python code that knows no bound, such as sympy's.

A bound is on the CPU time of the thread that runs the code, so that a busy machine changes no verdict. One more thread
watches it, and all bounds nested in it: it raises an exception in the code, and again until the code ends, because code
may swallow it. Where the system has no clock for another thread (macOS, Windows) the CPU time of the whole process
counts. Where no thread can be started, as in a browser, steps stand for the time: those that code says it will take, so
that what is too large is not tried, and those that it counts.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

__all__ = ["DeadlineError", "count_steps", "watched", "within"]

TICK: Final = 0.05
"""The longest that the watcher sleeps, in seconds."""

AGAIN: Final = 0.01
"""After so many seconds the exception is raised again in code that still runs."""

PATIENCE: Final = 10
"""So often it is raised with a pause, in which code can clean up; from then on it follows itself at once."""

STEPS_PER_SECOND: Final = 1_000
"""How many steps stand for a second where nothing can stop code."""

THREADLESS: Final = ("emscripten", "wasi")
"""Platforms on which a thread that is started may never run."""


class DeadlineError(Exception):
    """Code took too long, or is too large to be tried; the message says which, to follow the name of the code."""


class _StopError(BaseException):
    """What is raised in the code; no `Exception`, so that the code is not likely to swallow it."""


@dataclass(eq=False)
class _Limit:
    """A bound on code in a thread: `end` on the clock, or `steps` left without a watcher.

    `thread.value` is 0 once the code has ended.
    """

    thread: Any
    end: float
    steps: float
    exceeded: bool = False

    @property
    def is_over(self) -> bool:
        return self.exceeded and self.thread.value != 0

    @cached_property
    def insistent(self) -> type[_StopError]:
        """An exception that, each time it arrives, is raised once more, unless the code has ended.

        Its `__init__` is all in C: in one in Python, the exception that it raises would arrive.
        """
        itself = _boxed(None)
        itself.value = type(
            "_InsistentStopError",
            (_StopError,),
            {"__init__": staticmethod(partial(_raiser(), self.thread, itself))},
        )
        return itself.value  # type: ignore[no-any-return]


class _Watch:
    """The bounds that are open in one thread, and the thread that watches them from the first one on."""

    def __init__(self) -> None:
        self.clock, self.raise_in = _clock(), _raiser()
        self.limits: list[_Limit] = []
        self.raised = 0
        self.raising, self.over = threading.Lock(), threading.Event()

    @cached_property
    def watcher(self) -> threading.Thread | None:
        if not self.raise_in:
            return None
        watcher = threading.Thread(target=self.run, name="graphgrad time limit", daemon=True)
        try:
            watcher.start()
        except RuntimeError:
            return None
        return watcher

    def close(self) -> None:
        self.over.set()
        if self.limits and self.watcher:
            self.watcher.join()

    # ---- in the thread that is watched

    def opened(self, seconds: float) -> _Limit:
        limit = _Limit(_thread(), self.clock() + seconds, seconds * STEPS_PER_SECOND)
        self.limits = [*(other for other in self.limits if other.thread.value), limit]
        return limit

    def settle(self, limit: _Limit) -> None:
        """Take back what is raised because of a bound on code that has ended, and has not arrived."""
        with self.raising:
            if limit.exceeded and self.raise_in:
                self.raise_in(_thread(), None)

    def admit(self, limit: _Limit, steps: Callable[[], int]) -> None:
        """Let code start; without a watcher, only if its steps are not too many."""
        if self.watcher:
            return
        count = steps()
        if count > limit.steps:
            seconds = limit.steps / STEPS_PER_SECOND
            raise DeadlineError(f"may take more than {seconds:g} s, and nothing could stop it here")
        self.count(count)

    def count(self, steps: int) -> None:
        for limit in self.limits:
            limit.steps -= steps
            limit.exceeded |= limit.steps < 0
        if any(limit.is_over for limit in self.limits):
            raise _StopError

    # ---- in the watcher

    def run(self) -> None:
        pause = 0.0
        while not self.over.wait(pause):
            with self.raising:
                pause = self.look()

    def look(self) -> float:
        """Raise the exception where a bound is exceeded; return how long to sleep."""
        now = self.clock()
        limits = [limit for limit in self.limits if limit.thread.value]
        for limit in limits:
            limit.exceeded |= limit.end <= now
        over = next((limit for limit in limits if limit.is_over), None)
        if over is None:
            self.raised = 0
            return min([TICK, *(max(limit.end - now, 0.001) for limit in limits)])
        self.raised += 1
        self.raise_in(over.thread, _boxed(over.insistent if self.raised > PATIENCE else _StopError))
        return AGAIN


class _Current(threading.local):
    """What watches the thread that asks."""

    watch: _Watch | None = None


_CURRENT: Final = _Current()


@cache
def _raiser() -> Any:
    """Return what raises an exception in a thread, both as C takes them; None where there is no such thing."""
    if sys.platform in THREADLESS:
        return None
    try:
        from ctypes import pythonapi

        found = pythonapi["PyThreadState_SetAsyncExc"]
    except (ImportError, AttributeError):  # another interpreter than CPython
        return None
    found.restype = None
    return found


def _thread() -> Any:
    """Return this thread's number as C takes it."""
    from ctypes import c_ulong

    return c_ulong(threading.get_ident())


def _boxed(error: type[BaseException] | None) -> Any:
    """Return an exception as C takes it."""
    from ctypes import py_object

    return py_object(error)


def _clock() -> Callable[[], float]:
    """Return what reads the CPU time of this thread, from any thread; that of the process where there is no such."""
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
    except (AttributeError, OSError):
        return time.process_time
    return lambda: time.clock_gettime(clock)


@contextmanager
def watched() -> Iterator[_Watch]:
    """Let all bounds inside share one watcher, which is returned.

    >>> with watched() as _:
    ...     [within(1, lambda: 2), within(1, lambda: 3)]
    [2, 3]
    """
    if _CURRENT.watch is not None:
        yield _CURRENT.watch
        return
    watch = _CURRENT.watch = _Watch()
    try:
        yield watch
    finally:
        _CURRENT.watch = None
        watch.close()


def within(seconds: float, work: Callable[[], Result], *, steps: Callable[[], int] = int) -> Result:
    """Return what `work` returns; raise `DeadlineError` where that takes more seconds of CPU time.

    Where nothing can stop it, `steps` is asked how many steps it will take, and what would take more than stand for so
    many seconds is not tried. The interpreter raises the exception between two bytecodes, so one long call into C
    delays it.

    >>> def endless():
    ...     while True:
    ...         pass
    >>> within(0.01, endless)
    Traceback (most recent call last):
    graphgrad.base.time_limit.DeadlineError: took more than 0.01 s
    """
    with watched() as watch:
        limit = watch.opened(seconds)
        try:
            # Nothing is raised for this bound once `thread.value` is 0, which is one bytecode; what was raised before,
            # and by a watcher that is just doing so, may still arrive and end `settle` twice.
            try:
                try:
                    watch.admit(limit, steps)
                    result = work()
                finally:
                    limit.thread.value = 0
                    watch.settle(limit)
            finally:
                watch.settle(limit)
        except _StopError:
            watch.settle(limit)
            if not limit.exceeded:  # it is meant for a bound further out
                raise
        except Exception:
            if not limit.exceeded:
                raise
        else:
            if not limit.exceeded:
                return result
        raise DeadlineError(f"took more {'than' if watch.watcher else 'steps than stand for'} {seconds:g} s")


def count_steps(steps: int = 1) -> None:
    """Count steps of a loop: where nothing can stop it, so many of them end it as its time would.

    >>> count_steps()
    """
    watch = _CURRENT.watch
    if watch is not None and not watch.watcher:
        watch.count(steps)
