"""Read an engine's layout: the places of boxes, the routes of lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import starmap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from graphgrad.draw.layout.sizes import Sizes
    from graphgrad.draw.scene.model import Arrow, Scene

__all__ = ["Layout", "Path", "Point", "before", "beside", "middle", "parse_layout", "shortened", "straight"]

Point = tuple[float, float]
Path = tuple[Point, ...]
"""Cubic Bézier pieces end to end: a point on the line, two handles, a point on the line, two handles, …"""

PIECE: Final = 4
"""The number of points of one Bézier piece."""

ITERATIONS: Final = 24
"""The most steps to the point at which a line is cut."""

CLOSE: Final = 1e-8
"""How near to its distance in points a cut is made."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The centre of each box, and for each arrow its route and the middle between its labels above and below.

    Lengths are in points, heights grow upwards; `sizes` are the sizes that the layout was made for.
    """

    centres: dict[str, Point]
    routes: tuple[Path, ...]
    middles: tuple[Point | None, ...]
    sizes: Sizes

    def mirrored(self, sizes: Sizes) -> Layout:
        """Return the layout mirrored at a diagonal, so that what ran to the right runs down, with sizes of its own."""

        def mirror(point: Point) -> Point:
            return -point[1], -point[0]

        centres = {key: mirror(centre) for key, centre in self.centres.items()}
        routes = tuple(tuple(map(mirror, route)) for route in self.routes)
        middles = tuple(place and mirror(place) for place in self.middles)
        return replace(self, centres=centres, routes=routes, middles=middles, sizes=sizes)


def middle(index: int) -> str:
    """Return the key of the node that keeps room for the labels of the arrow with this index."""
    return f"m{index}"


def parse_layout(scene: Scene, sizes: Sizes, answer: bytes) -> Layout:
    """Return the layout from an engine's answer to a plan, in its JSON.

    In a picture that runs down, an arrow's line does not run through the middle of the room for its labels.
    """
    graph = json.loads(answer)
    centres = {node["name"]: _point(node["pos"]) for node in graph["objects"]}
    names = [node["name"] for node in graph["objects"]]
    lines = {(names[line["tail"]], names[line["head"]]): _path(line["pos"]) for line in graph.get("edges", ())}
    routes, middles = [], []
    for index, arrow in enumerate(scene.arrows):
        route, place = _route(lines, arrow, middle(index)), centres.get(middle(index))
        routes.append(route)
        middles.append((place[0], lines[arrow.tail, middle(index)][-1][1]) if place and scene.down else place)
    return Layout(centres, tuple(routes), tuple(middles), sizes)


def _route(lines: dict[tuple[str, str], Path], arrow: Arrow, between: str) -> Path:
    """Join the line to an arrow's labels, past them, and on to its head."""
    if (arrow.tail, between) not in lines:
        return lines[arrow.tail, arrow.head]
    first, last = lines[arrow.tail, between], lines[between, arrow.head]
    return (*first, *straight(first[-1], last[0])[1:-1], *last)


def straight(start: Point, end: Point) -> Path:
    """Return a straight line as a Bézier piece.

    >>> straight((0, 0), (3, 0))
    ((0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0))
    """
    return tuple((start[0] + (end[0] - start[0]) * t / 3, start[1] + (end[1] - start[1]) * t / 3) for t in range(4))


def _point(text: str) -> Point:
    x, y = text.split(",")[:2]
    return float(x), float(y)


def _path(text: str) -> Path:
    return tuple(map(_point, text.split()))


def beside(path: Path, distance: float) -> Path:
    """Return the line at a distance to the left of another one, or to its right where the distance is negative.

    A bend is taken in two halves, so that the distance is kept in its middle, too.

    >>> beside(((0, 0), (1, 0), (2, 0), (3, 0)), 5)
    ((0.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 5.0))
    >>> beside(((0, 0), (9, 0), (0, 90), (9, 90)), 5)[3]
    (-0.5, 45.0)
    """
    lane = complex(0, distance)
    points = _halved(list(starmap(complex, path)))
    moved: list[complex] = []
    for index in range(0, len(points) - 1, 3):
        p, q, r, s = points[index : index + 4]
        first, last = (q - p) or (s - p) or 1.0, (s - r) or (s - p) or 1.0
        start, end = p + lane * first / abs(first), s + lane * last / abs(last)
        longer = abs(end - start) / (abs(s - p) or 1.0)
        moved = [*moved[:-1], start, start + (q - p) * longer, end + (r - s) * longer, end]
    return tuple([(z.real, z.imag) for z in moved])


def _halved(points: list[complex]) -> list[complex]:
    """Return a line with its bends in two pieces each."""
    whole = points[:1]
    for index in range(0, len(points) - 1, 3):
        p, q, r, s = points[index : index + 4]
        along = (s - p).conjugate()
        if abs((along * (q - p)).imag) + abs((along * (s - r)).imag) < CLOSE:
            whole += (q, r, s)
        else:
            _, first, second, middle = before(p, q, r, s, 0.5)
            _, last, third, _ = before(s, r, q, p, 0.5)
            whole += (first, second, middle, third, last, s)
    return whole


def shortened(path: Path, length: float) -> Path:
    """Return a line whose end is cut back to a distance from the old end, to make room for an arrow's head.

    >>> shortened(((0, 0), (1, 0), (2, 0), (3, 0)), 1.5)[-1]
    (1.5, 0.0)
    >>> shortened((*straight((0, 0), (9, 0)), *straight((9, 0), (10, 0))[1:]), 4)[-1]
    (6.0, 0.0)
    """
    end = complex(*path[-1])
    while len(path) > PIECE and abs(end - complex(*path[-PIECE])) <= length:
        path = path[: 1 - PIECE]
    p, q, r, s = starmap(complex, path[-PIECE:])
    cubic, square, linear = s - p + 3 * (q - r), 3 * (p - 2 * q + r), 3 * (q - p)
    low, high, above, below = 0.0, 1.0, abs(end - p) - length, abs(end - s) - length
    t = max(0.0, 1 + below / (3 * abs(s - r) or 1.0)) if above > 0 else 0.0
    for _ in range(ITERATIONS if above > 0 else 0):
        rest = abs(end - p - ((cubic * t + square) * t + linear) * t) - length
        if abs(rest) < CLOSE:
            break
        # Halve the value at the other end, so that both ends approach the root (the Illinois method).
        low, above, high, below = (t, rest, high, below / 2) if rest > 0 else (low, above / 2, t, rest)
        t = (low * below - high * above) / (below - above)
    return (*path[:-PIECE], *[(round(z.real, 6), round(z.imag, 6)) for z in before(p, q, r, s, t)])


def before(p: complex, q: complex, r: complex, s: complex, t: float) -> tuple[complex, ...]:
    """Return the part of a cubic piece before `t`, after de Casteljau."""
    a, b, c = p + (q - p) * t, q + (r - q) * t, r + (s - r) * t
    d, e = a + (b - a) * t, b + (c - b) * t
    return p, a, d, d + (e - d) * t
