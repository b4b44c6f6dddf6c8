"""Define every operation on arrays a second time, entry by entry: the witnesses that the check holds the rows against.

Each takes NumPy, mpmath and arrays of Python objects. None calls a rule of the table or a namespace's function, so that
a fault there cannot repeat itself here. A helper such as `matmul_left` is the adjoint of a linear map, and is defined
as that: its entry at i is the sum of g times the map of the array that is 1 at i and 0 elsewhere.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from graphgrad.ops.shapes import axes_of, slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphgrad.ops.shapes import Shape

__all__ = [
    "adjoint",
    "affine",
    "along",
    "amax",
    "amin",
    "broadcast_like",
    "concat",
    "count_along",
    "cross_entropy",
    "filled",
    "head_like",
    "less_mean",
    "less_sum",
    "log_softmax",
    "logsumexp",
    "matmul",
    "matmul_left",
    "matmul_right",
    "mean",
    "mean_squared_error",
    "norm",
    "one_hot",
    "one_hot_back",
    "outer",
    "place_like",
    "reshape",
    "reshape_like",
    "row_count",
    "softmax",
    "softmax_cross_entropy",
    "spread_like",
    "stack",
    "sum_along",
    "sum_like",
    "tail_like",
    "take",
    "transpose",
]


def filled(np: Any, entries: Iterable[Any], shape: Shape) -> Any:
    """Return an array of objects with these entries."""
    z = np.empty(prod(shape), dtype=object)
    z[:] = [*entries]
    return z.reshape(shape)


def along(np: Any, f: Callable[[list[Any]], Any], x: Any, axis: int | Shape | None, *, keepdims: bool = False) -> Any:
    """Return what f makes of the list of the entries along axes, at each place of the other axes."""
    axes = axes_of(axis, x.ndim)
    groups: dict[Any, list[Any]] = {}
    for place in np.ndindex(x.shape):
        groups.setdefault(tuple(k for i, k in enumerate(place) if i not in axes), []).append(x[place])
    sizes = [1 if i in axes else size for i, size in enumerate(x.shape) if keepdims or i not in axes]
    return filled(np, map(f, groups.values()), tuple(sizes))


def adjoint(np: Any, linear: Callable[[Any], Any], g: Any, shape: Shape) -> Any:
    """Return the adjoint of a linear map of arrays of a shape, applied to g."""

    def entry(place: Any) -> Any:
        unit = np.zeros(shape, dtype=object)
        unit[place] = 1
        return np.sum(g * linear(unit))

    return filled(np, map(entry, np.ndindex(shape)), shape)


# ---- products


def matmul(_np: Any, _mp: Any, x: Any, y: Any) -> Any:
    """Return all products of a row's and a column's entries, summed."""
    rows, columns = (x if x.ndim > 1 else x[None, :]), (y if y.ndim > 1 else y[:, None])
    z = (rows[..., :, :, None] * columns[..., None, :, :]).sum(axis=-2)
    z = z if x.ndim > 1 else z[..., 0, :]
    return z if y.ndim > 1 else z[..., 0]


def matmul_left(np: Any, mp: Any, g: Any, x: Any, y: Any) -> Any:
    """Return the adjoint of x -> x @ y."""
    return adjoint(np, lambda unit: matmul(np, mp, unit, y), g, x.shape)


def matmul_right(np: Any, mp: Any, g: Any, x: Any, y: Any) -> Any:
    """Return the adjoint of y -> x @ y."""
    return adjoint(np, lambda unit: matmul(np, mp, x, unit), g, y.shape)


def outer(np: Any, _mp: Any, x: Any, y: Any) -> Any:
    """Return every entry of x times every entry of y."""
    return filled(np, (a * b for a in x for b in y), (x.size, y.size))


def affine(np: Any, mp: Any, x: Any, w: Any, b: Any) -> Any:
    """Return a matrix product and a bias."""
    return matmul(np, mp, x, w) + b


# ---- along axes


def sum_along(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the sum of the entries."""
    return along(np, sum, x, axis, keepdims=keepdims)


