"""Declare the operations on whole arrays: products, sums along axes, shapes and parts, one row each.

`g` is the adjoint of the value. No rule handles shapes: the namespace broadcasts operands and sums adjoints back to
their shapes. All that a rule calls is an operation too, so that a derivative is a graph again. Source of the matrix
rules: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.elementary import PRODUCT
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import ArrayOp, nothing
from graphgrad.ops.shapes import (
    concatenated,
    crossed,
    cut_off,
    cut_to,
    indexed,
    inverse_order,
    left_factor,
    multiplied,
    narrowed,
    permuted,
    placed,
    reduced,
    refilled,
    reshaped,
    right_factor,
    spread,
    stacked,
    widened,
    without_axis,
)

if TYPE_CHECKING:
    from graphgrad.ops import array_witnesses as witnesses
else:
    witnesses = LazyModule("graphgrad.ops.array_witnesses")

__all__ = ["FAMILIES"]

ALONG: Final = {"axis": None, "keepdims": False}


def _layer(m: Any, g: Any, position: int, axis: int) -> Any:
    """Return the part of a stack's adjoint that belongs to one operand."""
    whole = ((None, None, None),) * (axis if axis >= 0 else -axis - 1)
    return m.take(g, at=(*whole, position) if axis >= 0 else (..., position, *whole))


def _segment(m: Any, g: Any, position: int, xs: tuple[Any, ...], axis: int) -> Any:
    """Return the part of a concatenation's adjoint that belongs to one operand."""
    for before in xs[:position]:
        g = m.tail_like(g, before, axis=axis)
    return m.head_like(g, xs[position], axis=axis)


def _shared(m: Any, g: Any, ties: Any, **along: Any) -> Any:
    """Return an adjoint divided equally among the entries that `ties` marks with 1."""
    return ties * m.spread_like(g / m.sum_along(ties, **along), ties, **along)


def _scaled_norm(m: Any, x: Any, **along: Any) -> Any:
    """Return the norm of x divided by its largest entry, so that no square overflows or vanishes; times that entry."""
    size = m.amax(m.abs(x), axis=along["axis"], keepdims=True)
    size = m.where(m.eq(size, size / 2), 1, size)  # 0 and infinity are no divisors
    squares = m.sum_along((x / size) ** 2, **along)
    return m.sqrt(squares) * m.amax(size, axis=along["axis"], keepdims=along["keepdims"])


def _to_the_chosen(m: Any, g: Any, z: Any, x: Any, **along: Any) -> Any:
    """Return the adjoint of a largest or smallest entry to that entry alone."""
    chosen, g = (m.spread_like(each, x, **along) for each in (z, g))
    return g * m.eq(x, chosen)


# fmt: off
PRODUCTS: Final = (
    ArrayOp("matmul", lambda m, x, y: m.matmul(x, y),
        vjp=(lambda m, g, z, x, y: g @ y.T, lambda m, g, z, x, y: x.T @ g),
        stable_d={0: lambda m, g, z, x, y: m.matmul_left(g, x, y), 1: lambda m, g, z, x, y: m.matmul_right(g, x, y)},
        textbook={0: lambda m, g, z, x, y: m.matmul_left(g, x, y), 1: lambda m, g, z, x, y: m.matmul_right(g, x, y)},
        shape=multiplied, glyph="@", symbols=("@",), binds=PRODUCT, dunder="matmul", tex=r"#1 \mathbin{} #2",
        aliases=("dot",),
        rounding=lambda m, z, x, y: m.sqrt(m.count_along(x, axis=-1)) * m.matmul(m.abs(x), m.abs(y)),
        witness=witnesses.matmul,
        roles=("left", "right"), about="matrix product of vectors, matrices, or stacks of them"),
    ArrayOp("matmul_left", lambda m, g, x, y: m.matmul_left(g, x, y),
        vjp=(lambda m, h, z, g, x, y: m.matmul(h, y), nothing, lambda m, h, z, g, x, y: m.matmul_right(g, h, y)),
        shape=left_factor,
        rounding=lambda m, z, g, x, y: m.sqrt(m.count_along(g)) * m.matmul_left(m.abs(g), x, m.abs(y)),
        witness=witnesses.matmul_left, helper="left",
        roles=("adjoint", "left", "right"), about="the adjoint of y in y @ z, x being that of the product"),
    ArrayOp("matmul_right", lambda m, g, x, y: m.matmul_right(g, x, y),
        vjp=(lambda m, h, z, g, x, y: m.matmul(x, h), lambda m, h, z, g, x, y: m.matmul_left(g, x, h), nothing),
        shape=right_factor,
        rounding=lambda m, z, g, x, y: m.sqrt(m.count_along(g)) * m.matmul_right(m.abs(g), m.abs(x), y),
        witness=witnesses.matmul_right, helper="right",
        roles=("adjoint", "left", "right"), about="the adjoint of z in y @ z, x being that of the product"),
    ArrayOp("outer", lambda m, x, y: m.outer(x, y), vjp=(lambda m, g, z, x, y: g @ y, lambda m, g, z, x, y: x @ g),
        shape=crossed, witness=witnesses.outer,
        roles=("column", "row"), about="outer product of two vectors"),
)

