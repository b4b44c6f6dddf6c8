"""Declare the layers of networks over windows and batches: convolution, pooling, normalization, dropout, gathering.

They follow the books "Deep Learning from Scratch" (K. Saito, O'Reilly 2016), chapters 6 and 7. A convolution is linear
in its input and in its kernel, so its adjoints are linear in these, too, and three rows are closed under derivatives.
Batch normalization: S. Ioffe and C. Szegedy, https://arxiv.org/abs/1502.03167.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.array_domains import Places
from graphgrad.ops.elementary import POSITIVE, R
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import ArrayOp, Interval, Op, nothing
from graphgrad.ops.window_shapes import (
    added_up,
    convolved,
    gathered,
    normalized,
    pooled,
    scattered,
    shape_of_input,
    shape_of_kernel,
    standardized,
    windowed,
)

if TYPE_CHECKING:
    from graphgrad.ops import layer_witnesses as witnesses
    from graphgrad.ops.shapes import Shape
else:
    witnesses = LazyModule("graphgrad.ops.layer_witnesses")

__all__ = ["FAMILIES"]

MOVES: Final = {"stride": 1, "padding": 0}
POOLS: Final = {"size": (2, 2), "stride": None}


def _within(size: Shape) -> Shape:
    """Return the axes along which the entries of a window lie."""
    return tuple(range(-len(size), 0))


def _convolution_rounding(m: Any, _z: Any, x: Any, w: Any, **moves: int) -> Any:
    return 2 * m.sqrt(m.conv(m.ones(x), m.ones(w), **moves)) * m.conv(m.abs(x), m.abs(w), **moves)


def _input_rounding(m: Any, _z: Any, g: Any, x: Any, w: Any, **moves: int) -> Any:
    terms = m.conv_input(m.ones(g), x, m.ones(w), **moves)
    return 2 * m.sqrt(terms) * m.conv_input(m.abs(g), x, m.abs(w), **moves)


def _kernel_rounding(m: Any, _z: Any, g: Any, x: Any, w: Any, **moves: int) -> Any:
    return 2 * m.sqrt(m.count_along(g)) * m.conv_kernel(m.abs(g), m.abs(x), w, **moves)


# ---- pooling


def _largest(m: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    return m.amax(m.windows(x, size=size, stride=stride), axis=_within(size), keepdims=False)


def _shared_back(m: Any, g: Any, z: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    """Return an adjoint divided equally among the largest entries of each window, added up where windows overlap."""
    inside = m.windows(x, size=size, stride=stride)
    z, g = (m.spread_like(each, inside, axis=_within(size), keepdims=False) for each in (z, g))
    ties = m.eq(inside, z)
    shares = ties * g / m.sum_along(ties, axis=_within(size), keepdims=True)
    return m.overlap_add(shares, x, size=size, stride=stride)


def _to_the_chosen(m: Any, g: Any, z: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    """Return the adjoint of each window to its one largest entry."""
    inside = m.windows(x, size=size, stride=stride)
    z, g = (m.spread_like(each, inside, axis=_within(size), keepdims=False) for each in (z, g))
    return m.overlap_add(g * m.eq(inside, z), x, size=size, stride=stride)


def _has_ties(m: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    inside = m.windows(x, size=size, stride=stride)
    largest = m.eq(inside, m.amax(inside, axis=_within(size), keepdims=True))
    return m.gt(m.sum_along(largest, axis=_within(size), keepdims=False), 1)


def _mean_back(m: Any, g: Any, _z: Any, x: Any, *, size: Shape, stride: int | Shape | None) -> Any:
    inside = m.windows(x, size=size, stride=stride)
    shares = m.spread_like(g, inside, axis=_within(size), keepdims=False) / math.prod(size)
    return m.overlap_add(shares, x, size=size, stride=stride)


# ---- batch normalization


def _deviation(m: Any, x: Any, eps: Any, axis: int | Shape | None) -> Any:
    """Return the root of the variance and eps."""
    return m.sqrt(m.var(x, axis=axis, ddof=0, keepdims=True) + eps)


def _standardized(m: Any, x: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    return (x - m.mean(x, axis=axis, keepdims=True)) / _deviation(m, x, eps, axis)


def _standardized_back(m: Any, g: Any, z: Any, x: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    share = m.mean(g * z, axis=axis, keepdims=True)
    return (g - m.mean(g, axis=axis, keepdims=True) - z * share) / _deviation(m, x, eps, axis)


def _eps_back(m: Any, g: Any, z: Any, x: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    return -g * z / (2 * (m.var(x, axis=axis, ddof=0, keepdims=True) + eps))


def _standardized_rounding(m: Any, z: Any, x: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    size = m.abs(z)
    mean = m.mean(m.abs(x), axis=axis, keepdims=True) / _deviation(m, x, eps, axis)
    return 4 * m.sqrt(m.count_along(x, axis=axis)) * (size + mean) * (1 + size)


def _normalized(m: Any, x: Any, scale: Any, shift: Any, eps: Any, *, axis: int | Shape | None) -> Any:
    return scale * m.standardize(x, eps, axis=axis) + shift


def _input_back(m: Any, g: Any, _z: Any, x: Any, scale: Any, _shift: Any, eps: Any, *, axis: Any) -> Any:
    return _standardized_back(m, g * scale, m.standardize(x, eps, axis=axis), x, eps, axis=axis)


def _scale_back(m: Any, g: Any, _z: Any, x: Any, _scale: Any, _shift: Any, eps: Any, *, axis: Any) -> Any:
    return g * m.standardize(x, eps, axis=axis)


def _eps_of_scaled_back(m: Any, g: Any, _z: Any, x: Any, scale: Any, _shift: Any, eps: Any, *, axis: Any) -> Any:
    return _eps_back(m, g * scale, m.standardize(x, eps, axis=axis), x, eps, axis=axis)


def _normalized_rounding(m: Any, z: Any, x: Any, scale: Any, _shift: Any, eps: Any, *, axis: Any) -> Any:
    unit = m.standardize(x, eps, axis=axis)
    return m.abs(z) + m.abs(scale) * (m.abs(unit) + _standardized_rounding(m, unit, x, eps, axis=axis))


# fmt: off
CONVOLUTIONS: Final = (
    ArrayOp("conv", lambda m, x, w, *, stride, padding: m.conv(x, w, stride=stride, padding=padding),
        vjp=(lambda m, g, z, x, w, *, stride, padding: m.conv_input(g, x, w, stride=stride, padding=padding),
             lambda m, g, z, x, w, *, stride, padding: m.conv_kernel(g, x, w, stride=stride, padding=padding)),
        shape=convolved, options=MOVES, glyph="Conv", rounding=_convolution_rounding, witness=witnesses.conv,
        roles=("input", "kernel"),
        about="cross-correlation, as networks call convolution, along one or two axes: "
              "y is (k,), (k, k), or with channels (out, in, k), (out, in, k, k)"),
    ArrayOp("conv_input", lambda m, g, x, w, *, stride, padding: m.conv_input(g, x, w, stride=stride, padding=padding),
        vjp=(lambda m, h, z, g, x, w, *, stride, padding: m.conv(h, w, stride=stride, padding=padding), nothing,
             lambda m, h, z, g, x, w, *, stride, padding: m.conv_kernel(g, h, w, stride=stride, padding=padding)),
        shape=shape_of_input, options=MOVES, rounding=_input_rounding, witness=witnesses.conv_input,
        roles=("adjoint", "input", "kernel"), about="the adjoint of y in conv(y, z), x being that of its value"),
    ArrayOp("conv_kernel", lambda m, g, x, w, *, stride, padding:
        m.conv_kernel(g, x, w, stride=stride, padding=padding),
        vjp=(lambda m, h, z, g, x, w, *, stride, padding: m.conv(x, h, stride=stride, padding=padding),
             lambda m, h, z, g, x, w, *, stride, padding: m.conv_input(g, x, h, stride=stride, padding=padding),
             nothing),
        shape=shape_of_kernel, options=MOVES, rounding=_kernel_rounding, witness=witnesses.conv_kernel,
        roles=("adjoint", "input", "kernel"), about="the adjoint of z in conv(y, z), x being that of its value"),
)

WINDOWS: Final = (
    ArrayOp("windows", lambda m, x, *, size, stride, padding: m.windows(x, size=size, stride=stride, padding=padding),
        vjp=(lambda m, g, z, x, *, size, stride, padding:
             m.overlap_add(g, x, size=size, stride=stride, padding=padding),),
        shape=windowed, options={"size": (2, 2), "stride": None, "padding": 0}, rounding=0, witness=witnesses.windows,
        about="all windows of a size along the last axes, a stride apart, by default side by side (im2col)"),
    ArrayOp("overlap_add", lambda m, g, x, *, size, stride, padding:
        m.overlap_add(g, x, size=size, stride=stride, padding=padding),
        vjp=(lambda m, h, z, g, x, *, size, stride, padding: m.windows(h, size=size, stride=stride, padding=padding),
             nothing),
        shape=added_up, options={"size": (2, 2), "stride": None, "padding": 0},
        rounding=lambda m, z, g, x, *, size, stride, padding:
             math.prod(size) * m.overlap_add(m.abs(g), x, size=size, stride=stride, padding=padding),
        witness=witnesses.overlap_add, roles=("windows", "shape"),
        about="windows x added up where they lie in the shape of y (col2im)"),
    ArrayOp("max_pool", _largest, vjp=(_shared_back,),
        kink=Kink(_has_ties, "in a tie each of the largest of a window takes an equal share", beside=_to_the_chosen),
        shape=pooled, options=POOLS, opened=_largest, glyph="MaxPool", rounding=0, witness=witnesses.max_pool,
        about="largest entry of each window along the last axes, the windows side by side or a stride apart"),
    ArrayOp("avg_pool", lambda m, x, *, size, stride:
        m.mean(m.windows(x, size=size, stride=stride), axis=_within(size), keepdims=False),
        vjp=(_mean_back,), shape=pooled, options=POOLS, glyph="AvgPool",
        opened=lambda m, x, *, size, stride:
             m.mean(m.windows(x, size=size, stride=stride), axis=_within(size), keepdims=False),
        rounding=lambda m, z, x, *, size, stride: 2 * m.avg_pool(m.abs(x), size=size, stride=stride) * math.prod(size),
        witness=witnesses.avg_pool,
        about="mean of each window along the last axes, the windows side by side or a stride apart"),
)

BATCHES: Final = (
    ArrayOp("standardize", _standardized, vjp=(_standardized_back, _eps_back),
        shape=standardized, options={"axis": (0,)}, on=(R, POSITIVE), opened=_standardized, glyph="Standardize",
        rounding=_standardized_rounding, witness=witnesses.standardize, roles=("input", "eps"),
        about="(x − mean)/sqrt(variance + y) along axes, by default the first one"),
    ArrayOp("batch_norm", _normalized,
        vjp=(_input_back, _scale_back, lambda m, g, z, *_operands, axis: g, _eps_of_scaled_back),
        shape=normalized, options={"axis": (0,)}, on=(R, R, R, POSITIVE), opened=_normalized, glyph="BatchNorm",
        rounding=_normalized_rounding, witness=witnesses.batch_norm,
        roles=("input", "scale", "shift", "eps"),
        about="batch normalization: standardize(x, w), times y, plus z"),
    Op("dropout", lambda m, x, mask, p: x * mask / (1 - p),
       d=(lambda m, z, x, mask, p: mask / (1 - p), lambda m, z, x, mask, p: x / (1 - p),
          lambda m, z, x, mask, p: x * mask / (1 - p)**2),
       on=(R, R, Interval(-math.inf, 1)), rounding=3, witness=lambda mp, x, mask, p: x * mask + p * x * mask / (1 - p),
       roles=("input", "mask", "rate"),
       about="x where the given mask is 1, by 1 − z, the part that is kept; nothing is random"),
)

GATHERING: Final = (
    ArrayOp("gather", lambda m, x, i, *, axis: m.gather(x, i, axis=axis),
        vjp=(lambda m, g, z, x, i, *, axis: m.scatter_add(g, i, x, axis=axis), nothing),
        shape=gathered, classes=1, on=(R, Places()), options={"axis": 0}, rounding=0, witness=witnesses.gather,
        roles=("entries", "positions"), about="the slices of x at the positions y along an axis, as NumPy's take"),
    ArrayOp("scatter_add", lambda m, g, i, x, *, axis: m.scatter_add(g, i, x, axis=axis),
        vjp=(lambda m, h, z, g, i, x, *, axis: m.gather(h, i, axis=axis), nothing, nothing),
        shape=scattered, classes=1, on=(R, Places(), R), options={"axis": 0},
        rounding=lambda m, z, g, i, x, *, axis:
             m.sqrt(m.count_along(g)) * m.scatter_add(m.abs(g), i, x, axis=axis),
        witness=witnesses.scatter_add, roles=("slices", "positions", "shape"),
        about="the slices x added up at the positions y along an axis, in the shape of z"),
)
# fmt: on

FAMILIES: Final = {
    "Convolution": CONVOLUTIONS,
    "Windows and pooling": WINDOWS,
    "Batches": BATCHES,
    "Gathering": GATHERING,
}
