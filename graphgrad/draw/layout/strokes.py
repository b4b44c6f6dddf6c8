"""Place the lines of arrows: their routes between boxes, their heads, their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from math import hypot
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.layout import beside, shortened
from graphgrad.draw.layout.sizes import ROLE, label_reach, role_height
from graphgrad.draw.layout.text_width import line_heights, text_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.scene.model import Arrow, Line, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["ARROW_LENGTH", "Bounds", "Label", "Stroke", "bounds", "caption_place", "role_label", "strokes"]

ARROW_LENGTH: Final = 10.0
"""The length of an arrow's head of size 1, in points."""

ARROW_SLOPE: Final = 0.35
"""Half an arrow's head's width by its length."""

Bounds = tuple[float, float, float, float]
"""The left, lower, right and upper edges of a picture."""


class Label(NamedTuple):
    """A line of text, the place of its middle, and the step at which it appears."""

    text: str
    place: Point
    step: int = 0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of an arrow: its route up to its head, the head's three corners, tip first, its labels, and their centre.

    `key` is the arrow's key with the kind, `kind` is forward, backward or line, `step` the step at which it appears; it
    is `lit` on the path to blame. `moving` is the label that travels along the line to its place, if one does.
    `role` is the small text that says what the operand is to the operation, if any.
    """

    key: str
    kind: str
    step: int
    route: Path
    head: Path
    labels: tuple[Label, ...]
    place: Point | None
    lit: bool = False
    moving: int | None = None
    role: Label | None = None


class Room(NamedTuple):
    """The height of an arrow's labels, that of its operand's role among them, and whether the arrow points down."""

    height: float
    role: float
    down: bool


def strokes(scene: Scene, layout: Layout, theme: Theme) -> Iterator[Stroke]:
    """Yield the lines of a scene's arrows; each arrow's forward line comes before its backward line."""
    sizes = layout.sizes
    for index, arrow in enumerate(scene.arrows):
        route, place = layout.routes[index], layout.middles[index]
        room = Room(sizes.labels[index][1], role_height(theme) * (index in sizes.marked), scene.down)
        first, *others = (_stroke(arrow, line, route, place, room, theme) for line in arrow.lines)
        role = None
        if place and room.role:
            role = _side_role(arrow, place, room, theme) if room.down else role_label(arrow, place, theme)
        yield replace(first, role=role)
        yield from others


def bounds(scene: Scene, layout: Layout, theme: Theme) -> Bounds:
    """Return the edges of the picture: of all boxes, lines and labels, with a margin."""
    boxes = [(layout.centres[box.key], layout.sizes.boxes[box.key]) for box in scene.boxes]
    corners = [(x + i * w / 2, y + i * h / 2) for (x, y), (w, h) in boxes for i in (-1, 1)]
    rooms = zip(scene.arrows, layout.routes, layout.middles, layout.sizes.labels, strict=True)
    for index, (arrow, route, place, (width, height)) in enumerate(rooms):
        across, up = (theme.lane, 0.0) if scene.down else (0.0, theme.lane)
        corners += [(x + side * across, y + side * up) for x, y in route for side in (-1, 1)]
        if place and scene.down:
            right = place[0] + width - theme.lane - theme.label_gap
            corners += [(right, place[1] + side * height / 2) for side in (-1, 1)]
        elif place:
            more = role_height(theme) * (index in layout.sizes.marked)
            lines = {1: (arrow.above,) if arrow.above else (), -1: arrow.below}
            corners += [(place[0], place[1] + side * label_reach(texts, theme)) for side, texts in lines.items()]
            corners.append((place[0], place[1] + label_reach(lines[1], theme) + more))
    xs, ys = zip(*corners, strict=True)
    left, low, margin = min(xs), min(ys), theme.margin
    right = max(*xs, left + text_width(scene.caption, theme.label_size))
    low -= caption_height(theme) if scene.caption else 0
    return left - margin, low - margin, right + margin, max(ys) + margin


def caption_height(theme: Theme) -> float:
    """Return the height of the strip below a picture for its caption."""
    return 2 * theme.line_height * theme.label_size


def caption_place(edges: Bounds, theme: Theme) -> Point:
    """Return where a caption begins, at half the height of its line."""
    return edges[0] + theme.margin, edges[1] + theme.margin + theme.line_height * theme.label_size / 2


def _stroke(  # noqa: PLR0913, PLR0917  an arrow, one of its lines, and their places
    arrow: Arrow, line: Line, route: Path, place: Point | None, room: Room, theme: Theme
) -> Stroke:
    back = line.kind == "backward"
    lane = theme.lane * (-1 if back else 1) * (-1 if room.down else 1) if arrow.pair else 0.0
    along = beside(route, lane)
    along = along[::-1] if back else along
    length = 0.0 if line.kind == "line" else ARROW_LENGTH * theme.arrow
    kept = shortened(along, length) if length else along
    head = _head(kept[-1], along[-1], length * ARROW_SLOPE) if length else ()
    labels: tuple[Label, ...] = ()
    middle = place and _label_place(place, line.texts, theme, back=back)
    if place and room.down:
        labels = _side_labels(line.texts, place, room, theme, back=back)
        middle = _centre(labels)
    elif middle:
        labels = _labels(line.texts, middle, theme)
    key = f"{arrow.key}-{line.kind}"
    return Stroke(key, line.kind, line.step, kept, head, labels, middle, line.lit, line.moving if labels else None)


def _centre(labels: tuple[Label, ...]) -> Point | None:
    """Return the centre of lines of text."""
    xs, ys = zip(*(label.place for label in labels), strict=True) if labels else ((), ())
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2) if labels else None


def _labels(texts: tuple[str, ...], centre: Point, theme: Theme) -> tuple[Label, ...]:
    """Return the lines of a label, one below the other."""
    middles = _middles(texts, centre[1] + sum(_heights(texts, theme)) / 2, theme)
    return tuple(Label(text, (centre[0], y)) for text, y in zip(texts, middles, strict=True))


def _heights(texts: tuple[str, ...], theme: Theme) -> list[float]:
    """Return the heights of the lines of a label."""
    return line_heights(texts, theme.label_size, theme.line_height)


def _middles(texts: tuple[str, ...], top: float, theme: Theme) -> Iterator[float]:
    """Yield the middles of the lines of a label that begins at a height."""
    heights = _heights(texts, theme)
    return (
        top - before - height / 2 for before, height in zip(accumulate(heights, initial=0.0), heights, strict=False)
    )


def role_label(arrow: Arrow, place: Point, theme: Theme) -> Label:
    """Return the role of an arrow's operand, above its value."""
    away = label_reach((arrow.above,) if arrow.above else (), theme) + role_height(theme) / 2
    return Label(arrow.role, (place[0], place[1] + away), arrow.steps[0])


