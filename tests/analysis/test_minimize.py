"""Minimising a graph with SciPy: classical problems, the path, bounds, and steps out of the domain."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpy as np
import pytest
from test_corpus import FORMULAS

import graphgrad as gg
from graphgrad.base.extras import install

ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"

CLASSICS = {
    "01_rosenbrock": ((-1.2, 1), 0),
    "04_brown_badly_scaled": ((1, 1), 0),
    "06_jennrich_sampson": ((0.3, 0.4), 124.362),
    "07_helical_valley": ((-1, 0, 0), 0),
    "12_box3d_m5": ((0, 10, 20), 0),
    "16_brown_dennis": ((25, 5, -5, -1), 85822.2),
    "26_trigonometric_n5": ((0.2,) * 5, 0),
    "27_brown_almost_linear_n5": ((0.5,) * 5, 0),
}
"""Starts and minima as published: Moré, Garbow and Hillstrom, "Testing unconstrained optimization software", 1981."""


@pytest.mark.parametrize("name", CLASSICS)
@pytest.mark.parametrize("method", [None, "L-BFGS-B"])
def test_the_classical_problems_are_solved(name: str, method: str | None) -> None:
    """From the published start it ends at the published minimum."""
    [line] = [line for line in FORMULAS if line["id"] == f"mgh/{name}"]
    graph, (start, least) = gg.parse(line["expr"]), CLASSICS[name]
    minimum = gg.minimize(graph, dict(zip(sorted(graph.inputs), start, strict=True)), method=method)
    assert minimum.success
    assert minimum.value == pytest.approx(least, rel=1e-5, abs=1e-6)


def test_the_path_leads_from_the_start_to_the_minimum() -> None:
    """Each step has its point and its value; values do not rise from step to step."""
    minimum = gg.minimize(gg.parse(ROSENBROCK), {"x": -1.2, "y": 1})
    assert minimum.path[0].at == {"x": -1.2, "y": 1}
    assert minimum.path[0].value == pytest.approx(24.2)
    assert (minimum.path[-1].at, minimum.path[-1].value) == (minimum.x, minimum.value)
    values = [point.value for point in minimum.path]
    assert values == sorted(values, reverse=True)
    assert minimum.evaluations > len(minimum.path)


def test_the_text_has_the_outcome_and_the_path() -> None:
    """The first line has the outcome; a long path is shortened in the middle."""
    text = str(gg.minimize(gg.parse(ROSENBROCK), {"x": -1.2, "y": 1}))
    assert text.startswith("minimum: value = ")
    assert "at x = 1, y = 1\nOptimization terminated successfully. (" in text
    assert text.splitlines()[4].split() == ["0", "-1.2", "1", "24.2"]
    assert "…" in text


@pytest.mark.parametrize("method", ["CG", "SLSQP", "TNC", "trust-constr", "Nelder-Mead", "Powell", "COBYLA"])
def test_every_method_of_scipys_runs(method: str) -> None:
    """Methods with and without a gradient end at the minimum."""
    minimum = gg.minimize(gg.parse("(x - 3)**2 + (y + 1)**2"), {"x": 0, "y": 0}, method=method)
    assert minimum.x == pytest.approx({"x": 3, "y": -1}, abs=1e-3)


def test_bounds_and_fixed_inputs_hold() -> None:
    """Bounds are kept by name; inputs without a start keep their value or default."""
    graph = gg.parse("a = 2; (x - 3)**2*a + (y - b)**2")
    minimum = gg.minimize(graph, {"x": 0, "y": 0}, at={"b": 7}, bounds={"x": (None, 1)})
    assert minimum.x == pytest.approx({"x": 1, "y": 7}, abs=1e-6)
    assert minimum.grad["x"] == pytest.approx(-8)


def test_arrays_vary_entry_by_entry() -> None:
    """A start may be an array: least squares have the solution of NumPy's solver."""
    x, y = [[1.0, 2.0], [3.0, 4.0], [5.0, 5.0]], [[1.0], [2.0], [2.0]]
    minimum = gg.minimize(gg.parse("sum((x@W + b - y)**2)"), {"W": [[0], [0]], "b": 0}, at={"x": x, "y": y})
    solution, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(3)]), np.array(y), rcond=None)
    assert np.allclose([*minimum.x["W"].ravel(), minimum.x["b"]], solution.ravel(), atol=1e-4)
    assert minimum.path[0].at["W"].shape == (2, 1)
    assert "2×1" in str(minimum)


@pytest.mark.parametrize(
    ("text", "start", "least"),
    [("x*log(x)", 5, 0.3678794412), ("x - log(x)", 100, 1), ("sqrt(x) + 1/x", 50, 1.587401), ("x**x", 2, 0.3678794412)],
)
def test_steps_out_of_the_domain_are_led_back(text: str, start: float, least: float) -> None:
    """A line search that leaves the domain returns, and ends at the minimum inside."""
    for method in (None, "L-BFGS-B", "SLSQP"):
        minimum = gg.minimize(gg.parse(text), {"x": start}, method=method)
        assert minimum.x["x"] == pytest.approx(least, abs=1e-3)
        assert all(point.at["x"] > 0 for point in minimum.path)


