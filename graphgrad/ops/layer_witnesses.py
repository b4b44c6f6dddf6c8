"""Define the layers over windows and batches a second time, entry by entry, of NumPy, mpmath and arrays of objects."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from graphgrad.ops.array_witnesses import adjoint, along, filled
from graphgrad.ops.window_shapes import convolved, gathered, kernel_of, steps_of, windowed

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape

__all__ = [
    "avg_pool",
    "batch_norm",
    "conv",
    "conv_input",
    "conv_kernel",
    "gather",
    "max_pool",
    "overlap_add",
    "scatter_add",
    "standardize",
    "windows",
]


def _entry(x: Any, head: Shape, place: Shape) -> Any:
    """Return an entry; 0 outside."""
    inside = all(0 <= i < n for i, n in zip(place, x.shape[len(head) :], strict=True))
    return x[(*head, *place)] if inside else 0


def windows(np: Any, _mp: Any, x: Any, *, size: Shape, stride: int | Shape | None, padding: int) -> Any:
    """Return each window's entries from their places."""
    shape, moves, steps = (
        windowed(x.shape, size=size, stride=stride, padding=padding),
        len(size),
        steps_of(size, stride),
    )

    def of(at: Shape) -> Any:
        head, corner, inner = at[: x.ndim - moves], at[x.ndim - moves : x.ndim], at[x.ndim :]
        place = tuple(c * s + k - padding for c, s, k in zip(corner, steps, inner, strict=True))
        return _entry(x, head, place)

    return filled(np, map(of, np.ndindex(shape)), shape)


def overlap_add(np: Any, mp: Any, g: Any, x: Any, *, size: Shape, stride: int | Shape | None, padding: int) -> Any:
    """Return the adjoint of taking all windows."""
    return adjoint(np, lambda unit: windows(np, mp, unit, size=size, stride=stride, padding=padding), g, x.shape)


def conv(np: Any, _mp: Any, x: Any, w: Any, *, stride: int, padding: int) -> Any:
    """Return the sums of products of the kernel's entries with those under it."""
    shape, (moves, channels) = convolved(x.shape, w.shape, stride=stride, padding=padding), kernel_of(w.shape)

    def of(at: Shape) -> Any:
        head, corner = at[: len(at) - moves], at[len(at) - moves :]
        kernel = w[head[-1]] if channels else w[None]
        total = 0
        for channel, *inner in np.ndindex(kernel.shape):
            place = tuple(c * stride + k - padding for c, k in zip(corner, inner, strict=True))
            total = total + kernel[(channel, *inner)] * _entry(x, (*head[:-1], channel) if channels else head, place)
        return total

    return filled(np, map(of, np.ndindex(shape)), shape)


def conv_input(np: Any, mp: Any, g: Any, x: Any, w: Any, *, stride: int, padding: int) -> Any:
    """Return the adjoint of x -> conv(x, w)."""
    return adjoint(np, lambda unit: conv(np, mp, unit, w, stride=stride, padding=padding), g, x.shape)


def conv_kernel(np: Any, mp: Any, g: Any, x: Any, w: Any, *, stride: int, padding: int) -> Any:
    """Return the adjoint of w -> conv(x, w)."""
    return adjoint(np, lambda unit: conv(np, mp, x, unit, stride=stride, padding=padding), g, w.shape)


def max_pool(np: Any, mp: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    """Return the largest entry of each window."""
    inside = windows(np, mp, x, size=size, stride=stride, padding=0)
    return along(np, max, inside, tuple(range(-len(size), 0)))


def avg_pool(np: Any, mp: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    """Return the mean of each window."""
    inside = windows(np, mp, x, size=size, stride=stride, padding=0)
    return along(np, lambda xs: mp.fsum(xs) / prod(size), inside, tuple(range(-len(size), 0)))


def standardize(np: Any, mp: Any, x: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    """Return the distances from the mean by the root of the mean square and eps."""
    mean = along(np, lambda xs: mp.fsum(xs) / len(xs), x, axis, keepdims=True)
    squares = along(np, lambda xs: mp.fsum(y * y for y in xs) / len(xs), x - mean, axis, keepdims=True)
    return (x - mean) / filled(np, (mp.sqrt(y) for y in (squares + eps).flat), squares.shape)


def batch_norm(np: Any, mp: Any, x: Any, scale: Any, shift: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    """Return the standardized entries, scaled and shifted."""
    return standardize(np, mp, x, eps, axis=axis) * scale + shift


def gather(np: Any, _mp: Any, x: Any, i: Any, *, axis: int) -> Any:
    """Return the slice at each position."""
    slices, shape = np.moveaxis(x, axis, 0), gathered(x.shape, i.shape, axis=axis)
    parts = [slices[_position(k, len(slices))] for k in i.flat]
    stacked = filled(
        np, (y for part in parts for y in np.asarray(part, dtype=object).flat), (*i.shape, *slices.shape[1:])
    )
    places = [axis % x.ndim + k for k in range(i.ndim)]
    moved = np.moveaxis(stacked, [*range(i.ndim)], places)
    return moved.reshape(shape)


def _position(k: Any, count: int) -> int:
    number = int(k)
    if number != k or not 0 <= number < count:
        message = "not a position"
        raise ValueError(message)
    return number


def scatter_add(np: Any, mp: Any, g: Any, i: Any, x: Any, *, axis: int) -> Any:
    """Return the adjoint of gathering."""
    return adjoint(np, lambda unit: gather(np, mp, unit, i, axis=axis), g, x.shape)
