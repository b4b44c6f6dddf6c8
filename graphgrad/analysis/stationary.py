"""Tell a minimum from a saddle point: follow the directions in which the output bends, and see whether it falls.

An optimiser stops where the gradient is 0, which it is at saddle points and maxima, too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Around", "kind_of_point"]

MAX_BENDS: Final = 60
"""The most inputs for which second derivatives are estimated; with more, the directions are those of the inputs."""

MAX_INPUTS: Final = 2_000
"""The most inputs along which the output is followed."""

STEP: Final = 1e-4
"""The step of the differences of gradients, relative to the size of an input."""

DISTANCES: Final = (1e-2, 1e-3)
"""The distances at which the output has to be lower than at the point, relative to the size of the inputs."""

ULPS: Final = 64
"""The rounding of a difference of values, in units in the last place."""


class Around(NamedTuple):
    """A point, the function there, and how it may be left.

    `evaluate` returns the value and the gradient, None where there is none; `sizes` are typical sizes of the inputs;
    `free` are those inside their bounds.
    """

    x: Sequence[float]
    value: float
    grad: Sequence[float]
    evaluate: Callable[[Sequence[float]], tuple[float, Sequence[float]] | None]
    sizes: Sequence[float]
    free: Sequence[int]
    inside: Callable[[Sequence[float]], bool]

    def moved(self, direction: dict[int, float], distance: float) -> list[float]:
        """Return the point some way along a direction, in units of the inputs' sizes."""
        return [x + distance * self.sizes[i] * direction.get(i, 0.0) for i, x in enumerate(self.x)]


def kind_of_point(around: Around, eigenvectors: Callable[[list[list[float]]], list[list[float]]]) -> str:
    """Return "minimum", "saddle point" or "maximum" for a point where an optimiser stopped.

    `eigenvectors` returns those of a symmetric matrix.
    """
    if len(around.free) > MAX_INPUTS:
        return "minimum"
    falls, rises = set[int](), set[int]()
    for number, direction in enumerate(_directions(around, eigenvectors)):
        for sign in (1.0, -1.0):
            changes = [_change(around, direction, sign * distance) for distance in DISTANCES]
            if all(change < 0 for change in changes):
                falls.add(number)
            elif all(change > 0 for change in changes):
                rises.add(number)
    if not falls:
        return "minimum"
    return "saddle point" if rises else "maximum"


def _directions(
    around: Around, eigenvectors: Callable[[list[list[float]]], list[list[float]]]
) -> Iterator[dict[int, float]]:
    """Yield the eigenvectors of the second derivatives, or the inputs' own directions where these are not known."""
    bends = _bends(around) if len(around.free) <= MAX_BENDS else None
    if bends:
        yield from (dict(zip(around.free, vector, strict=True)) for vector in eigenvectors(bends))
    else:
        yield from ({i: 1.0} for i in around.free)


def _bends(around: Around) -> list[list[float]] | None:
    """Return the second derivatives in units of the inputs' sizes; None where the gradient is not known nearby."""
    rows = []
    for i in around.free:
        sides = [around.evaluate(around.moved({i: 1.0}, step)) for step in (STEP, -STEP)]
        if sides[0] is None or sides[1] is None:
            return None
        rows.append([(sides[0][1][j] - sides[1][1][j]) * around.sizes[j] / (2 * STEP) for j in around.free])
    columns = zip(*rows, strict=True)
    both = [[(a + b) / 2 for a, b in zip(row, column, strict=True)] for row, column in zip(rows, columns, strict=True)]
    return both if all(math.isfinite(bend) for row in both for bend in row) else None


def _change(around: Around, direction: dict[int, float], distance: float) -> float:
    """Return how the output changes, beyond what the gradient and rounding explain; 0 where it has no value there."""
    point = around.moved(direction, distance)
    evaluated: Any = around.evaluate(point) if around.inside(point) else None
    if evaluated is None:
        return 0.0
    change = evaluated[0] - around.value
    slope = sum(around.grad[i] * around.sizes[i] * v for i, v in direction.items())
    explained = 2 * abs(slope * distance) + ULPS * math.ulp(max(abs(around.value), abs(evaluated[0])))
    return math.copysign(max(abs(change) - explained, 0.0), change)
