"""Read series of pandas, Polars and PyArrow as NumPy arrays, and make series of results, through narwhals."""

from __future__ import annotations

import sys
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install
from graphgrad.compile.columns.tabular import library_name, library_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "PANDAS",
    "PYARROW",
    "Column",
    "any_null",
    "made_in",
    "narwhals",
    "pandas_maker",
    "pyarrow",
    "read",
    "series_like",
    "unwrapped",
    "wrapped",
]

PANDAS: Final = "pandas"
"""The library whose frames and series have an index."""

NARWHALS: Final = "narwhals"
PYARROW: Final = "pyarrow"

KEPT: Final = "kept"
"""The beginning of a column's name that says which rows are not null, while results are made."""

ARROW: Final = "ArrowDtype"
"""The name of pandas' type of columns in Arrow's memory."""


class Column(NamedTuple):
    """A column as a NumPy array of numbers, with the mask of its nulls, None where it has none."""

    numbers: Any
    nulls: Any = None


def narwhals() -> Any:
    """Return narwhals; raise `GraphgradError` where it is not installed."""
    try:
        import narwhals
    except ImportError:
        hint = f"{install('frames')}, or give NumPy arrays"
        raise GraphgradError("frames and series need narwhals, which is not installed", hint=hint) from None
    return narwhals


def pyarrow() -> Any:
    """Return PyArrow, which reads frames of other libraries; raise `GraphgradError` where it is not installed."""
    try:
        return narwhals().Implementation.PYARROW.to_native_namespace()
    except ImportError:
        hint = f"{install('table')}, or give a frame of pandas or Polars"
        raise GraphgradError("this frame needs pyarrow, which is not installed", hint=hint) from None


