"""Declare the operations of linear algebra: contractions, triangles and diagonals, determinants, inverses and factors.

Source of the rules: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation", 2008; that of the Cholesky factor is I. Murray, https://arxiv.org/abs/1602.07527, equation 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.array_domains import Definite
from graphgrad.ops.kink import Kink
from graphgrad.ops.matrix_shapes import (
    contracted,
    crossed_vectors,
    diagonal,
    inverted,
    like_first,
    single_square,
    single_total,
    solved,
    square,
    square_total,
    subscripts_of,
    triangular,
)
from graphgrad.ops.op import ArrayOp, nothing
from graphgrad.ops.shapes import averaged

if TYPE_CHECKING:
    from graphgrad.ops import matrix_witnesses as witnesses
else:
    witnesses = LazyModule("graphgrad.ops.matrix_witnesses")

__all__ = ["FAMILIES"]

LAST_TWO: Final = (-2, -1)


# ---- contractions


def _einsum_back(m: Any, g: Any, _z: Any, i: int, *xs: Any, subscripts: str) -> Any:
    """Return the einsum of the adjoint and the other operands; along axes that only this one has, it is repeated."""
    inputs, output = subscripts_of(subscripts, len(xs))
    operands, letters = [g, *xs[:i], *xs[i + 1 :]], [output, *inputs[:i], *inputs[i + 1 :]]
    if not {*inputs[i]} <= {*"".join(letters)}:
        operands, letters = [*operands, m.ones(xs[i])], [*letters, inputs[i]]
    return m.einsum(*operands, subscripts=f"{','.join(letters)}->{inputs[i]}")


def _einsum_rounding(m: Any, _z: Any, *xs: Any, subscripts: str) -> Any:
    terms = m.einsum(*map(m.ones, xs), subscripts=subscripts)
    return (len(xs) + 2 * m.sqrt(terms)) * m.einsum(*map(m.abs, xs), subscripts=subscripts)


# ---- inverses


def _columns(m: Any, x: Any) -> Any:
    """Return the size of what elimination adds to each entry: so many times the largest of its column."""
    return m.count_along(x, axis=-1) * m.broadcast_like(m.amax(m.abs(x), axis=-2, keepdims=True), x)


def _inverse_rounding(m: Any, z: Any, x: Any) -> Any:
    size = m.abs(z)
    return 2 * size @ _columns(m, x) @ size


def _solve_rounding(m: Any, z: Any, a: Any, _b: Any) -> Any:
    return 2 * m.abs(m.inv(a)) @ (_columns(m, a) @ m.abs(z)) + m.abs(z)


def _determinant_rounding(m: Any, z: Any, x: Any) -> Any:
    """Return that to the second order: below the rank n - 1 all cofactors are 0, and the value's rounding is not."""
    cofactors = m.abs(m.cofactors(x)) + _spacing(m, x) * _cofactors_rounding(m, z, x)
    return 2 * m.sum_along(_columns(m, x) * cofactors, axis=LAST_TWO) + m.abs(z)


def _spacing(m: Any, x: Any) -> Any:
    """Return the distance of 1 to the next number of the kind in x: what the rounding of 4/3 leaves; 0 of fractions."""
    return m.abs((m.ones(x) * 4 / 3 - 1) * 3 - 1)


def _log_determinant_rounding(m: Any, z: Any, x: Any) -> Any:
    return 2 * m.sum_along(_columns(m, x) * m.abs(m.inv(x)).T) + m.abs(z) + 1


def _cofactors_rounding(m: Any, _z: Any, x: Any) -> Any:
    """Return that of products of the lengths of all rows but one."""
    lengths = m.norm(x, axis=-1, keepdims=True)
    return m.broadcast_like(4 * m.count_along(x, axis=-1) ** 2 * m.other_products(lengths, axis=-2), x)


def _cofactors_back(m: Any, g: Any, z: Any, x: Any) -> Any:
    total = m.spread_like(m.sum_along(g * z, axis=LAST_TWO), x, axis=LAST_TWO, keepdims=False)
    return (total * z - m.matmul_left(z, z, g) @ z) / m.spread_like(m.det(x), x, axis=LAST_TWO, keepdims=False)


def _cholesky_back(m: Any, g: Any, z: Any, _x: Any) -> Any:
    inner = z.T @ g
    half = (m.tril(inner, k=0) + m.tril(inner, k=-1)) / 2
    outer = m.solve(z.T, m.solve(z.T, half).T)
    return (outer + outer.T) / 2


def _cholesky_rounding(m: Any, z: Any, _x: Any) -> Any:
    size, back = m.abs(z), m.abs(m.inv(z))
    return 4 * m.count_along(z, axis=-1) * (size @ (back @ (size @ size.T) @ back.T))


