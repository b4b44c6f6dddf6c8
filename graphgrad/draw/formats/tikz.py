r"""A laid-out scene as TikZ: a document that compiles as it stands, to a page that holds the picture alone."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from graphgrad.draw.layout.layout import RECORDS, ROUND, box_size, cell_widths, font_size
from graphgrad.draw.layout.strokes import bounds, caption_place, strokes
from graphgrad.printing.latex_names import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Layout, Path, Point
    from graphgrad.draw.layout.strokes import Stroke
    from graphgrad.draw.scene.model import Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["tikz"]

MATHS: Final = {
    ord(glyph): rf"\ensuremath{{{tex}}}"
    for glyph, tex in {
        "×": r"\times",
        "÷": r"\div",
        "−": "-",
        "√": r"\surd",
        "∛": r"\sqrt[3]{\,}",
        "∂": r"\partial",
        "≤": r"\le",
        "≥": r"\ge",
        "≠": r"\ne",
        "∞": r"\infty",
        "π": r"\pi",
        "σ": r"\sigma",
        "Γ": r"\Gamma",
        "ψ": r"\psi",
        "⌊": r"\lfloor",
        "⌋": r"\rfloor",
        "⌈": r"\lceil",
        "⌉": r"\rceil",
        "…": r"\dots",
        "<": "<",
        ">": ">",
        "|": r"\vert",
    }.items()
} | {ord("`"): r"\textasciigrave{}", ord("'"): r"\textquotesingle{}", ord("-"): "{-}"}
"""The signs that LaTeX's text fonts lack, and those that they would join to others."""

DOCUMENT: Final = r"""%% pdflatex, lualatex or xelatex; letters beyond the Latin ones need one of the last two
\documentclass[tikz,border=%(margin)sbp]{standalone}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}\else\usepackage{fontspec}\fi
%(packages)s\renewcommand{\familydefault}{\sfdefault}
\definecolor{ink}{HTML}{%(ink)s}
\definecolor{disc}{HTML}{%(disc)s}
\definecolor{muted}{HTML}{%(muted)s}
\definecolor{back}{HTML}{%(backward)s}
\newcommand{\size}[1]{\fontsize{#1bp}{#1bp}\selectfont}
\begin{document}
\begin{tikzpicture}[
  x=1bp, y=1bp, line width=%(stroke)sbp, every node/.style={inner sep=0pt, outer sep=0pt, text=ink},
  forward/.style={draw=ink}, line/.style={draw=muted}, backward/.style={draw=back, %(style)s},
  operation/.style={draw=ink%(fill)s}, branch/.style={fill=ink},
  value/.style={draw=ink%(fill)s}, group/.style={draw=ink%(fill)s},
]
%(body)s
\end{tikzpicture}
\end{document}
"""

WIDE: Final = r"""\ifLuaTeX\usepackage{luatexja}\renewcommand{\kanjifamilydefault}{\gtdefault}\fi
\ifXeTeX\usepackage{xeCJK}\fi
"""
"""What sets Chinese, Japanese and Korean letters."""


def tikz(scene: Scene, layout: Layout, theme: Theme) -> str:
    r"""Return a scene as a LaTeX document of the class `standalone`.

    >>> from graphgrad import parse
    >>> print(parse("x*y").backprop({"x": 3, "y": 5}).render("tex").decode().splitlines()[1])
    \documentclass[tikz,border=16bp]{standalone}
    """
    body = [line for stroke in strokes(scene, layout, theme) for line in _stroke(stroke, theme)]
    body += [line for box in scene.boxes for line in _box(box, layout.centres[box.key], theme)]
    if scene.caption:
        x, y = caption_place(bounds(scene, layout, theme), theme)
        words = _text(scene.caption, (x, y), theme.label_size, "muted")
        body.append(words.replace("anchor=base,", "anchor=base west,"))
    wide = any(unicodedata.east_asian_width(c) in "WF" for line in body for c in line)
    colours = {name: _html(getattr(theme.light, name)) for name in ("ink", "disc", "muted", "backward")}
    fill = "" if theme.light.disc == "none" else ", fill=disc"
    return DOCUMENT % {
        **colours,
        "margin": _n(theme.margin),
        "packages": WIDE if wide else "",
        "stroke": _n(theme.stroke),
        "style": theme.backward_style,
        "fill": fill,
        "body": "\n".join(body),
    }


def _stroke(stroke: Stroke, theme: Theme) -> Iterator[str]:
    yield rf"\draw[{stroke.kind}] {_curve(stroke.route)};"
    ink = "back" if stroke.kind == "backward" else "ink"
    if stroke.head:
        yield rf"\fill[{ink}] {' -- '.join(map(_at, stroke.head))} -- cycle;"
    height = theme.line_height * theme.label_size
    for index, text in enumerate(stroke.texts):
        if stroke.place:
            x, y = stroke.place
            y += height * ((len(stroke.texts) - 1) / 2 - index)
            yield _text(text, (x, y), theme.label_size, ink)


def _box(box: Box, centre: Point, theme: Theme) -> Iterator[str]:
    width, height = box_size(box, theme)
    size, ink = font_size(box, theme), "muted" if box.kind == "constant" else "ink"
    if box.kind in ROUND:
        draw = rf"\path[{box.kind}] {_at(centre)} ellipse [x radius={_n(width / 2)}, y radius={_n(height / 2)}];"
        yield draw
    if box.kind not in RECORDS:
        if box.text:
            yield _text(box.text, centre, size, ink)
        return
    left = centre[0] - width / 2
    for text, cell in zip(box.shown, cell_widths(box, theme), strict=True):
        yield rf"\path[{box.kind}] {_at((left, centre[1] - height / 2))} rectangle ++({_n(cell)},{_n(height)});"
        yield _text(text, (left + cell / 2, centre[1]), size, ink)
        left += cell


def _text(text: str, place: Point, size: float, ink: str) -> str:
    """Return a text centred at a place, its baseline where that of a digit would be."""
    x, y = place[0], place[1] - 0.35 * size
    shown = escaped(text).translate(MATHS)
    return rf"\node[anchor=base, text={ink}] at {_at((x, y))} {{\size{{{_n(size)}}}{shown}}};"


def _curve(route: Path) -> str:
    start, *rest = map(_at, route)
    pieces = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return start + "".join(f" .. controls {p} and {q} .. {r}" for p, q, r in pieces)


def _html(colour: str) -> str:
    return "FFFFFF" if colour == "none" else colour.removeprefix("#").upper()


def _at(point: Point) -> str:
    return f"({_n(point[0])},{_n(point[1])})"


def _n(length: float) -> str:
    text = f"{length:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
