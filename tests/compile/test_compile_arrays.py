"""Compiled programs of arrays: the interpreter's numbers, shapes and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.compile import Reductions

rng = np.random.default_rng(0)
AT: dict[str, Any] = {
    "X": rng.random((6, 4)) + 0.5,
    "W": rng.normal(size=(4, 3)),
    "b": rng.normal(size=3),
    "T": np.eye(3)[[0, 1, 2, 0, 1, 2]],
    "v": rng.random(4) + 0.1,
    "s": 0.7,
}
PROGRAMS = [
    "cross_entropy(softmax(X@W + b), T)",
    "h = relu(X@W + b); mean(sum((h - T)**2, axis=1))",
    "sum(sigmoid(X@W + b)*T)*s",
    "sum(exp(-X*s)*v)",
    "X@v@X@v",
    "sum(where(X > 1, log(X), 0)*v) + max(s, 0.5)",
    "sum(max(X@W, 0, s))",
    "sum((X@W).T@(X@W))",
    "mean(X, axis=0)@v",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_it_gives_what_the_interpreter_gives(text: str) -> None:
    """Value and every gradient agree, shape by shape."""
    graph = gg.parse(text)
    at = {name: AT[name] for name in graph.inputs}
    result, (value, grad) = graph.backprop(at), graph.compile()(**at)
    assert value == pytest.approx(result.value, rel=1e-12)
    assert {name: np.shape(d) for name, d in grad.items()} == {name: np.shape(x) for name, x in at.items()}
    for name, d in grad.items():
        assert d == pytest.approx(result.grad[name], rel=1e-10, abs=1e-13)


def test_errors_are_the_interpreters() -> None:
    """Shapes that do not go together, entries outside the domain and missing inputs are told alike."""
    for text, at in [
        ("sum(X@W)", {"X": np.ones((2, 3)), "W": np.ones((2, 3))}),
        ("sum(log(X)@W)", {"X": -np.ones((2, 2)), "W": np.ones((2, 2))}),
        ("sum(X@W)", {"X": np.ones((2, 2))}),
        ("sum(X@W)", {"X": np.full((2, 2), np.nan), "W": np.ones((2, 2))}),
    ]:
        graph = gg.parse(text)
        with pytest.raises(gg.GraphgradError) as theirs:
            graph.backprop(at)
        with pytest.raises(gg.GraphgradError) as ours:
            graph.compile()(**at)
        assert str(ours.value) == str(theirs.value)


def test_only_what_is_asked_for_is_differentiated() -> None:
    """`wrt` names the gradients; inputs are left alone."""
    f = gg.parse("cross_entropy(softmax(X@W + b), T)").compile(["W", "b"])
    before = AT["X"].copy()
    _, grad = f(X=AT["X"], W=AT["W"], b=AT["b"], T=AT["T"])
    assert list(grad) == ["W", "b"]
    assert np.array_equal(AT["X"], before)


@pytest.mark.parametrize(
    "text", ["sum(X)", "sum(X + 2)", "sum(X + Y)", "X.T", "sum(reshape(X, shape=(-1,)))", *PROGRAMS]
)
def test_results_are_the_callers_own(text: str) -> None:
    """Whoever writes into results changes no input, no other result, and nothing of the next call."""
    graph = gg.parse(text)
    at = {name: np.array({"Y": AT["X"], **AT}[name]) for name in graph.inputs}
    wrt: list[str] | None = [] if text == "X.T" else None  # an array has no gradient without a seed
    f, before = graph.compile(wrt), {name: x.copy() for name, x in at.items()}
    value, grad = f(**at)
    written = [x for x in (value, *grad.values()) if np.ndim(x)]
    assert not any(np.shares_memory(x, y) for x in written for y in (*at.values(), *written) if x is not y)
    expected = {name: np.array(d) for name, d in grad.items()}
    for x in written:
        x[...] = 7
    assert all(np.array_equal(at[name], x) for name, x in before.items())
    assert all(np.array_equal(d, expected[name]) for name, d in f(**at)[1].items())


@pytest.mark.parametrize("size", [1.0, 30.0, 700.0, 800.0])
def test_a_sigmoid_far_out_is_right(size: float) -> None:
    """One exponential serves sigmoid and its derivative; where it overflows, the interpreter computes them."""
    graph = gg.parse("sum(sigmoid(X@W))")
    at = {"X": np.array([[size, -size], [-size, size / 2]]), "W": np.eye(2)}
    _, grad = graph.compile(["X"])(**at)
    np.testing.assert_allclose(grad["X"], graph.backprop(at).grad["X"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("shape", [(5, 3), (200, 10), (3, 300), (1, 1), (0, 3), (3, 0), (2, 3, 4)])
@pytest.mark.parametrize("axis", [-1, 0, 1, None])
@pytest.mark.parametrize("keepdims", [True, False])
def test_sums_and_maxima_by_other_means_are_numpys(shape: tuple[int, ...], axis: int | None, keepdims: bool) -> None:
    """Short rows and biases are summed by products with ones: up to rounding, the same."""
    x, m = rng.normal(size=shape), Reductions()
    total = np.sum(x, axis=axis, keepdims=keepdims)
    assert m.sum_along(x, axis=axis, keepdims=keepdims) == pytest.approx(total, abs=1e-12)
    assert m.sum_like(x, np.zeros(shape[1:])) == pytest.approx(np.sum(x, axis=0), abs=1e-12)
    if x.size:
        largest = np.max(x, axis=axis, keepdims=keepdims)
        assert np.array_equal(m.amax(x, axis=axis, keepdims=keepdims), largest)


def test_the_gradient_of_an_array_is_an_error_that_asks_for_a_seed() -> None:
    """A compiled function takes no seed, so it gives the value of an array but no gradient of one."""
    graph, at = gg.parse("x @ W"), {"x": np.ones((1, 2)), "W": np.eye(2)}
    assert graph.compile(wrt=[])(**at)[0].tolist() == [[1.0, 1.0]]
    with pytest.raises(gg.ShapeError, match="takes a seed"):
        graph.compile(wrt=["W"])(**at)
