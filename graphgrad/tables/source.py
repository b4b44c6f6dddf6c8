"""Say what a table that is read offers, whatever its format."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from graphgrad.base.errors import FileError
from graphgrad.base.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Source", "StartAgain", "batch_rows", "reading", "refuse_doubles"]

BATCH_ROWS: Final = 1 << 17
"""The most rows of a batch."""

BATCH_BYTES: Final = 1 << 23
"""About how many bytes of a wide table a batch holds."""

LEAST_ROWS: Final = 1 << 6


class StartAgain(Exception):  # noqa: N818  it is no error: the reader has learned something, and reads anew
    """The table has to be read again from its start, since its `schema` has changed."""


class Source:
    """A table to be read: its columns, its number of rows where that is known, and its batches.

    Attributes:
        name: the file's name, for messages.
        schema: the columns.
        rows: the number of rows, None where only reading them tells.
        metadata: a Parquet file's metadata, which says how each column is stored.
        line_end: what ends a line of the source's text.
    """

    schema: pa.Schema
    rows: int | None = None
    metadata: Any = None
    line_end: str = "\n"

    def __init__(self, name: str | Path) -> None:
        """Keep the file's name."""
        self.name = str(name)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, with these columns alone; may raise `StartAgain`."""
        raise NotImplementedError

    def expected_rows(self) -> int | None:
        """Return the number of rows, estimated from those read where only reading them all tells."""
        return self.rows

    def stop(self) -> None:
        """End a read that waits for more, in another thread, with an error."""

    def close(self) -> None:
        """Close the file."""


def batch_rows(row_bytes: float) -> int:
    """Return how many rows a batch takes, so that those of a wide table take no more memory than a narrow one's.

    >>> batch_rows(24), batch_rows(16_000)
    (131072, 524)
    """
    return int(min(BATCH_ROWS, max(BATCH_BYTES / max(row_bytes, 1), LEAST_ROWS)))


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raise what goes wrong while a file is read as `FileError`, which names the file."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, EOFError) as error:
        raise FileError(f"cannot read {name!r}: {reason(error)[:300]}") from None


def refuse_doubles(name: str, columns: Sequence[str]) -> None:
    """Raise `FileError` where two columns have one name."""
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise FileError(f"{name!r} has two columns named {column!r}", hint="rename one of them")
        seen.add(column)
