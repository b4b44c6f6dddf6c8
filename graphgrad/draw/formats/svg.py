"""Write a drawing as SVG with a title and a description, for light and dark pages."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from graphgrad.base.terminal_text import printable
from graphgrad.draw.formats.decimals import hundredths
from graphgrad.draw.formats.svg_animation import motion
from graphgrad.draw.layout.drawing import BASELINE
from graphgrad.draw.layout.sizes import ROUND
from graphgrad.draw.layout.strokes import Label
from graphgrad.draw.theme import LIT, shade

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.draw.layout.drawing import Drawing, Panel
    from graphgrad.draw.layout.layout import Point
    from graphgrad.draw.layout.strokes import Bounds, Stroke
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Palette, Theme

__all__ = ["svg"]

NAMESPACE: Final = "http://www.w3.org/2000/svg"

COLOURS: Final = """\
.card {{ fill: {card}; stroke: {rim}; }}
text, polygon, .branch ellipse {{ fill: {ink}; }}
path {{ fill: none; stroke: {ink}; }}
.operation ellipse, .value rect, .group rect {{ fill: {disc}; stroke: {ink}; }}
.constant text, .caption text {{ fill: {muted}; }}
.line path {{ stroke: {muted}; }}
.backward text, .backward polygon {{ fill: {backward}; }}
.backward path {{ stroke: {backward}; }}
.forward text, .backward text, .line text {{ stroke: {card}; }}
"""
"""The style sheet of the colours, without CSS variables, because not every SVG viewer knows them."""

SHADES: Final = """\
.hot ellipse, .hot rect {{ fill: {hot}; }}
"""
"""The style of nodes with a share in an error; only pictures that have some have it."""

LIT_PATH: Final = """\
.blamed path, .blamed ellipse, .blamed rect {{ stroke: {blamed}; stroke-width: {thick:g}; }}
.blamed polygon, .forward.blamed text, .backward.blamed text, .input.blamed text {{ fill: {blamed}; }}
"""
"""The style of the path to blame; only pictures that have one have it."""

SHAPES: Final = """\
text {{ font-family: {families}; text-anchor: middle; }}
.caption text {{ text-anchor: start; }}
path, .operation ellipse, .value rect, .group rect {{ stroke-width: {stroke:g}; }}
.forward text, .backward text, .line text {{ paint-order: stroke; stroke-width: {halo:g}; stroke-linejoin: round; }}
.backward path {{ stroke-dasharray: {dashes}; }}
"""

DASHES: Final = {"dashed": "5 2", "dotted": "1 3", "solid": "none"}
"""SVG's dashes for DOT's line styles."""


def svg(drawing: Drawing, *, prefix: str = "", plays: bool = False) -> str:
    """Return a drawing as SVG; with `plays` it is animated, and shows step after step.

    `prefix` is put before every id, so that several pictures can share a page.
    """
    scene, (left, _, _, upper) = drawing.scene, drawing.bounds
    shift = f"translate({hundredths(-left)} {hundredths(upper)})"
    lines = _lines(drawing, prefix, plays=plays)
    boxes = (_panel(panel, drawing.theme, prefix, plays=plays) for panel in drawing.panels)
    captions = scene.captions if plays else (scene.caption,) if scene.caption else ()
    parts = [f'<g transform="{shift}">', *lines, *boxes, *_captions(captions, drawing), "</g>", "</svg>", ""]
    return "\n".join([*_head(scene, drawing.theme, drawing.bounds, plays=plays), *parts])


def _lines(drawing: Drawing, prefix: str, *, plays: bool) -> Iterator[str]:
    """Yield the lines of all arrows; in an animation, the bare graph's, then the lines that appear later above them."""
    if plays:
        yield from (_stroke(stroke, drawing.theme, prefix) for stroke in drawing.at(0).strokes)
    for stroke in drawing.strokes:
        if not plays or stroke.step:
            yield _stroke(stroke, drawing.theme, prefix, appears=f" s{stroke.step}" if plays else "")


def _head(scene: Scene, theme: Theme, edges: Bounds, *, plays: bool) -> Iterator[str]:
    """Yield the root element, title and description, the style sheet, and the card behind the picture."""
    width, height = edges[2] - edges[0], edges[3] - edges[1]
    w, h = hundredths(width), hundredths(height)
    size = f'width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
    font, label = f'font-size="{hundredths(theme.label_size)}"', quoteattr(printable(scene.title))
    style, scope = _style(theme, len(scene.words) - 1 if plays else None, _extra_rules(scene))
    yield f'<svg xmlns="{NAMESPACE}" class="graphgrad {scope}" role="img" aria-label={label} {size} {font}>'
    yield f"<title>{escape(printable(scene.title))}</title>"
    yield f"<desc>{escape(printable(scene.description))}</desc>"
    yield f"<style>\n{style}</style>"
    w, h, corner = hundredths(width - 1), hundredths(height - 1), hundredths(theme.corner)
    yield f'<rect class="card" x="0.5" y="0.5" width="{w}" height="{h}" rx="{corner}"/>'


