"""Find decisions that rounding may have changed: operands within their error of a jump or a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import JUDGED, node_bounds
from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

UNDERFLOW: Final = 4 * JUDGED
"""The multiple of the smallest number up to which an error is no more than an underflow, such as that of a zero."""

__all__ = ["jumps_in_doubt"]


def jumps_in_doubt(passes: Passes) -> Iterator[int]:
    """Yield the nodes whose value or local derivatives jump within the error of an operand, where values are numbers.

    An operand without an error, such as an input at the very kink, leaves no doubt.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> graph = build("floor(x) + floor(x*3)", parse("floor(x) + floor(x*3)"))
    >>> [graph.source[slice(*graph.spans[node])] for node in jumps_in_doubt(backprop(graph, {"x": 0.1 * 10 / 3}))]
    ['floor(x*3)']
    """
    steps = [step for step in passes.tape.steps if step.op.kink or step.op.flat or step.op.chooses]
    if passes.arrays or not steps:
        return
    errors = node_bounds(passes)
    yield from (step.target for step in steps if _may_jump(passes, step, errors))


def _may_jump(passes: Passes, step: Step, errors: Mapping[int, Any]) -> bool:
    if isinstance(passes.values[step.target], Fault):
        return False
    xs = [passes.values[i] for i in step.operands]
    here = _decision(passes, step, xs)
    for position, register in enumerate(step.operands[:1] if step.op.chooses else step.operands):
        error = JUDGED * errors.get(register, 0)
        if error > UNDERFLOW * passes.kind.smallest and not isinstance(xs[position], Fault):
            beside = [
                _decision(passes, step, [*xs[:position], moved, *xs[position + 1 :]])
                for moved in (xs[position] - error, xs[position] + error)
            ]
            if beside != [here, here]:
                return True
    return False


def _decision(passes: Passes, step: Step, xs: Sequence[Any]) -> Any:
    """Return what jumps: the branch taken, the value, the local derivatives to three digits; None without a value."""
    m = passes.namespace
    if step.op.chooses:
        return bool(xs[0])
    z = m.value(step.op, xs)
    if step.op.flat or isinstance(z, Fault):
        return None if isinstance(z, Fault) else z
    partials = [m.partial(step.op, position, z, xs) for position in range(len(xs))]
    return [None if isinstance(d, Fault) else f"{float(d):.3g}" for d in partials]
