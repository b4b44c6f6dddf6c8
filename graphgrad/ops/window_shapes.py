"""Compute the shapes of what layers over windows give, and of parts gathered by positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops.shapes import MisfitError, axes_of, broadcast, shape_text, widened

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape

__all__ = [
    "added_up",
    "convolved",
    "gathered",
    "kernel_of",
    "normalized",
    "pooled",
    "refused_kernel",
    "scattered",
    "shape_of_input",
    "shape_of_kernel",
    "standardized",
    "steps_of",
    "windowed",
]

PLAIN: Final = 2
"""The most axes of a kernel without channels."""


def steps_of(size: Shape, stride: int | Shape | None) -> Shape:
    """Return how far windows lie apart along each axis; None puts them side by side.

    >>> steps_of((2, 3), None), steps_of((2, 3), 1)
    ((2, 3), (1, 1))
    """
    if stride is None:
        return size
    return (stride,) * len(size) if isinstance(stride, int) else stride


def windowed(x: Shape, *, size: Shape, stride: int | Shape | None = None, padding: int = 0) -> Shape:
    """Return the shape of all windows of a size along the last axes: where they are, then their entries.

    >>> windowed((1, 4, 6), size=(2, 2)), windowed((5,), size=(3,), stride=1)
    ((1, 2, 3, 2, 2), (3, 3))
    """
    steps = steps_of(size, stride)
    if len(steps) != len(size) or min((*size, *steps), default=1) < 1 or padding < 0:
        raise MisfitError(f"no windows are of size {size} with stride {stride} and padding {padding}")
    if len(size) > len(x):
        raise MisfitError(f"it has {len(x)} axes, and windows have {len(size)}")
    head, tail = x[: len(x) - len(size)], x[len(x) - len(size) :]
    counts = tuple((n + 2 * padding - k) // step + 1 for n, k, step in zip(tail, size, steps, strict=True))
    if any(n + 2 * padding < k for n, k in zip(tail, size, strict=True)):
        raise MisfitError(f"a window of {shape_text(size)} is larger than {shape_text(tail)}")
    return (*head, *counts, *size)


def added_up(g: Shape, x: Shape, *, size: Shape, stride: int | Shape | None = None, padding: int = 0) -> Shape:
    """Return the second operand's shape; the first one has that of its windows."""
    widened(g, windowed(x, size=size, stride=stride, padding=padding))
    return x


def pooled(x: Shape, *, size: Shape, stride: int | Shape | None = None) -> Shape:
    """Return the shape of one number for each window.

    >>> pooled((1, 4, 6), size=(2, 2))
    (1, 2, 3)
    """
    return windowed(x, size=size, stride=stride)[: len(x)]


def kernel_of(w: Shape) -> tuple[int, bool]:
    """Return along how many axes a kernel moves, and whether it has channels: (out, in) before these axes.

    >>> kernel_of((3,)), kernel_of((8, 1, 3, 3))
    ((1, False), (2, True))
    """
    return (len(w), False) if len(w) <= PLAIN else (len(w) - 2, True)


def refused_kernel(x: Shape, w: Shape) -> None:
    """Raise `MisfitError` where a kernel does not fit to its input."""
    moves, channels = kernel_of(w)
    if not 1 <= len(w) <= 2 * PLAIN:
        raise MisfitError("the kernel is (k,) or (k, k), or with channels (out, in, k) or (out, in, k, k)")
    if channels and (len(x) not in {moves + 1, moves + 2} or x[-moves - 1] != w[1]):
        wanted = f"(batch, {w[1]}, {', '.join('n' * moves)})"
        raise MisfitError(f"for a kernel of {shape_text(w)} the input is {wanted}, with or without the batch")


def convolved(x: Shape, w: Shape, *, stride: int = 1, padding: int = 0) -> Shape:
    """Return the shape of a convolution.

    >>> convolved((5,), (3,)), convolved((7, 1, 28, 28), (8, 1, 5, 5), stride=1, padding=2)
    ((3,), (7, 8, 28, 28))
    """
    refused_kernel(x, w)
    moves, channels = kernel_of(w)
    counts = windowed(x, size=w[-moves:], stride=stride, padding=padding)[len(x) - moves : len(x)]
    head = x[: len(x) - moves]
    return (*head[:-1], w[0], *counts) if channels else (*head, *counts)


def _convolved_to(g: Shape, x: Shape, w: Shape, stride: int, padding: int) -> None:
    product = convolved(x, w, stride=stride, padding=padding)
    if g != product:
        raise MisfitError(f"the adjoint is {shape_text(g)}, and the convolution {shape_text(product)}")


def shape_of_input(g: Shape, x: Shape, w: Shape, *, stride: int = 1, padding: int = 0) -> Shape:
    """Return the shape of x, given the adjoint g of conv(x, w)."""
    _convolved_to(g, x, w, stride, padding)
    return x


def shape_of_kernel(g: Shape, x: Shape, w: Shape, *, stride: int = 1, padding: int = 0) -> Shape:
    """Return the shape of w, given the adjoint g of conv(x, w)."""
    _convolved_to(g, x, w, stride, padding)
    return w


def gathered(x: Shape, i: Shape, *, axis: int = 0) -> Shape:
    """Return the shape of the slices of x at positions along an axis.

    >>> gathered((5, 4), (2, 3), axis=0)
    (2, 3, 4)
    """
    [along] = axes_of(axis, len(x))
    return (*x[:along], *i, *x[along + 1 :])


def scattered(g: Shape, i: Shape, x: Shape, *, axis: int = 0) -> Shape:
    """Return the shape of x, to whose slices at positions those of g are added."""
    widened(g, gathered(x, i, axis=axis))
    return x


def standardized(x: Shape, eps: Shape, *, axis: int | Shape | None = 0) -> Shape:
    """Return the operand's shape, after checking that `eps` is a number."""
    axes_of(axis, len(x))
    if eps:
        raise MisfitError("what is added to the variance is a number")
    return x


def normalized(x: Shape, scale: Shape, shift: Shape, eps: Shape, *, axis: int | Shape | None = 0) -> Shape:
    """Return the operand's shape; scale and shift broadcast to it, and `eps` is a number."""
    standardized(x, eps, axis=axis)
    if broadcast(x, scale, shift) != x:
        raise MisfitError(f"scale and shift must broadcast to {shape_text(x)}")
    return x
