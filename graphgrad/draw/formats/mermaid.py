"""Write a scene as Mermaid, which code hosts draw within Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.base.terminal_text import printable
from graphgrad.draw.theme import LIGHT, shade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.draw.scene.model import Arrow, Box, Scene

__all__ = ["escaped", "mermaid"]

SYNTAX: Final = re.compile(r"(?![=/(),]|\.\d)[!-/:-@\[-`{-~]")
"""ASCII's punctuation: most of it has a meaning in Mermaid, or in the Markdown of its labels."""

SHAPES: Final = {"operation": ("((", "))"), "branch": ("((", "))"), "value": ("[", "]"), "group": ("[[", "]]")}
PLAIN: Final = ("(", ")")
"""The brackets around a box's text, by its kind."""

LINKS: Final = {(True, False): "-->", (True, True): "<-->", (False, True): "-.->", (False, False): "---"}
"""The syntax of an arrow, by whether values and adjoints flow along it."""

HOT, BLAMED = LIGHT.hot, LIGHT.blamed

CLASSES: Final = """\
  classDef plain fill:none,stroke:none
  classDef branch fill:#888,stroke:#888
"""


def mermaid(scene: Scene) -> str:
    """Return a scene as a Mermaid flowchart, with values on the arrows, and contributions to adjoints after a "←".

    The reader's Mermaid lays it out and colours it.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.view import view_of
    >>> drawn = scene(view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes))
    >>> print("".join(mermaid(drawn).splitlines(keepends=True)[2:8]))
      n0("x"):::plain
      n1("y"):::plain
      n2(("×"))
      output("output"):::plain
      n0 <-->|"3<br>← 5"| n2
      n1 <-->|"5<br>← 3"| n2
    <BLANKLINE>
    """
    forward = any(arrow.forward for arrow in scene.arrows)
    head = [f"flowchart {'LR' if forward else 'RL'}", f"  accTitle: {escaped(scene.title)}"]
    boxes = [f"  {_box(box)}" for box in scene.boxes]
    arrows = [f"  {_arrow(arrow, forward=forward)}" for arrow in scene.arrows]
    caption = [f"  caption({_label([scene.caption])}):::plain"] if scene.caption else []
    marks = [f"  style {box.key} {mark}" for box in scene.boxes if (mark := _marks(box))]
    lit = [i for i, arrow in enumerate(scene.arrows) if arrow.lit]
    marks += [f"  linkStyle {i} stroke:{BLAMED},stroke-width:3px" for i in lit]
    return "\n".join([*head, *boxes, *arrows, *caption, *marks, CLASSES])


def escaped(text: str) -> str:
    """Return a text escaped for a Mermaid label.

    >>> escaped('say "hi" to <b>')
    'say #34;hi#34; to #60;b#62;'
    """
    return SYNTAX.sub(lambda match: f"#{ord(match[0])};", printable(text))


def _box(box: Box) -> str:
    before, after = SHAPES.get(box.kind, PLAIN)
    style = ":::branch" if box.kind == "branch" else "" if box.kind in SHAPES else ":::plain"
    return f"{box.key}{before}{_label(box.shown)}{after}{style}"


def _marks(box: Box) -> str:
    """Return the style of a box with a share in an error, or on the path to blame."""
    fill = f"fill:{HOT}{round(255 * shade(box.share)):02x}" if shade(box.share) else ""
    return ",".join(filter(None, (fill, f"stroke:{BLAMED},stroke-width:3px" if box.lit else "")))


def _arrow(arrow: Arrow, *, forward: bool) -> str:
    """Return an arrow; in a picture of the backward pass alone, it points from result to operand."""
    back = arrow.below[:1] if forward else ()
    texts = [*filter(None, [arrow.role, arrow.above]), *(f"← {text}" for text in back), *arrow.below[len(back) :]]
    label = f"|{_label(texts)}|" if texts else ""
    ends = (arrow.tail, arrow.head) if forward else (arrow.head, arrow.tail)
    return f"{ends[0]} {LINKS[arrow.forward, arrow.backward]}{label} {ends[1]}"


def _label(lines: Iterable[str]) -> str:
    return f'"{"<br>".join(map(escaped, lines)) or " "}"'
