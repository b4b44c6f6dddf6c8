"""A picture in rows: lines that go on run around to the next row."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

import pytest

import graphgrad as gg
from graphgrad.draw.layout.arranged import arranged, cut_into
from graphgrad.draw.layout.rows import Rows
from graphgrad.draw.scene.scene import scene
from graphgrad.draw.theme import TEXTBOOK
from graphgrad.draw.view import view_of

if TYPE_CHECKING:
    from graphgrad.draw.layout.drawing import Drawing

CHAIN = "sin(" * 20 + "x" + ")" * 20
WIDTH = 900.0
PROGRAMS = {
    "chain": CHAIN,
    "two lines": "a = " + CHAIN + "; b = " + CHAIN.replace("sin", "cos").replace("x", "y") + "; a*b",
    "one long line": "z*" + CHAIN,
}


def drawn(text: str, width: float | None = WIDTH) -> Drawing:
    """Return the drawing of both passes, in rows."""
    graph = gg.parse(text)
    passes = graph.backprop({name: 1.0 + i for i, name in enumerate(graph.inputs)}).passes
    drawing = arranged(scene(view_of(passes)), TEXTBOOK)
    return cut_into(drawing, Rows(width, 4)) if width else drawing


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_rows_are_no_wider_than_asked_for(text: str) -> None:
    """The picture is cut where it is wider."""
    assert drawn(text).size[0] <= WIDTH < drawn(text, None).size[0]


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_every_line_runs_on_from_its_tail_to_its_head(text: str) -> None:
    """Lines are continuous, also around the ends of rows, and begin and end where they did."""
    rows, line = drawn(text), drawn(text, None)
    for arrow, cut, whole in zip(rows.scene.arrows, rows.layout.routes, line.layout.routes, strict=True):
        assert len(cut) % 3 == 1
        for key, index in ((arrow.tail, 0), (arrow.head, -1)):
            before, after = line.layout.centres[key], rows.layout.centres[key]
            assert cut[index][0] - after[0] == pytest.approx(whole[index][0] - before[0], abs=0.01)
            assert cut[index][1] - after[1] == pytest.approx(whole[index][1] - before[1], abs=0.01)
        for one, other in pairwise(cut[::3]):
            assert hypot(other[0] - one[0], other[1] - one[1]) < WIDTH


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_a_row_is_below_the_one_before_it(text: str) -> None:
    """What follows in the graph is further right, or in a lower row, as in a text."""
    drawing = drawn(text)
    centres = drawing.layout.centres
    back = [arrow for arrow in drawing.scene.arrows if centres[arrow.head][0] <= centres[arrow.tail][0]]
    assert back
    assert all(centres[arrow.head][1] < centres[arrow.tail][1] for arrow in back)


def test_lines_that_run_around_do_not_cross() -> None:
    """Of two lines that go on, the upper one runs around the lower one."""
    drawing = drawn(PROGRAMS["two lines"])
    around = [route for route in drawing.layout.routes if min(x for x, _ in route) < -1]
    assert len(around) > 1
    one, other = sorted(around, key=lambda route: -route[0][1])[:2]
    assert max(x for x, _ in one) > max(x for x, _ in other)
    assert min(x for x, _ in one) > min(x for x, _ in other)


def test_where_too_many_lines_would_be_cut_there_are_no_rows() -> None:
    """A fan of lines as wide as the picture stays in one row."""
    text = "; ".join(["y0 = sin(x)", *(f"y{i} = sin(y{i - 1}*x)" for i in range(1, 9)), "y8 + 1"])
    assert drawn(text).layout == drawn(text, None).layout


@pytest.mark.parametrize(
    "text", ["2*h*nu**3/c**2/(exp(h*nu/(k*T)) - 1)", "(" * 6 + "x" + "".join(f" + a{i})*b{i}" for i in range(6))]
)
def test_no_start_is_alone_at_the_end_of_a_row(text: str) -> None:
    """An input stands in the row in which its number is, where that is possible."""
    drawing = drawn(text)
    starts = {box.key for box in drawing.scene.boxes} - {arrow.head for arrow in drawing.scene.arrows}
    for arrow, place in zip(drawing.scene.arrows, drawing.layout.middles, strict=True):
        if arrow.tail in starts and place:
            assert abs(drawing.layout.centres[arrow.tail][1] - place[1]) < 20


def test_a_start_wider_than_a_row_has_an_end() -> None:
    """A long name before a cut does not keep a picture from being cut into rows."""
    long = "`" + "a rather long name of an input " * 4 + "`"
    assert drawn(f"sin(sin(sin(x)) + {long}) + {long[:-4]}b`", 420.0).size[0] > 0
