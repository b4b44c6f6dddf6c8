"""A program of each operation on arrays, for tests that loop over the table."""

from __future__ import annotations

from typing import Any

import numpy as np

NUMBERS = np.random.default_rng(11)
X, W, B = NUMBERS.uniform(-2, 2, (2, 3)), NUMBERS.uniform(-2, 2, (3, 2)), NUMBERS.uniform(-2, 2, 2)
P = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
T = np.array([[0.0, 1, 0], [1, 0, 0]])

Q = np.array([[2.0, -0.75, 0.5], [0.25, 1.5, -1.1], [-0.6, 1.25, 3.0]])
"""A matrix with an inverse."""

S = np.array([[2.0, 0.5], [-0.25, 1.5]])
"""A matrix whose symmetric part is positive definite."""

SIGNAL, IMAGE, KERNEL = NUMBERS.uniform(-2, 2, 6), NUMBERS.uniform(-2, 2, (4, 4)), NUMBERS.uniform(-2, 2, (2, 2))

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
    "var": ("var(x, axis=1, ddof=1)", {"x": X}),
    "std": ("std(x)", {"x": X}),
    "prod": ("prod(x, axis=1)", {"x": X}),
    "other_products": ("other_products(x, axis=1)", {"x": X}),
    "cumsum": ("cumsum(x, axis=1)", {"x": X}),
    "cumprod": ("cumprod(x, axis=1)", {"x": X}),
    "recurrence": ("recurrence(x, y)", {"x": X, "y": X + 1}),
    "flip": ("flip(x, axis=1)", {"x": X}),
    "roll": ("roll(x, axis=1)", {"x": X}),
    "shift": ("shift(x, by=-1, axis=1)", {"x": X}),
    "einsum": ('einsum("ij,jk->ki", x, w)', {"x": X, "w": W}),
    "vdot": ("vdot(x, y)", {"x": X, "y": X + P}),
    "cross": ("cross(x, y)", {"x": X, "y": X[0] + P[0]}),
    "trace": ("trace(q)", {"q": Q}),
    "diag": ("diag(q)", {"q": Q}),
    "tril": ("tril(x)", {"x": X}),
    "triu": ("triu(x, k=1)", {"x": X}),
    "eye": ("eye(q)*q", {"q": Q}),
    "ones": ("ones(x)*x", {"x": X}),
    "det": ("det(q)", {"q": Q}),
    "cofactors": ("cofactors(q)", {"q": Q}),
    "logdet": ("logdet(q)", {"q": Q}),
    "inv": ("inv(s)", {"s": S}),
    "solve": ("solve(s, w)", {"s": S, "w": W[:2]}),
    "cholesky": ("cholesky(s)", {"s": S}),
    "conv": ("conv(i, k)", {"i": IMAGE[:3, :3], "k": KERNEL}),
    "conv_input": ("conv_input(g, s, k, stride=2)", {"g": B, "s": SIGNAL[:5], "k": X[0]}),
    "conv_kernel": ("conv_kernel(g, s, k, padding=1)", {"g": SIGNAL[:5], "s": SIGNAL[1:5], "k": B}),
    "windows": ("windows(s, size=(3), stride=1, padding=1)", {"s": SIGNAL}),
    "overlap_add": ("overlap_add(x, s, size=3)", {"x": X, "s": SIGNAL}),
    "max_pool": ("max_pool(i)", {"i": IMAGE}),
    "avg_pool": ("avg_pool(s, size=3, stride=1)", {"s": SIGNAL}),
    "standardize": ("standardize(w, e)", {"w": W, "e": 0.25}),
    "batch_norm": ("batch_norm(w, x, y, e)", {"w": W, "x": B, "y": B + 1, "e": 0.25}),
    "gather": ("gather(x, t, axis=1)", {"x": X, "t": [0, 2, 2]}),
    "scatter_add": ("scatter_add(x, t, i)", {"x": W[:2], "t": [1, 1], "i": W + 1}),
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

__all__ = ["EACH", "IMAGE", "KERNEL", "NUMBERS", "SIGNAL", "B", "P", "Q", "S", "T", "W", "X"]
