"""Read the columns that the formulas of a task need from a batch, row by row the same for all of them."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.function import compiled
from graphgrad.tables.names import Names, names_of, refuse_unknown_constants
from graphgrad.tables.numbers import reader_of
from graphgrad.tables.tally import Finding, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.tables.task import Task

__all__ = ["NOT_STRICT", "ColumnReader", "Rows"]


NOT_STRICT: Final = "without --strict, in Python strict=True,"
"""How a hint begins that says what happens otherwise."""


class Rows(NamedTuple):
    """The rows of a batch that the condition leaves, as numbers.

    Attributes:
        batch: those rows.
        positions: their positions in the batch that was read; None where no row was left out.
        values: the inputs of the formula, arrays or constants.
        missing: a mask of the rows without a result; None where all have one.
        sigmas: the standard deviations of inputs, arrays or numbers.
        unsure: a mask of the rows without an error of the value; None where all have one.
        tally: what was met so far.
    """

    batch: pa.RecordBatch
    positions: Any
    values: dict[str, Any]
    missing: Any
    sigmas: dict[str, Any]
    unsure: Any
    tally: Tally

    def number(self, row: int) -> int:
        """Return the position in the batch that was read of one of these rows."""
        return int(row if self.positions is None else self.positions[row])


class _Findings:
    """What is missing in the columns of one batch, as it is found."""

    def __init__(self, *, strict: bool, start: int) -> None:
        self.strict, self.start = strict, start
        self.nulls: dict[str, int] = {}
        self.wrong: dict[str, Finding] = {}

    def add(self, name: str, missing: Any, wrong: Any, texts: Any, positions: Any) -> None:
        """Note the missing numbers of a column; `texts(row)` says what stands there instead.

        Raises `GraphgradError` where every row must have a number.
        """
        nulls = missing if wrong is None else missing & ~wrong
        number = int if positions is None else positions.__getitem__
        if self.strict:
            row = int(np.argmax(missing))
            what = "null" if nulls[row] else f"{texts(row)!r}, which is no number"
            message = f"row {self.start + number(row) + 1}: the column '{name}' is {what}"
            raise GraphgradError(message, hint=f"{NOT_STRICT} such a row is counted, and gets null results")
        if wrong is not None:
            row = int(np.argmax(wrong))
            self.wrong[name] = Finding(int(np.count_nonzero(wrong)), int(number(row)), texts(row))
        if count := int(np.count_nonzero(nulls)):
            self.nulls[name] = count


class ColumnReader:
    """Reads the columns of a task's formulas, where the condition holds.

    Attributes:
        names: the columns and constants of the formula.
        needed: all columns that are read.
    """

    def __init__(self, task: Task, schema: pa.Schema) -> None:
        """Bind the names of a task's formulas to a table's columns.

        Raises `UnknownNameError` for a name that is neither column nor constant, and `GraphgradError` for a column that
        holds no numbers.
        """
        self.task = task
        formulas = {name: d.graph for name, d in task.errors.items() if d.graph is not None}
        conditions = [] if task.where is None else [task.where]
        refuse_unknown_constants(task, [task.graph, *conditions, *formulas.values()])
        self.names = names_of(task.graph, task, schema)
        self.condition = None if task.where is None else _Formula(task.where, names_of(task.where, task, schema))
        self.deviations = {name: _Formula(graph, names_of(graph, task, schema)) for name, graph in formulas.items()}
        others = [self.condition, *self.deviations.values()]
        columns = dict.fromkeys([*self.names.columns, *(c for f in others if f for c in f.names.columns)])
        self.needed = tuple(columns)
        self.readers = {name: reader_of(name, schema.field(name).type) for name in columns}

    def __call__(self, batch: pa.RecordBatch, start: int) -> Rows:
        """Return the rows of a batch whose first one has the number `start`.

        Raises `GraphgradError` for a missing number where the task is strict.
        """
        count = batch.num_rows
        found = _Findings(strict=self.task.strict, start=start)
        batch, positions = self._chosen(batch, found)
        columns = self.names.columns
        read = self._read(batch, columns, found, positions)
        missing = _any([read[name][1] for name in columns])
        constants = self.names.constants
        values = {name: read[name][0] if name in read else constants[name] for name in self.task.graph.inputs}
        sigmas, unsure = self._sigmas(batch, values, read, found, positions) if self.task.errors else ({}, None)
        without = 0 if missing is None else int(np.count_nonzero(missing))
        left_out = count - batch.num_rows
        tally = Tally(count, columns, left_out, without, found.nulls, found.wrong, most_samples=self.task.samples)
        return Rows(batch, positions, values, missing, sigmas, _any([missing, unsure]), tally)

    def _chosen(self, batch: pa.RecordBatch, found: _Findings) -> tuple[pa.RecordBatch, Any]:
        """Return the rows where the condition holds, and their positions; a null leaves the row out, as in SQL."""
        if self.condition is None:
            return batch, None
        names = self.condition.names.columns
        numbers = {name: self.readers[name](batch.column(name)) for name in names}
        for name, (_, missing, wrong) in numbers.items():
            if wrong is not None:
                texts = batch.column(name)
                found.add(name, missing & wrong, wrong, lambda row, texts=texts: str(texts[row]), None)
        value = self.condition({name: x.values for name, x in numbers.items()}, batch.num_rows)
        holds = (value != 0) & (value == value)  # noqa: PLR0124  nan does not hold
        missing = _any([x.missing for x in numbers.values()])
        holds = holds if missing is None else holds & ~missing
        if holds.all():
            return batch, None
        return batch.filter(pa.array(holds)), np.flatnonzero(holds)

    def _read(
        self, batch: pa.RecordBatch, names: Sequence[str], found: _Findings, positions: Any
    ) -> dict[str, tuple[Any, Any]]:
        """Return the values of columns with a mask of the missing ones, and note those."""
        read = {}
        for name in names:
            column = batch.column(name)
            values, missing, wrong = self.readers[name](column)
            if missing is not None:
                found.add(name, missing, wrong, lambda row, column=column: str(column[row]), positions)
            read[name] = values, missing
        return read

    def _sigmas(
        self,
        batch: pa.RecordBatch,
        values: dict[str, Any],
        read: dict[str, tuple[Any, Any]],
        found: _Findings,
        positions: Any,
    ) -> tuple[dict[str, Any], Any]:
        """Return the standard deviations of inputs, and a mask of the rows where one is null or negative."""
        names = {name for formula in self.deviations.values() for name in formula.names.columns} - read.keys()
        read = read | self._read(batch, sorted(names), found, positions)
        sigmas, masks = {}, []
        for name, deviation in self.task.errors.items():
            if deviation.graph is None:
                sigmas[name] = deviation.of(values[name])
                continue
            formula = self.deviations[name]
            sigma = formula({column: read[column][0] for column in formula.names.columns}, batch.num_rows)
            masks += [read[column][1] for column in formula.names.columns]
            negative = sigma < 0
            if negative.any():
                found.add(f"error of {name}", negative, negative, lambda row, sigma=sigma: f"{sigma[row]:g}", positions)
                masks.append(negative)
            sigmas[name] = sigma
        return sigmas, _any(masks)


class _Formula:
    """A formula of columns whose value alone is wanted."""

    def __init__(self, graph: Any, names: Names) -> None:
        self.names, self.function = names, compiled(graph, ())

    def __call__(self, columns: dict[str, Any], count: int) -> Any:
        """Return the value of each of so many rows."""
        value, _ = self.function(**self.names.constants, **columns)
        return np.broadcast_to(value, count)


def _any(masks: Sequence[Any]) -> Any:
    """Return the union of masks; None stands for an empty one."""
    given = [mask for mask in masks if mask is not None]
    return reduce(np.logical_or, given) if given else None
