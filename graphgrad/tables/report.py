"""Report what came of a formula over a table: what was met in its rows, the check, and what drives the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.notebook import Block, Shown
from graphgrad.base.public import public
from graphgrad.check.report import Report
from graphgrad.namespaces.display import short
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.tables.blame_points import BlamedRow
    from graphgrad.tables.summary import Summary

__all__ = ["TableReport", "WrongTexts"]


@public
class WrongTexts(NamedTuple):
    """The texts in a column that are no numbers: in how many rows, the first of them (from 1), and its text.

    >>> WrongTexts(rows=2, first=3, example="n/a").example
    'n/a'
    """

    rows: int
    first: int
    example: str


MAX_QUOTED: Final = 40
"""The most characters that are quoted of a text that is no number."""


@public
@dataclass(frozen=True, slots=True)
class TableReport(Shown):
    """What came of a formula over a table; `bool()` is whether the check found no fault, `str()` says it in words.

    Attributes:
        rows: how many rows were read.
        left_out: how many of them the condition left out.
        without: how many of the rest have no result, because of a null or a text that is no number.
        nulls: how many nulls each column of the formula has in rows that were not left out.
        wrong: the texts that are no numbers, by column; errors that are negative are there, too.
        not_finite: how many rows have a value or a partial that is nan or infinite.
        blame: the first of those, with what is to blame.
        checked: how many rows were checked.
        check: the report on them.
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
    wrong: Mapping[str, WrongTexts] = field(default_factory=dict)
    not_finite: int = 0
    blame: tuple[BlamedRow, ...] = ()
    checked: int = 0
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
        blocks = [
            "\n".join(self._numbers()),
            "\n".join([*self._met(), *self.notes, self._checked()]),
            "" if self.summary is None else str(self.summary),
        ]
        return "\n\n".join(filter(None, blocks))

    def _numbers(self) -> list[str]:
        numbers = [] if self.value is None else [f"value = {short(self.value)}"]
        return numbers + [f"∂/∂{written(name)} = {short(partial)}" for name, partial in self.grad.items()]

    def _plain(self) -> str:
        return str(self)

    def _blocks_(self) -> list[Block]:
        summary = [] if self.summary is None else self.summary._blocks_()
        check = self.check._blocks_() if self.check.rows else ["not checked"]
        return [*self._numbers(), *self._met(), *self.notes, *check, *summary]

    def _checked(self) -> str:
        text = str(self.check)
        if not self.check.rows:
            return "not checked"
        return f"{_rows(self.checked)} {text}" if text.startswith("checked") else text

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
            f"  {name} is no number in {_rows(found.rows)}, first in row {found.first}: {_quoted(found.example)}"
            for name, found in self.wrong.items()
        ]
        return lines + [f"  {row}" for row in self.blame]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, without the check; rows are numbered from 1 on.

        >>> TableReport(rows=20).as_dict()["rows"]
        20
        """
        answer: dict[str, Any] = {} if self.value is None else {"value": self.value, "grad": dict(self.grad)}
        first = [
            {"row": row.row, "inputs": row.inputs, "blame": [blame.as_dict() for blame in row.blame]}
            for row in self.blame
        ]
        return answer | {
            "rows": self.rows,
            "left_out": self.left_out,
            "without": self.without,
            "nulls": dict(self.nulls),
            "wrong": {name: found._asdict() for name, found in self.wrong.items()},
            "not_finite": {"rows": self.not_finite, "first": first},
            "checked": self.checked,
            "notes": list(self.notes),
            "summary": None if self.summary is None else self.summary.as_dict(),
        }


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…")
