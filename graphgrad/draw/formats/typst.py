r"""Write a drawing as Typst: a document whose only page is the picture, which needs no package."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from graphgrad.draw.formats.decimals import hundredths
from graphgrad.draw.layout.sizes import ROLE, ROUND
from graphgrad.draw.layout.strokes import Label
from graphgrad.draw.layout.text_width import baseline, text_set
from graphgrad.draw.theme import LIT, shade
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.typst_math import typst_math, typst_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.draw.layout.drawing import Drawing, Panel
    from graphgrad.draw.layout.layout import Path, Point
    from graphgrad.draw.layout.strokes import Stroke
    from graphgrad.draw.theme import Theme

__all__ = ["typst"]

GENERIC: Final = "sans-serif"
"""The last of a theme's families, which is no font's name, and unknown to Typst."""

DASHES: Final = {"dashed": "(5pt, 2pt)", "dotted": "(1pt, 3pt)", "solid": "none"}
"""Typst's dashes for DOT's line styles."""

AXIS: Final = 0.25
"""How far the middle of a sign lies above its baseline, by its size."""

DOCUMENT: Final = """\
// Typst 0.13 or later, no package. In another document: #import "FILE.typ": picture, then #picture
#let ink = rgb("{ink}")
#let disc = {disc}
#let muted = rgb("{muted}")
#let back = rgb("{backward}")
#let hot = rgb("{hot}")
#let blamed = rgb("{blamed}")
#let forward-line = (paint: ink, thickness: {stroke}pt)
#let line-line = (paint: muted, thickness: {stroke}pt)
#let backward-line = (paint: back, thickness: {stroke}pt, dash: {dashes})
#let blamed-line = (paint: blamed, thickness: {thick}pt)
#let at(x, y, body) = place(top + left, dx: x * 1pt, dy: y * 1pt, body)
#let surd = text(font: ({fonts}), "√")
#let label(x, y, size, paint, body, from: 0.5) = context {{
  // the strut puts the baseline at its own height, however tall the formula is
  let line = text(size: size * 1pt, fill: paint, box(height: 200pt) + body)
  at(x, y - 200, move(dx: -from * measure(line).width, line))
}}
#let picture = box(width: {width}pt, height: {height}pt)[
#show math.equation: set text(font: ("New Computer Modern Math", {fonts}))
{body}
]
#set page(width: auto, height: auto, margin: 0pt)
#picture
"""


def typst(drawing: Drawing) -> str:
    """Return a drawing as a Typst document with one page of the picture's size.

    It is drawn with Typst's own curves, ellipses and polygons, so that it compiles without a network.

    >>> from graphgrad import parse
    >>> print(parse("x*y").backprop({"x": 3, "y": 5}).render("typ").decode().splitlines()[2])
    #let disc = rgb("#f5f6f8")
    """
    return _Page(drawing).document()


class _Page:
    """Writes a drawing in the coordinates of its page, in which heights grow downwards from the upper left corner."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.theme = drawing, drawing.theme
        self.left, self.low, self.right, self.upper = drawing.bounds

    def document(self) -> str:
        theme, light = self.theme, self.theme.light
        colours = {name: getattr(light, name) for name in ("ink", "muted", "backward", "hot", "blamed")}
        return DOCUMENT.format(
            **colours,
            width=hundredths(self.right - self.left),
            height=hundredths(self.upper - self.low),
            disc="none" if light.disc == "none" else f'rgb("{light.disc}")',
            stroke=hundredths(theme.stroke),
            thick=hundredths(LIT * theme.stroke),
            dashes=DASHES.get(theme.backward_style, DASHES["dashed"]),
            fonts="".join(f"{typst_string(family)}, " for family in theme.families if family != GENERIC),
            body="\n".join(self.body()),
        )

    def body(self) -> Iterator[str]:
        """Yield the lines, then the boxes, then the caption."""
        for stroke in self.drawing.strokes:
            yield from self.stroke(stroke)
        for panel in self.drawing.panels:
            yield from self.panel(panel)
        caption = self.drawing.scene.caption
        if caption:
            yield self.text(Label(caption, self.drawing.caption_place), self.theme.label_size, "muted", start=True)

    def stroke(self, stroke: Stroke) -> Iterator[str]:
        """Yield the line of an arrow, its head and its labels."""
        look = "blamed" if stroke.lit else stroke.kind
        yield f"#place(top + left, curve(stroke: {look}-line, {self.curve(stroke.route)}))"
        ink = "blamed" if stroke.lit else "back" if stroke.kind == "backward" else "ink"
        if stroke.head:
            yield f"#place(top + left, polygon(fill: {ink}, {self.points(stroke.head)}))"
        yield from (self.beside(label, self.theme.label_size, ink) for label in stroke.labels)
        if stroke.role:
            yield self.beside(stroke.role, ROLE * self.theme.label_size, "muted")

    def panel(self, panel: Panel) -> Iterator[str]:
        """Yield a box and its texts."""
        (x, y), (width, height) = panel.centre, panel.size
        line = "blamed-line" if panel.lit else "forward-line"
        look = f"fill: {_fill(panel, self.theme)}, stroke: {'none' if panel.kind == 'branch' else line}"
        if panel.kind in ROUND:
            yield self.outline("ellipse", (x - width / 2, y + height / 2), panel.size, look)
        for label, cell in zip_longest(panel.texts, panel.cells):
            if cell:
                yield self.outline("rect", (cell[0], y + height / 2), (cell[1], height), look)
            if label:
                yield self.text(label, panel.font, "muted" if panel.kind == "constant" else "ink")

    def outline(self, shape: str, corner: Point, size: Point, look: str) -> str:
        width, height = map(hundredths, size)
        return f"#at({self.xy(corner)}, {shape}(width: {width}pt, height: {height}pt, {look}))"

    def beside(self, label: Label, size: float, ink: str) -> str:
        """Return a label of an arrow; beside one that points down, it starts where the picture's does."""
        if not self.drawing.scene.down:
            return self.text(label, size, ink)
        x, y = label.place
        return self.text(Label(label.text, (x - text_set(label.text, size).width / 2, y)), size, ink, start=True)

    def text(self, label: Label, size: float, ink: str, *, start: bool = False) -> str:
        setting = text_set(label.text, size)
        drop = baseline(setting, size) if any(map(str.isalnum, label.text)) else AXIS * size
        x, y = label.place[0], label.place[1] - drop
        place = f"{self.xy((x, y))}, {hundredths(size)}, {ink}"
        shown = typst_math(_tex(label.text), stacked=bool(setting.rules))
        return f"#label({place}, {shown}{', from: 0' * start})"

    def curve(self, route: Path) -> str:
        start, *rest = map(self.pair, route)
        pieces = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        return ", ".join([f"curve.move({start})", *(f"curve.cubic({', '.join(each)})" for each in pieces)])

    def points(self, corners: Iterable[Point]) -> str:
        return ", ".join(map(self.pair, corners))

    def pair(self, point: Point) -> str:
        """Return a point as Typst's pair of lengths."""
        x, y = self.xy(point).split(", ")
        return f"({x}pt, {y}pt)"

    def xy(self, point: Point) -> str:
        """Return a point in the page's coordinates."""
        return f"{hundredths(point[0] - self.left)}, {hundredths(self.upper - point[1])}"


def _tex(text: str) -> str:
    """Return a text of the picture in LaTeX's math mode."""
    return text.tex if isinstance(text, Phrase) else Phrase(text).tex


def _fill(panel: Panel, theme: Theme) -> str:
    """Return the colour of a box: ink for a branch, and shaded by its share in an error."""
    if panel.kind == "branch":
        return "ink"
    opaque = shade(panel.share)
    base = "white" if theme.light.disc == "none" else "disc"
    return f"color.mix((hot, {opaque:.1%}), ({base}, {1 - opaque:.1%}), space: rgb)" if opaque else "disc"
