"""Compute linear algebra: in LAPACK for float64, by elimination for arrays of any other number.

No matrix that is singular in the numbers it is given in gets an inverse: a `ValueError` says so. For floats it is one
whose inverse has no digit that is right, by R. Skeel's condition number (J. ACM 26, 1979) of the matrix or of its
transpose, which no scaling of rows or columns changes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.matrix_shapes import subscripts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.targets import Spellings

__all__ = ["IN_LAPACK", "MATRICES"]

EPSILON: Final = 2.0**-52
"""The distance from 1 to the next float."""

EXPANDED: Final = 3
"""The size up to which a determinant is written out."""

SINGULAR: Final = "not defined: the matrix is singular"
INDEFINITE: Final = "not defined: the matrix is not positive definite"


# ---- contractions


def _einsum(m: Any, *xs: Any, subscripts: str = "") -> Any:
    """Return an einsum; a letter that stands twice in the result puts the entries on a diagonal."""
    inputs, output = subscripts_of(subscripts, len(xs))
    distinct = "".join(dict.fromkeys(output))
    optimize = len(xs) > 1 and all(m.np.asarray(x).dtype != object for x in xs)
    z = m.np.einsum(f"{','.join(inputs)}->{distinct}", *xs, optimize=optimize)
    if distinct == output:
        return z
    sizes = m.np.shape(z)
    whole = m.np.zeros([sizes[distinct.index(letter)] for letter in output], dtype=m.np.asarray(z).dtype)
    places = m.np.indices(sizes)
    whole[tuple(places[distinct.index(letter)] for letter in output)] = z
    return whole


# ---- triangles and diagonals


def _one(m: Any) -> Any:
    return m.const(Fraction(1))


def _eye(m: Any, x: Any) -> Any:
    shape = m.np.shape(x)
    return m.np.broadcast_to(m.np.where(m.np.eye(shape[-1], dtype=bool), _one(m), m.const(Fraction(0))), shape)


def _triangle(m: Any, x: Any, *, lower: bool, k: int) -> Any:
    rows, columns = m.np.indices(m.np.shape(x)[-2:])
    kept = columns - rows <= k if lower else columns - rows >= k
    return m.np.where(kept, x, m.const(Fraction(0)))


# ---- elimination


def _of_each(m: Any, f: Callable[..., Any], x: Any) -> Any:
    """Return what f makes of each matrix of a stack of matrices of objects."""
    shape = m.np.shape(x)
    if len(shape) == len("ij"):
        return f(m, x)
    results = [m.np.asarray(f(m, x[place]), dtype=object) for place in m.np.ndindex(shape[:-2])]
    return m.np.array(results, dtype=object).reshape(*shape[:-2], *results[0].shape)


def _pivot(rows: Any, k: int) -> int | None:
    """Return the row whose entry in column k is the largest; where they have no order, one that is not 0."""
    there = [i for i in range(k, len(rows)) if bool(rows[i, k] != 0)]
    try:
        return max(there, key=lambda i: abs(rows[i, k]), default=None)
    except TypeError:
        return there[0]


def _eliminated(m: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """Return the determinant of a, and a⁻¹ @ b; None where a is singular."""
    rows, size, determinant = m.np.concatenate([a, b], axis=1).astype(object), len(a), _one(m)
    for k in range(size):
        pivot = _pivot(rows, k)
        if pivot is None:
            return m.const(Fraction(0)), None
        if pivot != k:
            rows[[k, pivot]] = rows[[pivot, k]]
            determinant = -determinant
        determinant = determinant * rows[k, k]
        for i in range(k + 1, size):
            rows[i, k + 1 :] = rows[i, k + 1 :] - rows[i, k] / rows[k, k] * rows[k, k + 1 :]
    solution = rows[:, size:]
    for k in reversed(range(size)):
        for i in range(k + 1, size):
            solution[k] = solution[k] - rows[k, i] * solution[i]
        solution[k] = solution[k] / rows[k, k]
    return determinant, solution


def _det(m: Any, x: Any) -> Any:
    if len(x) > EXPANDED:
        return _eliminated(m, x, x[:, :0])[0]
    if len(x) == 1:
        return x[0, 0]
    return sum((-1) ** j * x[0, j] * _det(m, _minor(m, x, 0, j)) for j in range(len(x)))


def _log_of_size(m: Any, x: Any) -> Any:
    determinant = _det(m, x)
    if bool(determinant == 0):
        raise ValueError(SINGULAR)
    return m.operations.log(m.operations.abs(determinant))


def _minor(m: Any, x: Any, i: int, j: int) -> Any:
    return m.np.delete(m.np.delete(x, i, axis=0), j, axis=1)


def _cofactors(m: Any, x: Any) -> Any:
    z = m.np.empty(m.np.shape(x), dtype=object)
    for i, j in m.np.ndindex(m.np.shape(x)):
        z[i, j] = (-1) ** (i + j) * _det(m, _minor(m, x, i, j)) if len(x) > 1 else _one(m)
    return z


def _inverse(m: Any, x: Any) -> Any:
    if len(x) > EXPANDED:
        _, inverse = _eliminated(m, x, _eye(m, x))
        return _regular(x, inverse)
    determinant = _det(m, x)
    return _regular(x, _cofactors(m, x).T / determinant if determinant != 0 else None)


def _regular(x: Any, inverse: Any) -> Any:
    """Return an inverse; raise `ValueError` where there is none, or none with a right digit."""
    if inverse is None or not len(x):
        raise ValueError(SINGULAR)
    entry, sizes = x.flat[0], abs(inverse)
    unit = EPSILON if isinstance(entry, float) else getattr(getattr(entry, "context", None), "eps", None)
    if unit is not None and all(
        bool((product.sum(axis=-1) * unit >= 1).any()) for product in (sizes @ abs(x), abs(x) @ sizes)
    ):
        raise ValueError(SINGULAR)
    return inverse


def _solution(m: Any, a: Any, b: Any) -> Any:
    if len(a) <= EXPANDED:
        return _inverse(m, a) @ b
    columns = b if m.np.ndim(b) > 1 else b[:, None]
    _, both = _eliminated(m, a, m.np.concatenate([columns, _eye(m, a)], axis=1))
    _regular(a, None if both is None else both[:, columns.shape[1] :])
    return both[:, : columns.shape[1]].reshape(m.np.shape(b))


def _factor(m: Any, x: Any) -> Any:
    """Return the Cholesky factor of the symmetric part."""
    half, z = (x + x.T) / m.const(Fraction(2)), m.np.full(m.np.shape(x), m.const(Fraction(0)), dtype=object)
    for j in range(len(z)):
        square = half[j, j] - sum(z[j, k] ** 2 for k in range(j))
        if (square <= 0) == True:  # noqa: E712  a relation of symbols is neither true nor false
            raise ValueError(INDEFINITE)
        z[j, j] = m.operations.sqrt(square)
        for i in range(j + 1, len(z)):
            z[i, j] = (half[i, j] - sum(z[i, k] * z[j, k] for k in range(j))) / z[j, j]
    return z


MATRICES: Final[Spellings] = {
    "einsum": _einsum,
    "diag": lambda m, x: m.np.diag(x),
    "tril": lambda m, x, *, k=0: _triangle(m, x, lower=True, k=k),
    "triu": lambda m, x, *, k=0: _triangle(m, x, lower=False, k=k),
    "eye": _eye,
    "ones": lambda m, x: m.np.full(m.np.shape(x), _one(m))[()],
    "det": lambda m, x: _of_each(m, _det, x)[()] if m.np.ndim(x) > len("ij") else _det(m, x),
    "cofactors": lambda m, x: _of_each(m, _cofactors, x),
    "logdet": _log_of_size,
    "inv": lambda m, x: _of_each(m, _inverse, x),
    "solve": _solution,
    "cholesky": _factor,
}
"""How matrices of any numbers are computed."""


# ---- float64


def _solved(m: Any, a: Any, b: Any) -> Any:
    """Return a⁻¹ @ b and a⁻¹; raise `ValueError` where a is singular in floats."""
    a, unit = m.np.asarray(a), m.np.eye(m.np.shape(a)[-1])
    both = m.np.linalg.solve(a, unit if b is None else m.np.concatenate([b, unit], axis=1))
    inverse = both if b is None else both[:, b.shape[1] :]
    sizes, own = m.np.abs(inverse), m.np.abs(a)
    conditions = [product.sum(axis=-1).max(axis=-1, initial=0.0) for product in (sizes @ own, own @ sizes)]
    if not bool((m.np.minimum(*conditions) * EPSILON < 1).all()):
        raise ValueError(SINGULAR)
    return both


def _inverse_in_floats(m: Any, x: Any) -> Any:
    return _solved(m, x, None)


def _solution_in_floats(m: Any, a: Any, b: Any) -> Any:
    columns = b if m.np.ndim(b) > 1 else b[:, None]
    return m.np.reshape(_solved(m, a, columns)[:, : columns.shape[1]], m.np.shape(b))


def _det_in_floats(m: Any, x: Any) -> Any:
    """Return a product of pivots: `numpy.linalg.det` takes it by logarithms, which costs digits."""
    if m.np.shape(x)[-1] == 1:
        return x[..., 0, 0]
    if m.np.shape(x)[-1] == len("ij"):
        return x[..., 0, 0] * x[..., 1, 1] - x[..., 0, 1] * x[..., 1, 0]
    turned, triangle = m.np.linalg.qr(x)
    return m.np.rint(m.np.linalg.det(turned)) * m.np.diagonal(triangle, axis1=-2, axis2=-1).prod(axis=-1)


def _without_each(m: Any, values: Any) -> Any:
    """Return the product of the other values for each, along the last axis."""
    return m.np.where(m.np.eye(m.np.shape(values)[-1], dtype=bool), 1.0, values[..., None, :]).prod(axis=-1)


def _cofactors_in_floats(m: Any, x: Any) -> Any:
    """Return cofactors by singular values: each product leaves one out, so that a singular matrix has them, too.

    The rows are brought to one length before.
    """
    if m.np.shape(x)[-1] <= EXPANDED:
        return m.np.asarray(_of_each(m, _cofactors, x), dtype=float)
    lengths = m.np.sqrt((x**2).sum(axis=-1))
    lengths = m.np.where(lengths > 0, lengths, 1.0)
    left, values, right = m.np.linalg.svd(x / lengths[..., None])
    sign = m.np.rint(m.np.linalg.det(left) * m.np.linalg.det(right))
    unit = (left * _without_each(m, values)[..., None, :]) @ right
    return sign[..., None, None] * unit * _without_each(m, lengths)[..., None]


def _log_determinant(m: Any, x: Any) -> Any:
    sign, size = m.np.linalg.slogdet(x)
    if sign == 0:
        raise ValueError(SINGULAR)
    return size


IN_LAPACK: Final[Spellings] = {
    "det": _det_in_floats,
    "cofactors": _cofactors_in_floats,
    "logdet": _log_determinant,
    "inv": _inverse_in_floats,
    "solve": _solution_in_floats,
    "cholesky": lambda m, x: m.np.linalg.cholesky((x + x.T) / 2),
}
"""How NumPy computes with float64."""
