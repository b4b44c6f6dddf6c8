"""Write the DOT from which an engine lays out a scene."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import graphviz

from graphgrad.draw.layout.layout import middle
from graphgrad.draw.layout.sizes import MANY, ROUND

if TYPE_CHECKING:
    from graphgrad.draw.layout.sizes import Size, Sizes
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme


__all__ = ["digraph", "graphviz_colour", "graphviz_size", "inches", "plan"]

LEFT_OF_LINES: Final = ("input", "constant", "output", "value")
"""The kinds of boxes that a line leaves on the right, in the middle."""

EFFORT: Final = 4
"""The engine's limit of iterations, per node; without it, some hundred nodes can take a minute."""

WIDEST: Final = 20
"""The most operands of a node for which the distance between columns grows."""

POINTS: Final = 72
"""Points in an inch: DOT gives sizes in inches and places in points."""


def plan(scene: Scene, sizes: Sizes, theme: Theme) -> str:
    """Return the DOT for an engine's layout; each arrow's labels are a node that its line runs through.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.layout.sizes import measured
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.theme import TEXTBOOK
    >>> from graphgrad.draw.view import view_of
    >>> drawn = scene(view_of(parse("x + y").backprop({"x": 3, "y": 5}).passes))
    >>> "m0:e -> n2" in plan(drawn, measured(drawn, TEXTBOOK), TEXTBOOK)
    True
    """
    gaps = {"nodesep": inches(theme.row_gap), "ranksep": inches(_gap(scene, theme))}
    graph = digraph(theme, rankdir="LR", **gaps, nslimit=f"{EFFORT}", nslimit1=f"{EFFORT}")
    graph.attr("node", label="")
    graph.attr("edge", dir="none")
    for box in scene.boxes:
        shape = "ellipse" if box.kind in ROUND else "box"
        graph.node(box.key, **graphviz_size(*sizes.boxes[box.key]), shape=shape)
    parallel = Counter((arrow.tail, arrow.head) for arrow in scene.arrows)
    level = {box.key for box in scene.boxes if box.kind in LEFT_OF_LINES}
    for index, arrow in enumerate(scene.arrows):
        tail = f"{arrow.tail}:e" if arrow.tail in level else arrow.tail
        if arrow.above or arrow.below or index in sizes.marked or parallel[arrow.tail, arrow.head] > 1:
            between = middle(index)
            room, port = _room(sizes.reaches[index])
            graph.node(between, **graphviz_size(sizes.lanes[index], sum(sizes.reaches[index])), **room)
            graph.edge(tail, f"{between}{port}:w")
            graph.edge(f"{between}{port}:e", arrow.head, weight="2")
        else:
            graph.edge(tail, arrow.head)
    return str(graph.source)


def shortest(scene: Scene, sizes: Sizes, theme: Theme) -> float:
    """Return the least length of a layout along its direction: that of the longest path."""
    boxes = {key: size[scene.down] for key, size in sizes.boxes.items()}
    gap, ends = _gap(scene, theme), dict[str, float]()
    for arrow, lane in zip(scene.arrows, sizes.lanes, strict=True):
        before = ends.setdefault(arrow.tail, boxes[arrow.tail])
        between = lane + 2 * gap if arrow.above or arrow.below else gap
        ends[arrow.head] = max(ends.get(arrow.head, 0.0), before + between + boxes[arrow.head])
    return max(ends.values(), default=0.0) + 2 * theme.margin


def _room(reach: Size) -> tuple[dict[str, str], str]:
    """Return the attributes of the room for labels, and the port that a line runs through.

    An engine puts lines through the middle. Where labels reach further to the right, the room is a record of equal
    fields, of which the line runs through the first.
    """
    left, right = reach
    if left >= right:
        return {}, ""
    fields = max(round((left + right) / (2 * left)), 1)
    return {"shape": "record", "label": "<line>" + "|" * (fields - 1)}, ":line"


def _gap(scene: Scene, theme: Theme) -> float:
    """Return the distance between columns: wider where many lines meet at a node, so that they are not too steep."""
    fan = max(Counter(arrow.tail for arrow in scene.arrows).values(), default=1)
    into = max(Counter(arrow.head for arrow in scene.arrows).values(), default=1)
    leaving, arriving = theme.fan_gap * min(fan - 1, theme.widest_fan), theme.lane * min(into - MANY, WIDEST)
    return theme.gap + max(leaving, arriving)


def digraph(theme: Theme, **attributes: str) -> graphviz.Digraph:
    """Return an empty graph in the theme's font and ink."""
    graph = graphviz.Digraph(graph_attr={"ordering": "in", **attributes})
    graph.attr("node", fontname=theme.font, fixedsize="true", fontcolor=theme.light.ink, margin="0")
    graph.attr("edge", fontname=theme.font, fontsize=f"{theme.label_size:g}", arrowsize=f"{theme.arrow:g}")
    graph.attr("edge", penwidth=f"{theme.stroke:g}")
    return graph


def graphviz_colour(colour: str) -> str:
    """Return a colour in Graphviz's spelling."""
    return "transparent" if colour == "none" else colour


def graphviz_size(width: float, height: float) -> dict[str, str]:
    """Return the attributes that give a node its size in points."""
    return {"width": inches(width), "height": inches(height)}


def inches(points: float) -> str:
    """Return points as inches, Graphviz's unit."""
    return f"{points / POINTS:.4f}"
