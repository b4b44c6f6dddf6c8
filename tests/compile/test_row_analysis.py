"""Errors and sensitivities of columns and frames, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

GRAPH = gg.parse("(apple*n + orange*m)*tax")
FUNCTION = GRAPH.compile(["apple", "tax"])
AT: Final[dict[str, Any]] = {"apple": [100.0, 0.0], "n": [2, 0], "orange": [150.0, 3.0], "m": [3, 4], "tax": [1.1, 1.2]}
ERRORS: Final[dict[str, Any]] = {"apple": "±5%", "n": [0.5, 0.0], "tax": 0.01}
FRAMES: Final[dict[str, Callable[[Any], Any]]] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy": pl.LazyFrame,
    "table": pa.table,
}
EACH_FRAME = pytest.mark.parametrize("kind", FRAMES)


def columns_of(frame: Any) -> dict[str, list[Any]]:
    """Return a frame's columns as lists."""
    frame = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    if isinstance(frame, pa.Table):
        return dict(frame.to_pydict())
    return {name: frame[name].to_list() for name in frame.columns}


def point(row: int) -> dict[str, Any]:
    """Return the numbers of a row."""
    return {name: x[row] for name, x in AT.items()}


@pytest.mark.parametrize("row", [0, 1])
def test_a_row_s_error_is_that_of_its_point(row: int) -> None:
    """And so are the shares, also by inputs that the function was not compiled for."""
    rows = FUNCTION.propagate(AT, ERRORS)
    expected = GRAPH.backprop(point(row)).propagate(ERRORS | {"n": ERRORS["n"][row]})
    assert (rows.value[row], rows.error[row]) == pytest.approx((expected.value, expected.error), rel=1e-14)
    assert {name: x[row] for name, x in rows.shares.items()} == pytest.approx(expected.shares, rel=1e-14)


@pytest.mark.parametrize("row", [0, 1])
def test_a_row_s_sensitivity_is_that_of_its_point(row: int) -> None:
    """The derivative and the elasticity by each input that the function was compiled for."""
    rows = FUNCTION.sensitivity(AT)
    for influence in GRAPH.backprop(point(row), ["apple", "tax"]).sensitivity().rows:
        assert rows.derivatives[influence.name][row] == influence.derivative
        assert rows.elasticities[influence.name][row] == pytest.approx(influence.elasticity)


@EACH_FRAME
def test_a_frame_gets_error_and_shares(kind: str) -> None:
    """Errors may be columns of it, by name; the result is of its kind."""
    frame = FRAMES[kind](AT | {"sd": ERRORS["n"]})
    result = FUNCTION.propagate(frame, ERRORS | {"n": "sd"}, names={"error": "σ"})
    rows = FUNCTION.propagate(AT, ERRORS)
    assert type(result) is type(frame)
    added = {"value": rows.value, "σ": rows.error, **{f"share {name}": x for name, x in rows.shares.items()}}
    found = columns_of(result)
    assert [*found] == [*AT, "sd", *added]
    assert {name: found[name] for name in added} == {name: x.tolist() for name, x in added.items()}


@EACH_FRAME
def test_a_frame_gets_derivatives_and_elasticities(kind: str) -> None:
    """Beside the value; inputs that it lacks are given by name."""
    frame = FRAMES[kind]({name: x for name, x in AT.items() if name != "tax"})
    found = columns_of(FUNCTION.sensitivity(frame, at={"tax": 1.1}))
    assert [*found][4:] == ["value", "∂apple", "∂tax", "elasticity apple", "elasticity tax"]
    rows = FUNCTION.sensitivity(AT | {"tax": 1.1})
    assert found["elasticity apple"] == rows.elasticities["apple"].tolist()


def test_a_null_error_leaves_the_value() -> None:
    """A null input does not: it makes the row null."""
    frame = pl.DataFrame({"x": [1.0, 2.0, None], "sd": [0.5, None, 0.5]})
    found = gg.parse("2*x").compile().propagate(frame, {"x": "sd"})
    assert found["value"].to_list() == [2, 4, None]
    assert found["error"].to_list() == [1, None, None]
    assert found["share x"].to_list() == [1, None, None]


def test_series_give_series() -> None:
    """Of the first one's library."""
    rows = gg.parse("2*x").compile().propagate({"x": pd.Series([1.0, 2.0], index=["a", "b"])}, {"x": 1})
    assert rows.error["b"] == rows.shares["x"]["b"] * 2 == rows.value["a"] == 2
    sensitivity = gg.parse("x**2").compile().sensitivity({"x": pl.Series([1, None])})
    assert sensitivity.elasticities["x"].to_list() == [2, None]


def test_without_errors_the_value_is_exact() -> None:
    """And no input has a share."""
    rows = FUNCTION.propagate(AT, {})
    assert (rows.error.tolist(), rows.shares) == ([0, 0], {})


def test_one_row_of_numbers_is_a_row() -> None:
    """As a point is."""
    rows = FUNCTION.propagate(point(0), {"apple": 1})
    assert float(rows.error) == GRAPH.backprop(point(0)).propagate({"apple": 1}).error


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ({"apple": -1}, "an error of -1 is none"),
        ({"apple": [1, -1]}, "an error is negative"),
        ({"apple": "x y"}, "is no amount"),
        ({"apple": "sda"}, r"no column 'sda' for the error of apple\ndid you mean 'sd'"),
        ({"apple": [1, 2, 3]}, "the error of apple has the shape"),
        ({"apple": "label"}, "'error of apple' is of type"),
        ({"apple": "nan"}, "amount|none"),
        ({"aple": 1}, "did you mean 'apple'"),
        ("apple", "the errors cannot be"),
        ({"apple": pd.Series([1.0, 2.0], index=[7, 8])}, "indexes of the frame and 'error of apple' differ"),
    ],
)
def test_wrong_errors_are_refused(errors: Any, message: str) -> None:
    """By the input's name."""
    with pytest.raises(gg.GraphgradError, match=message):
        FUNCTION.propagate(pd.DataFrame(AT | {"sd": [1.0, 2.0], "label": ["a", "b"]}), errors)


def test_operations_on_arrays_have_no_rows() -> None:
    """Neither errors nor elasticities."""
    f = gg.parse("sum(x)").compile()
    for call in (lambda: f.propagate({"x": [1, 2]}, {"x": 1}), lambda: f.sensitivity({"x": [1, 2]})):
        with pytest.raises(gg.GraphgradError, match="works on whole arrays"):
            call()


def test_small_integers_have_large_relative_errors() -> None:
    """In percent of −128, an int8 has no positive counterpart."""
    rows = gg.parse("x").compile().propagate({"x": np.array([-128], np.int8)}, {"x": "50%"})
    assert rows.error.tolist() == [64]
