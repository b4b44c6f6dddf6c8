"""Find the columns of an engine's layout, and keep room in each for the lines that pass through it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.clearance import LEAST
from graphgrad.draw.layout.curves import samples
from graphgrad.draw.layout.layout import middle
from graphgrad.draw.layout.levels import level
from graphgrad.draw.layout.order import operands
from graphgrad.draw.layout.stops import Columns, Stop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from graphgrad.draw.layout.layout import Layout
    from graphgrad.draw.layout.sizes import Size
    from graphgrad.draw.scene.model import Arrow, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["columns"]

BETWEEN: Final = 8.0
"""The least distance between two arrows that pass through a column side by side."""

STARTS: Final = ("input", "constant", "value")
"""The kinds of boxes that may be moved to the right of the lines that fan out from others in their column."""

SAMPLES: Final = 12
"""The points of each piece of an engine's line at which its height is read."""

FAR: Final = 1e9
"""A height beyond every picture."""


def columns(scene: Scene, layout: Layout, theme: Theme) -> Columns | None:
    """Return the columns of a layout; None where it has no columns, as that of a user's engine may be.

    Starts in the way of lines that fan out beside them get a column of their own, and boxes are moved apart where lines
    need to pass between them.
    """
    found = _grouped(scene, layout)
    if found is None:
        return None
    _complete(found, scene, layout, theme)
    _order_constants(found, scene, theme.row_gap)
    level(found, scene.arrows, theme, BETWEEN)
    _split(found, scene, theme)
    level(found, scene.arrows, theme, BETWEEN)
    _make_room(found, scene.arrows, theme)
    return found


def _grouped(scene: Scene, layout: Layout) -> Columns | None:
    """Return the boxes and labels by column, from left to right; None where columns overlap or an arrow goes left."""
    sizes = dict(layout.sizes.boxes)
    places = {box.key: layout.centres[box.key] for box in scene.boxes}
    for index, place in enumerate(layout.middles):
        if place:
            key = middle(index)
            sizes[key], places[key] = (layout.sizes.lanes[index], layout.sizes.labels[index][1]), place
    groups: dict[int, list[str]] = {}
    for key in sorted(places, key=places.__getitem__):
        groups.setdefault(round(places[key][0]), []).append(key)
    keys = list(groups.values())
    spans = [_span(group, places, sizes) for group in keys]
    gaps = [after[0] - before[1] for before, after in pairwise(spans)]
    of = {key: column for column, group in enumerate(keys) for key in group}
    ways = [_way(arrow, index, of) for index, arrow in enumerate(scene.arrows)]
    if min(gaps, default=1.0) <= 0 or any(a.column >= b.column for way in ways for a, b in pairwise(way)):
        return None
    heights = {key: place[1] for key, place in places.items()}
    shifts = {middle(index): (up - below) / 2 for index, (up, below) in enumerate(layout.sizes.reaches)}
    return Columns(keys, sizes, heights, gaps, ways, shifts=shifts)


def _span(group: Iterable[str], places: Mapping[str, tuple[float, float]], sizes: Mapping[str, Size]) -> Size:
    sides = [(places[key][0] - sizes[key][0] / 2, places[key][0] + sizes[key][0] / 2) for key in group]
    return min(left for left, _ in sides), max(right for _, right in sides)


def _way(arrow: Arrow, index: int, of: Mapping[str, int]) -> list[Stop]:
    """Return an arrow's tail, its labels, if any, and its head."""
    between = [middle(index)] if middle(index) in of else []
    return [Stop(of[key], key) for key in (arrow.tail, *between, arrow.head)]


def _complete(found: Columns, scene: Scene, layout: Layout, theme: Theme) -> None:
    """Complete each arrow's way by the columns that it passes through."""
    centres = {middle(i): place for i, place in enumerate(layout.middles) if place} | layout.centres
    middles = [centres[group[0]][0] for group in found.keys]
    stacks = [found.spans(column) for column in range(len(found.keys))]
    for index, arrow in enumerate(scene.arrows):
        way = found.ways[index]
        if way[-1].column - way[0].column < len(way):
            continue
        points = sorted(samples(layout.routes[index], SAMPLES))
        least = LEAST + (theme.lane if arrow.pair else 0.0)
        whole = [way[-1]]
        for before, after in reversed(list(pairwise(way))):
            y = found.heights[after.key]
            for column in range(after.column - 1, before.column, -1):
                drawn = _height(points, middles[column])
                y = _level(stacks[column], (y, found.heights[before.key]), drawn, least)
                found.passing[index, column] = y
                whole.append(Stop(column, ""))
            whole.append(before)
        found.ways[index] = whole[::-1]


