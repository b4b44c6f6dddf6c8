"""Judge the numbers that are not finite after a run in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.compile.batches.assembly import NOTHING
from graphgrad.compile.batches.kinds import RESULT, hidden_operands
from graphgrad.namespaces.floats import Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.compile.batches.layout import Layout
    from graphgrad.compile.batches.schedule import Schedule
    from graphgrad.ops.op import Step

__all__ = ["Doubts"]


class Doubts:
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
        if schedule.is_guarded:
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
