"""Run a plan over rows in blocks that fit the cache, on every core."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from graphgrad.compile.columns.memory import LINE
from graphgrad.compile.columns.merged_axes import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from graphgrad.compile.columns.llvm_kernel import Kernel
    from graphgrad.compile.columns.memory import Memory


__all__ = [
    "Calls",
    "Index",
    "Plan",
    "Runnable",
    "Sizes",
    "Worker",
    "WorkerThreads",
    "run",
    "run_rows",
    "streamed_bytes",
]

CACHES: Final = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL_CACHES: Final = (1 << 20, 8 << 20)
"""The bytes of a core's own cache and of the shared one, where the system does not report them."""

CACHE_SHARES: Final = (3.0, 0.5)
"""The block size as a part of a core's own cache and of its part of the shared one; larger ones need fewer calls."""

BLOCK_ROWS: Final = (1 << 12, 1 << 16)
"""The fewest and the most rows of a block."""

SINGLE_PASS_ROWS: Final = 1 << 16
"""The rows of a block with a single pass: so many that calls cost nothing, so few that threads end together."""

WORTH_A_THREAD: Final = 1 << 17
"""The operations (rows times steps) that pay for another thread."""


Index = tuple[Any, ...]
Worker = Callable[[Index], None]


class Runnable(Protocol):
    """A plan that can be run on blocks of rows."""

    @property
    def alone(self) -> Kernel | None:
        """The kernel, if it is the whole plan and needs no buffers."""

    @property
    def width(self) -> float:
        """The numbers per row that lie in buffers of the block size."""

    @property
    def steps(self) -> int:
        """The operations per row."""

    @property
    def passes(self) -> int:
        """The loops over a block."""

    @property
    def columns(self) -> int:
        """How many of the arrays are columns; the others are results."""

    def on_axes(
        self, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory
    ) -> Callable[[int, int, int, int], None]:
        """Return what runs the kernel `alone` at positions on the leading axes, from one to another, on some rows."""

    @property
    def values(self) -> Callable[[Sequence[Any], Any], Sequence[Any]]:
        """Return the plan's numbers for the inputs that are numbers, in a type of floats."""

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return a function that computes the block at an index."""


class Calls(NamedTuple):
    """A function that calls ufuncs on the arrays of a block, `floats` buffers of numbers and `masks` of booleans."""

    function: Callable[..., None]
    floats: int
    masks: int


class Plan:
    """Two functions: `once(*scalars)` for the steps that depend on no column, and `calls.function(*columns, …)`.

    The arguments of the latter are the columns, the outputs, the buffers, the results of `once`, and the constants.
    Numbers are arrays without axes, which ufuncs take fastest; `registers` are theirs. The calls are written when
    they are first needed: machine code may take their place.

    Example: `a*b + x` with a column x has `once(s0, s1)`, which returns `(f_mul(s0, s1), s0, s1)`, and calls
    whose body is `f_add(t0, x2, out=o0)`.
    """

    alone = None
    columns = 0

    def on_axes(self, *_: Any) -> Callable[[int, int, int, int], None]:
        """Raise an error: there is no kernel."""
        raise NotImplementedError

    def __init__(self, once: Callable[..., tuple[Any, ...]], sizes: Sizes, write: Callable[[], Calls]) -> None:
        """Take the function for numbers, what is known of the plan, and what writes the calls."""
        self.once, self._write = once, write
        self.steps, self.constants, self.registers = sizes

    def values(self, scalars: Sequence[Any], dtype: Any) -> Sequence[Any]:
        """Return the numbers in `registers`, for the inputs that are numbers."""
        return (*self.once(*map(dtype.type, scalars)), *self.constants)

    @cached_property
    def calls(self) -> Calls:
        """The function of a block."""
        return self._write()

    @property
    def width(self) -> float:
        """The numbers per row that lie in buffers; a mask takes an eighth of one."""
        return self.calls.floats + self.calls.masks / 8

    @property
    def passes(self) -> int:
        """The loops over a block: one for each step."""
        return self.steps

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return a function that computes blocks of at most this shape, in buffers of its own."""
        calls, dtype = self.calls, arrays[-1].dtype
        values = [memory.numpy.asarray(x, dtype) for x in numbers]
        floats = memory.empty((calls.floats, *shape), dtype)
        buffers = [*floats, *memory.empty((calls.masks, *shape), memory.numpy.dtype(bool))]

        def run_block(index: Index) -> None:
            block = [x[index] for x in arrays]
            rows = block[-1].shape[:1]
            calls.function(*block, *(b[: rows[0]] if rows else b[0] for b in buffers), *values)

        return run_block


