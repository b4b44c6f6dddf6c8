"""Compiled functions of frames and series: the same kind out, rows with nulls null, and clear errors."""

from __future__ import annotations

import datetime as dt
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import dask.dataframe as dd
import duckdb
import narwhals as nw
import narwhals.stable.v1
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import graphgrad as gg
from graphgrad.base.extras import install

if TYPE_CHECKING:
    from collections.abc import Callable

BILL: Final = "(apple*n + orange*m)*tax"
BILLS: Final[dict[str, list[Any]]] = {
    "apple": [100.0, 200.0, 50.0],
    "n": [2, 3, 4],
    "orange": [150.0, 150.0, 1.0],
    "m": [3, 4, 0],
    "tax": [1.1, 1.2, 1.0],
    "shop": ["a", "b", "c"],
}
COLUMNS = {name: np.array(x) for name, x in BILLS.items() if name != "shop"}
FUNCTION = gg.parse(BILL).compile(["apple", "tax"])
VALUE, GRAD = FUNCTION(**COLUMNS)
NEW: Final = {"value": VALUE, "∂apple": GRAD["apple"], "∂tax": GRAD["tax"]}

Table = dict[str, list[Any]]


def arrow_backed(table: Table) -> pd.DataFrame:
    """Return a frame of pandas in Arrow's memory."""
    return pd.DataFrame({name: pd.Series(pd.arrays.ArrowExtensionArray(pa.array(x))) for name, x in table.items()})


class Stream:
    """A table that only hands out its rows through Arrow."""

    def __init__(self, table: pa.Table) -> None:
        """Keep the table."""
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return the table's rows."""
        return self.table.__arrow_c_stream__(requested_schema)


class Interchange:
    """A table that only follows the dataframe interchange protocol."""

    def __init__(self, table: pa.Table) -> None:
        """Keep the table."""
        self.table = table

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any:  # noqa: FBT002  the protocol's
        """Return the table's interchange object."""
        return self.table.__dataframe__(nan_as_null, allow_copy)


class Orders(pd.DataFrame):  # type: ignore[misc]  # pandas has no types
    """A user's own kind of frame."""

    @property
    def _constructor(self) -> Any:
        return Orders


FRAMES: Final[dict[str, Callable[[Table], Any]]] = {
    "pandas": pd.DataFrame,
    "pandas nullable": lambda table: pd.DataFrame(table).convert_dtypes(),
    "pandas Arrow": arrow_backed,
    "derived from pandas": Orders,
    "narwhals": lambda table: nw.from_native(pl.DataFrame(table)),
    "narwhals of pandas": lambda table: nw.from_native(pd.DataFrame(table).convert_dtypes()),
    "narwhals lazy": lambda table: nw.from_native(pl.LazyFrame(table)),
    "stable narwhals": lambda table: nw.stable.v1.from_native(pa.table(table)),
    "polars": pl.DataFrame,
    "polars lazy": pl.LazyFrame,
    "table": pa.table,
    "batch": pa.record_batch,
}
WITHOUT_NULLS: Final = {"pandas", "derived from pandas"}
"""The frames whose columns of floats have nan instead of nulls."""

STREAMS: Final[dict[str, Callable[[Table], Any]]] = {
    "reader": lambda table: pa.table(table).to_reader(),
    "stream": lambda table: Stream(pa.table(table)),
    "interchange": lambda table: Interchange(pa.table(table)),
    "duckdb": lambda table: duckdb.from_arrow(pa.table(table)),
    "duckdb arrow": lambda table: duckdb.from_arrow(pa.table(table)).arrow(),
}

SERIES: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "pandas": lambda x: pd.Series(x, index=[*range(5, 5 + len(x))]),
    "pandas nullable": lambda x: pd.Series(x).convert_dtypes(),
    "pandas Arrow": lambda x: pd.Series(pd.arrays.ArrowExtensionArray(pa.array(x))),
    "polars": pl.Series,
    "narwhals": lambda x: nw.from_native(pl.Series(x), series_only=True),
    "stable narwhals": lambda x: nw.stable.v1.from_native(pl.Series(x), series_only=True),
    "chunks": lambda x: pa.chunked_array([x[:1], x[1:]]),
    "arrow": pa.array,
}

EACH_FRAME = pytest.mark.parametrize("kind", FRAMES)
EACH_SERIES = pytest.mark.parametrize("kind", SERIES)


