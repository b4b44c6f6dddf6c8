"""Declare the operations of neural networks: activations, softmax, the affine layer and the losses.

Shapes and averaging over the batch follow the book "Deep Learning from Scratch" (K. Saito, O'Reilly 2016), chapters 4
and 5. GELU: D. Hendrycks and K. Gimpel, https://arxiv.org/abs/1606.08415.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.elementary import POSITIVE, UNIT_POSITIVE, R
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import ArrayOp, Op, nothing
from graphgrad.ops.shapes import averaged, classified, reduced, row_loss, scalar, softened, transformed, weighted
from graphgrad.ops.softmax import (
    excess,
    excess_rounding,
    less_mean,
    less_mean_rounding,
    less_sum,
    less_sum_rounding,
    log_softmax_rounding,
    powers,
)

if TYPE_CHECKING:
    from graphgrad.ops import array_witnesses as witnesses
else:
    witnesses = LazyModule("graphgrad.ops.array_witnesses")

__all__ = ["FAMILIES"]


# fmt: off
ACTIVATIONS: Final = (
    Op("sigmoid", lambda m, x: 1 / (1 + m.exp(-x)), d=(lambda m, z, x: z * (1 - z),),
       stable_d={0: lambda m, z, x: z * m.sigmoid(-x)}, glyph="σ", tex=r"\sigma",
       aliases=("expit",), rounding=2, witness=lambda mp, x: mp.exp(x) / (mp.exp(x) + 1),
       about="logistic function 1/(1 + exp(−x))"),
    Op("softplus", lambda m, x: m.log(1 + m.exp(x)), d=(lambda m, z, x: m.sigmoid(x),),
       stable_f=lambda m, x: m.max(x, 0) + m.log1p(m.exp(-m.abs(x))), witness=lambda mp, x: mp.log1p(mp.exp(x)),
       about="log(1 + exp(x))"),
    Op("logaddexp", lambda m, x, y: m.log(m.exp(x) + m.exp(y)),
       d=(lambda m, z, x, y: m.sigmoid(x - y), lambda m, z, x, y: m.sigmoid(y - x)),
       stable_f=lambda m, x, y: m.max(x, y) + m.log1p(m.exp(-m.abs(x - y))),
       rounding=lambda m, z, x, y: m.abs(z) + m.abs(m.max(x, y)) + 1,
       witness=lambda mp, x, y: y + mp.log1p(mp.exp(x - y)),
       about="log(exp(x) + exp(y)), right for large exponents"),
    Op("relu", lambda m, x: m.where(m.gt(x, 0), x, 0), d=(lambda m, z, x: m.where(m.gt(x, 0), 1, 0),),
       kink=Kink(lambda m, x: m.eq(x, 0), "at 0 the derivative taken is 0"), rounding=0,
       witness=lambda mp, x: (x + abs(x)) / 2, about="x where positive, else 0"),
    Op("step", lambda m, x: m.where(m.gt(x, 0), 1, 0), d=(nothing,),
       kink=Kink(lambda m, x: m.eq(x, 0), "it jumps at 0; the derivative taken is 0"),
       rounding=0,
       witness=lambda mp, x: mp.ceil(mp.sign(x) / 2), about="1 where positive, else 0"),
    Op("gelu", lambda m, x: x * (1 + m.erf(x / m.sqrt(2))) / 2,
       d=(lambda m, z, x: (1 + m.erf(x / m.sqrt(2))) / 2 + x * m.exp(-x**2 / 2) / m.sqrt(2 * m.pi),),
       stable_f=lambda m, x: x * m.normcdf(x),
       stable_d={0: lambda m, z, x: m.normcdf(x) + x * m.normpdf(x)},
       glyph="GELU", rounding=lambda m, z, x: 2 * m.abs(z) + x**2 * m.exp(-x**2 / 2),
       witness=lambda mp, x: x * mp.ncdf(x), about="x·Φ(x), Φ being the normal distribution function"),
)

SOFTMAX: Final = (
    ArrayOp("softmax", lambda m, x, *, axis: m.exp(x) / m.sum_along(m.exp(x), axis=axis, keepdims=True),
        vjp=(lambda m, g, z, x, *, axis: z * m.less_mean(g, x, axis=axis),),
        stable_f=lambda m, x, *, axis:
             (lambda e: e / m.sum_along(e, axis=axis, keepdims=True))(powers(m, x, axis)),
        shape=softened, options={"axis": -1}, glyph="Softmax", rounding=lambda m, z, x, *, axis:
             z * (m.amax(x, axis=axis, keepdims=True) - x + 2 * m.sqrt(m.count_along(x, axis=axis))),
        witness=witnesses.softmax, about="exp(x)/sum(exp(x)) along an axis, the last one"),
    ArrayOp("log_softmax", lambda m, x, *, axis: x - m.logsumexp(x, axis=axis, keepdims=True),
        vjp=(lambda m, g, z, x, *, axis: m.less_sum(g, x, axis=axis),),
        stable_f=lambda m, x, *, axis: (x - m.amax(x, axis=axis, keepdims=True)) - excess(m, x, axis, keepdims=True),
        shape=softened, options={"axis": -1},
        rounding=lambda m, z, x, *, axis: log_softmax_rounding(m, z, x, axis),
        witness=witnesses.log_softmax, about="logarithm of softmax, right for large logits"),
    ArrayOp("logsumexp", lambda m, x, *, axis, keepdims: m.log(m.sum_along(m.exp(x), axis=axis, keepdims=keepdims)),
        vjp=(lambda m, g, z, x, *, axis, keepdims:
             m.spread_like(g, x, axis=axis, keepdims=keepdims) * m.softmax(x, axis=axis),),
        stable_f=lambda m, x, *, axis, keepdims:
             m.amax(x, axis=axis, keepdims=keepdims) + excess(m, x, axis, keepdims=keepdims),
        shape=reduced, options={"axis": None, "keepdims": False}, rounding=lambda m, z, x, *, axis, keepdims:
             m.abs(z) + excess_rounding(m, x, axis, keepdims=keepdims), witness=witnesses.logsumexp,
        about="log(sum(exp(x))), right for large logits"),
)

LOSSES: Final = (
    ArrayOp("affine", lambda m, x, w, b: x @ w + b,
        vjp=(lambda m, g, z, x, w, b: g @ w.T, lambda m, g, z, x, w, b: x.T @ g, lambda m, g, z, x, w, b: g),
        stable_d={0: lambda m, g, z, x, w, b: m.matmul_left(g, x, w),
                  1: lambda m, g, z, x, w, b: m.matmul_right(g, x, w)},
        textbook={0: lambda m, g, z, x, w, b: m.matmul_left(g, x, w),
                  1: lambda m, g, z, x, w, b: m.matmul_right(g, x, w)},
        shape=transformed, opened=lambda m, x, w, b: x @ w + b, glyph="Affine",
        rounding=lambda m, z, x, w, b:
             m.abs(z) + m.sqrt(m.count_along(x, axis=-1)) * m.affine(m.abs(x), m.abs(w), m.abs(b)),
        witness=witnesses.affine,
        roles=("input", "weights", "bias"), about="matrix product plus bias: x @ y + z"),

    # Losses, averaged over the batch: over all rows of the first operand
    ArrayOp("cross_entropy", lambda m, p, t: -m.mean(m.sum_along(m.one_hot(t, p) * m.log(p), axis=-1)),
        vjp=(lambda m, g, z, p, t: -g * m.one_hot(t, p) / p / m.row_count(p),
             lambda m, g, z, p, t: -g * m.one_hot_back(m.log(p), t) / m.row_count(p)),
        stable_f=lambda m, p, t: -m.mean(m.sum_along(m.xlogy(m.one_hot(t, p), p), axis=-1)),
        stable_d={0: lambda m, g, z, p, t:
                     -g * m.one_hot(t, p) / m.where(m.eq(m.one_hot(t, p), 0), 1, p) / m.row_count(p)},
        textbook={0: lambda m, g, z, p, t: -g * m.one_hot(t, p) / (m.row_count(p) * p)},
        shape=row_loss, classes=1, glyph="Cross-Entropy", on=(UNIT_POSITIVE,),
        rounding=lambda m, z, p, t:
             2 * m.sqrt(m.count_along(p)) * m.mean(m.sum_along(m.abs(m.xlogy(m.one_hot(t, p), p)), axis=-1)),
        witness=witnesses.cross_entropy,
        roles=("predicted", "target"),
        about="−sum(y*log(x)) of probabilities x, averaged over the batch; y is one-hot or class indices; "
              "where y is 0, x may be 0"),
    ArrayOp("softmax_cross_entropy", lambda m, x, t: -m.mean(m.sum_along(m.one_hot(t, x) * m.log_softmax(x), axis=-1)),
        vjp=(lambda m, g, z, x, t:
             -g * m.less_sum(m.one_hot(t, x), x) / m.row_count(x),
             lambda m, g, z, x, t: -g * m.one_hot_back(m.log_softmax(x), t) / m.row_count(x)),
        shape=row_loss, classes=1, opened=lambda m, x, t: m.cross_entropy(m.softmax(x), t), glyph="Softmax-with-Loss",
        textbook={0: lambda m, g, z, x, t:
                     g * (m.softmax(x) * m.sum_along(m.one_hot(t, x), axis=-1, keepdims=True) - m.one_hot(t, x))
                     / m.row_count(x)},
        headline=(0,), on=(R, UNIT_POSITIVE),
        rounding=lambda m, z, x, t: m.mean(m.sum_along(
             m.abs(m.one_hot(t, x)) * (log_softmax_rounding(m, m.log_softmax(x), x, -1)
                                       - 2 * m.sqrt(m.count_along(x)) * m.log_softmax(x)), axis=-1)),
        witness=witnesses.softmax_cross_entropy,
        roles=("logits", "target"),
        about="cross_entropy(softmax(x), y) of logits x, averaged over the batch; y is one-hot or class indices"),
    ArrayOp("mean_squared_error", lambda m, y, t: m.mean((y - t)**2),
        vjp=(lambda m, g, z, y, t: g * 2 * (y - t) / m.count_along(y - t),
             lambda m, g, z, y, t: g * 2 * (t - y) / m.count_along(y - t)),
        textbook={0: lambda m, g, z, y, t: 2 * g * (y - t) / m.count_along(y - t),
                  1: lambda m, g, z, y, t: 2 * g * (t - y) / m.count_along(y - t)},
        shape=averaged, opened=lambda m, y, t: m.mean((y - t)**2), glyph="MSE",
        rounding=lambda m, z, y, t: 3 * z * m.sqrt(m.count_along(y - t)),
        witness=witnesses.mean_squared_error,
        roles=("predicted", "target"), about="mean of (x − y)² over all entries"),

    # What the losses' rules are written in
    Op("xlogy", lambda m, x, y: x * m.log(y), d=(lambda m, z, x, y: m.log(y), lambda m, z, x, y: x / y),
       stable_f=lambda m, x, y: m.where(m.eq(x, 0), 0, x * m.log(m.where(m.eq(x, 0), 1, y))),
       stable_d={1: lambda m, z, x, y: m.where(m.eq(x, 0), 0, x / m.where(m.eq(x, 0), 1, y))},
       on=(R, POSITIVE), witness=lambda mp, x, y: mp.log(y) * x if x else x,
       roles=("factor", "in log"), about="x·log(y), and 0 where x is 0"),
    ArrayOp("less_sum", lambda m, g, x, *, axis: g - m.softmax(x, axis=axis) * m.sum_along(g, axis=axis, keepdims=True),
        vjp=(lambda m, h, z, g, x, *, axis: m.less_mean(h, x, axis=axis),
             lambda m, h, z, g, x, *, axis:
             -m.softmax(x, axis=axis) * m.less_mean(h, x, axis=axis) * m.sum_along(g, axis=axis, keepdims=True)),
        stable_f=lambda m, g, x, *, axis: less_sum(m, g, x, axis),
        shape=weighted, options={"axis": -1}, rounding=lambda m, z, g, x, *, axis: less_sum_rounding(m, z, g, x, axis),
        witness=witnesses.less_sum, helper="balance",
        roles=("adjoint", "logits"), about="x − softmax(y)*sum(x) along an axis, the last one"),
    ArrayOp("less_mean",
        lambda m, g, x, *, axis: g - m.sum_along(m.softmax(x, axis=axis) * g, axis=axis, keepdims=True),
        vjp=(lambda m, h, z, g, x, *, axis: m.less_sum(h, x, axis=axis),
             lambda m, h, z, g, x, *, axis:
             -m.softmax(x, axis=axis) * m.less_mean(g, x, axis=axis) * m.sum_along(h, axis=axis, keepdims=True)),
        stable_f=lambda m, g, x, *, axis: less_mean(m, g, x, axis),
        shape=weighted, options={"axis": -1}, rounding=lambda m, z, g, x, *, axis: less_mean_rounding(m, z, g, x, axis),
        witness=witnesses.less_mean, helper="center",
        roles=("adjoint", "logits"), about="x − sum(softmax(y)*x) along an axis, the last one"),
    ArrayOp("row_count", lambda m, x: m.row_count(x), vjp=(nothing,), shape=scalar,
        rounding=0,
        witness=witnesses.row_count, helper="rows", about="how many rows: entries, by the last axis's size"),
    ArrayOp("one_hot", lambda m, t, x: m.one_hot(t, x), vjp=(lambda m, g, z, t, x: m.one_hot_back(g, t), nothing),
        shape=classified, classes=0,
        rounding=0,
        witness=witnesses.one_hot,
        helper="one-hot",
        roles=("classes", "shape"),
        about="x as it is where it has y's shape; else class indices as rows of 0 and 1, like y's"),
    ArrayOp("one_hot_back", lambda m, g, t: m.one_hot_back(g, t),
        vjp=(lambda m, h, z, g, t: m.one_hot_back(h, g), nothing),
        shape=classified, rounding=0,
        witness=witnesses.one_hot_back,
        helper="entries",
        roles=("adjoint", "classes"),
        about="x where it has y's shape; 0 for class indices, which are no numbers to change"),
)
# fmt: on

FAMILIES: Final = {
    "Activations": ACTIVATIONS,
    "Softmax and its logarithm": SOFTMAX,
    "Layers and losses": LOSSES,
}
