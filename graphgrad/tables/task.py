"""Describe what each row of a table gets; a task is pickled and sent to workers as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphgrad.compile.row_analysis import ERROR
from graphgrad.compile.rows import PARTIAL, VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.tables.deviations import Deviation

__all__ = ["Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """What is computed for the rows of a table, and what is kept of them.

    Attributes:
        graph: the formula. Its inputs are columns, except those that `constants` gives.
        wrt: the inputs to differentiate by; None stands for all.
        constants: values for what the table lacks.
        value_name: the column of the value.
        partial_prefix: what stands before an input's name in the name of its column of partials.
        where: a condition: rows where it is 0, nan or null are left out.
        keep: the table's columns that stand before the new ones; None stands for all.
        errors: the standard deviations of inputs, which add a column with that of the value.
        error_name: the column of the value's standard deviation.
        strict: whether a null, a text that is no number, and a result that is not finite are errors.
        summary: whether moments of the columns are collected.
        samples: how many rows are kept for the check, at most.
    """

    graph: GraphData
    wrt: tuple[str, ...] | None = None
    constants: Mapping[str, float] = field(default_factory=dict)
    value_name: str = VALUE
    partial_prefix: str = PARTIAL
    where: GraphData | None = None
    keep: tuple[str, ...] | None = None
    errors: Mapping[str, Deviation] = field(default_factory=dict)
    error_name: str = ERROR
    strict: bool = False
    summary: bool = False
    samples: int = 0

    @property
    def is_aggregate(self) -> bool:
        """Whether the formula gives one number for the whole table.

        >>> from graphgrad import parse
        >>> Task(parse("sum(x)").data).is_aggregate, Task(parse("x").data).is_aggregate
        (True, False)
        """
        return any(step.op.on_arrays for step in self.graph.steps)
