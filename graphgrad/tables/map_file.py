"""Add a formula's value and partial derivatives to the rows of a file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from graphgrad.tables.formats import format_of
from graphgrad.tables.progress import counting_rows
from graphgrad.tables.read import open_source
from graphgrad.tables.rows import RowFunction
from graphgrad.tables.source import StartAgain
from graphgrad.tables.stream import overlapped
from graphgrad.tables.tally import Tally
from graphgrad.tables.write import check_target, open_sink

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    import pyarrow as pa

    from graphgrad.tables.source import Source
    from graphgrad.tables.task import Task

__all__ = ["map_file"]


def map_file(
    task: Task, data: str | Path, out: str | Path, *, force: bool = False, progress: TextIO | None = None
) -> Tally:
    """Write a table with the value and the partials added to every row; return what was met in its rows.

    The suffixes of the two names say the formats: .csv, .tsv, both also with .gz, .parquet, .arrow, .feather, .ipc,
    .arrows; `-` is standard input or output. The output gets its name when it is complete; on an error or Ctrl-C
    nothing is left of it. An existing file is replaced with `force` only. `progress` is a stream, such as
    `sys.stderr`, on which the rows are counted where it is a terminal.

    Raises `FileError` for a file that cannot be read or written.
    """
    check_target(out, data, force=force)
    with closing(open_source(data, as_text=format_of(out).is_text)) as source:
        while True:
            try:
                return _mapped(task, source, out, force=force, progress=progress)
            except StartAgain:
                continue


def _mapped(task: Task, source: Source, out: str | Path, *, force: bool, progress: TextIO | None) -> Tally:
    function = RowFunction(task, source.schema)
    tally = Tally()
    with open_sink(out, function.schema, source, force=force) as sink, counting_rows(progress, source) as count:

        def computed(batch: pa.RecordBatch, start: int) -> tuple[Any, int, Tally]:
            result, part = function(batch, start)
            return sink.prepared(result), batch.num_rows, part

        with closing(overlapped(source.batches(function.needed), computed, stop=source.stop)) as results:
            for prepared, rows, part in results:
                sink.write(prepared)
                tally += part
                count(rows)
    return tally
