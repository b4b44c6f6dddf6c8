"""Both passes as one tape, whose outputs are all that they compute: what a program elsewhere needs to show them."""

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
"""Up to it, every whole number is a float."""

Edge = tuple[int, int]
"""A result's register and the position of its operand."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A tape of both passes, and in which of its registers each of their numbers stands.

    `values`, `adjoints` and `kinks` go by register of the tape that was run; `partials`, `flows` (the contributions)
    and `open` by edge. `open` is not 0 where anything flows back: nothing at all does into a branch that was not taken.
    `kinks` is 1 where an operation has no derivative.
    """

    tape: Tape
    values: dict[int, int]
    adjoints: dict[int, int]
    partials: dict[Edge, int]
    flows: dict[Edge, int]
    open: dict[Edge, int]
    kinks: dict[int, int]


def transcript(tape: Tape, fixed: Collection[int], knows: Callable[[Op], bool]) -> Transcript:
    """Return both passes of a tape as one; its steps are operations that a language `knows`.

    The numbers are those of the interpreter to the last bit, as far as the language's functions are: nothing is
    simplified that floats would round. Raises `GraphgradError` for an operation that is not made of known ones.

    >>> m = Writer()
    >>> x = m.input("x")
    >>> both = transcript(m.tape([x * x]), set(), lambda op: True)
    >>> [(step.op.name, step.operands) for step in both.tape.steps], both.adjoints
    ([('mul', (0, 0)), ('add', (0, 0))], {0: 4, 1: 2})
    """
    m = _Verbatim(knows)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    one = m.const(Fraction(1))
    found = backward(tape, m, values, fixed, _Flow(one, one))
    shown: tuple[dict[Any, Any], ...] = (
        {register: ref for register, ref in enumerate(values) if ref is not None},
        {register: flow.number for register, flow in found.adjoints.items()},
        {edge: m.lift(d) for edge, d in found.partials.items()},
        {edge: flow.number for edge, flow in found.contributions.items()},
        {edge: flow.open for edge, flow in found.contributions.items()},
        {register: m.lift(at) for register, at in _kinks(tape, m, values)},
    )
    whole = m.tape([ref for refs in shown for ref in refs.values()])
    return Transcript(whole, *({key: ref.register for key, ref in refs.items()} for refs in shown))


def _kinks(tape: Tape, m: Namespace, values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Yield where each operation has no derivative; it has one where all its operands are one and the same."""
    for target, op, operands in tape.steps:
        distinct = dict.fromkeys(operands)
        if op.kink and len(distinct) >= min(len(operands), 2):
            yield target, op.kink.at(m, *(values[i] for i in distinct))


class _Choice(Ref):
    """A number that a rule's choice gave, with the operand that is 0 where it gave exactly nothing."""

    __slots__ = ("open",)

    def __init__(self, ref: Ref, is_open: Ref) -> None:
        super().__init__(ref.writer, ref.register)
        self.open = is_open


class _Verbatim(Writer):
    """A tape on which every number is rounded as the interpreter rounds it."""

    def __init__(self, knows: Callable[[Op], bool]) -> None:
        super().__init__()
        self._knows = knows
        self._reading: set[Op] = set()

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or those that its row is made of."""
        refs = [self.lift(operand) for operand in operands]
        result = self._folded(op, refs) or (self._written(op, refs) if self._knows(op) else self._read(op, refs))
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
        register = self.lift(op.value(self, *refs)).register
        self._reading.remove(op)
        return Ref(self, register)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Find what an operation is without any rounding: its other operand, the branch taken, a whole number."""
        numbers = [self._constants.get(ref.register) for ref in refs]
        for position, number in enumerate(numbers):
            if number is not None and number == (op.neutral or {}).get(position):
                return refs[1 - position]
        if op.chooses and numbers[0] is not None:
            return refs[1] if numbers[0] else refs[2]
        whole = bool(numbers) and all(number is not None and number.denominator == 1 for number in numbers)
        result = super()._folded(op, refs) if whole else None
        number = None if result is None else self._constants.get(result.register)
        return result if number is not None and number.denominator == 1 and abs(number) <= EXACT else None

    def is_one(self, ref: Ref) -> bool:
        """Whether an operand is the constant 1."""
        return self._constants.get(ref.register) == 1


@dataclass(frozen=True, slots=True)
class _Flow:
    """What flows back, and an operand that is 0 where exactly nothing does: a number for the backward sweep."""

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
