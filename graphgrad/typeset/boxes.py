"""Set the parts of formulas: texts beside each other, scripts, fractions, roots, brackets, tables."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.typeset.widths import is_measured, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from graphgrad.typeset.tree import Tree

__all__ = ["ITALIC", "LEAST", "SET", "SMALLER", "Place", "Rule", "Run", "Setting", "beside", "table", "text"]

Point = tuple[float, float]

ASCENT: Final = 0.74
DESCENT: Final = 0.21
"""How far letters reach above and below the baseline, by their size."""

AXIS: Final = 0.33
"""The height of the middle of a minus sign, and of the line of a fraction, by the size."""

SMALLER: Final = 0.7
"""The size of a script by that of its base."""

RAISED: Final = 0.36
LOWERED: Final = 0.16
"""How far the baseline of a script lies above or below that of its base, by the base's size."""

LEAST: Final = 0.45
"""The least size of a script, by that of the whole formula."""

THICKNESS: Final = 0.065
"""The thickness of a line, by the size."""

GAP: Final = 0.14
"""The distance between a line and what is above or below it, by the size."""

LEAN: Final = 0.06
"""How far an italic letter leans over its own width at the top, by the size."""

FONT_PARTS: Final = re.compile("f(?: *f)*|[^f]+")
"""Parts of a text, by a letter for each character: f for one that the font for text lacks, k for others, or a blank."""

TOUCH: Final = 1e-6
"""The distance in points at which texts touch."""

ITALIC: Final = ("letter", "slanted")
"""The kinds that are set in italics."""


class Run(NamedTuple):
    """A text in one style, from `x` on at the baseline `y`; heights grow upwards."""

    text: str
    x: float
    y: float
    size: float
    italic: bool
    width: float

    @property
    def trimmed(self) -> Run:
        """The text without the blanks at its ends, which SVG would drop."""
        inner = self.text.strip(" ")
        if inner == self.text or not inner:
            return self
        left = self.text[: self.text.index(inner[0])]
        before, width = (text_width(part, self.size, italic=self.italic) for part in (left, inner))
        return self._replace(text=inner, x=self.x + before, width=width)


class Rule(NamedTuple):
    """A line through points, of a fraction, a root or a bracket."""

    points: tuple[Point, ...]
    thickness: float


