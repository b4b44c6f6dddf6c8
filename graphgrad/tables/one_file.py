"""Add a formula's value and partial derivatives to the rows of a file."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import GraphgradError
from graphgrad.tables.bound import bound
from graphgrad.tables.formats import format_of
from graphgrad.tables.progress import counting_rows
from graphgrad.tables.read import open_source
from graphgrad.tables.source import StartAgain
from graphgrad.tables.storage import file_to_read, file_to_write
from graphgrad.tables.stream import CORES, overlapped
from graphgrad.tables.tally import Tally
from graphgrad.tables.write import check_target, open_sink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    import pyarrow as pa

    from graphgrad.tables.aggregates import AggregateFunction
    from graphgrad.tables.rows import RowFunction
    from graphgrad.tables.source import Source
    from graphgrad.tables.task import Task
    from graphgrad.tables.write import Writer

__all__ = ["map_file", "map_rows", "refuse_pointless", "workers_for"]


def map_file(
    task: Task,
    data: str | Path,
    out: str | Path | None = None,
    *,
    force: bool = False,
    progress: TextIO | None = None,
) -> Tally:
    """Write a table with the value and the partials added to every row; return what was met in its rows.

    The suffixes of the two names say the formats: .csv, .tsv, both also with .gz, .parquet, .arrow, .feather, .ipc,
    .arrows; `-` is standard input or output. The output gets its name when it is complete; on an error or Ctrl-C
    nothing is left of it. An existing file is replaced with `force` only. `progress` is a stream, such as
    `sys.stderr`, on which the rows are counted where it is a terminal. Without `out`, for a summary, and for a formula
    with sums over the rows, nothing is written. A URL, such as `s3://bucket/orders.parquet`, is opened by fsspec.

    Raises `FileError` for a file that cannot be read or written.
    """
    refuse_pointless(task, out)
    if out is None:
        task = replace(task, keep=None if task.is_aggregate else ())
    else:
        check_target(out, data, force=force)
    as_text = out is not None and format_of(out).is_text
    with file_to_read(data) as file, closing(open_source(data, file, as_text=as_text)) as source:
        while True:
            try:
                return _mapped(task, source, out, force=force, progress=progress)
            except StartAgain:
                continue


def refuse_pointless(task: Task, out: str | Path | None) -> None:
    """Raise `GraphgradError` where there would be nothing to write, or nobody to see it."""
    if task.is_aggregate and out is not None:
        message = "this formula has sums over the whole table, so there is nothing to write for its rows"
        raise GraphgradError(message, hint="leave --out out; for numbers per row, write a formula of one row")
    if not task.is_aggregate and out is None and not task.summary:
        message = "there is nothing to do with the results"
        raise GraphgradError(message, hint="name an output by --out, or ask for --summary; in Python out, summary=True")


def _mapped(task: Task, source: Source, out: str | Path | None, *, force: bool, progress: TextIO | None) -> Tally:
    function = bound(task, source.schema)
    with ExitStack() as opened:
        sink = None
        if out is not None and function.schema is not None:
            file = opened.enter_context(file_to_write(out))
            sink = opened.enter_context(open_sink(out, function.schema, source, force=force, file=file))
        count = opened.enter_context(counting_rows(progress, source))
        return map_rows(function, source, sink, count, workers_for(out))


def map_rows(
    function: RowFunction | AggregateFunction,
    source: Source,
    sink: Writer | None,
    count: Callable[[int], object] = lambda _: None,
    workers: int = CORES,
) -> Tally:
    """Write the rows of a table with the new columns, or nothing where there is no sink; return what was met in them.

    `count` is told how many rows each batch has. `workers` batches are computed at a time.
    """
    tally = Tally()
    writer: Any = sink or _Nowhere()

    def computed(batch: pa.RecordBatch, start: int) -> tuple[Any, int, Tally]:
        result, part = function(batch, start)
        return writer.prepared(result), batch.num_rows, part

    batches = source.batches(function.needed)
    with closing(overlapped(batches, computed, stop=source.stop, workers=workers)) as results:
        for prepared, rows, part in results:
            writer.write(prepared)
            tally += part
            count(rows)
    return tally


def workers_for(out: str | Path | None) -> int:
    """Return how many batches are computed at a time: text is made by the workers; else a core is left for writing."""
    return CORES if out is None or format_of(out).is_text else max(CORES - 1, 1)


class _Nowhere:
    """Writes nothing."""

    def prepared(self, batch: pa.RecordBatch | None) -> None:
        """Return nothing to write."""

    def write(self, prepared: None) -> None:
        """Write nothing."""
