"""Reduce matrices by the fastest NumPy calls: sums by matrix products, maxima of short rows along columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_structure import sums_along, unbroadcast
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.arrays import ARRAYS, Arrays, largest

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["ONE_THREAD", "SHORT", "Reductions"]

SHORT: Final = 128
"""The longest row summed by a product: NumPy sums rows up to here sequentially, longer ones pairwise."""

ONE_THREAD: Final = 9_000
"""The most entries of a product with a vector that OpenBLAS computes in one thread: waking others takes longer."""

MATRIX: Final = 2
"""The axes of a matrix."""

LAST: Final = (-1, 1)
"""The names of a matrix's last axis."""


def _sum_like(m: Reductions, g: Any, x: Any) -> Any:
    """Sum an adjoint back to its operand's shape; over the rows of a matrix by a product."""
    g_shape, x_shape = shape_of(g), shape_of(x)
    if g_shape == x_shape:
        return g
    if len(g_shape) == MATRIX and g_shape[1:] == x_shape and g.dtype == m.dtype:
        rows = g_shape[0]
        return (m.ones[rows] if rows <= SHORT else m.np.ones(rows)).dot(g)
    return unbroadcast(m, g, x)


def _sum_along(m: Reductions, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Sum along axes; short rows by a product."""
    if not _has_short_rows(m, x, axis):
        return sums_along(m, x, axis=axis, keepdims=keepdims)
    sums = x.dot(m.ones[x.shape[1]])
    return sums[:, None] if keepdims else sums


def _largest(m: Reductions, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Take the maximum along axes; of short rows by maxima of whole columns."""
    if not _has_short_rows(m, x, axis):
        return largest(m, x, axis=axis, keepdims=keepdims)
    maxima = m.np.maximum.reduce(x.T.copy())
    return maxima[:, None] if keepdims else maxima


def _has_short_rows(m: Reductions, x: Any, axis: int | Shape | None) -> bool:
    return type(x) is not float and x.ndim == MATRIX and axis in LAST and 0 < x.shape[1] <= SHORT and x.dtype == m.dtype


REDUCTIONS: Final[Spellings] = {**ARRAYS, "sum_like": _sum_like, "sum_along": _sum_along, "amax": _largest}
"""NumPy's functions on arrays, with faster ones for these three."""


class Reductions(Arrays):
    """The namespace of float64 arrays with short sums by products with ones, which round as NumPy's sums do.

    >>> import numpy as np
    >>> Reductions().sum_along(np.array([[1.0, 2], [3, 4]]), axis=-1, keepdims=True)
    array([[3.],
           [7.]])
    """

    spellings = REDUCTIONS

    def __init__(self) -> None:
        """Load NumPy."""
        super().__init__()
        self.ones = [self.np.ones(size) for size in range(SHORT + 1)]
