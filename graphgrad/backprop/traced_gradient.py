"""Record a backward sweep at a point as a tape, with the value in each register and the edge that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.namespaces.array_values import is_array
from graphgrad.tape.sweeps import backward
from graphgrad.tape.tape import Tape, needed
from graphgrad.tape.writer import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Op
    from graphgrad.tape.sweeps import Edge

__all__ = ["TracedGradient", "traced_gradient"]

SEED: Final = "the adjoint of the output"
"""The input that holds the seed; names in a text have no spaces."""


class TracedGradient(NamedTuple):
    """The tape of both passes at a point: its outputs are the derivatives by `names`.

    The first registers are the graph's nodes. `edges` maps each later one to the edge (node, operand's position) whose
    contribution it belongs to. `values` are the numbers that both passes computed, bit for bit.
    """

    tape: Tape
    names: tuple[str, ...]
    values: list[Any]
    edges: dict[int, Edge]


def traced_gradient(passes: Passes, names: Sequence[str]) -> TracedGradient:
    """Record the backward sweep for the derivatives by these inputs, those of them that the passes have.

    What a choice did not take is not recorded. Raises `Fault` if a rule declares no derivative, and `ArithmeticError`
    if a number in an array is not finite.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> traced = traced_gradient(backprop(build("x*sin(x)", parse("x*sin(x)")), {"x": 3}), ["x"])
    >>> [(step.op.name, traced.edges.get(step.target)) for step in traced.tape.steps]
    [('sin', None), ('mul', (2, 0)), ('mul', (2, 1)), ('cos', (1, 0)), ('mul', (1, 0)), ('add', (1, 0))]
    """
    m, tape = _Trace(passes), passes.tape
    names = tuple(name for name in names if name in passes.inputs)
    wanted = [tape.inputs[name] for name in names]
    nodes = [Ref(m, register) for register in range(tape.size)]
    adjoints = backward(tape, m, nodes, tape.fixed(wanted), m.seed_of(passes)).adjoints
    return m.traced(names, [m.shaped(adjoints.get(register, 0), nodes[register]) for register in wanted])


class _Trace(Writer):
    """A writer that computes each step as it records it, and folds nothing."""

    def __init__(self, passes: Passes) -> None:
        super().__init__()
        tape = passes.tape
        self._m, self._values, self._size = passes.namespace, list(passes.values), tape.size
        self._known = {("node", register): register for register in range(tape.size)}
        self._inputs, self._steps = dict(tape.inputs), list(tape.steps)
        self._constants, self._has_arrays = dict(tape.constants), passes.arrays
        self._edge: Edge = (0, 0)
        self._edges: dict[int, Edge] = {}

    def seed_of(self, passes: Passes) -> Ref:
        """Return the adjoint of the output."""
        return self._valued(self.input(SEED), passes.seed)

    def traced(self, names: tuple[str, ...], outputs: Sequence[Ref]) -> TracedGradient:
        """Return what was recorded and leads to the outputs."""
        targets = tuple(output.register for output in outputs)
        steps = needed(len(self._values), self._steps, targets)
        tape = Tape(len(self._values), self._inputs, self._constants, steps, targets)
        return TracedGradient(tape, names, self._values, self._edges)

    def const(self, number: Fraction) -> Ref:
        return self._valued(super().const(number), self._m.const(number))

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Record an operation, or return the operand that a choice takes."""
        if op.chooses and isinstance(operands[0], Ref):
            condition = self._values[operands[0].register]
            if not is_array(condition):
                return operands[1] if condition else operands[2]
        return super().value(op, operands)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        self._edge = z.register, position
        return super().partial(op, position, z, operands)

    def _may_fold(self, registers: tuple[int, ...]) -> bool:  # noqa: ARG002  what is folded is not rounded as it was
        return False

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        result = super()._record(op, registers)
        if result.register == len(self._values):
            self._edges[result.register] = self._edge
            return self._valued(result, self._m.value(op, [self._values[i] for i in registers]))
        return result

    def _valued(self, ref: Ref, value: Any) -> Ref:
        if ref.register == len(self._values):
            self._values.append(value)
        return ref
