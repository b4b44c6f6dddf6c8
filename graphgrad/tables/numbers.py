"""Read a column of a table as numbers: what is null and what is no number is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphgrad.base.errors import GraphgradError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Numbers", "reader_of"]

NUMBER: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(?i:nan(\([a-z0-9_]*\))?|inf|infinity)$"
"""What is a number in a text, after blanks around it are removed: what Arrow reads as float64."""


class Numbers(NamedTuple):
    """A column's numbers, and which of them are missing.

    Attributes:
        values: the numbers; what stands at missing ones means nothing.
        missing: a mask of the rows without a number; None where all have one.
        wrong: a mask of the rows whose text is no number; None where there is none.
    """

    values: Any
    missing: Any = None
    wrong: Any = None


def reader_of(name: str, kind: pa.DataType) -> Callable[[pa.Array], Numbers]:
    """Return the function that reads a column of this type.

    Raises `GraphgradError` for a type that holds no numbers.

    >>> read = reader_of("n", pa.string())
    >>> read(pa.array(["2", " 3 ", "", "1,5", None])).missing.tolist()
    [False, False, True, True, True]
    """
    for is_kind, read in READERS:
        if is_kind(kind):
            return read
    raise GraphgradError(
        f"the column '{name}' holds no numbers: its type is {kind}",
        hint="a formula takes numbers, and texts that are numbers",
    )


def _floats(column: pa.Array) -> Numbers:
    """Read floats of any width; float64 without nulls are not copied."""
    values = column.to_numpy(zero_copy_only=False)
    return Numbers(values.astype(np.float64, copy=False), _nulls(column))


def _plain(column: pa.Array) -> Numbers:
    """Read integers and truth values, which become float64 where they are computed with."""
    return Numbers(column.to_numpy(zero_copy_only=False), _nulls(column)) if not column.null_count else _cast(column)


def _cast(column: pa.Array) -> Numbers:
    return _floats(column.cast(pa.float64(), safe=False))


def _decimals(column: pa.Array) -> Numbers:
    """Read decimals by their digits: Arrow's own cast to floats rounds twice."""
    return _cast(column.cast(pa.string()))


def _texts(column: pa.Array) -> Numbers:
    """Read texts; an empty one is null."""
    try:
        return _floats(column.cast(pa.float64()))
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    given = pc.fill_null(pc.not_equal(trimmed, ""), fill_value=False)
    is_number = pc.fill_null(pc.match_substring_regex(trimmed, NUMBER), fill_value=False)
    wrong = pc.and_not(given, is_number).to_numpy(zero_copy_only=False)
    numbers = pc.if_else(is_number, trimmed, pa.scalar(None, trimmed.type))
    return _floats(numbers.cast(pa.float64()))._replace(wrong=wrong if wrong.any() else None)


def _decoded(column: pa.Array) -> Numbers:
    """Read a column of numbers into a dictionary of values."""
    return reader_of("", column.type.value_type)(column.dictionary_decode())


def _expanded(column: pa.Array) -> Numbers:
    return reader_of("", column.type.value_type)(pc.run_end_decode(column))


def _nulls(column: pa.Array) -> Any:
    return column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _holds(is_encoding: Callable[[pa.DataType], bool]) -> Callable[[pa.DataType], bool]:
    """Tell whether a type is an encoding of values that can be read."""

    def is_kind(kind: pa.DataType) -> bool:
        return is_encoding(kind) and any(is_value(kind.value_type) for is_value, _ in READERS)

    return is_kind


READERS: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], Numbers]], ...]] = (
    (pa.types.is_floating, _floats),
    (pa.types.is_integer, _plain),
    (pa.types.is_boolean, _plain),
    (pa.types.is_decimal, _decimals),
    (_is_text, _texts),
    (pa.types.is_null, _cast),
    (_holds(pa.types.is_dictionary), _decoded),
    (_holds(pa.types.is_run_end_encoded), _expanded),
)
"""How a column is read, by its type."""
