"""Take one step of a graph with arrays apart, as both passes of a graph of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphgrad.ops.op import Step
from graphgrad.tape.tape import Tape

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["one_operation", "operand_name"]


def operand_name(position: int) -> str:
    """Return the name of the input that stands for an operand."""
    return f"operand {position}"


def one_operation(passes: Passes, step: Step) -> Passes:
    """Return the passes of a step whose operands are inputs and whose adjoint is the seed.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("sum(2*x)", parse("sum(2*x)")), {"x": [3, 4]})
    >>> one = one_operation(passes, passes.tape.steps[0])
    >>> float(one.inputs["operand 0"]), one.values[-1].tolist(), one.seed.tolist()
    (2.0, [6.0, 8.0], [1.0, 1.0])
    """
    count = len(step.operands)
    inputs = {operand_name(i): passes.values[operand] for i, operand in enumerate(step.operands)}
    tape = Tape(
        count + 1,
        {name: i for i, name in enumerate(inputs)},
        {},
        (Step(count, step.op, tuple(range(count))),),
        (count,),
    )
    values = [*inputs.values(), passes.values[step.target]]
    seed = passes.backward.adjoints.get(step.target)
    return replace(passes, tape=tape, inputs=inputs, wrt=tuple(inputs), values=values, seed=seed, kinks=(), arrays=True)
