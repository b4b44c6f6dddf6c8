"""Find decisions that rounding may have changed: operands within their error of a jump or a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.backprop.error_bound import JUDGED, node_bounds
from graphgrad.backprop.turning_steps import may_turn, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.backprop.passes import Passes

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
    steps = [step for step in passes.tape.steps if may_turn(step)]
    if passes.arrays or not steps:
        return
    least = UNDERFLOW * passes.kind.smallest
    errors = {node: error for node, error in node_bounds(passes).items() if JUDGED * error > least}
    yield from (step.target for step in steps if turns(passes, step, errors))
