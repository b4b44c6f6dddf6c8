"""Compute the curves that lines are made of: cubic Bézier pieces that begin and end level, or meet a box's outline."""

from __future__ import annotations

from math import atan2, cos, hypot, sin
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Path, Point
    from graphgrad.draw.layout.sizes import Size

__all__ = ["angle_to", "bend", "landing", "point", "samples", "swing"]

BEND: Final = 0.4
"""The length of a bend's handles, as a fraction of its length."""

SQUAREST: Final = 0.85
"""The most length of the handles of a level curve, by its width: it then rises almost straight up in its middle."""


def angle_to(start: Point, centre: Point) -> float:
    """Return the angle at which a straight line from a point on the left meets a centre; positive from above.

    >>> angle_to((0, 5), (5, 0)) == -angle_to((0, -5), (5, 0)) > 0
    True
    """
    return atan2(start[1] - centre[1], centre[0] - start[0])


def bend(start: Point, centre: Point, size: Size) -> Path:
    """Return a curve that begins level and meets an ellipse at a right angle, in the direction of its start.

    >>> bend((0, 0), (10, 0), (4, 4))[-1]
    (8.0, 0.0)
    """
    angle = angle_to(start, centre)
    outward = (-cos(angle), sin(angle))
    end = (centre[0] + size[0] / 2 * outward[0], centre[1] + size[1] / 2 * outward[1])
    reach = BEND * hypot(end[0] - start[0], end[1] - start[1])
    return start, (start[0] + reach, start[1]), (end[0] + reach * outward[0], end[1] + reach * outward[1]), end


def landing(start: Point, centre: Point, size: Size, angle: float, track: float = 0.5) -> Path:
    """Return a curve that begins level and meets an ellipse at a right angle, in a given direction.

    It stays to the left of its end. Where it is steep, it rises at a place given as a fraction of its width.

    >>> landing((0, 0), (10, 0), (4, 4), 0.0)[-1]
    (8.0, 0.0)
    """
    outward = (-cos(angle), sin(angle))
    end = (centre[0] + size[0] / 2 * outward[0], centre[1] + size[1] / 2 * outward[1])
    across, rise = end[0] - start[0], end[1] - start[1]
    first, last = _handles(across, rise, track)
    last = min(BEND * hypot(across, rise), last / cos(angle))
    return start, (start[0] + first, start[1]), (end[0] + last * outward[0], end[1] + last * outward[1]), end


def swing(start: Point, end: Point, track: float = 0.5) -> Path:
    """Return a curve that begins and ends level; where it is steep, it rises at a given fraction of its width.

    >>> swing((0, 0), (8, 2))
    ((0, 0), (4.0, 0), (4.0, 2), (8, 2))
    """
    first, last = _handles(end[0] - start[0], end[1] - start[1], track)
    return start, (start[0] + first, start[1]), (end[0] - last, end[1]), end


def _handles(across: float, rise: float, track: float) -> tuple[float, float]:
    """Return the lengths of the handles of a curve: the steeper it is, the longer, up to `SQUAREST` of its width."""
    steep = abs(rise) / across if across > 0 else 0.0
    more = (SQUAREST - 0.5) * min(max(steep - 1, 0.0) / 3, 1.0)
    aside = (track - 0.5) * min(steep, 1.0)
    return across * min(0.5 + more + aside, 1.0), across * min(0.5 + more - aside, 1.0)


def samples(path: Path, count: int) -> Iterator[Point]:
    """Yield points along a line, `count` and one more for each of its pieces.

    >>> [x for x, y in samples(((0, 0), (1, 0), (2, 0), (3, 0)), 3)]
    [0.0, 1.0, 2.0, 3.0]
    """
    for index in range(0, len(path) - 1, 3):
        piece = path[index : index + 4]
        for step in range(count + 1):
            yield point(piece, step / count)


def point(piece: Path, t: float) -> Point:
    """Return a point on a Bézier piece, from its beginning at 0 to its end at 1.

    >>> point(((0, 0), (1, 0), (2, 0), (3, 0)), 0.5)
    (1.5, 0.0)
    """
    (a, b), (c, d), (e, f), (g, h) = piece
    u = 1 - t
    p, q, r, s = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    return p * a + q * c + r * e + s * g, p * b + q * d + r * f + s * h
