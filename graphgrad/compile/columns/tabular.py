"""Tell frames and series of any library from arrays and numbers, by their types and without importing anything."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

__all__ = ["is_frame", "is_of_tables", "is_series", "library_name", "library_of"]

FRAME, SERIES, NEITHER = "frame", "series", ""

KNOWN: Final = {
    **{
        (library, "DataFrame"): FRAME
        for library in ("cudf", "dask", "modin", "narwhals", "pandas", "polars", "pyspark")
    },
    **{(library, "Series"): SERIES for library in ("cudf", "modin", "narwhals", "pandas", "polars")},
    **{(library, "LazyFrame"): FRAME for library in ("narwhals", "polars")},
    ("pandas", "Index"): SERIES,
    ("pandas", "ExtensionArray"): SERIES,
    ("pyarrow", "Array"): SERIES,
    ("pyarrow", "ChunkedArray"): SERIES,
    ("pyarrow", "Scalar"): NEITHER,
}
"""What the classes of libraries are, by the library and the class's name; subclasses are the same."""

# Dask's Series is none here: its rows are elsewhere, and `partitions` gives them to the function.

SIGNS: Final = {"__dataframe__": FRAME, "__arrow_c_stream__": FRAME, "__arrow_c_array__": SERIES}
"""What other classes are, by the method of the dataframe interchange or of Arrow that they have."""


def is_frame(value: Any) -> bool:
    """Whether a value is a table with named columns.

    >>> is_frame({"x": [1, 2]}), is_frame([1, 2])
    (False, False)
    """
    kind: Any = type(value)
    return _kind(kind) == FRAME


def is_series(value: Any) -> bool:
    """Whether a value is a column of a library of tables; NumPy's arrays are none."""
    kind: Any = type(value)
    return _kind(kind) == SERIES


def is_of_tables(kind: Any) -> bool:
    """Whether values of a class are frames or series.

    >>> is_of_tables(list)
    False
    """
    return _kind(kind) != NEITHER


def library_name(kind: type) -> str:
    """Return the name of the package that defines a class.

    >>> from fractions import Fraction
    >>> library_name(Fraction)
    'fractions'
    """
    return kind.__module__.partition(".")[0]


def library_of(kind: type) -> str:
    """Return the library of tables whose class this is, or is derived from; of another class the package.

    >>> import polars
    >>> library_of(polars.DataFrame), library_of(type("Orders", (polars.DataFrame,), {}))
    ('polars', 'polars')
    """
    known = (library_name(base) for base in kind.__mro__ if (library_name(base), base.__name__) in KNOWN)
    return next(known, library_name(kind))


@lru_cache(maxsize=1024)
def _kind(kind: Any) -> str:
    known = (KNOWN.get((library_name(base), base.__name__)) for base in kind.__mro__)
    signs = (found for sign, found in SIGNS.items() if hasattr(kind, sign))
    return next((found for found in known if found is not None), None) or next(signs, NEITHER)
