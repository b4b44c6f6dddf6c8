"""Sums and maxima along the axes of matrices as NumPy does them fastest: by products, and along whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_structure import sums_along, unbroadcast
from graphgrad.namespaces.arrays import ARRAYS, Arrays, largest

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["Reductions"]

SHORT: Final = 128
"""The longest row that is summed by a product: NumPy sums rows up to here in one run, without halving them."""


def _sum_like(m: Reductions, g: Any, x: Any) -> Any:
    """Return an adjoint summed back to its operand's shape; that of a bias by a product."""
    g_shape = m.np.shape(g)
    if len(g_shape) == 2 and g_shape[1:] == m.np.shape(x) and g.dtype == m.dtype:  # noqa: PLR2004
        rows = g_shape[0]
        return (m.ones[:rows] if rows <= SHORT else m.np.ones(rows)) @ g
    return unbroadcast(m, g, x)


def _sum_along(m: Reductions, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the sum along axes; of short rows by a product."""
    if not _has_short_rows(m, x, axis):
        return sums_along(m, x, axis=axis, keepdims=keepdims)
    sums = x @ m.ones[: x.shape[1]]
    return sums[:, None] if keepdims else sums


def _largest(m: Reductions, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the largest along axes; of short rows all at once, column by column."""
    if not _has_short_rows(m, x, axis):
        return largest(m, x, axis=axis, keepdims=keepdims)
    found = m.np.maximum.reduce(x.T.copy())
    return found[:, None] if keepdims else found


def _has_short_rows(m: Reductions, x: Any, axis: int | Shape | None) -> bool:
    shape = m.np.shape(x)
    return axis in {-1, 1} and len(shape) == 2 and 0 < shape[1] <= SHORT and x.dtype == m.dtype  # noqa: PLR2004


REDUCTIONS: Final[Spellings] = {**ARRAYS, "sum_like": _sum_like, "sum_along": _sum_along, "amax": _largest}
"""The functions of NumPy, and what is faster."""


class Reductions(Arrays):
    """Arrays of float64 that are summed by products with ones, which round as the sums do.

    >>> import numpy as np
    >>> Reductions().sum_along(np.array([[1.0, 2], [3, 4]]), axis=-1, keepdims=True)
    array([[3.],
           [7.]])
    """

    spellings = REDUCTIONS

    def __init__(self) -> None:
        """Load NumPy."""
        super().__init__()
        self.ones = self.np.ones(SHORT)