def listed(frame: Any) -> Table:
    """Return a frame's columns as lists, nulls as None."""
    if isinstance(frame, pl.LazyFrame | nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    wrapped = nw.from_native(frame, eager_only=True)
    return {name: in_list(wrapped[name].to_native()) for name in wrapped.columns}


def in_list(series: Any) -> list[Any]:
    """Return a series as a list, nulls as None."""
    values = series.to_pylist() if isinstance(series, (pa.Array, pa.ChunkedArray)) else series.to_list()
    return [None if x is pd.NA else x for x in values]


@EACH_FRAME
def test_a_frame_gets_the_columns_added(kind: str) -> None:
    """The result is of the same kind, and has the frame's columns and the numbers of arrays."""
    frame = FRAMES[kind](BILLS)
    result = FUNCTION(frame)
    assert type(result) is type(frame)
    assert listed(result) == BILLS | {name: x.tolist() for name, x in NEW.items()}
    assert listed(frame) == BILLS


@pytest.mark.parametrize("kind", STREAMS)
def test_other_frames_give_a_table(kind: str) -> None:
    """What hands out Arrow's streams or follows the interchange protocol becomes a table of PyArrow."""
    result = FUNCTION(STREAMS[kind](BILLS))
    assert isinstance(result, pa.Table)
    assert listed(result) == BILLS | {name: x.tolist() for name, x in NEW.items()}


@EACH_FRAME
def test_a_null_makes_its_row_null(kind: str) -> None:
    """In the value and in all partials; the other rows are as they were."""
    table = BILLS | {"n": [2.0, None, 4.0], "shop": ["a", "b", None]}
    result = listed(FUNCTION(FRAMES[kind](table)))
    for name, x in NEW.items():
        missing = result[name].pop(1)
        assert (np.isnan(missing)) if kind in WITHOUT_NULLS else missing is None
        assert result[name] == x[[0, 2]].tolist()


@pytest.mark.parametrize("kind", ["pandas", "polars", "table", "pandas Arrow"])
def test_a_nan_is_a_number(kind: str) -> None:
    """It gives nan, no null."""
    frame = FRAMES[kind](BILLS | {"n": [2.0, float("nan"), 4.0]})
    result = listed(FUNCTION(frame))
    assert np.isnan(result["value"][1])
    assert result["∂tax"][2] == GRAD["tax"][2]


@EACH_FRAME
def test_a_frame_without_rows_gives_one(kind: str) -> None:
    """With the new columns."""
    frame = FRAMES[kind]({name: [1.0] for name in COLUMNS})
    empty = frame.head(0) if hasattr(frame, "head") else frame.slice(0, 0)
    assert listed(FUNCTION(empty)) == {name: [] for name in (*COLUMNS, *NEW)}


def test_columns_without_type_and_rows_are_taken() -> None:
    """A frame of pandas without rows has columns of objects."""
    assert FUNCTION(pd.DataFrame(columns=[*COLUMNS])).columns.tolist() == [*COLUMNS, *NEW]


@pytest.mark.parametrize("index", [["b", "b", "a"], [3, 1, 2], pd.MultiIndex.from_tuples([(1, 2), (1, 2), (0, 0)])])
def test_the_index_of_pandas_is_kept(index: Any) -> None:
    """A row's result stays with it, also where two rows have one name."""
    frame = pd.DataFrame(BILLS, index=index)
    result = FUNCTION(frame)
    assert result.index.equals(frame.index)
    assert result["value"].tolist() == VALUE.tolist()
    value, grad = FUNCTION(**frame[[*COLUMNS]])
    assert value.index.equals(frame.index)
    assert grad["tax"].equals(result["∂tax"].rename("∂tax"))


def test_columns_of_pandas_are_of_the_kind_of_the_others() -> None:
    """NumPy's, with a mask, or Arrow's, as the columns that they are computed from."""
    kinds = {"pandas": "float64", "pandas nullable": "Float64", "pandas Arrow": "double[pyarrow]"}
    assert {kind: str(FUNCTION(FRAMES[kind](BILLS))["value"].dtype) for kind in kinds} == kinds


def test_metadata_of_a_table_stays() -> None:
    """Of the schema and of its fields."""
    table = pa.table(COLUMNS).replace_schema_metadata({"source": "till"})
    assert FUNCTION(table).schema.metadata == {b"source": b"till"}


@EACH_FRAME
@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ({"value": "total", "apple": "d_apple"}, ["total", "d_apple", "∂tax"]),
        ({"∂tax": "d_tax"}, ["value", "∂apple", "d_tax"]),
        (["total", "a", "t"], ["total", "a", "t"]),
    ],
)
def test_new_columns_can_have_other_names(kind: str, names: Any, columns: list[str]) -> None:
    """By the results' names or the inputs', or all in order."""
    assert [*listed(FUNCTION(FRAMES[kind](BILLS), names=names))] == [*BILLS, *columns]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"valeu": "x"}, "did you mean 'value'"),
        ({"value": "x", "tax": "x"}, "one name"),
        (["x"], "a list of 3"),
        ("total", "names= cannot be 'total'"),
        ({"value": 5}, "names= cannot be"),
        ({"value": "shop"}, "has a column 'shop' already"),
        (5, "names= cannot be 5"),
    ],
)
def test_wrong_names_are_refused(names: Any, message: str) -> None:
    """With what to write instead."""
    with pytest.raises(gg.GraphgradError, match=message):
        FUNCTION(pl.DataFrame(BILLS), names=names)


