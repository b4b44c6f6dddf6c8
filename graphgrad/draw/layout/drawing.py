"""Place every line, box and text of a scene, for each format to write in its own syntax."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from graphgrad.draw.layout.sizes import RECORDS, font_size
from graphgrad.draw.layout.strokes import Label, bounds, caption_place, strokes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Layout, Point
    from graphgrad.draw.layout.sizes import Size
    from graphgrad.draw.layout.strokes import Bounds, Stroke
    from graphgrad.draw.scene.model import Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["Drawing", "Panel"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A box at its place, its texts of size `font`, each centred on its place.

    `cells` are the left edge and the width of each cell, a text for each; without cells there is one text, or none.
    `share` and `lit` are those of the box.
    """

    key: str
    kind: str
    centre: Point
    size: Size
    font: float
    texts: tuple[Label, ...]
    cells: tuple[tuple[float, float], ...] = ()
    share: float = 0.0
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A scene, its layout, its theme, and the edges of the picture.

    At a `step`, the numbers that it brings have travelled along their arrows for a `share` of their time.
    """

    scene: Scene
    layout: Layout
    theme: Theme
    bounds: Bounds
    step: int = 0
    share: float = 1.0

    @property
    def size(self) -> Size:
        """The width and the height of the picture."""
        left, low, right, high = self.bounds
        return right - left, high - low

    def with_room_for(self, caption: str) -> Drawing:
        """Return the drawing with room for a caption below it."""
        longest = replace(self.scene, caption=caption)
        return replace(self, bounds=bounds(longest, self.layout, self.theme))

    def at(self, step: int, share: float = 1.0) -> Drawing:
        """Return the drawing at a step, with the same layout, or on the way to it."""
        return replace(self, scene=self.scene.at(step), step=step, share=share)

    @property
    def strokes(self) -> Iterator[Stroke]:
        """The lines of the arrows; each arrow's forward line comes before its backward line."""
        drawn = strokes(self.scene, self.layout, self.theme)
        if self.share == 1:
            return drawn
        from graphgrad.draw.layout.travel import on_the_way

        size = self.theme.label_size
        return (on_the_way(stroke, self.share, size) if stroke.step == self.step else stroke for stroke in drawn)

    @property
    def panels(self) -> Iterator[Panel]:
        """The boxes."""
        return (_panel(box, self.layout, self.theme) for box in self.scene.boxes)

    @property
    def caption_place(self) -> Point:
        """Where a caption begins."""
        return caption_place(self.bounds, self.theme)


def _panel(box: Box, layout: Layout, theme: Theme) -> Panel:
    centre, size, font = layout.centres[box.key], layout.sizes.boxes[box.key], font_size(box, theme)
    if box.kind not in RECORDS:
        texts = (Label(box.text, centre),) if box.text else ()
        return Panel(box.key, box.kind, centre, size, font, texts, (), box.share, box.lit)
    widths = layout.sizes.cells[box.key]
    cells = tuple(zip(accumulate(widths, initial=centre[0] - size[0] / 2), widths, strict=False))
    return Panel(box.key, box.kind, centre, size, font, _texts(box, cells, centre[1]), cells, box.share, box.lit)


def _texts(box: Box, cells: tuple[tuple[float, float], ...], y: float) -> tuple[Label, ...]:
    """Return the texts in the cells of a box, and the steps at which they appear."""
    steps = [0] * len(box.head) + [cell.step for cell in box.cells]
    placed = zip(box.shown, cells, steps, strict=True)
    return tuple(Label(text, (left + width / 2, y), step) for text, (left, width), step in placed)
