"""Sums and maxima along the axes of matrices as NumPy does them fastest: by products, and along whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.arrays import Arrays

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape

__all__ = ["Reductions"]

SHORT: Final = 128
"""The longest row that is summed by a product: NumPy sums rows up to here in one run, without halving them."""


class Reductions(Arrays):
    """Arrays of float64 that are summed by products with ones, which round as the sums do.

    >>> import numpy as np
    >>> Reductions().sum_along(np.array([[1.0, 2], [3, 4]]), axis=-1, keepdims=True)
    array([[3.],
           [7.]])
    """

    def __init__(self) -> None:
        """Load NumPy."""
        super().__init__()
        self.ones = self.np.ones(SHORT)

    def sum_like(self, g: Any, x: Any) -> Any:
        """Return an adjoint summed back to its operand's shape; that of a bias by a product."""
        g_shape = self.np.shape(g)
        if len(g_shape) == 2 and g_shape[1:] == self.np.shape(x) and g.dtype == self.dtype:  # noqa: PLR2004
            rows = g_shape[0]
            return (self.ones[:rows] if rows <= SHORT else self.np.ones(rows)) @ g
        return super().sum_like(g, x)

    def sum_along(self, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return the sum along axes; of short rows by a product."""
        if not self._has_short_rows(x, axis):
            return super().sum_along(x, axis=axis, keepdims=keepdims)
        sums = x @ self.ones[: x.shape[1]]
        return sums[:, None] if keepdims else sums

    def amax(self, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
        """Return the largest along axes; of short rows all at once, column by column."""
        if not self._has_short_rows(x, axis):
            return super().amax(x, axis=axis, keepdims=keepdims)
        largest = self.np.maximum.reduce(x.T.copy())
        return largest[:, None] if keepdims else largest

    def _has_short_rows(self, x: Any, axis: int | Shape | None) -> bool:
        shape = self.np.shape(x)
        return axis in {-1, 1} and len(shape) == 2 and 0 < shape[1] <= SHORT and x.dtype == self.dtype  # noqa: PLR2004