def test_what_has_no_minimum_is_not_claimed_to() -> None:
    """Where SciPy fails, the result is no success, and holds a point inside the domain."""
    minimum = gg.minimize(gg.parse("log(x)"), {"x": 1})
    assert not minimum.success
    assert str(minimum).startswith("no minimum found")
    assert minimum.x["x"] > 0


def test_a_start_outside_the_domain_is_an_error() -> None:
    """The start must have a value."""
    with pytest.raises(gg.DomainError, match="log"):
        gg.minimize(gg.parse("log(x)"), {"x": -1})


@pytest.mark.parametrize(
    ("start", "options", "message"),
    [
        ({}, {}, "nothing to vary"),
        ({"z": 1}, {}, "'z' is not an input"),
        ({"x": 1}, {}, "no value for 'y'"),
        ({"x": 1}, {"at": {"y": 1}, "bounds": {"y": (0, 1)}}, "'y' has bounds, but no start"),
        ({"x": 1}, {"at": {"y": 1}, "method": "guess"}, "SciPy refuses: Unknown solver guess"),
    ],
)
def test_wrong_arguments_are_errors(start: dict[str, float], options: dict[str, Any], message: str) -> None:
    """A missing start, an unknown name and an unknown method are errors with a clear message."""
    with pytest.raises(gg.GraphgradError, match=message):
        gg.minimize(gg.parse("x**2 + y**2"), start, **options)


def test_without_scipy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SciPy is missing, the error has the command that installs it."""
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(gg.GraphgradError, match=re.escape(install("scipy"))):
        gg.minimize(gg.parse("x**2"), {"x": 1})


@pytest.mark.parametrize(
    ("text", "start", "found"),
    [
        ("x**2 - y**2", {"x": 0, "y": 0}, "saddle point"),
        ("x**2 - y**2", {"x": 1, "y": 0}, "saddle point"),
        ("x*y", {"x": 0, "y": 0}, "saddle point"),
        ("x**2*1e-6 - y**2*1e6", {"x": 1e3, "y": 0}, "saddle point"),
        ("cos(x) + y**2", {"x": 0, "y": 3}, "saddle point"),
        ("x**3", {"x": 0}, "saddle point"),
        ("x**4 - y**4", {"x": 0, "y": 0}, "saddle point"),
        ("sum(x**2) - 2*sum(x[0:1]**2)", {"x": [0, 0, 0]}, "saddle point"),
        ("-x**2", {"x": 0}, "maximum"),
        ("-abs(x)", {"x": 0}, "maximum"),
        ("(x**2 - 1)**2", {"x": 0}, "maximum"),
        ("x**2 + y**4", {"x": 1, "y": 1}, "minimum"),
        ("abs(x - 1)", {"x": 1}, "minimum"),
        ("1 - cos(1e3*x)", {"x": 1e-4}, "minimum"),
        ("0*x + 3", {"x": 1}, "minimum"),
        ("1e300*(x - 1)**2", {"x": 1}, "minimum"),
    ],
)
def test_only_a_minimum_is_called_one(text: str, start: dict[str, Any], found: str) -> None:
    """Where the gradient is 0 and the output falls on leaving the point, the verdict says what it is."""
    minimum = gg.minimize(gg.parse(text), start)
    assert minimum.found == found
    assert minimum.success == (found == "minimum")
    verdict = "minimum:" if minimum.success else f"no minimum found, but a {found}:"
    assert str(minimum).startswith(verdict)


@pytest.mark.parametrize(
    ("text", "start", "bounds", "x"),
    [("-x**2", 0.5, (-1, 1), 1), ("(x - 1)**2", 3, (2, 5), 2), ("x**3", 1, (0, None), 0), ("-x", 1, (None, 1), 1)],
)
def test_a_minimum_at_a_bound_is_one(text: str, start: float, bounds: Any, x: float) -> None:
    """Beyond a bound the output may fall."""
    minimum = gg.minimize(gg.parse(text), {"x": start}, bounds={"x": bounds})
    assert minimum.success
    assert minimum.x["x"] == pytest.approx(x, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "start"), [("x**2", 1e200), ("exp(x)", 800), ("exp(x)*1e-300", 800), ("sum(x**2)", [1e200])]
)
def test_an_infinite_start_is_refused(text: str, start: Any) -> None:
    """Nothing can be compared with infinity."""
    with pytest.raises(gg.GraphgradError, match="at the start the output is"):
        gg.minimize(gg.parse(text), {"x": start})


@pytest.mark.parametrize("start", [None, "x", [1], 5, {}, {"x": None}, {"x": "a"}, {"x": [1, [2]]}, {"x": math.nan}])
def test_a_wrong_start_is_refused(start: Any) -> None:
    """A start maps names to finite numbers."""
    with pytest.raises(gg.GraphgradError):
        gg.minimize(gg.parse("x**2"), start)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("text", "start"), [("x", 1), ("x**2", 1e154), ("x**3", -1e90), ("-exp(x)", 600)])
def test_no_warning_of_another_library_leaks(text: str, start: float) -> None:
    """Where SciPy's own arithmetic overflows on the way, its result says so, and no warning is shown."""
    gg.minimize(gg.parse(text), {"x": start})
