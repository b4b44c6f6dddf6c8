"""Operations of one's own for the command: graphgrad "swish(x)*y" --at x=1,y=2 --plugin my_ops.py."""

import graphgrad as gg

operations = gg.OPERATIONS.with_(
    gg.Op(
        "swish",
        lambda m, x: x / (1 + m.exp(-x)),
        d=(lambda m, z, x: m.sigmoid(x) * (1 + x - z),),
        witness=lambda mp, x: x / (1 + mp.exp(-x)),
        about="x times the sigmoid of x",
    ),
    gg.Op(
        "plus_speed",
        lambda m, u, v: (u + v) / (1 + u * v),
        d=(
            lambda m, z, u, v: (1 - v**2) / (1 + u * v) ** 2,
            lambda m, z, u, v: (1 - u**2) / (1 + u * v) ** 2,
        ),
        on=(gg.Interval(-1, 1), gg.Interval(-1, 1)),
        witness=lambda mp, u, v: mp.tanh(mp.atanh(u) + mp.atanh(v)),
        symbols=("⊕",),
        binds=(24, 25),
        glyph="⊕",
        tex=r"#1 \oplus #2",
        about="sum of two speeds, as shares of that of light",
    ),
    gg.Op(
        "hinge",
        lambda m, y: m.max(1 - y, 0),
        d=(lambda m, z, y: -m.lt(y, 1),),
        witness=lambda mp, y: max(1 - y, 0),
        kink=gg.Kink(lambda m, y: m.eq(y, 1), "at 1 the derivative taken is 0"),
        about="loss of a classifier whose margin is y",
    ),
    gg.ArrayOp(
        "energy",
        lambda m, x: m.sum_along(x * x),
        vjp=(lambda m, g, z, x: 2 * x * m.broadcast_like(g, x),),
        shape=lambda x: (),
        witness=lambda np, mp, x: np.sum(x * x),
        about="sum of the squares of all entries",
    ),
)
