"""Choose how a graph is laid out, so that its text stays readable in a column."""

from __future__ import annotations

from dataclasses import replace
from math import inf, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.arranged import arranged, cut_into
from graphgrad.draw.layout.plan import shortest
from graphgrad.draw.layout.sizes import measured
from graphgrad.draw.scene.outline import MAX_NODES_OPEN, outlined
from graphgrad.draw.scene.scene import scene
from graphgrad.draw.theme import steep, tight
from graphgrad.draw.words import AUTO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.draw.layout.drawing import Drawing
    from graphgrad.draw.options import DrawOptions
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.scene.outline import Outline
    from graphgrad.draw.theme import Theme
    from graphgrad.draw.view import View
    from graphgrad.draw.words import Direction

__all__ = ["chosen_drawing", "closes"]

SMALLEST: Final = 8.0
"""The least size of a label in a column, in pixels."""

READABLE: Final = 10.0
"""The size of a label, in pixels, that is looked for where the usual picture is too wide."""

PAGE: Final = 1.5
"""How much higher than wide a page is."""


MOST_LINES: Final = 4
"""The most lines that go on from a row to the next one."""

DENSEST: Final = 0.2
"""The part of a picture that its boxes and labels take, where there are many; most take half of that."""


class Way(NamedTuple):
    """A way to draw a graph: its direction, whether sums and products are joined, whether distances are small.

    With more than `most` nodes, some of them are closed into boxes. At most `lines` lines go on from a row to the next
    one. The drawing is taken where its text is readable on so many `pages`.
    """

    direction: Direction
    nary: bool = False
    tight: bool = False
    most: int = MAX_NODES_OPEN
    lines: int = MOST_LINES
    pages: float = 1.0


WAYS: Final = (
    Way("right"),
    Way("right", tight=True),
    Way("right", nary=True, tight=True),
    Way("rows", nary=True, tight=True, lines=1, pages=0.5),
    Way("down"),
    Way("down", tight=True),
    Way("down", nary=True),
    Way("rows", nary=True, tight=True),
    Way("down", nary=True, tight=True),
)
"""The ways to draw a graph, in the order of preference."""

FEWEST_CLOSED: Final = 40
"""The fewest nodes of a graph of which some are closed into boxes where its text would be small otherwise."""

CLOSED: Final = tuple(
    Way(direction, nary=True, tight=True, most=most) for most in (60, 30) for direction in ("right", "down", "rows")
)
"""The ways in which parts of a graph are closed into boxes."""

LOOKS: Final = ((False, False), (False, True), (True, False), (True, True))
"""Whether sums and products are joined, and whether distances are small, in the order of preference."""


def chosen_drawing(view: View, options: DrawOptions) -> Drawing:
    """Return the drawing in the usual way, if its text is large enough in the column; else, in another way.

    That is the first one whose text is readable on a page, or on half a page in rows between which a single line runs;
    then the first one whose text is large enough there, then on two pages. Where there is none, parts are closed.
    Raises `RenderError` where the graph cannot be drawn.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.options import DrawOptions
    >>> from graphgrad.draw.view import view_of
    >>> view = view_of(parse("a*b*c*d*e*f*g*h*i*j*k").data)
    >>> [len(chosen_drawing(view, DrawOptions(width=width)).scene.boxes) for width in (735, 350)]
    [22, 13]
    """
    tried = _Tried(view, options)
    usual, *others = tried.ways()
    return (
        tried.usual(usual)
        or tried.first(others)
        or tried.best(1)
        or tried.best(2)
        or tried.first(CLOSED if closes(view, options) else ())
        or tried.best(1)
        or tried.best(inf)
        or tried.narrowest(others[-1] if others else usual)
    )


def closes(view: View, options: DrawOptions) -> bool:
    """Tell whether nodes may be closed into boxes so that text stays readable."""
    joins = options.nary == AUTO or options.joins
    return options.direction == AUTO and joins and not options.expand and len(view.nodes) > FEWEST_CLOSED


