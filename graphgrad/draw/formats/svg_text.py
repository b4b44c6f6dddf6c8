"""Write a typeset text as SVG: its runs at their places, and the lines of its fractions and roots."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from graphgrad.base.terminal_text import printable
from graphgrad.draw.formats.decimals import coordinates, hundredths
from graphgrad.draw.layout.text_width import baseline, text_set
from graphgrad.typeset.widths import is_measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.layout.layout import Point
    from graphgrad.draw.layout.strokes import Label
    from graphgrad.typeset.boxes import Rule, Run

__all__ = ["text_elements"]

LONG: Final = 4
"""From how many characters on the length of a text of one run is given, so that in another font it is not wider.

That of a run beside others is always given: a lone minus in a wider font would strike through what follows it.
"""

BLANK: Final = 0.15
"""The distance between two runs, by the size, that is a blank."""


def text_elements(label: Label, size: float, *, inherited: float, appears: str = "", starts: bool = False) -> str:
    """Return a text centred on its place, or one that `starts` there, as SVG.

    A font size that is `inherited` is left out; `appears` are further attributes.
    """
    setting = text_set(label.text, size)
    left = label.place[0] - (0.0 if starts else setting.width / 2)
    bottom = label.place[1] - baseline(setting, size)
    lines = "".join(_line(rule, left, bottom, appears) for rule in setting.rules)
    if len(setting.runs) == 1:
        [run] = setting.runs
        at = _at((left + run.x + (0.0 if starts else run.width / 2), bottom + run.y))
        return f"<text{at}{_look(run, inherited, least=LONG)}{appears}>{_shown(run)}</text>{lines}"
    # Runs begin at their places, so that a blank between two of them, for a reader who copies the text, moves nothing.
    spans = "".join(
        f"{_blank(before, run)}<tspan{_at((left + run.x, bottom + run.y))}{_look(run, inherited)}>{_shown(run)}</tspan>"
        for before, run in pairwise((None, *setting.runs))
        if run
    )
    return f'<text text-anchor="start"{appears}>{spans}</text>{lines}' if spans else lines


def _blank(before: Run | None, run: Run) -> str:
    return " " if before and run.x - before.x - before.width > BLANK * run.size else ""


def _shown(run: Run) -> str:
    return escape(printable(run.text))


def _at(point: Point) -> str:
    """Return a point in SVG's coordinates, in which heights grow downwards."""
    return f' x="{hundredths(point[0])}" y="{hundredths(-point[1])}"'


def _look(run: Run, inherited: float, *, least: int = 1) -> str:
    """Return a run's size and style, as far as they differ from those around it, and the length of a run of `least`."""
    font = f' font-size="{hundredths(run.size)}"' if run.size != inherited else ""
    style = ' font-style="italic"' if run.italic else ""
    is_long = len(run.text) >= least and is_measured(run.text)
    length = f' textLength="{hundredths(run.width)}" lengthAdjust="spacingAndGlyphs"' if is_long else ""
    return font + style + length


def _line(rule: Rule, left: float, bottom: float, appears: str) -> str:
    """Return a line as a polygon, which is filled as the text is."""
    corners = (coordinates(left + x, -bottom - y) for x, y in _outline(rule))
    return f'<polygon points="{" ".join(corners)}"{appears}/>'


def _outline(rule: Rule) -> Iterator[Point]:
    """Yield the corners of a line of some thickness: along its one side, and back along the other."""
    directions = [_unit(a, b) for a, b in pairwise(rule.points)]
    normals = [_mitre(a, b) for a, b in zip([directions[0], *directions], [*directions, directions[-1]], strict=True)]
    half = rule.thickness / 2
    sides = [
        [(x + s * half * u, y + s * half * v) for (x, y), (u, v) in zip(rule.points, normals, strict=True)]
        for s in (1, -1)
    ]
    yield from sides[0]
    yield from reversed(sides[1])


def _unit(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = hypot(dx, dy) or 1.0
    return dx / length, dy / length


def _mitre(one: Point, other: Point) -> Point:
    """Return where the outer corner of two directions lies, seen from their meeting, for half a thickness of 1."""
    x, y = -(one[1] + other[1]), one[0] + other[0]
    square = x * x + y * y
    scale = min(2 / square, 1.0) if square else 0.0
    return x * scale, y * scale