# fmt: off
CONTRACTIONS: Final = (
    ArrayOp("einsum", lambda m, *xs, subscripts: m.einsum(*xs, subscripts=subscripts), variadic=True,
        vjp=(_einsum_back,),
        shape=contracted, options={"subscripts": ""}, rounding=_einsum_rounding, witness=witnesses.einsum,
        roles=("1st", "2nd"), about='products summed over the letters that "ij,jk->ik" has before the arrow alone'),
    ArrayOp("vdot", lambda m, x, y: m.sum_along(x * y), vjp=(lambda m, g, z, x, y: g * y, lambda m, g, z, x, y: g * x),
        shape=averaged, opened=lambda m, x, y: m.sum_along(x * y),
        rounding=lambda m, z, x, y: 2 * m.sqrt(m.count_along(x * y)) * m.sum_along(m.abs(x * y)),
        witness=witnesses.vdot, roles=("left", "right"), about="sum of the products of all entries: sum(x*y)"),
    ArrayOp("cross",
        lambda m, x, y: m.roll(x, shift=-1, axis=-1) * m.roll(y, shift=-2, axis=-1)
                        - m.roll(x, shift=-2, axis=-1) * m.roll(y, shift=-1, axis=-1),
        vjp=(lambda m, g, z, x, y: m.cross(y, g), lambda m, g, z, x, y: m.cross(g, x)),
        shape=crossed_vectors, glyph="×", tex=r"\operatorname{cross}",
        rounding=lambda m, z, x, y: 2 * (m.roll(m.abs(x), shift=-1, axis=-1) * m.roll(m.abs(y), shift=-2, axis=-1)
                                         + m.roll(m.abs(x), shift=-2, axis=-1) * m.roll(m.abs(y), shift=-1, axis=-1)),
        witness=witnesses.cross, roles=("left", "right"), about="cross product of vectors of three entries"),
    ArrayOp("trace", lambda m, x: m.sum_along(x * m.eye(x), axis=LAST_TWO, keepdims=False),
        vjp=(lambda m, g, z, x: m.spread_like(g, x, axis=LAST_TWO, keepdims=False) * m.eye(x),),
        shape=square_total, tex=r"\operatorname{tr}",
        rounding=lambda m, z, x:
             m.sqrt(m.count_along(x, axis=-1)) * m.sum_along(m.abs(x) * m.eye(x), axis=LAST_TWO, keepdims=False),
        witness=witnesses.trace, about="sum of the diagonal of a square matrix"),
)

TRIANGLES: Final = (
    ArrayOp("diag", lambda m, x: m.diag(x), vjp=(lambda m, g, z, x: m.diag(g),),
        shape=diagonal, rounding=0, witness=witnesses.diag,
        about="matrix with this diagonal; of a square matrix, the diagonal"),
    ArrayOp("tril", lambda m, x, *, k: m.tril(x, k=k), vjp=(lambda m, g, z, x, *, k: m.tril(g, k=k),),
        shape=triangular, options={"k": 0}, rounding=0, witness=witnesses.tril,
        about="lower triangle, up to the k-th diagonal above the main one; 0 elsewhere"),
    ArrayOp("triu", lambda m, x, *, k: m.triu(x, k=k), vjp=(lambda m, g, z, x, *, k: m.triu(g, k=k),),
        shape=triangular, options={"k": 0}, rounding=0, witness=witnesses.triu,
        about="upper triangle, from the k-th diagonal above the main one on; 0 elsewhere"),
    ArrayOp("eye", lambda m, x: m.eye(x), vjp=(nothing,),
        shape=square, rounding=0, witness=witnesses.eye, glyph="I",
        about="identity matrix in the shape of x"),
    ArrayOp("ones", lambda m, x: m.ones(x), vjp=(nothing,),
        shape=like_first, rounding=0, witness=witnesses.ones, glyph="1",
        about="1 in each entry, in the shape of x"),
)

INVERSES: Final = (
    ArrayOp("det", lambda m, x: m.det(x),
        vjp=(lambda m, g, z, x: m.spread_like(g, x, axis=LAST_TWO, keepdims=False) * m.cofactors(x),),
        shape=square_total, tex=r"\det", rounding=_determinant_rounding, witness=witnesses.det,
        about="determinant of a square matrix"),
    ArrayOp("cofactors", lambda m, x: m.cofactors(x), vjp=(_cofactors_back,),
        shape=square, tex=r"\operatorname{cof}", rounding=_cofactors_rounding, witness=witnesses.cofactors,
        kink=Kink(lambda m, x: m.eq(m.det(x), 0), "of a singular matrix the derivative is not computed"),
        about="matrix of cofactors, det(x)*inv(x).T, also of a singular matrix"),
    ArrayOp("logdet", lambda m, x: m.logdet(x), vjp=(lambda m, g, z, x: g * m.inv(x).T,),
        shape=single_total, rounding=_log_determinant_rounding, witness=witnesses.logdet,
        opened=lambda m, x: m.log(m.abs(m.det(x))),
        about="logarithm of the size of a determinant, which may be beyond the floats itself"),
    ArrayOp("inv", lambda m, x: m.inv(x),
        vjp=(lambda m, g, z, x: -m.matmul_left(m.matmul_right(g, z, z), z, z),),
        shape=inverted, tex=r"\operatorname{inv}", glyph="x⁻¹", rounding=_inverse_rounding, witness=witnesses.inv,
        about="inverse of a square matrix"),
    ArrayOp("solve", lambda m, a, b: m.solve(a, b),
        vjp=(lambda m, g, z, a, b: -m.matmul_left(m.solve(a.T, g), a, z), lambda m, g, z, a, b: m.solve(a.T, g)),
        shape=solved, rounding=_solve_rounding, witness=witnesses.solve,
        roles=("matrix", "right side"), about="the z for which x @ z is y"),
    ArrayOp("cholesky", lambda m, x: m.cholesky(x), vjp=(_cholesky_back,),
        shape=single_square, on=(Definite(),), rounding=_cholesky_rounding, witness=witnesses.cholesky,
        about="lower triangular z for which z @ z.T is the symmetric part (x + x.T)/2"),
)
# fmt: on

FAMILIES: Final = {
    "Contractions": CONTRACTIONS,
    "Triangles and diagonals": TRIANGLES,
    "Determinants, inverses, factors": INVERSES,
}
