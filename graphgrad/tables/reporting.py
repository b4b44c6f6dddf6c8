"""Make the report on a table from what was met in its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install
from graphgrad.compile.function import compiled
from graphgrad.compile.machine_code import has_llvm
from graphgrad.tables.aggregates import Aggregates
from graphgrad.tables.blame_points import blamed
from graphgrad.tables.columns import NOT_STRICT
from graphgrad.tables.report import TableReport, WrongTexts
from graphgrad.tables.sample_check import check_samples
from graphgrad.tables.summary import summary_of

if TYPE_CHECKING:
    from graphgrad.tables.tally import Tally
    from graphgrad.tables.task import Task

__all__ = ["report_of"]


MANY: Final = 1_000_000
"""The rows of a table from which the note on machine code is worth reading."""


def _would_be_faster(rows: int) -> bool:
    return rows >= MANY and not has_llvm()


def report_of(task: Task, tally: Tally, more_notes: tuple[str, ...] = ()) -> TableReport:
    """Return the report on a table whose rows gave this tally; `more_notes` are those on the run.

    Raises `GraphgradError` where a formula with sums over the rows has no value.
    """
    graph = task.graph
    met = {key: getattr(tally, key) for key in ("rows", "left_out", "without", "nulls", "not_finite")}
    met["wrong"] = {name: WrongTexts(found.rows, found.row + 1, found.example) for name, found in tally.wrong.items()}
    twice = [name for name in tally.columns if name in graph.defaults]
    met["checked"] = len({sample.row for sample in tally.samples})
    notes = tuple(f"{name} is the table's column, not the formula's default" for name in twice)
    notes += (f"machine code computes large tables faster: {install('llvm')}",) if _would_be_faster(tally.rows) else ()
    if not task.is_aggregate:
        return TableReport(
            **met,
            blame=blamed([compiled(graph, task.wrt)], tally.first),
            check=check_samples([graph], tally.samples),
            summary=None if tally.moments is None else summary_of(tally.moments),
            notes=(*notes, *more_notes),
        )
    known = {*task.constants, *graph.defaults}
    aggregates = Aggregates(task, tally.columns or [name for name in graph.inputs if name not in known])
    answer = aggregates.answer(tally.states)
    if not tally.not_finite:
        notes += tuple(f"{name}: the sum over the rows overflows" for name in answer.infinite)
        if task.strict and answer.infinite:
            raise GraphgradError(notes[-1], hint=f"{NOT_STRICT} the value is infinite or nan")
    return TableReport(
        **met,
        blame=blamed(aggregates.functions, tally.first),
        check=check_samples([part.graph for part in aggregates.parts], tally.samples, answer.passes),
        value=answer.value,
        grad=answer.grad,
        notes=(*notes, *more_notes),
    )
