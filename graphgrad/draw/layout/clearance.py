"""Measure how near a picture's lines come to foreign boxes and labels, and to each other."""

from __future__ import annotations

from collections import defaultdict
from math import hypot
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.curves import point, samples
from graphgrad.draw.layout.layout import beside
from graphgrad.draw.layout.sizes import ROLE, ROUND, label_reach, role_height
from graphgrad.draw.layout.strokes import role_label
from graphgrad.draw.layout.text_width import text_width

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from graphgrad.draw.layout.drawing import Drawing
    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme

__all__ = ["CLEARANCE", "LEAST", "Near", "Obstacle", "Track", "bends", "nearest", "obstacles", "too_near", "tracks"]

CLEARANCE: Final = 6.0
"""The least distance of a line from a box or a label that is not its own, in points."""

LEAST: Final = CLEARANCE + 0.5
"""The distance at which lines are led: a line beside another one is not quite parallel to it."""

SAMPLES: Final = 8
"""The number of points at which the distance of a piece of a line is measured."""

FINEST: Final = 4e-3
"""The length to which the piece of a line that is searched for its nearest point is narrowed, by the whole piece's."""

STRIP: Final = 128.0
"""The width of the strips into which obstacles are sorted, so that few are near a line."""


class Obstacle(NamedTuple):
    """A box or a label, as all points within `radius` of a rectangle, given by its left, lower, right and upper edges.

    `owner` is the key of the box, or of the arrow that the label belongs to.
    """

    owner: str
    left: float
    low: float
    right: float
    high: float
    radius: float = 0.0

    def distance(self, point: Point) -> float:
        """Return the distance of a point.

        >>> Obstacle("x", 0, 0, 2, 2, radius=1).distance((6, 1))
        3.0
        """
        x = max(self.left - point[0], 0.0, point[0] - self.right)
        y = max(self.low - point[1], 0.0, point[1] - self.high)
        return hypot(x, y) - self.radius


class Track(NamedTuple):
    """A line to be measured: its key, the keys of what it may touch, and its route."""

    key: str
    owners: Collection[str]
    route: Path


class Near(NamedTuple):
    """A line that is near a foreign obstacle, the distance, and where."""

    line: str
    other: str
    distance: float
    place: Point


