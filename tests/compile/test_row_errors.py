"""The error of a value and the elasticities, row by row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.compile.columns.row_errors import elasticities, propagated

POINTS = {"x": np.array([3.0, -2.0, 1e-160, 1e150]), "y": np.array([5.0, 0.5, 2e-160, 1e-150])}
SIGMAS: dict[str, Any] = {"x": np.array([0.1, 2.0, 1e-161, 1e149]), "y": 0.25}
FUNCTION = gg.parse("x*y + x").compile()


@pytest.mark.parametrize("row", range(4))
def test_rows_have_the_errors_of_points(row: int) -> None:
    """Each row is what `Backprop.propagate` gives at its point, also where squares would be out of range."""
    _, grad = FUNCTION(**POINTS)
    error, shares = propagated(grad, SIGMAS)
    at = {name: float(x[row]) for name, x in POINTS.items()}
    point = gg.parse("x*y + x").backprop(at).propagate({"x": float(SIGMAS["x"][row]), "y": 0.25})
    assert error[row] == pytest.approx(point.error, rel=1e-14)
    assert {name: share[row] for name, share in shares.items()} == pytest.approx(point.shares, rel=1e-14)


@pytest.mark.parametrize("row", range(4))
def test_rows_have_the_elasticities_of_points(row: int) -> None:
    """Each row is what `Backprop.sensitivity` gives at its point."""
    value, grad = FUNCTION(**POINTS)
    found = elasticities(value, grad, POINTS)
    point = gg.parse("x*y + x").backprop({name: float(x[row]) for name, x in POINTS.items()}).sensitivity()
    assert {name: x[row] for name, x in found.items()} == pytest.approx({r.name: r.elasticity for r in point.rows})


def test_an_exact_input_adds_nothing() -> None:
    """Where its σ is 0, an infinite derivative is none of the value's error."""
    error, shares = propagated({"x": np.array([math.inf, math.nan]), "y": np.array([2.0, 2.0])}, {"x": 0, "y": 1})
    assert error.tolist() == [2, 2]
    assert shares["x"].tolist() == [0, 0]


@pytest.mark.parametrize(("derivative", "expected"), [(math.inf, math.inf), (math.nan, math.nan), (0.0, 0.0)])
def test_a_row_without_a_variance_has_no_shares(derivative: float, expected: float) -> None:
    """Its error is that of the derivative, its share nan."""
    error, shares = propagated({"x": np.array([derivative])}, {"x": 1.0})
    assert error.tolist() == pytest.approx([expected], nan_ok=True)
    assert math.isnan(shares["x"][0])


@pytest.mark.parametrize(
    ("value", "derivative", "x"), [(0, 1, 1), (math.inf, 1, 1), (1, math.nan, 1), (1, 1, -math.inf)]
)
def test_no_elasticity_without_finite_numbers(value: float, derivative: float, x: float) -> None:
    """Nor where the value is 0."""
    found = elasticities(np.array([value]), {"x": np.array([derivative])}, {"x": x})
    assert math.isnan(found["x"][0])


def test_columns_of_float32_stay_so() -> None:
    """As the values of compiled functions do."""
    value, grad = FUNCTION(x=np.array([1, 2], np.float32), y=np.array([3, 4], np.float32))
    error, shares = propagated(grad, {"x": np.array([1, 2], np.float32)})
    found = elasticities(value, grad, {"x": np.array([1, 2], np.float32), "y": np.array([3, 4], np.float32)})
    assert {error.dtype, shares["x"].dtype, found["x"].dtype} == {np.dtype(np.float32)}
