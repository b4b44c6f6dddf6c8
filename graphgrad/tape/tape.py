"""The machine's form of a graph: a flat list of steps, and the namespace that writes one.

A rule read on the tape records operations, so the backward sweep read on the tape is the derivative as a graph again.
Tapes are Griewank and Walther's, "Evaluating Derivatives", SIAM 2008, chapter 3.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphgrad.ops.op import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace

__all__ = ["Step", "Tape", "lower", "needed"]


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
        for target, _, operands in self.steps:
            if not found.isdisjoint(operands):
                found.add(target)
        return found

    def fixed(self, wanted: Iterable[int]) -> set[int]:
        """Return the registers that depend on none of these: few, where derivatives by most inputs are wanted."""
        free = set(wanted)
        found = {*self.constants, *self.inputs.values()} - free
        for target, _, operands in self.steps:
            if found.issuperset(operands) and target not in free:
                found.add(target)
        return found

    def leading_to(self, output: int) -> Tape:
        """Return the part of the tape that one output needs."""
        return replace(self, steps=needed(self.size, self.steps, (output,)), outputs=(output,))

    def step(self, target: int) -> Step:
        """Return the step that computes a register."""
        return self.steps[bisect_left(self.steps, target, key=attrgetter("target"))]


def lower(graph: GraphData) -> Tape:
    """Return the tape that computes a graph's output; its registers are the graph's nodes.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> tape = lower(build("x*x + 1", parse("x*x + 1")))
    >>> [(step.target, step.op.name, step.operands) for step in tape.steps]
    [(1, 'mul', (0, 0)), (3, 'add', (1, 2))]
    """
    constants = {node: number.value for node, number in graph.constants.items()}
    steps = needed(len(graph.spans), graph.steps, (graph.output,))
    return Tape(len(graph.spans), dict(graph.nodes), constants, steps, (graph.output,))


def needed(size: int, steps: Sequence[Step], outputs: Iterable[int]) -> tuple[Step, ...]:
    """Return the steps that lead to these outputs."""
    wanted, kept = bytearray(size), []
    for output in outputs:
        wanted[output] = 1
    for step in reversed(steps):
        target, _, operands = step
        if wanted[target]:
            for operand in operands:
                wanted[operand] = 1
            kept.append(step)
    kept.reverse()
    return tuple(kept)