@EACH_FRAME
def test_a_column_is_never_overwritten(kind: str) -> None:
    """The error says how to name the new one."""
    with pytest.raises(gg.GraphgradError, match=r"'∂apple' already\nname the new column, as in names=\{'∂apple'"):
        FUNCTION(FRAMES[kind](BILLS | {"∂apple": [1, 2, 3]}))


@EACH_FRAME
@pytest.mark.parametrize("name", ["apple", "tax"])
def test_what_is_no_column_can_be_given_by_name(kind: str, name: str) -> None:
    """Also the first input, whose place the frame takes."""
    table = {other: x for other, x in BILLS.items() if other != name}
    expected, _ = FUNCTION(**COLUMNS | {name: 7.0})
    assert listed(FUNCTION(FRAMES[kind](table), **{name: 7}))["value"] == expected.tolist()


def test_named_columns_are_taken_beside_a_frame() -> None:
    """Arrays, lists and series of the frame's length."""
    table = {name: x for name, x in BILLS.items() if name != "tax"}
    for tax in (COLUMNS["tax"], BILLS["tax"], pl.Series(BILLS["tax"])):
        assert FUNCTION(pl.DataFrame(table), tax=tax)["value"].to_list() == VALUE.tolist()
    with pytest.raises(gg.GraphgradError, match="do not go together"):
        FUNCTION(pl.DataFrame(table), tax=[1, 2])


def test_defaults_of_the_program_fill_what_is_missing() -> None:
    """As they do at a point; they are differentiated by, too."""
    f = gg.parse("tax = 1.5; apple*tax").compile()
    assert listed(f(pl.DataFrame({"apple": [2, 4]}))) == {
        "apple": [2, 4],
        "value": [3.0, 6.0],
        "∂tax": [2.0, 4.0],
        "∂apple": [1.5, 1.5],
    }


@EACH_FRAME
def test_a_missing_column_suggests_the_near_one(kind: str) -> None:
    """And shows where the expression uses it."""
    table = {{"apple": "aple"}.get(name, name): x for name, x in BILLS.items()}
    with pytest.raises(gg.UnknownNameError, match=r"no column 'apple'(.|\n)*did you mean 'aple'") as caught:
        FUNCTION(FRAMES[kind](table))
    assert caught.value.span == (1, 6)


@pytest.mark.parametrize(
    ("named", "message"),
    [({"tax": 2}, "'tax' is a column of the frame"), ({"n": pd.DataFrame(BILLS)}, "is a column of the frame")],
)
def test_an_input_has_one_value(named: dict[str, Any], message: str) -> None:
    """It is no column and an argument."""
    with pytest.raises(gg.GraphgradError, match=message):
        FUNCTION(pl.DataFrame(BILLS), **named)


WRONG: Final[dict[str, list[Any]]] = {
    "text": ["a", "b", "c"],
    "date": [dt.date(2020, 1, day) for day in (1, 2, 3)],
    "time": [dt.datetime(2020, 1, day) for day in (1, 2, 3)],  # noqa: DTZ001  a column of naive times
    "duration": [dt.timedelta(day) for day in (1, 2, 3)],
    "list": [[1], [2], [3]],
    "struct": [{"a": 1}] * 3,
    "bytes": [b"1", b"2", b"3"],
}


@EACH_FRAME
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_type_names_the_column(kind: str, wrong: str) -> None:
    """Whatever library the frame is of."""
    with pytest.raises(gg.GraphgradError, match=r"the column 'n' is of type .*, and not of numbers"):
        FUNCTION(FRAMES[kind](BILLS | {"n": WRONG[wrong]}))


