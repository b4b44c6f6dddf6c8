"""Write a scene as DOT for any `dot` to lay out and draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import graphviz

from graphgrad.base.terminal_text import printable
from graphgrad.draw.layout.plan import digraph, graphviz_colour, graphviz_size, inches
from graphgrad.draw.layout.sizes import RECORDS, font_size, measured
from graphgrad.draw.theme import LIT, shade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.scene.model import Arrow, Box, Scene
    from graphgrad.draw.theme import Theme

__all__ = ["dot", "escaped"]

RECORD_SYNTAX: Final = re.compile(r"[{}|<> ]")
"""The characters that have a meaning in the label of a record."""


def dot(scene: Scene, theme: Theme) -> str:
    """Return a scene as DOT that any `dot` draws.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.theme import TEXTBOOK
    >>> from graphgrad.draw.view import view_of
    >>> drawn = scene(view_of(parse("x + y").backprop({"x": 3, "y": 5}).passes))
    >>> print(dot(drawn, TEXTBOOK).splitlines()[0])
    digraph {
    """
    spacing = {"rankdir": "TB" if scene.down else "LR", "pad": inches(theme.margin), "nodesep": "0.4", "ranksep": "0.6"}
    graph = digraph(theme, bgcolor=graphviz_colour(theme.light.card), **spacing)
    if scene.caption:
        graph.attr(label=escaped(scene.caption), labeljust="l", fontname=theme.font, fontcolor=theme.light.muted)
    sizes, looks = measured(scene, theme), _looks(theme)
    for box in scene.boxes:
        look = looks[box.kind] | _marks(box, theme)
        graph.node(box.key, **_label(box, theme, down=scene.down), **look, **graphviz_size(*sizes.boxes[box.key]))
    for arrow, line in _lines(scene, theme):
        graph.edge(arrow.tail, arrow.head, **line)
    return str(graph.source)


def escaped(*lines: str) -> str:
    r"""Return lines of text, escaped, as a DOT label.

    >>> print(escaped("a\\n<b>", "&lt;"))
    a\\n<b>\n&amp;lt;
    """
    texts = (graphviz.escape(printable(line)).replace("&", "&amp;") for line in lines)
    label: str = graphviz.nohtml("\\n".join(texts))
    return label


def record(*cells: str, down: bool = False) -> str:
    r"""Return texts, escaped, as the DOT label of a record with cells side by side.

    The graph is laid out from left to right, or `down`.

    >>> print(record("a|b", "<c>"))
    {a\|b|\<c\>}
    """
    # Braces put the fields side by side; without them, rankdir LR puts them below each other.
    fields = "|".join(RECORD_SYNTAX.sub(r"\\\g<0>", escaped(cell)) for cell in cells)
    return fields if down else f"{{{fields}}}"


def _label(box: Box, theme: Theme, *, down: bool) -> dict[str, str]:
    label = record(*box.shown, down=down) if box.kind in RECORDS else escaped(box.text)
    return {"label": label, "fontsize": f"{font_size(box, theme):g}", "class": box.kind}


def _marks(box: Box, theme: Theme) -> dict[str, str]:
    """Return the attributes of a box with a share in an error, or on the path to blame."""
    colours, shaded = theme.light, shade(box.share)
    fill = {"style": "filled", "fillcolor": mixed(colours.hot, colours.disc, shaded)} if shaded else {}
    lit = {"color": colours.blamed, "penwidth": f"{LIT * theme.stroke:g}"} if box.lit else {}
    return fill | lit


def mixed(colour: str, other: str, part: float) -> str:
    """Return a mixture of two colours, with white for "none".

    >>> mixed("#ff0000", "none", 0.5)
    '#ff8080'
    """
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(part * one + (1 - part) * two):02x}" for one, two in pairs)


def _channels(colour: str) -> bytes:
    return bytes.fromhex("ffffff" if colour == "none" else colour.removeprefix("#"))


def _looks(theme: Theme) -> dict[str, dict[str, str]]:
    colours = theme.light
    line = {"color": colours.ink, "penwidth": f"{theme.stroke:g}"}
    filled = {"style": "filled", "fillcolor": graphviz_colour(colours.disc), **line}
    return {
        "operation": {"shape": "ellipse", **filled},
        "branch": {"shape": "ellipse", "style": "filled", "fillcolor": colours.ink, "color": colours.ink},
        "value": {"shape": "record", **filled},
        "group": {"shape": "record", **filled},
        "constant": {"shape": "none", "fontcolor": colours.muted},
        "output": {"shape": "none"},
        "input": {"shape": "none"},
    }


def _lines(scene: Scene, theme: Theme) -> Iterator[tuple[Arrow, dict[str, str]]]:
    """Yield the lines of all arrows with their attributes: the forward or thin line, then the backward one."""
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
        role = (arrow.role,) if arrow.role else ()
        for line in arrow.lines:
            label = escaped(*(f" {text} " for text in (*role, *line.texts))) if role or line.texts else ""
            lit = {"color": colours.blamed, "fontcolor": colours.blamed, "penwidth": f"{LIT * theme.stroke:g}"}
            yield arrow, {"class": line.kind, "label": label, **looks[line.kind], **(lit if line.lit else {})}
            role = ()  # it stands above the value; a label at the head would be drawn over lines and numbers
