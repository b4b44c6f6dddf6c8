"""The digits of softmax and its kin: one logit far ahead, equal logits, soft targets."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.backprop.error_bound import JUDGED
from graphgrad.check.sympy_witness import exact_number
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.ops.table import OPS
from graphgrad.tape import forward, lower

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, np.dtype[np.float64]]

U = 2.0**-53
FEW = 1e-13
"""A relative error of a few hundred ulps, which logits some hundreds apart cost in their exponentials."""

TINY = 4.248354255291589e-18
"""exp(-40)/(1 + exp(-40)), rounded."""

LOGITS: dict[str, Array] = {
    "one far ahead": np.array([[40.0, 0.0, -3.0], [-1.0, 2.0, 90.0]]),
    "far ahead, and far from 0": np.array([[1e6, 1e6 - 25, 1e6 - 300], [-2000.0, -2016.0, -2000.5]]),
    "equal": np.array([[3.0, 3.0, 3.0], [7.0, 7.0, -40.0]]),
    "almost equal": np.array([[1.0, 1.0 + 2**-52, 1.0 - 2**-53], [0.0, 1e-300, -1e-300]]),
    "close": np.array([[0.1, 0.2, 0.3], [-0.5, 0.7, 0.2]]),
}
TARGETS: dict[str, Array] = {
    "right": np.array([[1.0, 0, 0], [0, 0, 1]]),
    "wrong": np.array([[0, 1.0, 0], [1, 0, 0]]),
    "soft": np.array([[0.9, 0.1, 0], [0.2, 0.3, 0.5]]),
    "almost one": np.array([[1 - 2**-40, 2**-40, 0], [2**-60, 2**-60, 1 - 2**-53]]),
}


@cache
def program(text: str) -> tuple[gg.Graph, gg.Graph]:
    """Return a program and its gradient by x."""
    graph = gg.parse(text)
    return graph, graph.gradient("x")


def in_many_digits(graph: gg.Graph, at: dict[str, Array]) -> Any:
    """Return a graph's value by the plain rules in 900 digits: exp(-1000) counts beside 1."""
    m = Entrywise(Mpmath(digits=900))
    return forward(lower(graph.data), m, {name: m.lift(at[name]) for name in graph.inputs})[graph.data.output]


def furthest(ours: Any, theirs: Any) -> float:
    """Return the largest relative error of an entry."""
    pairs = zip(np.ravel(ours), map(exact_number, np.ravel(theirs)), strict=True)
    return max(float(abs(Fraction(float(x)) - t) / abs(t)) if t else abs(float(x)) for x, t in pairs if t is not None)


def interpreted(text: str, at: dict[str, Array]) -> tuple[Any, Any]:
    """Run both passes."""
    result = program(text)[0].backprop(at, ["x"])
    return result.value, result.grad["x"]


def compiled(text: str, at: dict[str, Array]) -> tuple[Any, Any]:
    """Call the compiled function."""
    value, grad = program(text)[0].compile(["x"])(**at)
    return value, grad["x"]


def by_the_graph(text: str, at: dict[str, Array]) -> tuple[Any, Any]:
    """Run the gradient's graph."""
    graph, gradient = program(text)
    return graph.backprop(at, []).value, gradient.backprop(at, [], seed=1).value


PATHS = [interpreted, compiled, by_the_graph]


@pytest.mark.parametrize("path", PATHS)
def test_a_loss_of_a_target_far_ahead_has_all_its_digits(path: Callable[..., Any]) -> None:
    """With a logit 40 ahead the loss and both entries of its gradient are 4e-18, not 0."""
    value, grad = path("softmax_cross_entropy(x, t)", {"x": np.array([40.0, 0]), "t": np.array([1.0, 0])})
    assert value == TINY
    np.testing.assert_allclose(grad, [-TINY, TINY], rtol=4 * U)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize(
    "text", ["softmax_cross_entropy(x, t)", "-sum(log_softmax(x)*t)", "sum(logsumexp(x, axis=0)*t[0])"]
)
def test_losses_and_gradients_have_all_their_digits(
    text: str, logits: str, target: str, path: Callable[..., Any]
) -> None:
    """The plain rules in 900 digits agree with every path, entry by entry."""
    at = {"x": LOGITS[logits], "t": TARGETS[target]}
    value, grad = path(text, at)
    assert furthest(value, in_many_digits(program(text)[0], at)) < FEW
    assert furthest(grad, in_many_digits(program(text)[1], at)) < FEW


@pytest.mark.parametrize("axis", [-1, 0, None])
@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "less_sum", "less_mean"])
def test_the_declared_rounding_covers_the_error(name: str, logits: str, axis: int | None) -> None:
    """No entry is further from the plain rule in 900 digits than its row says."""
    op, m, precise = OPS[name].with_params({"axis": axis}), Arrays(), Entrywise(Mpmath(digits=900))
    targets = [[target] for target in (*TARGETS.values(), LOGITS["close"] * 1e5)] if op.arity > 1 else [[]]
    for others in targets:
        xs = [*others, LOGITS[logits]]
        z, right = m.value(op, xs), precise.value(op, [precise.lift(x) for x in xs])
        bounds = np.broadcast_to(op.rounding_error(m.operations, z, *xs) * U, np.shape(z))
        for ours, theirs, bound in zip(np.ravel(z), np.ravel(right), np.ravel(bounds), strict=True):
            assert abs(Fraction(float(ours)) - (exact_number(theirs) or 0)) <= JUDGED * Fraction(float(bound))


@pytest.mark.parametrize("x", [[1.0, 2, 3], [5, 5, 5], [700, -700, 0.1]])
def test_the_gradient_of_a_sum_of_probabilities_is_0(x: list[float]) -> None:
    """Probabilities add up to 1 whatever the logits are, and nothing is left of it by rounding."""
    assert gg.parse("sum(softmax(x))").backprop({"x": x}).grad["x"].tolist() == [0, 0, 0]
