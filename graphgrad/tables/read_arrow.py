"""Read a table from an Arrow (Feather) file or stream."""

from __future__ import annotations

import mmap
import sys
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from graphgrad.base.errors import FileError
from graphgrad.tables.source import Source, batch_rows, reading, refuse_doubles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from graphgrad.tables.input import Input

__all__ = ["ARROW_FILE", "ARROW_STREAM", "ArrowSource", "row_bytes"]

ARROW_FILE: Final = b"ARROW1\0\0"
"""How an Arrow file begins; what follows is a stream."""

ARROW_STREAM: Final = b"\xff\xff\xff\xff"
"""How an Arrow stream begins."""

FEATHER_1: Final = b"FEA1"
DROPPED: Final = 1 << 26
"""After so many bytes the pages of a mapped file are given back; the system keeps them in its cache."""


class ArrowSource(Source):
    """An Arrow file or stream; a file on disk is mapped into memory, and its batches are cut into smaller ones."""

    def __init__(self, path: str | Path, file: Input) -> None:
        """Map the file, or else read it as a stream, and read its schema."""
        super().__init__(path)
        self.file = file
        self.map = _mapped(file)
        with reading(self.name):
            if file.peek(len(FEATHER_1)) == FEATHER_1:
                raise FileError(f"cannot read {self.name!r}: it is version 1 of Feather", hint="write it as version 2")
            self.reader = _reader(file, self.map)
            self.schema: pa.Schema = self.reader.schema
        self.count: int | None = getattr(self.reader, "num_record_batches", None)
        self.batches_read = self.rows_read = 0
        refuse_doubles(self.name, self.schema.names)

    def _whole_batches(self) -> Iterator[pa.RecordBatch]:
        read = self.reader if self.count is None else map(self.reader.get_batch, range(self.count))
        for batch in read:
            self.batches_read += 1
            self.rows_read += batch.num_rows
            yield batch

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order."""
        taken = 0.0
        with reading(self.name):
            for batch in self._whole_batches():
                chosen = batch if columns is None else batch.select(list(columns))
                width = row_bytes(chosen)
                rows = batch_rows(width)
                for start in range(0, chosen.num_rows, rows):
                    yield chosen.slice(start, rows)
                    taken += rows * width
                    if taken > DROPPED:
                        self._give_back()
                        taken = 0.0

    def _give_back(self) -> None:
        if self.map is not None and sys.platform != "win32":
            self.map.madvise(mmap.MADV_DONTNEED)

    def expected_rows(self) -> int | None:
        """Return the number of rows if all batches are like those read; that of a stream's batches is not known."""
        return round(self.rows_read * self.count / self.batches_read) if self.count and self.batches_read else None

    def stop(self) -> None:
        """End a read that waits."""
        self.file.stop()

    def close(self) -> None:
        """Close the file; the mapping ends with the last batch that is in use."""
        self.file.close()


def row_bytes(batch: pa.RecordBatch) -> float:
    """Return the mean number of bytes of a row.

    >>> row_bytes(pa.record_batch({"x": [1.0, 2.0]}))
    8.0
    """
    return batch.nbytes / max(batch.num_rows, 1)  # type: ignore[no-any-return]


def _mapped(file: Input) -> mmap.mmap | None:
    """Return the file in memory; None for what is no file on disk, or an empty one."""
    try:
        return mmap.mmap(file.file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, AttributeError):
        return None


def _reader(file: Input, in_memory: mmap.mmap | None) -> Any:
    is_file = file.peek(len(ARROW_FILE)) == ARROW_FILE
    if in_memory is not None:
        buffer = pa.py_buffer(in_memory)
        return pa.ipc.open_file(buffer) if is_file else pa.ipc.open_stream(buffer)
    if is_file:
        file.read(len(ARROW_FILE))
    return pa.ipc.open_stream(pa.PythonFile(file.reading(), mode="r"))
