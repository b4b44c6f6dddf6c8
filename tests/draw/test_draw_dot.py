"""DOT: any text draws as itself, any `dot` draws it, and labels keep off the lines."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from pictures import drawn_by_graphviz, shown_by, texts

import graphgrad
from graphgrad.draw import (
    TEXTBOOK,
    beside,
    dot,
    label_size,
    measured,
    parse_layout,
    plan,
    shortened,
    text_width,
    tidied,
)
from graphgrad.draw.layout.engine import lay_out

if TYPE_CHECKING:
    from graphgrad.draw import Layout, Path, Point, Scene

FRUITS = "(apple*n + orange*m)*tax"
PROGRAMS = [
    FRUITS,
    "x*y",
    "a + b*c - d/e",
    "x*x",
    "x**2 + x*sin(x) - exp(-x/2)",
    "s = x*y; u = s + s*t; u/s",
    "sigmoid(x)*tanh(y) + max(x, y, 3)**2",
]


def drawn(text: str, **how: Any) -> Scene:
    """Return the scene of an expression whose inputs are all 2."""
    graph = graphgrad.parse(text)
    return shown_by(graph.backprop(dict.fromkeys(graph.inputs, 2)), **how)


def laid_out(picture: Scene) -> Layout:
    """Return the places of a scene's boxes and lines."""
    sizes = measured(picture, TEXTBOOK)
    answer = lay_out(plan(picture, sizes, TEXTBOOK), "embedded")
    return tidied(picture, parse_layout(picture, sizes, answer), TEXTBOOK)


@pytest.mark.parametrize(
    "name",
    [
        '"><script>alert(1)</script>',
        r"a\nb",
        r"\N\G\L",
        "{a|b}",
        "<b>",
        "<<i>x</i>>",
        "&lt;",
        "&",
        'a"b',
        "back\\",
        '\\"',
        "]]>",
        "りんご",
    ],
)
def test_every_name_draws_as_that_text(name: str) -> None:
    """Neither DOT nor SVG finds anything in a name to interpret."""
    result = graphgrad.parse("1*2", name_literals=[name]).backprop()
    assert name in texts(result.render("svg", engine="embedded").decode())


def test_control_characters_are_replaced() -> None:
    """What no XML may hold is drawn as the replacement character, a line break as a space."""
    result = graphgrad.parse("1*2", name_literals=["a\nb\x1b"]).backprop()
    assert "a b\ufffd" in texts(result.render("svg", engine="embedded").decode())


def test_the_source_is_stable() -> None:
    """The same graph gives the same DOT."""
    assert dot(drawn(FRUITS), TEXTBOOK) == dot(drawn(FRUITS), TEXTBOOK)


def test_a_pair_of_arrows_runs_between_the_same_nodes() -> None:
    """The arrow backward follows its partner, in the same direction and drawn from its head."""
    lines = [line.strip() for line in dot(drawn("x*y"), TEXTBOOK).splitlines() if " -> " in line]
    assert [line.split(" [")[0] for line in lines[:2]] == ["n0 -> n2", "n0 -> n2"]
    assert ["dir=back" in line for line in lines[:2]] == [False, True]


def test_colour_is_not_the_only_difference() -> None:
    """The arrow backward is dashed, too."""
    lines = [line for line in dot(drawn("x*y"), TEXTBOOK).splitlines() if "dir=back" in line]
    assert all("style=dashed" in line for line in lines)


def test_the_source_draws_as_it_stands() -> None:
    """The DOT without places is a picture for any `dot`."""
    assert "<svg" in drawn_by_graphviz(dot(drawn(FRUITS), TEXTBOOK))


ROLES = {"x/y": ["numerator", "denominator"], "x**y": ["base", "exponent"], "x - y": ["1st", "2nd"]}


@pytest.mark.parametrize(("text", "roles"), ROLES.items())
def test_a_role_has_room_of_its_own(text: str, roles: list[str]) -> None:
    """It is a line of its arrow's label, above the value, so that every `dot` makes room for it."""
    source = graphgrad.parse(text).backprop({"x": 3, "y": 2}).draw()
    assert source
    assert [f'label=" {role} \\n {value} "' in source for role, value in zip(roles, "32", strict=True)] == [True, True]
    assert "headlabel" not in source


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("text", PROGRAMS)
def test_no_line_runs_through_a_label(text: str, local: bool) -> None:
    """The labels of an arrow touch neither of its lines."""
    picture = drawn(text, local=local)
    layout = laid_out(picture)
    for arrow, route, place in zip(picture.arrows, layout.routes, layout.middles, strict=True):
        width, height = label_size(arrow, TEXTBOOK)
        if place:
            inner = [p for p in sampled(route) if abs(p[0] - place[0]) < width / 2]
            assert inner
            assert all(abs(y - place[1]) < TEXTBOOK.label_gap for _, y in inner)
            assert height > 2 * (TEXTBOOK.lane + TEXTBOOK.label_gap)


@pytest.mark.parametrize("text", [FRUITS, "a + b + c + d", "x*y"])
def test_operations_stand_midway_between_their_operands(text: str) -> None:
    """In a tree, an operation with two operands is at half of their heights."""
    picture = drawn(text)
    layout = laid_out(picture)
    for box in picture.boxes:
        into = [layout.centres[arrow.tail][1] for arrow in picture.arrows if arrow.head == box.key]
        if len(into) == 2:
            assert layout.centres[box.key][1] == pytest.approx(sum(into) / 2)


def test_lines_of_a_column_are_equally_long() -> None:
    """In a tree, the names of a column end where their lines begin, at the same place."""
    picture = drawn(FRUITS)
    starts = {round(route[0][0], 3) for route in laid_out(picture).routes[:4]}
    assert len(starts) == 1


def test_operands_are_in_the_order_of_the_text() -> None:
    """What is written first stands above what is written after it."""
    centres = laid_out(drawn("a*b*c*d")).centres
    assert centres["n0"][1] > centres["n1"][1] > centres["n3"][1] > centres["n5"][1]


def test_beside_keeps_its_distance() -> None:
    """The line beside a level line is level, as far away as asked for."""
    line: Path = ((0, 0), (10, 0), (20, 0), (30, 0), (40, 0), (50, 0), (60, 0))
    assert {y for _, y in beside(line, -3)} == {-3}


def test_shortened_leaves_room() -> None:
    """A line made shorter ends as far from its old end as asked for, on the same curve."""
    end = shortened(((0, 0), (10, 0), (20, 10), (20, 20)), 5)[-1]
    assert ((20 - end[0]) ** 2 + (20 - end[1]) ** 2) ** 0.5 == pytest.approx(5, abs=1e-3)


def test_wide_glyphs_take_a_square() -> None:
    """A Japanese name is given its room, which no engine would measure."""
    assert text_width("りんご", 15) == 45


def sampled(path: Path) -> list[Point]:
    """Return points along a line, some two points apart."""
    points = []
    for i in range(0, len(path) - 1, 3):
        p, q, r, s = path[i : i + 4]
        count = ceil(abs(s[0] - p[0]) / 2) + 2
        points += [bezier(p, q, r, s, step / count) for step in range(count + 1)]
    return points


def bezier(p: Point, q: Point, r: Point, s: Point, t: float) -> Point:
    """Return the point of a cubic curve at `t`."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (sum(w * point[i] for w, point in zip(weights, (p, q, r, s), strict=True)) for i in (0, 1))
    return x, y