def _level(stack: list[tuple[float, float]], wanted: Iterable[float], drawn: float, least: float) -> float:
    """Return the first of the heights wanted that is free in the gap where a line is drawn, else where it is drawn."""
    slot = bisect_right(stack, (drawn, 0.0))
    low = stack[slot - 1][0] + stack[slot - 1][1] + least if slot else -FAR
    high = stack[slot][0] - stack[slot][1] - least if slot < len(stack) else FAR
    return next((y for y in wanted if low <= y <= high), drawn)


def _height(points: list[tuple[float, float]], x: float) -> float:
    """Return the height of a line at a place."""
    at = min(max(bisect_right(points, (x, 0.0)), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[at - 1], points[at]
    return y0 if x1 == x0 else y0 + (y1 - y0) * min(max((x - x0) / (x1 - x0), 0.0), 1.0)


def _order_constants(found: Columns, scene: Scene, gap: float) -> None:
    """Move constants that are out of order between the operands beside them, and all that is in their way with them."""
    kinds = {box.key: box.kind for box in scene.boxes}
    for indices in operands(scene):
        for place, index in enumerate(indices):
            way = found.ways[index]
            constant = way[0]
            if kinds[constant.key] != "constant" or way[1].key != scene.arrows[index].head:
                continue
            heights = [found.height(each, found.ways[each][-2]) for each in indices]
            if all(one > two for one, two in pairwise(heights)):
                break
            above = place > 0
            neighbour = found.ways[indices[place - 1 if above else place + 1]][-2]
            beside = heights[place - 1 if above else place + 1]
            half = found.reach(neighbour.key, -1 if above else 1) if neighbour.key else gap
            room = half + found.sizes[constant.key][1] / 2 + gap
            found.heights[constant.key] = beside - room if above else beside + room
            _give_way(found, constant, beside, gap)


def _give_way(found: Columns, moved: Stop, beside: float, gap: float) -> None:
    """Move all that is on a box's side of a height away from the box, as far as it needs the room."""
    y, half = found.heights[moved.key], found.sizes[moved.key][1] / 2
    sign = 1 if y > beside else -1
    others = [key for key in found.keys[moved.column] if key != moved.key and sign * (found.heights[key] - beside) > 0]
    lacking = max((half + gap + found.reach(key, -sign) - sign * (found.heights[key] - y) for key in others), default=0)
    if lacking > 0:
        found.heights = {key: _pushed(each, beside, sign * lacking) for key, each in found.heights.items()}
        found.passing = {key: _pushed(each, beside, sign * lacking) for key, each in found.passing.items()}
        found.heights[moved.key] = y


def _pushed(height: float, threshold: float, distance: float) -> float:
    return height + distance if (height - threshold) * distance > 0 else height


def _split(found: Columns, scene: Scene, theme: Theme) -> None:
    """Move starts that lines of other boxes in their column run past into columns of their own, to the right."""
    kinds = {box.key: box.kind for box in scene.boxes}
    heads = {arrow.head for arrow in scene.arrows}
    for column in reversed(range(len(found.keys))):
        starts = [key for key in found.keys[column] if kinds.get(key) in STARTS and key not in heads]
        spans = list(_leaving(found, column, kinds))
        crossed = {
            key for key in starts if any(low < found.heights[key] < high for tail, low, high in spans if tail != key)
        }
        fans = {tail for tail, _, _ in spans if any(_crosses(found, key, tail, spans) for key in crossed)}
        moved = [key for key in starts if key not in fans]
        if crossed & set(moved) and len(moved) < len(found.keys[column]):
            _insert(found, column, moved, theme.gap)


def _crosses(found: Columns, key: str, tail: str, spans: Iterable[tuple[str, float, float]]) -> bool:
    return any(each == tail != key and low < found.heights[key] < high for each, low, high in spans)


def _leaving(found: Columns, column: int, boxes: Collection[str]) -> Iterator[tuple[str, float, float]]:
    """Yield the boxes that arrows leave in a column, and between which heights these run to the next column."""
    for index, (before, after, *_) in enumerate(found.ways):
        if before.column == column and before.key in boxes:
            low, high = sorted((found.height(index, before), found.height(index, after)))
            yield before.key, low, high


def _insert(found: Columns, column: int, moved: list[str], gap: float) -> None:
    """Put some boxes of a column into a new one to the right of it; other arrows pass through that one.

    Those to the same box as an arrow from a moved one pass on the same side of it as they begin.
    """
    passing = {}
    beside = defaultdict[str, list[float]](list)
    for way in found.ways:
        if way[0].key in moved:
            beside[way[1].key].append(found.heights[way[0].key])
    for index, way in enumerate(found.ways):
        whole = []
        for place, stop in enumerate(way):
            later = stop.column > column or stop.key in moved
            whole.append(Stop(stop.column + later, stop.key))
            if stop.column == column and stop.key not in moved and place + 1 < len(way):
                whole.append(Stop(column + 1, ""))
                here, there = found.height(index, stop), found.height(index, way[place + 1])
                sides = [y for y in beside[way[place + 1].key] if (here - y) * (there - y) <= 0]
                passing[index, column + 1] = here if sides or not stop.key else there
            if not stop.key:
                passing[index, stop.column + later] = found.passing[index, stop.column]
        found.ways[index] = whole
    found.passing = passing
    found.keys[column] = [key for key in found.keys[column] if key not in moved]
    found.keys.insert(column + 1, moved)
    found.gaps.insert(column, gap)


def _make_room(found: Columns, arrows: Sequence[Arrow], theme: Theme) -> None:
    """Place the arrows that pass through each column, and move what is above them up where there is no room."""
    halves = [theme.lane if arrow.pair else 0.0 for arrow in arrows]
    opened: list[tuple[float, float]] = []
    for column in range(len(found.keys)):
        opened += [(at, lacking) for at, lacking in _gaps(found, column, halves) if lacking > 0]
    if opened:
        found.heights = {key: _raised(y, opened) for key, y in found.heights.items()}
        found.passing = {key: _raised(y, opened) for key, y in found.passing.items()}
        for column in range(len(found.keys)):
            list(_gaps(found, column, halves))


def _raised(y: float, opened: Iterable[tuple[float, float]]) -> float:
    return y + sum(room for at, room in opened if y > at)


def _gaps(found: Columns, column: int, halves: Sequence[float]) -> Iterable[tuple[float, float]]:
    """Place the arrows between the boxes of a column; yield for each gap its height and the room that it lacks."""
    items = found.spans(column)
    tops = [-FAR, *(y + half for y, half in items)]
    bottoms = [*(y - half for y, half in items), FAR]
    lines: list[list[tuple[float, int]]] = [[] for _ in tops]
    for (index, where), y in found.passing.items():
        if where == column:
            slot = bisect_right([each for each, _ in items], y)
            lines[slot].append((y, index))
    for low, high, inside in zip(tops, bottoms, lines, strict=True):
        if inside:
            inside.sort()
            yield (low + high) / 2, _placed(found, column, (low, high), [index for _, index in inside], halves)


def _placed(found: Columns, column: int, gap: tuple[float, float], inside: list[int], halves: Sequence[float]) -> float:
    """Place arrows, given from bottom to top, between two heights, near those they have; return the room that lacks."""
    least = []
    below = gap[0] + LEAST
    for index in inside:
        below += halves[index]
        least.append(below)
        below += halves[index] + BETWEEN
    lacking = below - BETWEEN + LEAST - gap[1]
    above = gap[1] - LEAST + BETWEEN
    last = len(inside) - 1
    most = [0.0] * len(inside)
    for place in range(last, -1, -1):
        above -= halves[inside[place]] + BETWEEN
        most[place] = above
        above -= halves[inside[place]]
    reached = -FAR
    for place, index in enumerate(inside):
        half = halves[index]
        wanted = max(found.passing[index, column], least[place], reached + half)
        found.passing[index, column] = min(wanted, max(most[place], least[place]))
        reached = found.passing[index, column] + half + BETWEEN
    return lacking
