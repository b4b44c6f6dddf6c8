"""A scene as DOT: to be laid out, planned so that every label has its room, or with every place given."""

from __future__ import annotations

import re
from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING, Final

import graphviz

from graphgrad.console import printable
from graphgrad.draw.layout import RECORDS, ROUND, box_size, font_size, label_size, lane_widths, middle
from graphgrad.draw.measure import text_width
from graphgrad.draw.strokes import bounds, caption_place, strokes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout import Layout, Point
    from graphgrad.draw.model import Arrow, Box, Scene
    from graphgrad.draw.strokes import Stroke
    from graphgrad.draw.theme import Theme

__all__ = ["dot", "escaped", "plan"]

LEFT_OF_LINES: Final = ("input", "constant", "output", "value")
"""The kinds of boxes that a line leaves on the right, in the middle."""

EFFORT: Final = 4
"""Rounds of an engine's search per node; without a limit, some hundred nodes can take a minute."""

LOOSE: Final = 1.3
"""How much wider than measured a caption may be in an engine's font, so that it begins where it should."""

RECORD_SYNTAX: Final = re.compile(r"[{}|<> ]")
"""What has a meaning in the label of a record."""

POINTS: Final = 72
"""Points in an inch: DOT gives sizes in inches and places in points."""


def dot(scene: Scene, theme: Theme, layout: Layout | None = None) -> str:
    """Return a scene as DOT, with every place given where there is a layout; any `dot` draws it.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene import scene
    >>> from graphgrad.draw.theme import TEXTBOOK
    >>> print(dot(scene(parse("x + y").backprop({"x": 3, "y": 5}).dag), TEXTBOOK).splitlines()[0])
    digraph {
    """
    graph = _digraph(theme, bgcolor=_colour(theme.light.card), pad=_inches(theme.margin), nodesep="0.4", ranksep="0.6")
    if scene.caption and not layout:
        graph.attr(label=escaped(scene.caption), labeljust="l", fontname=theme.font, fontcolor=theme.light.muted)
    elif scene.caption and layout:
        graph.node("caption", **_caption(scene, theme, layout))
    for box in scene.boxes:
        place = {"pos": _at(layout.centres[box.key])} if layout else {}
        graph.node(box.key, **_box(box, theme), **place)
    places = map(_place, strokes(scene, layout, theme)) if layout else repeat({})
    for (arrow, line), place in zip(_lines(scene, theme), places, strict=False):
        graph.edge(arrow.tail, arrow.head, **line, **place)
    return str(graph.source)


def plan(scene: Scene, theme: Theme) -> str:
    """Return the DOT from which an engine finds the places: each arrow's labels are a node that its line runs through.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene import scene
    >>> from graphgrad.draw.theme import TEXTBOOK
    >>> "m0:e -> n2" in plan(scene(parse("x + y").backprop({"x": 3, "y": 5}).dag), TEXTBOOK)
    True
    """
    gaps = {"nodesep": _inches(theme.row_gap), "ranksep": _inches(_gap(scene, theme))}
    graph = _digraph(theme, **gaps, nslimit=f"{EFFORT}", nslimit1=f"{EFFORT}")
    graph.attr("node", label="")
    graph.attr("edge", dir="none")
    for box in scene.boxes:
        graph.node(box.key, **_size(*box_size(box, theme)), shape="ellipse" if box.kind in ROUND else "box")
    between = Counter((arrow.tail, arrow.head) for arrow in scene.arrows)
    level = {box.key for box in scene.boxes if box.kind in LEFT_OF_LINES}
    for index, (arrow, width) in enumerate(zip(scene.arrows, lane_widths(scene, theme), strict=True)):
        tail = f"{arrow.tail}:e" if arrow.tail in level else arrow.tail
        if arrow.above or arrow.below or between[arrow.tail, arrow.head] > 1:
            graph.node(middle(index), **_size(width, label_size(arrow, theme)[1]))
            graph.edge(tail, f"{middle(index)}:w")
            graph.edge(f"{middle(index)}:e", arrow.head, weight="2")
        else:
            graph.edge(tail, arrow.head)
    return str(graph.source)


def _gap(scene: Scene, theme: Theme) -> float:
    """Return the distance between columns: wider where many lines leave one node, lest they stand upright."""
    fan = max(Counter(arrow.tail for arrow in scene.arrows).values(), default=1)
    return theme.gap + theme.fan_gap * min(fan - 1, theme.widest_fan)


