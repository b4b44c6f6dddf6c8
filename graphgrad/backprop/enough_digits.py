"""Run both passes again with more digits until all those that were asked for are right, by the bound of their error.

With 20 digits, `(exp(x) - 1)/x` at 1e-15 loses 15 of the 30 that are computed with, so it is run again:

>>> from graphgrad.backprop.both_passes import backprop
>>> from graphgrad.graph.builder import build
>>> from graphgrad.namespaces.kinds import selected_kind
>>> from graphgrad.text.parser import parse
>>> graph, kind = build("(exp(x) - 1)/x", parse("(exp(x) - 1)/x")), selected_kind({"precision": 20})
>>> passes = backprop(graph, {"x": "1e-15"}, kind=kind)
>>> passes.kind.digits(passes.value)
'1.0000000000000005'
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from graphgrad.backprop.jumps_in_doubt import jumps_in_doubt
from graphgrad.backprop.lost_digits import bounded_numbers
from graphgrad.base.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind

__all__ = ["MAX_ENTRIES", "with_enough_digits"]

MAX_ENTRIES: Final = 64
"""The most entries of an array, the smallest ones, whose digits are counted."""


def with_enough_digits(run: Callable[[Kind], Passes], kind: Kind) -> Passes:
    """Return the passes that `run` gives in a kind, or in a finer one of the same precision.

    A value that is undefined may be so by rounding alone, such as 1/(1 - cos(x)) near 0: it is tried with the most
    digits. Raises what `run` raises.
    """
    try:
        passes = run(kind)
    except DomainError as error:
        finest = kind.finest
        if error.passes is None or finest is None:
            raise
        with suppress(DomainError):
            return run(finest)
        raise
    with suppress(DomainError):
        while finer := passes.kind.finer(_worst(passes)):
            passes = run(finer)
    return passes


def _worst(passes: Passes) -> float:
    """Return the largest relative error of the value and the derivatives, as a decimal logarithm."""
    if next(jumps_in_doubt(passes), None) is not None:
        return math.inf
    return max((each.relative for each in bounded_numbers(passes, MAX_ENTRIES)), default=-math.inf)
