"""A plan for blocks of rows in which all arithmetic is machine code, with calls of ufuncs in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.compile.columns.llvm_kernel import Places, is_arithmetic, kernel
from graphgrad.compile.columns.register_pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.compile.columns.blocks import Worker
    from graphgrad.compile.columns.llvm_kernel import Kernel
    from graphgrad.compile.columns.memory import Memory
    from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["Fused", "fused"]


class Block(NamedTuple):
    """A block's rows in all places, and the address of the list of their addresses."""

    places: Sequence[Any]
    addresses: int
    rows: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A loop of machine code."""

    kernel: Kernel

    def run(self, block: Block) -> None:
        """Fill a block."""
        self.kernel(block.addresses, block.rows)


@dataclass(frozen=True, slots=True)
class Call:
    """A function that fills the place `target` from operands."""

    function: Callable[..., Any]
    target: int
    operands: tuple[int, ...]

    def run(self, block: Block) -> None:
        """Fill a block."""
        self.function(*(block.places[i] for i in self.operands), out=block.places[self.target])


@dataclass(frozen=True, slots=True)
class Fused:
    """What is done to a block, whose places are the columns, the outputs, the numbers, and buffers of its length."""

    parts: tuple[Arithmetic | Call, ...]
    width: int
    steps: int

    @property
    def passes(self) -> int:
        """How many times a block is gone through."""
        return len(self.parts)

    def worker(self, arrays: Sequence[Any], numbers: Sequence[Any], shape: tuple[int, ...], memory: Memory) -> Worker:
        """Return what does one block of at most this shape after the other, in buffers of its own."""
        np, dtype = memory.numpy, arrays[0].dtype
        buffers, values = memory.empty((self.width, *shape), dtype), np.array(numbers, dtype)
        scalars = [values[i, ...] for i in range(len(values))]
        start = np.array([*map(_address, arrays), *_addresses(values), *_addresses(buffers)], np.int64)
        along = np.array([dtype.itemsize] * len(arrays) + [0] * (len(start) - len(arrays)))
        has_calls = any(isinstance(part, Call) for part in self.parts)

        def work(index: tuple[slice]) -> None:
            first, last, _ = index[0].indices(len(arrays[0]))
            addresses, count = start + first * along, last - first
            places = [*(x[index] for x in arrays), *scalars, *(x[:count] for x in buffers)] if has_calls else ()
            block = Block(places, _address(addresses), count)
            for part in self.parts:
                part.run(block)

        return work


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def _addresses(rows: Any) -> list[int]:
    """Return the addresses of an array's rows."""
    first, step = _address(rows), rows.strides[0]
    return [first + step * i for i in range(len(rows))]


def fused(tape: Tape, ufuncs: Ufuncs, columns: Sequence[int], numbers: Sequence[int], size: int) -> Fused:
    """Return the plan for a tape of which some inputs are columns of floats of so many bytes; `numbers` are not.

    >>> from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> plan = fused(m.tape([m.exp(x * x) + x]), Ufuncs(), [0], [], 8)
    >>> [type(part).__name__ for part in plan.parts]
    ['Arithmetic', 'Call', 'Arithmetic']
    """
    return _Writer(tape, ufuncs, columns, numbers, size).plan()


