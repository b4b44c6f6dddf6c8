"""Read a table from text: CSV, or values between tabs."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from graphgrad.base.errors import FileError
from graphgrad.tables.source import Source, StartAgain, batch_rows, reading, refuse_doubles
from graphgrad.tables.text_types import guessed_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from graphgrad.tables.formats import Format
    from graphgrad.tables.input import Input

__all__ = ["CsvSource"]

BLOCK: Final = 1 << 20
"""The bytes that are split into rows at a time; a longer row takes a larger block."""

PIPE_BLOCK: Final = 1 << 24
"""The bytes of a block of a pipe, which cannot be read again with larger ones."""

STRADDLING: Final = "straddling object"
CONVERSION: Final = "CSV conversion error to"
"""By what pyarrow's messages are told: a row longer than a block, a value that is not of its column's type."""

MOST_BLOCK: Final = 1 << 30
TIMES: Final = 8

NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
WHOLE: Final = re.compile(r"\d+")


class CsvSource(Source):
    """A text with the columns' names in its first line.

    With `as_text` all values are text, to the letter. Else a column has a type that takes all its values: which one,
    is guessed from the first block; where a later value does not fit, the whole text is looked through, and
    `StartAgain` raised, since the schema has changed.
    """

    def __init__(self, path: str | Path, file: Input, format_: Format, *, as_text: bool) -> None:
        """Read the names of the columns, and unless `as_text` guess their types."""
        super().__init__(path)
        self.file, self.format, self.as_text = file, format_, as_text
        self.size = file.size
        self.blocks_read = self.rows_read = 0
        self.block = BLOCK if file.is_seekable else PIPE_BLOCK
        self.parse = pacsv.ParseOptions(delimiter=format_.delimiter, newlines_in_values=True)
        with reading(self.name):
            self.stream = self._opened()
            self.names, self.is_header_alone = self._header()
            _check_names(self.name, self.names)
            self.types: Mapping[str, pa.DataType] = dict.fromkeys(self.names, pa.string())
            if not as_text and not self.is_header_alone:
                self.types = guessed_types(self.names, [self._first_rows()])

    @property
    def schema(self) -> pa.Schema:
        """The columns with their types."""
        return pa.schema([pa.field(name, self.types[name]) for name in self.names])

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order."""
        done = 0
        while not self.is_header_alone:
            try:
                for batch in self._behind(done, columns):
                    yield batch
                    done += batch.num_rows
            except FileError as error:
                self._learn(error)
                self._rewind()
            else:
                return

    def _behind(self, done: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows after the first ones."""
        with reading(self.name):
            for whole in self._typed(self.types, columns):
                batch = whole if columns is None else whole.select(list(columns))  # for pyarrow no column means all
                rest = batch.slice(min(done, batch.num_rows))
                done -= batch.num_rows - rest.num_rows
                if rest.num_rows:
                    yield rest

    def expected_rows(self) -> int | None:
        """Return the number of rows if all blocks are like those read."""
        if not self.size or not self.blocks_read or not self.file.position:
            return None
        text_bytes = max(self.stream.position * self.size / self.file.position, 1)
        return round(self.rows_read * max(text_bytes / (self.blocks_read * self.block), 1))

    def stop(self) -> None:
        """End a read that waits."""
        self.file.stop()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    # ---- the start of the text

    def _opened(self) -> _Text:
        return _Text(self.file, self.format.codec)

    def _header(self) -> tuple[list[str], bool]:
        """Return the columns' names, and whether nothing follows them."""
        size = BLOCK
        while True:
            head = self.stream.peek(size)
            is_all = len(head) < size
            lines = iter(io.StringIO(self._decoded(head, is_all=is_all), newline=""))
            names = next((row for row in csv.reader(lines, delimiter=self.format.delimiter) if row), [])
            rest = "".join(lines)
            if rest or is_all:
                break
            if size >= MOST_BLOCK:
                raise FileError(f"cannot read {self.name!r}: its first line has more than {size:,} bytes")
            size *= TIMES
        if not names:
            raise FileError(f"{self.name!r} is empty", hint="its first line has to name the columns")
        self.head_size = size
        self.line_end = "\r\n" if b"\r\n" in head[: len(head) - len(rest.encode())] else "\n"
        return names, is_all and not rest.strip("\r\n")

    def _decoded(self, head: bytes, *, is_all: bool) -> str:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        try:
            return decoder.decode(head, final=is_all)
        except UnicodeDecodeError as error:
            byte = f"byte {error.start + 1:,} is 0x{head[error.start]:02x}"
            raise FileError(f"cannot read {self.name!r}: it is not UTF-8, {byte}", hint="save it as UTF-8") from None

    def _first_rows(self) -> pa.RecordBatch:
        """Return the first rows as text, in so many bytes as hold one at least."""
        size = self.head_size
        while True:
            head = self.stream.peek(size)
            is_all = len(head) < size
            # The last line may go on, or be within quotes: it is left out.
            batch = self._parsed(head if is_all else head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1])
            rows = batch.num_rows if is_all else max(batch.num_rows - 1, 0)
            if rows or is_all or size >= MOST_BLOCK:
                return batch.slice(0, rows)
            size *= TIMES

    def _parsed(self, head: bytes) -> pa.RecordBatch:
        options = pacsv.ParseOptions(
            delimiter=self.format.delimiter, newlines_in_values=True, invalid_row_handler=lambda _: "skip"
        )
        texts = dict.fromkeys(self.names, pa.string())
        block = pacsv.ReadOptions(block_size=2 * len(head))
        reader = pacsv.open_csv(pa.BufferReader(head), block, options, _convert(texts))
        empty = pa.RecordBatch.from_pylist([], pa.schema(texts))
        return next(iter(reader), empty)

    # ---- its rows

    def _typed(
        self, types: Mapping[str, pa.DataType], columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        reader = pacsv.open_csv(
            pa.PythonFile(self.stream, mode="r"),
            pacsv.ReadOptions(block_size=self.block),
            self.parse,
            _convert(types, columns),
        )
        last: pa.RecordBatch | None = None
        self.blocks_read = self.rows_read = 0
        for batch in reader:
            self.blocks_read += 1
            self.rows_read += batch.num_rows
            if last is not None:
                yield from _cut(last)
            last = batch
        if last is not None:
            self._check_end(last)
            yield from _cut(last)

    def _check_end(self, batch: pa.RecordBatch) -> None:
        """Raise `FileError` where a quote that is never closed has made one value of all lines behind it."""
        if self.stream.quotes % 2 and batch.num_rows:
            values = [column[-1].as_py() for column in batch.columns]
            if any(isinstance(value, str) and "\n" in value for value in values):
                raise FileError(f"cannot read {self.name!r}: a quote is not closed")

    def _learn(self, error: FileError) -> None:
        """Choose larger blocks or, with `StartAgain`, other types, whichever the error is about; else raise it."""
        if STRADDLING in error.message:
            self._enlarge_block()
        elif CONVERSION in error.message and not self.as_text:
            self._look_through(error)
            self._rewind()
            raise StartAgain from None
        else:
            raise error

    def _enlarge_block(self) -> None:
        if not self.file.is_seekable or self.block >= MOST_BLOCK:
            message = f"cannot read {self.name!r}: a row has more than {self.block:,} bytes, or a quote is not closed"
            raise FileError(message)
        self.block *= TIMES

    def _look_through(self, error: FileError) -> None:
        """Tell the types from all rows."""
        if not self.file.is_seekable:
            raise FileError(error.message, hint="a pipe's types are told from its first rows: read it from a file")
        while True:
            self._rewind()
            try:
                with reading(self.name):
                    self.types = guessed_types(self.names, self._typed(dict.fromkeys(self.names, pa.string())))
            except FileError as other:
                if STRADDLING not in other.message:
                    raise
                self._enlarge_block()
            else:
                return

    def _rewind(self) -> None:
        self.file.rewind()
        self.stream = self._opened()


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield the rows in batches that are not too large."""
    rows = batch_rows(batch.nbytes / max(batch.num_rows, 1))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


class _Text:
    """The text of a file, uncompressed; its quotes are counted."""

    closed = False

    def __init__(self, file: Input, codec: str | None) -> None:
        self.source: Any = file.reading()
        if codec:
            self.source = pa.CompressedInputStream(pa.PythonFile(self.source, mode="r"), codec)
        self.begin = b""
        self.quotes = self.position = 0

    def peek(self, size: int) -> bytes:
        while len(self.begin) < size and (part := self.source.read(size - len(self.begin))):
            self.begin += part
        return self.begin[:size]

    def read(self, size: int) -> bytes:
        data, self.begin = self.begin[:size], self.begin[size:]
        data = data or self.source.read(size)
        self.quotes += data.count(b'"')
        self.position += len(data)
        return data

    def close(self) -> None:
        """Leave the file open, to be read anew."""


def _convert(types: Mapping[str, pa.DataType], columns: Sequence[str] | None = None) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types=types,
        include_columns=None if columns is None else list(columns),
        null_values=[""],
        strings_can_be_null=False,
    )


def _check_names(name: str, names: Sequence[str]) -> None:
    refuse_doubles(name, names)
    if all(map(NUMBER.fullmatch, names)) and not all(map(WHOLE.fullmatch, names)):
        raise FileError(
            f"the first line of {name!r} holds numbers, not the names of columns", hint="put a line of names on top"
        )
