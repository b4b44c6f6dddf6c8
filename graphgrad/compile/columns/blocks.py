"""Runs a plan over rows: block by block, so that a block's numbers stay in the cache, and on every core."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from graphgrad.compile.columns.memory import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from graphgrad.compile.columns.memory import Memory


__all__ = ["Plan", "Runnable", "Worker", "run"]

CACHES: Final = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL_CACHES: Final = (1 << 20, 8 << 20)
"""The bytes of a core's own cache, and of the one that cores share, where the system does not tell."""

SHARES: Final = (3.0, 0.5)
"""How much of a core's own cache, or of its part of the shared one, a block takes: longer blocks need fewer calls."""

BLOCKS: Final = (1 << 12, 1 << 16)
"""The fewest and the most rows of a block."""

SINGLE: Final = 1 << 18
"""The rows of a block that is gone through but once: so many that calls cost nothing, so few that Ctrl-C is heard."""

WORTH_A_THREAD: Final = 1 << 17
"""So many operations on a row pay for another thread."""


Index = tuple[Any, ...]
Worker = Callable[[Index], None]


class Runnable(Protocol):
    """What is done to a block of rows."""

    @property
    def width(self) -> float:
        """How many numbers of a row lie in buffers of a block's length."""

    @property
    def steps(self) -> int:
        """How many operations there are on a row."""

    @property
    def passes(self) -> int:
        """How many times a block is gone through."""

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return what does one block after the other."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Two functions: `once(*scalars)` for what no column has a part in, and `block(*columns, …)` for a block of rows.

    The arguments of `block` are the columns, the outputs, then `floats` buffers of numbers and `masks` buffers of
    truths, what `once` returned, and the constants. Numbers are arrays without axes, which ufuncs take fastest;
    `numbers` are their registers.
    """

    once: Callable[..., tuple[Any, ...]]
    block: Callable[..., None]
    floats: int
    masks: int
    steps: int
    constants: tuple[float, ...]
    numbers: tuple[int, ...]

    @property
    def width(self) -> float:
        """How many numbers of a row lie in buffers."""
        return self.floats + self.masks / 8

    @property
    def passes(self) -> int:
        """How many times a block is gone through: once for each step."""
        return self.steps

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return what does one block of at most this shape after the other, in buffers of its own."""
        floats = memory.empty((self.floats, *shape), arrays[-1].dtype)
        buffers = [*floats, *memory.empty((self.masks, *shape), memory.numpy.dtype(bool))]

        def work(index: Index) -> None:
            block = [x[index] for x in arrays]
            rows = block[-1].shape[:1]
            self.block(*block, *(b[: rows[0]] if rows else b[0] for b in buffers), *numbers)

        return work


def run(plan: Runnable, columns: Sequence[Any], outputs: Sequence[Any], numbers: Sequence[Any], memory: Memory) -> None:
    """Fill the outputs, all of one shape, from columns of that shape."""
    arrays = _flattened([*columns, *outputs])
    shape = arrays[-1].shape
    if len(shape) == 1 and shape[0] <= BLOCKS[0]:
        with memory.numpy.errstate(all="ignore"):
            plan.worker(arrays, numbers, shape, memory)((slice(0, shape[0]),))
        return
    most = _block_rows(plan, arrays)
    axis = next((k for k in range(len(shape)) if math.prod(shape[k + 1 :]) <= most), 0)
    work = math.prod(shape) * max(plan.steps, len(arrays))  # arrays that are only copied are work, too
    workers = min(_cores(), max(work // WORTH_A_THREAD, 1))
    rows = _even(shape[axis], max(most // max(math.prod(shape[axis + 1 :]), 1), 1), workers) if shape else 1
    maker = _maker(plan, arrays, numbers, (rows, *shape[axis + 1 :]), memory)
    _Crew(maker, iter(_Pieces(shape, axis, rows)), memory.numpy).work(workers)


def _maker(
    plan: Runnable, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory
) -> Callable[[], Worker]:
    """Return what gives each thread its worker: to all the same one, where it has no buffers."""
    make = partial(plan.worker, arrays, numbers, shape, memory)
    if plan.width:
        return make
    worker = make()
    return lambda: worker


def _even(length: int, most: int, workers: int) -> int:
    """Return how many rows make blocks of which every worker has as many: at most `most`, if that is whole lines."""
    blocks = -(-length // (most * workers)) * workers
    rows = -(-length // blocks)
    return -(-rows // LINE) * LINE if rows > LINE else rows


def _flattened(arrays: list[Any]) -> list[Any]:
    """Return arrays in which all rows follow each other as arrays of one dimension."""
    return [x.reshape(-1) for x in arrays] if all(x.flags.c_contiguous for x in arrays) else arrays


def _block_rows(plan: Runnable, arrays: Sequence[Any]) -> int:
    if plan.passes <= 1:
        return SINGLE
    width = sum(x.itemsize for x in arrays) + plan.width * arrays[-1].itemsize
    fewest, most = BLOCKS
    return max(min(1 << int(math.log2(_cache_bytes() / width)), most), fewest)


@cache
def _cache_bytes() -> float:
    """Return how many bytes of a block find room in the caches."""
    own, shared = (_size_of(level) or usual for level, usual in zip((2, 3), USUAL_CACHES, strict=True))
    return max(own * SHARES[0], shared / _cores() * SHARES[1])


def _size_of(level: int) -> int:
    try:
        text = (CACHES / f"index{level}" / "size").read_text(encoding="ascii")
        return int(text.strip().removesuffix("K")) * 1024
    except (OSError, ValueError):
        return 0


def _cores() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


class _Pieces:
    """The index of each block: leading axes one by one, then so many rows of one axis, the trailing axes whole."""

    def __init__(self, shape: tuple[int, ...], axis: int, rows: int) -> None:
        self.shape, self.axis, self.rows = shape, axis, rows
        self.along = range(0, shape[axis], rows) if shape else range(1)
        self.count = math.prod(shape[:axis]) * len(self.along)

    def __iter__(self) -> Iterator[Index]:
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

    def __init__(self, worker: Callable[[], Worker], pieces: Iterator[Index], numpy: Any) -> None:
        self.worker, self.pieces, self.numpy = worker, pieces, numpy
        self.stopped = False

    def work(self, workers: int) -> None:
        if workers == 1:
            self.pieces_done()
            return
        others: list[Future[None]] = []
        try:
            others += (_threads(max(_cores() - 1, 1)).submit(self.pieces_done) for _ in range(workers - 1))
            self.pieces_done()
        finally:
            self.stopped = True
            errors = [other.exception() for other in others if not other.cancel()]
        for error in filter(None, errors):
            raise error

    def pieces_done(self) -> None:
        with self.numpy.errstate(all="ignore"):
            work = self.worker()
            for index in self.pieces:
                if self.stopped:
                    return
                work(index)


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """Return threads that wait for work: to start one takes longer than many a call."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count, "graphgrad columns")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads do not come along
