"""Compute files on the workers of a Dask cluster; what was met in them is added up in a tree.

A worker gets the plan (the formula, not code) once, and a file's name with each call. Results stay on the workers:
eight neighbours at a time become one, and the last one comes to the client. A worker that dies takes results with it;
Dask then calls again for their files, which are found finished.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.base.extras import install
from graphgrad.tables.part import Outcome, merged, run_part
from graphgrad.tables.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.tables.failures import Failures
    from graphgrad.tables.find_parts import Part
    from graphgrad.tables.manifest import Plan

__all__ = ["run_on_cluster"]

PER_THREAD: Final = 3
"""How many files are given to the cluster at a time for each of its threads."""

ANSWER_SECONDS: Final = 10.0
"""The time in which a scheduler has to answer."""

WORKER_SECONDS: Final = 60.0
"""The time without any worker after which a run ends."""

POLL_SECONDS: Final = 2.0


def run_on_cluster(address: str, plan: Plan, parts: Sequence[Part], failures: Failures) -> Outcome:
    """Compute the parts on a cluster, and return what came of those that did not fail.

    Raises `FileError` where no scheduler answers, or the connection to it is lost.
    """
    with _client(address) as client:
        run = _Run(client, plan, parts, failures)
        try:
            return run.outcome()
        except BaseException:
            with suppress(Exception):
                client.cancel(run.calls(), force=True)
            raise


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise GraphgradError("Dask is not installed", hint=install("dask")) from None
    return distributed


@contextmanager
def _client(address: str) -> Iterator[Any]:
    distributed = _distributed()
    if address == "local":
        with _quiet(), _local_cluster() as cluster, distributed.Client(cluster, set_as_default=False) as client:
            yield client
        return
    if "://" not in address:
        raise GraphgradError(
            f"{address!r} is no address of a Dask scheduler", hint="write local, or as in tcp://127.0.0.1:8786"
        )
    with _quiet():
        try:
            client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise FileError(
                f"no Dask scheduler answers at {address} within {ANSWER_SECONDS:g} s: {_line(error)}",
                hint="start one by the command: dask scheduler",
            ) from None
        with client:
            yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's log, with its tracebacks, off the terminal: what a user is to know, an error tells."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _local_cluster() -> Any:
    """Return workers on this machine, a process for each core."""
    import os

    library = _distributed()
    try:
        return library.LocalCluster(
            n_workers=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        )
    except (OSError, RuntimeError) as error:
        raise GraphgradError(
            f"the workers on this machine do not start: {_line(error)}",
            hint="a program that starts processes does so below the line: if __name__ == '__main__':",
        ) from None


class _Run:
    """The calls that a cluster is given, a bounded number at a time, and the tree of their results."""

    def __init__(self, client: Any, plan: Plan, parts: Sequence[Part], failures: Failures) -> None:
        self.client, self.parts, self.failures = client, parts, failures
        self.key = f"graphgrad-{plan.key[:12]}-{token_hex(4)}"
        self.plan = client.submit(_same, plan, key=f"{self.key}-plan", pure=False)
        self.finished: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self.running: dict[int, Any] = {}
        self.next = self.room = 0
        self.asked = float("-inf")
        self.tree = Tree(len(parts), self._merge)
        self.seen = monotonic()

    def calls(self) -> list[Any]:
        """Return the calls for files that have not been answered."""
        return [*self.running.values(), self.plan]

    def outcome(self) -> Outcome:
        """Give out the calls, wait for all of them, and return the root of the tree."""
        while self._fill() or self.running:
            index, future = self._answered()
            del self.running[index]
            error = _error_of(future)
            if error is None:
                self.failures.succeed()
            else:
                self.failures.add(self.parts[index].name, error)
            self.tree.put(index, future if error is None else None)
        for index in range(self.next, len(self.parts)):
            self.tree.put(index, None)
        root = self.tree.root
        return Outcome() if root is None else self._result(root)

    def _fill(self) -> bool:
        """Give out calls up to the bound; return whether files are left to be given out."""
        if self.failures.are_hopeless:
            return False
        while self.next < len(self.parts) and len(self.running) < self._room():
            self._give(self.next)
            self.next += 1
        return self.next < len(self.parts)

    def _room(self) -> int:
        """Return how many calls are given out at a time; the cluster is asked for its size now and then."""
        if monotonic() - self.asked > POLL_SECONDS:
            self.asked, self.room = monotonic(), PER_THREAD * max(self._threads(), 1)
        return self.room

    def _give(self, index: int) -> None:
        future = self.client.submit(run_part, self.plan, self.parts[index], 1, key=f"{self.key}-{index}", pure=False)
        self.running[index] = future
        future.add_done_callback(lambda done: self.finished.put((index, done)))

    def _merge(self, level: int, group: int, futures: list[Any]) -> Any:
        key = f"{self.key}-sum-{level}-{group}"
        return self.client.submit(merged, *futures, key=key, pure=False, priority=10)

    def _answered(self) -> tuple[int, Any]:
        """Wait for a call to end; raise `FileError` where there is nobody left who could answer."""
        while True:
            try:
                return self.finished.get(timeout=POLL_SECONDS)
            except Empty:
                self._look()

    def _look(self) -> None:
        if self._threads():
            self.seen = monotonic()
        elif monotonic() - self.seen > WORKER_SECONDS:
            raise FileError(
                f"the cluster had no worker for {WORKER_SECONDS:g} s", hint="start some by the command: dask worker"
            )

    def _threads(self) -> int:
        """Return how many files the cluster computes at a time."""
        try:
            return sum(self.client.nthreads().values())
        except (OSError, RuntimeError, ValueError) as error:
            raise _lost(error) from None

    def _result(self, root: Any) -> Outcome:
        root.add_done_callback(lambda done: self.finished.put((-1, done)))
        _, future = self._answered()
        error = _error_of(future)
        if error is not None:
            raise error
        outcome: Outcome = future.result()
        return outcome


def _same(plan: Plan) -> Plan:
    """Keep the plan on the cluster, which computes it again where the worker dies that had it."""
    return plan


def _error_of(future: Any) -> GraphgradError | None:
    """Return why a call failed, None where it did not; raise `FileError` where it was never answered."""
    if future.status == "finished":
        return None
    if future.status != "error":
        raise _lost(future.status)
    error = future.exception()
    if isinstance(error, GraphgradError):
        return error
    if type(error).__name__ == "KilledWorker":
        return FileError("each worker that computed it died; perhaps it takes more memory than a worker has")
    if isinstance(error, ImportError):
        hint = 'install graphgrad with its extra "dask" on the workers, too'
        return FileError(f"a worker lacks a package: {error}", hint=hint)
    return GraphgradError(f"{type(error).__name__}: {_line(error)}")


def _lost(reason: object) -> FileError:
    return FileError(
        f"the connection to the Dask scheduler is lost: {_line(reason)}",
        hint="what is finished is kept; the same command does the rest",
    )


def _line(reason: object) -> str:
    return " ".join(str(reason).split())
