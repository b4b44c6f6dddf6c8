"""Write a table as text; values that are text are written to the letter."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from graphgrad.base.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.tables.formats import Format

__all__ = ["CsvWriter"]

QUOTE: Final = '"'

LEVEL: Final = 1
"""How hard gzip tries: the usual level takes five times as long for 8 % fewer bytes."""


class CsvWriter:
    r"""Writes rows as lines; a value is quoted where it holds the delimiter, a quote or the end of a line.

    >>> import io
    >>> from graphgrad.tables.formats import format_of
    >>> file = io.BytesIO()
    >>> writer = CsvWriter(file, pa.schema({"name": pa.string(), "n": pa.float64()}), format_of("x.csv"), "\n")
    >>> writer.write_batch(pa.record_batch({"name": ["Smith, A", "007"], "n": [0.1, None]}))
    >>> print(file.getvalue().decode(), end="")
    name,n
    "Smith, A",0.1
    007,
    """

    def __init__(self, file: IO[bytes], schema: pa.Schema, format_: Format, line_end: str) -> None:
        """Write the line of names; raise `FileError` where a column cannot be written as text."""
        self.file, self.delimiter, self.line_end = file, format_.delimiter, line_end
        self.codec = format_.codec
        self.special = [self.delimiter, QUOTE, "\n", "\r"]
        for field in schema:
            _as_text(field.name, pa.nulls(0, field.type))
        names = [self._quoted(pa.array([name], pa.string()), alone=len(schema) == 1) for name in schema.names]
        self.write(self._packed(self._lines(names)))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write the rows."""
        self.write(self.prepared(batch))

    def write(self, lines: memoryview | bytes) -> None:
        """Write lines that `prepared` has returned."""
        self.file.write(lines)

    def prepared(self, batch: pa.RecordBatch) -> memoryview | bytes:
        """Return the rows as lines, compressed or not, in whatever thread."""
        alone = batch.num_columns == 1
        texts = [_as_text(name, column) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
        columns = [
            text if is_plain(column.type) and not alone else self._quoted(text, alone=alone)
            for text, column in zip(texts, batch.columns, strict=True)
        ]
        return self._packed(self._lines(columns))

    def close(self) -> None:
        """Leave the file complete."""

    def abandon(self) -> None:
        """Leave the file as it is."""

    def _quoted(self, text: pa.Array, *, alone: bool) -> pa.Array:
        """Return values as they stand in a line; one that is empty and `alone` in it is no empty line."""
        characters = bytes(_bytes(text))
        if any(mark.encode() in characters for mark in self.special):
            doubled = pc.replace_substring(text, QUOTE, QUOTE * 2)
            quoted = pc.binary_join_element_wise(QUOTE, doubled, QUOTE, "")
            pattern = "[" + "".join(self.special) + "]"
            text = pc.if_else(pc.match_substring_regex(text, pattern), quoted, text)
        return pc.if_else(pc.equal(text, ""), QUOTE * 2, text) if alone else text

    def _lines(self, columns: Sequence[pa.Array]) -> memoryview:
        lines = pc.binary_join_element_wise(*columns, self.delimiter) if len(columns) > 1 else columns[0]
        return _bytes(pc.binary_join_element_wise(lines, "", self.line_end))

    def _packed(self, lines: memoryview) -> memoryview | bytes:
        """Compress lines by themselves, as gzip allows: so several threads do it, each for its own lines."""
        return gzip.compress(lines, LEVEL, mtime=0) if self.codec else lines


def is_plain(kind: pa.DataType) -> bool:
    """Tell whether the text of a column's values needs no quotes."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _as_text(name: str, column: pa.Array) -> pa.Array:
    """Return a column as text, a null as an empty one."""
    try:
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.storage
        if pa.types.is_run_end_encoded(column.type):
            column = pc.run_end_decode(column)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        text = column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise FileError(
            f"the column {name!r}, which is of type {column.type}, cannot be written as CSV",
            hint="take .parquet or .arrow, or leave it out by --keep",
        ) from None
    return pc.fill_null(text, "") if text.null_count else text


def _bytes(text: pa.Array) -> memoryview:
    """Return the bytes of all values, one after the other."""
    _, offsets, data = text.buffers()
    if data is None:
        return memoryview(b"")
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[text.offset] : places[text.offset + len(text)]]
