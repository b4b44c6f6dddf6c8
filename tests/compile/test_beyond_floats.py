"""Generated Python beyond the range of floats: it gives what the interpreter gives, a number or an error."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest
from table import TABLE, called, differentiable

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops import Op

FAR: Final = (800.0, 1e5, 1e155, 1e300, 1e-300, 171.7)
POINTS: Final = (0.0, 1.0, -1.0, 0.5, 2.0, -3.0, *FAR, *(-x for x in FAR))

POWERS: Final = ("x**2", "x**3", "x**9", "x**-1", "x**-2", "x**-3", "x**-4", "x**-9", "x**1.5", "x**-0.5", "x**-1.5")
CHAINS: Final = (
    "1/(1 + exp(x)**2)",
    "floor(exp(x))",
    "ceil(-cosh(x))",
    "tanh(sinh(x))",
    "atan(exp(x)*y)",
    "exp(-exp(x))",
    "max(expm1(x), y)",
    "where(exp(x) > y, 1, x)",
    "1/gamma(x + 1)",
)


def outcome(f: Callable[..., Any], *arguments: Any) -> tuple[float, ...] | None:
    """Return value and gradient; None for an error or no number."""
    try:
        value, grad = f(*arguments)
    except (ArithmeticError, ValueError, gg.GraphgradError):
        return None
    numbers = (value, *grad.values())
    return None if any(map(math.isnan, numbers)) else numbers


def interpreted(graph: gg.Graph, wrt: list[str]) -> Callable[..., Any]:
    """Return the interpreter of both passes as a function."""

    def function(*xs: float) -> tuple[float, dict[str, float]]:
        result = graph.backprop(dict(zip(graph.inputs, xs, strict=True)), wrt)
        return result.value, result.grad

    return function


def agree(x: float, y: float) -> bool:
    """Whether two numbers are equal, but for the rounding of another order of factors."""
    return x == y or abs(x - y) <= max(1e-12 * abs(x), 8 * math.ulp(0.0))


def assert_same(text: str, wrt: list[str]) -> None:
    """Compare both at all points."""
    graph = gg.parse(text)
    scope: dict[str, Any] = {}
    exec(graph.to_python(wrt), scope)
    points = POINTS if len(graph.inputs) < 3 else POINTS[:8]
    for xs in product(points, repeat=len(graph.inputs)):
        ours, theirs = outcome(interpreted(graph, wrt), *xs), outcome(scope["f"], *xs)
        assert (ours is None) == (theirs is None), (xs, ours, theirs)
        assert ours is None or all(map(agree, ours, theirs or ())), (xs, ours, theirs)


@TABLE
def test_each_operation(op: Op) -> None:
    """At each operand, however large or small."""
    if op.arity:
        assert_same(called(op), differentiable(op))


@pytest.mark.parametrize("text", POWERS + CHAINS)
def test_powers_and_chains(text: str) -> None:
    """Also where an overflow is passed on to another operation."""
    assert_same(text, list(gg.parse(text).inputs))


def test_a_function_that_cannot_overflow_stays_as_it_is() -> None:
    """Only functions that fail beyond the floats are written out."""
    assert gg.parse("sin(x)").to_python().startswith("from math import cos, sin\n")
    assert "OverflowError" in gg.parse("exp(x)").to_python()
