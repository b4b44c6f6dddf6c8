"""Compute the shape of an operation's value from the shapes of its operands: arithmetic on tuples."""

from __future__ import annotations

from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MAX_ENTRIES",
    "MisfitError",
    "Shape",
    "averaged",
    "axes_of",
    "broadcast",
    "classified",
    "concatenated",
    "crossed",
    "cut_off",
    "cut_to",
    "indexed",
    "inverse_order",
    "left_factor",
    "multiplied",
    "narrowed",
    "permuted",
    "placed",
    "reduced",
    "refilled",
    "reshaped",
    "right_factor",
    "row_loss",
    "scalar",
    "shape_text",
    "slices",
    "softened",
    "spread",
    "stacked",
    "transformed",
    "weighted",
    "widened",
    "without_axis",
]

Shape = tuple[int, ...]

MAX_ENTRIES: Final = 500_000_000
"""The most entries that a node may have."""


class MisfitError(ValueError):
    """Shapes that an operation cannot take; its text says which sizes do not match."""


def shape_text(shape: Shape) -> str:
    """Return a shape as it is written on an edge.

    >>> shape_text((100, 50)), shape_text((10,)), shape_text(())
    ('100×50', '(10,)', 'a number')
    """
    if not shape:
        return "a number"
    return f"({shape[0]},)" if len(shape) == 1 else "×".join(map(str, shape))


def scalar(*_shapes: Shape, **_params: Any) -> Shape:
    """Return the shape of a number."""
    return ()


def widened(x: Shape, y: Shape) -> Shape:
    """Return the second operand's shape, to which the first is broadcast."""
    if broadcast(x, y) != y:
        raise MisfitError(f"{shape_text(x)} is not broadcast to {shape_text(y)}")
    return y


def narrowed(x: Shape, y: Shape) -> Shape:
    """Return the second operand's shape, after checking that it broadcasts with the first."""
    broadcast(x, y)
    return y


def spread(x: Shape, y: Shape, **along: Any) -> Shape:
    """Return the second operand's shape; the first operand has the shape of its sum along axes."""
    widened(x, reduced(y, **along))
    return y


def refilled(x: Shape, y: Shape) -> Shape:
    """Return the second operand's shape; the first operand has as many entries."""
    return reshaped(x, shape=y)


def placed(x: Shape, y: Shape, *, at: Sequence[Any]) -> Shape:
    """Return the second operand's shape; the first operand broadcasts to its part `at`."""
    widened(x, indexed(y, at=at))
    return y


def classified(x: Shape, y: Shape) -> Shape:
    """Return the second operand's shape; either operand may hold a class for each of the other's rows."""
    if x not in (y, y[:-1]) and y != x[:-1]:
        raise MisfitError("one must have the other's shape, or a class for each of its rows")
    return y


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape to which all of these are broadcast, by NumPy's rule: sizes are equal, or one of them is 1.

    >>> broadcast((3, 1), (4,), ())
    (3, 4)
    """
    columns = zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1)
    return tuple(reversed([_common(sizes) for sizes in columns]))


def _common(sizes: tuple[int, ...]) -> int:
    distinct = dict.fromkeys(size for size in sizes if size != 1)
    if len(distinct) > 1:
        raise MisfitError(" ≠ ".join(map(str, distinct)))
    return next(iter(distinct), 1)


def averaged(*shapes: Shape) -> Shape:
    """Return the shape of a number, after checking that the operands broadcast."""
    broadcast(*shapes)
    return ()


def axes_of(axis: int | Shape | None, rank: int) -> Shape:
    """Return axes counted from 0; None means all of them.

    >>> axes_of(-1, 3), axes_of(None, 2)
    ((2,), (0, 1))
    """
    if axis is None:
        return tuple(range(rank))
    axes = (axis,) if isinstance(axis, int) else axis
    for each in axes:
        if not -rank <= each < rank:
            raise MisfitError(f"there is no axis {each}")
    positive = tuple(each % rank for each in axes)
    if len(set(positive)) < len(positive):
        raise MisfitError("an axis is named twice")
    return positive


def reduced(x: Shape, *, axis: int | Shape | None = None, keepdims: bool = False) -> Shape:
    """Return the shape of a sum along axes."""
    axes = axes_of(axis, len(x))
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(x))
    return tuple(size for i, size in enumerate(x) if i not in axes)


def without_axis(x: Shape, *, axis: int | Shape | None = None) -> Shape:
    """Return the shape of a number, after checking that the axes exist."""
    axes_of(axis, len(x))
    return ()


def softened(x: Shape, *, axis: int | Shape | None = -1) -> Shape:
    """Return the operand's shape, after checking that the axis exists."""
    axes_of(axis, len(x))
    return x


