"""Arrays in both passes: shapes, broadcasting and its adjoints, each operation, and shape errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.namespaces import Arrays
from graphgrad.ops import NUMERIC, OPS

if TYPE_CHECKING:
    from collections.abc import Callable

Array = Any
NUMBERS = np.random.default_rng(7)


def run(text: str, /, seed: Any = None, wrt: Any = None, **at: Array) -> gg.Backprop[Any]:
    """Run both passes."""
    return gg.parse(text).backprop(at, wrt, seed=seed)


def array(*shape: int, low: float = -2.0, high: float = 2.0) -> Array:
    """Return an array of random numbers."""
    return NUMBERS.uniform(low, high, shape)


def probabilities(*shape: int) -> Array:
    """Return rows of positive numbers that add up to 1."""
    rows = NUMBERS.uniform(0.1, 1, shape)
    return rows / rows.sum(axis=-1, keepdims=True)


X, M, W, V, B, S = array(2, 3), array(4, 3), array(3, 4), array(3), array(4), array(5, 2, 3)
T = np.eye(3)[[0, 2]]
Q = np.array([[2.0, -0.75, 0.5], [0.25, 1.5, -1.1], [-0.6, 1.25, 3.0]])
ZEROS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def others(x: Array) -> Array:
    """Return the product of the other entries of a vector."""
    return np.array([np.prod(np.delete(x, i)) for i in range(len(x))])


def correlated(x: Array, w: Array) -> Array:
    """Return the sums of products of a kernel with what is under it, along the last two axes."""
    under = np.lib.stride_tricks.sliding_window_view(x, w.shape, axis=(-2, -1))
    return (under * w).sum((-2, -1))


def softmax(x: Array, axis: int = -1) -> Array:
    """Return the softmax as a textbook writes it."""
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


EACH: dict[str, list[tuple[str, dict[str, Array], Callable[..., Array]]]] = {
    "matmul": [
        ("x @ y", {"x": X, "y": W}, np.matmul),
        ("x @ y", {"x": X, "y": V}, np.matmul),
        ("x @ y", {"x": V, "y": W}, np.matmul),
        ("x @ y", {"x": V, "y": V + 1}, np.matmul),
        ("x @ y", {"x": S, "y": W}, np.matmul),
        ("x @ y", {"x": S, "y": V}, np.matmul),
        ("x @ y", {"x": V, "y": array(5, 3, 2)}, np.matmul),
        ("dot(x, y)", {"x": array(1, 2, 3), "y": array(5, 3, 2)}, np.matmul),
    ],
    "matmul_left": [("matmul_left(g, x, y)", {"g": array(2, 4), "x": X, "y": W}, lambda g, x, y: g @ y.T)],
    "matmul_right": [("matmul_right(g, x, y)", {"g": array(2, 4), "x": X, "y": W}, lambda g, x, y: x.T @ g)],
    "outer": [("outer(x, y)", {"x": V, "y": B}, np.outer)],
    "sum_along": [
        ("sum(x)", {"x": S}, np.sum),
        ("sum(x, axis=1)", {"x": S}, lambda x: x.sum(1)),
        ("sum(x, axis=(0, -1), keepdims=1)", {"x": S}, lambda x: x.sum((0, -1), keepdims=True)),
    ],
    "mean": [
        ("mean(x)", {"x": S}, np.mean),
        ("mean(x, axis=-1, keepdims=True)", {"x": X}, lambda x: x.mean(-1, keepdims=True)),
    ],
    "amax": [("max(x)", {"x": X}, np.max), ("max(x, axis=(0, 2))", {"x": S}, lambda x: x.max((0, 2)))],
    "amin": [("min(x)", {"x": X}, np.min), ("min(x, axis=0)", {"x": X}, lambda x: x.min(0))],
    "norm": [("norm(x)", {"x": X}, np.linalg.norm), ("norm(x, axis=1)", {"x": X}, lambda x: np.linalg.norm(x, axis=1))],
    "count_along": [("count_along(x, axis=0)*x", {"x": X}, lambda x: 2 * x)],
    "spread_like": [("spread_like(g, x, axis=1)", {"g": array(2), "x": X}, lambda g, x: g[:, None] + 0 * x)],
    "sum_like": [("sum_like(x, y)", {"x": X, "y": array(1, 3)}, lambda x, y: x.sum(0, keepdims=True) + 0 * y)],
    "broadcast_like": [("broadcast_like(x, y)", {"x": V, "y": X}, lambda x, y: x + 0 * y)],
    "transpose": [
        ("x.T", {"x": S}, np.transpose),
        ("transpose(x, axes=(1, 2, 0))", {"x": S}, lambda x: x.transpose(1, 2, 0)),
        ("transpose(x, axes=(-1, 0, 1))", {"x": S}, lambda x: x.transpose(2, 0, 1)),
    ],
    "reshape": [("reshape(x, shape=(3, -1))", {"x": S}, lambda x: x.reshape(3, -1))],
    "reshape_like": [("reshape_like(x, y)", {"x": X, "y": array(6)}, lambda x, y: x.reshape(6) + 0 * y)],
    "take": [
        ("x[0]", {"x": X}, lambda x: x[0]),
        ("x[1, 1:3]", {"x": X}, lambda x: x[1, 1:3]),
        ("x[..., ::2]", {"x": S}, lambda x: x[..., ::2]),
        ("x[:, None, -1]", {"x": X}, lambda x: x[:, None, -1]),
    ],
    "place_like": [
        ("place_like(x, y, at=[:, 1])", {"x": array(2), "y": X}, lambda x, y: np.eye(3)[1] * x[:, None] + 0 * y),
    ],
    "concat": [
        ("concat(x, y, x)", {"x": X, "y": M}, lambda x, y: np.concatenate([x, y, x])),
        ("concat(x, y, axis=-1)", {"x": X, "y": array(2, 1)}, lambda x, y: np.concatenate([x, y], -1)),
    ],
    "stack": [
        ("stack(x, y)", {"x": X, "y": X + 1}, lambda x, y: np.stack([x, y])),
        ("stack(x, y, x, axis=-1)", {"x": X, "y": X + 1}, lambda x, y: np.stack([x, y, x], -1)),
        ("stack(x, y, axis=1)", {"x": X, "y": X + 1}, lambda x, y: np.stack([x, y], 1)),
        ("stack(a, b, c)", {"a": 1.5, "b": -2.0, "c": 0.25}, lambda a, b, c: np.stack([a, b, c])),
        ("stack(a)", {"a": 1.5}, lambda a: np.stack([a])),
        ("stack(stack(a, 2), stack(3, b))", {"a": 1.5, "b": -2.0}, lambda a, b: np.array([[a, 2], [3, b]])),
    ],
    "head_like": [("head_like(x, y)", {"x": M, "y": X}, lambda x, y: x[:2] + 0 * y)],
    "tail_like": [("tail_like(x, y)", {"x": M, "y": array(1, 3)}, lambda x, y: x[1:] + 0 * y)],
    "var": [
        ("var(x)", {"x": X}, np.var),
        ("var(x, axis=(0, 2), ddof=1, keepdims=True)", {"x": S}, lambda x: np.var(x, (0, 2), ddof=1, keepdims=True)),
    ],
    "std": [
        ("std(x, axis=0)", {"x": M}, lambda x: np.std(x, 0)),
        ("std(x, axis=-1, ddof=2)", {"x": M}, lambda x: np.std(x, -1, ddof=2)),
    ],
    "prod": [
        ("prod(x)", {"x": X}, np.prod),
        ("prod(x, axis=1, keepdims=True)", {"x": X * ZEROS}, lambda x: np.prod(x, 1, keepdims=True)),
        ("prod(x, axis=(0, 2))", {"x": S[:2]}, lambda x: np.prod(x, (0, 2))),
        ("prod(x)", {"x": X * ZEROS}, np.prod),
    ],
    "other_products": [
        ("other_products(x)", {"x": X * ZEROS}, lambda x: others(x.ravel()).reshape(x.shape)),
        ("other_products(x, axis=1)", {"x": X * ZEROS}, lambda x: np.array([*map(others, x)])),
        ("other_products(x, axis=(0, 1))", {"x": X}, lambda x: others(x.ravel()).reshape(x.shape)),
    ],
    "cumsum": [
        ("cumsum(x)", {"x": X}, np.cumsum),
        ("cumsum(x, axis=1)", {"x": S}, lambda x: np.cumsum(x, 1)),
    ],
    "cumprod": [
        ("cumprod(x)", {"x": X * ZEROS}, np.cumprod),
        ("cumprod(x, axis=-1)", {"x": X * ZEROS}, lambda x: np.cumprod(x, -1)),
        ("cumprod(x, axis=0)", {"x": M}, lambda x: np.cumprod(x, 0)),
    ],
    "recurrence": [
        ("recurrence(x, y)", {"x": X, "y": X + 1},
         lambda x, y: np.stack([x[:, 0], x[:, 1] + y[:, 1] * x[:, 0],
                                x[:, 2] + y[:, 2] * (x[:, 1] + y[:, 1] * x[:, 0])], 1)),
        ("recurrence(x, ones(x), axis=0)", {"x": M}, lambda x: np.cumsum(x, 0)),
    ],
    "flip": [
        ("flip(x)", {"x": X}, np.flip),
        ("flip(x, axis=(0, -1))", {"x": S}, lambda x: np.flip(x, (0, -1))),
    ],
    "roll": [
        ("roll(x)", {"x": X}, lambda x: np.roll(x, 1)),
        ("roll(x, shift=-2, axis=1)", {"x": X}, lambda x: np.roll(x, -2, 1)),
    ],
    "shift": [
        ("shift(x)", {"x": X}, lambda x: np.roll(x, 1, 1) * [0, 1, 1]),
        ("shift(x, by=-2, axis=0)", {"x": M}, lambda x: np.concatenate([x[2:], 0 * x[:2]])),
        ("shift(x, by=7)", {"x": X}, lambda x: 0 * x),
    ],
    "einsum": [
        ('einsum("ij,jk->ik", x, w)', {"x": X, "w": W}, lambda x, w: x @ w),
        ('einsum("ij,jk", x, w)', {"x": X, "w": W}, lambda x, w: x @ w),
        ('einsum("ij->", x)', {"x": X}, np.sum),
        ('einsum("ij->j", x)', {"x": X}, lambda x: x.sum(0)),
        ('einsum("ii", x)', {"x": Q}, np.trace),
        ('einsum("ii->i", x)', {"x": Q}, np.diagonal),
        ('einsum("i,j->ij", x, y)', {"x": V, "y": B}, np.outer),
        ('einsum("bij,bjk->bik", x, y)', {"x": S, "y": array(5, 3, 4)}, lambda x, y: x @ y),
        ('einsum("i,ij,j->", b, x, v)', {"b": B[:2], "x": X, "v": V}, lambda b, x, v: b @ x @ v),
        ('einsum("ij,kj->", x, y)', {"x": X, "y": M}, lambda x, y: np.einsum("ij,kj->", x, y)),
        ('einsum(",i->i", a, x)', {"a": 1.5, "x": V}, lambda a, x: a * x),
    ],
    "vdot": [("vdot(x, y)", {"x": X, "y": X + 1}, lambda x, y: np.sum(x * y))],
    "cross": [
        ("cross(x, y)", {"x": V, "y": V[::-1] + 1}, np.cross),
        ("cross(x, y)", {"x": X, "y": V}, np.cross),
    ],
    "trace": [
        ("trace(x)", {"x": Q}, np.trace),
        ("trace(x)", {"x": array(2, 3, 3)}, lambda x: np.trace(x, axis1=1, axis2=2)),
    ],
    "diag": [("diag(x)", {"x": V}, np.diag), ("diag(x)", {"x": Q}, np.diag)],
    "tril": [("tril(x)", {"x": M}, np.tril), ("tril(x, k=-1)", {"x": S}, lambda x: np.tril(x, -1))],
    "triu": [("triu(x)", {"x": X}, np.triu), ("triu(x, k=1)", {"x": Q}, lambda x: np.triu(x, 1))],
    "eye": [("eye(x)*x", {"x": Q}, lambda x: np.eye(3) * x)],
    "ones": [("ones(x)*x", {"x": S}, lambda x: x)],
    "det": [
        ("det(x)", {"x": Q}, np.linalg.det),
        ("det(x)", {"x": array(2, 2, 2)}, np.linalg.det),
        ("det(x)", {"x": array(5, 5)}, np.linalg.det),
    ],
    "cofactors": [
        ("cofactors(x)", {"x": Q}, lambda x: np.linalg.det(x) * np.linalg.inv(x).T),
        ("cofactors(x)", {"x": array(5, 5)}, lambda x: np.linalg.det(x) * np.linalg.inv(x).T),
    ],
    "logdet": [("logdet(x)", {"x": -Q}, lambda x: np.linalg.slogdet(x)[1])],
    "inv": [
        ("inv(x)", {"x": Q}, np.linalg.inv),
        ("inv(x)", {"x": array(2, 2, 2)}, np.linalg.inv),
        ("inv(x)", {"x": array(5, 5) + 3 * np.eye(5)}, np.linalg.inv),
    ],
    "solve": [
        ("solve(x, y)", {"x": Q, "y": V}, np.linalg.solve),
        ("solve(x, y)", {"x": Q, "y": W}, np.linalg.solve),
        ("solve(x, y)", {"x": array(5, 5) + 3 * np.eye(5), "y": array(5, 2)}, np.linalg.solve),
    ],
    "cholesky": [
        ("cholesky(x)", {"x": Q + 3 * np.eye(3)}, lambda x: np.linalg.cholesky((x + x.T) / 2)),
        ("cholesky(x @ x.T + eye(x @ x.T))", {"x": X}, lambda x: np.linalg.cholesky(x @ x.T + np.eye(2))),
    ],
    "conv": [
        ("conv(x, w)", {"x": array(7), "w": V}, lambda x, w: np.correlate(x, w, "valid")),
        ("conv(x, w, stride=2, padding=1)", {"x": array(7), "w": V},
         lambda x, w: np.correlate(np.pad(x, 1), w, "valid")[::2]),
        ("conv(x, w)", {"x": array(2, 5, 4), "w": array(2, 3)}, correlated),
        ("conv(x, w)", {"x": array(2, 2, 7), "w": array(3, 2, 3)},
         lambda x, w: np.stack([[sum(np.correlate(a, k, "valid") for a, k in zip(row, f, strict=True)) for f in w]
                                for row in x])),
        ("conv(x, w, stride=2, padding=1)", {"x": array(2, 2, 5, 5), "w": array(3, 2, 3, 3)},
         lambda x, w: np.stack([[sum(correlated(np.pad(a, 1), k)[::2, ::2] for a, k in zip(row, f, strict=True))
                                 for f in w] for row in x])),
        ("conv(x, w)", {"x": array(2, 5, 5), "w": array(3, 2, 3, 3)},
         lambda x, w: np.stack([sum(correlated(a, k) for a, k in zip(x, f, strict=True)) for f in w])),
    ],
    "conv_input": [
        ("conv_input(g, x, w)", {"g": array(5), "x": array(7), "w": V}, lambda g, x, w: np.convolve(g, w) + 0 * x),
    ],
    "conv_kernel": [
        ("conv_kernel(g, x, w)", {"g": array(5), "x": array(7), "w": V},
         lambda g, x, w: np.correlate(x, g, "valid") + 0 * w),
    ],
    "windows": [
        ("windows(x)", {"x": array(4, 6)}, lambda x: x.reshape(2, 2, 3, 2).transpose(0, 2, 1, 3)),
        ("windows(x, size=3, stride=1, padding=1)", {"x": array(4)},
         lambda x: np.stack([np.pad(x, 1)[i : i + 3] for i in range(4)])),
    ],
    "overlap_add": [
        ("overlap_add(g, x, size=3, stride=1)", {"g": array(3, 3), "x": array(5)},
         lambda g, x: sum(np.pad(g[i], (i, 2 - i)) for i in range(3)) + 0 * x),
    ],
    "max_pool": [
        ("max_pool(x)", {"x": array(2, 4, 6)}, lambda x: x.reshape(2, 2, 2, 3, 2).max((2, 4))),
        ("max_pool(x, size=3, stride=1)", {"x": array(6)},
         lambda x: np.stack([x[i : i + 3].max() for i in range(4)])),
    ],
    "avg_pool": [("avg_pool(x, size=(2, 3))", {"x": array(4, 6)}, lambda x: x.reshape(2, 2, 2, 3).mean((1, 3)))],
    "standardize": [
        ("standardize(x, e)", {"x": M, "e": 0.1}, lambda x, e: (x - x.mean(0)) / np.sqrt(x.var(0) + e)),
        ("standardize(x, e, axis=-1)", {"x": M, "e": 0.1},
         lambda x, e: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + e)),
    ],
    "batch_norm": [
        ("batch_norm(x, a, b, e)", {"x": M, "a": V, "b": V + 1, "e": 0.1},
         lambda x, a, b, e: a * (x - x.mean(0)) / np.sqrt(x.var(0) + e) + b),
        ("batch_norm(x, a, b, e, axis=(0, 2))", {"x": S, "a": array(2, 1), "b": array(2, 1), "e": 0.1},
         lambda x, a, b, e: a * (x - x.mean((0, 2), keepdims=True)) / np.sqrt(x.var((0, 2), keepdims=True) + e) + b),
    ],
    "gather": [
        ("gather(x, i)", {"x": M, "i": np.array([0.0, 2, 2])}, lambda x, i: x[np.rint(i).astype(int)]),
        ("gather(x, i, axis=1)", {"x": X, "i": np.array([[0.0, 2], [1, 1]])},
         lambda x, i: np.take(x, np.rint(i).astype(int), 1)),
        ("gather(x, i)", {"x": V, "i": 1.0}, lambda x, i: x[int(np.rint(i))]),
    ],
    "scatter_add": [
        ("scatter_add(g, i, x)", {"g": X, "i": np.array([1.0, 1]), "x": M},
         lambda g, i, x: np.stack([0 * g[0], g[0] + g[1], *[0 * g[0]] * (len(x) - 2)]) + 0 * i[0] + 0 * x),
    ],
    "softmax": [
        ("softmax(x)", {"x": X}, softmax),
        ("softmax(x, axis=0)", {"x": X}, lambda x: softmax(x, 0)),
        ("softmax(x, axis=None)", {"x": X}, lambda x: np.exp(x) / np.exp(x).sum()),
        ("softmax(x, axis=(0, 2))", {"x": S}, lambda x: np.exp(x) / np.exp(x).sum((0, 2), keepdims=True)),
    ],
    "log_softmax": [("log_softmax(x)", {"x": X}, lambda x: np.log(softmax(x)))],
    "logsumexp": [
        ("logsumexp(x)", {"x": X}, lambda x: np.log(np.exp(x).sum())),
        ("logsumexp(x, axis=1, keepdims=1)", {"x": X}, lambda x: np.log(np.exp(x).sum(1, keepdims=True))),
    ],
    "affine": [
        ("affine(x, w, b)", {"x": X, "w": W, "b": B}, lambda x, w, b: x @ w + b),
        ("affine(x, w, b)", {"x": V, "w": W, "b": B}, lambda x, w, b: x @ w + b),
    ],
    "cross_entropy": [
        ("cross_entropy(p, t)", {"p": probabilities(2, 3), "t": T}, lambda p, t: -(t * np.log(p)).sum() / 2),
        ("cross_entropy(p, t)", {"p": probabilities(2, 3), "t": probabilities(2, 3)},
         lambda p, t: -(t * np.log(p)).sum() / 2),
    ],
    "softmax_cross_entropy": [
        ("softmax_cross_entropy(x, t)", {"x": X, "t": T}, lambda x, t: -(t * np.log(softmax(x))).sum() / 2),
        ("softmax_cross_entropy(x, t)", {"x": V, "t": probabilities(3)}, lambda x, t: -(t * np.log(softmax(x))).sum()),
        ("softmax_cross_entropy(x, t)", {"x": S, "t": probabilities(5, 2, 3)},
         lambda x, t: -(t * np.log(softmax(x))).sum() / 10),
    ],
    "mean_squared_error": [
        ("mean_squared_error(y, t)", {"y": X, "t": X + 1}, lambda y, t: np.mean((y - t) ** 2)),
        ("mean_squared_error(y, t)", {"y": X, "t": V}, lambda y, t: np.mean((y - t) ** 2)),
    ],
    "less_sum": [
        ("less_sum(g, x)", {"g": X + 1, "x": X}, lambda g, x: g - softmax(x) * g.sum(-1, keepdims=True)),
        ("less_sum(g, x, axis=0)", {"g": X + 1, "x": X}, lambda g, x: g - softmax(x, 0) * g.sum(0)),
    ],
    "less_mean": [
        ("less_mean(g, x)", {"g": X + 1, "x": X}, lambda g, x: g - (softmax(x) * g).sum(-1, keepdims=True)),
        ("less_mean(g, x, axis=None)", {"g": X + 1, "x": X}, lambda g, x: g - (np.exp(x) / np.exp(x).sum() * g).sum()),
    ],
    "row_count": [("row_count(x)*x", {"x": S}, lambda x: 10 * x)],
    "one_hot": [("one_hot(t, x)", {"t": T, "x": X}, lambda t, x: t + 0 * x)],
    "one_hot_back": [("one_hot_back(x, t)", {"x": X, "t": T}, lambda x, t: x + 0 * t)],
}  # fmt: skip
"""Programs of each operation on arrays, with their inputs and the same computation in NumPy."""

CASES = [pytest.param(*case, id=f"{name}-{i}") for name, cases in EACH.items() for i, case in enumerate(cases)]


def test_each_operation_on_arrays_has_its_case() -> None:
    """The table above has every operation on arrays."""
    assert set(EACH) == {name for name, op in OPS.items() if op.on_arrays}


@pytest.mark.parametrize(("text", "at", "numpys"), CASES)
def test_values_are_numpys(text: str, at: dict[str, Array], numpys: Callable[..., Array]) -> None:
    """Value and shape are those that NumPy gives."""
    value = run(text, seed=1, **at).value
    expected = numpys(*at.values())
    assert np.shape(value) == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("text", "at", "numpys"), CASES)
def test_adjoints_are_those_of_directional_differences(
    text: str, at: dict[str, Array], numpys: Callable[..., Array]
) -> None:
    """For a random adjoint and a random direction, the contributions agree with a central difference."""
    seed = array(*np.shape(numpys(*at.values())))
    grad = run(text, seed=seed, **at).grad
    for name, x in at.items():
        direction, h = array(*np.shape(x)), 1e-6
        sides = [numpys(*(at | {name: x + step * direction}).values()) for step in (-h, h)]
        expected = np.sum(seed * (sides[1] - sides[0])) / (2 * h)
        assert np.shape(grad[name]) == np.shape(x)
        assert np.sum(grad[name] * direction) == pytest.approx(expected, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(("text", "at", "numpys"), CASES)
def test_the_derivative_is_a_graph(text: str, at: dict[str, Array], numpys: Callable[..., Array]) -> None:
    """The derivative graph by each input has the value of the backward pass, and so has its own derivative graph."""
    del numpys
    graph = gg.parse(f"sum(({text})**2)")
    grad = graph.backprop(at).grad
    for name in graph.inputs:
        derived = graph.gradient(name)
        np.testing.assert_allclose(derived.backprop(at, [], seed=1).value, grad[name], rtol=1e-10, atol=1e-12)
        again = gg.parse(f"sum(({text})**2)").gradient(name).gradient(name)
        assert np.isfinite(again.backprop(at, [], seed=1).value).all()


@pytest.mark.parametrize(("text", "at", "numpys"), CASES)
def test_the_text_of_a_graph_is_the_graph(text: str, at: dict[str, Array], numpys: Callable[..., Array]) -> None:
    """Parameters, indices and methods are written as they are parsed."""
    again = str(gg.parse(text))
    assert str(gg.parse(again)) == again
    np.testing.assert_allclose(run(again, seed=1, **at).value, numpys(*at.values()), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_operations_on_numbers_work_entry_by_entry(op: Any) -> None:
    """The value and derivative of an operation on an array are those on each of its entries."""
    names = "xyz"[: op.arity]
    columns = {name: np.array(op.domain(i).probes(5 + 2 * i)[:5]) for i, name in enumerate(names)}
    wrt = [name for i, name in enumerate(names) if op.rule(i) is not None]
    text = f"{op.spoken}({', '.join(names)})" if not op.symbols else f"({f' {op.symbols[0]} '.join(names)})"
    text = text if op.arity > 1 or not op.symbols else f"{op.symbols[0]}x"
    whole = run(text, seed=1, wrt=wrt, **columns)
    for i in range(5):
        single = run(text, wrt=wrt, **{name: column[i] for name, column in columns.items()})
        assert whole.value[i] == pytest.approx(single.value, rel=1e-14, abs=1e-15)
        for name in wrt:
            assert whole.grad[name][i] == pytest.approx(single.grad[name], rel=1e-13, abs=1e-300)


def test_the_derivative_of_a_determinant_is_there_where_it_is_0() -> None:
    """It is the matrix of cofactors, which a singular matrix has, too."""
    singular = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    result = run("det(x)", x=singular)
    assert result.value == pytest.approx(0, abs=1e-14)
    assert result.grad["x"] == pytest.approx(np.array([[-3, 6, -3], [6, -12, 6], [-3, 6, -3]]), abs=1e-13)
    large = np.diag([1.0, 2.0, 3.0, 4.0, 0.0])
    assert run("det(x)", x=large).grad["x"] == pytest.approx(np.diag([0, 0, 0, 0, 24.0]), abs=1e-12)


@pytest.mark.parametrize(
    ("text", "x", "message"),
    [
        ("inv(x)", [[1, 2], [2, 4]], "the matrix is singular"),
        ("inv(x)", [[0.1, 0.3], [0.2, 0.6]], "the matrix is singular"),
        ("inv(x)", np.arange(9.0).reshape(3, 3), "the matrix is singular"),
        ("inv(x)", np.arange(16.0).reshape(4, 4), "the matrix is singular"),
        ("inv(stack(x, x))", np.zeros((2, 2)), "the matrix is singular"),
        ("solve(x, x)", [[1, 2], [2, 4]], "the matrix is singular"),
        ("solve(x, x[0])", np.arange(16.0).reshape(4, 4), "the matrix is singular"),
        ("logdet(x)", [[1, 2], [2, 4]], "the matrix is singular"),
        ("cholesky(x)", [[1, 2], [2, 1]], "the matrix is not positive definite"),
        ("cholesky(x)", [[0, 0], [0, 0]], "the matrix is not positive definite"),
        ("gather(x, 2)", [[1, 2], [2, 4]], "a position is a whole number from 0 to 1"),
        ("gather(x, 0.5)", [[1, 2], [2, 4]], "a position is a whole number from 0 to 1"),
    ],
)
@pytest.mark.parametrize("kind", [{}, {"exact": True}, {"precision": 30}])
def test_a_matrix_without_an_inverse_or_a_factor_is_an_error(text: str, x: Any, message: str, kind: Any) -> None:
    """It names the operation and says why, among floats, fractions and numbers of many digits; it is no nan."""
    with pytest.raises(gg.DomainError, match=message) as caught:
        gg.parse(text).backprop({"x": x}, seed=1, **kind)
    assert text in caught.value.message


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_scaling_makes_no_matrix_singular(scale: float) -> None:
    """A matrix with rows of any size has an inverse."""
    x = np.array([[2.0, 1.0], [1.0, 3.0]]) * [[scale], [1]]
    assert run("inv(x) @ x", seed=1, x=x).value == pytest.approx(np.eye(2))


def test_an_adjoint_is_summed_to_its_operands_shape() -> None:
    """The bias of a batch gets the sum over the batch."""
    result = run("sum(x + b)", x=np.ones((4, 3)), b=[1, 2, 3])
    assert result.grad["b"].tolist() == [4, 4, 4]
    assert result.grad["x"].shape == (4, 3)


shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@settings(deadline=None)
@given(shapes, shapes, st.sampled_from(["x*y", "x + y", "x/y", "x - y*x", "where(x > y, x, y)", "max(x, y)"]))
def test_broadcasting_and_its_adjoints_are_numpys(x: tuple[int, ...], y: tuple[int, ...], text: str) -> None:
    """Shapes broadcast as in NumPy, others are a ShapeError; each adjoint has its operand's shape."""
    at = {"x": array(*x, low=0.5), "y": array(*y, low=0.5)}
    try:
        shape = np.broadcast_shapes(x, y)
    except ValueError:
        with pytest.raises(gg.ShapeError):
            run(text, seed=1, **at)
        return
    result = run(text, seed=1, **at)
    assert np.shape(result.value) == shape
    for name, value in at.items():
        ones = {other: np.broadcast_to(small, shape) for other, small in at.items()}
        entrywise = run(text, seed=1, **ones).grad[name]
        assert np.shape(result.grad[name]) == np.shape(value)
        assert np.sum(result.grad[name]) == pytest.approx(np.sum(entrywise), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "at", "message", "operands"),
    [
        ("x @ w + b", {"x": (2, 3), "w": (4, 5), "b": ()}, "x is 2×3, w is 4×5: 3 ≠ 4",
         [((0, 1), (2, 3)), ((4, 5), (4, 5))]),
        ("2*x + y", {"x": (2,), "y": (3,)}, "2*x is (2,), y is (3,): 2 ≠ 3", [((0, 3), (2,)), ((6, 7), (3,))]),
        ("x @ 2", {"x": (2,)}, "a number has no matrix product; write *", [((0, 1), (2,)), ((4, 5), ())]),
        ("sum(x, axis=2)", {"x": (2, 3)}, "there is no axis 2", [((4, 5), (2, 3))]),
        ("x[3]", {"x": (2, 3)}, "there is no entry 3 among 2", [((0, 1), (2, 3))]),
        ("x[0, 1, 2]", {"x": (2, 3)}, "it has 2 axes, and 3 are indexed", [((0, 1), (2, 3))]),
        ("reshape(x, shape=(4, -1))", {"x": (2, 3)}, "6 entries do not fill 4×-1", [((8, 9), (2, 3))]),
        ("concat(x, y)", {"x": (2, 3), "y": (2, 4)}, "elsewhere than along axis 0",
         [((7, 8), (2, 3)), ((10, 11), (2, 4))]),
        ("stack(x, y)", {"x": (2,), "y": (3,)}, "all must have one shape", [((6, 7), (2,)), ((9, 10), (3,))]),
        ("outer(x, y)", {"x": (2, 2), "y": (3,)}, "both must be vectors", [((6, 7), (2, 2)), ((9, 10), (3,))]),
        ("affine(x, w, b)", {"x": (2, 3), "w": (3, 4), "b": (5, 1, 4)}, "would widen 2×4 to 5×2×4",
         [((7, 8), (2, 3)), ((10, 11), (3, 4)), ((13, 14), (5, 1, 4))]),
        ("softmax_cross_entropy(x, t)", {"x": (4, 3), "t": (3,)}, "the target must be 4×3, or (4,) for class indices",
         [((22, 23), (4, 3)), ((25, 26), (3,))]),
    ],
)  # fmt: skip
def test_a_shape_error_has_spans_and_shapes(
    text: str, at: dict[str, tuple[int, ...]], message: str, operands: list[Any]
) -> None:
    """The error names the operands with their spans and shapes; nothing has been computed."""
    with pytest.raises(gg.ShapeError) as caught:
        run(text, seed=1, **{name: np.ones(shape) for name, shape in at.items()})
    assert message in caught.value.message
    assert list(caught.value.operands) == operands


