"""A branch that is taken at single points only: the derivative is that of the other branch, on every path."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphgrad as gg

CONTINUOUS: list[tuple[str, dict[str, float], dict[str, float]]] = [
    ("where(x, x, -x)", {"x": 0.0}, {"x": 1}),
    ("where(-x, x, -x)", {"x": 0.0}, {"x": 1}),
    ("where(x - 1, x**2, 3 - 2*x)", {"x": 1.0}, {"x": 2}),
    ("where(x-y, x*y, x**2)", {"x": 2.0, "y": 2.0}, {"x": 2, "y": 2}),
    ("where(x != y, x*y, x**2)", {"x": 2.0, "y": 2.0}, {"x": 2, "y": 2}),
    ("where(x == y, x**2, x*y)", {"x": 2.0, "y": 2.0}, {"x": 2, "y": 2}),
    ("where(x == 0, -x, x)", {"x": 0.0}, {"x": 1}),
    ("where(x*y, x*y + y, y)", {"x": 0.0, "y": 2.0}, {"x": 2, "y": 1}),
    ("where(sin(x), x + x**2, 0)*y", {"x": 0.0, "y": 3.0}, {"x": 3, "y": 0}),
    ("where(x**2, x, -x)", {"x": 0.0}, {"x": 1}),
    ("where(x, where(x, x + x**3, sin(2*x)), -x)", {"x": 0.0}, {"x": 1}),
    ("exp(where(x - y, x*y, y**2))", {"x": 0.0, "y": 0.0}, {"x": 0, "y": 0}),
]
"""Expressions with two branches that meet, the point, and the gradient there, by hand."""

TAKEN: list[tuple[str, dict[str, float], dict[str, float]]] = [
    ("where(flag, 2*x, 3*x)", {"flag": 0.0, "x": 0.0}, {"flag": 0, "x": 3}),
    ("where(x > 0, x, -x)", {"x": 0.0}, {"x": -1}),
    ("where(x > 0, x, -3)", {"x": -3.0}, {"x": 0}),
    ("where(max(x, 0), x, -3)", {"x": -3.0}, {"x": 0}),
    ("where(floor(x), x, 0.5)", {"x": 0.5}, {"x": 0}),
    ("where((x > 0)*(x < 1), x, 2)", {"x": 2.0}, {"x": 0}),
    ("where(x, x + 1, -x)", {"x": 0.0}, {"x": -1}),
    ("where(x, sin(x)/x, 1)", {"x": 0.0}, {"x": 0}),
    ("where(x != 0, exp(x)/x, 1)", {"x": 0.0}, {"x": 0}),
]
"""Expressions whose derivative is that of the branch taken: it holds beside the point, too, or the value jumps, or the
other branch has no value."""


def grads(text: str, at: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Return the gradient on every path of this process."""
    graph = gg.parse(text)
    stored = gg.from_json(graph.to_json())
    assert isinstance(stored, gg.Graph)
    columns = {name: np.array([value, 1.5, value]) for name, value in at.items()}
    arrays = graph.backprop({name: [value, value] for name, value in at.items()}, seed=1).grad
    return {
        "numbers": graph.backprop(at).grad,
        "arrays": {name: array[1] for name, array in arrays.items()},
        "compiled": graph.compile()(**at)[1],
        "columns": {name: column[2] for name, column in graph.compile()(**columns)[1].items()},
        "digits": graph.backprop(at, precision=30).grad,
        "graph": {name: graph.gradient(name).backprop(at, wrt=[]).value for name in at},
        "read again": stored.backprop(at).grad,
    }


@pytest.mark.parametrize(("text", "at", "expected"), [*CONTINUOUS, *TAKEN])
def test_every_path_takes_the_same_branch(text: str, at: dict[str, float], expected: dict[str, float]) -> None:
    """Where the branches meet, the derivative is that of the one beside the point; elsewhere that of the one taken."""
    for path, grad in grads(text, at).items():
        assert {name: float(number) for name, number in grad.items()} == expected, path


@pytest.mark.parametrize(("text", "at", "expected"), [case for case in CONTINUOUS if "sin" not in case[0]][:-1])
def test_exact_numbers_take_the_same_branch(text: str, at: dict[str, float], expected: dict[str, float]) -> None:
    """Fractions take the branch that floats take."""
    assert gg.parse(text).backprop(at, exact=True).grad == expected


@pytest.mark.parametrize("order", range(1, 5))
def test_derivatives_of_every_order_are_those_beside_the_point(order: int) -> None:
    """Near 0 the function is (x + 1)**4, which its other branch meets at 0 only."""
    graph = gg.parse("where(x, (x + 1)**4, cos(x))")
    for _ in range(order - 1):
        graph = graph.gradient("x")
    assert graph.backprop({"x": 0}).grad == {"x": [4, 12, 24, 24][order - 1]}


def test_the_text_of_a_choice_stays_as_it_is() -> None:
    """What the choice knows of single points is not in its text."""
    assert str(gg.parse("where(x, x, -x)")) == "where(x, x, -x)"


def test_a_branch_with_a_pole_is_not_evaluated_for_the_other_ones_derivative() -> None:
    """1/x has no value at 0, and where the condition is 0 it is not asked for."""
    assert gg.parse("where(x, 1/x + x, 2*x)").backprop({"x": 0}).grad == {"x": 2}
