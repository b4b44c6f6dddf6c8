"""Give registers, operands and contributions their places in memory, as the loops of batches expect them.

Values and adjoints have the same places: first the inputs, then the constants, then the results in the order of the
batches. An adjoint with one contribution is stored where it is read. The contributions of an adjoint with several
stand apart, in the order in which the interpreter adds them, and are summed before the adjoint's batch runs: `LANES`
registers at once, which lie side by side, so that their n-th contributions lie side by side as well. A register with
fewer contributions than its neighbours has places that stay `NOTHING`.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.batches.assembly import CHECKED, LANES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.compile.batches.schedule import Schedule

__all__ = ["TOTAL", "Layout", "Run", "Sum"]

TOTAL: Final = 0
"""The place that belongs to no register: its value tells whether all others are finite."""

SUMMED: Final = 2
"""The fewest contributions that are summed."""


class Run(NamedTuple):
    """A batch: its kind, where its rows of operands and contributions begin, its steps, and the first one's place."""

    kind: Kind
    operands: int
    slots: int
    length: int
    target: int


class Sum(NamedTuple):
    """A sum: where its contributions begin, the most that a register has, and the first register's place."""

    terms: int
    most: int
    target: int


class Layout:
    """The places for a schedule.

    Attributes:
        places: the place of each register.
        runs: the batches, in the order of the forward pass.
        operands: the places of operands, a row for each step.
        slots: the places of contributions, a row for each step.
        sums: the sums to be made before each batch runs backward, and last those of the inputs.
        size: how many values there are, and `adjoints` how many places for adjoints and contributions.

    >>> from graphgrad.compile.batches.schedule import scheduled
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> layout = Layout(scheduled(m.tape([x * y + x]), [0, 1]))
    >>> layout.places.tolist(), [(run.kind.op.name, run.target) for run in layout.runs]
    ([2, 1, 10, 11], [('mul', 10), ('add', 11)])
    >>> layout.sums
    [[], [], [Sum(terms=32, most=2, target=2)]]
    """

    def __init__(self, schedule: Schedule) -> None:
        """Lay a schedule out."""
        import numpy as np

        self.numpy, tape = np, schedule.tape
        uses = np.array(schedule.uses, np.int64)
        self.places, self._terms = np.zeros((2, tape.size), np.int64)
        self.size = TOTAL + 1
        inputs = np.array(sorted(tape.inputs.values(), key=schedule.uses.__getitem__), np.int64)
        self._place(inputs, uses)
        self._place(np.array([*schedule.sweep.numbers], np.int64), uses)
        order, groups = self._ordered(schedule, uses)
        starts = [self._place(registers, uses) for registers in groups]
        self.size += -self.size % CHECKED
        self.adjoints = self.size
        self.sums = [[*self._sums(registers, uses)] for registers in [*groups, inputs]]
        steps = [tape.steps[k] for k in order.tolist()]
        self.operands = self.places[self._flat(step.operands for step in steps)].astype(np.int32)
        self.slots = self._contributions(schedule, uses, order)
        self.runs = [*_runs(schedule, starts)]

    def _ordered(self, schedule: Schedule, uses: Any) -> tuple[Any, list[Any]]:
        """Return the steps in the order of the batches, and each batch's targets: within a batch, sorted by uses."""
        np = self.numpy
        targets = np.array([step.target for step in schedule.tape.steps], np.int64)
        lengths = [len(batch.steps) for batch in schedule.batches]
        order = self._flat(batch.steps for batch in schedule.batches)
        order = order[np.lexsort((uses[targets[order]], np.repeat(np.arange(len(lengths)), lengths)))]
        return order, np.split(targets[order], np.cumsum(lengths)[:-1]) if lengths else []

    def _flat(self, rows: Iterable[Sequence[int]]) -> Any:
        return self.numpy.fromiter(chain.from_iterable(rows), self.numpy.int64)

    def _place(self, registers: Any, uses: Any) -> int:
        """Give registers the next places, and return the first one; the last sum's other lanes have places behind."""
        start, several = self.size, int((uses[registers] >= SUMMED).sum())
        self.places[registers] = self.numpy.arange(start, start + len(registers))
        self.size += len(registers) + -several % LANES
        return start

    def _sums(self, registers: Any, uses: Any) -> Iterator[Sum]:
        """Yield the sums of registers in neighbouring places, which are sorted by their uses."""
        several = registers[uses[registers] >= SUMMED]
        for first in range(0, len(several), LANES):
            lanes = several[first : first + LANES]
            most = int(uses[lanes[-1]])
            yield Sum(self.adjoints, most, int(self.places[lanes[0]]))
            self._terms[lanes] = self.numpy.arange(self.adjoints, self.adjoints + len(lanes))
            self.adjoints += LANES * most

    def _contributions(self, schedule: Schedule, uses: Any, order: Any) -> Any:
        """Return the places of contributions in the order of the batches."""
        np, registers = self.numpy, self.numpy.array(schedule.sweep.flows, self.numpy.int64)
        counts = np.bincount(registers, minlength=len(uses))
        ranks = np.empty(len(registers), np.int64)
        ranks[np.argsort(registers, kind="stable")] = _counted(np, counts)
        slots = np.where(uses[registers] >= SUMMED, self._terms[registers] + LANES * ranks, self.places[registers])
        widths = np.repeat(
            np.array([len(batch.kind.active) for batch in schedule.batches], np.int64),
            [len(batch.steps) for batch in schedule.batches],
        )
        ends = np.empty(len(order), np.int64)
        ends[order] = widths
        ends = np.cumsum(ends[::-1])[::-1]  # the flows of the last step stand first
        return slots[np.repeat(ends[order] - widths, widths) + _counted(np, widths)].astype(np.int32)


def _counted(np: Any, counts: Any) -> Any:
    """Return 0, 1, 2 … up to each count, one after another."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _runs(schedule: Schedule, starts: Sequence[int]) -> Iterator[Run]:
    operands = slots = 0
    for (kind, steps), start in zip(schedule.batches, starts, strict=True):
        yield Run(kind, operands, slots, len(steps), start)
        operands += kind.width * len(steps)
        slots += len(kind.active) * len(steps)
