"""Lead a picture's lines through the channels between its columns, clear of foreign boxes and labels.

An engine's lines bend where they have room for themselves, but not for the second arrow beside them. Where one of them
comes too near to something, all lines are computed here: level within columns, bending in the channels between them,
which are made wider until all lines are clear.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.clearance import LEAST, bends, nearest, obstacles, tracks
from graphgrad.draw.layout.curves import angle_to, landing, swing
from graphgrad.draw.layout.layout import middle, straight
from graphgrad.draw.layout.sizes import ROUND
from graphgrad.draw.layout.strokes import ARROW_LENGTH
from graphgrad.draw.layout.tree_layout import is_tree, tidied

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from graphgrad.draw.layout.clearance import Near, Track
    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.layout.stops import Columns, Stop
    from graphgrad.draw.scene.model import Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["cleared"]

TRIES: Final = 10
"""How often channels are made wider, at most."""

STEEPEST: Final = 6.0
"""The greatest height of a line in a channel by the channel's width."""

WIDE_ENOUGH: Final = 60.0
"""The width of a channel that is wide enough for lines of any height."""

WIDER: Final = 8.0
"""By how much a channel is made wider at a time."""

WIDEST_ANGLE: Final = pi / 2.6
"""The angle at which a line meets a disc at most; 0 is from the left."""

APART: Final = 14.0
"""The least distance between the heads of two arrows on the outline of a disc."""

FLATTER: Final = 0.6
"""The factor by which the angles at a disc are made smaller where a line is near something beside it."""

TRACK: Final = 18.0
"""The room in a channel for each of several steep lines side by side."""

SPREAD: Final = 0.7
"""The part of a channel's width over which steep lines are spread."""

MOST_TRACKS: Final = 5
"""How many steep lines a channel is made wide enough for."""

TOLERANCE: Final = 0.01
"""The rounding errors of a distance."""

LONG: Final = 16.0
"""The length over which two lines side by side read as one."""


def cleared(scene: Scene, layout: Layout, theme: Theme) -> Layout:
    """Return an engine's layout with lines that are clear of foreign boxes and labels.

    A tree gets its regular layout, if its lines are clear there. The layout of a user's engine that has no columns
    stays as it is.
    """
    if is_tree(scene):
        regular = tidied(scene, layout, theme)
        if next(_near(scene, regular, theme, tracks(scene, regular.routes, theme)), None) is None:
            return regular
    from graphgrad.draw.layout.columns import columns

    found = columns(scene, layout, theme)
    return _Router(scene, layout, theme, found).layout() if found else layout


def _near(scene: Scene, layout: Layout, theme: Theme, lines: Iterable[Track]) -> Iterator[Near]:
    """Yield where lines are too near to something."""
    return nearest(lines, obstacles(scene, layout, theme), LEAST - TOLERANCE)


class _Bundle(NamedTuple):
    """Lines in a channel that come from one box: the heights between which they run, and their order from the left.

    Those that rise are ordered from the highest start, those that fall from the lowest, so that few cross.
    """

    low: float
    high: float
    turn: float
    arrows: tuple[int, ...]

    @classmethod
    def of(cls, lines: list[tuple[float, float, int]]) -> _Bundle:
        """Return the bundle of lines that run from one height to another."""
        low = min(min(start, end) for start, end, _ in lines)
        high = max(max(start, end) for start, end, _ in lines)
        start = sum(start for start, _, _ in lines) / len(lines)
        rising = sum(end - start for start, end, _ in lines) > 0
        return cls(low, high, -start if rising else start, tuple(index for _, _, index in lines))


def _overlapping(bundles: list[_Bundle]) -> Iterator[list[_Bundle]]:
    """Yield groups of bundles that run side by side."""
    group: list[_Bundle] = []
    top = 0.0
    for bundle in sorted(bundles):
        if group and bundle.low >= top:
            yield group
            group = []
        group.append(bundle)
        top = max(top, bundle.high) if len(group) > 1 else bundle.high
    if group:
        yield group


