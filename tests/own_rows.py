"""Rows that tests put into tables of their own: a table to import, and others that define the same names otherwise."""

from __future__ import annotations

import math
from typing import Final

import graphgrad as gg

__all__ = ["CUBES", "MINE", "SQUARES", "WRONG", "table"]

R: Final = gg.Interval(-math.inf, math.inf)

MINE: Final = gg.OPERATIONS.with_(
    gg.Op(
        "swish",
        lambda m, x: x / (1 + m.exp(-x)),
        d=(lambda m, z, x: m.sigmoid(x) * (1 + x - z),),
        witness=lambda mp, x: x / (1 + mp.exp(-x)),
        about="x times the sigmoid of x",
    ),
    gg.Op("twice", lambda m, x: 2 * m.swish(x), d=(lambda m, z, x: 2 * m.sigmoid(x) * (1 + x - m.swish(x)),)),
    gg.Op("phi", lambda m: (1 + m.sqrt(5)) / 2, tex=r"\varphi", aliases=("golden",), witness="phi"),
    gg.Op(
        "speed",
        lambda m, x, y: (x + y) / (1 + x * y),
        d=(
            lambda m, z, x, y: (1 - y * y) / (1 + x * y) ** 2,
            lambda m, z, x, y: (1 - x * x) / (1 + x * y) ** 2,
        ),
        on=(gg.Interval(-1, 1), gg.Interval(-1, 1)),
        symbols=("⊕", "<+>"),
        binds=(24, 25),
        glyph="⊕",
        tex=r"#1 \oplus #2",
    ),
    gg.Op(
        "rms",
        lambda m, *xs: m.sqrt(sum((x * x for x in xs), 0) / len(xs)),
        d=(lambda m, z, x, *xs: x / (len(xs) * z),),
        variadic=True,
        on=(gg.Interval(0, math.inf),),
    ),
    gg.Op(
        "monomial",
        lambda m, n, x: x**n,
        d=(None, lambda m, z, n, x: n * x ** (n - 1)),
        on=(gg.Naturals(), gg.Interval(0, math.inf)),
    ),
    gg.Op(
        "ramp",
        lambda m, x: m.where(m.gt(x, 0), x, 0),
        d=(lambda m, z, x: m.gt(x, 0),),
        kink=gg.Kink(lambda m, x: m.eq(x, 0), "at 0 the derivative taken is 0"),
    ),
    gg.ArrayOp(
        "energy",
        lambda m, x, axis=None: m.sum_along(x * x, axis=axis),
        vjp=(lambda m, g, z, x, axis=None: 2 * x * m.spread_like(g, x, axis=axis),),
        shape=lambda x, axis=None: () if axis is None else (*x[: axis % len(x)], *x[axis % len(x) + 1 :]),
        options={"axis": None},
        witness=lambda np, mp, x, axis=None: np.sum(x * x, axis=axis),
    ),
)
"""A row of every kind."""


def table(power: int, name: str = "f") -> gg.Operations:
    """Return a table whose row `f` is a power, and `g` twice that."""
    return gg.OPERATIONS.with_(
        gg.Op(
            name, lambda m, x: x**power, d=(lambda m, z, x: power * x ** (power - 1),), on=(gg.Interval(0, math.inf),)
        ),
        gg.Op("g", lambda m, x: 2 * getattr(m, name)(x), d=(lambda m, z, x: 2 * power * x ** (power - 1),)),
    )


SQUARES, CUBES = table(2), table(3)

WRONG: Final = gg.OPERATIONS.with_(gg.Op("swish", lambda m, x: x * m.sigmoid(x), d=(lambda m, z, x: z,)))
"""A derivative that is another function's."""
