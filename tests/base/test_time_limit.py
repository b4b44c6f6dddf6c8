"""Bounds on time: what ends, what does not, and what never arrives too late."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from threads import refused, starts_of_threads

from graphgrad.base import DeadlineError, collector_paused, count_steps, watched, within
from graphgrad.base.time_limit import STEPS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60
"""Seconds. Code that is ended is ended in one; this only tells slow from hanging, on any machine."""


@pytest.fixture(autouse=True)
def _no_hook_swallows() -> Iterator[None]:
    """Hypothesis's hook in the collector would swallow an exception that arrives there, and say so."""
    with collector_paused():
        yield


@pytest.fixture
def threadless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no thread be started, as in a browser."""
    monkeypatch.setattr(threading.Thread, "start", refused)


def busy(seconds: float = PATIENCE) -> str:
    """Compute for so many seconds of this thread's time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return "done"


def squares() -> int:
    """Compute for about a millisecond."""
    return sum(i * i for i in range(10_000))


def ended(work: Callable[[], Any], seconds: float = 0.05) -> bool:
    """Tell whether code is ended by its bound."""
    try:
        within(seconds, work)
    except DeadlineError as error:
        assert str(error) in {f"took more than {seconds:g} s", f"took more steps than stand for {seconds:g} s"}
        return True
    return False


def test_what_computes_too_long_is_ended() -> None:
    """Busy code is stopped after its seconds of CPU time, and not before."""
    start = time.thread_time()
    assert ended(busy)
    assert 0.05 <= time.thread_time() - start < PATIENCE / 2


def test_a_result_is_returned() -> None:
    """What ends in time gives its result, and its own exception."""
    assert within(PATIENCE, lambda: 2) == 2
    with pytest.raises(ZeroDivisionError):
        within(PATIENCE, lambda: 1 // 0)


def test_waiting_is_no_computing() -> None:
    """Code that gets no processor time, here because it sleeps, is not stopped, however long it takes."""
    assert not ended(lambda: time.sleep(0.3), 0.05)


def test_other_threads_change_no_verdict() -> None:
    """Threads that keep the interpreter busy make code slower on the clock, and do not end it."""
    over = threading.Event()
    others = [threading.Thread(target=lambda: [squares() for _ in iter(over.is_set, True)]) for _ in range(2)]
    for other in others:
        other.start()
    try:
        start = time.monotonic()
        assert not ended(lambda: busy(0.05), 0.1)
        assert time.monotonic() - start > 0.1
    finally:
        over.set()
        for other in others:
            other.join()


def test_where_a_thread_has_no_clock_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """On systems where one thread cannot read another's CPU time, busy code ends, and what waits does not."""
    monkeypatch.delattr(time, "pthread_getcpuclockid", raising=False)
    assert ended(busy)
    assert not ended(lambda: time.sleep(0.3), 0.2)


def swallowed(work: Callable[[], Any]) -> Any:
    """Return what code returns, whatever is raised in it."""
    try:
        return work()
    except BaseException:  # noqa: BLE001  what a bare `except` in sympy does
        return None


def swallowing(depth: int) -> None:
    """Swallow every exception, in handlers within each other; give up after a time that only a broken bound takes."""
    end = time.thread_time() + PATIENCE

    def work(depth: int) -> None:
        for _ in range(20):
            swallowed(partial(work, depth - 1) if depth else squares)

    while time.thread_time() < end:
        swallowed(partial(work, depth))


@pytest.mark.parametrize("depth", range(3))
def test_code_that_swallows_the_exception_is_ended(depth: int) -> None:
    """The exception is raised again, in the end at once, until the code ends."""
    start = time.thread_time()
    assert ended(lambda: swallowing(depth))
    assert time.thread_time() - start < PATIENCE / 2


def test_a_result_that_may_be_tainted_is_none() -> None:
    """Code that swallows the exception and then ends by itself took too long all the same."""
    assert ended(lambda: swallowed(busy))


def test_clean_up_is_given_time() -> None:
    """A `finally` runs to its end before the exception comes again."""
    cleaned = []

    def work() -> None:
        try:
            busy()
        finally:
            cleaned.append(squares())

    assert ended(work)
    assert cleaned == [squares()]


@pytest.mark.parametrize(("outer", "inner", "expected"), [(0.05, PATIENCE, "outer"), (PATIENCE, 0.05, "inner")])
def test_of_nested_bounds_the_nearest_holds(outer: float, inner: float, expected: str) -> None:
    """Each bound is told from the other: the one that is exceeded raises the error, where it was set."""
    seen = []

    def inside() -> None:
        try:
            within(inner, busy)
        except DeadlineError:
            seen.append("inner")

    try:
        within(outer, inside)
    except DeadlineError:
        seen.append("outer")
    assert seen == [expected]


def test_nothing_arrives_after_the_end() -> None:
    """Of thousands of bounds, exceeded or not or nearly, none raises anything once its code has ended."""
    exceeded = 0
    for i in range(2_000):
        exceeded += ended(lambda: busy(0.0004), 0.0002 * (i % 5))
    assert 0 < exceeded < 2_000
    busy(0.05)


def test_a_profiler_works_after_the_end() -> None:
    """No flag of the interpreter stays set: under a profiler, CPython 3.11 would then never enter a function."""
    program = """
import sys
from graphgrad.base import DeadlineError, within

def endless():
    while True:
        pass

try:
    within(0.01, endless)
except DeadlineError:
    sys.setprofile(lambda *_: None)
    (lambda: print("entered"))()
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert run.stdout == "entered\n"


def test_one_thread_watches_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many bounds are set inside, one thread is started, and none is left."""
    started, before = starts_of_threads(monkeypatch), threading.active_count()
    with watched():
        assert [within(1, lambda: within(1, lambda: 2)) for _ in range(5)] == [2] * 5
    assert len(started) == 1
    assert threading.active_count() == before


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer")
def test_an_interrupt_passes() -> None:
    """Ctrl-C ends the code as it would without a bound."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            within(PATIENCE, busy)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("threadless")
def test_without_threads_what_says_it_is_too_large_is_not_tried() -> None:
    """A second stands for so many steps."""
    assert within(1, lambda: 2, steps=lambda: STEPS_PER_SECOND) == 2
    with pytest.raises(DeadlineError, match="may take more than 1 s, and nothing could stop it here"):
        within(1, lambda: pytest.fail("it was tried"), steps=lambda: STEPS_PER_SECOND + 1)


@pytest.mark.usefixtures("threadless")
def test_without_threads_counted_steps_end_a_loop() -> None:
    """A loop that counts its steps ends as its time would, also where the count is another bound's."""

    def loop() -> None:
        for _ in range(2 * STEPS_PER_SECOND):
            count_steps()
        pytest.fail("it was not ended")

    assert ended(loop, 1)
    assert ended(lambda: within(PATIENCE, loop), 1)
    assert within(3, lambda: [within(1, lambda: 2, steps=lambda: STEPS_PER_SECOND * 9 // 10) for _ in range(3)]) == [
        2,
        2,
        2,
    ]
    assert ended(lambda: [within(1, lambda: 2, steps=lambda: STEPS_PER_SECOND * 9 // 10) for _ in range(4)], 3)


def test_with_threads_steps_count_for_nothing() -> None:
    """Where time can be measured, no estimate ends anything."""

    def loop() -> str:
        for _ in range(5_000):
            count_steps()
        return "done"

    assert within(1, loop, steps=lambda: 10**9) == "done"
