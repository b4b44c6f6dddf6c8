"""Define linear algebra a second time, of NumPy, mpmath's own matrices and arrays of objects."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from graphgrad.ops.array_witnesses import filled

__all__ = [
    "cholesky",
    "cofactors",
    "cross",
    "det",
    "diag",
    "einsum",
    "eye",
    "inv",
    "logdet",
    "ones",
    "solve",
    "trace",
    "tril",
    "triu",
    "vdot",
]


def einsum(np: Any, mp: Any, *xs: Any, subscripts: str) -> Any:
    """Return the products of entries, summed letter by letter."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    letters = sorted({*left} - {","})
    if not arrow:
        output = "".join(letter for letter in letters if left.count(letter) == 1)
    sizes = {letter: n for names, x in zip(inputs, xs, strict=True) for letter, n in zip(names, x.shape, strict=True)}
    z = np.zeros([sizes[letter] for letter in output], dtype=object) + mp.mpf(0)
    z = np.asarray(z, dtype=object)
    for numbers in product(*(range(sizes[letter]) for letter in letters)):
        at = dict(zip(letters, numbers, strict=True))
        factors = [x[tuple(at[letter] for letter in names)] for names, x in zip(inputs, xs, strict=True)]
        z[tuple(at[letter] for letter in output)] += prod(factors)
    return z


def vdot(np: Any, mp: Any, x: Any, y: Any) -> Any:
    """Return the sum of all products."""
    return mp.fsum(a * b for a, b in np.broadcast(x, y))


def cross(np: Any, _mp: Any, x: Any, y: Any) -> Any:
    """Return the three minors of each pair of vectors."""
    a, b, c = np.moveaxis(x, -1, 0)
    d, e, f = np.moveaxis(y, -1, 0)
    return np.stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=-1)


def trace(np: Any, _mp: Any, x: Any) -> Any:
    """Return the sums of the diagonals."""
    return sum((x[..., i, i] for i in range(x.shape[-1])), start=np.zeros(x.shape[:-2], dtype=object))


def diag(np: Any, _mp: Any, x: Any) -> Any:
    """Return the diagonal, or a matrix of it."""
    if x.ndim > 1:
        return filled(np, (x[i, i] for i in range(len(x))), x.shape[:1])
    return filled(np, (x[i] if i == j else 0 for i in range(x.size) for j in range(x.size)), (x.size, x.size))


def tril(np: Any, _mp: Any, x: Any, *, k: int) -> Any:
    """Return the entries whose column is at most k beyond their row."""
    return filled(np, (x[place] if place[-1] - place[-2] <= k else 0 for place in np.ndindex(x.shape)), x.shape)


def triu(np: Any, _mp: Any, x: Any, *, k: int) -> Any:
    """Return the entries whose column is at least k beyond their row."""
    return filled(np, (x[place] if place[-1] - place[-2] >= k else 0 for place in np.ndindex(x.shape)), x.shape)


def eye(np: Any, _mp: Any, x: Any) -> Any:
    """Return 1 where row and column are the same."""
    return filled(np, (int(place[-1] == place[-2]) for place in np.ndindex(x.shape)), x.shape)


def ones(np: Any, _mp: Any, x: Any) -> Any:
    """Return 1 everywhere."""
    return filled(np, (1 for _ in range(x.size)), x.shape)


def _of_each(np: Any, f: Any, x: Any, shape: tuple[int, ...]) -> Any:
    """Return what f makes of each matrix of a stack: a number, or a list of entries in a shape."""
    results = [f(x[place]) for place in np.ndindex(x.shape[:-2])]
    entries = [entry for each in results for entry in each] if shape else results
    return filled(np, entries, (*x.shape[:-2], *shape))


def det(np: Any, mp: Any, x: Any) -> Any:
    """Return mpmath's determinants."""
    return _of_each(np, lambda each: mp.det(mp.matrix(each.tolist())), x, ())


def _cofactors(np: Any, mp: Any, x: Any) -> list[Any]:
    def minor(i: int, j: int) -> Any:
        rest = np.delete(np.delete(x, i, axis=0), j, axis=1)
        return (-1) ** (i + j) * (mp.det(mp.matrix(rest.tolist())) if rest.size else mp.mpf(1))

    return [minor(i, j) for i, j in np.ndindex(x.shape)]


def cofactors(np: Any, mp: Any, x: Any) -> Any:
    """Return the determinants without a row and a column, with signs as on a chessboard."""
    return _of_each(np, lambda each: _cofactors(np, mp, each), x, x.shape[-2:])


def logdet(_np: Any, mp: Any, x: Any) -> Any:
    """Return the logarithm of the determinant's size."""
    return mp.log(abs(mp.det(mp.matrix(x.tolist()))))


def inv(np: Any, mp: Any, x: Any) -> Any:
    """Return mpmath's inverses."""
    return _of_each(np, lambda each: [*mp.inverse(mp.matrix(each.tolist()))], x, x.shape[-2:])


def solve(np: Any, mp: Any, a: Any, b: Any) -> Any:
    """Return mpmath's solution for each column."""
    columns = b.T if b.ndim > 1 else [b]
    solved = [[*mp.lu_solve(mp.matrix(a.tolist()), mp.matrix(column.tolist()))] for column in columns]
    return filled(np, (entry for column in solved for entry in column), b.T.shape).T


def cholesky(np: Any, mp: Any, x: Any) -> Any:
    """Return mpmath's factor of the symmetric part."""
    return filled(np, mp.cholesky(mp.matrix(((x + x.T) / mp.mpf(2)).tolist())), x.shape)