class Setting(NamedTuple):
    """A formula set: its width, how far it reaches above and below the baseline, its texts and its lines.

    It begins at x = 0 on the baseline y = 0.
    """

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    runs: tuple[Run, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def height(self) -> float:
        """The height from the lowest to the highest point."""
        return self.ascent + self.descent

    def shifted(self, x: float, y: float = 0.0) -> Setting:
        """Return it at another place, with the same left edge of its width."""
        runs = tuple(run._replace(x=run.x + x, y=run.y + y) for run in self.runs)
        rules = tuple(rule._replace(points=tuple((a + x, b + y) for a, b in rule.points)) for rule in self.rules)
        return Setting(self.width, self.ascent + y, self.descent - y, runs, rules)


class Place(NamedTuple):
    """The size at which a part is set, the least size of scripts, and whether it is within one."""

    size: float
    least: float
    tight: bool = False


def text(string: str, size: float, *, italic: bool = False) -> Setting:
    """Return a text set in one style; what the shipped font for text lacks is a run by itself."""
    runs: list[Run] = []
    left = 0.0
    for part in [string] if is_measured(string) else _by_font(string):
        width = text_width(part, size, italic=italic)
        runs.append(Run(part, left, 0.0, size, italic, width))
        left += width
    return Setting(left, ASCENT * size, DESCENT * size, tuple(runs))


def _by_font(string: str) -> Iterator[str]:
    """Yield the parts of a text that one font draws; blanks between words of another script stay with them."""
    kinds = "".join(" " if c.isspace() else "k" if is_measured(c) else "f" for c in string)
    for match in FONT_PARTS.finditer(kinds):
        yield string[match.start() : match.end()]


def beside(parts: Sequence[Setting]) -> Setting:
    """Return parts one after the other on one baseline; texts of one style that touch become one."""
    lefts = [*accumulate((part.width for part in parts), initial=0.0)]
    return _over(lefts[-1], [part.shifted(left) for part, left in zip(parts, lefts, strict=False)])


def _over(width: float, parts: Iterable[Setting]) -> Setting:
    """Return parts at their places as one setting of a width."""
    parts = [*parts]
    runs = _joined(run for part in parts for run in part.runs)
    rules = tuple(rule for part in parts for rule in part.rules)
    ascent, descent = (max([0.0, *heights]) for heights in ([p.ascent for p in parts], [p.descent for p in parts]))
    return Setting(width, ascent, descent, runs, rules)


def _joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return texts; those that touch, on one baseline and in one style, joined, if the first font has them.

    A text in another font may be wider or run from right to left; it stays by itself.
    """
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        touch = last is not None and last[2:5] == run[2:5] and abs(last.x + last.width - run.x) < TOUCH
        if last and touch and is_measured(last.text + run.text):
            joined[-1] = last._replace(text=last.text + run.text, width=last.width + run.width)
        else:
            joined.append(run)
    return tuple(joined)


def scripts(tree: Tree, place: Place, parts: Sequence[Setting]) -> Setting:
    """Return a base with its scripts, one above the other."""
    base, above, below = parts
    size = place.size
    lean = LEAN * size if tree.parts[0].kind in ITALIC else 0.0
    up = max(RAISED * size, base.ascent - (1 - RAISED) * ASCENT * size)
    down = max(LOWERED * size, base.descent - DESCENT * size)
    raised = above.shifted(base.width + lean, up)
    lowered = below.shifted(base.width, -down)
    width = base.width + max(above.width + lean if above.width else 0.0, below.width)
    return _over(width, [base, *([raised] if above.width else []), *([lowered] if below.width else [])])


def fraction(_tree: Tree, place: Place, parts: Sequence[Setting]) -> Setting:
    """Return what stands above and below a line, each in its middle."""
    above, below = parts
    size = place.size
    thick, axis, gap = THICKNESS * size, AXIS * size, GAP * size
    inner = max(above.width, below.width) + gap
    width = inner + gap
    top = above.shifted((width - above.width) / 2, axis + gap + above.descent)
    bottom = below.shifted((width - below.width) / 2, axis - gap - below.ascent)
    line = Rule((((width - inner) / 2, axis), ((width + inner) / 2, axis)), thick)
    return _over(width, [top, bottom])._replace(rules=(*top.rules, *bottom.rules, line))


def root(_tree: Tree, place: Place, parts: Sequence[Setting]) -> Setting:
    """Return a part under the sign of a root."""
    inner, degree = parts
    size = place.size
    gap, thick = GAP * size, THICKNESS * size
    low, high = -inner.descent * 0.6, inner.ascent + gap * 0.6
    degree_width = max(0.0, degree.width - 0.22 * size)
    left, right = degree_width, degree_width + 0.55 * size
    end = right + inner.width + gap * 0.8
    points = (
        (left, 0.28 * size),
        (left + 0.13 * size, 0.34 * size),
        (left + 0.3 * size, low),
        (right, high),
        (end, high),
    )
    set_degree = degree.shifted(0.0, 0.46 * size)
    body = _over(end + gap * 0.4, [*([set_degree] if degree.width else []), inner.shifted(right + gap * 0.3)])
    return body._replace(ascent=max(body.ascent, high + thick), rules=(*body.rules, Rule(points, thick)))


def fenced(tree: Tree, place: Place, parts: Sequence[Setting]) -> Setting:
    """Return a part between brackets: characters, or lines where the part is taller than a line of text."""
    [inner] = parts
    size = place.size
    left, right = tree.text[0], tree.text[1]
    if inner.ascent <= 1.35 * ASCENT * size and inner.descent <= 2.2 * DESCENT * size:
        marks = [text(mark, size) if mark != " " else Setting() for mark in (left, right)]
        return beside([marks[0], inner, marks[1]])
    return _tall(left, inner, right, size)


def _tall(left: str, inner: Setting, right: str, size: float) -> Setting:
    """Return a tall part between brackets that are drawn."""
    low, high = -inner.descent, inner.ascent
    thick = THICKNESS * size
    pieces: list[Setting] = []
    for mark, flip in ((left, 1), (right, -1)):
        lines, width = _bracket(mark, low, high, size)
        rules = tuple(Rule(tuple((x if flip > 0 else width - x, y) for x, y in line), thick) for line in lines)
        pieces.append(Setting(width, high, -low, (), rules))
    return beside([pieces[0], inner, pieces[1]])


def _bracket(mark: str, low: float, high: float, size: float) -> tuple[list[tuple[Point, ...]], float]:
    """Return the lines of a left bracket, or of a right one mirrored, and the width."""
    a, b, middle = 0.1 * size, 0.3 * size, (low + high) / 2
    if mark in "()":
        half = (high - low) / 2
        arc = tuple((a + (b - a) * t * t, middle + half * t) for t in (i / 4 for i in range(-4, 5)))
        return [arc], b + a / 2
    if mark in "{}":
        waist, tip = (a + b) / 2, a / 3
        bend = 0.12 * size
        left = (waist, middle + bend), (tip, middle), (waist, middle - bend)
        return [((b, high), (waist, high - bend), *left, (waist, low + bend), (b, low))], b + a / 2
    ends = {"[": (1, 1), "]": (1, 1), "⌊": (0, 1), "⌋": (0, 1), "⌈": (1, 0), "⌉": (1, 0)}.get(mark, (0, 0))
    if mark == " ":
        return [], 0.0
    upper = ((b, high),) * ends[0]
    lower = ((b, low),) * ends[1]
    line = (*upper, (a, high), (a, low), *lower)
    if mark == "‖":
        return [line, tuple((x + 0.14 * size, y) for x, y in line)], b + a
    return [line], b + a / 2


def table(environment: str, size: float, lines: Sequence[Sequence[Setting]]) -> Setting:
    """Return lines of cells below each other, in columns."""
    gap = 2 * GAP * size
    count = max(map(len, lines), default=0)
    widths = [max((line[i].width for line in lines if i < len(line)), default=0.0) for i in range(count)]
    between = COLUMN_GAP.get(environment, 0.8) * size
    lefts = [*accumulate((width + between for width in widths), initial=0.0)]
    heights = [(max(cell.ascent for cell in line), max(cell.descent for cell in line)) for line in lines]
    total = sum(map(sum, heights)) + gap * (len(lines) - 1)
    top = total / 2 + AXIS * size
    cells: list[Setting] = []
    for line, (ascent, descent) in zip(lines, heights, strict=True):
        shift = PARTS_OF_FREE[environment]
        cells += [
            cell.shifted(left + shift * (width - cell.width), top - ascent)
            for cell, left, width in zip(line, lefts, widths, strict=False)
        ]
        top -= ascent + descent + gap
    inner = _over(max(0.0, lefts[-1] - between), cells)
    inner = inner._replace(ascent=total / 2 + AXIS * size, descent=total / 2 - AXIS * size)
    left, right = BRACKETS[environment]
    return _tall(left, inner, right, size)


BRACKETS: Final = {"cases": ("{", " "), "bmatrix": ("[", "]"), "aligned": (" ", " ")}
"""The brackets around a table."""

PARTS_OF_FREE: Final = {"cases": 0.0, "bmatrix": 0.5, "aligned": 0.0}
"""Where a cell stands in its column: 0 at the left, 0.5 in the middle."""

COLUMN_GAP: Final = {"cases": 0.9, "aligned": 0.25}
"""The distance between columns, by the size."""

SET: Final[dict[str, Callable[[Tree, Place, Sequence[Setting]], Setting]]] = {
    "scripts": scripts,
    "fraction": fraction,
    "root": root,
    "fenced": fenced,
}
"""How each kind of formula is set from its parts; rows and tables have their own functions."""
