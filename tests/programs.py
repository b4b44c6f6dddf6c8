"""A program of each operation on arrays, for tests that loop over the table."""

from __future__ import annotations

from typing import Any

import numpy as np

NUMBERS = np.random.default_rng(11)
X, W, B = NUMBERS.uniform(-2, 2, (2, 3)), NUMBERS.uniform(-2, 2, (3, 2)), NUMBERS.uniform(-2, 2, 2)
P = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
T = np.array([[0.0, 1, 0], [1, 0, 0]])

EACH: dict[str, tuple[str, dict[str, Any]]] = {
    "matmul": ("x @ w", {"x": X, "w": W}),
    "matmul_left": ("matmul_left(g, x, w)", {"g": X @ W, "x": X, "w": W}),
    "matmul_right": ("matmul_right(g, x, w)", {"g": X @ W, "x": X, "w": W}),
    "outer": ("outer(b, c)", {"b": B, "c": X[0]}),
    "sum_along": ("sum(x, axis=1)", {"x": X}),
    "mean": ("mean(x)", {"x": X}),
    "amax": ("max(x, axis=0)", {"x": X}),
    "amin": ("min(x)", {"x": X}),
    "norm": ("norm(x, axis=1)", {"x": X}),
    "count_along": ("count_along(x)*x", {"x": X}),
    "spread_like": ("spread_like(b, x, axis=1)", {"b": B, "x": X}),
    "sum_like": ("sum_like(x, y)", {"x": X, "y": X[:1]}),
    "broadcast_like": ("broadcast_like(y, x)", {"y": X[:1], "x": X}),
    "transpose": ("x.T", {"x": X}),
    "reshape": ("reshape(x, shape=(3, 2))", {"x": X}),
    "reshape_like": ("reshape_like(x, w)", {"x": X, "w": W}),
    "take": ("x[:, 1:]", {"x": X}),
    "place_like": ("place_like(b, x, at=[:, 1])", {"b": B, "x": X}),
    "concat": ("concat(x, y)", {"x": X, "y": X[:1]}),
    "stack": ("stack(x, y)", {"x": X, "y": X + 1}),
    "head_like": ("head_like(w, x)", {"w": W[:, [0, 1, 1]], "x": X}),
    "tail_like": ("tail_like(w, x)", {"w": W[:, [0, 1, 1]], "x": X}),
    "softmax": ("softmax(x)", {"x": X}),
    "log_softmax": ("log_softmax(x)", {"x": X}),
    "logsumexp": ("logsumexp(x, axis=0)", {"x": X}),
    "affine": ("affine(x, w, b)", {"x": X, "w": W, "b": B}),
    "cross_entropy": ("cross_entropy(p, t)", {"p": P, "t": P[::-1]}),
    "softmax_cross_entropy": ("softmax_cross_entropy(x, t)", {"x": X, "t": T}),
    "mean_squared_error": ("mean_squared_error(x, y)", {"x": X, "y": X + P}),
    "less_sum": ("less_sum(g, x)", {"g": X + P, "x": X}),
    "less_mean": ("less_mean(g, x)", {"g": X + P, "x": X}),
    "row_count": ("row_count(x)*x", {"x": X}),
    "one_hot": ("one_hot(t, x)", {"t": T, "x": X}),
    "one_hot_back": ("one_hot_back(x, t)", {"x": X, "t": T}),
}
"""A program of each operation on arrays."""

__all__ = ["EACH", "NUMBERS", "B", "P", "T", "W", "X"]