@EACH_SERIES
@pytest.mark.parametrize("wrong", WRONG)
def test_a_series_of_a_wrong_type_names_the_column(kind: str, wrong: str) -> None:
    """By name as in a frame."""
    with pytest.raises(gg.GraphgradError, match=r"the column 'n' is of type .*, and not of numbers"):
        FUNCTION(**{name: SERIES[kind](x) for name, x in (BILLS | {"n": WRONG[wrong]}).items() if name != "shop"})


ODD: Final[dict[str, Any]] = {
    "category": pd.Series([1, 2, 3], dtype="category"),
    "objects": pd.Series([1, 2.5, "x"], dtype=object),
    "decimals as objects": pd.Series([Decimal(1)] * 3),
    "complex": pd.Series([1j, 2, 3]),
    "interval": pd.Series(pd.interval_range(0, 3)),
    "dictionary": pa.array([1, 2, 3]).dictionary_encode(),
    "enum": pl.Series(["a", "b", "c"], dtype=pl.Enum(["a", "b", "c"])),
}


@pytest.mark.parametrize("odd", ODD)
def test_no_odd_type_is_taken_for_numbers(odd: str) -> None:
    """Though some hold numbers."""
    with pytest.raises(gg.GraphgradError, match="the column 'x' is of type"):
        gg.parse("x + y").compile()(x=ODD[odd], y=1)


