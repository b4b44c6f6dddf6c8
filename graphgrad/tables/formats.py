"""Tell the format of a table from the name of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FORMATS", "STANDARD", "Format", "format_of"]

STANDARD: Final = "-"
"""The name that stands for standard input, and for standard output."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a table is stored: in which format, for text the character between two values, and how it is compressed."""

    name: str
    delimiter: str = ""
    codec: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether the values are text, of which the types are not stored."""
        return bool(self.delimiter)


CSV: Final = Format("CSV", ",")

FORMATS: Final[Mapping[str, Format]] = {
    ".csv": CSV,
    ".csv.gz": Format("CSV", ",", "gzip"),
    ".tsv": Format("CSV", "\t"),
    ".tsv.gz": Format("CSV", "\t", "gzip"),
    ".parquet": Format("Parquet"),
    ".pq": Format("Parquet"),
    ".arrow": Format("Arrow"),
    ".ipc": Format("Arrow"),
    ".feather": Format("Arrow", codec="lz4"),
    ".arrows": Format("Arrow stream"),
}
"""The formats by suffix."""


def format_of(path: str | Path) -> Format:
    """Return the format that a file's name stands for; that of standard input and output is CSV.

    Raises `FileError` for another suffix.

    >>> format_of("orders.csv.gz")
    Format(name='CSV', delimiter=',', codec='gzip')
    >>> format_of("orders.xlsx")
    Traceback (most recent call last):
    graphgrad.FileError: the suffix of 'orders.xlsx' names no format of tables
    take a name that ends in .csv, .csv.gz, .tsv, .tsv.gz, .parquet, .pq, .arrow, .ipc, .feather, .arrows
    """
    if str(path) == STANDARD:
        return CSV
    name = str(path).lower()
    for suffix, format_ in FORMATS.items():
        if name.endswith(suffix):
            return format_
    raise FileError(
        f"the suffix of {str(path)!r} names no format of tables", hint=f"take a name that ends in {', '.join(FORMATS)}"
    )