class Sizes(NamedTuple):
    """What is known of a plan at once: its steps per row, its constants, and the registers of numbers."""

    steps: int
    constants: tuple[float, ...]
    registers: tuple[int, ...]


def run(plan: Runnable, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory) -> None:
    """Fill the outputs, the last of the arrays, from the columns: all of one shape, which has an axis."""
    shape = arrays[-1].shape
    if len(shape) == 1 and shape[0] <= BLOCK_ROWS[0]:
        with memory.numpy.errstate(all="ignore"):
            plan.worker(arrays, numbers, shape, memory)((slice(0, shape[0]),))
        return
    if plan.alone and len(shape) > 1:
        (_run_copied if shape[-1] < LONG else _run_on_axes)(plan, arrays, numbers, memory)
        return
    most = _block_rows(plan, arrays)
    axis = next(k for k in range(len(shape)) if math.prod(shape[k + 1 :]) <= most)
    steps = plan.steps if plan.alone else max(plan.steps, len(arrays))  # a copy of an array counts as an operation
    operations = math.prod(shape) * steps
    workers = min(_cores(), max(operations // WORTH_A_THREAD, 1))
    rows = _balanced(shape[axis], max(most // max(math.prod(shape[axis + 1 :]), 1), 1), workers)
    new_worker = _worker_factory(plan, arrays, numbers, (rows, *shape[axis + 1 :]), memory)
    WorkerThreads(new_worker, iter(_Blocks(shape, axis, rows)), memory.numpy).run(workers)


def _run_copied(plan: Runnable, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory) -> None:
    """Run a plan of kernels on arrays of short axes: on contiguous copies, of which there are as many as arrays."""
    copies = [memory.numpy.ascontiguousarray(x) for x in arrays]
    run(plan, [x.reshape(-1) for x in copies], numbers, memory)
    for x, copy in zip(arrays[plan.columns :], copies[plan.columns :], strict=True):
        if copy is not x:
            x[...] = copy


def _run_on_axes(plan: Runnable, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory) -> None:
    """Run a kernel along the last axis, at each position on the others."""
    *leading, rows = arrays[-1].shape
    positions, steps = math.prod(leading), max(SINGLE_PASS_ROWS // rows, 1)
    run_part, parts = plan.on_axes(arrays, numbers, memory), -(-rows // SINGLE_PASS_ROWS)
    size = -(-rows // parts)

    def run_block(index: Index) -> None:
        start, part = divmod(index[0], parts)
        run_part(start * steps, min((start + 1) * steps, positions), part * size, min((part + 1) * size, rows))

    workers = min(_cores(), max(positions * rows * plan.steps // WORTH_A_THREAD, 1))
    blocks = ((number,) for number in range(-(-positions // steps) * parts))
    WorkerThreads(lambda: run_block, blocks, memory.numpy).run(workers)


def run_rows(run: Callable[[int, int], None], rows: int, operations: int, numpy: Any) -> None:
    """Call a function with the first row and the row behind the last of parts of the rows, on as many threads as pay.

    `operations` is the number of all operations.
    """
    workers = min(_cores(), operations // WORTH_A_THREAD) if operations > WORTH_A_THREAD else 1
    if workers == 1:
        for first in range(0, rows, SINGLE_PASS_ROWS):
            run(first, min(first + SINGLE_PASS_ROWS, rows))
        return
    size = _balanced(rows, SINGLE_PASS_ROWS, workers)

    def run_block(index: Index) -> None:
        run(index[0], min(index[0] + size, rows))

    WorkerThreads(lambda: run_block, ((first,) for first in range(0, rows, size)), numpy).run(workers)


def _worker_factory(
    plan: Runnable, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory
) -> Callable[[], Worker]:
    """Return a function that returns a worker for each thread; without buffers all threads share one."""
    new_worker = partial(plan.worker, arrays, numbers, shape, memory)
    if plan.width:
        return new_worker
    worker = new_worker()
    return lambda: worker


def _balanced(length: int, most: int, workers: int) -> int:
    """Return a block size of at most about `most` rows that gives every worker as many blocks.

    Here eight blocks of 12,500 rows, rounded up so that each begins at a cache line:

    >>> _balanced(100_000, 16_384, 2)
    12544
    """
    blocks = -(-length // (most * workers)) * workers
    rows = -(-length // blocks)
    return -(-rows // LINE) * LINE if rows > LINE else rows


def _block_rows(plan: Runnable, arrays: Sequence[Any]) -> int:
    if plan.passes <= 1:
        return SINGLE_PASS_ROWS
    width = sum(x.itemsize for x in arrays) + plan.width * arrays[-1].itemsize
    fewest, most = BLOCK_ROWS
    return max(min(1 << int(math.log2(_cache_bytes() / width)), most), fewest)


@cache
def _cache_bytes() -> float:
    """Return the size of a block in bytes that the caches hold."""
    own, shared = (_size_of(level) or usual for level, usual in zip((2, 3), USUAL_CACHES, strict=True))
    return max(own * CACHE_SHARES[0], shared / _cores() * CACHE_SHARES[1])


@cache
def streamed_bytes() -> int:
    """Return the size of results from which they are stored past the caches, which would not hold them."""
    return (_size_of(3) or USUAL_CACHES[1]) // 2


def _size_of(level: int) -> int:
    try:
        text = (CACHES / f"index{level}" / "size").read_text(encoding="ascii")
        return int(text.strip().removesuffix("K")) * 1024
    except (OSError, ValueError):
        return 0


def _cores() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


class _Blocks:
    """The indices of all blocks: one position on each leading axis, `rows` rows of `axis`, whole trailing axes.

    >>> list(_Blocks((2, 5, 3), 1, 4))[:3]
    [(0, slice(0, 4, None)), (0, slice(4, 8, None)), (1, slice(0, 4, None))]
    """

    def __init__(self, shape: tuple[int, ...], axis: int, rows: int) -> None:
        self.shape, self.axis, self.rows = shape, axis, rows
        self.starts = range(0, shape[axis], rows) if shape else range(1)
        self.count = math.prod(shape[:axis]) * len(self.starts)

    def __iter__(self) -> Iterator[Index]:
        return map(self.index, range(self.count))

    def index(self, number: int) -> tuple[Any, ...]:
        if not self.shape:
            return ()
        number, start = divmod(number, len(self.starts))
        leading: list[Any] = []
        for size in reversed(self.shape[: self.axis]):
            number, position = divmod(number, size)
            leading.insert(0, position)
        return (*leading, slice(self.starts[start], self.starts[start] + self.rows))


class WorkerThreads:
    """Threads that take blocks from one iterator until none is left; the caller is one of them and gets interrupts.

    Only an error stops the others: while the caller finds no block left, another thread may just have taken the last.
    """

    def __init__(self, new_worker: Callable[[], Worker], blocks: Iterator[Index], numpy: Any) -> None:
        self.new_worker, self.blocks, self.numpy = new_worker, blocks, numpy
        self.stopped = False

    def run(self, workers: int) -> None:
        if workers == 1:
            self.run_blocks()
            return
        others: list[Future[None]] = []
        try:
            others += (_threads(max(_cores() - 1, 1)).submit(self.run_blocks) for _ in range(workers - 1))
            self.run_blocks()
        except BaseException:
            self.stopped = True
            raise
        finally:
            errors = [other.exception() for other in others if not other.cancel()]
        for error in filter(None, errors):
            raise error

    def run_blocks(self) -> None:
        with self.numpy.errstate(all="ignore"):
            run_block = self.new_worker()
            for index in self.blocks:
                if self.stopped:
                    return
                run_block(index)


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """Return the thread pool, kept because starting a thread may take longer than a call."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count, "graphgrad columns")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a fork has no threads