def test_an_array_as_output_needs_a_seed() -> None:
    """A missing seed or one of another shape is an error; a number stands for all entries."""
    with pytest.raises(gg.ShapeError, match="takes a seed") as caught:
        run("x*2", x=[1, 2])
    assert "seed=" in caught.value.hint
    assert run("x*2", seed=1, x=[1, 2]).grad["x"].tolist() == [2, 2]
    assert run("x*2", seed=[3, 0], x=[1, 2]).grad["x"].tolist() == [6, 0]
    with pytest.raises(gg.ShapeError, match=r"the seed is \(3,\), and the output \(2,\)"):
        run("x*2", seed=[1, 2, 3], x=[1, 2])


def test_a_number_as_output_may_take_a_seed_too() -> None:
    """The gradient is multiplied by it, on plain floats and on fractions as well."""
    assert run("x*x", seed=10, x=3).grad == {"x": 60.0}
    assert gg.parse("x*x").backprop({"x": 3}, exact=True, seed="1/2").grad == {"x": 3}


@pytest.mark.parametrize("logits", [1e4, -1e4, 700.0])
def test_large_logits_do_not_overflow(logits: float) -> None:
    """At ±10000 softmax and its losses and logarithms are finite, and so are their gradients."""
    x, t = np.array([[logits, 0, -logits], [0, logits, 0]]), np.array([[0, 1, 0], [1, 0, 0]])
    for text in ("softmax_cross_entropy(x, t)", "sum(log_softmax(x)*t)", "logsumexp(x*t)", "sum(softmax(x)*t)"):
        result = run(text, wrt=["x"], x=x, t=t)
        assert np.isfinite(result.value)
        assert np.isfinite(result.grad["x"]).all()
        assert result.warnings == ()
    assert run("softmax_cross_entropy(x, t)", wrt=["x"], x=[[logits, 0.0]], t=[1]).value == max(logits, 0)


