"""Where everything stands: the room each text takes, the places an engine found, the two lines beside its routes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.text_width import text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.draw.scene.model import Arrow, Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = [
    "RECORDS",
    "ROUND",
    "Layout",
    "Path",
    "Point",
    "beside",
    "box_size",
    "cell_widths",
    "font_size",
    "label_size",
    "lane_widths",
    "middle",
    "parse_layout",
    "shortened",
    "straight",
]

Point = tuple[float, float]
Path = tuple[Point, ...]
"""Cubic Bézier pieces end to end: a point on the line, two handles, a point on the line, two handles, …"""

BISECTIONS: Final = 24

ROUND: Final = ("operation", "branch")
"""The kinds of boxes that are ellipses."""

RECORDS: Final = ("value", "group")
"""The kinds of boxes that hold cells side by side."""

SMALL: Final = ("constant", "value", "group")
"""The kinds of boxes whose text is as small as a label."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The centre of each box; for each arrow its line, and the place that its labels stand above and below.

    Lengths are in points, heights grow upwards.
    """

    centres: dict[str, Point]
    routes: tuple[Path, ...]
    middles: tuple[Point | None, ...]


def middle(index: int) -> str:
    """Return the key of the node that keeps room for the labels of the arrow with this index."""
    return f"m{index}"


def font_size(box: Box, theme: Theme) -> float:
    """Return the size of a box's text: large for a glyph, small for a constant."""
    if box.kind == "operation":
        return theme.glyph_size if len(box.text) == 1 else theme.text_size
    return theme.label_size if box.kind in SMALL else theme.text_size


def box_size(box: Box, theme: Theme) -> tuple[float, float]:
    """Return a box's width and height: a disc, or wider, for an operation, a dot for a branch; else its texts'."""
    if box.kind == "branch":
        return theme.branch, theme.branch
    if box.kind in RECORDS:
        return sum(cell_widths(box, theme)), theme.line_height * font_size(box, theme) + theme.cell_margin
    width = text_width(box.text, font_size(box, theme))
    if box.kind == "operation":
        return max(theme.disc, width + 2 * theme.disc_margin), theme.disc
    return width + 2 * theme.text_margin, theme.line_height * font_size(box, theme)


def cell_widths(box: Box, theme: Theme) -> list[float]:
    """Return the widths of a box's texts side by side, each with its margins."""
    return [text_width(text, font_size(box, theme)) + 2 * theme.cell_margin for text in box.texts]


def label_size(arrow: Arrow, theme: Theme) -> tuple[float, float]:
    """Return the room that an arrow's labels take, its line running through the middle."""
    width = max(text_width(text, theme.label_size) for text in (arrow.above, *arrow.below))
    height = max(bool(arrow.above), len(arrow.below)) * theme.line_height * theme.label_size
    return width + 2 * theme.label_gap, 2 * (theme.lane + theme.label_gap + height)


def lane_widths(scene: Scene, theme: Theme) -> list[float]:
    """Return the length of each arrow's level part: the same for all, but for those with very long labels."""
    widths = [label_size(arrow, theme)[0] for arrow in scene.arrows]
    usual = max((width for width in widths if width <= theme.lane_width), default=theme.lane_width)
    return [max(width, usual) for width in widths]


def parse_layout(scene: Scene, answer: bytes) -> Layout:
    """Return the layout from an engine's answer to a plan, in its JSON."""
    found = json.loads(answer)
    centres = {node["name"]: _point(node["pos"]) for node in found["objects"]}
    names = [node["name"] for node in found["objects"]]
    lines = {(names[line["tail"]], names[line["head"]]): _path(line["pos"]) for line in found.get("edges", ())}
    routes, middles = [], []
    for index, arrow in enumerate(scene.arrows):
        routes.append(_route(lines, arrow, middle(index)))
        middles.append(centres.get(middle(index)))
    return Layout(centres, tuple(routes), tuple(middles))


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
    return tuple(_point(pair) for pair in text.split())


def beside(path: Path, distance: float) -> Path:
    """Return the line that runs to the left of another one, at a distance; to its right where that is negative.

    >>> beside(((0, 0), (1, 0), (2, 0), (3, 0)), 5)
    ((0.0, 5.0), (1.0, 5.0), (2.0, 5.0), (3.0, 5.0))
    """
    moved = []
    for index in range(0, len(path), 3):
        before, after = path[max(index - 1, 0)], path[min(index + 1, len(path) - 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = hypot(dx, dy) or 1.0
        shift = (-dy / length * distance, dx / length * distance)
        moved += [(x + shift[0], y + shift[1]) for x, y in path[max(index - 1, 0) : index + 2]]
    return tuple(moved)


def shortened(path: Path, length: float) -> Path:
    """Return a line whose end is so far from where it was, to make room for an arrow's head.

    >>> shortened(((0, 0), (1, 0), (2, 0), (3, 0)), 1.5)[-1]
    (1.5, 0.0)
    """
    *before, p, q, r, s = path
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        t = (low + high) / 2
        x, y = _split(p, q, r, s, t)[-1]
        low, high = (t, high) if hypot(s[0] - x, s[1] - y) > length else (low, t)
    return (*before, *((round(x, 6), round(y, 6)) for x, y in _split(p, q, r, s, low)))


def _split(p: Point, q: Point, r: Point, s: Point, t: float) -> Path:
    """Return the part of a cubic piece before `t`, after de Casteljau."""
    layers: list[Sequence[Point]] = [(p, q, r, s)]
    for _ in range(3):
        layers.append([_between(a, b, t) for a, b in pairwise(layers[-1])])
    return tuple(layer[0] for layer in layers)


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
