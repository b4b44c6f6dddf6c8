"""Define the operations that run along axes a second time, entry by entry, of NumPy, mpmath and arrays of objects."""

from __future__ import annotations

from itertools import accumulate
from math import prod as product
from operator import mul
from typing import TYPE_CHECKING, Any

from graphgrad.ops.array_witnesses import along, filled

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape

__all__ = ["cumprod", "cumsum", "flip", "other_products", "prod", "recurrence", "roll", "shift", "std", "var"]


def _variance(mp: Any, ddof: int, xs: list[Any]) -> Any:
    mean = mp.fsum(xs) / len(xs)
    return mp.fsum((x - mean) ** 2 for x in xs) / (len(xs) - ddof)


def var(np: Any, mp: Any, x: Any, *, axis: int | Shape | None, ddof: int, keepdims: bool) -> Any:
    """Return the squared distances from the mean, summed, by their number less `ddof`."""
    return along(np, lambda xs: _variance(mp, ddof, xs), x, axis, keepdims=keepdims)


def std(np: Any, mp: Any, x: Any, *, axis: int | Shape | None, ddof: int, keepdims: bool) -> Any:
    """Return the root of the variance."""
    return along(np, lambda xs: mp.sqrt(_variance(mp, ddof, xs)), x, axis, keepdims=keepdims)


def prod(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None, keepdims: bool) -> Any:
    """Return the product of the entries."""
    return along(np, product, x, axis, keepdims=keepdims)


def _on_each_line(np: Any, f: Any, x: Any, axis: int | None) -> Any:
    """Return what f makes of the list of entries along an axis, or of all entries, in its place."""
    if axis is None:
        return filled(np, f([*x.flat]), (x.size,))
    lines = np.moveaxis(x, axis, -1)
    rows = [entry for line in lines.reshape(-1, lines.shape[-1]) for entry in f([*line])]
    return np.moveaxis(filled(np, rows, lines.shape), -1, axis)


def other_products(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return the product of the list of entries without each."""
    if axis is None:
        axes = tuple(range(x.ndim))
    else:
        axes = tuple(i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis))

    def of(place: tuple[int, ...]) -> Any:
        return product(
            x[other]
            for other in np.ndindex(x.shape)
            if other != place and all(i in axes or a == b for i, (a, b) in enumerate(zip(other, place, strict=True)))
        )

    return filled(np, map(of, np.ndindex(x.shape)), x.shape)


def cumsum(np: Any, _mp: Any, x: Any, *, axis: int | None) -> Any:
    """Return the sums of the first entries."""
    return _on_each_line(np, accumulate, x, _one(axis))


def cumprod(np: Any, _mp: Any, x: Any, *, axis: int | None) -> Any:
    """Return the products of the first entries."""
    return _on_each_line(np, lambda xs: accumulate(xs, mul), x, _one(axis))


def _one(axis: Any) -> int | None:
    return axis if axis is None or isinstance(axis, int) else axis[0]


def recurrence(np: Any, _mp: Any, g: Any, x: Any, *, axis: int) -> Any:
    """Return for each place the sum over the places up to it of g times the factors between."""
    gs, xs = (np.moveaxis(each, axis, 0) for each in np.broadcast_arrays(g, x))
    rows = [
        sum(gs[i] * product(xs[i + 1 : j + 1], start=np.ones(gs.shape[1:], dtype=object)) for i in range(j + 1))
        for j in range(len(gs))
    ]
    return np.moveaxis(np.array(rows, dtype=object).reshape(gs.shape), 0, axis)


def flip(np: Any, _mp: Any, x: Any, *, axis: int | Shape | None) -> Any:
    """Return the entries counted from the end."""
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    for each in axes:
        x = np.moveaxis(np.moveaxis(x, each, 0)[::-1], 0, each)
    return x


def roll(np: Any, _mp: Any, x: Any, *, shift: int, axis: int | Shape | None) -> Any:
    """Return the entry at each place from so many places before, counted around."""
    if axis is None:
        return filled(np, _around([*x.flat], shift), x.shape)
    for each in (axis,) if isinstance(axis, int) else axis:
        x = _on_each_line(np, lambda xs: _around(xs, shift), x, each)
    return x


def _around(xs: list[Any], shift: int) -> list[Any]:
    return [xs[(i - shift) % len(xs)] for i in range(len(xs))]


def shift(np: Any, _mp: Any, x: Any, *, by: int, axis: int) -> Any:
    """Return the entry at each place from so many places before, 0 where there is none."""
    return _on_each_line(np, lambda xs: [xs[i - by] if 0 <= i - by < len(xs) else 0 for i in range(len(xs))], x, axis)
