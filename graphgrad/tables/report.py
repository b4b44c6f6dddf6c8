"""Report what came of a formula over a table: what was met in its rows, the check, and what drives the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.public import public
from graphgrad.check.report import Report
from graphgrad.compile.function import compiled
from graphgrad.namespaces.display import short
from graphgrad.tables.aggregates import Aggregates
from graphgrad.tables.blame_points import BlamedRow, blamed
from graphgrad.tables.sample_check import check_samples
from graphgrad.tables.summary import Summary, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.tables.tally import Finding, Tally
    from graphgrad.tables.task import Task

__all__ = ["TableReport", "report_of"]

MAX_QUOTED: Final = 40
"""The most characters that are quoted of a text that is no number."""


@public
@dataclass(frozen=True, slots=True)
class TableReport:
    """What came of a formula over a table; `bool()` is whether the check found no fault, `str()` says it in words.

    Attributes:
        rows: how many rows were read.
        left_out: how many of them the condition left out.
        without: how many of the rest have no result, because of a null or a text that is no number.
        nulls: how many nulls each column of the formula has in rows that were not left out.
        wrong: for each column with texts that are no numbers, in how many rows, the first of them (from 0), and its
            text; errors that are negative are there, too.
        not_finite: how many rows have a value or a partial that is nan or infinite.
        blame: the first of those, with what is to blame.
        check: the check of a sample of rows; without rows where nothing was checked.
        summary: what drives the value, where it was asked for.
        value: the value of a formula with sums over the rows; None where each row has its own.
        grad: its derivatives by constants.
        notes: what else is to be said, such as that a column went before a default.

    >>> report = TableReport(rows=20, nulls={"n": 1}, without=1)
    >>> print(report)
    20 rows, 1 without a result
      n is null in 1 row
    not checked
    """

    rows: int
    left_out: int = 0
    without: int = 0
    nulls: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[str, Finding] = field(default_factory=dict)
    not_finite: int = 0
    blame: tuple[BlamedRow, ...] = ()
    check: Report = field(default_factory=lambda: Report(()))
    summary: Summary | None = None
    value: float | None = None
    grad: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the check found no fault."""
        return not self.check.failures

    def __str__(self) -> str:
        """Return the report as text."""
        checked = str(self.check) if self.check.rows else "not checked"
        numbers = [] if self.value is None else [f"value = {short(self.value)}"]
        numbers += [f"∂/∂{name} = {short(partial)}" for name, partial in self.grad.items()]
        blocks = [
            "\n".join(numbers),
            "\n".join([*self._met(), *self.notes, checked]),
            "" if self.summary is None else str(self.summary),
        ]
        return "\n\n".join(filter(None, blocks))

    def _met(self) -> list[str]:
        """Return the lines on the rows."""
        parts = [
            f"{self.left_out} left out by the condition" if self.left_out else "",
            f"{self.without} without a result" if self.without else "",
            f"{self.not_finite} with a result that is not finite" if self.not_finite else "",
        ]
        lines = [", ".join([_rows(self.rows), *filter(None, parts)])]
        lines += [f"  {name} is null in {_rows(count)}" for name, count in self.nulls.items()]
        lines += [
            f"  {name} is no number in {_rows(found.rows)}, first in row {found.row + 1}: {_quoted(found.example)}"
            for name, found in self.wrong.items()
        ]
        return lines + [f"  {row}" for row in self.blame]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, without the check; rows are numbered from 1 on.

        >>> TableReport(rows=20).as_dict()["rows"]
        20
        """
        answer: dict[str, Any] = {} if self.value is None else {"value": self.value, "grad": dict(self.grad)}
        wrong = {
            name: {"rows": found.rows, "first": found.row + 1, "example": found.example}
            for name, found in self.wrong.items()
        }
        first = [
            {"row": row.row, "inputs": row.inputs, "blame": [blame.as_dict() for blame in row.blame]}
            for row in self.blame
        ]
        return answer | {
            "rows": self.rows,
            "left_out": self.left_out,
            "without": self.without,
            "nulls": dict(self.nulls),
            "wrong": wrong,
            "not_finite": {"rows": self.not_finite, "first": first},
            "notes": list(self.notes),
            "summary": None if self.summary is None else self.summary.as_dict(),
        }


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…")


def report_of(task: Task, tally: Tally) -> TableReport:
    """Return the report on a table whose rows gave this tally.

    Raises `GraphgradError` where a formula with sums over the rows has no value.
    """
    graph = task.graph
    met = {key: getattr(tally, key) for key in ("rows", "left_out", "without", "nulls", "wrong", "not_finite")}
    twice = [name for name in tally.columns if name in graph.defaults]
    notes = tuple(f"{name} is the table's column, not the formula's default" for name in twice)
    if not task.is_aggregate:
        return TableReport(
            **met,
            blame=blamed([compiled(graph, task.wrt)], tally.first),
            check=check_samples([graph], tally.samples),
            summary=None if tally.moments is None else summary_of(tally.moments),
            notes=notes,
        )
    known = {*task.constants, *graph.defaults}
    aggregates = Aggregates(task, tally.columns or [name for name in graph.inputs if name not in known])
    answer = aggregates.answer(tally.states)
    return TableReport(
        **met,
        blame=blamed(aggregates.functions, tally.first),
        check=check_samples([part.graph for part in aggregates.parts], tally.samples, answer.passes),
        value=answer.value,
        grad=answer.grad,
        notes=notes,
    )
