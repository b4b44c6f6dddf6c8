"""Measure every box and every label of a scene, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.text_width import line_heights, text_width

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.draw.scene.model import Arrow, Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = [
    "MANY",
    "RECORDS",
    "ROLE",
    "ROUND",
    "Size",
    "Sizes",
    "font_size",
    "label_reach",
    "label_size",
    "measured",
    "role_height",
]

Size = tuple[float, float]
"""Width and height in points."""

ROLE: Final = 0.8
"""The size of an operand's role by that of a label."""

ROUND: Final = ("operation", "branch")
"""The kinds of boxes that are ellipses."""

RECORDS: Final = ("value", "group")
"""The kinds of boxes that hold cells side by side."""

SMALL: Final = ("constant", "value", "group")
"""The kinds of boxes whose text is as small as a label."""


MANY: Final = 4
"""The most operands of an operation that is drawn as a disc."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of all boxes and labels in a scene.

    `boxes` are the boxes' sizes by key, and `cells` the widths of their cells, for boxes that have cells; `labels` are
    the sizes of the arrows' labels, `lanes` the lengths of the arrows' straight parts, and `reaches` how far their
    labels reach to the left and to the right of the line, seen along it, in the order of the arrows. `marked` are the
    arrows beside which the role of their operand is written. Arrows point to the right, or `down`.
    """

    boxes: dict[str, Size]
    cells: dict[str, list[float]]
    labels: list[Size]
    lanes: list[float]
    reaches: list[Size]
    marked: frozenset[int] = frozenset()
    down: bool = False

    @property
    def area(self) -> float:
        """The area of all boxes and labels."""
        return sum(width * height for width, height in (*self.boxes.values(), *self.labels))

    @property
    def turned(self) -> Sizes:
        """The sizes with widths and heights exchanged, for a layout that is mirrored at a diagonal afterwards."""
        boxes = {key: (height, width) for key, (width, height) in self.boxes.items()}
        reaches = [(right, left) for left, right in self.reaches]
        return replace(self, boxes=boxes, labels=[(h, w) for w, h in self.labels], reaches=reaches, down=False)


def measured(scene: Scene, theme: Theme, marked: Collection[int] = ()) -> Sizes:
    """Return the sizes of all boxes and labels of a scene; `marked` are the arrows that say their operand's role.

    Those whose role is always told do, too.
    """
    marked = frozenset(marked) | {index for index, arrow in enumerate(scene.arrows) if arrow.told}
    cells = {box.key: _cell_widths(box, theme) for box in scene.boxes if box.kind in RECORDS}
    operands = Counter(arrow.head for arrow in scene.arrows)
    boxes = {box.key: _box_size(box, cells.get(box.key), theme) for box in scene.boxes}
    boxes |= {
        box.key: _longer(boxes[box.key], operands[box.key], theme, down=scene.down)
        for box in scene.boxes
        if box.kind == "operation" and operands[box.key] > MANY
    }
    size = side_label_size if scene.down else label_size
    labels = [size(arrow, theme, marked=index in marked) for index, arrow in enumerate(scene.arrows)]
    if scene.down:
        left = theme.lane + theme.label_gap
        reaches = [(width - left, left) for width, _ in labels]
        return Sizes(boxes, cells, labels, [height for _, height in labels], reaches, marked, down=True)
    reaches = [(height / 2, height / 2) for _, height in labels]
    return Sizes(boxes, cells, labels, _lane_widths(labels, theme), reaches, marked)


def font_size(box: Box, theme: Theme) -> float:
    """Return the size of a box's text: large for a glyph, small for a constant."""
    if box.kind == "operation":
        return theme.glyph_size if len(box.text) == 1 else theme.text_size
    return theme.label_size if box.kind in SMALL else theme.text_size


def _box_size(box: Box, cells: list[float] | None, theme: Theme) -> Size:
    """Return a box's width and height: of a disc or a wider ellipse for an operation, of a dot, or of its texts."""
    if box.kind == "branch":
        return theme.branch, theme.branch
    size = font_size(box, theme)
    height = max(line_heights(box.texts, size, theme.line_height))
    if cells is not None:
        return sum(cells), height + theme.cell_margin
    width = text_width(box.text, size)
    if box.kind == "operation":
        return max(theme.disc, width + 2 * theme.disc_margin), theme.disc
    return width + 2 * theme.text_margin, height


def _longer(size: Size, operands: int, theme: Theme, *, down: bool) -> Size:
    """Return the size of an operation of many operands, whose lines need room to arrive side by side."""
    width, height = size
    extra = (operands - MANY) * 2 * theme.lane
    return (max(width, height + extra), height) if down else (width, height + extra)


def _cell_widths(box: Box, theme: Theme) -> list[float]:
    """Return the widths of a box's texts side by side, each with its margins."""
    size = font_size(box, theme)
    return [text_width(text, size) + 2 * theme.cell_margin for text in box.texts]


def label_size(arrow: Arrow, theme: Theme, *, marked: bool = False) -> Size:
    """Return the size of an arrow's labels, with its line through the middle; `marked` adds its operand's role."""
    width = max([text_width(text, theme.label_size) for text in (arrow.above, *arrow.below)])
    width = max(width, text_width(arrow.role, ROLE * theme.label_size) if marked else 0.0)
    above = label_reach((arrow.above,) if arrow.above else (), theme) + role_height(theme) * marked
    return width + 2 * theme.label_gap, 2 * max(above, label_reach(arrow.below, theme))


def role_height(theme: Theme) -> float:
    """Return the height of the line of an operand's role."""
    return ROLE * theme.line_height * theme.label_size


def label_reach(texts: Sequence[str], theme: Theme) -> float:
    """Return the distance from the middle of an arrow to the far edge of a label with these lines."""
    return theme.lane + theme.label_gap + sum(line_heights(texts, theme.label_size, theme.line_height))


def side_label_size(arrow: Arrow, theme: Theme, *, marked: bool = False) -> Size:
    """Return the size of the labels to the right of an arrow that points down, with its lines at their left."""
    texts = [text for text in (arrow.above, *arrow.below) if text]
    width = max([text_width(text, theme.label_size) for text in texts], default=0.0)
    width = max(width, text_width(arrow.role, ROLE * theme.label_size) if marked else 0.0)
    height = sum(line_heights(texts, theme.label_size, theme.line_height)) + role_height(theme) * marked
    return width + 2 * theme.lane + 3 * theme.label_gap, height


def _lane_widths(labels: list[Size], theme: Theme) -> list[float]:
    """Return the length of each arrow's level part: the same for all except those with very long labels."""
    usual = max([width for width, _ in labels if width <= theme.lane_width], default=theme.lane_width)
    return [max(width, usual) for width, _ in labels]
