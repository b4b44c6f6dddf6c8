"""Run a tape in batches of machine code."""

from __future__ import annotations

import ctypes
import math
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.batches.assembly import CHECKED, FINITE, NAME, NOTHING, RUN, SUM, backward_loop, forward_loop
from graphgrad.compile.batches.kinds import RESULT, contributions, hidden_operands, is_closed_at_times
from graphgrad.compile.batches.layout import TOTAL, Layout
from graphgrad.compile.batches.schedule import scheduled
from graphgrad.compile.machine_code import has_llvm, machine_code
from graphgrad.namespaces.floats import Floats

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.compile.batches.layout import Sum
    from graphgrad.compile.batches.schedule import Schedule
    from graphgrad.compile.machine_code import MachineCode
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["batched"]

WIDEST: Final = 256
"""The most operands of a step whose loop is compiled."""

KEPT: Final = 4_096
"""The most loops that are kept."""

SEED: Final = 1.0
"""The adjoint of the output."""

RUN_TYPE: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)

SPEED: Final = 2
"""How much the loops are optimized."""


def batched(tape: Tape, wanted: Sequence[int]) -> Callable[[Sequence[float]], list[float] | None] | None:
    """Return a function from the values of a tape's inputs to its output and the derivatives by these registers.

    It returns None where a result is not finite, or where another number that decides it is not. There is no such
    function, but None, without llvmlite, and for a tape with a derivative that does not exist.

    The results of arithmetic are those of the interpreter to the last bit: the contributions to an adjoint are added in
    its order.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> run = batched(m.tape([x * y / (x - y)]), [0, 1])
    >>> run and (run([3.0, 1.0]), run([3.0, 3.0]))
    ([1.5, -0.25, 2.25], None)
    """
    if not has_llvm() or any(step.op.on_arrays for step in tape.steps):
        return None
    schedule = scheduled(tape, wanted)
    kinds = {batch.kind for batch in schedule.batches}
    if any(kind.width > WIDEST or contributions(kind) is None for kind in kinds):
        return None
    try:
        return _Program(schedule, wanted)
    except (GraphgradError, OSError, RuntimeError):
        return None


