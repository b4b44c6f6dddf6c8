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
from graphgrad.tables.moments import Sum
from graphgrad.tables.names import constants_of
from graphgrad.tables.reductions import result, state_of
from graphgrad.tables.rows import beyond_of, not_finite, samples_of
from graphgrad.tables.split import split
from graphgrad.tables.tally import Results

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData
    from graphgrad.tables.columns import Rows
    from graphgrad.tables.reductions import State
    from graphgrad.tables.tally import Tally
    from graphgrad.tables.task import Task

__all__ = ["AggregateFunction", "Aggregates", "Answer"]


class Answer(NamedTuple):
    """The value of a formula of a whole table and its derivatives.

    Attributes:
        value: the value.
        grad: its derivatives by constants.
        passes: those from the aggregates to the value; None where an aggregate is not finite.
        infinite: the aggregates that are not finite.
    """

    value: float
    grad: dict[str, float]
    passes: Passes | None
    infinite: tuple[str, ...]


class Aggregates:
    """A formula of a whole table: its aggregates, and the formula of those.

    Attributes:
        wrt: the constants to differentiate by.
        parts: the aggregates.
        functions: the function of one row of each of them.

    >>> from graphgrad import parse
    >>> from graphgrad.tables.task import Task
    >>> Aggregates(Task(parse("mean(x)*tax").data, constants={"tax": 1.5}), ("x",)).wrt
    ('tax',)
    """

    def __init__(self, task: Task, columns: Sequence[str]) -> None:
        """Split a task's formula, of whose inputs these are columns.

        Raises `ExpressionError` for what takes more than one pass, and for a derivative by a column.
        """
        self.task = task
        self.wrt = tuple(n for n in task.graph.inputs if n not in columns) if task.wrt is None else _wrt(task, columns)
        self.parts, self.whole = split(task.graph, columns)
        self.functions = tuple(compiled(p.graph, [n for n in self.wrt if n in p.graph.nodes]) for p in self.parts)

    def answer(self, states: Sequence[State]) -> Answer:
        """Return the value and the gradient of the whole table; no states stand for no rows.

        Raises `GraphgradError` for the mean or an extreme of no rows, and `DomainError` outside the formula's domain.
        """
        at = {n: x for n, x in constants_of(self.task, self.whole).items() if n in self.whole.inputs}
        inner: dict[str, dict[str, float]] = {}
        for part, function, state in zip(self.parts, self.functions, states or self._of_nothing(), strict=True):
            number = result(state)
            if number is None:
                raise GraphgradError(f"{part.name}: there is no row to take it of")
            at[part.name] = number[0]
            inner[part.name] = dict(zip(function.wrt, number[1], strict=True))
        names = [*(name for name in self.wrt if name in self.whole.nodes), *inner]
        passes = backprop(self.whole, at, names) if all(map(math.isfinite, at.values())) else None
        value, outer = _beyond(self.whole, at, names) if passes is None else (passes.value, passes.grad)
        grad = {name: sum(map(Sum, _products(name, outer, inner)), Sum()).value for name in self.wrt}
        infinite = tuple(part.name for part in self.parts if not math.isfinite(at[part.name]))
        return Answer(value, grad, passes, infinite)

    def _of_nothing(self) -> tuple[State, ...]:
        none = np.zeros(0)
        pairs = zip(self.parts, self.functions, strict=True)
        return tuple(state_of(part.kind, none, [none] * len(function.wrt)) for part, function in pairs)


def _beyond(whole: GraphData, at: dict[str, float], names: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Return the value and the derivatives at numbers that are not all finite, as IEEE 754 has them."""
    value, grad = compiled(whole, names)(**{name: np.array([x]) for name, x in at.items()})
    return float(np.ravel(value)[0]), {name: float(np.ravel(x)[0]) for name, x in grad.items()}


def _products(name: str, outer: dict[str, float], inner: dict[str, dict[str, float]]) -> list[float]:
    """Return the terms of a derivative: that of the whole itself, and one through each aggregate."""
    return [outer.get(name, 0.0), *(outer[part] * by[name] for part, by in inner.items() if name in by)]


class AggregateFunction:
    """A task with sums over rows, bound to the columns of a table: a function from a batch to its tally.

    Attributes:
        needed: the columns of the table that are read.
        schema: None, as nothing is written for the rows.

    >>> import pyarrow as pa
    >>> from graphgrad import parse
    >>> from graphgrad.tables.task import Task
    >>> batch = pa.record_batch({"apple": [100, 200], "n": [2, 3]})
    >>> task = Task(parse("sum(apple*n*tax)").data, constants={"tax": 1.5})
    >>> _, tally = AggregateFunction(task, batch.schema)(batch)
    >>> Aggregates(task, tally.columns).answer(tally.states)[:2]
    (1200.0, {'tax': 800.0})
    """

    def __init__(self, task: Task, schema: pa.Schema) -> None:
        """Bind a task to a table's columns, and split its formula.

        Raises `UnknownNameError` where the table lacks a column, and `ExpressionError` for what takes more than one
        pass.
        """
        _refuse_row_options(task)
        self.task, self.schema = task, None
        self.read = ColumnReader(task, schema)
        self.needed = [name for name in schema.names if name in self.read.needed]
        self.aggregates = Aggregates(task, self.read.names.columns)

    def __call__(self, batch: pa.RecordBatch, start: int = 0) -> tuple[None, Tally]:
        """Return the tally of some rows; `start` is the number of the first one.

        A row where a column of the formula is null is left out of every aggregate.
        """
        rows = self.read(batch, start)
        if rows.missing is not None:
            rows = _complete(rows)
        found: dict[str, Any] = {"states": (), "samples": (), "not_finite": 0, "first": ()}
        for i in range(len(self.aggregates.parts)):
            part = self._part(i, rows, start)
            found["states"] += part["states"]
            found["samples"] += part["samples"]
            if part["not_finite"] > found["not_finite"]:
                found |= {key: part[key] for key in ("not_finite", "first")}
        most = self.task.samples * len(self.aggregates.parts)
        return None, replace(rows.tally, most_samples=most, **found)

    def _part(self, i: int, rows: Rows, start: int) -> dict[str, Any]:
        """Return what one aggregate adds to the tally."""
        aggregate, function = self.aggregates.parts[i], self.aggregates.functions[i]
        count = rows.batch.num_rows
        own = rows._replace(values={name: rows.values[name] for name in aggregate.graph.inputs})
        value, grad = function(**own.values)
        value, partials = np.broadcast_to(value, count), {n: np.broadcast_to(x, count) for n, x in grad.items()}
        results = [value, *partials.values()]
        beyond = not_finite(results, [None] * len(results))
        not_finite_rows, first = beyond_of(self.task, own, (i, function), beyond, start)
        return {
            "states": (state_of(aggregate.kind, value, list(partials.values())),),
            "samples": samples_of(self.task, own, Results(value, partials, i), beyond, start),
            "not_finite": not_finite_rows,
            "first": first,
        }


def _complete(rows: Rows) -> Rows:
    """Return the rows without those where a number is missing."""
    there = np.flatnonzero(~rows.missing)
    positions = there if rows.positions is None else rows.positions[there]
    values = {name: x[there] if np.ndim(x) else x for name, x in rows.values.items()}
    return rows._replace(batch=rows.batch.take(there), positions=positions, values=values, missing=None)


def _wrt(task: Task, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the constants to differentiate by.

    Raises `ExpressionError` for a column, by which the derivative is one number for each row.
    """
    names = choose_wrt(task.graph, task.wrt)
    for name in names:
        if name in columns:
            message = f"the derivative by the column '{name}' is one number for each row"
            hint = "leave it out of --wrt; for numbers per row, write the formula of one row, without sum or mean"
            raise ExpressionError(message, task.graph.source, task.graph.spans[task.graph.nodes[name]], hint=hint)
    return names


def _refuse_row_options(task: Task) -> None:
    """Raise `GraphgradError` for what makes sense only with a result for each row."""
    for option, given in (("--error", task.errors), ("--summary", task.summary), ("--keep", task.keep)):
        if given:
            raise GraphgradError(
                f"{option} is for a result in each row, and this formula gives one number for the whole table",
                hint=f"leave {option} out",
            )
