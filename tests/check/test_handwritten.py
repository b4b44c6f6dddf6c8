"""Gradients written by hand: right ones pass, wrong ones are named, and a kink is no alarm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg
from graphgrad.testing import assert_grad


def bill(apple: Any, n: Any, tax: Any) -> Any:
    """Return what apples cost."""
    return apple * n * tax


AT = {"apple": 100, "n": 5, "tax": 1.08}


def right(apple: float, n: float, tax: float) -> tuple[float, ...]:
    """Return the bill's gradient, as one writes it by hand."""
    return n * tax, apple * tax, apple * n


def test_a_right_gradient_passes() -> None:
    """A right gradient has a true report, which counts what was held against sympy."""
    report = gg.check_grad(bill, right, at=AT)
    assert report
    assert "3 gradients" in str(report)


@pytest.mark.parametrize("grad", [[5.4, 108, 500], {"tax": 500}, lambda *x: dict(zip(AT, right(*x), strict=True))])
def test_a_gradient_may_be_values_or_by_name(grad: Any) -> None:
    """The gradient is a function or its values, in order or by name, and may be a part of it."""
    assert gg.check_grad(bill, grad, at=AT)


@pytest.mark.parametrize(
    ("grad", "subject", "told"),
    [
        (lambda apple, n, tax: (n * tax, apple * tax, 2 * apple * n), "∂/∂tax", "2 times what the graph"),
        (lambda apple, n, tax: (-n * tax, apple * tax, apple * n), "∂/∂apple", "-1 times what the graph"),
        (lambda apple, n, tax: (n * tax, n * tax, apple * n), "∂/∂n", "it is the derivative by apple"),
        (lambda apple, n, tax: (math.nan, apple * tax, apple * n), "∂/∂apple", "the hand-written one is nan"),
    ],
)
def test_a_wrong_one_is_named_and_explained(grad: Any, subject: str, told: str) -> None:
    """The report says which input, by how much, and what the wrong number is."""
    [row] = gg.check_grad(bill, grad, at=AT).failures
    assert row.subject == subject
    assert told in row.note
    assert math.isnan(grad(1, 1, 1)[0]) or row.relative > 0.9
    assert math.isnan(grad(1, 1, 1)[0]) or row.ulps > 1e15


@pytest.mark.parametrize(("claimed", "passes"), [(0, True), (0.5, True), (1, True), (1.5, False), (-0.1, False)])
def test_at_a_kink_any_number_between_the_sides_is_right(claimed: float, passes: bool) -> None:
    """At 0, relu's derivative may be anything from 0 to 1: no convention raises a false alarm."""
    report = gg.check_grad(lambda x: np.maximum(x, 0), [claimed], at={"x": 0})
    assert bool(report) == passes
    assert "one-sided 0 and 1" in str(report)


