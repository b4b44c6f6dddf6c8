"""Make the layout of a tree regular: operations midway between their operands, lines level up to their bends.

An engine keeps lines short, so an operation may be anywhere between its operands. Where no value fans out, the engine's
columns are kept, and the heights are computed here: lanes are packed below each other, results placed midway.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from math import cos, sin
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.curves import bend
from graphgrad.draw.layout.layout import straight
from graphgrad.draw.layout.sizes import MANY

if TYPE_CHECKING:
    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.layout.sizes import Size
    from graphgrad.draw.scene.model import Arrow, Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["is_tree", "tidied"]

STRAIGHT: Final = 0.7
"""The length of the handles of a line to one of many places, as a fraction of its width."""

FAN: Final = 2.4
"""The angle in radians within which many lines meet a node."""

RAGGED: Final = ("input", "constant", "value")
"""The kinds of boxes that are aligned right within a column, so that their lines have the same length."""

Contour = dict[int, tuple[float, float]]
"""A subtree's lowest and highest point in each column, relative to the height of its root."""


def tidied(scene: Scene, layout: Layout, theme: Theme) -> Layout:
    """Return the layout of a tree with operations midway between their operands."""
    return _Tidy(scene, layout, theme).layout() if scene.arrows else layout


def is_tree(scene: Scene) -> bool:
    """Return whether no value fans out."""
    return max(Counter(arrow.tail for arrow in scene.arrows).values(), default=1) == 1


class _Tidy:
    """An engine's layout of a scene whose heights are being recomputed."""

    def __init__(self, scene: Scene, layout: Layout, theme: Theme) -> None:
        self.scene, self.given, self.theme = scene, layout, theme
        self.sizes = layout.sizes.boxes
        self.edges = {key: layout.centres[key][0] + width / 2 for key, (width, _) in self.sizes.items()}
        self.into: dict[str, list[tuple[Arrow, Point | None, Size]]] = {box.key: [] for box in scene.boxes}
        self.corners: dict[int, float] = {}
        self.angles: dict[str, float] = {}
        room = zip(layout.sizes.lanes, layout.sizes.reaches, strict=True)
        for arrow, place, (width, reach) in zip(scene.arrows, layout.middles, room, strict=True):
            self.into[arrow.head].append((arrow, place, reach))
            if place:
                column = round(place[0])
                self.corners[column] = max(self.corners.get(column, 0.0), place[0] + width / 2)

        for into in self.into.values():
            if len(into) > MANY:
                self.angles |= {
                    arrow.key: FAN * (0.5 - place / (len(into) - 1)) for place, (arrow, _, _) in enumerate(into)
                }

    def layout(self) -> Layout:
        """Return the regular layout."""
        heights = self.heights()
        for boxes in self.ragged():
            flush = max(self.edges[box.key] for box in boxes)
            self.edges.update({box.key: flush for box in boxes})
        centres = {key: (edge - self.sizes[key][0] / 2, heights[key]) for key, edge in self.edges.items()}
        arrows = list(zip(self.scene.arrows, self.given.middles, strict=True))
        middles = tuple(place and (place[0], heights[arrow.tail]) for arrow, place in arrows)
        routes = tuple(self.route(arrow, place, centres) for arrow, place in arrows)
        return replace(self.given, centres=centres, routes=routes, middles=middles)

    def ragged(self) -> list[list[Box]]:
        """Return the boxes to align in each column."""
        texts = sorted((box for box in self.scene.boxes if box.kind in RAGGED), key=self.group)
        return [list(boxes) for _, boxes in groupby(texts, key=self.group)]

    def group(self, box: Box) -> tuple[int, str]:
        return self.column(box.key), box.kind

    def column(self, key: str) -> int:
        return round(self.given.centres[key][0])

    def heights(self) -> dict[str, float]:
        """Return each box's height: compute operands' offsets from their results, then add them from the output on."""
        contours: dict[str, Contour] = {}
        offsets: dict[str, float] = {}
        for box in self.scene.boxes:
            into = self.into[box.key]
            lanes = {arrow.tail: self.lane(contours[arrow.tail], place, reach) for arrow, place, reach in into}
            contours[box.key] = self.stacked(box, lanes, offsets)
        heights = {self.scene.boxes[-1].key: 0.0}
        for arrow in reversed(self.scene.arrows):
            heights[arrow.tail] = heights[arrow.head] + offsets[arrow.tail]
        return heights

    def lane(self, contour: Contour, place: Point | None, reach: Size) -> Contour:
        """Return the contour of an operand together with its arrow's labels, which reach up and down."""
        return contour if place is None else _merged(contour, {round(place[0]): (-reach[1], reach[0])}, 0.0)

    def stacked(self, box: Box, lanes: dict[str, Contour], offsets: dict[str, float]) -> Contour:
        """Pack an operation's lanes below each other, store their offsets from it, and return the whole contour."""
        taken: Contour = {}
        for tail, lane in lanes.items():
            shared = taken.keys() & lane.keys()
            offsets[tail] = min((taken[c][0] - lane[c][1] - self.theme.row_gap for c in shared), default=0.0)
            taken = _merged(taken, lane, offsets[tail])
        tails = list(lanes)
        middle = (offsets[tails[0]] + offsets[tails[-1]]) / 2 if tails else 0.0
        offsets.update({tail: offsets[tail] - middle for tail in tails})
        half = self.sizes[box.key][1] / 2
        return _merged({self.column(box.key): (-half, half)}, taken, -middle)

    def route(self, arrow: Arrow, place: Point | None, centres: dict[str, Point]) -> Path:
        """Return a line that runs level past its labels, then bends to its head."""
        start = (self.edges[arrow.tail], centres[arrow.tail][1])
        corner = (self.corners[round(place[0])], start[1]) if place else start
        centre, size = centres[arrow.head], self.sizes[arrow.head]
        many = arrow.key in self.angles
        curve = _slanted(corner, centre, size, self.angles[arrow.key]) if many else bend(corner, centre, size)
        return (*straight(start, corner)[:-1], *curve) if place else curve


def _merged(one: Contour, other: Contour, shift: float) -> Contour:
    """Return the union of two contours, the other one moved up by `shift`."""
    moved = {column: (low + shift, high + shift) for column, (low, high) in other.items()}
    both = {c: (min(one[c][0], moved[c][0]), max(one[c][1], moved[c][1])) for c in one.keys() & moved.keys()}
    return {**one, **moved, **both}


def _slanted(start: Point, centre: Point, size: Size, angle: float) -> Path:
    """Return a curve to one of many places on an ellipse, almost straight, so that it is clear of those beside it."""
    outward = (-cos(angle), sin(angle))
    end = (centre[0] + size[0] / 2 * outward[0], centre[1] + size[1] / 2 * outward[1])
    reach = STRAIGHT * (end[0] - start[0])
    return start, (start[0] + reach, start[1]), (end[0] + reach * outward[0], end[1] + reach * outward[1]), end
