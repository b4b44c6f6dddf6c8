"""Define the domains of operands that are matrices with a property, or positions in an array."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Definite", "Places"]


class Definite:
    """The positive definite matrices: the domain of a Cholesky factor's operand.

    >>> [*map(int, Definite().entries(4, 0))], [*map(int, Definite().entries(4, 1))]
    ([7, 3, 3, 8], [8, -3, -3, 9])
    """

    __slots__ = ()

    low: ClassVar = 0.0
    high: ClassVar = float("inf")

    def entries(self, count: int, k: int) -> tuple[Fraction, ...]:
        """Return the entries of the k-th matrix to probe: its diagonal outweighs its other entries, of either sign."""
        size = isqrt(count - 1) + 1 if count else 0
        places = ((i, j) for i in range(size) for j in range(size))
        entries = (Fraction(3 * size + 1 + i + k if i == j else 3 * (-1) ** k) for i, j in places)
        return tuple(entries)[:count]

    def probes(self, count: int) -> tuple[float, ...]:
        """Return the entries of one such matrix."""
        return tuple(map(float, self.entries(count, 0)))

    def scaled(self, entries: Sequence[Fraction], factor: Fraction) -> tuple[Fraction, ...]:
        """Return the entries of a probe times a factor; a negative one changes the signs beside the diagonal."""
        size = isqrt(len(entries))
        return tuple(x * (abs(factor) if i % (size + 1) == 0 else factor) for i, x in enumerate(entries))

    def __str__(self) -> str:
        """In words."""
        return "positive definite matrices"


class Places:
    """The positions along an axis: the domain of an operand that chooses entries, by which there is no derivative.

    >>> Places().entries(3, 0)
    (Fraction(0, 1), Fraction(1, 1), Fraction(0, 1))
    """

    __slots__ = ()

    low: ClassVar = 0.0
    high: ClassVar = float("inf")

    def entries(self, count: int, k: int) -> tuple[Fraction, ...]:
        """Return positions that an axis of two entries has."""
        return tuple(Fraction((i + k) % 2) for i in range(count))

    def probes(self, count: int) -> tuple[float, ...]:
        """Return positions that an axis of two entries has."""
        return tuple(map(float, self.entries(count, 0)))

    def __str__(self) -> str:
        """In words."""
        return "positions, counted from 0"
