"""Show on a terminal how many rows are done, how many a second, and how long the rest takes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from graphgrad.tables.source import Source

__all__ = ["counting_files", "counting_rows"]

PATIENCE: Final = 0.5
"""The seconds before anything is shown."""


@contextmanager
def counting_rows(stream: TextIO | None, source: Source) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many rows have been written; only a terminal shows them.

    >>> import sys
    >>> from graphgrad.tables.source import Source
    >>> with counting_rows(sys.stdout, Source("orders.csv")) as count:
    ...     count(1000)
    """
    tqdm = _tqdm() if stream is not None and stream.isatty() else None
    if tqdm is None:
        yield lambda _: None
        return
    with tqdm(total=source.rows, unit=" rows", unit_scale=True, file=stream, delay=PATIENCE, leave=False) as bar:

        def count(rows: int) -> None:
            bar.total = source.expected_rows()
            bar.update(rows)

        yield count


@contextmanager
def counting_files(stream: TextIO | None, files: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many more files are done; only a terminal shows them.

    >>> import sys
    >>> with counting_files(sys.stdout, 3) as count:
    ...     count(1)
    """
    tqdm = _tqdm() if stream is not None and stream.isatty() else None
    if tqdm is None:
        yield lambda _: None
        return
    with tqdm(total=files, unit=" files", file=stream, delay=PATIENCE, leave=False) as bar:

        def count(more: int) -> None:
            bar.update(more)

        yield count


def _tqdm() -> Any:
    """Return what draws the bar; None where it is not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm
