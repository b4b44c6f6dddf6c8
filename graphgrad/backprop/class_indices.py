"""Find the operands that hold class indices: an operation picks rows by them, and there is no derivative by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.namespaces.array_values import shape_of
from graphgrad.ops.array_domains import Places

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["class_indices", "is_index", "stands_for_rows"]


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
    return isinstance(step.op.domain(position), Places) or stands_for_rows(passes, step, position)


def stands_for_rows(passes: Passes, step: Step, position: int) -> bool:
    """Tell whether an operand holds class indices that stand for rows of 0 and 1, as those of a loss do.

    >>> from graphgrad import parse
    >>> passes = parse("gather(x, i)").backprop({"x": [1.0, 2], "i": [1]}, seed=1).passes
    >>> is_index(passes, passes.tape.steps[0], 1), stands_for_rows(passes, passes.tape.steps[0], 1)
    (True, False)
    """
    values = passes.values
    if position != step.op.classes or isinstance(step.op.domain(position), Places):
        return False
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
