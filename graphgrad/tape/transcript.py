"""Write both passes as one tape whose outputs are all of their numbers, so that a page can compute them by itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.floats import Floats
from graphgrad.tape.sweeps import backward, forward
from graphgrad.tape.writer import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Transcript", "transcript"]

EXACT: Final = 2**53
"""Every integer up to this one is a float."""

Edge = tuple[int, int]
"""A result's register and the position of its operand."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A tape of both passes, and the register of it that holds each of their numbers.

    Attributes:
        tape: the steps of both passes.
        values: by register of the original tape.
        adjoints: likewise.
        partials: the local derivatives, by edge.
        flows: the contributions to the adjoints, by edge.
        open: by edge, 0 where nothing flows back, as into a branch that is not taken.
        kinks: by register of the original tape, 1 where the operation has no derivative.
    """

    tape: Tape
    values: dict[int, int]
    adjoints: dict[int, int]
    partials: dict[Edge, int]
    flows: dict[Edge, int]
    open: dict[Edge, int]
    kinks: dict[int, int]


def transcript(
    tape: Tape, fixed: Collection[int], knows: Callable[[Op], bool], seed: Fraction = Fraction(1)
) -> Transcript:
    """Return both passes of a tape as one tape, whose steps are operations that a language `knows`.

    `seed` is the adjoint of the output. The numbers equal the interpreter's to the last bit, if the language's
    functions do: nothing is simplified that would be rounded differently. Raises `GraphgradError` for an operation that
    cannot be written with known ones.

    >>> m = Writer()
    >>> x = m.input("x")
    >>> both = transcript(m.tape([x * x]), set(), lambda op: True)
    >>> [(step.op.name, step.operands) for step in both.tape.steps], both.adjoints
    ([('mul', (0, 0)), ('add', (0, 0))], {0: 4, 1: 2})
    """
    m = _Verbatim(knows)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    swept = backward(tape, m, values, fixed, _Flow(m.const(seed), m.const(Fraction(1))))
    numbers: tuple[dict[Any, Any], ...] = (
        {register: ref for register, ref in enumerate(values) if ref is not None},
        {register: flow.number for register, flow in swept.adjoints.items()},
        {edge: m.lift(d) for edge, d in swept.partials.items()},
        {edge: flow.number for edge, flow in swept.contributions.items()},
        {edge: flow.open for edge, flow in swept.contributions.items()},
        {register: m.lift(at) for register, at in _kinks(tape, m, values)},
    )
    both = m.tape([ref for refs in numbers for ref in refs.values()])
    return Transcript(both, *({key: ref.register for key, ref in refs.items()} for refs in numbers))


def _kinks(tape: Tape, m: Namespace, values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield for each operation whether it is at a kink; `max(x, x)`, with one and the same operand, has none."""
    for target, op, operands in tape.steps:
        distinct = dict.fromkeys(operands)
        if op.kink and len(distinct) >= min(len(operands), 2):
            yield target, op.kink.at(m.operations, *(values[i] for i in distinct))


class _Choice(Ref):
    """The result of a choice between a number and the integer 0, with a register that is 0 where 0 was chosen."""

    __slots__ = ("open",)

    def __init__(self, ref: Ref, is_open: Ref) -> None:
        super().__init__(ref.writer, ref.register)
        self.open = is_open


class _Verbatim(Writer):
    """A tape whose numbers are rounded as the interpreter rounds them."""

    def __init__(self, knows: Callable[[Op], bool]) -> None:
        super().__init__()
        self._knows = knows
        self._reading: set[Op] = set()

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or those that its rule consists of."""
        refs = [self.lift(operand) for operand in operands]
        result = self._folded(op, refs)
        if result is None:
            result = self._written(op, refs) if self._knows(op) else self._read(op, refs)
        nothing = [type(x) is int and x == 0 for x in operands[1:]]
        if not op.chooses or nothing[0] == nothing[1]:
            return result
        return _Choice(result, (self.ne if nothing[1] else self.eq)(refs[0], 0))

    def _written(self, op: Op, refs: Sequence[Ref]) -> Ref:
        return self._record(op, tuple(ref.register for ref in refs))

    def _read(self, op: Op, refs: Sequence[Ref]) -> Ref:
        if not op.arity:
            return self.const(Fraction(float(Floats().value(op, []))))
        if op in self._reading:
            raise GraphgradError(f"there is no function for {op.name}")
        self._reading.add(op)
        register = self.lift(op.value(self.operations, *refs)).register
        self._reading.remove(op)
        return Ref(self, register)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Return what an operation folds to without rounding: an operand, the branch taken, an exact integer."""
        numbers = [self._constants.get(ref.register) for ref in refs]
        for position, number in enumerate(numbers):
            if number is not None and number == (op.neutral or {}).get(position):
                return refs[1 - position]
        if op.chooses and numbers[0] is not None:
            return refs[1] if numbers[0] else refs[2]
        integers = bool(numbers) and all(number is not None and number.denominator == 1 for number in numbers)
        result = super()._folded(op, refs) if integers else None
        number = None if result is None else self._constants.get(result.register)
        return result if number is not None and number.denominator == 1 and abs(number) <= EXACT else None

    def is_one(self, ref: Ref) -> bool:
        """Whether an operand is the constant 1."""
        return self._constants.get(ref.register) == 1


@dataclass(frozen=True, slots=True)
class _Flow:
    """An adjoint, and an operand that is 0 where nothing flows back: a number for the backward sweep."""

    number: Any
    open: Any

    def __mul__(self, d: Any) -> _Flow:
        is_open = self.open * d.open if isinstance(d, _Choice) else self.open
        m = self.number.writer
        return _Flow(m.where(is_open, self.number * d, m.const(Fraction(0))), is_open)

    def __add__(self, other: _Flow) -> _Flow:
        m = self.number.writer
        always = any(m.is_one(flow.open) for flow in (self, other))
        return _Flow(self.number + other.number, self.open if always else m.max(self.open, other.open))
