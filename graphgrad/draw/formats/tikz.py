r"""Write a drawing as TikZ: a complete LaTeX document whose only page is the picture."""

from __future__ import annotations

import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from graphgrad.draw.formats.decimals import coordinates, hundredths
from graphgrad.draw.layout.sizes import ROLE, ROUND
from graphgrad.draw.layout.strokes import Label
from graphgrad.draw.layout.text_width import baseline, text_set
from graphgrad.draw.theme import LIT, shade
from graphgrad.typeset.phrase import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.drawing import Drawing, Panel
    from graphgrad.draw.layout.layout import Path, Point
    from graphgrad.draw.layout.strokes import Stroke
    from graphgrad.draw.theme import Theme

__all__ = ["required", "tikz"]

MATHS: Final = {
    ord(sign): rf"\ensuremath{{{tex}}}"
    for sign, tex in {
        "×": r"\times",
        "÷": r"\div",
        "−": "-",
        "√": r"\surd",
        "∂": r"\partial",
        "±": r"\pm",
        "≤": r"\le",
        "≥": r"\ge",
        "≠": r"\ne",
        "∞": r"\infty",
        "π": r"\pi",
        "…": r"\dots",
    }.items()
} | {ord("`"): r"\textasciigrave{}", ord("'"): r"\textquotesingle{}"}
"""The signs within text that LaTeX's text fonts lack, and those that would form ligatures."""