class _Tried:
    """The drawings of a graph that have been made."""

    def __init__(self, view: View, options: DrawOptions) -> None:
        self.view, self.options = view, options
        self.made: list[Drawing] = []
        self.outlines: dict[int, Outline] = {}
        self.lines: dict[tuple[str, Way], Drawing] = {}
        self.pages = 1 if closes(view, options) else 2

    def ways(self) -> list[Way]:
        """Return the ways to try."""
        options = self.options
        if options.direction != AUTO:
            ways = tuple(Way(options.direction, nary, tight) for nary, tight in LOOKS)
        else:
            ways = WAYS[:1] if len(self.outline(MAX_NODES_OPEN).view.nodes) > MAX_NODES_OPEN else WAYS
        wanted = [way for way in ways if options.nary == AUTO or options.joins == way.nary]
        return wanted or [ways[0]._replace(nary=options.joins)]

    def outline(self, most: int) -> Outline:
        """Return the graph with parts closed into boxes, where it has more nodes."""
        if most not in self.outlines:
            self.outlines[most] = outlined(self.view, self.options.expand, most)
        return self.outlines[most]

    def usual(self, way: Way) -> Drawing | None:
        """Return the drawing in the usual way, if its text is large enough in a column of any height."""
        return next((drawing for _, drawing in self.drawings([way]) if self.on_pages(drawing, inf) >= SMALLEST), None)

    def first(self, ways: Iterable[Way]) -> Drawing | None:
        """Return the first drawing whose text is readable on the pages for its way."""
        made = self.drawings(ways)
        return next((drawing for way, drawing in made if self.on_pages(drawing, way.pages) >= READABLE), None)

    def best(self, pages: float) -> Drawing | None:
        """Return the first drawing made whose text is large enough on a number of pages."""
        return next((drawing for drawing in self.made if self.on_pages(drawing, pages) >= SMALLEST), None)

    def narrowest(self, way: Way) -> Drawing:
        """Return the narrowest drawing; where none has been made, the one in this way."""
        return min(self.made, key=lambda drawing: drawing.size[0], default=None) or self.drawing(*self.scene(way), way)

    def drawings(self, ways: Iterable[Way]) -> Iterator[tuple[Way, Drawing]]:
        """Yield the ways and the drawings in which the text is not too small by their least length or their area."""
        width = self.options.width
        for way in ways:
            drawn, style = self.scene(way)
            sizes = measured(drawn, style)
            room = inf if way.direction == "rows" else PAGE * width if drawn.down else width
            scale = min(room / shortest(drawn, sizes, style), width * sqrt(self.pages * PAGE * DENSEST / sizes.area))
            if self.scaled(scale) >= SMALLEST:
                self.made.append(self.drawing(drawn, style, way))
                yield way, self.made[-1]

    def drawing(self, drawn: Scene, style: Theme, way: Way) -> Drawing:
        """Return a scene laid out; one that has been laid out in a single row is only cut into rows."""
        rows = way.direction == "rows"
        key = drawn.caption, Way("right" if rows else way.direction, way.nary, way.tight)
        if key not in self.lines:
            self.lines[key] = arranged(drawn, style, self.options.engine)
        if not rows:
            return self.lines[key]
        from graphgrad.draw.layout.rows import Rows

        return cut_into(self.lines[key], Rows(self.options.width * style.label_size / READABLE, way.lines))

    def scene(self, way: Way) -> tuple[Scene, Theme]:
        """Return the scene in one of the ways, and the theme that it is drawn in."""
        options, down = self.options, way.direction == "down"
        style = tight(options.style) if way.tight else options.style
        style = steep(style) if down else style
        fold = options.fold or (down and way.tight)
        taken = replace(options, direction="down" if down else "right", nary=way.nary, fold=fold, theme=style)
        return scene(self.view, taken, self.outline(way.most)), style

    def on_pages(self, drawing: Drawing, pages: float) -> float:
        """Return the size of a drawing's labels, in pixels, where it is scaled to the column on a number of pages."""
        width, height = drawing.size
        return self.scaled(self.options.width * min(1 / width, PAGE * pages / height))

    def scaled(self, scale: float) -> float:
        """Return the size of labels in a picture that is made smaller."""
        return self.options.style.label_size * min(scale, 1.0)