def _side_role(arrow: Arrow, place: Point, room: Room, theme: Theme) -> Label:
    """Return the role of the operand of an arrow that points down, above its value."""
    width, height = text_width(arrow.role, ROLE * theme.label_size), role_height(theme)
    x = place[0] + theme.lane + theme.label_gap + width / 2
    return Label(arrow.role, (x, place[1] + (room.height - height) / 2), arrow.steps[0])


def _side_labels(texts: tuple[str, ...], middle: Point, room: Room, theme: Theme, *, back: bool) -> tuple[Label, ...]:
    """Return the lines of a label to the right of an arrow that points down: the value first, then the adjoint."""
    left = middle[0] + theme.lane + theme.label_gap
    top = middle[1] + room.height / 2 - room.role
    top = middle[1] - room.height / 2 + sum(_heights(texts, theme)) if back else top
    middles = _middles(texts, top, theme)
    places = ((left + text_width(text, theme.label_size) / 2, y) for text, y in zip(texts, middles, strict=True))
    return tuple(map(Label, texts, places))


def _head(start: Point, tip: Point, half: float) -> Path:
    """Return the corners of a head that reaches from the end of its line to its tip."""
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = hypot(dx, dy) or 1.0
    x, y = -dy / length * half, dx / length * half
    return tip, (start[0] + x, start[1] + y), (start[0] - x, start[1] - y)


def _label_place(centre: Point, texts: tuple[str, ...], theme: Theme, *, back: bool) -> Point:
    away = label_reach(texts, theme) - sum(line_heights(texts, theme.label_size, theme.line_height)) / 2
    return centre[0], centre[1] + (-away if back else away)
