"""A laid-out scene as SVG: named and described, on a card of its own, readable on light pages and on dark ones."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

from graphgrad.base.terminal_text import printable
from graphgrad.draw.formats.svg_animation import motion
from graphgrad.draw.layout.layout import RECORDS, ROUND, box_size, cell_widths, font_size
from graphgrad.draw.layout.strokes import caption_place, strokes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.draw.layout.layout import Layout, Point
    from graphgrad.draw.layout.strokes import Bounds, Stroke
    from graphgrad.draw.scene.model import Box, Scene
    from graphgrad.draw.theme import Palette, Theme

__all__ = ["svg"]

NAMESPACE: Final = "http://www.w3.org/2000/svg"

BASELINE: Final = 0.35
"""How far a text's baseline lies below its middle, by its size: not every viewer centres text upright."""

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
"""The colours of a page, plain ones, because not every viewer of SVG knows variables."""

SHAPES: Final = """\
text {{ font-family: {families}; text-anchor: middle; }}
.caption text {{ text-anchor: start; }}
path, .operation ellipse, .value rect, .group rect {{ stroke-width: {stroke:g}; }}
.forward text, .backward text, .line text {{ paint-order: stroke; stroke-width: {halo:g}; stroke-linejoin: round; }}
.backward path {{ stroke-dasharray: {dashes}; }}
"""

DASHES: Final = {"dashed": "5 2", "dotted": "1 3", "solid": "none"}
"""How SVG writes the styles that lines have in DOT."""


def svg(  # noqa: PLR0913  all that a picture is
    scene: Scene, layout: Layout, theme: Theme, edges: Bounds, *, prefix: str = "", plays: bool = False
) -> str:
    """Return a scene as a picture that stands on any page; one that `plays` goes through its steps by itself.

    `edges` are those of the picture, and `prefix` stands before every id, so that several pictures can share a page.
    """
    shift = f"translate({_n(-edges[0])} {_n(edges[3])})"
    lines = _lines(scene, layout, theme, prefix, plays=plays)
    boxes = (_box(box, layout.centres[box.key], theme, prefix, plays=plays) for box in scene.boxes)
    told = scene.captions if plays else (scene.caption,) if scene.caption else ()
    parts = [f'<g transform="{shift}">', *lines, *boxes, *_captions(told, edges, theme), "</g>", "</svg>", ""]
    return "\n".join([*_head(scene, theme, edges, plays=plays), *parts])


def _lines(scene: Scene, layout: Layout, theme: Theme, prefix: str, *, plays: bool) -> Iterator[str]:
    """Yield the lines of all arrows; where the picture plays, what comes with a step above the bare graph."""
    if plays:
        yield from (_stroke(stroke, theme, prefix) for stroke in strokes(scene.at(0), layout, theme))
    for stroke in strokes(scene, layout, theme):
        if not plays or stroke.step:
            yield _stroke(stroke, theme, prefix, appears=f" s{stroke.step}" if plays else "")


def _head(scene: Scene, theme: Theme, edges: Bounds, *, plays: bool) -> Iterator[str]:
    """Yield the root, the name and description for those who cannot see it, the style sheet, the card."""
    width, height = edges[2] - edges[0], edges[3] - edges[1]
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    font, label = f'font-size="{_n(theme.label_size)}"', quoteattr(printable(scene.title))
    style, scope = _style(theme, len(scene.words) - 1 if plays else None)
    yield f'<svg xmlns="{NAMESPACE}" class="graphgrad {scope}" role="img" aria-label={label} {size} {font}>'
    yield f"<title>{escape(printable(scene.title))}</title>"
    yield f"<desc>{escape(printable(scene.description))}</desc>"
    yield f"<style>\n{style}</style>"
    card = f'x="0.5" y="0.5" width="{_n(width - 1)}" height="{_n(height - 1)}" rx="{_n(theme.corner)}"'
    yield f'<rect class="card" {card}/>'


