"""Take windows of NumPy arrays of any type of entry, convolve, and gather slices by their positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.window_shapes import kernel_of, steps_of

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["WINDOWS"]


def _padded(m: Any, shape: Shape, moves: int, padding: int, dtype: Any) -> tuple[Any, Any]:
    """Return zeros in a shape widened on all sides, and the view of them in that shape."""
    head, tail = shape[: len(shape) - moves], shape[len(shape) - moves :]
    whole = m.np.zeros((*head, *(n + 2 * padding for n in tail)), dtype=dtype)
    inner = whole[(..., *(slice(padding, padding + n) for n in tail))]
    return whole, inner


def _windows(m: Any, x: Any, *, size: Shape = (2, 2), stride: int | Shape | None = None, padding: int = 0) -> Any:
    x, moves = m.np.asarray(x), len(size)
    if padding:
        whole, inner = _padded(m, x.shape, moves, padding, x.dtype)
        inner[...] = x
        x = whole
    taken = m.np.lib.stride_tricks.sliding_window_view(x, size, axis=tuple(range(-moves, 0)))
    steps = (slice(None, None, step) for step in steps_of(size, stride))
    return taken[(..., *steps, *(slice(None),) * moves)]


def _overlap_add(
    m: Any, g: Any, x: Any, *, size: Shape = (2, 2), stride: int | Shape | None = None, padding: int = 0
) -> Any:
    g, moves, steps = m.np.asarray(g), len(size), steps_of(size, stride)
    whole, inner = _padded(m, m.np.shape(x), moves, padding, g.dtype)
    counts = [(n - k) // step + 1 for n, k, step in zip(whole.shape[-moves:], size, steps, strict=True)]
    g = m.np.broadcast_to(g, (*whole.shape[:-moves], *counts, *size))
    for offset in m.np.ndindex(*size):
        under = (slice(o, o + s * n, s) for o, s, n in zip(offset, steps, counts, strict=True))
        whole[(..., *under)] += g[(..., *offset)]
    return inner


def _with_channels(m: Any, x: Any, w: Any) -> tuple[Any, Any, int]:
    """Return input and kernel with a channel each where they have none, and along how many axes the kernel moves."""
    moves, channels = kernel_of(m.np.shape(w))
    return (x, w, moves) if channels else (m.np.expand_dims(x, -moves - 1), w[None, None], moves)


def _without_channel(m: Any, z: Any, w: Any) -> Any:
    moves, channels = kernel_of(m.np.shape(w))
    return z if channels else m.np.squeeze(z, axis=-moves - 1)


def _taken(m: Any, x: Any, w: Any, moves: int, stride: int, padding: int) -> Any:
    return _windows(m, x, size=m.np.shape(w)[-moves:], stride=(stride,) * moves, padding=padding)


def _conv(m: Any, x: Any, w: Any, *, stride: int = 1, padding: int = 0) -> Any:
    full, kernel, moves = _with_channels(m, x, w)
    inside = _taken(m, full, kernel, moves, stride, padding)
    summed = (-2 * moves - 1, *range(-moves, 0)), (1, *range(2, 2 + moves))
    z = m.np.moveaxis(m.np.tensordot(inside, kernel, axes=summed), -1, -moves - 1)
    return _without_channel(m, z, w)


def _conv_input(m: Any, g: Any, x: Any, w: Any, *, stride: int = 1, padding: int = 0) -> Any:
    full, kernel, moves = _with_channels(m, x, w)
    g = g if full is x else m.np.expand_dims(g, -moves - 1)
    inside = m.np.tensordot(g, kernel, axes=((-moves - 1,), (0,)))
    inside = m.np.moveaxis(inside, -moves - 1, -2 * moves - 1)
    size = m.np.shape(kernel)[-moves:]
    z = _overlap_add(m, inside, full, size=size, stride=(stride,) * moves, padding=padding)
    return _without_channel(m, z, w)


def _conv_kernel(m: Any, g: Any, x: Any, w: Any, *, stride: int = 1, padding: int = 0) -> Any:
    full, kernel, moves = _with_channels(m, x, w)
    g = g if full is x else m.np.expand_dims(g, -moves - 1)
    inside = _taken(m, full, kernel, moves, stride, padding)
    batch = tuple(range(m.np.ndim(g) - moves - 1))
    places = tuple(range(-moves, 0)), tuple(range(-2 * moves, -moves))
    z = m.np.tensordot(g, inside, axes=((*batch, *places[0]), (*batch, *places[1])))
    return z if full is x else z[0, 0]


# ---- positions


def _positions(m: Any, i: Any, count: int) -> Any:
    """Return positions as NumPy's integers; raise `ValueError` for what is none of an axis."""
    numbers = m.np.asarray(m.np.asarray(i), dtype=float)
    places = m.np.asarray(m.np.rint(numbers), dtype=int)
    if not bool(m.np.all((places == numbers) & (places >= 0) & (places < count))):
        message = f"not defined: a position is a whole number from 0 to {count - 1}"
        raise ValueError(message)
    return places


def _gather(m: Any, x: Any, i: Any, *, axis: int = 0) -> Any:
    return m.np.take(x, _positions(m, i, m.np.shape(x)[axis]), axis=axis)


def _scatter_add(m: Any, g: Any, i: Any, x: Any, *, axis: int = 0) -> Any:
    shape = m.np.shape(x)
    z, places, along = m.np.zeros(shape, dtype=m.np.asarray(g).dtype), _positions(m, i, shape[axis]), axis % len(shape)
    g = m.np.broadcast_to(g, (*shape[:along], *places.shape, *shape[along + 1 :]))
    moved = m.np.moveaxis(g, [along + k for k in range(places.ndim)], [*range(places.ndim)])
    add: Any = m.np.add
    add.at(m.np.moveaxis(z, along, 0), places, moved)
    return z


WINDOWS: Final[Spellings] = {
    "windows": _windows,
    "overlap_add": _overlap_add,
    "conv": _conv,
    "conv_input": _conv_input,
    "conv_kernel": _conv_kernel,
    "gather": _gather,
    "scatter_add": _scatter_add,
}
"""How NumPy computes with windows and positions."""
