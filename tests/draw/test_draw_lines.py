"""Lines of a picture: straight where they could be, side by side at one distance, with whole heads."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from math import dist
from typing import TYPE_CHECKING, Any

import pytest
from pictures import drawn_by, random_program

import graphgrad as gg
from graphgrad.draw.layout.channels import _spread
from graphgrad.draw.layout.curves import samples, swing
from graphgrad.draw.layout.layout import beside, shortened, straight

if TYPE_CHECKING:
    from graphgrad.draw.layout.drawing import Drawing

PROGRAMS, DEFINED = range(40_000, 40_080), 30
LOOKS: list[dict[str, Any]] = [{}, {"direction": "down"}, {"local": True}, {"theme": "minimal"}]
FAN = "sin(x) + x*cos(x) - exp(-x/2) + x**3"
STEEP = swing((0, 0), (30, 90))


def passes(text: str) -> gg.Backprop[float] | None:
    """Return both passes where all inputs are 0.4; nothing where they are not defined."""
    graph = gg.parse(text)
    try:
        return graph.backprop(dict.fromkeys(graph.inputs, 0.4))
    except gg.GraphgradError:
        return None


def drawn_at_random(**look: Any) -> list[Drawing]:
    """Return pictures of random programs."""
    found = filter(None, map(passes, map(random_program, PROGRAMS)))
    return [drawn_by(each, engine="embedded", **look) for each in islice(found, DEFINED)]


def bends(drawing: Drawing) -> list[float]:
    """Return how far each line that no other one meets at its ends strays from a straight line."""
    arrows, across = drawing.scene.arrows, int(not drawing.scene.down)
    leaving, arriving = (Counter(getattr(arrow, end) for arrow in arrows) for end in ("tail", "head"))
    alone = [leaving[arrow.tail] == arriving[arrow.head] == 1 for arrow in arrows]
    routes = (route for route, one in zip(drawing.layout.routes, alone, strict=True) if one)
    return [max(point[across] for point in route) - min(point[across] for point in route) for route in routes]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_line_is_straight_where_no_other_one_meets_it(look: dict[str, Any]) -> None:
    """Nine of ten values pass straight through a function, and nearly all others bend visibly."""
    found = [bend for drawing in drawn_at_random(**look) for bend in bends(drawing)]
    assert sum(bend < 0.01 for bend in found) >= 0.9 * len(found)
    assert sum(0.01 <= bend < 4 for bend in found) <= 0.02 * len(found)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_heads_of_arrows_back_to_a_dot_are_one(look: dict[str, Any]) -> None:
    """Where a value fans out, the red lines come together before they reach it."""
    drawing = drawn_by(gg.parse(FAN).backprop({"x": 0.4}), engine="embedded", **look)
    heads: dict[Any, list[Any]] = {}
    for stroke in drawing.strokes:
        if stroke.kind == "backward":
            heads.setdefault(stroke.head[0], []).append(stroke.head)
    assert max(map(len, heads.values())) > 3
    assert all(
        dist(*ends) < 0.01
        for first, *others in heads.values()
        for each in others
        for ends in zip(first, each, strict=True)
    )


@pytest.mark.parametrize("look", [*LOOKS, {"theme": "record", "local": True}], ids=str)
def test_heads_are_whole(look: dict[str, Any]) -> None:
    """Each head is as long as all others, however short the last piece of its line is."""
    for drawing in drawn_at_random(**look):
        length = 10 * drawing.theme.arrow
        routes = [(dist(stroke.route[-1], stroke.head[0]), stroke.key) for stroke in drawing.strokes if stroke.head]
        assert [found for found in routes if abs(found[0] - length) > 0.01] == []


@pytest.mark.parametrize("path", [STEEP, STEEP[::-1], straight((0, 0), (10, 30)), ((0, 0), (9, 0), (9, 0), (9, 9))])
def test_lines_side_by_side_keep_their_distance(path: Any) -> None:
    """Along a steep bend, too, in its middle as at its ends."""
    middle = list(samples(path, 200))
    for side in (3, -3):
        distances = [min(dist(point, other) for other in middle) for point in samples(beside(path, side), 40)]
        assert 2 <= min(distances) <= max(distances) <= 3.4


def test_a_line_is_cut_beyond_its_last_piece() -> None:
    """The cut is at its distance from the end, where the last pieces are shorter, too."""
    path = straight((0, 0), (9, 0))
    for here, there in pairwise((9, 9.5, 10)):
        path += straight((here, 0), (there, 0))[1:]
    assert shortened(path, 4)[-1] == (6, 0)
    assert shortened(straight((0, 0), (3, 0)), 4)[-1] == (0, 0)


MANY = ["*".join(f"sin(x + {i})" for i in range(9)), "a + b - c*x**3 + d*x**2 - x/7 + y*x - y**2/a + exp(x)"]


@pytest.mark.parametrize("text", MANY)
@pytest.mark.parametrize("direction", ["right", "down"])
def test_lines_stay_among_the_boxes(text: str, direction: Any) -> None:
    """However many lines meet at a node, each arrives from where it comes from."""
    graph = gg.parse(text)
    numbers = dict.fromkeys(graph.inputs, 0.4)
    drawing = drawn_by(graph.backprop(numbers), engine="embedded", direction=direction, nary=True)
    panels = [(panel.centre, panel.size) for panel in drawing.panels]
    panels += zip(filter(None, drawing.layout.middles), drawing.layout.sizes.labels, strict=False)
    for across in (0, 1):
        low = min(centre[across] - size[across] for centre, size in panels) - 60
        high = max(centre[across] + size[across] for centre, size in panels) + 60
        assert all(low < point[across] < high for route in drawing.layout.routes for point in route)


@pytest.mark.parametrize("wanted", [[0.0], [0, 0, 0], [-3, 4, 9, 9, 9], [9, 9, 9, 9, 9, 9], [-9, -9, -9, 0], [5, 6]])
def test_lines_meet_a_disc_from_their_side(wanted: list[float]) -> None:
    """The angles are in order, apart where there is room, and never beyond the limit."""
    placed = _spread(sorted(wanted), 2, 5)
    apart = min(2, 10 / max(len(wanted) - 1, 1))
    assert all(other - one > apart - 1e-9 for one, other in pairwise(placed))
    assert -5 <= placed[0] <= placed[-1] <= 5
