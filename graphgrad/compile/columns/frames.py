"""Read columns of a frame of any library, and return the frame with columns added, through narwhals."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.series import PANDAS, PYARROW, made_in, narwhals, pandas_maker, pyarrow
from graphgrad.compile.columns.tabular import library_name, library_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphgrad.compile.columns.series import Column

__all__ = ["Frame", "frame_of", "is_lazy", "lazily"]


ELSEWHERE: Final = frozenset({"dask", "pyspark"})
"""The libraries whose frames are plans for rows that are elsewhere."""

OTHERS: Final = "give a frame of pandas, Polars or PyArrow"


class Frame:
    """A frame whose columns are in memory: its names, its native columns, and itself with more of them."""

    def __init__(self, native: Any, restored: Callable[[Any], Any] = lambda native: native) -> None:
        """Keep a native frame that narwhals knows, and what makes the user's kind of frame of such a one."""
        self.native, self._restored = native, restored
        self._library = library_of(type(native))

    @property
    def names(self) -> list[Any]:
        """The names of the columns; some may be equal."""
        return [*(self.native.column_names if self._library == PYARROW else self.native.columns)]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.native)

    def column(self, name: str) -> Any:
        """Return a native series; raise `GraphgradError` where two columns have its name."""
        if self.names.count(name) > 1:
            raise GraphgradError(f"the frame has two columns '{name}'", hint="rename one of them")
        return self.native[name]

    def with_columns(self, results: Mapping[str, Column], like: list[Any]) -> Any:
        """Return a frame of the user's kind with new columns.

        In pandas they have a mask, or Arrow's memory, where a column in `like` has.
        """
        native = self.native
        if self._library == PANDAS:
            make = pandas_maker([column.dtype for column in like])
            pandas = sys.modules[PANDAS]
            new = {name: pandas.Series(make(*x), index=native.index, copy=False) for name, x in results.items()}
            return native.assign(**new)
        nw = narwhals()
        made = made_in(nw.get_native_namespace(native), results)
        if self._library == PYARROW:
            for name, column in made.items():
                native = native.append_column(name, column)
            return self._restored(native)
        series = (nw.from_native(column, series_only=True) for column in made.values())
        return self._restored(nw.from_native(native, eager_only=True).with_columns(*series).to_native())


def frame_of(native: Any) -> Frame:
    """Return a frame to read columns of; what narwhals has not in memory is read into a table of PyArrow.

    Raises `GraphgradError` for a frame whose rows are not here, such as a query or one of Dask.
    """
    kind = type(native)
    if library_of(kind) == PANDAS:
        return Frame(native)
    if hasattr(kind, "__arrow_c_array__") and library_of(kind) == PYARROW:
        return Frame(pyarrow().Table.from_batches([native]), _batch)
    if narwhals().dependencies.is_into_dataframe(native):
        return Frame(native)
    return Frame(_table(native, kind))


def _batch(table: Any) -> Any:
    """Return a table as one record batch."""
    arrays = [column.combine_chunks() for column in table.columns]
    return pyarrow().RecordBatch.from_arrays(arrays, schema=table.schema)


def _table(native: Any, kind: type) -> Any:
    """Return what can be read through Arrow or the dataframe interchange as a table of PyArrow."""
    title = f"{library_name(kind)}.{kind.__name__}"
    if library_of(kind) in ELSEWHERE:
        raise GraphgradError(f"the rows of a {title} are not in memory", hint="collect or compute it first")
    try:
        if hasattr(kind, "__arrow_c_stream__"):
            return narwhals().from_arrow(native, backend=pyarrow()).to_native()
        if hasattr(kind, "__dataframe__"):
            return import_module(f"{pyarrow().__name__}.interchange").from_dataframe(native)
    except GraphgradError:
        raise
    except Exception as error:  # noqa: BLE001  a stranger's frame may raise anything when it is read
        fault = str(error).partition("\n")[0]
        raise GraphgradError(f"the frame, a {title}, cannot be read: {fault}", hint=OTHERS) from None
    raise GraphgradError(f"a {title} cannot be read as a frame", hint=OTHERS)


def is_lazy(native: Any) -> bool:
    """Whether a frame is a lazy one of Polars.

    >>> import polars
    >>> is_lazy(polars.LazyFrame({"x": [1]})), is_lazy(polars.DataFrame({"x": [1]}))
    (True, False)
    """
    kind = type(native)
    return (library_name(kind), kind.__name__) == ("polars", "LazyFrame")


def lazily(native: Any, apply: Callable[[Any], Any]) -> Any:
    """Return a lazy frame of Polars with a function applied to its batches, which works row by row.

    The function is called at once with a frame of the same columns without rows, so that it can refuse them.
    """
    schema = native.collect_schema()
    added = apply(sys.modules["polars"].DataFrame(schema=schema)).schema
    return native.map_batches(apply, projection_pushdown=False, predicate_pushdown=False, schema=added, streamable=True)
