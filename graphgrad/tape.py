"""The machine's form of a graph: a flat list of steps, and the namespace that writes one.

A rule read on the tape records operations, so the backward sweep read on the tape is the derivative as a graph again.
Tapes are Griewank and Walther's, "Evaluating Derivatives", SIAM 2008, chapter 3.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from graphgrad.namespaces import Exact, Fault, Namespace
from graphgrad.op import Step
from graphgrad.rules import OPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.graph import GraphData
    from graphgrad.op import Op

__all__ = ["Ref", "Step", "Tape", "Writer", "lower"]


@dataclass(frozen=True, slots=True)
class Tape:
    """Steps in the order of their targets over `size` registers; inputs and constants are set before they run."""

    size: int
    inputs: dict[str, int]
    constants: dict[int, Fraction]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    def leaves(self, m: Namespace, inputs: dict[str, Any]) -> list[Any]:
        """Return the registers with the given inputs and the tape's constants in namespace `m`."""
        registers: list[Any] = [None] * self.size
        for name, value in inputs.items():
            registers[self.inputs[name]] = value
        for register, number in self.constants.items():
            registers[register] = m.const(number)
        return registers

    def depending_on(self, registers: Iterable[int]) -> set[int]:
        """Return these registers and all that are computed from them."""
        found = set(registers)
        for step in self.steps:
            if not found.isdisjoint(step.operands):
                found.add(step.target)
        return found

    def leading_to(self, output: int) -> Tape:
        """Return the part of the tape that one output needs."""
        return replace(self, steps=_needed(self.steps, (output,)), outputs=(output,))

    def step(self, target: int) -> Step:
        """Return the step that computes a register."""
        return self.steps[bisect_left(self.steps, target, key=attrgetter("target"))]


def lower(graph: GraphData) -> Tape:
    """Return the tape that computes a graph's output; its registers are the graph's nodes.

    >>> from graphgrad.graph import build
    >>> from graphgrad.parse import parse
    >>> tape = lower(build("x*x + 1", parse("x*x + 1")))
    >>> [(step.target, step.op.name, step.operands) for step in tape.steps]
    [(1, 'mul', (0, 0)), (3, 'add', (1, 2))]
    """
    constants = {node: number.value for node, number in graph.constants.items()}
    steps = _needed(graph.steps, (graph.output,))
    return Tape(len(graph.spans), dict(graph.nodes), constants, steps, (graph.output,))


def _needed(steps: Sequence[Step], outputs: Iterable[int]) -> tuple[Step, ...]:
    needed, kept = set(outputs), []
    for step in reversed(steps):
        if step.target in needed:
            needed.update(step.operands)
            kept.append(step)
    return tuple(reversed(kept))


class Ref:
    """An operand on a tape that is being written: arithmetic on it records a step."""

    __slots__ = ("register", "writer")

    def __init__(self, writer: Writer, register: int) -> None:
        """Stand for a register of the writer's tape."""
        self.writer, self.register = writer, register


class Writer(Namespace):
    """The namespace in which a rule writes a tape: 0 and 1 folded, constants worked out, equal steps shared.

    >>> m = Writer()
    >>> x = m.input("x")
    >>> z = x**2
    >>> square = m.tape([m.partial(OPS["pow"], 0, z, [x, m.lift(2)])])
    >>> [(step.op.name, step.operands) for step in square.steps]
    [('mul', (1, 0))]
    """

    ref: ClassVar[type[Ref]] = Ref

    def __init__(self, *, stable: bool = True) -> None:
        """Start an empty tape; `stable` chooses which reading of the rules is written."""
        self.stable = stable
        self._exact = Exact()
        self._known: dict[object, int] = {}
        self._inputs: dict[str, int] = {}
        self._constants: dict[int, Fraction] = {}
        self._steps: list[Step] = []

    def _register(self, key: object) -> tuple[int, bool]:
        new = key not in self._known
        return self._known.setdefault(key, len(self._known)), new

    def input(self, name: str) -> Ref:
        """Return the operand for an input."""
        self._inputs[name], _ = self._register(("input", name))
        return self.ref(self, self._inputs[name])

    def const(self, number: Fraction) -> Ref:
        """Return the operand for an exact constant."""
        register, _ = self._register(number)
        self._constants[register] = number
        return self.ref(self, register)

    def lift(self, operand: Ref | Fault | float) -> Ref:
        """Return a number of a rule as an operand; raise a `Fault`."""
        if isinstance(operand, Fault):
            raise operand
        return operand if isinstance(operand, Ref) else self.const(Fraction(operand))

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or find what it folds to."""
        refs = [self.lift(operand) for operand in operands]
        return self._folded(op, refs) or self._record(op, tuple(ref.register for ref in refs))

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        target, new = self._register((op.name, *registers))
        if new:
            self._steps.append(Step(target, op, registers))
        return self.ref(self, target)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        numbers = [self._constants.get(ref.register) for ref in refs]
        for position, number in enumerate(numbers):
            if number is not None and number == (op.neutral or {}).get(position):
                return refs[1 - position]
            if number is not None and number == (op.absorbing or {}).get(position, (None,))[0]:
                return self.const(Fraction((op.absorbing or {})[position][1]))
        if op.chooses and numbers[0] is not None:
            return refs[1] if numbers[0] else refs[2]
        if not numbers or None in numbers:
            return None
        exact = self._exact.value(op, numbers)
        return None if isinstance(exact, Fault) else self.const(exact)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Record the operation of that name."""
        if name.startswith("_") or name not in OPS:
            raise AttributeError(name)
        op = OPS[name]
        return (lambda *operands: self.value(op, operands)) if op.arity else self.value(op, [])

    def tape(self, outputs: Sequence[Any]) -> Tape:
        """Return what has been written, as far as the outputs need it."""
        targets = tuple(self.lift(output).register for output in outputs)
        steps = _needed(self._steps, targets)
        return Tape(len(self._known), dict(self._inputs), dict(self._constants), steps, targets)


def _overload(op: Op) -> None:
    def forward(self: Ref, *others: Ref | float) -> Ref:
        return self.writer.value(op, [self, *others])

    def reflected(self: Ref, other: Ref | float) -> Ref:
        return self.writer.value(op, [other, self])

    setattr(Ref, f"__{op.dunder}__", forward)
    if op.arity > 1:
        setattr(Ref, f"__r{op.dunder}__", reflected)


for _op in OPS.values():
    if _op.dunder:
        _overload(_op)
