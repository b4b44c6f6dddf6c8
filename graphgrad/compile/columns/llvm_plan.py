"""Schedule a tape for blocks of rows: fuse its arithmetic into kernels, with calls of ufuncs in between.

The schedule has as few stages as possible, in turn a kernel (one loop over the block, which keeps its values in
registers) and calls of ufuncs (each a loop of its own). A kernel computes arithmetic and the functions that have a
scheme (`graphgrad/compile/functions`). Only values that another stage reads are stored, in buffers that are allocated
by liveness. Example, for a column x:

    psi(x*x) + x  →  kernel: b0 = x*x;  call: b1 = psi(b0);  kernel: out = b1 + x
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from graphgrad.compile.columns.blocks import streamed_bytes
from graphgrad.compile.columns.llvm_kernel import Slots, functions_in, is_fusible, kernel, lanes
from graphgrad.compile.columns.register_pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.compile.columns.blocks import Index, Plan, Worker
    from graphgrad.compile.columns.llvm_columns import Layout
    from graphgrad.compile.columns.llvm_kernel import Kernel
    from graphgrad.compile.columns.memory import Memory
    from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["Fused", "Given", "fused", "whole"]


FUNCTION: Final = 9
ARRAY: Final = 2
"""The arithmetic that takes as long as a function, and as loading or storing a number, within a kernel."""

LOOP: Final = 16
"""The arithmetic within a kernel that takes as long as an operation in a loop of its own."""


class Block(NamedTuple):
    """A block: its arrays by slot (empty if no part calls a function), the address of its table, its rows."""

    slots: Sequence[Any]
    table: int
    first: int
    last: int
    streams: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A part of the plan that runs a kernel."""

    kernel: Kernel

    def run(self, block: Block) -> None:
        """Fill a block."""
        self.kernel.run(block.table, block.first, block.last, block.streams)


@dataclass(frozen=True, slots=True)
class Call:
    """A part of the plan that calls a function on slots and stores its result in the slot `target`."""

    function: Callable[..., Any]
    target: int
    operands: tuple[int, ...]

    def run(self, block: Block) -> None:
        """Fill a block."""
        self.function(*(block.slots[i] for i in self.operands), out=block.slots[self.target])


@dataclass(frozen=True, slots=True)
class Fused:
    """Kernels and calls; its slots are the columns, the outputs, the numbers, and buffers of the block size."""

    parts: tuple[Arithmetic | Call, ...]
    width: int
    steps: int
    columns: int
    values: Callable[[Sequence[Any], Any], Sequence[Any]]
    """Return the plan's numbers for inputs that are numbers, in a type of floats."""

    @property
    def passes(self) -> int:
        """The loops over a block: one for each part."""
        return len(self.parts)

    @property
    def alone(self) -> Kernel | None:
        """The kernel, if it is the whole plan and needs no buffers."""
        first, *others = self.parts
        return first.kernel if not others and not self.width and isinstance(first, Arithmetic) else None

    @property
    def has_calls(self) -> bool:
        """Whether NumPy's and SciPy's functions are called, which convert no columns."""
        return any(isinstance(part, Call) for part in self.parts)

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return a function that computes blocks of at most this shape of one axis, in buffers of its own."""
        dtype, rows = arrays[-1].dtype, arrays[-1].shape[-1]
        least = lanes(dtype.itemsize)
        if rows < least:
            return self._on_few_rows(arrays, numbers, memory, least)
        values, buffers = memory.numpy.array(numbers, dtype), memory.empty((self.width, max(shape[-1], least)), dtype)
        table, has_calls = _table(memory, arrays, values, buffers), self.has_calls
        streams = sum(x.nbytes for x in arrays[self.columns :]) >= streamed_bytes()

        def run_block(index: Index) -> None:
            first, last, _ = index[0].indices(rows)
            first = max(min(first, last - least), 0)
            slots: list[Any] = []
            if has_calls:
                columns, own = [x[first:last] for x in arrays], [x[: last - first] for x in buffers]
                slots = [*columns, *(values[i, ...] for i in range(len(values))), *len(arrays) * [None], *own]
            block = Block(slots, memory.address(table), first, last, streams)
            for part in self.parts:
                part.run(block)

        return run_block

    def on_axes(
        self, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory
    ) -> Callable[[int, int, int, int], None]:
        """Return what runs the only kernel at positions on the leading axes, from one to another, on some rows."""
        np, dtype, shape = memory.numpy, arrays[-1].dtype, arrays[-1].shape
        table = _table(memory, arrays, np.array(numbers, dtype), np.empty((0, 0), dtype))
        strides = np.array([x.strides[:-1] for x in arrays])
        streams = sum(x.nbytes for x in arrays[self.columns :]) >= streamed_bytes()
        run = cast("Kernel", self.alone).run

        def run_part(start: int, stop: int, first: int, last: int) -> None:
            tables = np.repeat(table[None], stop - start, 0)
            tables[:, : len(arrays)] += (strides @ np.unravel_index(np.arange(start, stop), shape[:-1])).T
            address = memory.address(tables)
            for place in range(address, address + tables.nbytes, table.nbytes):
                run(place, first, last, streams)

        return run_part

    def _on_few_rows(self, arrays: Sequence[Any], numbers: Sequence[Any], memory: Memory, least: int) -> Worker:
        """Return the worker for rows that fill no vector: it computes the last of them several times."""
        np = memory.numpy
        padded = [np.empty(least, x.dtype) for x in arrays]
        run_padded, all_rows = self.worker(padded, numbers, (least,), memory), (slice(0, least),)

        def run_block(index: Index) -> None:
            here = [x[index] for x in arrays]
            count = len(here[-1])
            for x, long in zip(here[: self.columns], padded, strict=False):
                long[:count], long[count:] = x, x[-1]
            run_padded(all_rows)
            for x, long in zip(here[self.columns :], padded[self.columns :], strict=True):
                x[...] = long[:count]

        return run_block


def _table(memory: Memory, arrays: Sequence[Any], numbers: Any, buffers: Any) -> Any:
    """Return the entries of all slots: addresses, numbers, the bytes from one row to the next, addresses of buffers."""
    np, dtype = memory.numpy, numbers.dtype
    strides = [x.strides[-1] for x in arrays]
    table = np.array([*map(memory.address, arrays), *numbers.size * [0], *strides, *_addresses(memory, buffers)])
    parts = table.view(dtype).reshape(len(table), -1)  # a number of four bytes takes the first ones of an entry
    parts[len(arrays) : len(arrays) + len(numbers), 0] = numbers
    return table


def _addresses(memory: Memory, rows: Any) -> list[int]:
    """Return the addresses of an array's rows."""
    first, step = memory.address(rows), rows.strides[0]
    return [first + step * i for i in range(len(rows))]


