"""Open a table for reading."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from graphgrad.base.errors import FileError
from graphgrad.tables.formats import STANDARD, format_of
from graphgrad.tables.input import Input
from graphgrad.tables.read_arrow import ARROW_FILE, ARROW_STREAM, ArrowSource
from graphgrad.tables.read_csv import CsvSource
from graphgrad.tables.read_parquet import ParquetSource
from graphgrad.tables.source import reading

if TYPE_CHECKING:
    from graphgrad.tables.formats import Format
    from graphgrad.tables.source import Source

__all__ = ["open_source"]

PARQUET: Final = b"PAR1"

GZIP: Final = b"\x1f\x8b"
"""How a text begins that gzip has compressed, whatever its name."""


def open_source(path: str | Path, file: IO[bytes] | None = None, *, as_text: bool = False) -> Source:
    """Open a table for reading; the suffix of its name says how it is stored.

    `-` is standard input, which holds CSV or, as its first bytes tell, an Arrow file or stream. Text that gzip has
    compressed is told by its first bytes, too. `file` is the open binary file where the path is no file of this system.
    With `as_text` the columns of a text stay text.

    Raises `FileError` where it cannot be read.
    """
    format_ = format_of(path)
    with reading(str(path)):
        if file is None and format_.name == "Parquet":
            _refuse_empty(path, Path(path).stat().st_size)
            return ParquetSource(path)
        given = file or _opened(path)
        try:
            return _source(path, given, format_, as_text=as_text)
        except BaseException:
            if file is None:
                given.close()
            raise


def _opened(path: str | Path) -> IO[bytes]:
    """Open a file; standard input without a buffer, since no thread may hold its lock when the program ends."""
    if str(path) == STANDARD:
        return os.fdopen(os.dup(0), "rb", buffering=0)
    return Path(path).open("rb", buffering=0)


def _source(path: str | Path, file: IO[bytes], format_: Format, *, as_text: bool) -> Source:
    if format_.name == "Parquet":
        return ParquetSource(path, file)
    bytes_ = Input(file)
    begin = bytes_.peek(len(ARROW_FILE))
    _refuse_empty(path, len(begin))
    if str(path) == STANDARD and begin.startswith(PARQUET):
        raise FileError("Parquet cannot be read from a pipe, since its end comes first", hint="give the file's name")
    is_arrow = str(path) == STANDARD and begin.startswith((ARROW_FILE, ARROW_STREAM))
    if is_arrow or not format_.is_text:
        return ArrowSource(path, bytes_)
    codec = "gzip" if begin.startswith(GZIP) else format_.codec
    return CsvSource(path, bytes_, replace(format_, codec=codec), as_text=as_text)


def _refuse_empty(path: str | Path, size: int) -> None:
    if not size:
        raise FileError(f"{str(path)!r} is empty")
