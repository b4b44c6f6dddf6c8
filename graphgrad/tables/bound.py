"""Bind a task to the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.tables.aggregates import AggregateFunction
from graphgrad.tables.rows import RowFunction

if TYPE_CHECKING:
    import pyarrow as pa

    from graphgrad.tables.task import Task

__all__ = ["bound"]


def bound(task: Task, schema: pa.Schema) -> RowFunction | AggregateFunction:
    """Return a task as a function of the batches of a table with these columns.

    Its `schema` is None where the formula gives one number for the whole table. Raises what both raise:
    `UnknownNameError`, `ExpressionError` and `GraphgradError`.
    """
    return AggregateFunction(task, schema) if task.is_aggregate else RowFunction(task, schema)