NUMBERS: Final[dict[str, Any]] = {
    **{dtype: pd.Series([1, 0, 1], dtype=dtype) for dtype in ("int8", "uint64", "bool", "float16", "Int64", "boolean")},
    **{f"pl.{dtype}": pl.Series([1, 0, 1]).cast(dtype) for dtype in (pl.Int128, pl.UInt8, pl.Boolean, pl.Float64)},
    "pl.Decimal": pl.Series([Decimal("1.0"), Decimal("0.0"), Decimal("1.0")]),
    "pd.decimal": pd.Series([1, 0, 1], dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
    "long double": pd.Series(np.array([1, 0, 1], np.longdouble)),
    "other order of bytes": pd.Series(np.array([1, 0, 1], ">i4")),
    "floats in another order of bytes": pd.Series(np.array([1, 0, 1], ">f8")),
    "decimal256": pa.array([Decimal(1), Decimal(0), Decimal(1)], pa.decimal256(60, 3)),
    "halffloat": pa.array([1, 0, 1], pa.float16()),
    "decimal128": pa.array([Decimal(1), Decimal(0), Decimal(1)]),
    "index": pd.Index([1, 0, 1]),
    "masked": pd.array([1, 0, 1]),
}


@pytest.mark.parametrize("numbers", NUMBERS)
def test_numbers_of_each_type_give_float64(numbers: str) -> None:
    """Integers, booleans, decimals and short floats."""
    value, grad = gg.parse("x*1.5").compile()(NUMBERS[numbers])
    assert in_list(value) == [1.5, 0, 1.5]
    assert in_list(grad["x"]) == [1.5] * 3
    assert gg.parse("x").compile()(x=NUMBERS[numbers])[0].dtype in FLOAT64 if hasattr(value, "dtype") else True


FLOAT64: Final = (np.float64, pd.Float64Dtype(), pd.ArrowDtype(pa.float64()), pl.Float64)


def test_columns_of_float32_alone_give_float32() -> None:
    """As arrays do."""
    frame = pl.DataFrame({"x": [1.0, None], "y": [2.0, 3.0]}, schema={"x": pl.Float32, "y": pl.Float32})
    f = gg.parse("x*y").compile()
    assert f(frame)["value"].dtype == f(x=frame["x"], y=2)[0].dtype == pl.Float32
    assert f(frame.lazy()).collect_schema() == f(frame).schema
    assert f(frame.with_columns(y=pl.col("y").cast(pl.Float64)))["value"].dtype == pl.Float64


@EACH_SERIES
def test_series_give_series(kind: str) -> None:
    """Of the same library, by position and by name."""
    series = {name: SERIES[kind](x) for name, x in BILLS.items() if name != "shop"}
    for value, grad in (FUNCTION(**series), FUNCTION(*series.values())):
        assert type(value) in (type(series["apple"]), type(pa.array([1.0])))
        assert in_list(value) == VALUE.tolist()
        assert {name: in_list(d) for name, d in grad.items()} == {name: d.tolist() for name, d in GRAD.items()}


@EACH_SERIES
def test_a_null_in_a_series_stays_null(kind: str) -> None:
    """As in a frame."""
    value, grad = gg.parse("x*y").compile()(x=SERIES[kind]([1.0, None, 3.0]), y=2)
    missing = [in_list(value)[1], in_list(grad["y"])[1], in_list(grad["x"])[1]]
    if kind in WITHOUT_NULLS:  # where nan is how a null is written
        assert np.isnan(missing).all()
    else:
        assert missing == [None] * 3


def test_series_go_with_numbers_arrays_and_other_series() -> None:
    """The first series decides on the library; all have one length."""
    f = gg.parse("a + b + c + d").compile([])
    value, _ = f(1, np.array([1.0, 2.0]), pl.Series([1, None]), pd.Series([1.0, 1.0]))
    assert isinstance(value, pl.Series)
    assert value.to_list() == [4.0, None]
    with pytest.raises(gg.GraphgradError, match="do not go together"):
        f(1, np.array([1.0, 2.0, 3.0]), pl.Series([1, None]), 1)
    with pytest.raises(gg.GraphgradError, match="has 1 rows"):
        f(1, np.array([1.0, 2.0, 3.0]), pl.Series([1]), 1)


def test_other_indexes_are_no_rows_of_one_table() -> None:
    """They would go together by position, which pandas itself never does."""
    x, y = pd.Series([1.0, 2.0], index=["a", "b"]), pd.Series([1.0, 2.0], index=["b", "a"])
    f = gg.parse("x*y").compile()
    with pytest.raises(gg.GraphgradError, match=r"indexes of 'x' and 'y' differ(.|\n)*reset_index"):
        f(x=x, y=y)
    with pytest.raises(gg.GraphgradError, match="indexes of the frame and 'y' differ"):
        f(x.to_frame("x"), y=y)


@EACH_SERIES
def test_operations_on_arrays_take_series(kind: str) -> None:
    """As arrays, and give what arrays give."""
    f = gg.parse("sum(x)*y").compile()
    value, grad = f(x=SERIES[kind]([1.0, 2.0]), y=3)
    assert (value, grad["x"].tolist(), grad["y"]) == (9, [3, 3], 3)


@pytest.mark.parametrize("kind", ["polars", "chunks", "pandas Arrow", "pandas nullable"])
def test_a_sum_over_a_null_is_refused(kind: str) -> None:
    """It is not skipped silently."""
    with pytest.raises(gg.GraphgradError, match="'x' is null in row 1"):
        gg.parse("sum(x)*y").compile()(x=SERIES[kind]([1.0, None]), y=3)


@EACH_FRAME
def test_operations_on_arrays_refuse_a_frame(kind: str) -> None:
    """The result is not one for each row."""
    with pytest.raises(gg.GraphgradError, match=r"sum works on whole columns(.|\n)*by name"):
        gg.parse("sum(apple)*n").compile()(FRAMES[kind](BILLS))


def test_other_columns_may_have_one_name() -> None:
    """As the results of a join may, where the library allows it."""
    arrays, names = [pa.array([1.0]), pa.array([2.0]), pa.array([3]), pa.array(["a"])], ["x", "y", "z", "z"]
    frames = [pa.Table.from_arrays(arrays, names), pa.RecordBatch.from_arrays(arrays, names)]
    frames.append(pd.DataFrame([[1.0, 2.0, 3, "a"]], columns=names))
    f = gg.parse("x*y").compile()
    for frame in frames:
        columns = f(frame).columns if isinstance(frame, pd.DataFrame) else f(frame).schema.names
        assert [*columns] == [*names, "value", "∂x", "∂y"]
    with pytest.raises(gg.GraphgradError, match="two columns 'z'"):
        gg.parse("z").compile()(frames[0])


def test_series_in_narwhals_have_the_indexes_of_pandas() -> None:
    """They go together only where these are equal, as those of pandas themselves."""
    x, y = (nw.from_native(pd.Series([1.0, 2.0], index=i), series_only=True) for i in (["a", "b"], ["b", "a"]))
    f = gg.parse("x*y").compile()
    with pytest.raises(gg.GraphgradError, match="indexes of 'x' and 'y' differ"):
        f(x=x, y=y)
    assert f(x=x, y=x)[0].to_native().index.tolist() == ["a", "b"]
    rows = f.propagate({"x": x, "y": 2}, {"x": x})
    assert (rows.error.to_list(), type(rows.shares["x"])) == ([2, 4], nw.Series)


def test_every_row_of_a_frame_has_the_value_of_a_constant() -> None:
    """Also where no column is an input."""
    frame = pl.DataFrame({"shop": ["a", "b"]})
    assert gg.parse("2*3").compile()(frame)["value"].to_list() == [6, 6]
    assert gg.parse("x*3").compile()(frame, x=2)["∂x"].to_list() == [3, 3]


LARGE = "; ".join(["a0 = x*y", *(f"a{i} = a{i - 1}*x" for i in range(1, 5_001)), "a5000"])


@pytest.mark.parametrize("text", ["lambda*x", "names*x", "out*x", "_first*x", "`unit price`*x", LARGE])
def test_any_input_can_be_a_column(text: str) -> None:
    """Also one with a name that no parameter of Python's can have, and of a graph that is interpreted."""
    f: Any = gg.parse(text).compile()
    frame = pl.DataFrame({name: [1.0, 1.0] for name in f.inputs})
    assert f(frame).columns == [*f.inputs, "value", *(f"∂{name}" for name in f.inputs)]
    first, *rest = f.inputs
    assert f(frame.select(rest), **{first: 1.0})["value"].equals(f(frame)["value"])


def test_wrong_uses_of_frames_are_refused() -> None:
    """With what to do instead."""
    frame = pl.DataFrame(BILLS)
    with pytest.raises(gg.GraphgradError, match="out= is for arrays"):
        FUNCTION(frame, out=(None, {}))
    with pytest.raises(gg.GraphgradError, match="there is no frame"):
        FUNCTION(*COLUMNS.values(), names=["a", "b", "c"])
    with pytest.raises(gg.GraphgradError, match="there is no frame"):
        FUNCTION(1.0, 2.0, 3.0, 4.0, 5.0, names=["a", "b", "c"])
    with pytest.raises(gg.GraphgradError, match=r"'n' cannot be a frame(.|\n)*f\(df\)"):
        FUNCTION(apple=1, n=frame, orange=1, m=1, tax=1)
    with pytest.raises(gg.GraphgradError, match="two columns 'x'"):
        gg.parse("x*y").compile()(pd.DataFrame([[1, 2, 3]], columns=["x", "x", "y"]))
    with pytest.raises(TypeError, match="multiple values for argument 'apple'"):
        FUNCTION(1.0, apple=2.0)


def test_series_of_dask_stay_dask_s() -> None:
    """They are arrays of a library that computes later."""
    dask: Any = dd
    plan = dask.from_pandas(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), npartitions=2)
    f = gg.parse("x*x").compile()
    assert f(x=plan["x"])[0].compute().tolist() == [1, 4, 9]


