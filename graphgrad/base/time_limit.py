"""Limit the CPU time of pure Python code that has no limit of its own, such as sympy's.

The limit is on the CPU time of the thread that runs the code, so the load of the machine does not matter. A watcher
thread checks it and all limits nested in it. When one is exceeded, the watcher raises an exception in the code, and
repeats this until the code ends, because the code may swallow it:

    code     work ─────────────────▶ _StopError, swallowed ──▶ _StopError ──▶ DeadlineError
    watcher  sleep, read the clock ─▶ raise ──── sleep 10 ms ──▶ raise again

Where the system has no clock for another thread (macOS, Windows), the CPU time of the process is measured. Where no
thread can be started, as in a browser, steps replace the time: the code is not started if its estimate exceeds the
limit, and it stops when it has counted too many.
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

__all__ = ["Budget", "DeadlineError", "count_steps", "watched", "within"]

TICK: Final = 0.05
"""The longest that the watcher sleeps, in seconds."""

AGAIN: Final = 0.01
"""The pause in seconds before the exception is raised again in code that still runs."""

PATIENCE: Final = 10
"""The number of times it is raised with a pause, for clean-up; after that it is raised without one."""

STEPS_PER_SECOND: Final = 5_000
"""The number of steps that replace a second where there is no watcher."""

THREADLESS: Final = ("emscripten", "wasi")
"""Platforms on which a started thread may never run."""


class DeadlineError(Exception):
    """Code took too long, or is too large to be started; the message completes a sentence: "sympy took more than …"."""


class _StopError(BaseException):
    """Raised in the code; not an `Exception`, so that few handlers swallow it."""


class _WithdrawnError(BaseException):
    """Raised instead of a scheduled exception that is not needed any more."""


@dataclass(eq=False)
class _Limit:
    """A limit on code in a thread: `end` on the clock, or the `steps` left where there is no watcher.

    `thread.value` is the thread's identifier, and 0 once the code has ended.
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
        """An exception whose `__init__` schedules it again in the thread, unless the code has ended.

        The `__init__` runs in C alone: within one in Python, the scheduled exception would be raised at once.
        """
        itself = _boxed(None)
        itself.value = type(
            "_InsistentStopError",
            (_StopError,),
            {"__init__": staticmethod(partial(_raiser(), self.thread, itself))},
        )
        return itself.value  # type: ignore[no-any-return]


class _Watch:
    """The open limits of one thread, and the watcher thread that is started with the first of them."""

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

    # ---- in the watched thread

    def open_limit(self, seconds: float) -> _Limit:
        limit = _Limit(_thread(), self.clock() + seconds, seconds * STEPS_PER_SECOND)
        self.limits = [*(other for other in self.limits if other.thread.value), limit]
        return limit

    def withdraw(self, limit: _Limit) -> None:
        """Cancel an exception that is scheduled but not yet raised, for code that has ended."""
        with self.raising:
            if limit.exceeded and self.raise_in:
                self.replace_scheduled()

    def replace_scheduled(self) -> None:
        """Replace a scheduled exception with one that is caught here.

        To schedule NULL instead would leave CPython's flag for scheduled exceptions set: the interpreter would check it
        at every call from then on, and CPython 3.11 would loop for ever under a profiler.
        """
        try:
            while True:
                self.raise_in(_thread(), _boxed(_WithdrawnError))
        except _WithdrawnError:
            pass

    def admit(self, limit: _Limit, steps: Callable[[], int]) -> None:
        """Raise `DeadlineError` where there is no watcher and the estimated steps exceed the limit."""
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
                pause = self.enforce()

    def enforce(self) -> float:
        """Raise the exception in the code where a limit is exceeded; return the seconds to sleep."""
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
    """The watch of the current thread."""

    watch: _Watch | None = None


_CURRENT: Final = _Current()


@cache
def _raiser() -> Any:
    """Return CPython's function that raises an exception in another thread; None where there is none."""
    if sys.platform in THREADLESS:
        return None
    try:
        from ctypes import pythonapi

        raise_in = pythonapi["PyThreadState_SetAsyncExc"]
    except (ImportError, AttributeError):  # another interpreter than CPython
        return None
    raise_in.restype = None
    return raise_in


