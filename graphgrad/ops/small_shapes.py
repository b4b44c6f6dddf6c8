"""Choose small shapes of the same structure for operations whose sizes depend on each other, as a convolution's do.

Other operations keep their structure when equal sizes are replaced by equal smaller ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.matrix_shapes import inverted, solved
from graphgrad.ops.window_shapes import (
    added_up,
    convolved,
    kernel_of,
    pooled,
    shape_of_input,
    shape_of_kernel,
    steps_of,
    windowed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.shapes import Shape

__all__ = ["SMALL_INVERSES", "SMALL_WINDOWS"]

Shapes = tuple["Shape", ...]


def _least(size: int, most: int = 2) -> int:
    return min(size, most)


def _input(x: Shape, size: Shape, stride: int | Shape | None, padding: int, head: Shape) -> Shape:
    """Return an input with two windows along each axis that has several, else with one."""
    moves, sizes = len(size), []
    for n, k, step in zip(x[len(x) - moves :], size, steps_of(size, stride), strict=True):
        several = n + 2 * padding >= k + step
        sizes.append(max(1, k - 2 * padding + several * step))
    return (*head, *sizes)


def _convolution(x: Shape, w: Shape, *, stride: int, padding: int) -> Shapes:
    moves, channels = kernel_of(w)
    kernel = (*map(_least, w[: len(w) - moves]), *map(_least, w[len(w) - moves :]))
    head = x[: len(x) - moves]
    small = (*(1 for _ in head[:-1]), kernel[1]) if channels else tuple(1 for _ in head)
    return _input(x, kernel[len(w) - moves :], (stride,) * moves, padding, small), kernel


def _adjoint(_g: Shape, x: Shape, w: Shape, *, stride: int, padding: int) -> Shapes:
    small = _convolution(x, w, stride=stride, padding=padding)
    return convolved(*small, stride=stride, padding=padding), *small


def _windows(x: Shape, *, size: Shape, stride: int | Shape | None, padding: int = 0) -> Shapes:
    return (_input(x, size, stride, padding, tuple(1 for _ in x[: len(x) - len(size)])),)


def _overlap(_g: Shape, x: Shape, *, size: Shape, stride: int | Shape | None, padding: int = 0) -> Shapes:
    [small] = _windows(x, size=size, stride=stride, padding=padding)
    return windowed(small, size=size, stride=stride, padding=padding), small


def _of_size(*shapes: Shape) -> Shapes:
    """Return matrices of two rows and columns."""
    return tuple(tuple(map(_least, shape)) for shape in shapes)


SMALL_WINDOWS: Final[dict[Callable[..., Any], Callable[..., Shapes]]] = {
    convolved: _convolution,
    **dict.fromkeys((shape_of_input, shape_of_kernel), _adjoint),
    **dict.fromkeys((windowed, pooled), _windows),
    added_up: _overlap,
}
"""By the shape rule of an operation, small shapes of its operands, from their own and its parameters."""

SMALL_INVERSES: Final[dict[Callable[..., Any], Callable[..., Shapes]]] = dict.fromkeys((inverted, solved), _of_size)
"""The same for inverses: sympy simplifies those of two rows in the time that there is."""