def test_a_function_of_an_array() -> None:
    """As SciPy's functions do, one may take all inputs as one array and return one."""
    x = np.array([1.0, 2.0, 0.5, -3.0])

    def rosen(x: Any) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def rosen_der(x: Any) -> Any:
        d = np.zeros_like(x)
        d[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
        d[1:] += 200 * (x[1:] - x[:-1] ** 2)
        return d

    assert gg.check_grad(rosen, rosen_der, at=x)
    [row] = gg.check_grad(rosen, lambda x: rosen_der(x) * np.array([1, 1, 2, 1]), at=x).failures
    assert row.subject == "∂/∂x2"


def test_a_graph_is_checked_like_a_function() -> None:
    """What is already a graph needs no tracing."""
    assert gg.check_grad(gg.parse("x**2*y"), {"x": 12}, at={"x": 2, "y": 3})
    assert not gg.check_grad(gg.parse("x**2*y"), [12, 5], at={"x": 2, "y": 3})
    assert gg.check_grad(gg.parse("x**2*y"), at={"x": 2, "y": 3})


def huber(x: Any, d: Any) -> Any:
    """Return Huber's loss, written with `if`."""
    if abs(x) <= d:
        return x**2 / 2
    return d * (abs(x) - d / 2)


def huber_grad(x: float, d: float) -> tuple[float, float]:
    """Return its gradient."""
    return (x, 0) if abs(x) <= d else (math.copysign(d, x), abs(x) - d)


@pytest.mark.parametrize("x", [0.5, -0.5, 3, -3])
def test_a_function_may_decide(x: float) -> None:
    """The branch taken at the point is the one that is checked."""
    assert gg.check_grad(huber, huber_grad, at={"x": x, "d": 1})
    assert not gg.check_grad(huber, [x, 0.25], at={"x": x, "d": 1})


def test_on_the_edge_of_a_decision_nothing_is_claimed() -> None:
    """Where a condition holds by a hair, the function may have a kink: a number that differs is no failure."""

    def relu(x: Any) -> Any:
        return x if x > 0 else 0 * x

    report = gg.check_grad(relu, [1], at={"x": 0})
    assert not report.failures
    assert "asks if x > 0, and this is the very edge" in str(report)


def test_arguments_go_by_name() -> None:
    """The order of a mapping does not matter where its names are the parameters'."""
    assert gg.check_grad(lambda x, y: x - y, lambda y, x: {"x": 1, "y": -1}, at={"y": 2, "x": 3})
    assert gg.check_grad(lambda *xs: xs[0] - xs[1], lambda *xs: (1, -1), at={"a": 2, "b": 3})


def test_rounding_of_the_hand_written_one_is_no_alarm() -> None:
    """A right formula that cancels is told apart from a wrong one."""
    report = gg.check_grad(
        lambda x: (1 - np.cos(x)) / x**2, lambda x: (x * np.sin(x) + 2 * np.cos(x) - 2) / x**3, at={"x": 1e-4}
    )
    assert report
    assert len(report.having("rounding")) == 1


def test_a_function_that_does_not_compute_what_it_records_is_caught() -> None:
    """Called with numbers, the function has to return what its graph does."""

    def two_faced(x: Any) -> Any:
        return 2 * x if isinstance(x, float) else 3 * x

    [row] = gg.check_grad(two_faced, [3], at={"x": 1}).failures
    assert row.note == "called with numbers it returns 2, traced 3"


@given(expressions(), points, st.floats(0.01, 10))
def test_a_right_gradient_never_alarms_and_a_wrong_one_always_does(
    text: str, at: dict[str, float], error: float
) -> None:
    """Whatever the expression: its gradient passes, and one off by more than its size fails."""
    result = gradient_or_reject(text, at)
    graph = gg.parse(text)
    assert gg.check_grad(graph, result.grad, at=result.at) or not result.grad
    for name, partial in result.grad.items():
        wrong = result.grad | {name: partial + error * max(1, abs(partial))}
        assert [row.subject for row in gg.check_grad(graph, wrong, at=result.at).failures] == [f"∂/∂{name}"]


def test_the_assertion_tells_point_input_and_distance() -> None:
    """In a test, the failure's message is the report at the first point that fails."""
    assert_grad(bill, right, at=AT)
    with pytest.raises(AssertionError, match=r"at x = 2: check FAILED.*\n.*∂/∂x = 6, sympy 12"):
        assert_grad(lambda x: x**3, lambda x: 3 * x, at=[{"x": 1}, {"x": 2}])
    with pytest.raises(AssertionError, match="at x0 = 1, x1 = 2: "):
        assert_grad(lambda x: x[0] * x[1], lambda x: x, at=[1, 2])


@pytest.mark.parametrize(
    ("grad", "told"),
    [
        (lambda *_: (1, 2), "the gradient has 2 numbers for 3 inputs: apple, n, tax"),
        (lambda *_: 1, "the gradient has 1 number for 3 inputs"),
        (lambda *_: {"pear": 1}, "the gradient has 'pear', which is no input"),
        (lambda *_: None, "the gradient is a NoneType"),
        (lambda *_: "abc", "the gradient is a str"),
    ],
)
def test_what_is_no_gradient_is_told(grad: Any, told: str) -> None:
    """One number for each input, or numbers by name."""
    with pytest.raises(gg.GraphgradError, match=told):
        gg.check_grad(bill, grad, at=AT)