class _Router:
    """The columns of a scene, the widths of the channels between them, and the steepest angles at its discs."""

    def __init__(self, scene: Scene, given: Layout, theme: Theme, found: Columns) -> None:
        self.scene, self.given, self.theme, self.found = scene, given, theme, found
        self.boxes = {box.key: box for box in scene.boxes}
        self.column = {key: column for column, keys in enumerate(found.keys) for key in keys}
        self.discs = {box.key for box in scene.boxes if box.kind in ROUND and box.kind != "branch"}
        self.heads = {arrow.head for arrow in scene.arrows}
        back = Counter(arrow.tail for arrow in scene.arrows if arrow.backward)
        self.fans = {tail for tail, count in back.items() if count > 1}
        self.stub = ARROW_LENGTH * theme.arrow + theme.lane
        self.angles = dict.fromkeys(self.boxes, WIDEST_ANGLE)
        self.tracks: dict[tuple[int, int], float] = {}
        for column in range(len(found.gaps)):
            rise, count = self.share_out(column)
            tracks = TRACK * (min(count, MOST_TRACKS) + 1) if count > 1 else 0.0
            least = max(theme.gap, tracks, min(rise / STEEPEST, WIDE_ENOUGH))
            found.gaps[column] = max(found.gaps[column], least) + (
                self.stub if self.fans & {*found.keys[column]} else 0.0
            )

    def layout(self) -> Layout:
        """Return the layout, with channels as wide as its lines need them."""
        made = self.laid_out()
        suspects = set(range(len(self.scene.arrows)))
        for _ in range(TRIES):
            wider = self.wider(made, suspects)
            if not wider:
                break
            for column in wider:
                self.found.gaps[column] += WIDER
            suspects = {index for index, way in enumerate(self.found.ways) if _passes(way, wider)}
            made = self.laid_out()
        return made

    def share_out(self, column: int) -> tuple[float, int]:
        """Give steep lines of different arrows in a channel places side by side, where they would be on each other.

        Return the greatest height of a line, and how many are side by side.
        """
        runs: dict[str, list[tuple[float, float, int]]] = {}
        for index, way in enumerate(self.found.ways):
            for before, after in pairwise(way):
                if before.column == column:
                    ends = self.found.height(index, before), self.found.height(index, after)
                    runs.setdefault(way[0].key, []).append((*ends, index))
        steep = [_Bundle.of(lines) for lines in runs.values()]
        widest = 0
        for group in _overlapping([bundle for bundle in steep if bundle.high - bundle.low > APART]):
            for place, bundle in enumerate(sorted(group, key=lambda each: each.turn)):
                track = 0.5 + (place - (len(group) - 1) / 2) * min(SPREAD / max(len(group) - 1, 1), SPREAD / 2)
                self.tracks.update(((index, column), track) for index in bundle.arrows)
            widest = max(widest, len(group))
        return max((bundle.high - bundle.low for bundle in steep), default=0.0), widest

    def laid_out(self) -> Layout:
        """Return the layout for the present channels and angles."""
        self.edges = self.found.edges()
        centres = {box.key: (self.across(box), self.found.heights[box.key]) for box in self.scene.boxes}
        self.meetings = self.met(centres)
        middles = tuple(place and self.centre(middle(index)) for index, place in enumerate(self.given.middles))
        routes = tuple(self.route(index, centres) for index in range(len(self.scene.arrows)))
        return replace(self.given, centres=centres, routes=routes, middles=middles)

    def across(self, box: Box) -> float:
        """Return where a box stands in its column: starts and dots on its right, what arrows end at on its left."""
        left, right = self.edges[self.column[box.key]]
        half = self.found.sizes[box.key][0] / 2
        if box.key not in self.heads or box.kind == "branch":
            return right - half
        discs = all(key in self.discs for key in self.found.keys[self.column[box.key]])
        return (left + right) / 2 if discs else left + half

    def centre(self, key: str) -> Point:
        """Return the middle of an arrow's labels."""
        left, right = self.edges[self.column[key]]
        return (left + right) / 2, self.found.heights[key]

    def met(self, centres: dict[str, Point]) -> dict[int, float]:
        """Return the angle at which each arrow meets a disc, or how far above the middle it meets another box."""
        into = defaultdict[str, list[tuple[float, int]]](list)
        for index, way in enumerate(self.found.ways):
            into[way[-1].key].append((self.found.height(index, way[-2]), index))
        meetings: dict[int, float] = {}
        for head, lines in into.items():
            lines.sort()
            height = self.found.sizes[head][1]
            if head in self.discs:
                limit, start = self.angles[head], self.edges[self.column[head] - 1][1]
                wanted = [min(max(angle_to((start, y), centres[head]), -limit), limit) for y, _ in lines]
                apart = 2 * APART / height
            else:
                limit, wanted, apart = height / 3, [0.0] * len(lines), height / 3
            meetings.update(zip((index for _, index in lines), _spread(wanted, apart, limit), strict=True))
        return meetings

    def route(self, index: int, centres: dict[str, Point]) -> Path:
        """Return an arrow's line: level within columns, and bending between them."""
        way = self.found.ways[index]
        tail = way[0].key
        here = (centres[tail][0] + self.found.sizes[tail][0] / 2, centres[tail][1])
        path: Path = (here,)
        for before, after in pairwise(way):
            edge = self.edges[before.column][1]
            if before.key in self.fans:  # level as far as the heads of arrows back reach, so that they are one
                edge = max(edge, here[0] + self.stub)
            if edge > here[0]:
                path += straight(here, (edge, here[1]))[1:]
                here = path[-1]
            if after is way[-1]:
                return path + self.ending(index, here, centres[after.key])[1:]
            end = (self.edges[after.column][0], self.found.height(index, after))
            path += swing(here, end, self.track(index, before.column))[1:]
            here = path[-1]
        return path

    def ending(self, index: int, start: Point, centre: Point) -> Path:
        """Return the last piece of an arrow's line."""
        box = self.boxes[self.scene.arrows[index].head]
        size, place = self.found.sizes[box.key], self.meetings[index]
        track = self.track(index, self.column[box.key] - 1)
        if box.key in self.discs:
            return landing(start, centre, size, place, track)
        end = (centre[0] - size[0] / 2, centre[1] + place)
        edge = (self.edges[self.column[box.key]][0], end[1])
        return swing(start, edge, track) + straight(edge, end)[1:] if edge[0] < end[0] else swing(start, end, track)

    def track(self, index: int, column: int) -> float:
        """Return where in a channel an arrow rises, if it is steep, as a fraction of the channel's width."""
        return self.tracks.get((index, column), 0.5)

    def wider(self, made: Layout, suspects: Collection[int]) -> set[int]:
        """Return the channels that have to be made wider; make the angles flatter where lines end beside something.

        Level pieces are clear: an engine keeps boxes apart, and `columns` keeps room for what passes between them.
        """
        wider = set[int]()
        where = {arrow.key: arrow for arrow in self.scene.arrows}
        lines = bends(tracks(self.scene, made.routes, self.theme, suspects))
        for key, _, _, (x, _) in _near(self.scene, made, self.theme, lines):
            channel = max([c for c, (_, right) in enumerate(self.edges[:-1]) if right <= x + 1], default=0)
            head = where[key].head
            if self.column[head] == channel + 1:
                self.angles[head] *= FLATTER
            wider.add(channel)
        return wider


def _passes(way: Sequence[Stop], channels: Collection[int]) -> bool:
    """Return whether an arrow runs through one of the channels, given by the columns on their left."""
    return any(way[0].column <= channel < way[-1].column for channel in channels)


def _spread(wanted: Sequence[float], apart: float, limit: float) -> list[float]:
    """Return rising numbers at least `apart`, within a limit on both sides, near those wanted.

    >>> _spread([0, 0], 2, 5), _spread([0, 4, 5], 2, 5)
    ([-1.0, 1.0], [0, 3, 5])
    """
    count = len(wanted)
    apart = min(apart, 2 * limit / (count - 1)) if count > 1 else 0.0
    placed = list(wanted)
    for _ in range(count):
        for left in range(count - 1):
            lacking = apart - (placed[left + 1] - placed[left])
            if lacking > 0:
                placed[left] -= lacking / 2
                placed[left + 1] += lacking / 2
    low, high = -limit, limit
    for place in range(count):
        placed[place] = max(placed[place], low)
        low = placed[place] + apart
    for place in reversed(range(count)):
        placed[place] = min(placed[place], high)
        high = placed[place] - apart
    return placed
