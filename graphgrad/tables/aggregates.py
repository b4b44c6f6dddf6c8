"""Compute a formula of sums, means and extremes over the rows of a table, with its gradient by constants."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.compile.function import compiled
from graphgrad.tables.columns import ColumnReader
from graphgrad.tables.reductions import result, state_of
from graphgrad.tables.rows import RowFunction, beyond_of, not_finite, samples_of
from graphgrad.tables.split import split
from graphgrad.tables.tally import Results

if TYPE_CHECKING:
    import pyarrow as pa

    from graphgrad.backprop.passes import Passes
    from graphgrad.tables.columns import Rows
    from graphgrad.tables.tally import Tally
    from graphgrad.tables.task import Task

__all__ = ["AggregateFunction", "Answer", "bound", "is_aggregate"]


class Answer(NamedTuple):
    """The value of a formula of a whole table and its derivatives; `passes` are those from the aggregates to it."""

    value: float
    grad: dict[str, float]
    passes: Passes | None


def is_aggregate(task: Task) -> bool:
    """Whether the formula gives one number for the whole table.

    >>> from graphgrad import parse
    >>> from graphgrad.tables.task import Task
    >>> is_aggregate(Task(parse("sum(x)").data)), is_aggregate(Task(parse("x").data))
    (True, False)
    """
    return any(step.op.on_arrays for step in task.graph.steps)


def bound(task: Task, schema: pa.Schema) -> RowFunction | AggregateFunction:
    """Return a task as a function of the batches of a table with these columns."""
    return AggregateFunction(task, schema) if is_aggregate(task) else RowFunction(task, schema)


class AggregateFunction:
    """A task with sums over rows, bound to the columns of a table: a function from a batch to its tally.

    Attributes:
        needed: the columns of the table that are read.
        schema: None, as nothing is written for the rows.
        formulas: the formula of one row of each aggregate.

    >>> import pyarrow as pa
    >>> from graphgrad import parse
    >>> from graphgrad.tables.task import Task
    >>> batch = pa.record_batch({"apple": [100, 200], "n": [2, 3]})
    >>> task = Task(parse("sum(apple*n*tax)").data, constants={"tax": 1.5})
    >>> function = AggregateFunction(task, batch.schema)
    >>> function.answer(function(batch)[1])[:2]
    (1200.0, {'tax': 800.0})
    """

    def __init__(self, task: Task, schema: pa.Schema) -> None:
        """Bind a task to a table's columns, and split its formula.

        Raises `UnknownNameError` where the table lacks a column, and `ExpressionError` for what takes more than one
        pass.
        """
        self.task = task
        _refuse_columns(task, schema)
        self.read = ColumnReader(task, schema)
        columns = self.read.names.columns
        self.needed = [name for name in schema.names if name in self.read.needed]
        self.schema: None = None
        self.wrt = tuple(n for n in task.graph.inputs if n not in columns) if task.wrt is None else _wrt(task, columns)
        self.aggregates, self.whole = split(task.graph, columns)
        self.formulas = tuple(aggregate.graph for aggregate in self.aggregates)
        self.functions = [compiled(graph, [n for n in self.wrt if n in graph.nodes]) for graph in self.formulas]

    def __call__(self, batch: pa.RecordBatch, start: int = 0) -> tuple[None, Tally]:
        """Return the tally of some rows; `start` is the number of the first one.

        A row where a column of the formula is null is left out of every aggregate.
        """
        rows = self.read(batch, start)
        if rows.missing is not None:
            rows = _complete(rows)
        found: dict[str, Any] = {"states": (), "samples": (), "not_finite": 0, "first": ()}
        for i in range(len(self.aggregates)):
            part = self._part(i, rows, start)
            found["states"] += part["states"]
            found["samples"] += part["samples"]
            if part["not_finite"] > found["not_finite"]:
                found |= {key: part[key] for key in ("not_finite", "first")}
        return None, replace(rows.tally, **found)

    def _part(self, i: int, rows: Rows, start: int) -> dict[str, Any]:
        """Return what one aggregate adds to the tally."""
        function, graph = self.functions[i], self.formulas[i]
        count = rows.batch.num_rows
        value, grad = function(**{name: rows.values[name] for name in graph.inputs})
        value, partials = np.broadcast_to(value, count), {n: np.broadcast_to(x, count) for n, x in grad.items()}
        results = [value, *partials.values()]
        beyond = not_finite(results, [None] * len(results))
        own = rows._replace(values={name: rows.values[name] for name in graph.inputs})
        not_finite_rows, first = beyond_of(self.task, own, i, beyond, start)
        return {
            "states": (state_of(self.aggregates[i].kind, value, list(partials.values())),),
            "samples": samples_of(self.task, own, Results(value, partials, i), beyond, start),
            "not_finite": not_finite_rows,
            "first": first,
        }

    def answer(self, tally: Tally) -> Answer:
        """Return the value and the gradient of the whole table.

        Raises `GraphgradError` for the mean or an extreme of no rows, and `DomainError` outside the formula's domain.
        """
        constants = self.read.names.constants
        at = {name: constants[name] for name in self.whole.inputs if name in constants}
        inner: dict[str, dict[str, float]] = {}
        empty = state_of_nothing(self)
        states = tally.states or empty
        for aggregate, function, state in zip(self.aggregates, self.functions, states, strict=True):
            number = result(state)
            if number is None:
                raise GraphgradError(f"{aggregate.name}: there is no row to take it of")
            at[aggregate.name] = number[0]
            inner[aggregate.name] = dict(zip(function.wrt, number[1], strict=True))
        if not all(map(math.isfinite, at.values())):
            return Answer(math.nan, dict.fromkeys(self.wrt, math.nan), None)
        own = [name for name in self.wrt if name in self.whole.nodes]
        passes = backprop(self.whole, at, [*own, *inner])
        outer = passes.grad
        grad = {
            name: math.fsum(
                [outer.get(name, 0.0), *(outer[k] * part[name] for k, part in inner.items() if name in part)]
            )
            for name in self.wrt
        }
        return Answer(passes.value, grad, passes)


def state_of_nothing(function: AggregateFunction) -> tuple[Any, ...]:
    """Return the states of no rows."""
    none = np.zeros(0)
    return tuple(
        state_of(aggregate.kind, none, [none] * len(f.wrt))
        for aggregate, f in zip(function.aggregates, function.functions, strict=True)
    )


def _complete(rows: Rows) -> Rows:
    """Return the rows without those where a number is missing."""
    there = np.flatnonzero(~rows.missing)
    positions = there if rows.positions is None else rows.positions[there]
    values = {name: x[there] if np.ndim(x) else x for name, x in rows.values.items()}
    return rows._replace(batch=rows.batch.take(there), positions=positions, values=values, missing=None)


def _wrt(task: Task, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the constants to differentiate by.

    Raises `ExpressionError` for a column, by which the derivative is one number for each row.
    """
    names = choose_wrt(task.graph, task.wrt)
    for name in names:
        if name in columns:
            message = f"the derivative by the column '{name}' is one number for each row"
            hint = "leave it out of wrt; for numbers per row, write the formula of one row, without sum or mean"
            raise ExpressionError(message, task.graph.source, task.graph.spans[task.graph.nodes[name]], hint=hint)
    return names


def _refuse_columns(task: Task, schema: pa.Schema) -> None:
    """Raise `GraphgradError` for what makes sense only with a result for each row."""
    del schema
    for option, given in (("error", task.errors), ("summary", task.summary), ("keep", task.keep)):
        if given:
            raise GraphgradError(
                f"{option} is for a result in each row, and this formula gives one number for the whole table",
                hint=f"leave {option} out",
            )
