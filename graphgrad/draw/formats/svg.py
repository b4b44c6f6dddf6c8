"""Write a drawing as SVG with a title and a description, for light and dark pages."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from graphgrad.base.terminal_text import printable
from graphgrad.draw.formats.decimals import hundredths, svg_point
from graphgrad.draw.formats.svg_style import NAMESPACE, drawn_line, families, filled, outlined, style
from graphgrad.draw.formats.svg_text import text_elements
from graphgrad.draw.layout.sizes import ROLE, ROUND
from graphgrad.draw.layout.strokes import Label
from graphgrad.draw.theme import shade

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.draw.layout.drawing import Drawing, Panel
    from graphgrad.draw.layout.strokes import Bounds, Stroke
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme

__all__ = ["svg"]

MUTED: Final = ' class="gg-constant" fill="{}"'
"""The looks of an operand's role."""


def svg(drawing: Drawing, *, prefix: str = "", plays: bool = False) -> str:
    """Return a drawing as SVG; with `plays` it is animated, and shows step after step.

    `prefix` is put before every id, so that several pictures can share a page.
    """
    scene, (left, _, _, upper) = drawing.scene, drawing.bounds
    shift = f"translate({hundredths(-left)} {hundredths(upper)})"
    lines = _lines(drawing, prefix, plays=plays)
    boxes = (_panel(panel, drawing.theme, prefix, plays=plays) for panel in drawing.panels)
    captions = scene.captions if plays else (scene.caption,) if scene.caption else ()
    parts = [
        f'<g transform="{shift}" {_inherited(drawing.theme)}>',
        *lines,
        *boxes,
        *_captions(captions, drawing),
        "</g>",
        "</svg>",
        "",
    ]
    return "\n".join([*_head(scene, drawing.theme, drawing.bounds, plays=plays), *parts])


def _lines(drawing: Drawing, prefix: str, *, plays: bool) -> Iterator[str]:
    """Yield the lines of all arrows; in an animation, the bare graph's, then the lines that appear later above them."""
    if plays:
        yield from (_stroke(stroke, drawing.theme, prefix) for stroke in drawing.at(0).strokes)
    for stroke in drawing.strokes:
        if not plays:
            yield _stroke(stroke, drawing.theme, prefix)
        elif stroke.step:
            yield _stroke(replace(stroke, role=None), drawing.theme, prefix, appears=f" gg-s{stroke.step}")


def _head(scene: Scene, theme: Theme, edges: Bounds, *, plays: bool) -> Iterator[str]:
    """Yield the root element, title and description, the style sheet, and the card behind the picture.

    The picture's size is whole, because some viewers cut off what is beyond.
    """
    width, height = ceil(edges[2] - edges[0]), ceil(edges[3] - edges[1])
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    label = quoteattr(printable(scene.title))
    sheet, scope = style(theme, scene, len(scene.words) - 1 if plays else None)
    named = f'class="graphgrad {scope}" role="img" aria-label={label}'
    yield f'<svg xmlns="{NAMESPACE}" {named} {size}>'
    yield f"<title>{escape(printable(scene.title))}</title>"
    yield f"<desc>{escape(printable(scene.description))}</desc>"
    yield f"<style>\n{sheet}</style>"
    place = f'x="1" y="1" width="{width - 2}" height="{height - 2}" rx="{hundredths(theme.corner)}"'
    colours = f'fill="{theme.light.card}" stroke="{theme.light.rim}" stroke-width="1"'
    yield f'<rect class="gg-card" {place} {colours}/>'


def _inherited(theme: Theme) -> str:
    """Return the attributes of the group of all parts, which they inherit; some viewers take none from the root."""
    font = f'font-family="{families(theme)}" font-size="{hundredths(theme.label_size)}" text-anchor="middle"'
    return f'{font} fill="{theme.light.ink}" stroke-width="{theme.stroke:g}"'


def _stroke(stroke: Stroke, theme: Theme, prefix: str, *, appears: str = "") -> str:
    start, *rest = map(svg_point, stroke.route)
    path = f'<path{drawn_line(stroke.kind, theme, lit=stroke.lit)} d="M{start}C{" ".join(rest)}"/>'
    head = f'<polygon points="{" ".join(map(svg_point, stroke.head))}"/>' if stroke.head else ""
    size = theme.label_size
    labels = [text_elements(label, size, inherited=size) for label in stroke.labels]
    if appears:
        from graphgrad.draw.formats.svg_animation import travelling

        labels = travelling(stroke, labels, size)
    texts = "".join(labels)
    if stroke.role:
        muted = MUTED.format(theme.light.muted)
        texts = text_elements(stroke.role, ROLE * size, inherited=size, appears=muted) + texts
    looks = f'class="gg-{stroke.kind}{" gg-blamed" * stroke.lit}{appears}"{filled(stroke.kind, theme, lit=stroke.lit)}'
    return f"<g id={quoteattr(prefix + stroke.key)} {looks}>{path}{head}{texts}</g>"


def _captions(captions: Sequence[str], drawing: Drawing) -> Iterator[str]:
    """Yield the captions below a picture; of several, only the last is visible without animation."""
    for step, text in enumerate(captions):
        size, label = drawing.theme.label_size, Label(text, drawing.caption_place)
        words = text_elements(label, size, inherited=size, starts=True)
        hidden = "" if text == captions[-1] else ' opacity="0"'
        looks = f'class="gg-caption{f" gg-t{step}" if captions[1:] else ""}"{filled("caption", drawing.theme)}'
        yield f'<g {looks} text-anchor="start"{hidden}>{words}</g>'


def _panel(panel: Panel, theme: Theme, prefix: str, *, plays: bool) -> str:
    shown = ((label, f' class="gg-s{label.step}"' if plays and label.step else "") for label in panel.texts)
    texts = "".join(
        text_elements(label, panel.font, inherited=theme.label_size, appears=appears) for label, appears in shown
    )
    classes = f"gg-{panel.kind}" + " gg-hot" * bool(shade(panel.share)) + " gg-blamed" * panel.lit
    looks = f'class="{classes}"{filled(panel.kind, theme, lit=panel.lit)}'
    return f"<g id={quoteattr(prefix + panel.key)} {looks}>{''.join(_outline(panel, theme))}{texts}</g>"


def _outline(panel: Panel, theme: Theme) -> Iterator[str]:
    (x, y), (width, height) = panel.centre, panel.size
    looks = outlined(panel.kind, theme, panel.share, lit=panel.lit)
    if panel.kind in ROUND:
        cx, cy = svg_point(panel.centre).split(",")
        yield f'<ellipse cx="{cx}" cy="{cy}" rx="{hundredths(width / 2)}" ry="{hundredths(height / 2)}"{looks}/>'
    if panel.cells:
        left, top = svg_point((x - width / 2, y + height / 2)).split(",")
        yield f'<rect x="{left}" y="{top}" width="{hundredths(width)}" height="{hundredths(height)}"{looks}/>'
        for edge, _ in panel.cells[1:]:
            line = drawn_line(panel.kind, theme, lit=panel.lit)
            yield f'<path{line} d="M{svg_point((edge, y + height / 2))}v{hundredths(height)}"/>'
