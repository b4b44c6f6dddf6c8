"""What drives the value over the rows: means, elasticities, and shares in the variance and in the error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import graphgrad as gg
from graphgrad.tables.options import TableOptions, task_of
from graphgrad.tables.reporting import report_of
from graphgrad.tables.rows import RowFunction
from graphgrad.tables.tally import Tally

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(10, 2, 400)
Y = 0.5 * X + RANDOM.normal(0, 1, 400)


def summary(text: str, table: Any, size: int = 37, **options: Any) -> gg.Summary:
    """Return the summary of a table that is read so many rows at a time."""
    table = pa.table(table)
    task = task_of(gg.parse(text).data, TableOptions(summary=True, **options))
    function, tally = RowFunction(task, table.schema), Tally()
    for batch in table.to_batches(max_chunksize=size):
        tally += function(batch, tally.rows)[1]
    found = report_of(task, tally).summary
    assert found is not None
    return found


def test_the_value_s_range() -> None:
    """Of all rows with a finite result."""
    found = summary("log(x)", {"x": pa.array([1.0, None, 0.0, math.e])})
    assert (found.rows, found.low, found.high, found.total, found.mean) == (2, 0, 1, 1, 0.5)
    assert found.deviation == pytest.approx(np.std([0, 1], ddof=1))


def test_shares_of_a_linear_formula_add_up_to_1() -> None:
    """Correlations included: an input's share is its part in the covariance with the value."""
    found = summary("2*x - 3*y", {"x": X, "y": Y})
    f = 2 * X - 3 * Y
    assert found["x"].share == pytest.approx(2 * np.cov(X, f)[0, 1] / f.var(ddof=1))
    assert found["y"].share == pytest.approx(-3 * np.cov(Y, f)[0, 1] / f.var(ddof=1))
    assert found.rest == pytest.approx(0, abs=1e-12)


def test_the_rest_is_what_first_order_does_not_see() -> None:
    """The square of a symmetric input has no slope on average, and all of its variance."""
    x = np.concatenate([X - X.mean(), X.mean() - X])
    assert summary("x**2", {"x": x}).rest == pytest.approx(1)


def test_partials_and_elasticities_are_means_over_rows() -> None:
    """By a constant, too, whose share is 0."""
    found = summary("x*y*tax", {"x": X, "y": Y}, at={"tax": 1.5})
    assert found["tax"].partial == pytest.approx((X * Y).mean())
    assert found["tax"].elasticity == pytest.approx(1)
    assert found["tax"].share == 0
    assert found["x"].partial == pytest.approx(1.5 * Y.mean())


def test_an_elasticity_is_of_rows_where_the_value_is_not_0() -> None:
    """Where it is 0 in all of them, there is none."""
    assert summary("x*y", {"x": [0.0, 1.0], "y": [1.0, 1.0]})["x"].elasticity == 1
    assert summary("x*y", {"x": [0.0, 0.0], "y": [1.0, 1.0]})["x"].elasticity is None


def test_a_formula_without_inputs_has_no_table() -> None:
    """Only the value's range."""
    assert str(summary("5", {"x": X})) == "value: mean 5, standard deviation 0, from 5 to 5, sum 2000"


def test_a_value_that_does_not_vary_has_no_shares() -> None:
    """There is nothing to share."""
    found = summary("0*x + 1", {"x": X})
    assert (found["x"].share, found.rest) == (None, None)


def test_error_shares_are_of_the_summed_variances() -> None:
    """Rows with a large error count for more."""
    found = summary("x*y", {"x": X, "y": Y}, error={"x": 0.1, "y": "±5%"})
    of_x, of_y = np.sum((0.1 * Y) ** 2), np.sum((0.05 * Y * X) ** 2)
    assert found["x"].error_share == pytest.approx(of_x / (of_x + of_y))
    assert (found["x"].error_share or 0) + (found["y"].error_share or 0) == pytest.approx(1)


@pytest.mark.parametrize("size", [1, 10, 400])
def test_batches_do_not_show(size: int) -> None:
    """Parts add up to the whole."""
    table = {"x": X + 1e6, "y": Y}
    one, parts = (summary("x*y", table, n).as_dict() for n in (400, size))
    for name in "xy":
        for key in ("mean", "partial", "elasticity", "share"):
            assert parts["inputs"][name][key] == pytest.approx(one["inputs"][name][key], rel=1e-9)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_means_of_large_numbers_do_not_overflow(size: int) -> None:
    """Nor does a sum on its way."""
    found = summary("1*x", {"x": [1e308, 1e308, -1e308]}, size)
    assert [found.mean, found["x"].mean, found.total] == pytest.approx([1e308 / 3, 1e308 / 3, 1e308], rel=1e-15)


def test_the_table_is_aligned_and_names_the_rest() -> None:
    """With a column for errors where there are some."""
    lines = str(summary("x*y", {"x": X, "y": Y}, error={"x": 1})).splitlines()
    assert lines[0].startswith("value: mean ")
    assert lines[2].split("  ")[-1] == "of the error²"
    assert [line.split("  ")[0] for line in lines[3:]] == ["x", "y", "the rest"]
