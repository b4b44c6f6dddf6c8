"""Write the DOT from which an engine lays out a scene."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import graphviz

from graphgrad.draw.layout.layout import middle
from graphgrad.draw.layout.sizes import ROUND

if TYPE_CHECKING:
    from graphgrad.draw.layout.sizes import Sizes
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme


__all__ = ["digraph", "graphviz_colour", "graphviz_size", "inches", "plan"]

LEFT_OF_LINES: Final = ("input", "constant", "output", "value")
"""The kinds of boxes that a line leaves on the right, in the middle."""

EFFORT: Final = 4
"""The engine's limit of iterations, per node; without it, some hundred nodes can take a minute."""

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
    graph = digraph(theme, **gaps, nslimit=f"{EFFORT}", nslimit1=f"{EFFORT}")
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
            graph.node(between, **graphviz_size(sizes.lanes[index], sizes.labels[index][1]))
            graph.edge(tail, f"{between}:w")
            graph.edge(f"{between}:e", arrow.head, weight="2")
        else:
            graph.edge(tail, arrow.head)
    return str(graph.source)


def _gap(scene: Scene, theme: Theme) -> float:
    """Return the distance between columns: wider where many lines leave one node, so that they are not too steep."""
    fan = max(Counter(arrow.tail for arrow in scene.arrows).values(), default=1)
    return theme.gap + theme.fan_gap * min(fan - 1, theme.widest_fan)


def digraph(theme: Theme, **attributes: str) -> graphviz.Digraph:
    """Return an empty graph from left to right in the theme's font and ink."""
    graph = graphviz.Digraph(graph_attr={"rankdir": "LR", "ordering": "in", **attributes})
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
