"""Reshape, reduce and multiply arrays of NumPy, whatever their entries are."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.shapes import axes_of, slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.shapes import Shape

__all__ = ["Structure"]

MATRIX: Final = 2
"""How many axes a matrix has."""


class Structure(Namespace):
    """The operations on arrays that depend on shapes alone, for floats as for objects of Python.

    `sum_like` is where an adjoint is summed back to the shape of an operand that was broadcast. In `x + b` with a bias
    of shape (3,), the adjoint has the shape (2, 3) of the sum:

    >>> import numpy as np
    >>> Structure().sum_like(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.zeros(3))
    array([5., 7., 9.])
    """

    def __init__(self) -> None:
        """Load NumPy."""
        import numpy as np

        self.np = np

    # ---- broadcasting, and summing back

    def sum_like(self, g: Any, x: Any) -> Any:
        """Return an adjoint summed along the axes along which its operand was broadcast."""
        shape = self.np.shape(x)
        if self.np.shape(g) == shape:
            return g
        if shape and self.np.shape(g)[1:] == shape:  # fast path: a bias
            return self.np.add.reduce(g)
        g = self.np.broadcast_to(g, self.np.broadcast_shapes(self.np.shape(g), shape))
        extra = g.ndim - len(shape)
        kept = [i for i, size in enumerate(shape, extra) if size == 1 and g.shape[i] != 1]
        return g.sum(axis=(*range(extra), *kept)).reshape(shape) if shape else g.sum()

    def broadcast_like(self, c: Any, x: Any) -> Any:
        """Return a value broadcast to the shape of x."""
        return self.np.broadcast_to(c, self.np.shape(x))

    def spread_like(self, g: Any, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return g, a sum of x along axes or its adjoint, repeated along them to the shape of x."""
        if not keepdims:
            g = self.np.expand_dims(g, axes_of(axis, self.np.ndim(x)))
        return self.np.broadcast_to(g, self.np.shape(x))

    # ---- along axes

    def sum_along(self, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return the sum along axes."""
        add: Any = self.np.add
        return add.reduce(x, axis=axis, keepdims=keepdims)

    def count_along(self, x: Any, *, axis: int | Shape | None = None) -> Any:
        """Return the number of entries along axes."""
        shape = self.np.shape(x)
        return self.const(Fraction(prod(shape[i] for i in axes_of(axis, len(shape)))))

    def row_count(self, x: Any) -> Any:
        """Return the number of rows."""
        return self.const(Fraction(prod(self.np.shape(x)[:-1])))

    def amax(self, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return the largest entries along axes."""
        return self._reduced(self.max, x, axis, keepdims=keepdims)

    def amin(self, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return the smallest entries along axes."""
        return self._reduced(self.min, x, axis, keepdims=keepdims)

    def _reduced(self, f: Callable[[Any, Any], Any], x: Any, axis: int | Shape | None, *, keepdims: bool) -> Any:
        for each in sorted(axes_of(axis, self.np.ndim(x)), reverse=True):
            parts = self.np.moveaxis(x, each, 0)
            if not len(parts):
                message = "not defined: there are no entries to choose from"
                raise ValueError(message)
            x = reduce(f, parts)
            x = self.np.expand_dims(x, each) if keepdims else x
        return x

    # ---- products

    def matmul(self, x: Any, y: Any) -> Any:
        """Return the matrix product."""
        return self.np.matmul(x, y)

    def matmul_left(self, g: Any, x: Any, y: Any) -> Any:
        """Return the adjoint of x in x @ y."""
        if self.np.ndim(y) == 1:
            return self.sum_like(self.np.expand_dims(g, -1) * y if self.np.ndim(x) > 1 else g * y, x)
        if self.np.ndim(x) == 1:
            return self.sum_like(self.np.matmul(self.np.expand_dims(g, -2), self._swapped(y))[..., 0, :], x)
        return self.sum_like(self.np.matmul(g, self._swapped(y)), x)

    def matmul_right(self, g: Any, x: Any, y: Any) -> Any:
        """Return the adjoint of y in x @ y."""
        if self.np.ndim(x) == 1:
            return self.sum_like(x[:, None] * self.np.expand_dims(g, -2) if self.np.ndim(y) > 1 else x * g, y)
        if self.np.ndim(y) == 1:
            return self.sum_like(self.np.matmul(self._swapped(x), self.np.expand_dims(g, -1))[..., 0], y)
        return self.sum_like(self.np.matmul(self._swapped(x), g), y)

    def _swapped(self, x: Any) -> Any:
        """Return a stack of matrices with each of them transposed; `.T` is the fast path for one matrix."""
        return x.T if x.ndim == MATRIX else self.np.swapaxes(x, -1, -2)

    def outer(self, x: Any, y: Any) -> Any:
        """Return the outer product of two vectors."""
        return x[:, None] * y

    # ---- shapes and parts

    def transpose(self, x: Any, *, axes: Shape | None = None) -> Any:
        """Return the array with its axes in another order."""
        return self.np.transpose(x, axes)

    def reshape(self, x: Any, *, shape: int | Shape) -> Any:
        """Return the entries in another shape."""
        return self.np.reshape(x, shape)

    def reshape_like(self, x: Any, y: Any) -> Any:
        """Return the entries of x in the shape of y."""
        return self.np.reshape(x, self.np.shape(y))

    def take(self, x: Any, *, at: tuple[Any, ...]) -> Any:
        """Return a part of an array."""
        return x[slices(at)]

    def place_like(self, g: Any, x: Any, *, at: tuple[Any, ...]) -> Any:
        """Return zeros in the shape of x, with g as the part that `at` takes."""
        whole = self.np.zeros(self.np.shape(x), dtype=self.np.asarray(g).dtype)
        whole[slices(at)] = g
        return whole

    def concat(self, *xs: Any, axis: int = 0) -> Any:
        """Return arrays joined along an axis."""
        return self.np.concatenate(xs, axis=axis)

    def stack(self, *xs: Any, axis: int = 0) -> Any:
        """Return arrays joined along a new axis."""
        return self.np.stack(xs, axis=axis)

    def head_like(self, g: Any, x: Any, *, axis: int = 0) -> Any:
        """Return the first entries of g along an axis, as many as x has there."""
        return self.np.split(g, [self.np.shape(x)[axis]], axis=axis)[0]

    def tail_like(self, g: Any, x: Any, *, axis: int = 0) -> Any:
        """Return g without its first entries along an axis, as many as x has there."""
        return self.np.split(g, [self.np.shape(x)[axis]], axis=axis)[1]

    # ---- classes

    def one_hot(self, t: Any, x: Any) -> Any:
        """Return t if it has the shape of x, else its class indices as rows of 0 and 1."""
        shape = self.np.shape(x)
        if self.np.shape(t) == shape:
            return t
        rows = self.eq(self.np.expand_dims(t, -1), self.np.arange(shape[-1]))
        if not self.np.all(self.np.sum(rows, axis=-1) == 1):
            message = f"not defined: a class index is a whole number from 0 to {shape[-1] - 1}"
            raise ValueError(message)
        return rows

    def one_hot_back(self, g: Any, t: Any) -> Any:
        """Return g if t has its shape, else 0 for each class index."""
        return g if self.np.shape(g) == self.np.shape(t) else self.np.zeros(self.np.shape(t))