def _extra_rules(scene: Scene) -> str:
    """Return the style of shades and of the path to blame, as far as a scene has them."""
    shaded = any(shade(box.share) for box in scene.boxes)
    lit = any(box.lit for box in scene.boxes) or any(arrow.lit for arrow in scene.arrows)
    return SHADES * shaded + LIT_PATH * lit


def _style(theme: Theme, steps: int | None, extra: str) -> tuple[str, str]:
    """Return the style sheet of a theme, and the class of its pictures, so that themes on a page do not interfere."""
    families = ", ".join(f'"{family}"' if " " in family else family for family in theme.families)
    dashes = DASHES.get(theme.backward_style, DASHES["dashed"])
    halo = theme.label_gap
    sizes = SHAPES.format(families=families, stroke=theme.stroke, halo=halo, dashes=dashes)
    rules, thick = COLOURS + extra, LIT * theme.stroke
    light, dark = (rules.format(**_named(palette), thick=thick) for palette in (theme.light, theme.dark))
    scope = f"graphgrad-{crc32(f'{sizes}{light}{dark}{steps}'.encode()):08x}"
    sizes, light, dark = (_scoped(rules, f".{scope}") for rules in (sizes, light, dark))
    fluid = f".{scope} {{ max-width: 100%; height: auto; }}\n"
    played = "" if steps is None else motion(steps, scope)
    return f"{fluid}{sizes}{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n{played}", scope


def _scoped(rules: str, scope: str) -> str:
    """Return rules that hold within elements of a class alone."""
    split = (rule.partition(" {") for rule in rules.splitlines())
    return "".join(
        f"{', '.join(f'{scope} {part}' for part in names.split(', '))} {{{body}\n" for names, _, body in split
    )


def _named(palette: Palette) -> dict[str, str]:
    return {each.name: getattr(palette, each.name) for each in fields(palette)}


def _stroke(stroke: Stroke, theme: Theme, prefix: str, *, appears: str = "") -> str:
    start, *rest = map(_at, stroke.route)
    path = f'<path d="M{start}C{" ".join(rest)}"/>'
    head = f'<polygon points="{" ".join(map(_at, stroke.head))}"/>' if stroke.head else ""
    texts = "".join(_text(label, theme.label_size, theme) for label in stroke.labels)
    looks = stroke.kind + " blamed" * stroke.lit + appears
    return f'<g id={quoteattr(prefix + stroke.key)} class="{looks}">{path}{head}{texts}</g>'


def _captions(captions: Sequence[str], drawing: Drawing) -> Iterator[str]:
    """Yield the captions below a picture; of several, only the last is visible without animation."""
    for step, text in enumerate(captions):
        words = _text(Label(text, drawing.caption_place), drawing.theme.label_size, drawing.theme)
        hidden = "" if text == captions[-1] else ' opacity="0"'
        yield f'<g class="caption{f" t{step}" if captions[1:] else ""}"{hidden}>{words}</g>'


def _text(label: Label, size: float, theme: Theme, *, appears: str = "") -> str:
    x, y = _at((label.place[0], label.place[1] - BASELINE * size)).split(",")
    font = "" if size == theme.label_size else f' font-size="{hundredths(size)}"'
    return f'<text x="{x}" y="{y}"{font}{appears}>{escape(printable(label.text))}</text>'


def _panel(panel: Panel, theme: Theme, prefix: str, *, plays: bool) -> str:
    shown = ((label, f' class="s{label.step}"' if plays and label.step else "") for label in panel.texts)
    texts = "".join(_text(label, panel.font, theme, appears=appears) for label, appears in shown)
    looks = " hot" * bool(shade(panel.share)) + " blamed" * panel.lit
    return f'<g id={quoteattr(prefix + panel.key)} class="{panel.kind}{looks}">{"".join(_outline(panel))}{texts}</g>'


def _outline(panel: Panel) -> Iterator[str]:
    (x, y), (width, height) = panel.centre, panel.size
    opacity = f' fill-opacity="{shade(panel.share):g}"' if shade(panel.share) else ""
    if panel.kind in ROUND:
        cx, cy = _at(panel.centre).split(",")
        yield f'<ellipse cx="{cx}" cy="{cy}" rx="{hundredths(width / 2)}" ry="{hundredths(height / 2)}"{opacity}/>'
    if panel.cells:
        left, top = _at((x - width / 2, y + height / 2)).split(",")
        yield f'<rect x="{left}" y="{top}" width="{hundredths(width)}" height="{hundredths(height)}"{opacity}/>'
        for edge, _ in panel.cells[1:]:
            yield f'<path d="M{_at((edge, y + height / 2))}v{hundredths(height)}"/>'


def _at(point: Point) -> str:
    """Return a point in SVG's coordinates, in which heights grow downwards."""
    return f"{hundredths(point[0])},{hundredths(-point[1])}"