ALONG_AXES: Final = (
    ArrayOp("sum_along", lambda m, x, *, axis, keepdims: m.sum_along(x, axis=axis, keepdims=keepdims),
        vjp=(lambda m, g, z, x, *, axis, keepdims: m.spread_like(g, x, axis=axis, keepdims=keepdims),),
        shape=reduced, options=ALONG, spoken="sum", glyph="Σ", rounding=lambda m, z, x, *, axis, keepdims:
             m.sqrt(m.count_along(x, axis=axis)) * m.sum_along(m.abs(x), axis=axis, keepdims=keepdims),
        witness=witnesses.sum_along, about="sum of all entries, or along axes"),
    ArrayOp("mean", lambda m, x, *, axis, keepdims:
        m.sum_along(x, axis=axis, keepdims=keepdims) / m.count_along(x, axis=axis),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims) / m.count_along(x, axis=axis),),
        shape=reduced, options=ALONG, rounding=lambda m, z, x, *, axis, keepdims:
             m.sum_along(m.abs(x), axis=axis, keepdims=keepdims) / m.sqrt(m.count_along(x, axis=axis)) + m.abs(z),
        witness=witnesses.mean, about="mean of all entries, or along axes"),
    ArrayOp("amax", lambda m, x, *, axis, keepdims: m.amax(x, axis=axis, keepdims=keepdims),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             _shared(m, g, m.eq(x, m.spread_like(z, x, axis=axis, keepdims=keepdims)), axis=axis, keepdims=keepdims),),
        kink=Kink(lambda m, x, *, axis, keepdims:
                  m.gt(m.sum_along(m.eq(x, m.amax(x, axis=axis, keepdims=True)), axis=axis), 1),
                  "in a tie each of the largest takes an equal share",
                  beside=_to_the_chosen),
        shape=reduced, options=ALONG, spoken="max", rounding=0, witness=witnesses.amax,
        about="largest of all entries, or along axes"),
    ArrayOp("amin", lambda m, x, *, axis, keepdims: m.amin(x, axis=axis, keepdims=keepdims),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             _shared(m, g, m.eq(x, m.spread_like(z, x, axis=axis, keepdims=keepdims)), axis=axis, keepdims=keepdims),),
        kink=Kink(lambda m, x, *, axis, keepdims:
                  m.gt(m.sum_along(m.eq(x, m.amin(x, axis=axis, keepdims=True)), axis=axis), 1),
                  "in a tie each of the smallest takes an equal share",
                  beside=_to_the_chosen),
        shape=reduced, options=ALONG, spoken="min", rounding=0, witness=witnesses.amin,
        about="smallest of all entries, or along axes"),
    ArrayOp("norm", lambda m, x, *, axis, keepdims: m.sqrt(m.sum_along(x**2, axis=axis, keepdims=keepdims)),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims)
             * (x / m.spread_like(z, x, axis=axis, keepdims=keepdims)),),
        stable_f=_scaled_norm,
        shape=reduced, options=ALONG, glyph="‖·‖", tex=r"\left\|#1\right\|",
        rounding=lambda m, z, x, *, axis, keepdims: 2 * z * m.sqrt(m.count_along(x, axis=axis)),
        witness=witnesses.norm, about="root of the sum of squares"),
    ArrayOp("count_along", lambda m, x, *, axis: m.count_along(x, axis=axis), vjp=(nothing,),
        shape=without_axis, options={"axis": None}, rounding=0, witness=witnesses.count_along,
        helper="count", about="how many entries, or how many along axes"),
    ArrayOp("spread_like", lambda m, g, x, *, axis, keepdims: m.spread_like(g, x, axis=axis, keepdims=keepdims),
        vjp=(lambda m, h, z, g, x, *, axis, keepdims: m.sum_along(h, axis=axis, keepdims=keepdims), nothing),
        shape=spread, options=ALONG, rounding=0, witness=witnesses.spread_like,
        helper="spread",
        roles=("entries", "shape"), about="x, as if it were a sum of y along axes, repeated to y's shape"),
    ArrayOp("sum_like", lambda m, g, x: m.sum_like(g, x), vjp=(lambda m, h, z, g, x: m.broadcast_like(h, g), nothing),
        shape=narrowed, rounding=lambda m, z, g, x: m.sqrt(m.count_along(g)) * m.sum_like(m.abs(g), x),
        witness=witnesses.sum_like, helper="collect",
        roles=("entries", "shape"), about="x summed back to y's shape, from which it was broadcast"),
    ArrayOp("broadcast_like", lambda m, c, x: m.broadcast_like(c, x),
        vjp=(lambda m, h, z, c, x: m.sum_like(h, c), nothing),
        shape=widened, rounding=0, witness=witnesses.broadcast_like, helper="broadcast",
        roles=("entries", "shape"), about="x broadcast to y's shape"),
)

