"""Compute products and running totals along axes, and move entries, in NumPy arrays of any type of entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["RUNNING"]


def _prod(m: Any, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    multiply: Any = m.np.multiply
    return multiply.reduce(x, axis=axis, keepdims=keepdims)


def _accumulated(m: Any, name: str, x: Any, axis: int | Shape | None) -> Any:
    if axis is None:
        x, axis = m.np.reshape(x, -1), 0
    [along] = (axis,) if isinstance(axis, int) else axis
    return getattr(m.np, name).accumulate(x, axis=along)


def _recurrence(m: Any, g: Any, x: Any, *, axis: int = -1) -> Any:
    """Return z for z[j] = g[j] + x[j]*z[j-1] along an axis."""
    added, factors = (m.np.moveaxis(each, axis, 0) for each in m.np.broadcast_arrays(g, x))
    rows = [*added[:1]]
    for j in range(1, len(added)):
        rows.append(added[j] + factors[j] * rows[-1])
    return m.np.moveaxis(m.np.stack(rows), 0, axis) if rows else g


def _moved(m: Any, x: Any, *, by: int = 1, axis: int = -1) -> Any:
    """Return entries moved along an axis, and 0 where none comes."""
    z, count = m.np.zeros(m.np.shape(x), dtype=m.np.asarray(x).dtype), m.np.shape(x)[axis]
    if abs(by) < count:
        to, start = m.np.moveaxis(z, axis, 0), m.np.moveaxis(x, axis, 0)
        to[max(by, 0) : count + min(by, 0)] = start[max(-by, 0) : count - max(by, 0)]
    return z


RUNNING: Final[Spellings] = {
    "prod": _prod,
    "cumsum": lambda m, x, *, axis=None: _accumulated(m, "add", x, axis),
    "cumprod": lambda m, x, *, axis=None: _accumulated(m, "multiply", x, axis),
    "recurrence": _recurrence,
    "flip": lambda m, x, *, axis=None: m.np.flip(x, axis),
    "roll": lambda m, x, *, shift=1, axis=None: m.np.roll(x, shift, axis),
    "shift": _moved,
}
"""How NumPy computes what runs along axes."""
