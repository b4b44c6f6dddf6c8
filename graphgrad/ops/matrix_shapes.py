"""Compute the shapes of what linear algebra gives, and read the subscripts of `einsum`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.ops.shapes import MisfitError, axes_of, broadcast, shape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.shapes import Shape

__all__ = [
    "accumulated",
    "contracted",
    "crossed_vectors",
    "deviated",
    "diagonal",
    "inverted",
    "like_first",
    "only_axis",
    "single_square",
    "single_total",
    "solved",
    "square",
    "square_total",
    "subscripts_of",
    "triangular",
]

MATRIX: Final = 2
"""The number of a matrix's axes."""

SPACE: Final = 3
"""The number of a vector's entries that has a cross product."""


def like_first(x: Shape, *_others: Shape, **_params: object) -> Shape:
    """Return the first operand's shape."""
    return x


def square(x: Shape) -> Shape:
    """Return the shape of a square matrix, or of a stack of them."""
    if len(x) < MATRIX or x[-1] != x[-2]:
        raise MisfitError("it must be a square matrix")
    return x


def single_square(x: Shape) -> Shape:
    """Return the shape of one square matrix."""
    if len(x) != MATRIX:
        raise MisfitError("it must be a square matrix")
    return square(x)


def square_total(x: Shape) -> Shape:
    """Return the shape of a number for each square matrix of a stack.

    >>> square_total((3, 3)), square_total((5, 3, 3))
    ((), (5,))
    """
    return square(x)[:-2]


def inverted(x: Shape) -> Shape:
    """Return the shape of the inverse of a square matrix, or of each of a stack of them."""
    return square(x)


def single_total(x: Shape) -> Shape:
    """Return the shape of a number, after checking that the operand is one square matrix."""
    single_square(x)
    return ()


def triangular(x: Shape, *, k: int = 0) -> Shape:
    """Return the shape of a matrix or a stack of them, of which a triangle is kept."""
    del k
    if len(x) < MATRIX:
        raise MisfitError("it must be a matrix")
    return x


def diagonal(x: Shape) -> Shape:
    """Return the shape of a matrix with this diagonal, or of a square matrix's diagonal.

    >>> diagonal((3,)), diagonal((3, 3))
    ((3, 3), (3,))
    """
    if len(x) == 1:
        return (*x, *x)
    return single_square(x)[:1]


def solved(a: Shape, b: Shape) -> Shape:
    """Return the shape of z in a @ z = b."""
    single_square(a)
    if not 1 <= len(b) <= MATRIX:
        raise MisfitError("the right side must be a vector or a matrix")
    if b[0] != a[0]:
        raise MisfitError(f"{a[0]} ≠ {b[0]}")
    return b


def crossed_vectors(x: Shape, y: Shape) -> Shape:
    """Return the shape of cross products of vectors of three entries."""
    if not x or not y or x[-1] != SPACE or y[-1] != SPACE:
        raise MisfitError("a cross product is of vectors of three entries, along the last axis")
    return broadcast(x, y)


def accumulated(x: Shape, *, axis: int | Shape | None = None) -> Shape:
    """Return the shape of running totals: the operand's, or that of the list of its entries.

    >>> accumulated((2, 3), axis=1), accumulated((2, 3))
    ((2, 3), (6,))
    """
    if axis is None:
        total = 1
        for size in x:
            total *= size
        return (total,)
    only_axis(axes_of(axis, len(x)))
    return x


def only_axis(axes: Sequence[int]) -> int:
    """Return the only one of some axes. Raises `MisfitError` where there are several, or none.

    >>> only_axis((1,))
    1
    """
    if len(axes) != 1:
        raise MisfitError("it runs along one axis")
    return axes[0]


def deviated(x: Shape, *, axis: int | Shape | None = None, ddof: int = 0, keepdims: bool = False) -> Shape:
    """Return the shape of a variance along axes, of more entries than `ddof`."""
    axes = axes_of(axis, len(x))
    count = 1
    for i in axes:
        count *= x[i]
    if count <= ddof:
        raise MisfitError(f"{count} entries are too few for ddof={ddof}")
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(x))
    return tuple(size for i, size in enumerate(x) if i not in axes)


@lru_cache(maxsize=1024)
def subscripts_of(subscripts: str, count: int) -> tuple[tuple[str, ...], str]:
    """Return the letters of each operand of `einsum` and of its value; without `->`, those that stand once, sorted.

    >>> subscripts_of("ij,jk->ik", 2), subscripts_of("ij,jk", 2)
    ((('ij', 'jk'), 'ik'), (('ij', 'jk'), 'ik'))
    """
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    inputs = tuple(left.split(","))
    letters = "".join(inputs)
    if not left or not all(part.isalpha() or not part for part in (*inputs, right)):
        raise MisfitError('its subscripts are letters: einsum("ij,jk->ik", x, y)')
    if len(inputs) != count:
        raise MisfitError(f"the subscripts {subscripts} are of {len(inputs)}, and given are {count}")
    if not arrow:
        right = "".join(sorted(letter for letter in {*letters} if letters.count(letter) == 1))
    missing = [letter for letter in right if letter not in letters]
    if missing:
        raise MisfitError(f"the letter {missing[0]} of the result is in no operand")
    return inputs, right


def contracted(*shapes: Shape, subscripts: str) -> Shape:
    """Return the shape of an `einsum`.

    >>> contracted((2, 3), (3, 4), subscripts="ij,jk->ki")
    (4, 2)
    """
    inputs, output = subscripts_of(subscripts, len(shapes))
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        _sized(sizes, letters, shape)
    return tuple(sizes[letter] for letter in output)


def _sized(sizes: dict[str, int], letters: Sequence[str], shape: Shape) -> None:
    if len(letters) != len(shape):
        raise MisfitError(f"{letters} names {len(letters)} axes of {shape_text(shape)}")
    for letter, size in zip(letters, shape, strict=True):
        if sizes.setdefault(letter, size) != size:
            raise MisfitError(f"the letter {letter} is {sizes[letter]} and {size}")
