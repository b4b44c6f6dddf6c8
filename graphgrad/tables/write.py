"""Write a table into a file, batch by batch; the file appears under its name when it is complete."""

from __future__ import annotations

import io
import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from graphgrad.base.errors import FileError
from graphgrad.base.files import reason, whole_file
from graphgrad.tables.formats import STANDARD, format_of
from graphgrad.tables.parquet_options import parquet_options
from graphgrad.tables.storage import check_url, is_one_place, is_url
from graphgrad.tables.write_csv import CsvWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.tables.formats import Format
    from graphgrad.tables.source import Source

__all__ = ["Writer", "check_target", "open_sink"]

GROUP_ROWS: Final = 1 << 20
GROUP_BYTES: Final = 1 << 27
"""The most rows and bytes of a row group, which is in memory until it is written."""


class Writer(Protocol):
    """What writes the rows of a table."""

    def prepared(self, batch: pa.RecordBatch) -> Any:
        """Return rows in the form in which they are written; this may run in several threads at a time."""

    def write(self, prepared: Any) -> None:
        """Write what `prepared` has returned."""

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write rows."""

    def close(self) -> None:
        """Write what is left, and the end of the file."""

    def abandon(self) -> None:
        """Give up a file that is going to be removed."""


class _BatchWriter:
    """Writes batches as they are."""

    def prepared(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch

    def write(self, prepared: pa.RecordBatch) -> None:
        self.write_batch(prepared)

    def write_batch(self, batch: pa.RecordBatch) -> None:
        raise NotImplementedError


class _ParquetWriter(_BatchWriter):
    """Gathers rows into row groups of the source's size, in bounds."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, source: Source) -> None:
        self.file = _native(file)
        self.writer = pq.ParquetWriter(self.file, schema, **parquet_options(schema, source))
        self.schema = schema
        metadata = source.metadata
        sizes = [metadata.row_group(i).num_rows for i in range(min(metadata.num_row_groups, 1))] if metadata else []
        self.group_rows = min([GROUP_ROWS, *filter(None, sizes)])
        self.batches: list[pa.RecordBatch] = []
        self.rows = self.bytes = 0

    def write_batch(self, batch: pa.RecordBatch) -> None:
        while self.rows + batch.num_rows >= self.group_rows:
            room = self.group_rows - self.rows
            self._gather(batch.slice(0, room))
            self._write_group()
            batch = batch.slice(room)
        self._gather(batch)
        if self.bytes > GROUP_BYTES:
            self._write_group()

    def _gather(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:
            self.batches.append(batch)
            self.rows += batch.num_rows
            self.bytes += batch.nbytes

    def _write_group(self) -> None:
        if self.batches:
            self.writer.write_table(pa.Table.from_batches(self.batches, self.schema), row_group_size=self.rows)
        self.batches = []
        self.rows = self.bytes = 0

    def close(self) -> None:
        self._write_group()
        self.writer.close()
        self.file.close()

    def abandon(self) -> None:
        self.batches = []
        _end(self.writer, self.file)


class _ArrowWriter(_BatchWriter):
    """Writes record batches; the dictionaries of a column grow from batch to batch, as an Arrow file demands."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, format_: Format) -> None:
        options = pa.ipc.IpcWriteOptions(compression=format_.codec, emit_dictionary_deltas=True)
        opened = pa.ipc.new_stream if format_.name == "Arrow stream" else pa.ipc.new_file
        self.file = _native(file)
        self.writer = opened(self.file, schema, options=options)
        self.dictionaries: dict[str, pa.Array] = {}
        self.coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]

    def write_batch(self, batch: pa.RecordBatch) -> None:
        for name in self.coded:
            batch = batch.set_column(
                batch.schema.get_field_index(name), batch.schema.field(name), self._grown(batch, name)
            )
        self.writer.write_batch(batch)

    def _grown(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        """Return a column with the dictionary of the rows before, which its own values follow."""
        before, column = self.dictionaries.get(name), batch.column(name)
        if before is not None:
            both = pa.chunked_array([before, column]).unify_dictionaries()
            column = both.chunk(1)
        self.dictionaries[name] = column.slice(0, 0)
        return column

    def close(self) -> None:
        self.writer.close()
        self.file.close()

    def abandon(self) -> None:
        _end(self.writer, self.file)


def _native(file: IO[bytes]) -> Any:
    """Return a file as pyarrow writes it: a new one on disk by its own means, which saves a copy of what is written."""
    if isinstance(file, io.BufferedWriter) and isinstance(file.name, str | Path) and Path(file.name).is_file():
        return pa.OSFile(str(file.name), "wb")
    return _Output(file)


def _end(*begun: Any) -> None:
    """Close what pyarrow has begun into a file that is going to be removed; else its destructors would complain."""
    for each in begun:
        with suppress(OSError, pa.ArrowException):
            each.close()


class _Output:
    """The output as pyarrow writes it: counts the bytes, since a pipe does not, and is closed by whoever opened it."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.position = file, 0

    def write(self, data: Any) -> int:
        written = self.file.write(data)
        self.position += written
        return written

    def tell(self) -> int:
        return self.position

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        """Leave the file open."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def check_target(path: str | Path, data: str | Path, *, force: bool) -> None:
    """Raise `FileError` where an output has no format, is the input, or exists and is not to be replaced."""
    format_of(path)
    if str(path) == STANDARD:
        _check_standard_output(data)
        return
    if (is_url(path) or is_url(data)) and is_one_place(path, data):
        raise FileError(f"the output {str(path)!r} is the input", hint="give the output another name")
    if is_url(path):
        check_url(str(path), force=force)
        return
    target = Path(path)
    with suppress(OSError):  # a file that is not there is another one
        if target.samefile(data):
            raise FileError(f"the output {str(path)!r} is the input", hint="give the output another name")
    if target.is_file() and not force:
        raise FileError(f"{str(path)!r} exists already", hint="--force, in Python force=True, replaces it")


def _check_standard_output(data: str | Path) -> None:
    """Raise `FileError` where it is closed, and where the shell appends it to the input, which would never end."""
    if sys.stdout is None or sys.stdout.closed:
        raise FileError("standard output is closed", hint="name a file by --out")
    with suppress(OSError, ValueError):  # no file, or nothing that has a number
        output = os.fstat(sys.stdout.fileno())
        if stat.S_ISREG(output.st_mode) and os.path.samestat(output, Path(data).stat()):
            raise FileError("standard output is the input", hint="give the output another name")


@contextmanager
def open_sink(
    path: str | Path, schema: pa.Schema, source: Source, *, force: bool = False, file: IO[bytes] | None = None
) -> Iterator[Writer]:
    """Yield a writer with `write_batch`; the file is complete when the block ends without an error, else not there.

    `file` is the open binary file where the path is no file of this system; whether it is then complete is up to
    whoever opened it. Raises `FileError` where it cannot be written.
    """
    check_target(path, source.name, force=force)
    format_ = format_of(path)
    if file is not None:
        with _writing(path), _writer(file, schema, source, format_) as writer:
            yield writer
    elif str(path) == STANDARD:
        with _writing("standard output"), _writer(sys.stdout.buffer, schema, source, format_) as writer:
            yield writer
            sys.stdout.buffer.flush()
    else:
        with whole_file(path, replace=force) as opened:
            with _writer(opened, schema, source, format_) as writer:
                yield writer
            opened.flush()
            _reach_disk(opened)


@contextmanager
def _writing(name: str | Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot write {str(name)!r}: {reason(error)}") from None


@contextmanager
def _writer(file: IO[bytes], schema: pa.Schema, source: Source, format_: Format) -> Iterator[Writer]:
    writer: Writer
    if format_.is_text:
        writer = CsvWriter(file, schema, format_, source.line_end)
    elif format_.name == "Parquet":
        writer = _ParquetWriter(file, schema, source)
    else:
        writer = _ArrowWriter(file, schema, format_)
    try:
        yield writer
        writer.close()
    except BaseException:
        writer.abandon()
        raise


def _reach_disk(file: IO[bytes]) -> None:
    """Wait until the disk has the data: some systems tell only then that it is full."""
    if file.seekable():
        os.fsync(file.fileno())
