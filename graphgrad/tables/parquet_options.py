"""Choose how each column of a Parquet file is stored: a column of the source as it was, a new one without a dictionary.

To look for equal values in a column of new floats costs ten times what writing them plainly costs.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from graphgrad.base.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphgrad.tables.source import Source

__all__ = ["parquet_options"]

CODECS: Final = {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4", "LZO": "SNAPPY"}
"""The names that differ between a file's metadata and the writer's options."""

ENCODINGS: Final = ("DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")
"""The encodings that a writer uses only where it is told to."""

WIDTHS: Final = {"INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}
"""The bytes of a value that is written plainly, by its type."""

DICTIONARY_BYTES: Final = 1 << 20
INDEX_BYTES: Final = 3
"""The most bytes of a dictionary, and of an index into one."""

FEW: Final = 1 << 14
"""For so few values a dictionary costs next to nothing, whether it serves or not."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """How the values of one leaf are stored: a column, or a field within a nested one."""

    codec: str = "SNAPPY"
    dictionary: bool = True
    statistics: bool = True
    encoding: str | None = None


def parquet_options(schema: pa.Schema, source: Source) -> dict[str, Any]:
    """Return the options of a Parquet writer for these columns.

    Raises `FileError` for a column of a type that Parquet does not have.
    """
    try:
        metadata = _metadata_of(schema)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, OSError):
        _refuse_types(schema)
        raise
    stored = _stored_columns(source.metadata)
    of_source = set(source.schema.names)
    new = _Stored(_usual_codec(stored), dictionary=False)
    leaves: dict[str, _Stored] = {}
    for name, paths in _leaves(metadata).items():
        known = stored.get(name, ())
        unknown = _Stored() if name in of_source else new
        leaves |= {path: known[i] if i < len(known) else unknown for i, (path, _) in enumerate(paths)}
    plain = {path: leaf.encoding for path, leaf in leaves.items() if leaf.encoding and not leaf.dictionary}
    return {
        "compression": {path: leaf.codec for path, leaf in leaves.items()},
        "use_dictionary": [path for path, leaf in leaves.items() if leaf.dictionary],
        "write_statistics": [path for path, leaf in leaves.items() if leaf.statistics],
        "column_encoding": plain or None,
    }


def _refuse_types(schema: pa.Schema) -> None:
    """Raise `FileError` for a column of a type that Parquet does not have."""
    for field in schema:
        try:
            _metadata_of(pa.schema([field]))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid, OSError):
            message = f"the column {field.name!r}, which is of type {field.type}, cannot be written as Parquet"
            raise FileError(message, hint="take .arrow, or leave it out by --keep") from None


def _metadata_of(schema: pa.Schema) -> Any:
    """Return the metadata of a Parquet file without rows."""
    file = io.BytesIO()
    pq.ParquetWriter(file, schema).close()
    file.seek(0)
    return pq.read_metadata(file)


def _leaves(metadata: Any) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Return the paths and the numbers of the leaves, by the name of the table's column."""
    leaves: dict[str, list[tuple[str, int]]] = {name: [] for name in metadata.schema.to_arrow_schema().names}
    for i in range(metadata.num_columns):
        path = metadata.schema.column(i).path
        leaves[_column_of(path, leaves)].append((path, i))
    return leaves


def _column_of(path: str, names: Collection[str]) -> str:
    """Return the column that a leaf's path lies in; a column's name may contain a dot itself.

    >>> _column_of("tags.list.element", {"tags", "n"}), _column_of("a.b", {"a", "a.b"})
    ('tags', 'a.b')
    """
    while path not in names:
        path = path.rpartition(".")[0]
    return path


def _stored_columns(metadata: Any) -> Mapping[str, Sequence[_Stored]]:
    """Return how the leaves of each column of a Parquet file are stored, as its first rows are."""
    if metadata is None or not metadata.num_row_groups:
        return {}
    group = metadata.row_group(0)
    return {name: [_stored(group.column(i)) for _, i in paths] for name, paths in _leaves(metadata).items()}


def _stored(chunk: Any) -> _Stored:
    codec = CODECS.get(chunk.compression, chunk.compression)
    encoding = next((name for name in ENCODINGS if name in chunk.encodings), None)
    return _Stored(codec, _has_dictionary(chunk), chunk.is_stats_set, encoding)


def _has_dictionary(chunk: Any) -> bool:
    """Tell whether a column is stored by a dictionary, and in less than its values take.

    A writer that has begun with a dictionary writes the values plainly once it grows too large; to begin with one
    again would cost as much again.
    """
    if not chunk.has_dictionary_page or chunk.num_values < FEW:
        return bool(chunk.has_dictionary_page)
    width = WIDTHS.get(chunk.physical_type)
    most = width * chunk.num_values if width else DICTIONARY_BYTES + INDEX_BYTES * chunk.num_values
    return bool(chunk.total_uncompressed_size < most)


def _usual_codec(stored: Mapping[str, Sequence[_Stored]]) -> str:
    """Return the codec of most columns."""
    codecs = Counter(leaf.codec for leaves in stored.values() for leaf in leaves)
    return codecs.most_common(1)[0][0] if codecs else "SNAPPY"
