"""Cut a picture that runs to the right into rows, as lines of text; lines that go on run around to the next row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.layout import straight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme

__all__ = ["Rows", "in_rows"]

TRACK: Final = 16.0
"""The distance between arrows that run around to the next row."""

APART: Final = 7.5
"""The least distance between arrows where a row ends."""

CORNER: Final = 8.0
"""The radius of their corners."""

BESIDE: Final = 2.0
"""How much further left of a row's boxes they turn."""

ROUND: Final = 0.5523
"""The length of the handles of a quarter of a circle, by its radius."""

SHORTEST: Final = 0.45
"""The least width of a row, by that of the widest."""

SHORTEST_LAST: Final = 0.25
"""The least width of the last row, by that of the widest."""

SLACK: Final = (1.0, 1.08, 1.2, 1.4, 1.7)
"""The factors by which a row may be wider than if all were equally wide."""


_Span = tuple[float, float, bool]
"""The left and the right edge of a box or of a label, and whether it is a label."""


class Rows(NamedTuple):
    """The width of rows, and the most arrows that go on from a row to the next one."""

    width: float
    lines: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place where a picture can be cut, and the arrows whose lines it cuts, from the highest line to the lowest.

    `starts` are the boxes directly before it that stand in the next row, which begins at `left`: only their own line
    would be cut.
    """

    x: float
    crossing: tuple[tuple[float, int], ...]
    starts: frozenset[str]
    left: float


def in_rows(scene: Scene, layout: Layout, theme: Theme, rows: Rows) -> Layout | None:
    """Return the layout cut into rows; None where too many lines would be cut."""
    spans = _spans(scene, layout)
    left, right = min(span[0] for span in spans), max(span[1] for span in spans)
    if right - left + 2 * theme.margin <= rows.width:
        return layout
    cuts = [_cut(scene, layout, x, theme.gap) for x in _gaps(spans, theme.gap / 2)]
    cuts = [cut for cut in cuts if _single(layout, cut)]
    for most in range(1, rows.lines + 1):
        room = rows.width - 2 * theme.margin - 2 * (CORNER + (most - 0.5) * TRACK)
        usable = [cut for cut in cuts if len(cut.crossing) <= most]
        taken = _evenly(usable, left, right, room) if room > 0 else None
        if taken:
            return _Rows(scene, layout, [left, *(cut.left for cut in taken)], right, taken).layout()
    return None


def _evenly(cuts: list[_Cut], left: float, right: float, room: float) -> list[_Cut] | None:
    """Return the cuts into rows that fit into the room and are about equally wide; None where there are none."""
    even = (right - left) / ceil((right - left) / room)
    tries = (_taken(cuts, left, right, min(even * slack, room)) for slack in SLACK)
    return next(filter(None, tries), None)


def _spans(scene: Scene, layout: Layout) -> list[_Span]:
    """Return the left and right edges of all boxes, and whether it is a label's."""
    sizes = layout.sizes
    boxes = [(layout.centres[box.key][0], sizes.boxes[box.key][0], False) for box in scene.boxes]
    labels = [(place[0], width, True) for place, (width, _) in zip(layout.middles, sizes.labels, strict=True) if place]
    return [(x - width / 2, x + width / 2, label) for x, width, label in boxes + labels]


def _gaps(spans: list[_Span], least: float) -> Iterator[float]:
    """Yield the middles of the gaps behind boxes, from left to right; a gap behind a label is no end of a row."""
    ordered = sorted(spans)
    reached, behind_label = ordered[0][0], True
    for low, high, is_label in ordered:
        if low - reached > least and not behind_label:
            yield (low + reached) / 2
        if high > reached:
            reached, behind_label = high, is_label


