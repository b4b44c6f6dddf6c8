"""Write a table into a file, batch by batch; the file appears under its name when it is complete."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from graphgrad.tables.read import Source

__all__ = ["open_sink"]


@contextmanager
def open_sink(path: str | Path, schema: pa.Schema, source: Source, *, force: bool = False) -> Iterator[Any]:  # noqa: ARG001  skeleton
    """Yield a writer with `write_batch`; the file is complete when the block ends without an error, else not there."""
    with pq.ParquetWriter(path, schema) as writer:
        yield writer
