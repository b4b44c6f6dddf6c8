"""Read a table from a Parquet file."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq

from graphgrad.tables.source import Source, batch_rows, reading, refuse_doubles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

__all__ = ["ParquetSource"]

BUFFER_BYTES: Final = 1 << 20, 1 << 26
"""The most bytes read at a time, of one column and of all."""


class ParquetSource(Source):
    """A Parquet file: of each column one page is in memory at a time, however large a row group is."""

    def __init__(self, path: str | Path, file: IO[bytes] | None = None) -> None:
        """Open the file, and read its metadata."""
        super().__init__(path)
        with reading(self.name):
            self.metadata = pq.read_metadata(file or str(path))
            each, together = BUFFER_BYTES
            buffer_bytes = max(min(each, together // max(self.metadata.num_columns, 1)), 1 << 14)
            # A file is read as a stream, column by column: to fetch a row group ahead takes the memory of all of it.
            self.file: Any = pq.ParquetFile(
                file or str(path),
                metadata=self.metadata,
                pre_buffer=False,
                buffer_size=buffer_bytes,
                page_checksum_verification=True,
            )
            self.schema: pa.Schema = self.file.schema_arrow
        refuse_doubles(self.name, self.schema.names)
        self.rows = self.metadata.num_rows
        groups = [self.metadata.row_group(i) for i in range(self.metadata.num_row_groups)]
        self.batch_rows = batch_rows(sum(group.total_byte_size for group in groups) / max(self.rows, 1))

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order."""
        if columns is not None and set(columns) >= set(self.schema.names):
            columns = None
        with reading(self.name):
            for batch in self.file.iter_batches(batch_size=self.batch_rows, columns=columns):
                # The name of a column is also taken for the beginning of a nested one's.
                yield batch if columns is None else batch.select(list(columns))

    def close(self) -> None:
        """Close the file."""
        self.file.close()
