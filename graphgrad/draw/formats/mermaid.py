"""Write a scene as Mermaid, which code hosts draw within Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.base.terminal_text import isolated, printable
from graphgrad.draw.theme import LIGHT, shade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.draw.scene.model import Arrow, Box, Scene

__all__ = ["escaped", "mermaid"]

SYNTAX: Final = re.compile(r"(?![=/(),]|\.\d)[!-/:-@\[-`{-~]")
"""ASCII's punctuation: most of it has a meaning in Mermaid, or in the Markdown of its labels."""

SHAPES: Final = {"operation": ("((", "))"), "branch": ("((", "))"), "value": ("[", "]"), "group": ("[[", "]]")}
PLAIN: Final = ("(", ")")
"""The brackets around a box's text, by its kind."""

FLOWS: Final = {(False, True): "LR", (False, False): "RL", (True, True): "TD", (True, False): "BT"}
"""The syntax of a direction, by whether the graph runs down, and whether values flow."""

STADIUM: Final = ("([", "])")
"""The brackets around an operation's text that would make too large a circle."""

WIDEST_IN_CIRCLE: Final = 5
"""The most characters of a text in a circle."""

LINKS: Final = {"forward": "-->", "line": "---", "backward": "-.->", "back": "<-.->"}
"""The syntax of an arrow's line. A line back has two heads, of which its style hides one.

It is written from operand to result, because Mermaid ranks the boxes by the order in which links name them.
"""

BACK: Final = "stroke:#d93a3a,color:#d93a3a"
"""The style of the backward pass: a line that is seen on light and on dark pages, and labels that are read on white."""

ONE_HEAD: Final = "marker-end:none"
"""The style that hides the second head of a line back."""

HOT, BLAMED = LIGHT.hot, LIGHT.blamed

CLASSES: Final = f"""\
  linkStyle default color:{LIGHT.ink}
  classDef plain fill:none,stroke:none
  classDef branch fill:#888,stroke:#888
"""

GROUND: Final = '%%{init: {"themeVariables": {"edgeLabelBackground": "#ffffff"}}}%%'
"""White behind labels: on the grey of Mermaid's dark theme, no red can be read that can be read on a light page."""


class Link(NamedTuple):
    """A link of the flowchart, and its style; an empty one is that of the reader's theme."""

    text: str
    style: str


def mermaid(scene: Scene) -> str:
    """Return a scene as a Mermaid flowchart: values on arrows, and contributions to adjoints on red arrows back.

    The reader's Mermaid lays it out, and colours the rest.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.view import view_of
    >>> drawn = scene(view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes))
    >>> print("".join(mermaid(drawn).splitlines(keepends=True)[3:9]))
      n0("x"):::plain
      n1("y"):::plain
      n2(("×"))
      output("E"):::plain
      n0 -->|"3"| n2
      n0 <-.->|"5"| n2
    <BLANKLINE>
    """
    forward = any(arrow.forward for arrow in scene.arrows)
    head = [GROUND, f"flowchart {FLOWS[scene.down, forward]}", f"  accTitle: {escaped(scene.title)}"]
    boxes = [f"  {_box(box)}" for box in scene.boxes]
    links = [link for arrow in scene.arrows for link in _links(arrow, forward=forward)]
    caption = [f"  caption({_label([scene.caption])}):::plain"] if scene.caption else []
    marks = [f"  style {box.key} {mark}" for box in scene.boxes if (mark := _marks(box))]
    styles = dict.fromkeys(link.style for link in links if link.style)
    marks += [f"  linkStyle {_numbers(links, style)} {style}" for style in styles]
    return "\n".join([*head, *boxes, *(f"  {link.text}" for link in links), *caption, *marks, CLASSES])


def escaped(text: str) -> str:
    """Return a text escaped for a Mermaid label.

    >>> escaped('say "hi" to <b>')
    'say #34;hi#34; to #60;b#62;'
    """
    return SYNTAX.sub(lambda match: f"#{ord(match[0])};", isolated(printable(text)))


def _box(box: Box) -> str:
    before, after = SHAPES.get(box.kind, PLAIN)
    if box.kind == "operation" and len(box.text) > WIDEST_IN_CIRCLE:
        before, after = STADIUM
    style = ":::branch" if box.kind == "branch" else "" if box.kind in SHAPES else ":::plain"
    return f"{box.key}{before}{_label(box.shown)}{after}{style}"


def _marks(box: Box) -> str:
    """Return the style of a box with a share in an error, or on the path to blame."""
    fill = f"fill:{HOT}{round(255 * shade(box.share)):02x}" if shade(box.share) else ""
    return ",".join(filter(None, (fill, f"stroke:{BLAMED},stroke-width:3px" if box.lit else "")))


def _links(arrow: Arrow, *, forward: bool) -> Iterator[Link]:
    """Yield an arrow's lines; in a picture of the backward pass alone, they point from result to operand."""
    lines = arrow.lines if forward else arrow.lines[-1:]
    ends = (arrow.tail, arrow.head) if forward else (arrow.head, arrow.tail)
    for line in lines:
        back = line.kind == "backward"
        texts = [arrow.role, *line.texts] if arrow.role and line is lines[0] else line.texts
        label = f"|{_label(texts)}|" if texts else ""
        lit = f"stroke:{BLAMED},color:{BLAMED},stroke-width:3px" if line.lit else ""
        style = ",".join(filter(None, (lit or BACK * back, ONE_HEAD * (back and forward))))
        yield Link(f"{ends[0]} {LINKS['back' if back and forward else line.kind]}{label} {ends[1]}", style)


def _numbers(links: Sequence[Link], style: str) -> str:
    """Return the numbers of the links with a style, as `linkStyle` takes them."""
    return ",".join(str(number) for number, link in enumerate(links) if link.style == style)


def _label(lines: Iterable[str]) -> str:
    return f'"{"<br>".join(map(escaped, lines)) or " "}"'
