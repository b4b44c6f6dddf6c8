"""The gradient as a tape: both sweeps, read on a tape whose outputs are the value and the adjoints.

Where the interpreter lets nothing flow back into a branch that was not taken, this tape says so with a choice around
the whole flow: in `where(x > 0, log(x), 0)` the 1/x at x = 0 then never meets the 0 that it would be multiplied by.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.errors import DomainError
from graphgrad.namespaces import Fault
from graphgrad.run.sweeps import backward, forward
from graphgrad.tape import Ref, Writer, lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph import GraphData
    from graphgrad.op import Op
    from graphgrad.tape import Step, Tape

__all__ = ["differentiated"]

MOST_GATES: Final = 8
"""From how many branches a flow may come and still be kept out of all the others."""

Gate = tuple[int, bool]
"""A condition's register, and which way it has to turn out."""


def differentiated(graph: GraphData, names: Sequence[str]) -> Tape:
    """Return the tape of a graph's value and of its derivatives by these inputs, in this order.

    Raises `DomainError` where a rule declares no derivative.

    >>> from graphgrad.graph import build
    >>> from graphgrad.parse import parse
    >>> tape = differentiated(build("x*y", parse("x*y")), ["x", "y"])
    >>> [step.op.name for step in tape.steps], tape.outputs
    (['mul'], (2, 1, 0))
    """
    tape, m = lower(graph), _Flow()
    values = forward(tape, m, {name: m.input(name) for name in graph.inputs})
    wanted = tape.depending_on(graph.node(name) for name in names)
    try:
        found = backward(tape, m, values, wanted, m.const(Fraction(1)))
    except Fault as fault:
        raise DomainError(f"the derivative of {fault.op.name} is {fault.reason}", graph.source) from None
    adjoints = [found.adjoints.get(graph.node(name), 0) for name in names]
    return m.tape([values[tape.outputs[0]], *adjoints])


class _Flow(Writer):
    """A tape on which a factor of 0 that a choice put there keeps out what it is multiplied by."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[int, Step] = {}
        self._gates: dict[int, frozenset[Gate]] = {}

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:  # noqa: ANN401
        """Read a local derivative, and note which choice it hangs on."""
        d = super().partial(op, position, z, operands)
        if isinstance(d, Ref) and (gate := self._choice(d.register)):
            self._gates[d.register] = frozenset([gate])
        return d

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        made = super()._record(op, registers)
        self._made.setdefault(made.register, self._steps[-1])
        return made

    def _choice(self, register: int) -> Gate | None:
        """Return the gate of a choice between something and 0."""
        step = self._made.get(register)
        if step is None or not step.op.chooses:
            return None
        zeros = [self._constants.get(i) == 0 for i in step.operands[1:]]
        return None if zeros[0] == zeros[1] else (step.operands[0], zeros[1])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, a choice between it and 0 where one of its operands is such a choice."""
        refs = [self.lift(operand) for operand in operands]
        gates = self._gates_of(op, refs)
        if not gates:
            return super().value(op, refs)
        opened = [self._opened(ref, gates) for ref in refs]
        result = super().value(op, refs) if opened == refs else self.value(op, opened)
        if op.absorbing or len(gates) == 1:
            result = self._gated(sorted(gates), result)
        self._gates[result.register] = gates
        return result

    def _gates_of(self, op: Op, refs: Sequence[Ref]) -> frozenset[Gate]:
        """Return where a result may differ from 0: a product where its factors do, a sum where either term does."""
        found = [self._gates.get(ref.register, frozenset()) for ref in refs]
        absorbing = [gates for i, gates in enumerate(found) if (op.absorbing or {}).get(i) == (0, 0)]
        if absorbing or set((op.neutral or {}).values()) != {0} or not all(found):
            return next(filter(None, absorbing), frozenset())
        gates = frozenset().union(*found)
        open_anyway = any((condition, not holds) in gates for condition, holds in gates)
        return frozenset() if open_anyway or len(gates) > MOST_GATES else gates

    def _opened(self, ref: Ref, gates: frozenset[Gate]) -> Ref:
        """Return what a choice lets through where its own gate is the only one."""
        gate = self._choice(ref.register)
        if gate is None or gates != {gate}:
            return ref
        return Ref(self, self._made[ref.register].operands[1 if gate[1] else 2])

    def _gated(self, gates: Sequence[Gate], ref: Ref) -> Ref:
        result = self.const(Fraction(0))
        for condition, holds in gates:
            result = self.where(Ref(self, condition), *((ref, result) if holds else (result, ref)))
        return result
