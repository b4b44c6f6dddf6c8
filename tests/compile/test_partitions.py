"""A compiled function of a frame of Dask: partition by partition, when it is computed."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask.delayed import delayed

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

F = gg.parse("apple*n*tax").compile()
NOTES = pd.array([*"abcd"], dtype="string[pyarrow]")  # as Dask holds text
FRAME = pd.DataFrame({"apple": [100.0, 200.0, 300.0, 400.0], "n": [1, 2, 3, 4], "note": NOTES})
DASK: Any = dd  # it ships types for a part of its functions
LATER = DASK.from_pandas(FRAME, npartitions=3)

ANYTHING: Any = 3

CALLS: dict[str, Callable[[Any], Any]] = {
    "call": lambda frame: F(frame, tax=1.5),
    "map_frame": lambda frame: F.map_frame(frame, at={"tax": 1.5}),
    "names": lambda frame: F.map_frame(frame, at={"tax": 1.5}, names={"value": "total", "tax": "by tax"}),
    "sensitivity": lambda frame: F.sensitivity(frame, at={"tax": 1.5}),
    "propagate": lambda frame: F.propagate(frame, {"apple": "±5%", "n": 1}, at={"tax": 1.5}),
}


def computed(later: Any) -> pd.DataFrame:
    """Compute a frame of Dask in this process."""
    frame: pd.DataFrame = later.compute(scheduler="synchronous")
    return frame


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_partitions_give_what_the_frame_gives(call: Callable[[Any], Any]) -> None:
    """The same columns, of the same types, in the same rows."""
    later = call(LATER)
    assert isinstance(later, dd.DataFrame)
    assert later.npartitions == LATER.npartitions
    pd.testing.assert_frame_equal(computed(later), call(FRAME))
    pd.testing.assert_frame_equal(later._meta, call(FRAME).iloc[:0])  # noqa: SLF001  what Dask takes for granted


SERIES: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "all": ("apple*n", lambda frame: {"apple": frame["apple"], "n": frame["n"]}),
    "a number": ("(apple*n + m)*tax", lambda frame: {"apple": frame["apple"], "n": frame["n"], "m": 2, "tax": 1.5}),
    "choices": ("where(apple > n, apple^2, m)*n", lambda frame: {"apple": frame["apple"], "n": frame["n"], "m": 2.0}),
    "masks": ("apple*n", lambda frame: {"apple": frame["apple"].astype("Int64"), "n": 2}),
    "constant partials": ("apple + n", lambda frame: {"apple": frame["apple"], "n": frame["n"]}),
    "derived": ("apple*n", lambda frame: {"apple": frame["apple"] * 2, "n": frame["n"] + 1}),
}


@pytest.mark.parametrize(("text", "inputs"), SERIES.values(), ids=SERIES)
def test_series_give_what_pandas_s_give(text: str, inputs: Callable[[Any], dict[str, Any]]) -> None:
    """Beside numbers, too: value and partials are series of Dask, with pandas' types and names."""
    f = gg.parse(text).compile()
    value, partials = f(**inputs(LATER))
    right_value, right_partials = f(**inputs(FRAME))
    pd.testing.assert_series_equal(value.compute(scheduler="synchronous"), right_value)
    assert [*partials] == [*right_partials]
    for name, partial in partials.items():
        pd.testing.assert_series_equal(partial.compute(scheduler="synchronous"), right_partials[name])


def test_series_beside_other_columns_are_refused() -> None:
    """As beside a frame."""
    with pytest.raises(gg.GraphgradError, match="'n' is a column, and the rows of the partitions are not known yet"):
        gg.parse("apple*n").compile()(apple=LATER["apple"], n=np.ones(4))


def test_series_are_brought_together_by_their_index() -> None:
    """As in Dask's own products."""
    other = DASK.from_pandas(FRAME, npartitions=1)["n"]
    value, _ = gg.parse("apple*n").compile()(apple=LATER["apple"], n=other)
    assert list(value.compute(scheduler="synchronous")) == [100.0, 400.0, 900.0, 1600.0]


def test_nulls_stay_null() -> None:
    """Columns with masks give columns with masks, also in a partition without a null."""
    masked = FRAME.astype({"n": "Int64"})
    masked.loc[0, "n"] = pd.NA
    pd.testing.assert_frame_equal(computed(F(DASK.from_pandas(masked, npartitions=4), tax=1)), F(masked, tax=1))


@pytest.mark.parametrize("name", ["names", "frame", "out", "self", "partition"])
def test_inputs_may_be_called_as_parameters(name: str) -> None:
    """In the frame, and beside it."""
    f = gg.parse(f"apple*{name}").compile()
    expected = [100.0, 400.0, 900.0, 1600.0]
    assert list(computed(f(LATER.rename(columns={"n": name})))["value"]) == expected
    assert list(computed(f(LATER, **{name: 2}))["value"]) == [200.0, 400.0, 600.0, 800.0]


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    """Not a single partition is read by the call."""

    def fail() -> pd.DataFrame:
        raise AssertionError

    later = DASK.from_delayed([delayed(fail)()], meta=FRAME)
    assert "value" in F(later, tax=1).columns
    with pytest.raises(AssertionError):
        computed(F(later, tax=1))


def test_workers_get_the_formula() -> None:
    """Not the code that is generated of it, nor the machine code: a few hundred bytes."""
    F(FRAME, tax=1.5)
    assert len(pickle.dumps(F(LATER, tax=1.5).dask)) < len(pickle.dumps(LATER.dask)) + 4000


def test_equal_calls_have_equal_keys() -> None:
    """Dask computes them once; other numbers, names and formulas are other calls."""
    calls = [F(LATER, tax=1.5), F(LATER, tax=2), F.map_frame(LATER, at={"tax": 1.5}, names=["a", "b", "c", "d"])]
    keys = [dask.base.tokenize(call) for call in [*calls, gg.parse("apple*n+tax").compile()(LATER, tax=1.5)]]
    assert len({*keys}) == 4
    assert dask.base.tokenize(F(LATER, tax=1.5)) == keys[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F(LATER), "the frame has no column 'tax'"),
        (lambda: F(LATER, tax=LATER["apple"]), "'tax' is a column, and the rows of the partitions are not known yet"),
        (lambda: F(LATER, tax=[1, 2, 3, 4]), "'tax' is a column, and the rows of the partitions are not known yet"),
        (lambda: F.propagate(LATER, {"n": LATER["n"]}, at={"tax": 1}), "'n' is a column"),
        (lambda: F.propagate(LATER, ANYTHING, at={"tax": 1}), "the errors"),
        (lambda: F(LATER.rename(columns={"note": "value"}), tax=1), "the frame has a column 'value' already"),
        (lambda: F(LATER.rename(columns={"n": "m", "note": "n"}), tax=1), "the column 'n'"),
    ],
)
def test_what_cannot_be_computed_is_refused_at_once(call: Callable[[], Any], message: str) -> None:
    """Not when the last worker comes to it."""
    with pytest.raises(gg.GraphgradError, match=message):
        call()
