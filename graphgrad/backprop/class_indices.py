"""Find the operands that hold class indices: an operation picks rows by them, and there is no derivative by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.namespaces.array_values import shape_of

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["class_indices", "is_index"]


def is_index(passes: Passes, step: Step, position: int) -> bool:
    """Tell whether an operand of a step holds class indices, by its shape beside that of the other operand.

    >>> from graphgrad import parse
    >>> loss = parse("cross_entropy(p, t)")
    >>> for t in [1], [[0, 1]]:
    ...     passes = loss.backprop({"p": [[0.5, 0.5]], "t": t}).passes
    ...     is_index(passes, passes.tape.steps[0], 1)
    True
    False
    """
    if position != step.op.classes:
        return False
    values = passes.values
    return shape_of(values[step.operands[position]]) != shape_of(values[step.operands[1 - position]])


def class_indices(passes: Passes) -> frozenset[int]:
    """Return the nodes that are used as class indices alone.

    >>> from graphgrad import parse
    >>> class_indices(parse("cross_entropy(p, t)").backprop({"p": [[0.5, 0.5]], "t": [1]}).passes)
    frozenset({1})
    """
    if not passes.arrays:
        return frozenset()
    indices, others = set[int](), set[int]()
    for step in passes.tape.steps:
        for position, operand in enumerate(step.operands):
            (indices if is_index(passes, step, position) else others).add(operand)
    return frozenset(indices - others)