def _style(theme: Theme, steps: int | None) -> tuple[str, str]:
    """Return the style sheet of a theme, and the class it holds for: another theme's on the same page is another."""
    families = ", ".join(f'"{family}"' if " " in family else family for family in theme.families)
    dashes = DASHES.get(theme.backward_style, DASHES["dashed"])
    halo = theme.label_gap
    sizes = SHAPES.format(families=families, stroke=theme.stroke, halo=halo, dashes=dashes)
    light, dark = (COLOURS.format(**_named(palette)) for palette in (theme.light, theme.dark))
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
    texts = _texts(stroke.texts, stroke.place, theme) if stroke.place else ""
    return f'<g id={quoteattr(prefix + stroke.key)} class="{stroke.kind}{appears}">{path}{head}{texts}</g>'


def _texts(texts: Sequence[str], place: Point, theme: Theme) -> str:
    """Return the lines of a label, one below the other."""
    height = theme.line_height * theme.label_size
    tops = (place[1] + height * ((len(texts) - 1) / 2 - i) for i in range(len(texts)))
    return "".join(_text(text, (place[0], y), theme.label_size, theme) for text, y in zip(texts, tops, strict=True))


def _captions(told: Sequence[str], edges: Bounds, theme: Theme) -> Iterator[str]:
    """Yield the words below a picture, from its left edge on; of several, the last is seen where nothing moves."""
    for step, text in enumerate(told):
        words = _text(text, caption_place(edges, theme), theme.label_size, theme)
        hidden = "" if text == told[-1] else ' opacity="0"'
        yield f'<g class="caption{f" t{step}" if told[1:] else ""}"{hidden}>{words}</g>'


def _text(text: str, place: Point, size: float, theme: Theme, *, appears: str = "") -> str:
    x, y = _at((place[0], place[1] - BASELINE * size)).split(",")
    font = "" if size == theme.label_size else f' font-size="{_n(size)}"'
    return f'<text x="{x}" y="{y}"{font}{appears}>{escape(printable(text))}</text>'


def _box(box: Box, centre: Point, theme: Theme, prefix: str, *, plays: bool) -> str:
    content = "".join(_shape(box, centre, theme)) + "".join(_words(box, centre, theme, plays=plays))
    return f'<g id={quoteattr(prefix + box.key)} class="{box.kind}">{content}</g>'


def _shape(box: Box, centre: Point, theme: Theme) -> Iterator[str]:
    width, height = box_size(box, theme)
    x, y = _at(centre).split(",")
    if box.kind in ROUND:
        yield f'<ellipse cx="{x}" cy="{y}" rx="{_n(width / 2)}" ry="{_n(height / 2)}"/>'
    if box.kind in RECORDS:
        x, y = _at((centre[0] - width / 2, centre[1] + height / 2)).split(",")
        yield f'<rect x="{x}" y="{y}" width="{_n(width)}" height="{_n(height)}"/>'
        for middle, cell in list(_cells(box, centre, theme))[1:]:
            left = _at((middle - cell / 2, centre[1] + height / 2))
            yield f'<path d="M{left}v{_n(height)}"/>'


def _words(box: Box, centre: Point, theme: Theme, *, plays: bool) -> Iterator[str]:
    size = font_size(box, theme)
    if box.kind in RECORDS:
        steps = [0] * len(box.head) + [cell.step for cell in box.cells]
        for text, step, (x, _) in zip(box.shown, steps, _cells(box, centre, theme), strict=True):
            appears = f' class="s{step}"' if plays and step else ""
            yield _text(text, (x, centre[1]), size, theme, appears=appears)
    elif box.text:
        yield _text(box.text, centre, size, theme)


def _cells(box: Box, centre: Point, theme: Theme) -> Iterator[tuple[float, float]]:
    """Yield the middle and the width of each cell of a box."""
    left = centre[0] - box_size(box, theme)[0] / 2
    for width in cell_widths(box, theme):
        yield left + width / 2, width
        left += width


def _at(point: Point) -> str:
    return f"{_n(point[0])},{_n(-point[1])}"


def _n(length: float) -> str:
    """Return a length to a hundredth of a point; heights grow downwards in SVG."""
    text = f"{length:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