class _Program:
    """A schedule in flat arrays, with a record for each batch and each sum."""

    def __init__(self, schedule: Schedule, wanted: Sequence[int]) -> None:
        import numpy as np

        layout, tape = Layout(schedule), schedule.tape
        self.code = _Code({batch.kind for batch in schedule.batches})
        self.layout, self.schedule = layout, schedule
        self.records = np.array([*self._records(layout)], np.int64)
        self.values, self.adjoints = np.zeros(layout.size), np.full(layout.adjoints, NOTHING)
        self.values[layout.places[[*schedule.sweep.numbers]]] = [*schedule.sweep.numbers.values()]
        self.inputs = layout.places[[*tape.inputs.values()]]
        self.output = int(layout.places[tape.outputs[0]])
        self.seeded = self.output if schedule.sweep.is_active else TOTAL
        self.wanted = layout.places[[*wanted]]
        self.buffers: list[Any] = []

    def _records(self, layout: Layout) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield what the batches are called with, forward and backward."""
        operands, slots = layout.operands.ctypes.data, layout.slots.ctypes.data
        width = layout.operands.itemsize
        for run in layout.runs:
            yield self.code.forward[run.kind], operands + width * run.operands, 0, run.length, run.target
        yield self.code.finite, 0, 0, layout.size // CHECKED, TOTAL
        for run, sums in zip(reversed(layout.runs), reversed(layout.sums[:-1]), strict=True):
            yield from self._sums(sums)
            if run.kind.active:
                places = operands + width * run.operands, slots + width * run.slots
                yield self.code.backward[run.kind], *places, run.length, run.target
        yield from self._sums(layout.sums[-1])

    def _sums(self, sums: Iterable[Sum]) -> Iterator[tuple[int, int, int, int, int]]:
        return ((self.code.sum, terms, 0, most, target) for terms, most, target in sums)

    @cached_property
    def doubts(self) -> _Doubts:
        """What judges values that are not finite."""
        return _Doubts(self.schedule, self.layout)

    def __call__(self, values: Sequence[float]) -> list[float] | None:
        # Threads may call at once: pop and append are atomic, so buffers belong to one call at a time.
        buffers = self.buffers.pop() if self.buffers else self._buffers()
        x, adjoints, addresses = buffers
        x[self.inputs] = values
        adjoints[self.seeded] = SEED
        self.code.run(self.records.ctypes.data, len(self.records), *addresses)
        grad = adjoints[self.wanted] + 0.0  # where nothing has flowed, it is 0
        results = [x.item(self.output), *grad.tolist()]
        valid = all(map(math.isfinite, results)) and (x.item(TOTAL) == 0 or self.doubts.are_unfounded(x, adjoints))
        self.buffers.append(buffers)
        return results if valid else None

    def _buffers(self) -> tuple[Any, Any, tuple[int, int]]:
        """Return values, adjoints and their addresses."""
        x, adjoints = self.values.copy(), self.adjoints.copy()
        return x, adjoints, (x.ctypes.data, adjoints.ctypes.data)


class _Doubts:
    """Judges the values that are not finite: an overflow is a number like others, and a branch not taken has no effect.

    Elsewhere, the interpreter has to say what is wrong.
    """

    def __init__(self, schedule: Schedule, layout: Layout) -> None:
        """Note where an adjoint tells whether a value has any effect."""
        import numpy as np

        self.numpy, self.tape, self.places = np, schedule.tape, layout.places.tolist()
        self.steps = {self.places[step.target]: step for step in schedule.tape.steps}
        self.adjoint_tells = np.zeros(layout.size, bool)
        self.has_choices = any(batch.kind.op.chooses for batch in schedule.batches)
        if _is_guarded(batch.kind for batch in schedule.batches):
            reached = [k for batch in schedule.batches if batch.kind.active for k in batch.steps]
            self.adjoint_tells[[self.places[schedule.tape.steps[k].target] for k in reached]] = True
            self.adjoint_tells[[self.places[i] for i in _decisive(schedule)]] = False

    def are_unfounded(self, x: Any, adjoints: Any) -> bool:
        """Whether the interpreter would refuse no value that has an effect."""
        np = self.numpy
        g = adjoints[: len(x)]
        in_doubt = np.flatnonzero(~np.isfinite(x) & ~(self.adjoint_tells & (g == NOTHING) & np.signbit(g)))
        steps = [self.steps[place] for place in in_doubt.tolist() if place in self.steps]
        refused = [step.target for step in steps if not isinstance(self._value(step, x), float)]
        return not refused or (self.has_choices and self._needed(x).isdisjoint(refused))

    def _value(self, step: Step, x: Any) -> Any:
        return Floats().value(step.op, [x.item(self.places[i]) for i in step.operands])

    def _needed(self, x: Any) -> set[int]:
        """Return the registers that the output is computed from: of a choice, the condition and the branch taken."""
        needed = {*self.tape.outputs}
        for target, op, operands in reversed(self.tape.steps):
            if target in needed:
                taken = 1 if op.chooses and x.item(self.places[operands[0]]) else 2
                needed.update((operands[0], operands[taken]) if op.chooses else operands)
        return needed


def _decisive(schedule: Schedule) -> Iterator[int]:
    """Yield the registers whose nan may not reach a result."""
    steps = schedule.tape.steps
    for kind, positions in schedule.batches:
        for name in hidden_operands(kind):
            yield from (steps[k].target if name == RESULT else steps[k].operands[int(name)] for k in positions)


def _is_guarded(kinds: Iterable[Kind]) -> bool:
    """Whether nothing flows along some edge, depending on the values."""
    return any(map(is_closed_at_times, kinds))


class _Code:
    """The machine code for some kinds of steps: the addresses of their loops, and the function that calls them."""

    def __init__(self, kinds: Collection[Kind]) -> None:
        guarded = _is_guarded(kinds)
        forward = {kind: _loop(forward_loop(kind._replace(active=()))) for kind in kinds}
        backward = {kind: _loop(backward_loop(kind, guarded=guarded)) for kind in kinds if kind.active}
        self.loops = _loop(RUN), _loop(SUM), _loop(FINITE), forward, backward  # their memory is freed with them
        self.forward = {kind: loop.address for kind, loop in forward.items()}
        self.backward = {kind: loop.address for kind, loop in backward.items()}
        self.sum = _loop(SUM).address
        self.finite = _loop(FINITE).address
        self.run = RUN_TYPE(_loop(RUN).address)


@lru_cache(KEPT)
def _loop(assembly: str) -> MachineCode:
    return machine_code(assembly, NAME, speed=SPEED)
