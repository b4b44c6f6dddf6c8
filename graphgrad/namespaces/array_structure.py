"""Reshape, broadcast, reduce and multiply NumPy arrays of any type of entry."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_matrices import MATRICES
from graphgrad.namespaces.array_running import RUNNING
from graphgrad.namespaces.array_windows import WINDOWS
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.shapes import axes_of, slices

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["STRUCTURE", "Structure", "entries_along", "sums_along", "unbroadcast"]

MATRIX: Final = 2
"""How many axes a matrix has."""


def unbroadcast(m: Structure, g: Any, x: Any) -> Any:
    """Return an adjoint summed over the axes along which its operand x was broadcast."""
    shape = m.np.shape(x)
    if m.np.shape(g) == shape:
        return g
    if shape and m.np.shape(g)[1:] == shape:  # fast path: a bias added to rows
        return m.np.add.reduce(g)
    g = m.np.broadcast_to(g, m.np.broadcast_shapes(m.np.shape(g), shape))
    extra = g.ndim - len(shape)
    kept = [i for i, size in enumerate(shape, extra) if size == 1 and g.shape[i] != 1]
    return m.np.reshape(g.sum(axis=(*range(extra), *kept)), shape) if shape else g.sum()


def _spread_like(m: Structure, g: Any, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return g, a reduction of x along axes or its adjoint, broadcast back to the shape of x."""
    if not keepdims:
        g = m.np.expand_dims(g, axes_of(axis, m.np.ndim(x)))
    return m.np.broadcast_to(g, m.np.shape(x))


def sums_along(m: Structure, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the sum along axes."""
    add: Any = m.np.add
    return add.reduce(x, axis=axis, keepdims=keepdims)


def entries_along(m: Structure, x: Any, *, axis: int | Shape | None = None) -> Any:
    """Return the number of entries along axes."""
    shape = m.np.shape(x)
    return m.const(Fraction(prod(shape[i] for i in axes_of(axis, len(shape)))))


def _amax(m: Structure, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the largest entries along axes."""
    return _folded(m, m.operations.max, x, axis, keepdims=keepdims)


def _amin(m: Structure, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the smallest entries along axes."""
    return _folded(m, m.operations.min, x, axis, keepdims=keepdims)


def _folded(m: Structure, f: Callable[[Any, Any], Any], x: Any, axis: int | Shape | None, *, keepdims: bool) -> Any:
    """Return x reduced along axes by a function of two entries."""
    for each in sorted(axes_of(axis, m.np.ndim(x)), reverse=True):
        parts = m.np.moveaxis(x, each, 0)
        if not len(parts):
            message = "not defined: there are no entries to choose from"
            raise ValueError(message)
        x = reduce(f, parts)
        x = m.np.expand_dims(x, each) if keepdims else x
    return x


def _matmul_left(m: Structure, g: Any, x: Any, y: Any) -> Any:
    """Return the adjoint of x in x @ y."""
    if m.np.ndim(y) == 1:
        return m.operations.sum_like(m.np.expand_dims(g, -1) * y if m.np.ndim(x) > 1 else g * y, x)
    if m.np.ndim(x) == 1:
        return m.operations.sum_like(m.np.matmul(m.np.expand_dims(g, -2), _swapped(m, y))[..., 0, :], x)
    return m.operations.sum_like(m.np.matmul(g, _swapped(m, y)), x)


def _matmul_right(m: Structure, g: Any, x: Any, y: Any) -> Any:
    """Return the adjoint of y in x @ y."""
    if m.np.ndim(x) == 1:
        return m.operations.sum_like(x[:, None] * m.np.expand_dims(g, -2) if m.np.ndim(y) > 1 else x * g, y)
    if m.np.ndim(y) == 1:
        return m.operations.sum_like(m.np.matmul(_swapped(m, x), m.np.expand_dims(g, -1))[..., 0], y)
    return m.operations.sum_like(m.np.matmul(_swapped(m, x), g), y)


def _swapped(m: Structure, x: Any) -> Any:
    """Return a stack of matrices, each transposed; `.T` is the fast path for a single matrix."""
    return x.T if x.ndim == MATRIX else m.np.swapaxes(x, -1, -2)


def _place_like(m: Structure, g: Any, x: Any, *, at: tuple[Any, ...]) -> Any:
    """Return zeros in the shape of x, with g in the place that the indices `at` select."""
    whole = m.np.zeros(m.np.shape(x), dtype=m.np.asarray(g).dtype)
    whole[slices(at)] = g
    return whole


def _one_hot(m: Structure, t: Any, x: Any) -> Any:
    """Return t if it has the shape of x, else its class indices in one-hot encoding."""
    shape = m.np.shape(x)
    if m.np.shape(t) == shape:
        return t
    rows = m.operations.eq(m.np.expand_dims(t, -1), m.np.arange(shape[-1]))
    if not m.np.all(m.np.sum(rows, axis=-1) == 1):
        message = f"not defined: a class index is a whole number from 0 to {shape[-1] - 1}"
        raise ValueError(message)
    return rows


STRUCTURE: Final[Spellings] = {
    # Broadcasting and its adjoints
    "sum_like": unbroadcast,
    "broadcast_like": lambda m, c, x: m.np.broadcast_to(c, m.np.shape(x)),
    "spread_like": _spread_like,
    # Along axes
    "sum_along": sums_along,
    "count_along": entries_along,
    "row_count": lambda m, x: m.const(Fraction(prod(m.np.shape(x)[:-1]))),
    "amax": _amax,
    "amin": _amin,
    # Products
    "matmul": "matmul",
    "matmul_left": _matmul_left,
    "matmul_right": _matmul_right,
    "outer": lambda _m, x, y: x[:, None] * y,
    # Shapes and parts
    "transpose": lambda m, x, *, axes=None: m.np.transpose(x, axes),
    "reshape": lambda m, x, *, shape: m.np.reshape(x, shape),
    "reshape_like": lambda m, x, y: m.np.reshape(x, m.np.shape(y)),
    "take": lambda _m, x, *, at: x[slices(at)],
    "place_like": _place_like,
    "concat": lambda m, *xs, axis=0: m.np.concatenate(xs, axis=axis),
    "stack": lambda m, *xs, axis=0: m.np.stack(xs, axis=axis),
    "head_like": lambda m, g, x, *, axis=0: m.np.split(g, [m.np.shape(x)[axis]], axis=axis)[0],
    "tail_like": lambda m, g, x, *, axis=0: m.np.split(g, [m.np.shape(x)[axis]], axis=axis)[1],
    **RUNNING,
    **MATRICES,
    **WINDOWS,
    # Classes
    "one_hot": _one_hot,
    "one_hot_back": lambda m, g, t: g if m.np.shape(g) == m.np.shape(t) else m.np.zeros(m.np.shape(t)),
}
"""How NumPy computes the array operations whose rules are not written in other operations."""


class Structure(Namespace):
    """The array operations that depend on shapes alone, for arrays of floats and of Python objects.

    `sum_like` sums an adjoint to the shape of an operand that was broadcast. In `x + b` with a bias of shape (3,), the
    adjoint has the shape (2, 3) of the sum:

    >>> import numpy as np
    >>> Structure().sum_like(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.zeros(3))
    array([5., 7., 9.])
    """

    spellings = STRUCTURE

    def __init__(self) -> None:
        """Load NumPy."""
        import numpy as np

        self.np = self.library = np

    def quiet(self) -> AbstractContextManager[Any]:
        """Return a context in which NumPy warns of nothing."""
        return self.np.errstate(all="ignore")
