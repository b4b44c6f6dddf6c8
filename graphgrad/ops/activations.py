"""Declare more activations of neural networks, by their names in PyTorch and JAX."""

from __future__ import annotations

from typing import Final

from graphgrad.ops.elementary import UNIT_POSITIVE, R
from graphgrad.ops.kink import Kink
from graphgrad.ops.op import Op

__all__ = ["FAMILIES"]

SELU_SCALE: Final = (10507009873554804934193349852946, 10**31)
SELU_SLOPE: Final = (17580993408473768599402175208123, 10**31)
"""The scale, and scale times alpha: G. Klambauer and others, "Self-Normalizing Neural Networks", appendix A1 (2017)."""

AT_0: Final = Kink(lambda m, x, *_: m.eq(x, 0), "at 0 the derivative taken is that of the negative side")


def _ends(low: int, high: int) -> Kink:
    """Return the kinks of a function that is bounded on both sides."""
    return Kink(lambda m, x: m.eq(x, low) + m.eq(x, high), f"at {low} and at {high} the derivative taken is 0")


# fmt: off
ACTIVATIONS: Final = (
    Op("elu", lambda m, x: m.where(m.gt(x, 0), x, m.expm1(m.min(x, 0))),
       d=(lambda m, z, x: m.where(m.gt(x, 0), 1, m.exp(m.min(x, 0))),), glyph="ELU",
       witness=lambda mp, x: x if x > 0 else mp.expm1(x), about="x where positive, else exp(x) − 1"),
    Op("selu", lambda m, x: m.where(m.gt(x, 0), x * SELU_SCALE[0] / SELU_SCALE[1],
                                    m.expm1(m.min(x, 0)) * SELU_SLOPE[0] / SELU_SLOPE[1]),
       d=(lambda m, z, x: m.where(m.gt(x, 0), (1 + 0 * x) * SELU_SCALE[0] / SELU_SCALE[1],
                                  m.exp(m.min(x, 0)) * SELU_SLOPE[0] / SELU_SLOPE[1]),),
       kink=AT_0, glyph="SELU", rounding=3,
       witness=lambda mp, x: (mp.mpf(SELU_SCALE[0]) * x if x > 0 else mp.mpf(SELU_SLOPE[0]) * mp.expm1(x)) / 10**31,
       about="1.0507·x where positive, else 1.7581·(exp(x) − 1)"),
    Op("leaky_relu", lambda m, x, y: m.where(m.gt(x, 0), x, y * x), on=(R, UNIT_POSITIVE),
       d=(lambda m, z, x, y: m.where(m.gt(x, 0), 1, y), lambda m, z, x, y: m.where(m.gt(x, 0), 0, x)),
       kink=AT_0, glyph="LeakyReLU", witness=lambda mp, x, y: x if x > 0 else y * x,
       roles=("number", "slope"), about="x where positive, else y·x"),
    Op("relu6", lambda m, x: m.min(m.max(x, 0), 6), d=(lambda m, z, x: m.gt(x, 0) * m.lt(x, 6),), kink=_ends(0, 6),
       glyph="ReLU6", rounding=0, witness=lambda mp, x: min(max(x, 0), 6), about="x, but from 0 to 6"),
    Op("hard_tanh", lambda m, x: m.min(m.max(x, -1), 1), d=(lambda m, z, x: m.gt(x, -1) * m.lt(x, 1),),
       kink=_ends(-1, 1), aliases=("hardtanh",), rounding=0, witness=lambda mp, x: min(max(x, -1), 1),
       about="x, but from −1 to 1"),
    Op("hard_sigmoid", lambda m, x: m.where(m.gt(x, 3), 1, m.max(x + 3, 0) / 6),
       d=(lambda m, z, x: m.gt(x, -3) * m.lt(x, 3) / 6,),
       kink=_ends(-3, 3), aliases=("hardsigmoid",), rounding=lambda m, z, x: z + m.ne(z, 0),
       witness=lambda mp, x: min(max(x + 3, 0), 6) / mp.mpf(6), about="(x + 3)/6, but from 0 to 1"),
    Op("hard_silu", lambda m, x: x * m.min(m.max(x + 3, 0), 6) / 6,
       d=(lambda m, z, x: m.where(m.ge(x, 3), 1, m.gt(x, -3) * (2 * x + 3) / 6),), kink=Kink(
           lambda m, x: m.eq(m.abs(x), 3), "at −3 the derivative taken is 0, at 3 it is 1"),
       aliases=("hard_swish", "hardswish"), rounding=lambda m, z, x: m.abs(z) + m.abs(x) * m.ne(z, 0),
       witness=lambda mp, x: x * min(max(x + 3, 0), 6) / mp.mpf(6), about="x·hard_sigmoid(x)"),
)
# fmt: on

FAMILIES: Final = {"More activations": ACTIVATIONS}
