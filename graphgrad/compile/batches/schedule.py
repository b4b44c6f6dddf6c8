"""Schedule the steps of a tape in batches of one kind, for as few batches as possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.compile.batches.kinds import Kind, is_closed_at_times, numbers_within
from graphgrad.namespaces.floats import Floats
from graphgrad.ops.op import Op, nothing
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.tape.tape import Tape

__all__ = ["Batch", "Schedule", "Sweep", "scheduled", "sweep"]


class Batch(NamedTuple):
    """Steps of one kind, none of which needs another one, by their positions on the tape."""

    kind: Kind
    steps: list[int]


class Sweep(NamedTuple):
    """What a backward sweep of a tape does.

    Attributes:
        tape: the tape, with results of operations on constants as constants.
        numbers: its constants as floats.
        kinds: the kind of each step.
        flows: the register of each contribution, in the order in which the interpreter adds them.
        is_active: whether the derivatives are not all 0 by the rules alone.
    """

    tape: Tape
    numbers: dict[int, float]
    kinds: list[Kind]
    flows: list[int]
    is_active: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A tape in batches.

    Attributes:
        sweep: what its backward sweep does.
        batches: its steps, in an order in which they can run.
        uses: how many contributions the adjoint of each register is the sum of.
    """

    sweep: Sweep
    batches: list[Batch]
    uses: list[int]

    @property
    def tape(self) -> Tape:
        """The tape."""
        return self.sweep.tape

    @property
    def is_guarded(self) -> bool:
        """Whether nothing flows along some edge, depending on the values."""
        return any(is_closed_at_times(batch.kind) for batch in self.batches)


def sweep(tape: Tape, wanted: Collection[int]) -> Sweep:
    """Return what a backward sweep does for the derivatives by these registers."""
    tape, numbers = _without_constant_steps(tape)
    constant = tape.locally_constant(wanted)
    return Sweep(tape, numbers, *_kinds(tape, constant), tape.outputs[0] not in constant)


def scheduled(tape: Tape, wanted: Collection[int]) -> Schedule:
    """Return a tape in batches, for its value and its derivatives by these registers.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> [(batch.kind.op.name, batch.steps) for batch in scheduled(m.tape([x * y + y * y]), [0, 1]).batches]
    [('mul', [0, 1]), ('add', [2])]
    """
    swept, uses = sweep(tape, wanted), [0] * tape.size
    for register in swept.flows:
        uses[register] += 1
    return Schedule(swept, _batches(swept.tape, swept.kinds), uses)


def _without_constant_steps(tape: Tape) -> tuple[Tape, dict[int, float]]:
    """Return the tape with finite results of operations on constants as constants, and all constants as floats."""
    fixed = tape.fixed(tape.inputs.values())
    known = replace(tape, steps=tuple([step for step in tape.steps if step.target in fixed]))
    values = forward(known, Floats(), {})
    numbers = {i: values[i] for i in fixed if isinstance(values[i], float) and values[i] - values[i] == 0}
    constants = {i: Fraction(x) for i, x in numbers.items()} | tape.constants
    steps = tuple([step for step in tape.steps if step.target not in numbers])
    return replace(tape, constants=constants, steps=steps), {i: values[i] for i in constants}


def _kinds(tape: Tape, constant: Collection[int]) -> tuple[list[Kind], list[int]]:
    """Return the kind of each step, and the register of each contribution, as the interpreter sweeps backward.

    Nothing flows to a constant register, nor along an edge whose rule is 0, nor from a result that no adjoint reaches.
    """
    is_reached = bytearray(tape.size)
    is_reached[tape.outputs[0]] = tape.outputs[0] not in constant
    open_positions, kinds = _OpenPositions(), _Kinds()
    found, flows = [], []
    for target, op, operands in reversed(tape.steps):
        active: tuple[int, ...] = ()
        if is_reached[target]:
            active = tuple([i for i in open_positions[op, len(operands)] if operands[i] not in constant])
            for i in active:
                is_reached[operands[i]] = 1
                flows.append(operands[i])
        found.append(kinds[op, len(operands), numbers_within(op, operands, tape.constants), active])
    found.reverse()
    return found, flows


class _OpenPositions(dict[tuple[Op, int], tuple[int, ...]]):
    """The positions of operands whose rule is not 0, by the operation and its count of operands."""

    def __missing__(self, key: tuple[Op, int]) -> tuple[int, ...]:
        op, count = key
        self[key] = tuple(i for i in range(count) if op.rule(i) is not nothing)
        return self[key]


class _Kinds(dict[Any, Kind]):
    """One object for each kind."""

    def __missing__(self, key: Any) -> Kind:
        self[key] = Kind(*key)
        return self[key]


def _batches(tape: Tape, kinds: Sequence[Kind]) -> list[Batch]:
    """Return batches: each time, all steps that are ready of the kind that has most of these."""
    steps, waiting = tape.steps, [0] * len(tape.steps)
    users: list[list[int]] = [[] for _ in range(tape.size)]
    written = bytearray(tape.size)
    ready: dict[Kind, list[int]] = {}
    for position, step in enumerate(steps):
        written[step.target] = 1
        for operand in step.operands:
            if written[operand]:
                users[operand].append(position)
                waiting[position] += 1
        if not waiting[position]:
            ready.setdefault(kinds[position], []).append(position)
    batches = []
    while ready:
        kind = max(ready, key=lambda kind: len(ready[kind])) if len(ready) > 1 else next(iter(ready))
        batch = Batch(kind, ready.pop(kind))
        batches.append(batch)
        for position in batch.steps:
            for user in users[steps[position].target]:
                waiting[user] -= 1
                if not waiting[user]:
                    ready.setdefault(kinds[user], []).append(user)
    return batches
