"""Compute the new columns of a batch of rows."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.row_errors import propagated
from graphgrad.compile.function import compiled
from graphgrad.tables.blame_points import blamed
from graphgrad.tables.columns import NOT_STRICT, ColumnReader
from graphgrad.tables.moments import moments_of
from graphgrad.tables.names import kept_columns
from graphgrad.tables.tally import FIRST, Point, Results, Sample, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.compile.protocol import Compiled
    from graphgrad.tables.columns import Rows
    from graphgrad.tables.task import Task

__all__ = ["RowFunction", "beyond_of", "not_finite", "samples_of"]

FIRST_SAMPLES: Final = 3
"""How many samples are the first rows of the table; the others are spread over it."""


class RowFunction:
    """A task bound to the columns of a table: a function from a batch to the batch that is written, and its tally.

    Threads may call it at the same time.

    Attributes:
        schema: the columns of the result.
        needed: the columns of the table that are read.

    >>> from graphgrad import parse
    >>> from graphgrad.tables.task import Task
    >>> batch = pa.record_batch({"x": [3.0, None], "y": ["4", "5"]})
    >>> result, tally = RowFunction(Task(parse("x*y").data), batch.schema)(batch)
    >>> result.to_pydict()
    {'x': [3.0, None], 'y': ['4', '5'], 'value': [12.0, None], '∂x': [4.0, None], '∂y': [3.0, None]}
    >>> tally.nulls
    {'x': 1}
    """

    def __init__(self, task: Task, schema: pa.Schema) -> None:
        """Bind a task to a table's columns.

        Raises `UnknownNameError` where the table lacks one, and `GraphgradError` for a column that holds no numbers and
        for a new column with the name of another one.
        """
        self.task = task
        self.wrt = choose_wrt(task.graph, task.wrt)
        choose_wrt(task.graph, task.errors)
        self.read = ColumnReader(task, schema)
        self.function = compiled(task.graph, tuple(dict.fromkeys([*self.wrt, *task.errors])))
        partials = [f"{task.partial_prefix}{name}" for name in self.wrt]
        new = [task.value_name, *([task.error_name] if task.errors else []), *partials]
        self.kept = kept_columns(task, schema, new)
        wanted = {*self.kept, *self.read.needed}
        self.needed = [name for name in schema.names if name in wanted]
        fields = [*map(schema.field, self.kept)] if task.keep is not None else [*schema]
        self.schema = pa.schema([*fields, *(pa.field(name, pa.float64()) for name in new)], schema.metadata)

    def __call__(self, batch: pa.RecordBatch, start: int = 0) -> tuple[pa.RecordBatch, Tally]:
        """Return the rows to be written, and what is to be reported; `start` is the number of the first row.

        Raises `GraphgradError` for a missing number and a result that is not finite where the task is strict.
        """
        rows = self.read(batch, start)
        value, grad = self._results(rows)
        error = None if not self.task.errors else np.broadcast_to(propagated(grad, rows.sigmas)[0], value.shape)
        partials = {name: grad[name] for name in self.wrt}
        results = [value, *([] if error is None else [error]), *partials.values()]
        masks = [rows.missing, *([] if error is None else [rows.unsure]), *(rows.missing for _ in partials)]
        beyond = not_finite(results, masks)
        tally = replace(rows.tally, **self._met(rows, value, grad, beyond, start))
        kept = [rows.batch.column(name) for name in self.kept] if self.task.keep is not None else rows.batch.columns
        new = [pa.array(x, mask=mask) for x, mask in zip(results, masks, strict=True)]
        return pa.RecordBatch.from_arrays([*kept, *new], schema=self.schema), tally

    def _results(self, rows: Rows) -> tuple[Any, dict[str, Any]]:
        count = rows.batch.num_rows
        value, grad = self.function(**rows.values)
        if self.read.names.columns:
            return value, grad
        return np.full(count, value), {name: np.full(count, partial) for name, partial in grad.items()}

    def _met(self, rows: Rows, value: Any, grad: Mapping[str, Any], beyond: Any, start: int) -> dict[str, Any]:
        """Return what the tally says of the results."""
        count, first = beyond_of(self.task, rows, (0, self.function), beyond, start)
        return {
            "not_finite": count,
            "first": first,
            "samples": samples_of(self.task, rows, Results(value, grad), beyond, start),
            "moments": self._moments(rows, value, grad, beyond) if self.task.summary else None,
        }

    def _moments(self, rows: Rows, value: Any, grad: Mapping[str, Any], beyond: Any) -> Any:
        """Return the moments of the rows with finite results."""
        out = [mask for mask in (rows.missing, beyond) if mask is not None]
        inputs = {name: rows.values[name] for name in grad}
        if not out:
            return moments_of(value, grad, inputs, rows.sigmas)
        used = ~np.logical_or.reduce(out)

        def those(x: Any) -> Any:
            return x[used] if np.ndim(x) else x

        return moments_of(
            value[used],
            {name: partial[used] for name, partial in grad.items()},
            {name: those(x) for name, x in inputs.items()},
            {name: those(x) for name, x in rows.sigmas.items()},
        )


def not_finite(results: Sequence[Any], masks: Sequence[Any]) -> Any:
    """Return a mask of the rows with a result that is not finite; None where there is none."""
    beyond = None
    for x, mask in zip(results, masks, strict=True):
        finite = np.isfinite(x)
        if finite.all():
            continue
        odd = ~finite if mask is None else ~(finite | mask)
        beyond = odd if beyond is None else beyond | odd
    return beyond if beyond is not None and beyond.any() else None


def beyond_of(
    task: Task, rows: Rows, formula: tuple[int, Compiled], beyond: Any, start: int
) -> tuple[int, tuple[Point, ...]]:
    """Return how many rows have a result of a formula, by number and function, that is not finite, and the first ones.

    Raises `GraphgradError` for the first one where the task is strict.
    """
    if beyond is None:
        return 0, ()
    number, function = formula
    at = np.flatnonzero(beyond)[:FIRST].tolist()
    first = tuple(Point(rows.number(row), number, _number_at(rows.values, row)) for row in at)
    if task.strict:
        [row] = blamed([function], [first[0]._replace(row=start + first[0].row, formula=0)])
        raise GraphgradError(str(row), hint=f"{NOT_STRICT} such a row is counted, and is written as it is")
    return int(np.count_nonzero(beyond)), first


def _number_at(values: Mapping[str, Any], row: int) -> dict[str, float]:
    """Return the inputs of one row."""
    return {name: float(x[row] if np.ndim(x) else x) for name, x in values.items()}


def samples_of(task: Task, rows: Rows, results: Results, beyond: Any, start: int) -> tuple[Sample, ...]:
    """Return rows for the check: the first ones of the table, and others that are drawn by the number `start` alone.

    Of all rows, those with the smallest keys are kept. The keys of some rows are those that would be the smallest if
    each row had a random one, so that every row of the table is as likely to be kept.
    """
    value, partials, formula = results
    count = len(value)
    draw = random.Random(start)  # noqa: S311  a sample, nothing secret
    keys, key = {}, 0.0
    for i, row in enumerate(draw.sample(range(count), min(task.samples, count))):
        key = 1 - (1 - key) * (1 - draw.random()) ** (1 / (count - i))
        keys[row] = key
    keys |= dict.fromkeys(range(min(FIRST_SAMPLES, task.samples, count)), 0.0) if start == 0 else {}
    out = [mask for mask in (rows.missing, beyond) if mask is not None]
    found = (
        Sample(
            key,
            rows.number(row),
            formula,
            _number_at(rows.values, row),
            float(value[row]),
            {name: float(partial[row]) for name, partial in partials.items()},
        )
        for row, key in sorted(keys.items(), key=lambda item: item[1])
        if not any(mask[row] for mask in out)
    )
    return tuple(islice(found, task.samples))
