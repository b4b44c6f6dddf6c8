"""Give registers, operands and contributions their places in memory, as the loops of batches expect them.

Values and adjoints have the same places: first the inputs, then the constants, then the results in the order of the
batches. An adjoint with one contribution is stored where it is read. The contributions of an adjoint with several
stand apart, in the order in which the interpreter adds them, and are summed before the adjoint's batch runs: `LANES`
registers at once, which lie side by side, so that their n-th contributions lie side by side as well. A register with
fewer contributions than its neighbours has places that stay `NOTHING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.batches.assembly import CHECKED, LANES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.compile.batches.schedule import Schedule

__all__ = ["TOTAL", "Layout", "Run", "Sum"]

TOTAL: Final = 0
"""The place that belongs to no register: its value tells whether all others are finite."""

PLACED_APART: Final = 2
"""The fewest contributions that are summed."""


class Run(NamedTuple):
    """A batch: its kind, where its rows of operands and of contributions begin, its steps, and its first place."""

    kind: Kind
    operands: int
    slots: int
    count: int
    target: int


class Sum(NamedTuple):
    """A sum: where its contributions begin, how many each register has at most, and the first register's place."""

    terms: int
    count: int
    target: int


class Layout:
    """The places for a schedule.

    Attributes:
        places: the place of each register.
        runs: the batches, in the order of the forward pass.
        operands: the places of operands, a row for each step.
        slots: the places of contributions, a row for each step.
        sums: the sums to be made before each batch runs backward, and last those of the inputs.
        size: the length of the values, and `adjoints` that of the adjoints.
    """

    def __init__(self, schedule: Schedule) -> None:
        """Lay a schedule out."""
        tape = schedule.tape
        self._uses = uses = schedule.uses
        inputs = sorted(tape.inputs.values(), key=uses.__getitem__)
        self.places = [0] * tape.size
        self.size = TOTAL + 1
        self._terms: dict[int, int] = {}
        self._place(inputs)
        self._place([register for register in schedule.numbers if register not in tape.inputs.values()])
        targets = [
            sorted([tape.steps[k].target for k in batch.steps], key=uses.__getitem__) for batch in schedule.batches
        ]
        starts = [self._place(registers) for registers in targets]
        self.size += -self.size % CHECKED
        self.adjoints = self.size
        self.sums = [[*self._sums(registers)] for registers in [*targets, inputs]]
        self._contributions = self._placed_contributions(schedule)
        self.operands: list[int] = []
        self.slots: list[int] = []
        self.runs = [
            self._run(batch.kind, registers, start, schedule)
            for batch, registers, start in zip(schedule.batches, targets, starts, strict=True)
        ]

    def _place(self, registers: Sequence[int]) -> int:
        """Give registers the next places, and return the first one. Those behind are free for the last sum's lanes."""
        start = self.size
        for place, register in enumerate(registers, start):
            self.places[register] = place
        several = sum(self._uses[register] >= PLACED_APART for register in registers)
        self.size += len(registers) + -several % LANES
        return start

    def _sums(self, registers: Sequence[int]) -> Iterator[Sum]:
        """Yield the sums of registers in neighbouring places, which are sorted by their uses."""
        uses = self._uses
        several = [register for register in registers if uses[register] >= PLACED_APART]
        for first in range(0, len(several), LANES):
            group = several[first : first + LANES]
            count = uses[group[-1]]
            yield Sum(self.adjoints, count, self.places[group[0]])
            for lane, register in enumerate(group):
                self._terms[register] = self.adjoints + lane
            self.adjoints += LANES * count

    def _placed_contributions(self, schedule: Schedule) -> dict[int, list[int]]:
        """Return the places of each step's contributions, by its target: in the order in which the interpreter adds."""
        kinds: dict[int, Kind] = {k: batch.kind for batch in schedule.batches for k in batch.steps}
        terms, places, found = self._terms, self.places, {}
        for k in range(len(schedule.tape.steps) - 1, -1, -1):
            target, _, operands = schedule.tape.steps[k]
            row = []
            for i in kinds[k].active:
                x = operands[i]
                place = terms.get(x)
                if place is None:
                    row.append(places[x])
                else:
                    row.append(place)
                    terms[x] = place + LANES
            found[target] = row
        return found

    def _run(self, kind: Kind, registers: Sequence[int], start: int, schedule: Schedule) -> Run:
        run = Run(kind, len(self.operands), len(self.slots), len(registers), start)
        operands, places = self._operands_of(schedule), self.places.__getitem__
        for register in registers:
            self.operands.extend(map(places, operands[register]))
            self.slots.extend(self._contributions[register])
        return run

    def _operands_of(self, schedule: Schedule) -> dict[int, Any]:
        if not hasattr(self, "_operands"):
            self._operands = {step.target: step.operands for step in schedule.tape.steps}
        return self._operands
