"""Add a formula's value and partial derivatives to the rows of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.tables.read import open_source
from graphgrad.tables.rows import RowFunction
from graphgrad.tables.tally import Tally
from graphgrad.tables.write import open_sink

if TYPE_CHECKING:
    from pathlib import Path

    from graphgrad.tables.task import Task

__all__ = ["map_file"]


def map_file(task: Task, data: str | Path, out: str | Path, *, force: bool = False) -> Tally:
    """Write a table with the value and the partials added to every row; return what was met in its rows."""
    source = open_source(data)
    function = RowFunction(task, source.schema)
    tally = Tally()
    with open_sink(out, function.schema, source, force=force) as sink:
        for batch in source.batches(function.needed):
            result, part = function(batch, tally.rows)
            sink.write_batch(result)
            tally += part
    return tally