DOCUMENT: Final = r"""%% pdflatex, lualatex or xelatex; letters beyond the Latin ones need one of the last two
\documentclass[tikz,border=%(margin)sbp]{standalone}
%% packages: standalone, tikz, iftex, amsmath; with pdflatex also lmodern and textcomp, with the others fontspec
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}\else\usepackage{fontspec}\fi
\usepackage{amsmath}
%(packages)s\definecolor{ink}{HTML}{%(ink)s}
\definecolor{disc}{HTML}{%(disc)s}
\definecolor{muted}{HTML}{%(muted)s}
\definecolor{back}{HTML}{%(backward)s}
%(extra)s\newcommand{\size}[1]{\fontsize{#1bp}{#1bp}\selectfont}
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

WIDE: Final = r"""% letters of Chinese, Japanese and Korean: lualatex with the package luatexja, or xelatex with xeCJK
\newcommand{\needs}[1]{\IfFileExists{#1.sty}{\usepackage{#1}}{\PackageError{graphgrad}%
  {The letters of this picture need the package #1}{Install it: tlmgr install #1}}}
\ifPDFTeX\PackageError{graphgrad}{pdflatex has no Chinese, Japanese or Korean letters}%
  {Compile with lualatex, which needs the package luatexja, or with xelatex, which needs xeCJK}\fi
\ifLuaTeX\needs{luatexja}\ifdefined\kanjifamilydefault\renewcommand{\kanjifamilydefault}{\gtdefault}\fi\fi
\ifXeTeX\needs{xeCJK}\fi
"""
"""The packages for Chinese, Japanese and Korean letters, and the messages where they are missing."""


def tikz(drawing: Drawing) -> str:
    r"""Return a drawing as a LaTeX document of the class `standalone`.

    >>> from graphgrad import parse
    >>> print(parse("x*y").backprop({"x": 3, "y": 5}).render("tex").decode().splitlines()[1])
    \documentclass[tikz,border=16bp]{standalone}
    """
    theme, caption = drawing.theme, drawing.scene.caption
    body = [line for stroke in drawing.strokes for line in _stroke(stroke, theme, starts=drawing.scene.down)]
    body += [line for panel in drawing.panels for line in _panel(panel, theme)]
    if caption:
        body.append(_node(Label(caption, drawing.caption_place), theme.label_size, "muted", "base west"))
    colours = {name: _html(getattr(theme.light, name)) for name in ("ink", "disc", "muted", "backward")}
    marks = {"hot": any(shade(box.share) for box in drawing.scene.boxes), "blamed": _has_path(drawing)}
    extra = (
        rf"\definecolor{{{name}}}{{HTML}}{{{_html(getattr(theme.light, name))}}}" + "\n"
        for name in marks
        if marks[name]
    )
    fill = "" if theme.light.disc == "none" else ", fill=disc"
    return DOCUMENT % {
        **colours,
        "extra": "".join(extra),
        "margin": hundredths(theme.margin),
        "packages": WIDE if _is_wide("".join(body)) else "",
        "stroke": hundredths(theme.stroke),
        "style": theme.backward_style,
        "fill": fill,
        "body": "\n".join(body),
    }


def required(text: str) -> str:
    """Return what a document with these letters needs besides LaTeX; empty where that is nothing.

    >>> required("りんご"), required("apple")
    ('compile it with lualatex and the package luatexja, or with xelatex and xeCJK', '')
    """
    needed = "compile it with lualatex and the package luatexja, or with xelatex and xeCJK"
    return needed if _is_wide(text) else ""


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(c) in "WF" for c in set(text))


def _stroke(stroke: Stroke, theme: Theme, *, starts: bool) -> Iterator[str]:
    """Yield an arrow's line, head and labels; beside an arrow that points down, these start where the picture's do."""
    thick = f", draw=blamed, line width={hundredths(LIT * theme.stroke)}bp" if stroke.lit else ""
    yield rf"\draw[{stroke.kind}{thick}] {_curve(stroke.route)};"
    ink = "blamed" if stroke.lit else "back" if stroke.kind == "backward" else "ink"
    if stroke.head:
        yield rf"\fill[{ink}] {' -- '.join(map(_at, stroke.head))} -- cycle;"
    text = _text_from_left if starts else _text
    yield from (text(label, theme.label_size, ink) for label in stroke.labels)
    if stroke.role:
        yield text(stroke.role, ROLE * theme.label_size, "muted")


def _has_path(drawing: Drawing) -> bool:
    return any(arrow.lit for arrow in drawing.scene.arrows) or any(box.lit for box in drawing.scene.boxes)


def _panel(panel: Panel, theme: Theme) -> Iterator[str]:
    (_, y), (width, height) = panel.centre, panel.size
    look = panel.kind + _marks(panel, theme)
    ink = "muted" if panel.kind == "constant" else "ink"
    if panel.kind in ROUND:
        radii = f"x radius={hundredths(width / 2)}, y radius={hundredths(height / 2)}"
        yield rf"\path[{look}] {_at(panel.centre)} ellipse [{radii}];"
    for label, cell in zip_longest(panel.texts, panel.cells):
        if cell:
            corner, size = _at((cell[0], y - height / 2)), _at((cell[1], height))
            yield rf"\path[{look}] {corner} rectangle ++{size};"
        yield _text(label, panel.font, ink)


def _marks(panel: Panel, theme: Theme) -> str:
    """Return the options of a box with a share in an error, or on the path to blame."""
    base = "white" if theme.light.disc == "none" else "disc"
    fill = f", fill=hot!{round(100 * shade(panel.share))}!{base}" if shade(panel.share) else ""
    return fill + (f", draw=blamed, line width={hundredths(LIT * theme.stroke)}bp" if panel.lit else "")


def _text(label: Label, size: float, ink: str) -> str:
    return _node(label, size, ink, "base")


def _text_from_left(label: Label, size: float, ink: str) -> str:
    x, y = label.place
    return _node(Label(label.text, (x - text_set(label.text, size).width / 2, y)), size, ink, "base west")


def _node(label: Label, size: float, ink: str, anchor: str) -> str:
    setting = text_set(label.text, size)
    x, y = label.place[0], label.place[1] - baseline(setting, size)
    tex = label.text.tex if isinstance(label.text, Phrase) else Phrase(label.text).tex
    shown = (r"\displaystyle " if setting.rules else "") + tex.translate(MATHS)
    return rf"\node[anchor={anchor}, text={ink}] at {_at((x, y))} {{\size{{{hundredths(size)}}}${shown}$}};"


def _curve(route: Path) -> str:
    start, *rest = map(_at, route)
    pieces = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return start + "".join(f" .. controls {p} and {q} .. {r}" for p, q, r in pieces)


def _html(colour: str) -> str:
    return "FFFFFF" if colour == "none" else colour.removeprefix("#").upper()


def _at(point: Point) -> str:
    return f"({coordinates(*point)})"