def escaped(*lines: str) -> str:
    r"""Return lines as a DOT label that draws as exactly that text, line by line.

    >>> print(escaped("a\\n<b>", "&lt;"))
    a\\n<b>\n&amp;lt;
    """
    texts = (graphviz.escape(printable(line)).replace("&", "&amp;") for line in lines)
    label: str = graphviz.nohtml("\\n".join(texts))
    return label


def record(*cells: str) -> str:
    r"""Return cells side by side as a DOT label that draws as exactly these texts.

    >>> print(record("a|b", "<c>"))
    {a\|b|\<c\>}
    """
    # Within braces, because fields follow the rank direction otherwise: below each other where that is LR.
    fields = "|".join(RECORD_SYNTAX.sub(r"\\\g<0>", escaped(cell)) for cell in cells)
    return f"{{{fields}}}"


def _digraph(theme: Theme, **attributes: str) -> graphviz.Digraph:
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR", "ordering": "in", **attributes})
    graph.attr("node", fontname=theme.font, fixedsize="true", fontcolor=theme.light.ink, margin="0")
    graph.attr("edge", fontname=theme.font, fontsize=f"{theme.label_size:g}", arrowsize=f"{theme.arrow:g}")
    graph.attr("edge", penwidth=f"{theme.stroke:g}")
    return graph


def _box(box: Box, theme: Theme) -> dict[str, str]:
    label = record(*box.shown) if box.kind in RECORDS else escaped(box.text)
    text = {"label": label, "fontsize": f"{font_size(box, theme):g}", "class": box.kind}
    return {**text, **_looks(theme)[box.kind], **_size(*box_size(box, theme))}


def _caption(scene: Scene, theme: Theme, layout: Layout) -> dict[str, str]:
    """Return the words below a picture as a node, because a placed graph's label would need its size."""
    width, size = LOOSE * text_width(scene.caption, theme.label_size), f"{theme.label_size:g}"
    x, y = caption_place(bounds(scene, layout, theme), theme)
    text = {"label": escaped(scene.caption) + "\\l", "fontsize": size, "fontcolor": theme.light.muted, "shape": "none"}
    return {**text, **_size(width, theme.line_height * theme.label_size), "pos": _at((x + width / 2, y))}


def _looks(theme: Theme) -> dict[str, dict[str, str]]:
    colours = theme.light
    line = {"color": colours.ink, "penwidth": f"{theme.stroke:g}"}
    filled = {"style": "filled", "fillcolor": _colour(colours.disc), **line}
    return {
        "operation": {"shape": "ellipse", **filled},
        "branch": {"shape": "ellipse", "style": "filled", "fillcolor": colours.ink, "color": colours.ink},
        "value": {"shape": "record", **filled},
        "group": {"shape": "record", **filled},
        "constant": {"shape": "none", "fontcolor": colours.muted},
        "output": {"shape": "none"},
        "input": {"shape": "none"},
    }


def _colour(colour: str) -> str:
    return "transparent" if colour == "none" else colour


def _lines(scene: Scene, theme: Theme) -> Iterator[tuple[Arrow, dict[str, str]]]:
    """Yield the lines that arrows are drawn with: the forward one, or a plain one, and the one back."""
    colours = theme.light
    looks = {
        "forward": {"color": colours.ink, "fontcolor": colours.ink},
        "line": {"color": colours.muted, "fontcolor": colours.ink, "dir": "none"},
        "backward": {
            "color": colours.backward,
            "fontcolor": colours.backward,
            "style": theme.backward_style,
            "dir": "back",
        },
    }
    for arrow in scene.arrows:
        for line in arrow.lines:
            label = escaped(*(f" {text} " for text in line.texts)) if line.texts else ""
            yield arrow, {"class": line.kind, "label": label, **looks[line.kind]}


def _place(stroke: Stroke) -> dict[str, str]:
    """Return a line's way as DOT's spline, from its tail to its head, and the place of its label."""
    label = {"lp": _at(stroke.place)} if stroke.place else {}
    way = " ".join(map(_at, stroke.route[::-1] if stroke.kind == "backward" else stroke.route))
    tip = {"forward": "e,{} ", "backward": "s,{} ", "line": ""}[stroke.kind]
    return {"pos": (tip.format(_at(stroke.head[0])) if tip else "") + way, **label}


def _at(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def _size(width: float, height: float) -> dict[str, str]:
    return {"width": _inches(width), "height": _inches(height)}


def _inches(points: float) -> str:
    return f"{points / POINTS:.4f}"
