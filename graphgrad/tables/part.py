"""Compute one file of many, and add up what was met in their rows."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError
from graphgrad.tables.bound import bound
from graphgrad.tables.formats import format_of
from graphgrad.tables.one_file import map_rows, workers_for
from graphgrad.tables.read import open_source
from graphgrad.tables.source import StartAgain
from graphgrad.tables.storage import open_for_reading, place_to_write
from graphgrad.tables.tally import Tally
from graphgrad.tables.write import open_sink

if TYPE_CHECKING:
    import pyarrow as pa

    from graphgrad.tables.aggregates import AggregateFunction
    from graphgrad.tables.find_parts import Part
    from graphgrad.tables.manifest import Plan
    from graphgrad.tables.rows import RowFunction
    from graphgrad.tables.storage import Store

__all__ = ["Outcome", "merged", "run_part"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some files.

    Attributes:
        tally: what was met in their rows.
        places: for each row of `tally.first` the file, and the row's number in it.
        files: how many are finished.
        kept: how many of them were finished before this run.

    >>> both = Outcome(Tally(rows=2), files=1) + Outcome(Tally(rows=3), files=1, kept=1)
    >>> both.tally.rows, both.files, both.kept
    (5, 2, 1)
    """

    tally: Tally = field(default_factory=Tally)
    places: tuple[tuple[str, int], ...] = ()
    files: int = 0
    kept: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many files are done and were kept; nothing where it is one.

        >>> Outcome(files=20, kept=7).counts, Outcome(files=1).counts
        ({'files': 20, 'kept': 7}, {})
        """
        return {"files": self.files, "kept": self.kept} if self.files > 1 or self.kept else {}

    @property
    def files_told(self) -> str:
        """How many files were written and kept, as an end of a sentence; empty where it is one.

        >>> Outcome(files=20, kept=7).files_told, Outcome(files=1).files_told
        (': 20 files, 7 by an earlier run', '')
        """
        kept = f", {self.kept} by an earlier run" if self.kept else ""
        return f": {self.files} file{'s' * (self.files != 1)}{kept}" if self.files > 1 or kept else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that say in which files the rows are that a report names.

        >>> from graphgrad.tables.tally import Point
        >>> there = Outcome(Tally(rows=2, first=(Point(1, 0, {}),)), (("b.parquet", 1),), files=1)
        >>> (Outcome(Tally(rows=10), files=1) + there).notes
        ('row 12 is row 2 of b.parquet',)
        """
        rows = (point.row + 1 for point in self.tally.first)
        return tuple(
            f"row {row} is row {within + 1} of {name}" for row, (name, within) in zip(rows, self.places, strict=False)
        )

    def __add__(self, other: Outcome) -> Outcome:
        """Return the outcome of these files and those after them."""
        tally = self.tally + other.tally
        places = (*self.places, *other.places)[: len(tally.first)]
        return Outcome(tally, places, self.files + other.files, self.kept + other.kept)


def merged(*outcomes: Outcome) -> Outcome:
    """Return the outcome of consecutive parts: one node of the tree in which they are added up."""
    return sum(outcomes, Outcome())


def run_part(plan: Plan, part: Part, workers: int | None = None) -> Outcome:
    """Compute a part and write its file, unless it is finished.

    Done twice, at once or one after the other, it gives the same. `workers` batches are computed at a time, about
    as many as there are cores if None.

    Raises `GraphgradError` for what a user can cause, `FileError` for a file that cannot be read or written.
    """
    plan.check_version()
    finished = plan.finished(part) if plan.out else None
    if finished is not None:
        tally, by_this_run = finished
        return _outcome(part, tally, kept=not by_this_run)
    source = plan.source / part.name
    target = plan.target / part.name if plan.out else None
    try:
        tally = _compute(plan, source, target, workers)
    except MemoryError as error:
        raise GraphgradError(f"too little memory for {source.url!r}") from error
    if target:
        plan.finish(part, tally)
    return _outcome(part, tally, kept=False)


def _outcome(part: Part, tally: Tally, *, kept: bool) -> Outcome:
    return Outcome(tally, tuple((part.name, point.row) for point in tally.first), 1, int(kept))


def _compute(plan: Plan, source: Store, target: Store | None, workers: int | None) -> Tally:
    workers = workers or workers_for(target.url if target else None)
    as_text = target is not None and format_of(target.url).is_text
    with ExitStack() as opened:
        file = None if source.is_local else opened.enter_context(open_for_reading(source))
        table = opened.enter_context(closing(open_source(source.url, file, as_text=as_text)))
        while True:
            function = _function(plan, table.schema)
            try:
                with ExitStack() as written:
                    sink = None
                    if target is not None and function.schema is not None:
                        path, output = written.enter_context(place_to_write(target, plan.unfinished))
                        whole = open_sink(path, function.schema, table, force=True, file=output)
                        sink = written.enter_context(whole)
                    return map_rows(function, table, sink, workers=workers)
            except StartAgain:
                continue


@lru_cache(maxsize=8)
def _function(plan: Plan, schema: pa.Schema) -> RowFunction | AggregateFunction:
    """Return the task's function of the rows of tables with these columns, compiled once in a process."""
    return bound(plan.task, schema)