def test_the_adjoint_of_softmax_with_loss_is_y_minus_t() -> None:
    """Over the batch: the softmax minus the target, divided by the number of rows."""
    x, t = array(5, 3), np.eye(3)[[0, 1, 2, 1, 1]]
    result = run("softmax_cross_entropy(x, t)", wrt=["x"], x=x, t=t)
    np.testing.assert_allclose(result.grad["x"], (softmax(x) - t) / 5, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("text", ["softmax_cross_entropy(x, t)", "cross_entropy(softmax(x), t)"])
def test_targets_may_be_class_indices(text: str) -> None:
    """They mean the same as one-hot rows, and get no adjoint."""
    x, classes = array(4, 3), [2, 0, 1, 2]
    one_hot, indexed = run(text, wrt=["x"], x=x, t=np.eye(3)[classes]), run(text, x=x, t=classes)
    assert indexed.value == one_hot.value
    np.testing.assert_array_equal(indexed.grad["x"], one_hot.grad["x"])
    assert indexed.grad["t"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("classes", [[0, 3], [-1, 0], [0.5, 1]])
def test_an_index_that_is_no_class_is_an_error(classes: list[float]) -> None:
    """An index beyond the columns, or between two, is an error and not a loss of 0."""
    with pytest.raises(gg.DomainError, match="a class index is a whole number from 0 to 2"):
        run("softmax_cross_entropy(x, t)", x=np.ones((2, 3)), t=classes)


def test_the_logarithm_of_0_counts_only_where_the_target_is_not_0() -> None:
    """A probability of 0 costs nothing where t is 0, and has no finite loss where it is not."""
    result = run("cross_entropy(p, t)", wrt=["p"], p=[[0, 1.0]], t=[[0, 1]])
    assert (result.value, result.grad["p"].tolist()) == (0, [[0, -1]])
    with pytest.raises(gg.DomainError, match="cross_entropy"):
        run("cross_entropy(p, t)", wrt=["p"], p=[[0, 1.0]], t=[[1, 0]])


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("sum(log(x))", {"x": [[1, 2], [3, -4]]}, r"log\(-4\) is not defined, at entry \[1, 1\]"),
        ("sum(1/x)", {"x": [1, 0]}, r"1/0 is not defined, at entry \[1\]"),
        ("sum(x - y)", {"x": [1e308, 1], "y": [-1e308, 1]}, None),
        ("sum(exp(x) - exp(x + 1))", {"x": [0, 1000]}, r"is indeterminate, at entry \[1\]"),
        ("sum(sqrt(x))", {"x": [1, 0]}, "the derivative of sqrt.x. by x is not finite"),
    ],
)
def test_a_bad_entry_is_named(text: str, at: dict[str, Array], message: str | None) -> None:
    """The message has the operation with its numbers and the first bad entry's index; overflow is only a warning."""
    if message is None:
        assert "overflow" in run(text, **at).warnings[0]
        return
    with pytest.raises(gg.DomainError, match=message):
        run(text, **at)


