"""Errors where first order is not enough, where numbers are near the ends of float64, and wrong arguments."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.cli import main


def at(text: str, /, **inputs: float) -> gg.Backprop:
    """Return both passes at a point."""
    return gg.parse(text).backprop(inputs)


@pytest.mark.parametrize(
    ("text", "inputs", "errors", "shares"),
    [
        ("exp(x)", {"x": 700}, {"x": 1}, {"x": 1}),
        ("x*y", {"x": 1e150, "y": 1e150}, {"x": 3e100, "y": 4e100}, {"x": 0.36, "y": 0.64}),
        ("x + y", {"x": 1, "y": 1}, {"x": 3e200, "y": 4e200}, {"x": 0.36, "y": 0.64}),
        ("x + y", {"x": 1, "y": 1}, {"x": 3e-200, "y": 4e-200}, {"x": 0.36, "y": 0.64}),
        ("1e-200*x", {"x": 1}, {"x": 1e-200}, {"x": 1}),
    ],
)
def test_large_and_small_errors_have_shares(
    text: str, inputs: dict[str, float], errors: dict[str, float], shares: dict[str, float]
) -> None:
    """No square of an error over- or underflows."""
    propagation = at(text, **inputs).propagate(errors)
    assert propagation.shares == pytest.approx(shares)
    assert math.isfinite(propagation.error)
    exact = [abs(row.derivative) * row.error for row in propagation.rows]
    assert propagation.error == pytest.approx(math.hypot(*exact))


@pytest.mark.parametrize(("text", "x"), [("exp(x)", 710), ("x**2", 1e200), ("x**2*1e300", 1e5)])
def test_what_is_beyond_float64_has_no_error(text: str, x: float) -> None:
    """An infinite value or derivative is said, and not multiplied on."""
    with pytest.raises(gg.GraphgradError, match="beyond float64, and so is its error"):
        at(text, x=x).propagate({"x": 1})


@pytest.mark.parametrize(
    ("text", "inputs", "errors", "correlations"),
    [
        ("x**2", {"x": 0}, {"x": 10}, {}),
        ("x**2 + y", {"x": 0, "y": 1}, {"x": 3, "y": 1}, {}),
        ("x*y", {"x": 0, "y": 0}, {"x": 0.1, "y": 0.2}, {}),
        ("x*y", {"x": 0, "y": 0}, {"x": 0.1, "y": 0.2}, {("x", "y"): 0.8}),
        ("x*y - x**2", {"x": 1, "y": 2}, {"x": 0.5, "y": 1}, {("x", "y"): -0.5}),
        ("cos(x)", {"x": 0}, {"x": 0.1}, {}),
        ("(x - 3)**2*1e300", {"x": 3}, {"x": 1}, {}),
    ],
)
def test_the_second_order_is_estimated(
    text: str, inputs: dict[str, float], errors: dict[str, float], correlations: Any
) -> None:
    """Both orders together have the standard deviation that random inputs have, and the text says what is missing."""
    propagation = at(text, **inputs).propagate(errors, correlations)
    covariance = np.diag([error**2 for error in errors.values()])
    for (a, b), rho in correlations.items():
        i, j = list(errors).index(a), list(errors).index(b)
        covariance[i, j] = covariance[j, i] = rho * errors[a] * errors[b]
    samples = np.random.default_rng(3).multivariate_normal([*inputs.values()], covariance, 200_000)
    values = gg.parse(text).compile([])(*samples.T)[0]
    scale = np.abs(values).max()
    assert propagation.missed is not None
    assert math.hypot(propagation.error, propagation.missed) == pytest.approx(np.std(values / scale) * scale, rel=0.02)
    assert "recomputed one error away" in str(propagation)


@pytest.mark.parametrize(
    ("text", "x", "error"),
    [("abs(x)", 0, 1), ("x**3", 0, 1), ("floor(x)", 0.9, 1), ("where(x > 1, x, 0)", 0.9, 0.5), ("sin(x)**4", 0, 0.5)],
)
def test_what_first_order_does_not_see_is_said(text: str, x: float, error: float) -> None:
    """At a kink, a jump, or a flat place of any order, ± 0 is not all."""
    propagation = at(text, x=x).propagate({"x": error})
    assert propagation.error == 0
    assert propagation.missed is not None
    assert propagation.missed > 0.05 * error
    assert propagation.note.startswith("first order sees nothing here")
    assert propagation.notes[None] == "± 0 to first order"
    assert propagation.as_dict()["note"] == propagation.note


@pytest.mark.parametrize(
    ("text", "inputs", "errors"),
    [
        ("3*x - y/7", {"x": 1, "y": 2}, {"x": 1, "y": 5}),
        ("apple*tax", {"apple": 500, "tax": 1.08}, {"apple": 10, "tax": 0.005}),
        ("x - x", {"x": 3}, {"x": 1}),
        ("exp(x)", {"x": 1}, {"x": 0.01}),
        ("x", {"x": 1e300}, {"x": 1e-300}),
    ],
)
def test_where_first_order_is_enough_nothing_is_said(
    text: str, inputs: dict[str, float], errors: dict[str, float]
) -> None:
    """A small second order, or rounding, is no note."""
    assert not at(text, **inputs).propagate(errors).note


@pytest.mark.parametrize(("text", "x", "error"), [("log(x)", 1, 5), ("sqrt(x)", 1, 2), ("1/(x - 2)", 1, 1)])
def test_the_end_of_the_domain_within_the_errors_is_said(text: str, x: float, error: float) -> None:
    """Where the output has no value one error away, first order does not see it."""
    propagation = at(text, x=x).propagate({"x": error})
    assert propagation.missed is None
    assert "the output has no finite value" in propagation.note


def test_many_inputs_are_not_recomputed() -> None:
    """A propagation stays fast: beyond a limit nothing is recomputed, and nothing is claimed."""
    names = [f"x{i}" for i in range(1500)]
    result = gg.parse(" + ".join(f"{name}**2" for name in names)).backprop(dict.fromkeys(names, 1.0))
    assert result.propagate(dict.fromkeys(names, 0.5)).missed is None


def test_an_exact_input_needs_no_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    """(−2 ± 0.05)² by x**n: there is no derivative by n, and n has no error."""
    graph, point = gg.parse("x**n"), {"x": -2, "n": 2}
    by_x = graph.backprop(point, ["x"])
    assert by_x.propagate({"x": 0.05}).error == pytest.approx(0.2)
    assert by_x.propagate({"x": 0.05, "n": 0}).error == pytest.approx(0.2)
    with pytest.raises(gg.DomainError, match="by n"):
        by_x.propagate({"x": 0.05, "n": 0.1})
    for arguments in (["--at", "x=-2±0.05,n=2"], ["--at", "x=-2,n=2", "--error", "x=0.05"]):
        assert main(["x**n", *arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["error"]["error"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("text", "inputs", "elasticity"),
    [
        ("exp(x)", {"x": 709}, 709),
        ("x**2*y", {"x": 1e154, "y": 1}, 2),
        ("x*y", {"x": 1e200, "y": 1e-300}, 1),
        ("x", {"x": 1e-300}, 1),
        ("x*0", {"x": 1}, None),
        ("exp(x)", {"x": 710}, None),
    ],
)
def test_elasticities_do_not_overflow(text: str, inputs: dict[str, float], elasticity: float | None) -> None:
    """x/f · ∂f/∂x is computed as one quotient; an infinite or zero output has none."""
    assert at(text, **inputs).sensitivity()["x"].elasticity == (elasticity and pytest.approx(elasticity))


def test_a_change_beyond_float64_is_none() -> None:
    """The recomputed change is not infinity."""
    change = at("exp(x)", x=709).sensitivity({"x": 1})["x"].change
    assert change is not None
    assert change.recomputed is None
    assert "beyond float64" in change.note


@pytest.mark.parametrize("errors", [5, "x", [1], {"x": None}, {"x": [1]}, {"x": 1j}, {"x": "a"}, {"x": math.nan}])
@pytest.mark.parametrize("use", ["propagate", "sensitivity"])
def test_wrong_amounts_are_refused(use: str, errors: Any) -> None:
    """Anything but a mapping from names to amounts is an error of graphgrad's."""
    with pytest.raises(gg.GraphgradError):
        getattr(at("2*x", x=1), use)(errors)


@pytest.mark.parametrize(
    "correlations", [5, {"xy": 0.5}, {("x",): 0.5}, {("x", "y"): "a"}, {("x", "y"): math.nan}, {("x", "y"): 1j}, [0.5]]
)
def test_wrong_correlations_are_refused(correlations: Any) -> None:
    """Correlations are numbers by pairs of names."""
    with pytest.raises(gg.GraphgradError, match="correlation"):
        at("x + y", x=1, y=2).propagate({"x": 1, "y": 1}, correlations)
