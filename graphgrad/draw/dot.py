"""A scene as DOT: to be laid out, planned so that every label has its room, or with every place given."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import graphviz

from graphgrad.console import printable
from graphgrad.draw.layout import beside, box_size, font_size, label_size, lane_widths, middle, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphgrad.draw.layout import Layout, Path, Point
    from graphgrad.draw.scene import Arrow, Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["ARROW_LENGTH", "dot", "escaped", "plan"]

TEXTS: Final = ("input", "constant", "output")
"""The kinds of boxes that are plain text; a line leaves them on the right."""

ARROW_LENGTH: Final = 10.0
"""How long engines draw an arrow's head of size 1, in points."""

EFFORT: Final = 4
"""Rounds of an engine's search per node; without a limit, some hundred nodes can take a minute."""

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
    graph = _digraph(theme, bgcolor=theme.light.card, pad=_inches(theme.margin), nodesep="0.4", ranksep="0.6")
    for box in scene.boxes:
        place = {"pos": _at(layout.centres[box.key])} if layout else {}
        graph.node(box.key, **_box(box, theme), **place)
    for index, arrow in enumerate(scene.arrows):
        for line in _lines(arrow, theme):
            place = {} if layout is None else _line_place(line, arrow, index, theme, layout)
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
        graph.node(box.key, **_size(*box_size(box, theme)), shape="box" if box.kind in TEXTS else "ellipse")
    texts = {box.key for box in scene.boxes if box.kind in TEXTS}
    for index, (arrow, width) in enumerate(zip(scene.arrows, lane_widths(scene, theme), strict=True)):
        tail = f"{arrow.tail}:e" if arrow.tail in texts else arrow.tail
        if arrow.above or arrow.below:
            graph.node(middle(index), **_size(width, label_size(arrow, theme)[1]))
            graph.edge(tail, f"{middle(index)}:w")
            graph.edge(f"{middle(index)}:e", arrow.head, weight="2")
        else:
            graph.edge(tail, arrow.head)
    return str(graph.source)


def _gap(scene: Scene, theme: Theme) -> float:
    """Return the distance between columns: wider where many lines leave one node, lest they stand upright."""
    fan = max(Counter(arrow.tail for arrow in scene.arrows).values())
    return theme.gap + theme.fan_gap * min(fan - 1, theme.widest_fan)


def escaped(*lines: str) -> str:
    r"""Return lines as a DOT label that draws as exactly that text, line by line.

    >>> print(escaped("a\\n<b>", "&lt;"))
    a\\n<b>\n&amp;lt;
    """
    texts = (graphviz.escape(printable(line)).replace("&", "&amp;") for line in lines)
    label: str = graphviz.nohtml("\\n".join(texts))
    return label


def _digraph(theme: Theme, **attributes: str) -> graphviz.Digraph:
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR", "ordering": "in", **attributes})
    graph.attr("node", fontname=theme.font, fixedsize="true", fontcolor=theme.light.ink, margin="0")
    graph.attr("edge", fontname=theme.font, fontsize=f"{theme.label_size:g}", arrowsize=f"{theme.arrow:g}")
    graph.attr("edge", penwidth=f"{theme.stroke:g}")
    return graph


def _box(box: Box, theme: Theme) -> dict[str, str]:
    text = {"label": escaped(box.text), "fontsize": f"{font_size(box, theme):g}", "class": box.kind}
    return {**text, **_looks(theme)[box.kind], **_size(*box_size(box, theme))}


def _looks(theme: Theme) -> dict[str, dict[str, str]]:
    colours = theme.light
    return {
        "operation": {"shape": "ellipse", "style": "filled", "fillcolor": colours.disc, "color": colours.ink},
        "branch": {"shape": "ellipse", "style": "filled", "fillcolor": colours.ink, "color": colours.ink},
        "constant": {"shape": "none", "fontcolor": colours.muted},
        "output": {"shape": "none"},
        "input": {"shape": "none"},
    }


def _lines(arrow: Arrow, theme: Theme) -> Iterator[dict[str, str]]:
    """Yield the lines that an arrow is drawn with: the forward one, or a plain one, and the one back."""
    colours = theme.light
    above = escaped(f" {arrow.above} ") if arrow.above else ""
    if arrow.forward:
        yield {"class": "forward", "label": above, "color": colours.ink, "fontcolor": colours.ink}
    else:
        yield {"class": "line", "label": above, "color": colours.muted, "fontcolor": colours.ink, "dir": "none"}
    if arrow.backward:
        below = escaped(*(f" {text} " for text in arrow.below))
        red = {"color": colours.backward, "fontcolor": colours.backward, "style": theme.backward_style}
        yield {"class": "backward", "label": below, "dir": "back", **red}


def _line_place(line: Mapping[str, str], arrow: Arrow, index: int, theme: Theme, layout: Layout) -> dict[str, str]:
    """Return the route of one of an arrow's lines, and the place of its label."""
    back = line["class"] == "backward"
    lane = theme.lane * (-1 if back else 1) if arrow.backward else 0.0
    route = beside(layout.routes[index], lane)
    centre = layout.middles[index]
    label = {"lp": _at(_label_place(centre, arrow, theme, back=back))} if centre else {}
    return {"pos": _spline(route, line, ARROW_LENGTH * theme.arrow), **label}


def _label_place(centre: Point, arrow: Arrow, theme: Theme, *, back: bool) -> Point:
    lines = len(arrow.below) if back else 1
    away = theme.lane + theme.label_gap + lines * theme.line_height * theme.label_size / 2
    return centre[0], centre[1] + (-away if back else away)


def _spline(route: Path, line: Mapping[str, str], head: float) -> str:
    """Return a route as DOT's spline, made shorter where the arrow's head goes."""
    match line.get("dir"):
        case "none":
            return " ".join(map(_at, route))
        case "back":
            kept = shortened(route[::-1], head)[::-1]
            return f"s,{_at(route[0])} {' '.join(map(_at, kept))}"
        case _:
            return f"e,{_at(route[-1])} {' '.join(map(_at, shortened(route, head)))}"


def _at(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def _size(width: float, height: float) -> dict[str, str]:
    return {"width": _inches(width), "height": _inches(height)}


def _inches(points: float) -> str:
    return f"{points / POINTS:.4f}"
