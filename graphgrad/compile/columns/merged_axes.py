"""View arrays of one shape with as few axes as possible, so that a loop along one axis is long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LONG", "merged_axes"]

LONG: Final = 64
"""The length from which a loop along the last axis is long enough for kernels to run along it."""


def merged_axes(arrays: Sequence[Any]) -> list[Any]:
    """Return views of arrays of one shape, entry for entry in the same places of all, with an axis at least.

    Axes that lie one behind the other in all arrays become one; if the last one is short, the longest takes its place.
    Here a row of three numbers is stretched over 50,000 rows:

    >>> import numpy as np
    >>> x = np.zeros((50, 1000, 3))
    >>> [y.shape for y in merged_axes([x, x])]
    [(150000,), (150000,)]
    >>> [y.shape for y in merged_axes([np.broadcast_to(np.ones(3), x.shape), x])]
    [(3, 50000), (3, 50000)]
    """
    if arrays[-1].ndim == 1:
        return [*arrays]
    from numpy import ndarray

    if all(x.flags.c_contiguous for x in arrays):
        return [x.view(ndarray).reshape(-1) for x in arrays]  # a matrix has two axes whatever its shape
    from numpy.lib.stride_tricks import as_strided

    axes = _merged(_axes(arrays))
    if axes[-1][0] < LONG:
        axes.append(axes.pop(max(range(len(axes)), key=lambda k: axes[k][0])))
    shape = [size for size, _ in axes]
    return [as_strided(x, shape, [strides[i] for _, strides in axes]) for i, x in enumerate(arrays)]


Axis = tuple[int, tuple[int, ...]]
"""An axis: its length, and the bytes from one entry to the next in each array."""


def _axes(arrays: Sequence[Any]) -> list[Axis]:
    """Return the axes with more than one entry, those with the longest way between entries of the last array first."""
    strides = zip(*(x.strides for x in arrays), strict=True)
    axes = [axis for axis in zip(arrays[-1].shape, strides, strict=True) if axis[0] != 1]
    return sorted(axes, key=lambda axis: -abs(axis[1][-1])) or [(1, tuple(x.itemsize for x in arrays))]


def _merged(axes: Sequence[Axis]) -> list[Axis]:
    first, *others = axes
    merged = [first]
    for size, strides in others:
        outer, longer = merged[-1]
        if all(long == size * short for long, short in zip(longer, strides, strict=True)):
            merged[-1] = outer * size, strides
        else:
            merged.append((size, strides))
    return merged
