"""Compute the new columns of a batch of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from graphgrad.base.errors import UnknownNameError
from graphgrad.compile.function import compiled
from graphgrad.tables.tally import Tally

if TYPE_CHECKING:
    from graphgrad.tables.task import Task

__all__ = ["RowFunction"]


class RowFunction:
    """A task bound to the columns of a table: a function from a batch to the batch that is written, and its tally.

    Attributes:
        schema: the columns of the result.
        needed: the columns of the table that are read.
    """

    def __init__(self, task: Task, schema: pa.Schema) -> None:
        """Bind a task to a table's columns; raise `UnknownNameError` where the table lacks one."""
        self.function = compiled(task.graph, task.wrt)
        self.constants = {**{name: float(x) for name, x in task.graph.defaults.items()}, **task.constants}
        self.columns = [name for name in self.function.inputs if name not in task.constants and name in schema.names]
        missing = [n for n in self.function.inputs if n not in self.columns and n not in self.constants]
        if missing:
            raise UnknownNameError(f"the table has no column '{missing[0]}'", task.graph.source)
        self.needed = schema.names
        names = [task.value_name, *(f"∂{name}" for name in self.function.wrt)]
        self.schema = pa.schema([*schema, *(pa.field(name, pa.float64()) for name in names)], schema.metadata)

    def __call__(self, batch: pa.RecordBatch, start: int = 0) -> tuple[pa.RecordBatch, Tally]:  # noqa: ARG002  skeleton
        """Return the rows to be written, and what is to be reported; `start` is the number of the first row."""
        columns: dict[str, Any] = {name: _numbers(batch.column(name)) for name in self.columns}
        value, grad = self.function(**{**self.constants, **columns})
        results = [pa.array(np.broadcast_to(x, batch.num_rows)) for x in (value, *grad.values())]
        return pa.RecordBatch.from_arrays([*batch.columns, *results], schema=self.schema), Tally(batch.num_rows)


def _numbers(column: pa.Array) -> Any:
    """Return a column as numbers, the text of a CSV file, too."""
    column = column.cast(pa.float64()) if pa.types.is_string(column.type) else column
    return column.to_numpy(zero_copy_only=False)
