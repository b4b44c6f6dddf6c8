"""Pick entries of arrays, and the row that speaks for all of them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.passes import rational
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.check.report import Row

__all__ = ["entry", "number", "places", "sample", "unit_at", "worst"]

SAMPLE: Final = 4
"""The number of an array's entries, spread evenly, that are compared one by one."""

ORDER: Final = ("failed", "rounding", "ok", "not attempted")
"""The statuses of rows, the one that speaks for the others first."""


def places(value: Any) -> list[tuple[int, ...]]:
    """Return the indices of all entries.

    >>> places(1.5)
    [()]
    """
    return list(product(*map(range, shape_of(value))))


def sample(value: Any) -> list[tuple[int, ...]]:
    """Return the indices of some entries, spread evenly over an array."""
    every = places(value)
    return every[:: max(1, len(every) // SAMPLE)][: SAMPLE + 1]


def entry(value: Any, place: tuple[int, ...]) -> Any:
    """Return the entry of an operand that broadcasting brings to a place of the result.

    >>> import numpy as np
    >>> int(entry(np.array([[10], [20]]), (1, 2)))
    20
    """
    shape = shape_of(value)
    own = place[len(place) - len(shape) :] if shape else ()
    return value[tuple(i if size > 1 else 0 for i, size in zip(own, shape, strict=True))] if shape else value


def number(x: Any) -> Any:
    """Return an entry as a fraction, or as a float if it is one."""
    x = rational(x)
    return x if kind_of(x).exact else float(x)


def unit_at(value: Any, place: tuple[int, ...]) -> Any:
    """Return an array like this one with 1 in one place and 0 elsewhere; the number 1 for a number.

    >>> import numpy as np
    >>> unit_at(np.array([3.0, 4.0]), (1,)).tolist(), unit_at(3.0, ())
    ([0.0, 1.0], 1.0)
    """
    if not place:
        return value * 0 + 1
    unit = value * 0
    unit[place] += 1
    return unit


def worst(rows: Sequence[Row]) -> Row:
    """Return the first failure, else the row with the largest relative error, of the first status in `ORDER`."""
    status = min((row.status for row in rows), key=ORDER.index)
    same = [row for row in rows if row.status == status]
    return same[0] if status == ORDER[0] else max(same, key=lambda row: row.relative)
