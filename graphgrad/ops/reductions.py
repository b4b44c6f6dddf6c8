"""Declare the operations that run along axes: variance, products, running totals, and what their adjoints need.

A product's derivative by an entry is the product of the others, which is right also where entries are 0. It is written
with running products from both ends; the running ones are a recurrence, z[j] = g[j] + x[j]*z[j-1], whose adjoint is
another recurrence from the other end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.matrix_shapes import accumulated, deviated, only_axis
from graphgrad.ops.op import ArrayOp
from graphgrad.ops.shapes import axes_of, broadcast, reduced, softened

if TYPE_CHECKING:
    from graphgrad.ops import reduction_witnesses as witnesses
    from graphgrad.ops.shapes import Shape
else:
    witnesses = LazyModule("graphgrad.ops.reduction_witnesses")

__all__ = ["FAMILIES"]

ALONG: Final = {"axis": None, "keepdims": False}
DEVIATION: Final = {"axis": None, "ddof": 0, "keepdims": False}


def _flattened(m: Any, rule: Any, x: Any, *more: Any) -> Any:
    """Return a rule along one axis read on the list of all entries, in the shape of x."""
    flat = [m.reshape(each, shape=(-1,)) for each in (x, *more)]
    return m.reshape_like(rule(*flat), x)


# ---- variance


def _distances(m: Any, x: Any, axis: int | Shape | None) -> Any:
    return x - m.mean(x, axis=axis, keepdims=True)


def _free(m: Any, x: Any, axis: int | Shape | None, ddof: int) -> Any:
    """Return the number of entries less `ddof`."""
    return m.count_along(x, axis=axis) - ddof


def _variance(m: Any, x: Any, *, axis: int | Shape | None, ddof: int, keepdims: bool) -> Any:
    squares = m.sum_along(_distances(m, x, axis) ** 2, axis=axis, keepdims=keepdims)
    return squares / _free(m, x, axis, ddof)


def _variance_rounding(m: Any, z: Any, x: Any, *, axis: int | Shape | None, ddof: int, keepdims: bool) -> Any:
    distances = m.sum_along(m.abs(_distances(m, x, axis)), axis=axis, keepdims=keepdims)
    size = m.mean(m.abs(x), axis=axis, keepdims=keepdims)
    return 4 * m.sqrt(m.count_along(x, axis=axis)) * (z + distances * size / _free(m, x, axis, ddof))


def _deviation_rounding(m: Any, z: Any, x: Any, *, axis: int | Shape | None, ddof: int, keepdims: bool) -> Any:
    count = m.count_along(x, axis=axis)
    size = m.mean(m.abs(x), axis=axis, keepdims=keepdims)
    return 4 * m.sqrt(count) * (z + size * m.sqrt(count / _free(m, x, axis, ddof)))


# ---- products


def _before(m: Any, x: Any, axis: int) -> Any:
    """Return the product of the entries before each."""
    first = 1 - m.shift(m.ones(x), axis=axis)
    return m.recurrence(first, m.shift(x, axis=axis), axis=axis)


def _ahead(m: Any, g: Any, x: Any, axis: int) -> Any:
    """Return the adjoint of g in recurrence(g, x): the recurrence from the other end."""
    back = m.recurrence(m.flip(g, axis=axis), m.shift(m.flip(x, axis=axis), axis=axis), axis=axis)
    return m.flip(back, axis=axis)


def _before_back(m: Any, g: Any, x: Any, axis: int) -> Any:
    """Return the adjoint of x in the product of the entries before each."""
    moved = m.shift(x, axis=axis)
    inner = _ahead(m, g, moved, axis) * m.shift(_before(m, x, axis), axis=axis)
    return m.shift(inner, axis=axis, by=-1)


def _others(m: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """Return the product of the other entries along axes."""
    if not axes:
        return m.ones(x)
    axis, *rest = axes
    along = _before(m, x, axis) * m.flip(_before(m, m.flip(x, axis=axis), axis), axis=axis)
    return along * _others(m, m.prod(x, axis=axis, keepdims=True), tuple(rest)) if rest else along


def _others_back(m: Any, h: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """Return the adjoint of x in the product of the other entries along axes."""
    if not axes:
        return m.broadcast_like(0, x)
    axis, *rest = axes
    if rest:
        inner, outer = m.prod(x, axis=axis, keepdims=True), tuple(rest)
        along, others = _others(m, x, (axis,)), _others(m, inner, outer)
        share = _others_back(m, m.sum_along(h * along, axis=axis, keepdims=True), inner, outer)
        return _others_back(m, h * others, x, (axis,)) + share * along
    turned = m.flip(x, axis=axis)
    before, after = _before(m, x, axis), m.flip(_before(m, turned, axis), axis=axis)
    back = _before_back(m, m.flip(h * before, axis=axis), turned, axis)
    return _before_back(m, h * after, x, axis) + m.flip(back, axis=axis)


def _axes(axis: int | Shape) -> tuple[int, ...]:
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _other_products(m: Any, x: Any, *, axis: int | Shape | None) -> Any:
    if axis is None:
        return _flattened(m, lambda flat: _others(m, flat, (0,)), x)
    return _others(m, x, _axes(axis))


def _other_products_back(m: Any, h: Any, _z: Any, x: Any, *, axis: int | Shape | None) -> Any:
    if axis is None:
        return _flattened(m, lambda flat, adjoint: _others_back(m, adjoint, flat, (0,)), x, h)
    return _others_back(m, h, x, _axes(axis))


def _cumprod_back(m: Any, g: Any, _z: Any, x: Any, *, axis: int | Shape | None) -> Any:
    def along(flat: Any, adjoint: Any, one: int) -> Any:
        return _ahead(m, adjoint, flat, one) * _before(m, flat, one)

    if axis is None:
        return _flattened(m, lambda flat: along(flat, g, 0), x)
    return along(x, g, only_axis(_axes(axis)))


def _cumsum_back(m: Any, g: Any, _z: Any, x: Any, *, axis: int | Shape | None) -> Any:
    one = 0 if axis is None else only_axis(_axes(axis))
    back = m.flip(m.cumsum(m.flip(g, axis=one), axis=one), axis=one)
    return m.reshape_like(back, x) if axis is None else back


def _like_axis(x: Shape, *, axis: int | Shape | None, **_params: object) -> Shape:
    axes_of(axis, len(x))
    return x


def _of_one_axis(g: Shape, x: Shape, *, axis: int) -> Shape:
    return softened(broadcast(g, x), axis=axis)


# fmt: off
DEVIATIONS: Final = (
    ArrayOp("var", _variance,
        vjp=(lambda m, g, z, x, *, axis, ddof, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims) * 2 * _distances(m, x, axis) / _free(m, x, axis, ddof),),
        shape=deviated, options=DEVIATION, opened=_variance, rounding=_variance_rounding, witness=witnesses.var,
        tex=r"\operatorname{Var}", glyph="Var",
        about="mean of the squared distances from the mean; ddof=1 divides by n − 1"),
    ArrayOp("std", lambda m, x, *, axis, ddof, keepdims: m.sqrt(m.var(x, axis=axis, ddof=ddof, keepdims=keepdims)),
        vjp=(lambda m, g, z, x, *, axis, ddof, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims) * _distances(m, x, axis)
             / (_free(m, x, axis, ddof) * m.spread_like(z, x, axis=axis, keepdims=keepdims)),),
        shape=deviated, options=DEVIATION, rounding=_deviation_rounding, witness=witnesses.std,
        opened=lambda m, x, *, axis, ddof, keepdims: m.sqrt(m.var(x, axis=axis, ddof=ddof, keepdims=keepdims)),
        about="root of the variance; ddof=1 divides by n − 1"),
)

PRODUCTS: Final = (
    ArrayOp("prod", lambda m, x, *, axis, keepdims: m.prod(x, axis=axis, keepdims=keepdims),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims) * m.other_products(x, axis=axis),),
        shape=reduced, options=ALONG, glyph="Π", tex=r"\operatorname{prod}",
        rounding=lambda m, z, x, *, axis, keepdims: m.abs(z) * m.count_along(x, axis=axis),
        witness=witnesses.prod, about="product of all entries, or along axes"),
    ArrayOp("other_products", _other_products,
        vjp=(_other_products_back,), textbook={0: None},
        shape=_like_axis, options={"axis": None}, rounding=lambda m, z, x, *, axis:
             2 * m.count_along(x, axis=axis) * m.abs(z),
        witness=witnesses.other_products, about="for each entry the product of all others, or of those along axes"),
)

RUNNING: Final = (
    ArrayOp("cumsum", lambda m, x, *, axis: m.cumsum(x, axis=axis), vjp=(_cumsum_back,),
        shape=accumulated, options={"axis": None},
        rounding=lambda m, z, x, *, axis: 2 * m.sqrt(m.count_along(x, axis=axis)) * m.cumsum(m.abs(x), axis=axis),
        witness=witnesses.cumsum, about="sums up to each entry, in the list of all or along an axis"),
    ArrayOp("cumprod", lambda m, x, *, axis: m.cumprod(x, axis=axis), vjp=(_cumprod_back,),
        textbook={0: None}, shape=accumulated, options={"axis": None},
        rounding=lambda m, z, x, *, axis: m.count_along(x, axis=axis) * m.abs(z),
        witness=witnesses.cumprod, about="products up to each entry, in the list of all or along an axis"),
    ArrayOp("recurrence", lambda m, g, x, *, axis: m.recurrence(g, x, axis=axis),
        vjp=(lambda m, h, z, g, x, *, axis: _ahead(m, h, x, axis),
             lambda m, h, z, g, x, *, axis: _ahead(m, h, x, axis) * m.shift(z, axis=axis)),
        shape=_of_one_axis, options={"axis": -1},
        rounding=lambda m, z, g, x, *, axis:
             2 * m.count_along(x, axis=axis) * m.recurrence(m.abs(g), m.abs(x), axis=axis),
        witness=witnesses.recurrence, roles=("added", "factor"),
        about="z[j] = x[j] + y[j]*z[j−1] along an axis, from 0"),
)

ORDER: Final = (
    ArrayOp("flip", lambda m, x, *, axis: m.flip(x, axis=axis),
        vjp=(lambda m, g, z, x, *, axis: m.flip(g, axis=axis),),
        shape=_like_axis, options={"axis": None}, rounding=0, witness=witnesses.flip,
        about="entries in reverse order along axes, or along all"),
    ArrayOp("roll", lambda m, x, *, shift, axis: m.roll(x, shift=shift, axis=axis),
        vjp=(lambda m, g, z, x, *, shift, axis: m.roll(g, shift=-shift, axis=axis),),
        shape=_like_axis, options={"shift": 1, "axis": None}, rounding=0, witness=witnesses.roll,
        about="entries moved by shift places, those at the end to the beginning"),
    ArrayOp("shift", lambda m, x, *, by, axis: m.shift(x, by=by, axis=axis),
        vjp=(lambda m, g, z, x, *, by, axis: m.shift(g, by=-by, axis=axis),),
        shape=_like_axis, options={"by": 1, "axis": -1}, rounding=0, witness=witnesses.shift,
        about="entries moved by so many places along an axis, 0 where none comes"),
)
# fmt: on

FAMILIES: Final = {
    "Variance": DEVIATIONS,
    "Products along axes": PRODUCTS,
    "Running totals": RUNNING,
    "Order of entries": ORDER,
}