@pytest.mark.parametrize("text", ["where(x > 0, log(x), 0)", "where(x > 0, sqrt(x), x*0)", "where(x > 0, 1/x, 0)"])
def test_entries_not_chosen_contribute_exactly_nothing(text: str) -> None:
    """No error, no nan, no gradient from the branch that where did not choose, entry by entry."""
    grad = run(f"sum({text})", x=[0, 4, -1]).grad["x"]
    assert grad[[0, 2]].tolist() == [0, 0]
    assert grad[1] == run(text, x=4).grad["x"]


def test_kinks_of_arrays_are_counted() -> None:
    """The warning has the number of entries at a kink and the first of them; entries with adjoint 0 do not count."""
    [warning] = run("sum(relu(x))", x=[[0, 1], [0, -1]]).warnings
    assert warning == "kink: relu(x) at 2 of 4 entries, first [0, 0]: at 0 the derivative taken is 0"
    assert run("sum(relu(x)[1:])", x=[0, 1]).warnings == ()
    [tie] = run("max(x)", x=[3, 1, 3]).warnings
    assert "in a tie" in tie
    assert run("max(x)", x=[3, 1, 3]).grad["x"].tolist() == [0.5, 0, 0.5]


def test_exact_arrays_are_fractions() -> None:
    """Arrays in exact mode do not round: 0.1 is one tenth."""
    result = gg.parse("sum(x @ w)").backprop({"x": [[0.1, 0.2]], "w": [["1/3"], [3]]}, exact=True)
    assert str(result.value) == "19/30"
    assert [[str(x) for x in row] for row in result.grad["x"]] == [["1/3", "3"]]


def test_smaller_kinds_of_numbers_are_read_as_float64() -> None:
    """Integers, booleans and float32 are converted to float64; the caller's arrays are not changed."""
    x = np.ones(3, dtype=np.float32)
    result = run("sum(x*k)", x=x, k=np.array([True, False, True]))
    assert result.grad["x"].dtype == np.float64
    assert x.dtype == np.float32


def test_plain_numbers_never_load_numpy() -> None:
    """An expression on floats is computed in Python floats."""
    result = run("x*y", x=np.float64(2), y=3)
    assert type(result.value) is float
    assert type(run("sum(x*y)", x=[1, 2], y=3).grad["y"]) is float


def test_numpys_own_functions_are_used() -> None:
    """An array is computed in one call, not number by number."""
    assert Arrays().exp is np.exp