def _cut(scene: Scene, layout: Layout, x: float, gap: float) -> _Cut:
    """Return the cut at a place."""
    crossing, left, starts = _crossing(layout, x), x, set[str]()
    leaving, heads = Counter(arrow.tail for arrow in scene.arrows), {arrow.head for arrow in scene.arrows}
    for _, index in crossing:
        tail, place = scene.arrows[index].tail, layout.middles[index]
        half, centre = layout.sizes.boxes[tail][0] / 2, layout.centres[tail][0]
        beside = x - centre - half < gap and (place is None or place[0] > x)
        if beside and leaving[tail] == 1 and tail not in heads:
            starts.add(tail)
            left = min(left, centre - half)
    kept = tuple((y, index) for y, index in crossing if scene.arrows[index].tail not in starts)
    return _Cut(x, kept, frozenset(starts), left)


def _crossing(layout: Layout, x: float) -> tuple[tuple[float, int], ...]:
    """Return the heights at which lines cross a place, with the indices of their arrows, from the highest."""
    found = ((_height(route, x), index) for index, route in enumerate(layout.routes) if route[0][0] < x < route[-1][0])
    return tuple(sorted(found, reverse=True))


def _single(layout: Layout, cut: _Cut) -> bool:
    """Tell whether each line crosses a place once, far enough from the next one."""
    far = all(one - other >= APART for (one, _), (other, _) in pairwise(cut.crossing))
    return far and all(_times(layout.routes[index], cut.x) == 1 for _, index in cut.crossing)


def _times(route: Path, x: float) -> int:
    return sum((one[0] < x) != (other[0] < x) for one, other in pairwise(route[::3]))


def _taken(cuts: list[_Cut], left: float, right: float, width: float) -> list[_Cut] | None:
    """Return the cuts to take, each the last one within a row's width with the fewest lines; None where none is."""
    taken: list[_Cut] = []
    while right - left > width:
        end = min(left + width, right - SHORTEST_LAST * width)
        within = [cut for cut in cuts if left + SHORTEST * width <= cut.left <= cut.x <= end]
        if not within:
            return None
        best = min(within, key=lambda cut: (len(cut.crossing), -cut.x))
        taken.append(best)
        left = best.left
    return taken


class _Rows:
    """A layout that is being cut at some places."""

    def __init__(self, scene: Scene, layout: Layout, lefts: list[float], right: float, cuts: list[_Cut]) -> None:
        self.scene, self.given, self.lefts, self.cuts = scene, layout, lefts, cuts
        self.later = {key: row for row, cut in enumerate(cuts, 1) for key in cut.starts}
        self.shifts = list(self.shift_rows())
        rights = [*(cut.x for cut in cuts), right]
        self.rightmost = max(high - low for low, high in zip(lefts, rights, strict=True))

    def row(self, x: float) -> int:
        """Return the row in which a place of the given layout is."""
        return sum(x > cut.x for cut in self.cuts)

    def shift_rows(self) -> Iterator[Point]:
        """Yield how each row is moved: to the left edge, and below the row above it."""
        reaches = self.reaches()
        below = reaches[0][1]
        for number, (low, high) in enumerate(reaches):
            tracks = len(self.cuts[number - 1].crossing) * TRACK if number else 0.0
            top = below - tracks - 2 * CORNER * bool(number)
            yield -self.lefts[number], top - high
            below = low + top - high

    def reaches(self) -> list[Point]:
        """Return the lowest and the highest point of each row."""
        layout, rows = self.given, [list[float]() for _ in self.lefts]
        for box in self.scene.boxes:
            (x, y), height = layout.centres[box.key], layout.sizes.boxes[box.key][1]
            rows[self.later.get(box.key, self.row(x))] += (y - height / 2, y + height / 2)
        for place, (_, height) in zip(layout.middles, layout.sizes.labels, strict=True):
            if place:
                rows[self.row(place[0])] += (place[1] - height / 2, place[1] + height / 2)
        for arrow, route in zip(self.scene.arrows, layout.routes, strict=True):
            for x, y in route:
                rows[max(self.row(x), self.later.get(arrow.tail, 0))].append(y)
        return [(min(ys), max(ys)) for ys in rows]

    def layout(self) -> Layout:
        """Return the layout in rows."""
        centres = {key: self.moved(centre, self.later.get(key)) for key, centre in self.given.centres.items()}
        middles = tuple(place and self.moved(place) for place in self.given.middles)
        routes = tuple(self.route(index, route) for index, route in enumerate(self.given.routes))
        return replace(self.given, centres=centres, routes=routes, middles=middles)

    def moved(self, point: Point, row: int | None = None) -> Point:
        dx, dy = self.shifts[self.row(point[0]) if row is None else row]
        return point[0] + dx, point[1] + dy

    def route(self, index: int, route: Path) -> Path:
        """Return a line with the ways around to the next rows in it."""
        done: Path = ()
        for row, cut in enumerate(self.cuts):
            lines = [crossing for _, crossing in cut.crossing]
            if index in lines:
                before, route = _split(route, cut.x)
                done = _joined(done, tuple(self.moved(point, row) for point in before))
                done = _joined(done, self.around(row, lines.index(index), done[-1], self.moved(route[0], row + 1)))
        last = self.row(route[-1][0])
        return _joined(done, tuple(self.moved(point, last) for point in route))

    def around(self, row: int, place: int, start: Point, end: Point) -> Path:
        """Return the way from the end of a row to the start of the next: the highest line runs around the others."""
        count = len(self.cuts[row].crossing)
        right = self.rightmost + CORNER + (count - 1 - place) * TRACK
        left = -CORNER - BESIDE - place * TRACK
        lowest = self.reaches()[row][0] + self.shifts[row][1]
        level = lowest - CORNER - (count - 1 - place + 0.5) * TRACK
        return _rounded([start, (right, start[1]), (right, level), (left, level), (left, end[1]), end])


