"""Count what is reported about rows; tallies of consecutive parts of a table add up to that of the whole."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.tables.moments import Moments
from graphgrad.tables.reductions import State, read_state

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIRST", "Finding", "Point", "Results", "Sample", "Tally"]

FIRST: Final = 5
"""How many rows with a result that is not finite are named."""


class Finding(NamedTuple):
    """What is wrong in a column: in how many rows, the first of them (from 0), and what stands there."""

    rows: int
    row: int
    example: str


class Point(NamedTuple):
    """A row (from 0), the formula that it was computed by (0, or the number of an aggregate), and its inputs."""

    row: int
    formula: int
    inputs: dict[str, float]


class Results(NamedTuple):
    """The value of each row and its partials, by a formula (0, or the number of an aggregate)."""

    value: Any
    partials: Mapping[str, Any]
    formula: int = 0


class Sample(NamedTuple):
    """A row for the check, with its results; of many, those with the smallest `key` are kept."""

    key: float
    row: int
    formula: int
    inputs: dict[str, float]
    value: float
    partials: dict[str, float]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was met in some rows, which are numbered from 0 on.

    Attributes:
        rows: how many rows were read.
        columns: the inputs of the formula that are columns; the others are constants.
        left_out: how many of them the condition left out.
        without: how many of the rest have a null or a text that is no number, and so no result.
        nulls: how many nulls each column has in rows that were not left out.
        wrong: the texts that are no numbers, and the errors that are negative, by column.
        not_finite: how many rows have a value or a partial that is nan or infinite.
        first: the first of them.
        most_samples: how many samples are kept.
        samples: rows for the check.
        moments: the moments of the columns, for a summary.
        states: the sums and extremes of each aggregate.

    >>> (Tally(rows=2, nulls={"n": 1}) + Tally(rows=3, nulls={"n": 1, "m": 1})).nulls
    {'n': 2, 'm': 1}
    """

    rows: int = 0
    columns: tuple[str, ...] = ()
    left_out: int = 0
    without: int = 0
    nulls: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[str, Finding] = field(default_factory=dict)
    not_finite: int = 0
    first: tuple[Point, ...] = ()
    most_samples: int = 0
    samples: tuple[Sample, ...] = ()
    moments: Moments | None = None
    states: tuple[State, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of these rows and those after them, whose numbers are shifted."""
        by = self.rows
        later = {name: found._replace(row=found.row + by) for name, found in other.wrong.items()}
        most = max(self.most_samples, other.most_samples)
        samples = chain(self.samples, (sample._replace(row=sample.row + by) for sample in other.samples))
        return Tally(
            rows=self.rows + other.rows,
            columns=self.columns or other.columns,
            left_out=self.left_out + other.left_out,
            without=self.without + other.without,
            nulls={name: self.nulls.get(name, 0) + other.nulls.get(name, 0) for name in {**self.nulls, **other.nulls}},
            wrong={name: _both(self.wrong.get(name), later.get(name)) for name in {**self.wrong, **later}},
            not_finite=self.not_finite + other.not_finite,
            first=(*self.first, *(point._replace(row=point.row + by) for point in other.first))[:FIRST],
            most_samples=most,
            samples=tuple(sorted(samples, key=lambda sample: sample[:3])[:most]),
            moments=_sum(self.moments, other.moments),
            states=_sums(self.states, other.states),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as plain data for JSON; what is not finite becomes a text.

        >>> Tally(rows=2).as_dict()["rows"]
        2
        """
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Tally:
        """Return the tally that `as_dict` gave.

        >>> tally = Tally(rows=2, first=(Point(1, 0, {"x": math.inf}),))
        >>> Tally.from_dict(tally.as_dict()) == tally
        True
        """
        fields = {name: _read(value) for name, value in data.items()}
        fields["wrong"] = {name: Finding(*found) for name, found in data["wrong"].items()}
        fields["columns"] = tuple(data["columns"])
        fields["first"] = tuple(Point(*point) for point in fields["first"])
        fields["samples"] = tuple(Sample(*sample) for sample in fields["samples"])
        fields["moments"] = None if fields["moments"] is None else Moments.read(fields["moments"])
        fields["states"] = tuple(map(read_state, fields["states"]))
        return cls(**fields)


def _both(a: Finding | None, b: Finding | None) -> Finding:
    found = [x for x in (a, b) if x]
    return found[0]._replace(rows=sum(x.rows for x in found))


def _sum(a: Moments | None, b: Moments | None) -> Moments | None:
    return a + b if a and b else a or b


def _sums(a: tuple[State, ...], b: tuple[State, ...]) -> tuple[State, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True)) if a and b else a or b


NOT_FINITE: Final = {"nan", "inf", "-inf"}


def _plain(data: Any) -> Any:
    """Return nested data with lists for tuples, and texts for what is not finite."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


def _read(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _read(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_read(value) for value in data]
    return float(data) if isinstance(data, str) and data in NOT_FINITE else data