class Given(NamedTuple):
    """What is given for a tape: the registers of columns, those of numbers, and the columns' and results' layouts."""

    columns: Sequence[int]
    numbers: Sequence[int]
    layouts: Sequence[Layout]


def whole(tape: Tape, given: Given, *, only_kept: bool = False) -> Fused:
    """Return the plan of one kernel for a tape of operations that all are fusible; `given.numbers` are inputs.

    Raises `FileNotFoundError` where the kernel is not on the disk and `only_kept`.
    """
    columns, numbers, layouts = given
    results = {len(columns) + i: register for i, register in enumerate(tape.outputs)}
    strides = len(layouts) + len(numbers)
    slots = Slots(
        {register: float(x) for register, x in tape.constants.items()},
        {register: len(layouts) + i for i, register in enumerate(numbers)},
        {register: i for i, register in enumerate(columns)},
        results,
        layouts,
        strides,
    )
    made = kernel(tape.steps, slots, layouts[-1].size, only_kept=only_kept)
    work = len(tape.steps) + FUNCTION * functions_in(tape.steps) + ARRAY * len(layouts)
    return Fused((Arithmetic(made),), 0, -(-work // LOOP), len(columns), _typed)


def _typed(scalars: Sequence[Any], dtype: Any) -> list[Any]:
    return [dtype.type(x) for x in scalars]


def fused(tape: Tape, plan: Plan, ufuncs: Ufuncs, given: Given, *, only_kept: bool = False) -> Fused:
    """Return the plan of kernels and calls for a tape, with the numbers of another plan for it.

    Raises `FileNotFoundError` where a kernel is not on the disk and `only_kept`.
    """
    return _Scheduler(tape, ufuncs, given, partial(kernel, only_kept=only_kept)).plan(plan.values)


class _Scheduler:
    """Schedules steps in stages, and allocates a slot to every register that is read outside its stage."""

    def __init__(self, tape: Tape, ufuncs: Ufuncs, given: Given, kernel: Callable[..., Kernel]) -> None:
        columns, numbers, self.layouts = given
        self.strides = len(columns) + len(tape.outputs) + len(numbers)
        self.numpy, self.ufuncs, self.kernel = ufuncs.numpy, ufuncs, kernel
        self.columns, self.size = len(columns), given.layouts[-1].size
        self.numbers = {register: len(columns) + len(tape.outputs) + i for i, register in enumerate(numbers)}
        self.slots = {register: i for i, register in enumerate(columns)} | self.numbers
        self.outputs = {len(columns) + i: register for i, register in enumerate(tape.outputs)}
        self.pool = Pool((self.strides + len(self.layouts)).__add__)
        self.stages = _stages([step for step in tape.steps if step.target not in self.slots])
        self.uses = Counter(i for steps in self.stages for step in steps for i in step.operands)

    def plan(self, values: Callable[..., Sequence[Any]]) -> Fused:
        """Return the plan; the last stage is a kernel where outputs have to be copied."""
        own = {register: slot for slot, register in reversed(self.outputs.items()) if register not in self.slots}
        copies = {slot: register for slot, register in self.outputs.items() if own.get(register) != slot}
        *stages, last = [*self.stages, *([[]] if copies and not self._ends_with_a_kernel() else [])] or [[]]
        parts = [part for steps in stages for part in self._stage(steps, own, {})]
        parts += self._stage(last, own, copies)
        return Fused(tuple(parts), self.pool.count, sum(map(len, self.stages)), self.columns, values)

    def _ends_with_a_kernel(self) -> bool:
        return bool(self.stages) and is_fusible(self.stages[-1][0].op)

    def _stage(
        self, steps: Sequence[Step], own: Mapping[int, int], copies: Mapping[int, int]
    ) -> Iterator[Arithmetic | Call]:
        """Yield the parts of a stage: outputs go to their `own` slots, other live results to buffers."""
        is_kernel = not steps or is_fusible(steps[0].op)
        inside = Counter(i for step in steps for i in step.operands) if is_kernel else Counter[int]()
        live = [step.target for step in steps if inside[step.target] < self.uses[step.target] or step.target in own]
        self.slots |= {register: own.get(register) or self.pool.take() for register in live}
        if is_kernel:
            yield self._kernel(steps, {**{self.slots[register]: register for register in live}, **copies})
        else:
            yield from (call for step in steps for call in self._calls(step))
        for register in (i for step in steps for i in step.operands):
            self.uses[register] -= 1
            if not self.uses[register] and register in self.slots:
                self.pool.give(self.slots[register])

    def _kernel(self, steps: Sequence[Step], results: Mapping[int, int]) -> Arithmetic:
        needed = dict.fromkeys((*(i for step in steps for i in step.operands), *results.values()))
        outside = needed.keys() - {step.target for step in steps}
        numbers = {i: self.slots[i] for i in needed if i in outside and i in self.numbers}
        columns = {i: self.slots[i] for i in needed if i in outside and i not in self.numbers}
        slots = Slots({}, numbers, columns, results, self.layouts, self.strides)
        return Arithmetic(self.kernel(steps, slots, self.size))

    def _calls(self, step: Step) -> Iterator[Call]:
        function, target = self.ufuncs.of(step.op), self.slots[step.target]
        first, *operands = (self.slots[i] for i in step.operands)
        if not isinstance(function, self.numpy.ufunc):
            yield Call(_filling(function, self.numpy), target, (first, *operands))
            return
        yield Call(function, target, (first, *operands[:1]))
        yield from (Call(function, target, (target, operand)) for operand in operands[1:])


def _stages(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps in stages of only arithmetic and of only calls, each in topological order.

    `y = x + 1` is read by the last stage alone, so it is computed there and never stored:

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> y = x + 1
    >>> [[step.op.name for step in stage] for stage in _stages(m.tape([m.digamma(x * x) * y]).steps)]
    [['mul'], ['digamma'], ['add', 'mul']]
    """
    stages = defaultdict[int, list[Any]](list)
    schedule = _latest(steps, _earliest(steps))
    for step in steps:
        stages[schedule[step.target]].append(step)
    return [stages[stage] for stage in sorted(stages)]


def _earliest(steps: Sequence[Step]) -> dict[int, int]:
    """Return the first stage that each step can run in, by target: an even one for arithmetic, an odd one for calls."""
    schedule: dict[int, int] = {}
    for step in steps:
        ready = max((schedule.get(i, 0) for i in step.operands), default=0)
        schedule[step.target] = ready + (ready % 2 == is_fusible(step.op))
    return schedule


def _latest(steps: Sequence[Step], schedule: dict[int, int]) -> dict[int, int]:
    """Delay arithmetic to the last stage before or at its first use, so that its result is stored briefly or never."""
    first_use = dict[int, int]()
    for step in reversed(steps):
        stage = schedule[step.target]
        if is_fusible(step.op) and step.target in first_use:
            stage = first_use[step.target] - (first_use[step.target] - stage) % 2
            schedule[step.target] = stage
        first_use |= {i: min(first_use.get(i, stage), stage) for i in step.operands}
    return schedule


def _filling(function: Callable[..., Any], np: Any) -> Callable[..., None]:
    """Give a function that is no ufunc the argument `out`."""
    return lambda *operands, out: np.copyto(out, function(*operands))
