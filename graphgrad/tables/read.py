"""Read a table from a file, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

__all__ = ["Source", "open_source"]

BATCH_ROWS = 1 << 17


class Source:
    """A table to be read once: its columns, its number of rows where that is known, and its batches."""

    def __init__(self, file: Any) -> None:
        """Open a Parquet file."""
        self.file = file
        self.schema: pa.Schema = file.schema_arrow
        self.rows: int | None = file.metadata.num_rows

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, with these columns alone."""
        yield from self.file.iter_batches(batch_size=BATCH_ROWS, columns=columns)


def open_source(path: str | Path) -> Source:
    """Open a file for reading; its suffix says how."""
    return Source(pq.ParquetFile(path))