class _Writer:
    """Gives a place to every register that is needed by another part than its own."""

    def __init__(self, tape: Tape, ufuncs: Ufuncs, columns: Sequence[int], numbers: Sequence[int], size: int) -> None:
        self.numpy, self.ufuncs, self.size = ufuncs.numpy, ufuncs, size
        self.numbers = {register: len(columns) + len(tape.outputs) + i for i, register in enumerate(numbers)}
        self.places = {register: i for i, register in enumerate(columns)} | self.numbers
        self.wanted = {len(columns) + i: register for i, register in enumerate(tape.outputs)}
        self.pool = Pool((len(columns) + len(tape.outputs) + len(numbers)).__add__)
        self.rounds = _rounds([step for step in tape.steps if step.target not in self.places])
        self.uses = Counter(i for steps in self.rounds for step in steps for i in step.operands)

    def plan(self) -> Fused:
        own = {register: place for place, register in reversed(self.wanted.items()) if register not in self.places}
        copies = {place: register for place, register in self.wanted.items() if own.get(register) != place}
        *rounds, last = [*self.rounds, *([[]] if copies and not self._ends_with_a_loop() else [])] or [[]]
        parts = [part for steps in rounds for part in self._round(steps, own, {})]
        parts += self._round(last, own, copies)
        return Fused(tuple(parts), self.pool.count, sum(map(len, self.rounds)))

    def _ends_with_a_loop(self) -> bool:
        return bool(self.rounds) and is_arithmetic(self.rounds[-1][0])

    def _round(
        self, steps: Sequence[Step], own: Mapping[int, int], copies: Mapping[int, int]
    ) -> Iterator[Arithmetic | Call]:
        """Yield what runs steps, the results of which have places of their own or are copied to others."""
        is_loop = not steps or is_arithmetic(steps[0])
        inside = Counter(i for step in steps for i in step.operands) if is_loop else Counter[int]()
        leaving = [step.target for step in steps if inside[step.target] < self.uses[step.target] or step.target in own]
        self.places |= {register: own.get(register) or self.pool.take() for register in leaving}
        if is_loop:
            yield self._loop(steps, {**{self.places[register]: register for register in leaving}, **copies})
        else:
            yield from (call for step in steps for call in self._calls(step))
        for register in (i for step in steps for i in step.operands):
            self.uses[register] -= 1
            if not self.uses[register] and register in self.places:
                self.pool.give(self.places[register])

    def _loop(self, steps: Sequence[Step], results: Mapping[int, int]) -> Arithmetic:
        needed = dict.fromkeys((*(i for step in steps for i in step.operands), *results.values()))
        outside = needed.keys() - {step.target for step in steps}
        numbers = {i: self.places[i] for i in needed if i in outside and i in self.numbers}
        columns = {i: self.places[i] for i in needed if i in outside and i not in self.numbers}
        return Arithmetic(kernel(steps, Places(numbers, columns, results), self.size))

    def _calls(self, step: Step) -> Iterator[Call]:
        function, target = self.ufuncs.of(step.op), self.places[step.target]
        first, *operands = (self.places[i] for i in step.operands)
        if not isinstance(function, self.numpy.ufunc):
            yield Call(_filling(function, self.numpy), target, (first, *operands))
            return
        yield Call(function, target, (first, *operands[:1]))
        yield from (Call(function, target, (target, operand)) for operand in operands[1:])


def _rounds(steps: Sequence[Step]) -> list[list[Step]]:
    """Return rounds of arithmetic and of calls in turn, the steps of each in an order in which they can be run."""
    rounds = defaultdict[int, list[Any]](list)
    turns = _latest(steps, _earliest(steps))
    for step in steps:
        rounds[turns[step.target]].append(step)
    return [rounds[turn] for turn in sorted(rounds)]


def _earliest(steps: Sequence[Step]) -> dict[int, int]:
    """Return the first turn in which each step can be run: even for arithmetic, odd for calls."""
    turns: dict[int, int] = {}
    for step in steps:
        least = max((turns.get(i, 0) for i in step.operands), default=0)
        turns[step.target] = least + (least % 2 == is_arithmetic(step))
    return turns


def _latest(steps: Sequence[Step], turns: dict[int, int]) -> dict[int, int]:
    """Put arithmetic off until its result is asked for: it need not be stored until then."""
    asked = dict[int, int]()
    for step in reversed(steps):
        turn = turns[step.target]
        if is_arithmetic(step) and step.target in asked:
            turn = asked[step.target] - (asked[step.target] - turn) % 2
            turns[step.target] = turn
        asked |= {i: min(asked.get(i, turn), turn) for i in step.operands}
    return turns


def _filling(function: Callable[..., Any], np: Any) -> Callable[..., None]:
    return lambda *operands, out: np.copyto(out, function(*operands))
