"""Rules of softmax, its logarithm and their derivatives in floats, without cancellation where one entry is almost 1.

All work along axes, with e = exp(x - max(x)), which is 1 at the largest entries: there are n of them, and s is the sum
of e over the others. Then softmax(x) is e/(n + s), and logsumexp(x) is max(x) + log(n + s). Where one entry is by far
the largest, n + s is 1 in floats, and only s has the digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape

__all__ = [
    "excess",
    "excess_rounding",
    "less_mean",
    "less_mean_rounding",
    "less_sum",
    "less_sum_rounding",
    "log_softmax_rounding",
    "powers",
]


class _Parts(NamedTuple):
    """The largest entries as 1 and 0, e of the others, and the sums n and s of both along the axes."""

    largest: Any
    others: Any
    n: Any
    s: Any


def powers(m: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return e = exp(x - max(x)), which cannot overflow."""
    return m.exp(x - m.amax(x, axis=axis, keepdims=True))


def _parts(m: Any, x: Any, axis: int | Shape | None, *, keepdims: bool = True) -> _Parts:
    largest = m.eq(x, m.amax(x, axis=axis, keepdims=True))
    others = powers(m, x, axis) - largest
    return _Parts(largest, others, *(m.sum_along(part, axis=axis, keepdims=keepdims) for part in (largest, others)))


def excess(m: Any, x: Any, axis: int | Shape | None, *, keepdims: bool) -> Any:
    """Return logsumexp(x) - max(x) = log(n + s)."""
    parts = _parts(m, x, axis, keepdims=keepdims)
    return m.log1p(parts.s + (parts.n - 1))


def less_sum(m: Any, g: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return g - softmax(x)*sum(g).

    The sum of g is that of its mean over the largest entries, n times, and of what remains, r. The share of softmax(x)
    at a largest entry is 1/n - s/(n*(n + s)), whose first term takes the mean away.
    """
    largest, others, n, s = _parts(m, x, axis)
    total = m.sum_along(largest * g, axis=axis, keepdims=True)
    rest = g - largest * (total / n)
    r = m.sum_along(rest, axis=axis, keepdims=True)
    share = (total + r) / (n + s)
    return rest - others * share + largest * ((s * share - r) / n)


def less_mean(m: Any, g: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return g - sum(softmax(x)*g), after the mean of g over the largest entries is taken away."""
    rest = _less_mean_of_largest(m, g, x, axis)
    return rest - m.sum_along(m.softmax(x, axis=axis) * rest, axis=axis, keepdims=True)


def _less_mean_of_largest(m: Any, g: Any, x: Any, axis: int | Shape | None) -> Any:
    largest = m.eq(x, m.amax(x, axis=axis, keepdims=True))
    total = m.sum_along(largest * g, axis=axis, keepdims=True)
    return g - total / m.sum_along(largest, axis=axis, keepdims=True)


# ---- the sizes of their rounding errors, in units of the unit roundoff


def _terms(m: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return the error of a sum along the axes of products with e, in units of each of its terms."""
    return m.amax(x, axis=axis, keepdims=True) - x + 2 * m.sqrt(m.count_along(x, axis=axis)) + 2


def excess_rounding(m: Any, x: Any, axis: int | Shape | None, *, keepdims: bool) -> Any:
    """Return that of the excess: what reaches it from s, and its own."""
    _, others, n, s = _parts(m, x, axis, keepdims=keepdims)
    error = m.sum_along(others * _terms(m, x, axis), axis=axis, keepdims=keepdims)
    return (error + (n - 1)) / (n + s) + excess(m, x, axis, keepdims=keepdims)


def log_softmax_rounding(m: Any, z: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return that of (x - max(x)) - excess(x): both terms have the sign of z."""
    return 2 * m.abs(z) + excess_rounding(m, x, axis, keepdims=True)


def less_sum_rounding(m: Any, z: Any, g: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return that of `less_sum`, term by term."""
    largest, others, n, s = _parts(m, x, axis)
    size = m.sum_along(largest * m.abs(g), axis=axis, keepdims=True)
    rest = m.abs(g - largest * (m.sum_along(largest * g, axis=axis, keepdims=True) / n))
    r = m.sum_along(rest, axis=axis, keepdims=True)
    terms, share = others * _terms(m, x, axis), (size + r) / (n + s)
    of_largest = m.sum_along(terms, axis=axis, keepdims=True) * share / n + 2 * m.sqrt(m.count_along(x, axis=axis)) * r
    return 2 * m.abs(z) + rest + terms * share + largest * (of_largest + (n - 1) * size)


def less_mean_rounding(m: Any, z: Any, g: Any, x: Any, axis: int | Shape | None) -> Any:
    """Return that of `less_mean`, term by term."""
    largest, _, n, _ = _parts(m, x, axis)
    rest = m.abs(_less_mean_of_largest(m, g, x, axis))
    size = m.sum_along(largest * m.abs(g), axis=axis, keepdims=True)
    terms = m.softmax(x, axis=axis) * rest * _terms(m, x, axis)
    return m.abs(z) + rest + (1 - 1 / n) * size + m.sum_along(terms, axis=axis, keepdims=True)
