"""Lower a graph to a tape: a flat list of steps over numbered registers.

Tapes are described by Griewank and Walther, "Evaluating Derivatives", SIAM 2008, chapter 3.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphgrad.graph.packed_leaves import PackedNumbers
from graphgrad.graph.packed_steps import PackedSteps, rows_of
from graphgrad.ops.op import Step, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from fractions import Fraction

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace

__all__ = ["Step", "Tape", "dependent", "lower", "needed"]


@dataclass(frozen=True, slots=True)
class Tape:
    """Steps over `size` registers, in the order of their targets; inputs and constants are set before the steps run.

    The tape of `x*x + 1`: register 0 is the input x, register 2 the constant 1.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> square, total = Step(1, OPS["mul"], (0, 0)), Step(3, OPS["add"], (1, 2))
    >>> Tape(4, {"x": 0}, {2: Fraction(1)}, (square, total), outputs=(3,)).depending_on([0]) == {0, 1, 3}
    True
    """

    size: int
    inputs: dict[str, int]
    constants: dict[int, Fraction]
    steps: Sequence[Step]
    outputs: tuple[int, ...]

    def leaves(self, m: Namespace, inputs: dict[str, Any]) -> list[Any]:
        """Return the registers before the first step: the given inputs, and the constants in namespace `m`."""
        registers: list[Any] = [None] * self.size
        for name, value in inputs.items():
            registers[self.inputs[name]] = value
        for register, number in self.constants.items():
            registers[register] = m.const(number)
        return registers

    def depending_on(self, registers: Iterable[int]) -> set[int]:
        """Return these registers and all that are computed from them."""
        return dependent(self.steps, registers)

    def fixed(self, wanted: Iterable[int]) -> set[int]:
        """Return the registers that depend on none of these; they are few if derivatives by most inputs are wanted."""
        free = set(wanted)
        fixed = {*self.constants, *self.inputs.values()} - free
        for target, _, operands in self.steps if type(self.steps) is tuple else rows_of(self.steps):
            if fixed.issuperset(operands) and target not in free:
                fixed.add(target)
        return fixed

    def locally_constant(self, wanted: Iterable[int]) -> set[int]:
        """Return the registers whose derivative by each of these is 0 by the rules alone; `fixed` ones are among them.

        The others are results of operations such as `floor`, and all that is computed from those: in `x**floor(y)`,
        the exponent changes with y, but only in jumps.
        """
        free = set(wanted)
        constant = self.fixed(free)
        for target, op, operands in rows_of(self.steps):
            if target not in free and all(x in constant or op.rule(i) is nothing for i, x in enumerate(operands)):
                constant.add(target)
        return constant

    def leading_to(self, output: int) -> Tape:
        """Return the part of the tape that one output needs."""
        return replace(self, steps=needed(self.size, self.steps, (output,)), outputs=(output,))

    def tree_size(self, weight: Callable[[Step], int] = lambda _: 1) -> int:
        """Return how many operations the output has once every shared one is written out.

        What an operation is applied to counts `weight` times.
        """
        sizes: dict[int, int] = {}
        for step in self.steps:
            sizes[step.target] = 1 + weight(step) * sum(sizes.get(i, 0) for i in step.operands)
        return sizes.get(self.outputs[0], 0)

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
    numbers = graph.constants
    if type(numbers) is PackedNumbers:
        constants = numbers.fractions()
    else:
        constants = {node: number.value for node, number in numbers.items()}
    steps = needed(len(graph.spans), graph.steps, (graph.output,))
    return Tape(len(graph.spans), dict(graph.nodes), constants, steps, (graph.output,))


def dependent(steps: Sequence[Step], registers: Iterable[int]) -> set[int]:
    """Return these registers and all that steps compute from them."""
    found = set(registers)
    for target, _, operands in rows_of(steps):
        if not found.isdisjoint(operands):
            found.add(target)
    return found


def needed(size: int, steps: Sequence[Step], outputs: Iterable[int]) -> Sequence[Step]:
    """Return the steps that these outputs need: dead code elimination by one pass from the last step to the first."""
    wanted = bytearray(size)
    for output in outputs:
        wanted[output] = 1
    if type(steps) is PackedSteps:  # asking an abstract class with isinstance takes as long as a small graph's loop
        return _needed_of_many(wanted, steps)
    kept = []
    for step in reversed(steps):
        target, _, operands = step
        if wanted[target]:
            for operand in operands:
                wanted[operand] = 1
            kept.append(step)
    kept.reverse()
    return tuple(kept)


def _needed_of_many(wanted: bytearray, steps: PackedSteps) -> PackedSteps:
    for target, _, operands in steps.rows(-1):
        if wanted[target]:
            for operand in operands:
                wanted[operand] = 1
    mask = bytes(map(wanted.__getitem__, steps.targets))
    return steps if all(mask) else steps.kept(mask)
