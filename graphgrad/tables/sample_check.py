"""Check the results in a sample of rows against the interpreter and sympy."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from graphgrad.check.levels import check
from graphgrad.check.report import Report, Row
from graphgrad.compile.self_check import check_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.doubts import Doubt
    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData
    from graphgrad.tables.tally import Sample

__all__ = ["check_samples"]


def check_samples(formulas: Sequence[GraphData], samples: Sequence[Sample], whole: Passes | None = None) -> Report:
    """Return a report on rows with their results, as they were written; rows are numbered from 1 on.

    `formulas` are those that the samples name by their numbers; `whole` are the passes from the aggregates of a table
    to its value.

    >>> from graphgrad import parse
    >>> from graphgrad.tables.tally import Sample
    >>> sample = Sample(0.0, 6, 0, {"x": 3.0, "y": 5.0}, 15.0, {"x": 5.0, "y": 4.0})
    >>> str(check_samples([parse("x*y").data], [sample]).failures[0]).partition(",")[0]
    'failed: row 7: ∂/∂y = 4'
    """
    rows: list[Row] = []
    doubts: list[Doubt] = []
    whole = whole if samples else None
    ordered = sorted(samples, key=lambda sample: (sample.formula, sample.row))
    for formula, group in groupby(ordered, key=lambda sample: sample.formula):
        graph, of_one = formulas[formula], list(group)
        if not graph.steps and not of_one[0].partials:
            continue  # a column as it is
        report = _checked(graph, of_one)
        rows += report.rows
        doubts += report.doubts
    if whole is not None:
        report = check(whole)
        rows += report.rows
        doubts += report.doubts
    return Report(tuple(rows), tuple(doubts))


def _checked(graph: GraphData, samples: Sequence[Sample]) -> Report:
    columns = {name: np.array([sample.inputs[name] for sample in samples]) for name in graph.inputs}
    value = np.array([sample.value for sample in samples])
    partials = {name: np.array([sample.partials[name] for sample in samples]) for name in samples[0].partials}

    def written(**_columns: Any) -> tuple[Any, Any]:
        """Give the numbers that were written, in place of the compiled function."""
        return value, partials

    return check_rows(graph, written, columns, len(samples), [sample.row + 1 for sample in samples])
