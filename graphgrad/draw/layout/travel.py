"""Move a number along its arrow: from the arrow's start to the place of its label, eased."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise
from math import dist
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.layout import before, straight
from graphgrad.draw.layout.text_width import text_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Path, Point
    from graphgrad.draw.layout.strokes import Stroke

__all__ = ["HOLD", "PACE", "TRAVEL", "eased", "journey", "on_the_way"]

PACE: Final = 1.2
"""Seconds of a step."""

TRAVEL: Final = 0.6
"""Seconds of a step in which numbers travel."""

HOLD: Final = 4
"""The number of steps for which the whole picture stays before it plays again."""

SAMPLES: Final = 24
"""The points on each piece of a line at which distances are measured."""


def eased(share: float) -> float:
    """Return how far a traveller is after a share of the time: slow, fast, slow again, a cubic on either side.

    >>> [eased(share) for share in (0, 0.25, 0.5, 0.75, 1)]
    [0.0, 0.0625, 0.5, 0.9375, 1.0]
    """
    return 4.0 * share**3 if share < 0.5 else 1 - (2 - 2 * share) ** 3 / 2  # noqa: PLR2004  the middle


def journey(stroke: Stroke, size: float) -> Path | None:
    """Return the line along which a number travels to its label; None where no number stands beside an arrow's line.

    It runs beside the arrow, as far from it as the label, from where the number of that font size stands clear of the
    box to the label's place.
    """
    if stroke.moving is None or not stroke.labels:
        return None
    label = stroke.labels[stroke.moving]
    _, piece, t = min((dist(point, label.place), i, t) for i, t, point in _samples(stroke.route))
    if not piece and not t:
        return straight(stroke.route[0], label.place)
    followed = (*stroke.route[: 3 * piece], *_part(stroke.route[3 * piece : 3 * piece + 4], t))
    dx, dy = label.place[0] - followed[-1][0], label.place[1] - followed[-1][1]
    beside = tuple((x + dx, y + dy) for x, y in followed)
    clear = text_width(label.text, size) / 2
    start = next((t for i, t, point in _samples(beside) if not i and dist(point, beside[0]) >= clear), 0.0)
    return (*_part(beside[3::-1], 1 - start)[::-1], *beside[4:])


def _part(piece: Path, t: float) -> Path:
    """Return the part of a cubic piece before `t`."""
    p, q, r, s = (complex(*point) for point in piece)
    return tuple((point.real, point.imag) for point in before(p, q, r, s, t))


def on_the_way(stroke: Stroke, share: float, size: float) -> Stroke:
    """Return an arrow's line whose number, of a font size, has been on its way for a share of its time."""
    path = journey(stroke, size)
    if path is None or stroke.moving is None or share >= 1:
        return stroke
    labels = list(stroke.labels)
    labels[stroke.moving] = labels[stroke.moving]._replace(place=_point_at(path, eased(share)))
    return replace(stroke, labels=tuple(labels))


def _point_at(path: Path, share: float) -> Point:
    """Return the point on a line after a share of its length."""
    points = [point for *_, point in _samples(path)]
    lengths = list(accumulate((dist(a, b) for a, b in pairwise(points)), initial=0.0))
    wanted = share * lengths[-1]
    for (a, b), (start, end) in zip(pairwise(points), pairwise(lengths), strict=True):
        if wanted <= end and end > start:
            part = (wanted - start) / (end - start)
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
    return points[-1]


def _samples(path: Path) -> Iterator[tuple[int, float, Point]]:
    """Yield points on a line, each with its piece and its parameter."""
    for piece in range(len(path) // 3):
        p, q, r, s = (complex(*point) for point in path[3 * piece : 3 * piece + 4])
        for i in range(bool(piece), SAMPLES + 1):
            point = before(p, q, r, s, i / SAMPLES)[-1]
            yield piece, i / SAMPLES, (point.real, point.imag)