class Broken:
    """A frame that cannot be read."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Raise an error of its own."""
        raise LookupError("no rows")


def test_a_frame_that_cannot_be_read_says_so() -> None:
    """Whatever its library raises."""
    with pytest.raises(gg.GraphgradError, match=r"the frame, a .*Broken, cannot be read: no rows"):
        FUNCTION(Broken())
    with pytest.raises(gg.GraphgradError, match=r"cannot be read"):
        FUNCTION(Stream(pa.chunked_array([[1.0]])))


def test_a_lazy_frame_is_checked_at_once_and_computed_later() -> None:
    """Columns that are filtered or chosen afterwards are right, too."""
    lazy = FUNCTION(pl.LazyFrame(BILLS))
    assert lazy.filter(pl.col("value") > VALUE[0]).select("shop").collect()["shop"].to_list() == ["b"]
    assert lazy.select("∂tax").collect()["∂tax"].to_list() == GRAD["tax"].tolist()
    with pytest.raises(gg.GraphgradError, match="rows of the lazy frame are not known"):
        FUNCTION(pl.LazyFrame(BILLS).drop("tax"), tax=BILLS["tax"])


def test_frames_without_narwhals_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays need it not."""
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(gg.GraphgradError, match=re.escape(install("frames"))):
        FUNCTION(pl.DataFrame(BILLS))
    assert FUNCTION(**COLUMNS)[0].tolist() == VALUE.tolist()


def test_rows_of_a_frame_can_be_checked_and_blamed() -> None:
    """As those of arrays."""
    assert FUNCTION.check(pd.DataFrame(BILLS))
    assert FUNCTION.check({name: pl.Series(x) for name, x in COLUMNS.items()})
    [blamed] = gg.parse("log(x)").compile().blame(pa.table({"x": [1.5, 0.0]}))
    assert blamed.row == 1