def unwrapped(given: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return the native frame or series in one of narwhals, and what wraps such a one; anything else as it is.

    >>> import narwhals, polars
    >>> native, wrap = unwrapped(narwhals.from_native(polars.DataFrame({"x": [1]})))
    >>> type(native).__module__, type(wrap(native)).__module__
    ('polars.dataframe.frame', 'narwhals.dataframe')
    """
    kind = type(given)
    if library_of(kind) != NARWHALS:
        return given, lambda result: result
    from_native = getattr(sys.modules[kind.__module__], "from_native", narwhals().from_native)  # a stable version's own
    return given.to_native(), lambda result: from_native(result, allow_series=True)


def wrapped(native: Any) -> Any:
    """Return a series in narwhals; indexes and arrays of pandas and PyArrow become series first."""
    nw, kind = narwhals(), type(native)
    if nw.dependencies.is_into_series(native):
        return nw.from_native(native, series_only=True)
    if library_of(kind) == PANDAS:
        return nw.from_native(sys.modules[PANDAS].Series(native), series_only=True)
    if hasattr(kind, "__arrow_c_array__"):
        return nw.from_native(pyarrow().chunked_array([pyarrow().array(native)]), series_only=True)
    message = f"a column cannot be a {library_name(kind)}.{kind.__name__}"
    raise GraphgradError(message, hint="give a series of pandas, Polars or PyArrow, or an array")


def read(name: str, native: Any) -> Column:
    """Return a series as numbers; raise `GraphgradError` where it holds other things.

    Floats and integers of 64 bits or less are left as they are, except for float16; with it, booleans, decimals and
    what has nulls are read as float64, float32 as float32. In pandas' columns of floats in NumPy's memory nan is how a
    null is written.

    >>> import polars
    >>> read("x", polars.Series([1, None, 3]))
    Column(numbers=array([ 1., nan,  3.]), nulls=array([False,  True, False]))
    """
    import numpy as np

    nw, series = narwhals(), wrapped(native)
    dtype, own = series.dtype, getattr(series.to_native(), "dtype", None)
    is_number = dtype.is_numeric() or dtype == nw.Boolean or _type_of(series).startswith("decimal")
    is_number |= isinstance(own, np.dtype) and own.kind in "biuf"  # of any size and order of bytes
    count = 0 if is_number and isinstance(own, np.dtype) and own.kind != "f" else series.null_count()
    nulls = series.is_null().to_numpy().astype(bool) if count else None
    if (
        not is_number and count == len(series) and (dtype == nw.Unknown or str(own) == "object")
    ):  # no row says what they are
        return Column(np.full(count, np.nan), nulls)
    if not is_number:
        message = f"the column '{name}' is of type {_type_of(series)}, and not of numbers"
        raise GraphgradError(message, hint="convert it to floats before, or leave it out")
    if nulls is not None or str(dtype) not in _READ_AS_THEY_ARE:
        series = series.cast(nw.Float32 if dtype == nw.Float32 else nw.Float64)
    return Column(series.to_numpy(), nulls)


_READ_AS_THEY_ARE: Final = {f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)} | {
    "Float32",
    "Float64",
}
"""The types of narwhals that NumPy has, too, and that a compiled function takes."""


def _type_of(series: Any) -> str:
    native = series.to_native()
    return str(getattr(native, "dtype", None) or native.type)


def any_null(columns: Iterable[Column]) -> Any:
    """Return the mask of the rows in which any column is null; None where none is.

    >>> any_null([Column([1.0]), Column([2.0])]) is None
    True
    """
    masks = [column.nulls for column in columns if column.nulls is not None]
    return reduce(lambda a, b: a | b, masks) if masks else None


def series_like(natives: Sequence[Any], results: Mapping[str, Column]) -> dict[str, Any]:
    """Return columns of results as series of the first native series' library.

    In pandas they have its index, and a mask or Arrow's memory where any of the given series has.

    >>> import polars
    >>> series_like([polars.Series([1, 2])], {"value": Column([0.5, 1.5])})["value"].to_list()
    [0.5, 1.5]
    """
    nw, first = narwhals(), wrapped(natives[0]).to_native()
    if library_of(type(first)) == PANDAS:
        make = pandas_maker([x.dtype for x in natives if library_of(type(x)) == PANDAS])
        new = sys.modules[PANDAS].Series
        return {name: new(make(*x), index=first.index, name=name, copy=False) for name, x in results.items()}
    made = made_in(nw.get_native_namespace(first), results)
    if nw.dependencies.is_into_series(natives[0]):
        return made
    return {name: x.combine_chunks() for name, x in made.items()}  # for PyArrow's arrays, which have no chunks


def made_in(library: Any, results: Mapping[str, Column]) -> dict[str, Any]:
    """Return columns as series of a library that narwhals knows.

    >>> import polars
    >>> import numpy as np
    >>> made_in(polars, {"value": Column(np.array([0.5, 1.5]), np.array([True, False]))})["value"].to_list()
    [None, 1.5]
    """
    nw = narwhals()
    kept = {f"{KEPT} {id(x.nulls)}": ~x.nulls for x in results.values() if x.nulls is not None}
    frame = nw.from_dict({str(i): x.numbers for i, x in enumerate(results.values())} | kept, backend=library)
    for i, x in enumerate(results.values()):
        if x.nulls is not None:
            frame = frame.with_columns(nw.when(nw.col(f"{KEPT} {id(x.nulls)}")).then(nw.col(str(i))).alias(str(i)))
    return {name: frame.get_column(str(i)).alias(name).to_native() for i, name in enumerate(results)}


def pandas_maker(dtypes: Iterable[Any]) -> Callable[[Any, Any], Any]:
    """Return a function of an array and its nulls to what a column of pandas is made of, among columns of these types.

    >>> import numpy as np
    >>> pandas_maker([np.dtype(int)])(np.array([1.0, 2.0]), np.array([True, False]))
    array([nan,  2.])
    """
    import numpy as np

    dtypes, pandas = [*dtypes], sys.modules.get(PANDAS)
    arrays: Any = pandas and pandas.arrays
    if any(type(dtype).__name__ == ARROW for dtype in dtypes):
        return lambda x, nulls: arrays.ArrowExtensionArray(pyarrow().array(x, mask=nulls))
    if not all(isinstance(dtype, np.dtype) for dtype in dtypes):
        return lambda x, nulls: arrays.FloatingArray(x, np.zeros(len(x), bool) if nulls is None else nulls.copy())
    return lambda x, nulls: x if nulls is None else np.where(nulls, np.nan, x)