SHAPES: Final = (
    ArrayOp("transpose", lambda m, x, *, axes: m.transpose(x, axes=axes),
        vjp=(lambda m, g, z, x, *, axes: m.transpose(g, axes=inverse_order(axes)),),
        shape=permuted, options={"axes": None}, glyph="ᵀ", tex=r"#1^{\top}", postfix=".T",
        rounding=0,
        witness=witnesses.transpose, about="axes reversed, or in the order axes"),
    ArrayOp("reshape", lambda m, x, *, shape: m.reshape(x, shape=shape),
        vjp=(lambda m, g, z, x, *, shape: m.reshape_like(g, x),),
        shape=reshaped, options={"shape": (-1,)}, rounding=0,
        witness=witnesses.reshape, about="the same entries in another shape; -1 is worked out"),
    ArrayOp("reshape_like", lambda m, x, y: m.reshape_like(x, y),
        vjp=(lambda m, g, z, x, y: m.reshape_like(g, x), nothing),
        shape=refilled, rounding=0, witness=witnesses.reshape_like, helper="refill",
        roles=("entries", "shape"), about="the entries of x in y's shape"),
    ArrayOp("take", lambda m, x, *, at: m.take(x, at=at), vjp=(lambda m, g, z, x, *, at: m.place_like(g, x, at=at),),
        shape=indexed, options={"at": (...,)}, glyph="[·]", postfix="[]",
        rounding=0,
        witness=witnesses.take, about="a part of x, by numbers and slices: x[0, 1:3]"),
    ArrayOp("place_like", lambda m, g, x, *, at: m.place_like(g, x, at=at),
        vjp=(lambda m, h, z, g, x, *, at: m.take(h, at=at), nothing),
        shape=placed, options={"at": (...,)}, rounding=0, witness=witnesses.place_like,
        helper="place",
        roles=("part", "shape"), about="zeros in y's shape, with x as the part y[at]"),
    ArrayOp("concat", lambda m, *xs, axis: m.concat(*xs, axis=axis), variadic=True,
        vjp=(lambda m, g, z, i, *xs, axis: _segment(m, g, i, xs, axis),),
        shape=concatenated, options={"axis": 0}, aliases=("concatenate",),
        rounding=0,
        witness=witnesses.concat,
        roles=("1st", "2nd"), about="arrays one after the other along an axis"),
    ArrayOp("stack", lambda m, *xs, axis: m.stack(*xs, axis=axis), variadic=True,
        vjp=(lambda m, g, z, i, *xs, axis: _layer(m, g, i, axis),),
        shape=stacked, options={"axis": 0}, rounding=0, witness=witnesses.stack,
        roles=("1st", "2nd"), about="arrays of one shape side by side along a new axis"),
    ArrayOp("head_like", lambda m, g, x, *, axis: m.head_like(g, x, axis=axis),
        vjp=(lambda m, h, z, g, x, *, axis: m.concat(h, m.broadcast_like(0, m.tail_like(g, x, axis=axis)), axis=axis),
             nothing),
        shape=cut_to, options={"axis": 0}, rounding=0, witness=witnesses.head_like,
        helper="head",
        roles=("whole", "head"), about="as much of x as y is long along an axis"),
    ArrayOp("tail_like", lambda m, g, x, *, axis: m.tail_like(g, x, axis=axis),
        vjp=(lambda m, h, z, g, x, *, axis: m.concat(m.broadcast_like(0, m.head_like(g, x, axis=axis)), h, axis=axis),
             nothing),
        shape=cut_off, options={"axis": 0}, rounding=0,
        witness=witnesses.tail_like, helper="tail",
        roles=("whole", "head"), about="what remains of x behind as much as y is long along an axis"),
)
# fmt: on

FAMILIES: Final = {
    "Products of arrays": PRODUCTS,
    "Sums and the like, along axes": ALONG_AXES,
    "Shapes and parts of arrays": SHAPES,
}
