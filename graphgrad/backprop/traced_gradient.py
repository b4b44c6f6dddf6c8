"""Write the gradient as a tape whose registers know the node or the edge of the graph that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.tape.derivative_writer import DerivativeWriter
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Op
    from graphgrad.tape.sweeps import Edge
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["TracedGradient", "traced_gradient"]

SEED: Final = "the adjoint of the output"
"""The input for the seed; no name of a user's has spaces."""


class TracedGradient(NamedTuple):
    """The tape of a gradient: its outputs are the derivatives by `names`.

    `nodes` maps a register to the node of the graph whose value it holds, `edges` maps one that the backward sweep
    added to the edge (node, operand's position) whose contribution needs it.
    """

    tape: Tape
    names: tuple[str, ...]
    nodes: dict[int, int]
    edges: dict[int, Edge]

    def inputs(self, passes: Passes) -> dict[str, Any]:
        """Return the values of the tape's inputs at the point of both passes."""
        seed = {SEED: passes.seed} if SEED in self.tape.inputs else {}
        return {**passes.inputs, **seed}


def traced_gradient(passes: Passes, names: Sequence[str]) -> TracedGradient:
    """Return the tape of the derivatives by these inputs that the output depends on.

    Raises `Fault` if a rule declares no derivative.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> traced = traced_gradient(backprop(build("x*sin(x)", parse("x*sin(x)")), {"x": 3}), ["x"])
    >>> [(step.op.name, traced.nodes.get(step.target), traced.edges.get(step.target)) for step in traced.tape.steps]
    [('sin', 1, None), ('cos', None, (1, 0)), ('mul', None, (1, 0)), ('add', None, (1, 0))]
    """
    m = _Traced()
    tape, used = passes.tape, [name for name in names if name in passes.inputs]
    values = forward(tape, m, {name: m.input(name) for name in passes.inputs})
    m.nodes = {ref.register: node for node, ref in reversed([*enumerate(values)]) if ref is not None}
    m.first = len(m.registers)
    seed = m.input(SEED) if passes.arrays and passes.seed is not None else m.seed(values[tape.outputs[0]])
    wanted = [tape.inputs[name] for name in used]
    adjoints = backward(tape, m, values, tape.fixed(wanted), seed).adjoints
    derivatives = [m.shaped(adjoints.get(register, 0), values[register]) for register in wanted]
    return TracedGradient(m.tape(derivatives), tuple(used), m.nodes, m.edges)


class _Traced(DerivativeWriter):
    """A writer that notes for each new register the edge whose local derivative was read last."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[int, int] = {}
        self.edges: dict[int, Edge] = {}
        self.first: int | None = None
        self.edge: Edge = (0, 0)

    @property
    def registers(self) -> dict[object, int]:
        """All registers of the tape so far, by what they hold."""
        return self._known

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        self.edge = self.nodes[z.register], position
        return super().partial(op, position, z, operands)

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        result = super()._record(op, registers)
        if self.first is not None and result.register >= self.first:
            self.edges.setdefault(result.register, self.edge)
        return result
