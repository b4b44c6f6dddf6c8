"""Write the gradient as a tape: both sweeps run on a tape, whose outputs are the value and the adjoints."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import DomainError, ShapeError
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.derivative_writer import DerivativeWriter
from graphgrad.tape.sweeps import backward, forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["adjoints_of", "decided", "derivatives_exist", "differentiated", "differentiated_tape", "weighted_adjoints"]


def differentiated(graph: GraphData, names: Sequence[str]) -> Tape:
    """Return the tape of a graph's value and of its derivatives by these inputs, in this order, to be run in floats.

    Raises `DomainError` if a rule declares no derivative.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> tape = differentiated(build("x*y", parse("x*y")), ["x", "y"])
    >>> [step.op.name for step in tape.steps], tape.outputs
    (['mul'], (2, 1, 0))
    """
    with derivatives_exist(graph):
        return differentiated_tape(lower(graph), names)


def differentiated_tape(tape: Tape, names: Sequence[str]) -> Tape:
    """Return the tape of a tape's value and of its derivatives by these inputs; raises `Fault` where there are none.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> tape = differentiated_tape(lower(build("x*y", parse("x*y"))), ["y"])
    >>> [step.op.name for step in tape.steps], tape.outputs
    (['mul'], (2, 0))
    """
    tape, m = decided(tape), DerivativeWriter(strict=True)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    adjoints = weighted_adjoints(tape, m, values, names, m.seed(values[tape.outputs[0]]))
    return m.tape([values[tape.outputs[0]], *adjoints.values()])


def decided(tape: Tape) -> Tape:
    """Return the tape with jumps at constants decided by floats, as the interpreter decides them.

    A writer folds constants exactly, and would find that 0.1 + 0.2 is 0.3.
    """
    fixed = tape.fixed(tape.inputs.values())
    jumps = [step for step in tape.steps if (step.op.chooses and step.operands[0] in fixed) or step.op.flat]
    jumps = [step for step in jumps if step.op.chooses or fixed.issuperset(step.operands)]
    if not jumps:
        return tape
    values = forward(replace(tape, steps=tuple(step for step in tape.steps if step.target in fixed)), Floats(), {})
    decided = {step.operands[0] if step.op.chooses else step.target for step in jumps}
    numbers = {i: Fraction(values[i]) for i in decided if isinstance(values[i], float) and isfinite(values[i])}
    steps = tuple(step for step in tape.steps if step.target not in numbers)
    return replace(tape, steps=steps, constants=tape.constants | numbers)


def adjoints_of(
    tape: Tape, m: DerivativeWriter, values: list[Any], names: Sequence[str], graph: GraphData
) -> dict[str, Ref]:
    """Write the derivatives of a tape's output by these inputs on `m`, which holds the `values` of its registers."""
    with derivatives_exist(graph):
        return weighted_adjoints(tape, m, values, names, m.seed(values[tape.outputs[0]]))


def weighted_adjoints(
    tape: Tape, m: DerivativeWriter, values: list[Any], names: Sequence[str], seed: Ref
) -> dict[str, Ref]:
    """Write the derivatives by these inputs of a tape's output times `seed`; raises `Fault` where there are none."""
    swept = backward(tape, m, values, tape.locally_constant(tape.inputs[name] for name in names), seed)
    return {name: m.shaped(swept.adjoints.get(tape.inputs[name], 0), values[tape.inputs[name]]) for name in names}


@contextmanager
def derivatives_exist(graph: GraphData) -> Iterator[None]:
    """Raise `DomainError` for an operation of a graph that has no derivative anywhere.

    Raises `ShapeError` for one on arrays that no shapes fit.
    """
    try:
        yield
    except Fault as fault:
        span = next((graph.spans[step.target] for step in graph.steps if step.op is fault.op), (0, 0))
        if fault.error is ShapeError:
            message = f"{fault.op.written} does not take arrays of any shape: {fault.reason}"
            raise ShapeError(message, graph.source, span) from None
        raise DomainError(f"the derivative of {fault.op.name} is {fault.reason}", graph.source, span) from None