def _joined(one: Path, other: Path) -> Path:
    return (*one[:-1], *other) if one else other


def _rounded(points: list[Point]) -> Path:
    """Return a line along points with rounded corners at all but the ends."""
    path: Path = (points[0],)
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, last = _toward(corner, before), _toward(corner, after)
        handles = (_between(first, corner), _between(last, corner))
        path = (*path[:-1], *straight(path[-1], first)[:-1], first, *handles, last)
    return (*path[:-1], *straight(path[-1], points[-1]))


def _toward(corner: Point, other: Point) -> Point:
    """Return the point at the radius of a corner on the way from it."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx) + abs(dy), 1e-9)
    part = min(CORNER, length / 2) / length
    return corner[0] + dx * part, corner[1] + dy * part


def _between(end: Point, corner: Point) -> Point:
    return end[0] + (corner[0] - end[0]) * ROUND, end[1] + (corner[1] - end[1]) * ROUND


def _height(route: Path, x: float) -> float:
    """Return the height at which a line first crosses a place."""
    return _split(route, x)[1][0][1]


def _split(route: Path, x: float) -> tuple[Path, Path]:
    """Return the parts of a line before and after the place where it first crosses it."""
    index = next(i for i in range(0, len(route) - 3, 3) if route[i][0] < x <= route[i + 3][0])
    p, q, r, s = (complex(*point) for point in route[index : index + 4])
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        t = (low + high) / 2
        low, high = (t, high) if _pieces(p, q, r, s, t)[3].real < x else (low, t)
    pieces = tuple((z.real, z.imag) for z in _pieces(p, q, r, s, low))
    return (*route[:index], *pieces[:4]), (*pieces[3:], *route[index + 4 :])


def _pieces(p: complex, q: complex, r: complex, s: complex, t: float) -> tuple[complex, ...]:
    """Return both parts of a cubic piece, before and after `t`, after de Casteljau."""
    a, b, c = p + (q - p) * t, q + (r - q) * t, r + (s - r) * t
    d, e = a + (b - a) * t, b + (c - b) * t
    return p, a, d, d + (e - d) * t, e, c, s


BISECTIONS: Final = 30