def weighted(g: Shape, x: Shape, *, axis: int | Shape | None = -1) -> Shape:
    """Return the shape of both operands, which is the same, after checking that the axis exists."""
    if g != x:
        raise MisfitError(f"the shapes {shape_text(g)} and {shape_text(x)} differ")
    return softened(x, axis=axis)


def multiplied(x: Shape, y: Shape) -> Shape:
    """Return the shape of a matrix product of vectors, matrices or stacks of them, by NumPy's rules.

    >>> multiplied((2, 3), (3, 4)), multiplied((3,), (3,)), multiplied((5, 2, 3), (3,))
    ((2, 4), (), (5, 2))
    """
    if not x or not y:
        raise MisfitError("a number has no matrix product; write *")
    inner = y[-2] if len(y) > 1 else y[0]
    if x[-1] != inner:
        raise MisfitError(f"{x[-1]} ≠ {inner}")
    return (*broadcast(x[:-2], y[:-2]), *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


def left_factor(g: Shape, x: Shape, y: Shape) -> Shape:
    """Return the shape of x, given the adjoint g of x @ y.

    >>> left_factor((2, 4), (2, 3), (3, 4))
    (2, 3)
    """
    _refuse_other(g, multiplied(x, y))
    return x


def right_factor(g: Shape, x: Shape, y: Shape) -> Shape:
    """Return the shape of y, given the adjoint g of x @ y."""
    _refuse_other(g, multiplied(x, y))
    return y


def _refuse_other(adjoint: Shape, product: Shape) -> None:
    if adjoint != product:
        raise MisfitError(f"the adjoint is {shape_text(adjoint)}, and the product {shape_text(product)}")


def transformed(x: Shape, weights: Shape, bias: Shape) -> Shape:
    """Return the shape of a matrix product plus a bias."""
    product = multiplied(x, weights)
    total = broadcast(product, bias)
    if total != product:
        raise MisfitError(f"the bias would widen {shape_text(product)} to {shape_text(total)}")
    return total


def crossed(x: Shape, y: Shape) -> Shape:
    """Return the shape of the outer product of two vectors."""
    if len(x) != 1 or len(y) != 1:
        raise MisfitError("both must be vectors")
    return (*x, *y)


def permuted(x: Shape, *, axes: int | Shape | None = None) -> Shape:
    """Return the shape with its axes in another order, reversed by default."""
    if axes is None:
        return x[::-1]
    order = axes_of(axes, len(x))
    if sorted(order) != list(range(len(x))):
        raise MisfitError(f"the axes {axes} are not those of {shape_text(x)}")
    return tuple(x[axis] for axis in order)


def inverse_order(axes: int | Shape | None) -> Shape | None:
    """Return the order of axes that undoes another one.

    >>> inverse_order((1, 2, 0)), inverse_order((0, -1)), inverse_order(0)
    ((2, 0, 1), (0, 1), (0,))
    """
    if axes is None:
        return None
    order = (axes,) if isinstance(axes, int) else axes
    return tuple(sorted(range(len(order)), key=lambda i: order[i] % len(order)))


def reshaped(x: Shape, *, shape: int | Shape) -> Shape:
    """Return the requested shape; one size may be −1, which is computed from the others."""
    requested = (shape,) if isinstance(shape, int) else shape
    if requested.count(-1) > 1 or any(size < -1 for size in requested):
        raise MisfitError(f"{requested} is no shape")
    known, total = prod(size for size in requested if size != -1), prod(x)
    complete = tuple((total // known if known else 0) if size == -1 else size for size in requested)
    if prod(complete) != total:
        raise MisfitError(f"{total} entries do not fill {shape_text(requested)}")
    return complete


def slices(at: Sequence[Any]) -> tuple[Any, ...]:
    """Return an index as NumPy takes it: a tuple (start, stop, step) becomes a slice."""
    return tuple(slice(*item) if isinstance(item, tuple) else item for item in at)


def indexed(x: Shape, *, at: Sequence[Any]) -> Shape:
    """Return the shape of a part of an array.

    >>> indexed((5, 4), at=(0, (1, 3, None)))
    (2,)
    """
    taken = sum(item is not None and item is not Ellipsis for item in at)
    if taken > len(x) or at.count(Ellipsis) > 1:
        raise MisfitError(f"it has {len(x)} axes, and {taken} are indexed")
    sizes, result = iter(x), list[int]()
    for item in _without_ellipsis(at, len(x) - taken):
        if item is None:
            result.append(1)
        elif isinstance(item, int):
            _refuse_outside(item, next(sizes))
        else:
            result.append(len(range(*slice(*item).indices(next(sizes)))))
    return tuple(result)


def _without_ellipsis(at: Sequence[Any], missing: int) -> list[Any]:
    """Return an index with a whole slice for each of the axes that it leaves out."""
    whole: list[Any] = [(None, None, None)] * missing
    split = at.index(Ellipsis) if Ellipsis in at else len(at)
    return [*at[:split], *whole, *at[split + 1 :]]


def _refuse_outside(index: int, size: int) -> None:
    if not -size <= index < size:
        raise MisfitError(f"there is no entry {index} among {size}")


def concatenated(*shapes: Shape, axis: int = 0) -> Shape:
    """Return the shape of arrays put one after the other along an axis."""
    [along] = axes_of(axis, len(shapes[0]))
    if len({(*shape[:along], *shape[along + 1 :]) for shape in shapes}) > 1 or len({*map(len, shapes)}) > 1:
        raise MisfitError(f"they differ elsewhere than along axis {axis}")
    return (*shapes[0][:along], sum(shape[along] for shape in shapes), *shapes[0][along + 1 :])


def cut_to(x: Shape, y: Shape, *, axis: int = 0) -> Shape:
    """Return the shape of the first entries of `x` along an axis, as many as `y` has there."""
    along, length = _cut(x, y, axis)
    return (*x[:along], length, *x[along + 1 :])


def cut_off(x: Shape, y: Shape, *, axis: int = 0) -> Shape:
    """Return the shape of `x` without its first entries along an axis, as many as `y` has there."""
    along, length = _cut(x, y, axis)
    return (*x[:along], x[along] - length, *x[along + 1 :])


def _cut(x: Shape, y: Shape, axis: int) -> tuple[int, int]:
    [along], [other] = axes_of(axis, len(x)), axes_of(axis, len(y))
    if y[other] > x[along]:
        raise MisfitError(f"{y[other]} > {x[along]}")
    return along, y[other]


def stacked(*shapes: Shape, axis: int = 0) -> Shape:
    """Return the shape of arrays of one shape put side by side along a new axis."""
    if len({*shapes}) > 1:
        raise MisfitError("all must have one shape")
    [along] = axes_of(axis, len(shapes[0]) + 1)
    return (*shapes[0][:along], len(shapes), *shapes[0][along:])


def row_loss(x: Shape, t: Shape) -> Shape:
    """Return the shape of a loss: `t` has `x`'s shape, or one class for each of `x`'s rows."""
    if not x or t not in (x, x[:-1]):
        wanted = f"{shape_text(x)}, or {shape_text(x[:-1])} for class indices" if x else "an array"
        raise MisfitError(f"the target must be {wanted}")
    return ()
