"""An engine's SVG, finished: named and described, on a card of its own, readable on light pages and on dark ones."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from graphgrad.console import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.draw.scene import Scene
    from graphgrad.draw.theme import Palette, Theme

__all__ = ["svg"]

NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
KEPT: Final = {
    "text": ("text-anchor", "x", "y", "font-size"),
    "path": ("d", "stroke-dasharray"),
    "polygon": ("points",),
    "ellipse": ("cx", "cy", "rx", "ry"),
}
"""What is kept of the engine's elements; colours and fonts come from the style sheet."""

COLOURS: Final = """\
.graphgrad .card {{ fill: {card}; stroke: {rim}; }}
.graphgrad text, .graphgrad polygon, .graphgrad .branch ellipse {{ fill: {ink}; }}
.graphgrad path {{ fill: none; stroke: {ink}; }}
.graphgrad .operation ellipse {{ fill: {disc}; stroke: {ink}; }}
.graphgrad .constant text {{ fill: {muted}; }}
.graphgrad .line path {{ stroke: {muted}; }}
.graphgrad .backward text, .graphgrad .backward polygon {{ fill: {backward}; }}
.graphgrad .backward path {{ stroke: {backward}; }}
"""
"""The colours of a page, plain ones, because not every viewer of SVG knows variables."""

STYLE: Final = """\
.graphgrad {{ max-width: 100%; height: auto; }}
.graphgrad text {{ font-family: {families}; }}
.graphgrad path, .graphgrad .operation ellipse {{ stroke-width: {stroke:g}; }}
{light}@media (prefers-color-scheme: dark) {{
{dark}}}
"""


def svg(drawn: bytes, scene: Scene, theme: Theme) -> str:
    """Return an engine's SVG of a scene as a picture that stands on any page."""
    root = ET.fromstring(drawn)  # noqa: S314  an engine wrote it, no stranger
    width, height = root.attrib["viewBox"].split()[2:]
    graph = root[0]
    parts = [*_head(scene, theme, float(width), float(height)), f"<g {_attributes(graph, ('transform',))}>"]
    return "\n".join([*parts, *_groups(graph), "</g>", "</svg>", ""])


def _head(scene: Scene, theme: Theme, width: float, height: float) -> Iterator[str]:
    """Yield the root, the name and description for those who cannot see it, the style sheet, the card."""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    label = quoteattr(printable(scene.title))
    yield f'<svg xmlns="{NAMESPACE[1:-1]}" class="graphgrad" role="img" aria-label={label} {size}>'
    yield f"<title>{escape(printable(scene.title))}</title>"
    yield f"<desc>{escape(printable(scene.description))}</desc>"
    yield f"<style>\n{_style(theme)}</style>"
    card = f'x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="{theme.corner:g}"'
    yield f'<rect class="card" {card}/>'


def _style(theme: Theme) -> str:
    families = ", ".join(f'"{family}"' if " " in family else family for family in theme.families)
    light, dark = (COLOURS.format(**_named(palette)) for palette in (theme.light, theme.dark))
    return STYLE.format(light=light, dark=dark, families=families, stroke=theme.stroke)


def _named(palette: Palette) -> dict[str, str]:
    return {each.name: getattr(palette, each.name) for each in fields(palette)}


def _groups(graph: ET.Element) -> Iterator[str]:
    """Yield the nodes and edges, each with its class, without the engine's ids and titles."""
    for group in graph.iter(f"{NAMESPACE}g"):
        if group is not graph:
            shapes = "".join(_shape(shape) for shape in group.iter() if _tag(shape) in KEPT)
            yield f'<g class="{group.attrib["class"].split()[-1]}">{shapes}</g>'


def _shape(shape: ET.Element) -> str:
    tag = _tag(shape)
    return f"<{tag} {_attributes(shape, KEPT[tag])}>{escape((shape.text or '').strip())}</{tag}>"


def _tag(element: ET.Element) -> str:
    return element.tag.removeprefix(NAMESPACE)


def _attributes(element: ET.Element, names: Sequence[str]) -> str:
    return " ".join(f"{name}={quoteattr(element.attrib[name])}" for name in names if name in element.attrib)