def _thread() -> Any:
    """Return this thread's identifier as a C number."""
    from ctypes import c_ulong

    return c_ulong(threading.get_ident())


def _boxed(error: type[BaseException] | None) -> Any:
    """Return an exception class, or NULL, as a C object."""
    from ctypes import py_object

    return py_object(error)


def _clock() -> Callable[[], float]:
    """Return a function that reads this thread's CPU time from any thread, else that of the process."""
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
    except (AttributeError, OSError):
        return time.process_time
    return lambda: time.clock_gettime(clock)


@contextmanager
def watched() -> Iterator[_Watch]:
    """Share one watcher thread among all limits in the block, and yield their watch.

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


def within(
    seconds: float, work: Callable[[], Result], *, steps: Callable[[], int] = int, named: str | None = None
) -> Result:
    """Return the result of `work`; raise `DeadlineError` where it takes more seconds of CPU time.

    Without a watcher, `steps` returns an estimate of the work, which is not started if the estimate exceeds
    `STEPS_PER_SECOND` times the seconds. The interpreter raises the exception between two bytecodes, so a long call
    into C delays it. The error names the limit, by default in seconds.

    >>> def endless():
    ...     while True:
    ...         pass
    >>> within(0.01, endless)
    Traceback (most recent call last):
    graphgrad.base.time_limit.DeadlineError: took more than 0.01 s
    """
    with watched() as watch:
        limit = watch.open_limit(seconds)
        try:
            # Setting `thread.value` to 0 is one bytecode; then the watcher schedules nothing more for this limit. What
            # it scheduled before may still interrupt `withdraw`, at most twice: hence three calls.
            try:
                try:
                    watch.admit(limit, steps)
                    result = work()
                finally:
                    limit.thread.value = 0
                    watch.withdraw(limit)
            finally:
                watch.withdraw(limit)
        except _StopError:
            watch.withdraw(limit)
            if not limit.exceeded:  # the exceeded limit is an outer one
                raise
        except Exception:
            if not limit.exceeded:
                raise
        else:
            if not limit.exceeded:
                return result
        named = named or f"{seconds:g} s"
        raise DeadlineError(f"took more {'than' if watch.watcher else 'steps than stand for'} {named}")


class Budget:
    """CPU time that several pieces of work share; what runs between them is not counted.

    >>> budget = Budget(2)
    >>> budget.within(lambda: 3)
    3
    >>> 0 < budget.left <= 2
    True
    """

    def __init__(self, seconds: float, *, interruptible: bool = False) -> None:
        """Take the seconds of all pieces together; where `interruptible`, Ctrl-C ends them without an exception."""
        self.seconds = self.left = seconds
        self.interruptible, self.interrupted = interruptible, False

    def run(self, work: Callable[[], object], *, share: float = 1) -> str:
        """Run `work` within its share of what is left; return why it ended early, else an empty text.

        >>> Budget(0.01).run(lambda: [None for _ in iter(int, 1)])
        'took more than its share of 0.01 s'
        """
        if self.interrupted:
            return "was interrupted"
        try:
            self.within(work, share=share)
        except DeadlineError as error:
            return str(error)
        except KeyboardInterrupt:
            if not self.interruptible:
                raise
            self.interrupted = True
            return "was interrupted"
        return ""

    def within(self, work: Callable[[], Result], *, share: float = 1, steps: Callable[[], int] = int) -> Result:
        """Return the result of `work`; raise `DeadlineError` where it takes more than its share of what is left."""
        clock = _clock()
        start = clock()
        try:
            return within(self.left * share, work, steps=steps, named=f"its share of {self.seconds:g} s")
        finally:
            self.left = max(self.left - (clock() - start), 0.0)


def count_steps(steps: int = 1) -> None:
    """Count steps of a loop; where there is no watcher, too many of them end it as the time limit would.

    >>> count_steps()
    """
    watch = _CURRENT.watch
    if watch is not None and not watch.watcher:
        watch.count(steps)
