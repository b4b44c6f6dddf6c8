"""The standard deviations of inputs: a number, a percentage of the input, or a formula of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from graphgrad.backprop.refuse_arrays import refuse_array_operations
from graphgrad.backprop.written_amounts import PLUS_MINUS, written_amount
from graphgrad.base.errors import GraphgradError
from graphgrad.graph.builder import build
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData

__all__ = ["OTHERS", "Deviation", "deviation"]


OTHERS: Final = "compute it first, and give it a name in the formula and, by --at, its value"
"""What to do about a number of other rows."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """An input's standard deviation: `amount`, in percent of the input or not, or a formula of columns, `graph`."""

    amount: float = 0.0
    in_percent: bool = False
    graph: GraphData | None = None

    def of(self, x: Any) -> Any:
        """Return the deviation of an input's values; not for a formula.

        >>> Deviation(5.0, in_percent=True).of(np.array([-20.0]))
        array([1.])
        """
        return self.amount / 100 * np.abs(x) if self.in_percent else self.amount


def deviation(written: Any, of: str) -> Deviation:
    """Read a standard deviation of `of`: 2, "±2", "±5%", or "±s", "0.1*s" with a column s.

    Raises `GraphgradError` for a negative or infinite one, and `ExpressionError` for what is no formula.

    >>> deviation("±5%", "n")
    Deviation(amount=5.0, in_percent=True, graph=None)
    >>> deviation("σ_m", "m").graph.inputs
    ('σ_m',)
    """
    if isinstance(written, str):
        text = written.strip()
        text = text.removeprefix(next((mark for mark in PLUS_MINUS if text.startswith(mark)), "")).strip()
        is_share = text.endswith("%")
        graph = build(text, parse(text)) if text and not is_share else None
        if graph is not None and graph.inputs:
            refuse_array_operations(graph, "an error is one of its own row, and {} is not", OTHERS)
            return Deviation(graph=graph)
    amount, in_percent = written_amount(written, of, FLOATS)
    if not 0 <= amount < float("inf"):
        raise GraphgradError(f"{of}: an error of {written} is none", hint="a standard deviation is not negative")
    return Deviation(float(amount), in_percent)