def nearest(lines: Iterable[Track], around: Iterable[Obstacle], least: float = CLEARANCE) -> Iterator[Near]:
    """Yield for each line and each foreign obstacle that are nearer than `least` their distance and the place.

    >>> line = Track("e0", ("x",), ((0, 0), (10, 0), (20, 0), (30, 0)))
    >>> [near.distance for near in nearest([line], [Obstacle("x", -5, -5, 0, 5), Obstacle("y", 10, 4, 20, 9)])]
    [4.0]
    """
    strips = defaultdict[int, list[Obstacle]](list)
    for each in around:
        reach = each.radius + least + STRIP / 8
        for strip in range(int((each.left - reach) // STRIP), int((each.right + reach) // STRIP) + 1):
            strips[strip].append(each)
    for line in lines:
        found: dict[Obstacle, Near] = {}
        for index in range(0, len(line.route) - 1, 3):
            for near in _of_piece(line, line.route[index : index + 4], strips, least):
                if near[0] not in found or near[1].distance < found[near[0]].distance:
                    found[near[0]] = near[1]
        yield from found.values()


def _of_piece(
    line: Track, piece: Path, strips: dict[int, list[Obstacle]], least: float
) -> Iterator[tuple[Obstacle, Near]]:
    """Yield the obstacles near one piece of a line."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = piece
    left, right, low, high = min(x0, x1, x2, x3), max(x0, x1, x2, x3), min(y0, y1, y2, y3), max(y0, y1, y2, y3)
    points: list[Point] = []
    seen = set[Obstacle]()
    for strip in range(int(left // STRIP), int(right // STRIP) + 1):
        for each in strips.get(strip, ()):
            _, left_of, low_of, right_of, high_of, radius = each
            reach = least + radius
            if low_of - high > reach or low - high_of > reach or left_of - right > reach or left - right_of > reach:
                continue
            if each.owner in line.owners or each in seen:
                continue
            seen.add(each)
            points = points or list(samples(piece, SAMPLES))
            near = _closest(piece, points, each, least)
            if near:
                yield each, Near(line.key, each.owner, *near)


def _closest(piece: Path, points: list[Point], obstacle: Obstacle, least: float) -> tuple[float, Point] | None:
    """Return the distance of a piece of a line from an obstacle, and where, if it is below `least`.

    `points` are evenly spread samples.
    """
    distances = [obstacle.distance(each) for each in points]
    distance = min(distances)
    index = distances.index(distance)
    before, after = max(index - 1, 0), min(index + 1, SAMPLES)
    place, (x0, y0), (x1, y1) = points[index], points[before], points[after]
    if distance > least + hypot(x1 - x0, y1 - y0):
        return None
    low, high = before / SAMPLES, after / SAMPLES
    while high - low > FINEST:
        third = (high - low) / 3
        p, q = point(piece, low + third), point(piece, high - third)
        one, two = obstacle.distance(p), obstacle.distance(q)
        low, high = (low, high - third) if one < two else (low + third, high)
        distance, place = min((distance, place), (one, p), (two, q))
    return (distance, place) if distance < least else None


def obstacles(scene: Scene, layout: Layout, theme: Theme) -> Iterator[Obstacle]:
    """Yield the boxes of a scene, and the labels of its arrows, at their places."""
    for box in scene.boxes:
        (x, y), (width, height) = layout.centres[box.key], layout.sizes.boxes[box.key]
        radius = min(width, height) / 2 if box.kind in ROUND else 0.0
        across, up = width / 2 - radius, height / 2 - radius
        yield Obstacle(box.key, x - across, y - up, x + across, y + up, radius)
    yield from _beside(scene, layout, theme) if scene.down else _above_and_below(scene, layout, theme)


def _beside(scene: Scene, layout: Layout, theme: Theme) -> Iterator[Obstacle]:
    """Yield the labels of arrows that point down, or that will when the layout has been mirrored."""
    near, sizes = theme.lane + theme.label_gap, layout.sizes
    for arrow, place, reaches, length in zip(scene.arrows, layout.middles, sizes.reaches, sizes.lanes, strict=True):
        if place and length:
            (x, y), half, far = place, length / 2, max(reaches) - theme.label_gap
            if sizes.down:
                yield Obstacle(arrow.key, x + near, y - half, x + far, y + half)
            else:
                yield Obstacle(arrow.key, x - half, y - far, x + half, y - near)


def _above_and_below(scene: Scene, layout: Layout, theme: Theme) -> Iterator[Obstacle]:
    """Yield the labels of arrows that point to the right."""
    for index, (arrow, place) in enumerate(zip(scene.arrows, layout.middles, strict=True)):
        if place and index in layout.sizes.marked:
            text, (x, y), _ = role_label(arrow, place, theme)
            half, size = text_width(text, ROLE * theme.label_size) / 2, role_height(theme) / 2
            yield Obstacle(arrow.key, x - half, y - size, x + half, y + size)
        for side, texts in ((1, (arrow.above,) if arrow.above else ()), (-1, arrow.below)):
            if place and texts:
                half = max(text_width(text, theme.label_size) for text in texts) / 2
                near, far = theme.lane + theme.label_gap, label_reach(texts, theme)
                low, high = sorted((side * near, side * far))
                yield Obstacle(arrow.key, place[0] - half, place[1] + low, place[0] + half, place[1] + high)


def tracks(scene: Scene, routes: Sequence[Path], theme: Theme, chosen: Iterable[int] | None = None) -> Iterator[Track]:
    """Yield the lines of some arrows, by default all, each of which may touch the arrow's ends and its labels."""
    for index in range(len(routes)) if chosen is None else chosen:
        arrow, route = scene.arrows[index], routes[index]
        for lane in (theme.lane, -theme.lane) if arrow.pair else (0.0,):
            along = beside(route, lane) if lane else route
            yield Track(arrow.key, (arrow.key, arrow.tail, arrow.head), along)


def bends(lines: Iterable[Track]) -> Iterator[Track]:
    """Yield the pieces of lines that are not level."""
    for line in lines:
        for index in range(0, len(line.route) - 1, 3):
            if line.route[index][1] != line.route[index + 3][1]:
                yield Track(line.key, line.owners, line.route[index : index + 4])


def too_near(drawing: Drawing, least: float = CLEARANCE) -> list[Near]:
    """Return all lines of a picture, as they are drawn, that are too near a foreign box or label."""
    ends = {arrow.key: (arrow.key, arrow.tail, arrow.head) for arrow in drawing.scene.arrows}
    lines = (Track(each.key, ends[each.key.rpartition("-")[0]], each.route) for each in drawing.strokes)
    return list(nearest(lines, obstacles(drawing.scene, drawing.layout, drawing.theme), least))
