"""Join the tapes of the contributions of all steps to the tape of a gradient.

It is longer than one on which a `DerivativeWriter` shares and folds steps, but takes a fraction of the time to make.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.batches.kinds import ADJOINT, KEPT, RESULT, contributions, is_closed_at_times
from graphgrad.compile.batches.schedule import sweep
from graphgrad.ops.op import Step
from graphgrad.ops.table import NEG
from graphgrad.tape.tape import Tape
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.ops.op import Op

__all__ = ["joined"]


class Recipe(NamedTuple):
    """The steps of the contributions of a kind: a row of registers, to which each step adds its result.

    The row begins with the result's adjoint, the result, its operands and the constants.

    Attributes:
        constants: the constants.
        steps: an operation, and the positions of its operands in the row.
        outputs: the position of each contribution in the row, and whether it is to be negated.
    """

    constants: tuple[Fraction, ...]
    steps: tuple[tuple[Op, tuple[int, ...]], ...]
    outputs: tuple[tuple[int, bool], ...]


def joined(tape: Tape, wanted: Sequence[int]) -> Tape | None:
    """Return the tape of a tape's output and of its derivatives by these registers, to be run in floats.

    The contributions to an adjoint are added in the order of the interpreter. None where a derivative does not exist,
    or where it depends on the values whether anything flows back.

    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> tape = joined(m.tape([x * y - y]), [0, 1])
    >>> [step.op.name for step in tape.steps], tape.outputs
    (['mul', 'sub', 'mul', 'mul', 'sub'], (3, 6, 8))
    """
    swept = sweep(tape, wanted)
    kinds = {*swept.kinds}
    if any(contributions(kind) is None or is_closed_at_times(kind) for kind in kinds):
        return None
    join = _Join(swept.tape)
    if swept.is_active:
        join.adjoints[tape.outputs[0]] = join.constant(Fraction(1))
    for step, kind in zip(reversed(swept.tape.steps), reversed(swept.kinds), strict=True):
        if kind.active:
            join.step_back(step, kind)
    outputs = [tape.outputs[0], *map(join.adjoint, wanted)]
    return Tape(join.size, tape.inputs, join.constants, tuple(join.steps), tuple(outputs))


class _Join:
    """Writes the backward sweep behind the steps of a tape."""

    def __init__(self, tape: Tape) -> None:
        self.size, self.steps, self.constants = tape.size, [*tape.steps], dict(tape.constants)
        self.known: dict[Fraction, int] = {}
        self.adjoints: list[int | None] = [None] * tape.size
        self.negative = bytearray(tape.size)  # the adjoints that are to be negated

    def constant(self, number: Fraction) -> int:
        """Return the register of a constant."""
        if number not in self.known:
            self.known[number], self.size = self.size, self.size + 1
            self.constants[self.known[number]] = number
        return self.known[number]

    def record(self, op: Op, *operands: int) -> int:
        """Write a step, and return its register."""
        self.steps.append(Step(self.size, op, operands))
        self.size += 1
        return self.size - 1

    def adjoint(self, register: int) -> int:
        """Return the register of a finished adjoint."""
        adjoint = self.adjoints[register]
        if adjoint is None:
            return self.constant(Fraction(0))
        return self.record(NEG, adjoint) if self.negative[register] else adjoint

    def step_back(self, step: Step, kind: Kind) -> None:
        """Write the contributions of a step."""
        recipe, record = _recipe(kind), self.record
        row = [self.adjoint(step.target), step.target, *step.operands, *map(self.constant, recipe.constants)]
        for op, operands in recipe.steps:
            row.append(record(op, *[row[i] for i in operands]))
        for (output, is_negative), position in zip(recipe.outputs, kind.active, strict=True):
            self.add(step.operands[position], row[output], is_negative=is_negative)

    def add(self, register: int, term: int, *, is_negative: bool) -> None:
        """Write that a contribution is added to an adjoint."""
        others = self.adjoints[register]
        if others is None:
            self.adjoints[register], self.negative[register] = term, is_negative
        elif self.negative[register] == is_negative:
            self.adjoints[register] = self.record(ADD, others, term)
        else:
            first, second = (others, term) if is_negative else (term, others)
            self.adjoints[register], self.negative[register] = self.record(SUB, first, second), False


@lru_cache(KEPT)
def _recipe(kind: Kind) -> Recipe:
    tape = contributions(kind)
    if tape is None:
        raise ValueError(kind)
    inner = {i for step in tape.steps for i in step.operands}
    negated = {step.target: step.operands[0] for step in tape.steps if step.op is NEG and step.target not in inner}
    steps = [step for step in tape.steps if step.target not in negated]
    names = {ADJOINT: 0, RESULT: 1}
    row = {register: names[x] if x in names else 2 + int(x) for x, register in tape.inputs.items()}
    behind = [*tape.constants, *(step.target for step in steps)]
    row |= {register: 2 + kind.width + i for i, register in enumerate(behind)}
    return Recipe(
        tuple(tape.constants.values()),
        tuple((step.op, tuple(row[i] for i in step.operands)) for step in steps),
        tuple((row[negated.get(i, i)], i in negated) for i in tape.outputs),
    )


def _row_of(write: Callable[[Any, Any], Any]) -> Op:
    """Return the row of an operator."""
    m = Writer()
    return m.tape([write(m.input("x"), m.input("y"))]).steps[0].op


ADD: Final = _row_of(lambda x, y: x + y)
SUB: Final = _row_of(lambda x, y: x - y)
