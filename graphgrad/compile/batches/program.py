"""Run a tape in batches, in machine code or on arrays."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.batches.arrays import Arrays
from graphgrad.compile.batches.assembly import NOTHING
from graphgrad.compile.batches.doubts import Doubts
from graphgrad.compile.batches.functions import raise_interruption
from graphgrad.compile.batches.kinds import contributions
from graphgrad.compile.batches.layout import TOTAL, Layout
from graphgrad.compile.batches.machine import Machine
from graphgrad.compile.batches.schedule import scheduled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.compile.batches.schedule import Schedule
    from graphgrad.tape.tape import Tape

__all__ = ["batched"]

SEED: Final = 1.0
"""The adjoint of the output."""


def batched(tape: Tape, wanted: Sequence[int]) -> Callable[[Sequence[float]], list[float] | None] | None:
    """Return a function from the values of a tape's inputs to its output and the derivatives by these registers.

    It returns None where a result is not finite, or where another number that decides it is not. There is no such
    function, but None, for a tape with a derivative that does not exist; and without llvmlite for one whose batches are
    short.

    The results of arithmetic are those of the interpreter to the last bit: the contributions to an adjoint are added in
    its order.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> run = batched(m.tape([x * y / (x - y)]), [0, 1])
    >>> run and (run([3.0, 1.0]), run([3.0, 3.0]))
    ([1.5, -0.25, 2.25], None)
    """
    if any(step.op.on_arrays for step in tape.steps):
        return None
    schedule = scheduled(tape, wanted)
    if any(contributions(batch.kind) is None for batch in schedule.batches):
        return None
    layout = Layout(schedule)
    for runner in (Machine, Arrays):
        try:
            return _Program(schedule, layout, runner(schedule, layout), wanted)
        except (GraphgradError, OSError, RuntimeError):
            continue
    return None


class _Program:
    """A schedule with its values and adjoints, and what runs both passes on them."""

    def __init__(self, schedule: Schedule, layout: Layout, runner: Machine | Arrays, wanted: Sequence[int]) -> None:
        import numpy as np

        tape = schedule.tape
        self.layout, self.schedule, self.runner = layout, schedule, runner
        self.values, self.adjoints = np.zeros(layout.size), np.full(layout.adjoints, NOTHING)
        self.values[layout.places[[*schedule.sweep.numbers]]] = [*schedule.sweep.numbers.values()]
        self.inputs = layout.places[[*tape.inputs.values()]]
        self.output = int(layout.places[tape.outputs[0]])
        self.seeded = self.output if schedule.sweep.is_active else TOTAL
        self.wanted = layout.places[[*wanted]]
        self.buffers = [self._buffers()]

    @cached_property
    def doubts(self) -> Doubts:
        """What judges values that are not finite."""
        return Doubts(self.schedule, self.layout)

    def __call__(self, values: Sequence[float]) -> list[float] | None:
        # Threads may call at once: pop and append are atomic, so buffers belong to one call at a time.
        buffers = self.buffers.pop() if self.buffers else self._buffers()
        x, adjoints, both_passes = buffers
        x[self.inputs], x[TOTAL], adjoints[self.seeded] = values, 0, SEED
        both_passes()
        raise_interruption()
        grad = adjoints[self.wanted] + 0.0  # where nothing has flowed, it is 0
        results = [x.item(self.output), *grad.tolist()]
        valid = all(map(math.isfinite, results)) and (x.item(TOTAL) == 0 or self.doubts.are_unfounded(x, adjoints))
        self.buffers.append(buffers)
        return results if valid else None

    def _buffers(self) -> tuple[Any, Any, Callable[[], None]]:
        """Return values, adjoints, and what runs both passes on them."""
        x, adjoints = self.values.copy(), self.adjoints.copy()
        return x, adjoints, self.runner.bound(x, adjoints)
