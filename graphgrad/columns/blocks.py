"""Runs a plan over rows: block by block, so that a block's numbers stay in the cache, and on every core."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


__all__ = ["Plan", "run"]

CACHE: Final = Path("/sys/devices/system/cpu/cpu0/cache/index2/size")
USUAL_CACHE: Final = 1 << 20
"""The bytes of a core's own cache where the system does not tell."""

SHARE: Final = 3.0
"""How much of that cache a block takes: the next one catches the rest, and longer blocks need fewer calls."""

BLOCKS: Final = (1 << 12, 1 << 16)
"""The fewest and the most rows of a block."""

WORTH_A_THREAD: Final = 1 << 17
"""So many operations on a row pay for another thread."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Two functions: `once(*scalars)` for what no column has a part in, and `block(*columns, …)` for a block of rows.

    The arguments of `block` are the columns, the outputs, then `floats` buffers of numbers and `masks` buffers of
    truths, what `once` returned, and the constants. Numbers are arrays without axes, which ufuncs take fastest.
    """

    once: Callable[..., tuple[Any, ...]]
    block: Callable[..., None]
    floats: int
    masks: int
    steps: int
    constants: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    """A plan with its arrays, all of one shape, and the numbers that no column has a part in."""

    plan: Plan
    columns: Sequence[Any]
    outputs: Sequence[Any]
    numbers: Sequence[Any]
    numpy: Any


def run(plan: Plan, columns: Sequence[Any], outputs: Sequence[Any], numbers: Sequence[Any], numpy: Any) -> None:  # noqa: ANN401
    """Fill the outputs, all of one shape, from columns of that shape."""
    job = _Job(plan, *_flattened(columns, outputs), numbers, numpy)
    shape = job.outputs[0].shape
    rows = _block_rows(plan, columns, outputs)
    axis = next((k for k in range(len(shape)) if math.prod(shape[k + 1 :]) <= rows), 0)
    pieces = iter(_Pieces(shape, axis, max(rows // max(math.prod(shape[axis + 1 :]), 1), 1)))
    workers = min(_cores(), max(math.prod(shape) * plan.steps // WORTH_A_THREAD, 1))
    _Crew(job, pieces, (rows, *shape[axis + 1 :])).work(workers)


def _flattened(columns: Sequence[Any], outputs: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return arrays in which all rows follow each other as arrays of one dimension."""
    arrays = [*columns, *outputs]
    if all(x.flags.c_contiguous for x in arrays):
        arrays = [x.reshape(-1) for x in arrays]
    return arrays[: len(columns)], arrays[len(columns) :]


def _block_rows(plan: Plan, columns: Sequence[Any], outputs: Sequence[Any]) -> int:
    size = outputs[0].itemsize
    width = sum(x.itemsize for x in (*columns, *outputs)) + plan.floats * size + plan.masks
    fewest, most = BLOCKS
    return max(min(1 << int(math.log2(_cache_bytes() * SHARE / width)), most), fewest)


@cache
def _cache_bytes() -> int:
    try:
        return int(CACHE.read_text(encoding="ascii").strip().removesuffix("K")) * 1024
    except (OSError, ValueError):
        return USUAL_CACHE


def _cores() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


class _Pieces:
    """The index of each block: leading axes one by one, then so many rows of one axis, the trailing axes whole."""

    def __init__(self, shape: tuple[int, ...], axis: int, rows: int) -> None:
        self.shape, self.axis, self.rows = shape, axis, rows
        self.along = range(0, shape[axis], rows) if shape else range(1)
        self.count = math.prod(shape[:axis]) * len(self.along)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return map(self.index, range(self.count))

    def index(self, number: int) -> tuple[Any, ...]:
        if not self.shape:
            return ()
        number, start = divmod(number, len(self.along))
        leading: list[Any] = []
        for size in reversed(self.shape[: self.axis]):
            number, position = divmod(number, size)
            leading.insert(0, position)
        return (*leading, slice(self.along[start], self.along[start] + self.rows))


class _Crew:
    """Threads that take pieces until none is left; the caller is one of them, so that an interrupt reaches it."""

    def __init__(self, job: _Job, pieces: Iterator[tuple[Any, ...]], buffer: tuple[int, ...]) -> None:
        self.job, self.pieces, self.buffer = job, pieces, buffer
        self.errors: list[BaseException] = []
        self.stopped = False

    def work(self, workers: int) -> None:
        others = [threading.Thread(target=self.safely, daemon=True) for _ in range(workers - 1)]
        try:
            for other in others:
                other.start()
            self.pieces_done()
        finally:
            self.stopped = True
            for other in others:
                if other.ident is not None:  # an interrupt may come before it was started
                    other.join()
        if self.errors:
            raise self.errors[0]

    def safely(self) -> None:
        try:
            self.pieces_done()
        except BaseException as error:  # noqa: BLE001  it is raised where the others are awaited
            self.errors.append(error)

    def pieces_done(self) -> None:
        job, np = self.job, self.job.numpy
        dtype = job.outputs[0].dtype
        floats = [np.empty(self.buffer, dtype) for _ in range(job.plan.floats)]
        masks = [np.empty(self.buffer, bool) for _ in range(job.plan.masks)]
        with np.errstate(all="ignore"):
            for index in self.pieces:
                if self.stopped:
                    return
                arrays = [x[index] for x in (*job.columns, *job.outputs)]
                length = arrays[-1].shape[:1]
                job.plan.block(*arrays, *(b[: length[0]] if length else b[0] for b in (*floats, *masks)), *job.numbers)