def mean(np: Any, mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the sum of the entries by their number."""
    return along(np, lambda xs: mp.fsum(xs) / len(xs), x, axis, keepdims=keepdims)


def amax(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the largest of the entries."""
    return along(np, max, x, axis, keepdims=keepdims)


def amin(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the smallest of the entries."""
    return along(np, min, x, axis, keepdims=keepdims)


def norm(np: Any, mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the length of the vector of the entries."""
    return along(np, mp.norm, x, axis, keepdims=keepdims)


def count_along(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return the number of entries."""
    return along(np, len, x, axis)


def row_count(_np: Any, _mp: Any, x: Any) -> Any:
    """Return the number of entries by the last axis's size."""
    return x.size // x.shape[-1] if x.ndim else 1


def spread_like(np: Any, _mp: Any, g: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the adjoint of the sum of x along axes."""
    return adjoint(np, lambda unit: along(np, sum, unit, axis, keepdims=keepdims), g, x.shape)


def sum_like(np: Any, _mp: Any, g: Any, x: Any) -> Any:
    """Return the adjoint of broadcasting x to g."""
    shape = (np.empty(g.shape) + np.empty(x.shape)).shape
    return adjoint(np, lambda unit: unit + np.zeros(shape, dtype=int), g, x.shape)


def broadcast_like(np: Any, _mp: Any, c: Any, x: Any) -> Any:
    """Return c added to zeros of x's shape."""
    return c + np.zeros(x.shape, dtype=int)


# ---- shapes and parts


def transpose(np: Any, _mp: Any, x: Any, *, axes: Shape | None) -> Any:
    """Return the entries by their indices in another order."""
    order = tuple(reversed(range(x.ndim))) if axes is None else axes
    z = np.empty([x.shape[i] for i in order], dtype=object)
    for place in np.ndindex(x.shape):
        z[tuple(place[i] for i in order)] = x[place]
    return z


def reshape(np: Any, _mp: Any, x: Any, *, shape: Any) -> Any:
    """Return the list of entries in another shape."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    rest = x.size // max(1, prod(size for size in sizes if size >= 0))
    return filled(np, x.flat, tuple(rest if size < 0 else size for size in sizes))


def reshape_like(np: Any, _mp: Any, x: Any, y: Any) -> Any:
    """Return the list of entries in y's shape."""
    return filled(np, x.flat, y.shape)


def take(np: Any, _mp: Any, x: Any, *, at: Any) -> Any:
    """Return the entries by their numbers in the list of all entries."""
    numbers = np.asarray(np.arange(x.size).reshape(x.shape)[slices(at)])
    return filled(np, (x.flat[i] for i in numbers.flat), numbers.shape)


def place_like(np: Any, mp: Any, g: Any, x: Any, *, at: Any) -> Any:
    """Return the adjoint of taking a part of x."""
    return adjoint(np, lambda unit: take(np, mp, unit, at=at), g, x.shape)


def concat(np: Any, _mp: Any, *xs: Any, axis: int) -> Any:
    """Return the slices of all operands in one list."""
    parts = [part for x in xs for part in np.moveaxis(x, axis, 0)]
    return np.moveaxis(np.array(parts, dtype=object), 0, axis)


def stack(np: Any, _mp: Any, *xs: Any, axis: int) -> Any:
    """Return a list of the operands, whose axis is moved to its place."""
    return np.moveaxis(filled(np, (entry for x in xs for entry in x.flat), (len(xs), *xs[0].shape)), 0, axis)


def head_like(np: Any, _mp: Any, g: Any, x: Any, *, axis: int) -> Any:
    """Return the first slices of g, as many as x has."""
    return np.moveaxis(np.moveaxis(g, axis, 0)[: x.shape[axis]], 0, axis)


def tail_like(np: Any, _mp: Any, g: Any, x: Any, *, axis: int) -> Any:
    """Return the further slices of g."""
    return np.moveaxis(np.moveaxis(g, axis, 0)[x.shape[axis] :], 0, axis)


# ---- networks


def softmax(np: Any, mp: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return each exponential by the sum of all."""
    e = filled(np, map(mp.exp, x.flat), x.shape)
    return e / along(np, mp.fsum, e, axis, keepdims=True)


def log_softmax(np: Any, mp: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return the logarithm of softmax."""
    return filled(np, map(mp.log, softmax(np, mp, x, axis=axis).flat), x.shape)


def logsumexp(np: Any, mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the logarithm of the sum of exponentials."""
    return along(np, lambda xs: mp.log(mp.fsum(map(mp.exp, xs))), x, axis, keepdims=keepdims)


def less_sum(np: Any, mp: Any, g: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return what is left of g after each entry's share of the sum, by its exponential."""
    return g - softmax(np, mp, x, axis=axis) * along(np, mp.fsum, g, axis, keepdims=True)


def less_mean(np: Any, mp: Any, g: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return the distances of g from its mean with the weights of softmax."""
    return g - along(np, mp.fsum, softmax(np, mp, x, axis=axis) * g, axis, keepdims=True)


def one_hot(np: Any, mp: Any, t: Any, x: Any) -> Any:
    """Return t, or where it holds class indices, 1 at each row's class and 0 elsewhere."""
    if t.shape == x.shape:
        return t
    return filled(np, (mp.mpf(t[(*row,)] == k) for *row, k in np.ndindex(x.shape)), x.shape)


def one_hot_back(np: Any, _mp: Any, g: Any, t: Any) -> Any:
    """Return g, or zeros for class indices."""
    return g if g.shape == t.shape else np.zeros(t.shape, dtype=int)


def cross_entropy(np: Any, mp: Any, p: Any, t: Any) -> Any:
    """Return minus the sum of t*log(p) where t is not 0, by the number of rows."""
    hot = one_hot(np, mp, t, p) + np.zeros(p.shape, dtype=int)
    terms = (a * mp.log(b) for a, b in zip(hot.flat, p.flat, strict=True) if a)
    return -mp.fsum(terms) / row_count(np, mp, p)


def softmax_cross_entropy(np: Any, mp: Any, x: Any, t: Any) -> Any:
    """Return the cross entropy of softmax."""
    return cross_entropy(np, mp, softmax(np, mp, x, axis=-1), t)


def mean_squared_error(_np: Any, mp: Any, y: Any, t: Any) -> Any:
    """Return the sum of the squares by their number."""
    d = y - t
    return mp.fsum(e * e for e in d.flat) / d.size
