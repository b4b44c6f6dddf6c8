"""Read, compute and write at the same time, each in threads of its own; the order of the rows is kept.

    reader thread    read batch 3 ──▶ read batch 4 ──▶ …
    pool of threads  compute batch 2 ──▶ compute batch 3 ──▶ …
    calling thread   write batch 1 ──▶ write batch 2 ──▶ …

Queues are short, so that memory is bounded by a few batches. The calling thread takes the results in the order of the
batches, and is the one that Ctrl-C interrupts.
"""

from __future__ import annotations

import os
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    import pyarrow as pa

__all__ = ["CORES", "overlapped"]

Result = TypeVar("Result")

CORES: Final = os.cpu_count() or 1

PATIENCE: Final = 0.1
"""The seconds between two looks whether the work was stopped."""

AHEAD: Final = 2
"""How many batches may wait beyond those that are computed."""


def overlapped(
    batches: Iterable[pa.RecordBatch],
    function: Callable[[pa.RecordBatch, int], Result],
    *,
    stop: Callable[[], None],
    workers: int = CORES,
) -> Generator[Result]:
    """Yield the function of each batch and of the number of its first row, in order.

    An exception in reading or computing is raised here, after the results before it; then, and when the iterator is
    closed, all threads end. `stop` is called to end a read that waits. `workers` batches are computed at a time.

    >>> import pyarrow as pa
    >>> batches = [pa.record_batch({"x": [1, 2]}), pa.record_batch({"x": [3]})]
    >>> list(overlapped(batches, lambda batch, start: (start, batch.num_rows), stop=lambda: None))
    [(0, 2), (2, 1)]
    """
    results: queue.Queue[Future[Result] | None] = queue.Queue(workers + AHEAD)
    over = threading.Event()
    pool = ThreadPoolExecutor(workers, "graphgrad rows")
    arguments = batches, function, pool, results, over
    reader = threading.Thread(target=_read, args=arguments, name="graphgrad reader", daemon=True)
    reader.start()
    try:
        while (result := results.get()) is not None:
            yield result.result()
    finally:
        over.set()
        stop()
        reader.join()
        pool.shutdown(cancel_futures=True)


def _read(
    batches: Iterable[pa.RecordBatch],
    function: Callable[[pa.RecordBatch, int], Result],
    pool: ThreadPoolExecutor,
    results: queue.Queue[Future[Result] | None],
    over: threading.Event,
) -> None:
    """Hand each batch to the pool, and its result to the queue; at the end None."""
    start = 0
    try:
        for batch in batches:
            result = pool.submit(function, batch, start)
            if not start:
                wait([result])  # the first call may compile machine code, which each thread would do for itself
            if not _put(results, result, over):
                return
            start += batch.num_rows
    except BaseException as error:  # noqa: BLE001  it is raised in the calling thread
        failed: Future[Result] = Future()
        failed.set_exception(error)
        _put(results, failed, over)
    else:
        _put(results, None, over)


def _put(results: queue.Queue[Future[Result] | None], result: Future[Result] | None, over: threading.Event) -> bool:
    """Put a result into the queue as soon as there is room; tell whether it was put before the work was over."""
    while not over.is_set():
        try:
            results.put(result, timeout=PATIENCE)
        except queue.Full:
            continue
        return True
    return False
