"""Text stays readable in a column: the way in which a picture is drawn is chosen by its width."""

from __future__ import annotations

from itertools import combinations
from math import inf
from typing import TYPE_CHECKING

import pytest
from test_corpus import FORMULAS, floats

import graphgrad as gg
from graphgrad.draw.choice import chosen_drawing
from graphgrad.draw.layout.clearance import too_near
from graphgrad.draw.layout.text_width import text_width
from graphgrad.draw.options import FrameOptions
from graphgrad.draw.scene.outline import outlined
from graphgrad.draw.scene.scene import scene
from graphgrad.draw.theme import THEMES
from graphgrad.draw.view import view_of

if TYPE_CHECKING:
    from graphgrad.draw.layout.drawing import Drawing

CHAIN = "sin(" * 30 + "x" + ")" * 30
SUM = " + ".join(f"x{i}" for i in range(20))
HORNER = "((((a*x + b)*x + c)*x + d)*x + e)*x + f"
BLACK_SCHOLES = next(line for line in FORMULAS if line["id"] == "finance/bs_call")["expr"]
LONG = {"chain": CHAIN, "sum": SUM, "horner": HORNER, "black-scholes": BLACK_SCHOLES}

SAMPLE = FORMULAS[::8]
MOST_OPERATIONS = 40


def drawn(text: str, at: dict[str, float] | None = None, **options: object) -> Drawing:
    """Return the drawing of both passes."""
    graph = gg.parse(text)
    passes = graph.backprop(at or {name: 1.1 + i / 7 for i, name in enumerate(graph.inputs)}).passes
    return chosen_drawing(view_of(passes), FrameOptions(**options))  # type: ignore[arg-type]


def label(drawing: Drawing, column: float = 735.0) -> float:
    """Return the size of a drawing's labels in a column, in pixels."""
    return drawing.theme.label_size * min(1.0, column / drawing.size[0])


def labels(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    """Return the left, lower, right and upper edge of each line of text beside a line."""
    found = []
    half = drawing.theme.label_size / 2
    for stroke in drawing.strokes:
        for text, (x, y), _ in stroke.labels:
            width = text_width(text, drawing.theme.label_size) / 2
            found.append((x - width, y - half, x + width, y + half))
    return found


def panels(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    """Return the edges of each box."""
    places = ((panel.centre, panel.size) for panel in drawing.panels)
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in places]


def overlapping(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two rectangles overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_of_published_formulas_19_of_20_have_readable_labels() -> None:
    """Of formulas of up to 40 operations, 95 % have labels at least 8 pixels high in a column of 735 pixels."""
    sizes = []
    for line in SAMPLE:
        graph = gg.parse(line["expr"])
        if len(graph.data.steps) <= MOST_OPERATIONS:
            sizes.append(label(drawn(line["expr"], floats(line["points"][0]["at"]))))
    assert len(sizes) > 80
    assert sum(size >= 8 for size in sizes) >= 0.95 * len(sizes)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_was_too_wide_to_read_is_readable(text: str) -> None:
    """Each of these is wider than three columns from left to right."""
    assert label(drawn(text, direction="right", nary=False, width=inf)) < 6
    assert label(drawn(text)) >= 8


@pytest.mark.parametrize("line", FORMULAS[::40], ids=lambda line: line["id"])
def test_a_picture_that_fits_is_drawn_as_it_was(line: dict) -> None:  # type: ignore[type-arg]
    """The usual picture is the first choice, whatever else there is to choose."""
    at = floats(line["points"][0]["at"])
    usual, chosen = drawn(line["expr"], at, width=inf), drawn(line["expr"], at)
    assert (chosen.layout == usual.layout) == (label(usual) >= 8)


@pytest.mark.parametrize("direction", ["right", "down", "rows"])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_labels_and_boxes_keep_apart_in_every_direction(text: str, direction: str) -> None:
    """No label lies on another one or on a box."""
    drawing = drawn(text, direction=direction)
    texts, boxes = labels(drawing), panels(drawing)
    assert not [pair for pair in combinations(texts, 2) if overlapping(*pair)]
    assert not [(one, box) for one in texts for box in boxes if overlapping(one, box)]
    assert not [pair for pair in combinations(boxes, 2) if overlapping(*pair)]


@pytest.mark.parametrize("direction", ["right", "down", "rows"])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_everything_lies_within_the_picture(text: str, direction: str) -> None:
    """The edges of a picture are outside of all boxes, lines and labels."""
    drawing = drawn(text, direction=direction)
    left, low, right, high = drawing.bounds
    points = [point for stroke in drawing.strokes for point in stroke.route]
    corners = [corner for x0, y0, x1, y1 in labels(drawing) + panels(drawing) for corner in ((x0, y0), (x1, y1))]
    assert all(left <= x <= right and low <= y <= high for x, y in points + corners)


@pytest.mark.parametrize("direction", ["right", "down", "rows"])
def test_lines_are_clear_of_what_is_not_theirs_in_every_direction(direction: str) -> None:
    """No line is within 6 points of a foreign box or label, in pictures of published formulas."""
    near = {
        line["id"]: too_near(drawn(line["expr"], floats(line["points"][0]["at"]), direction=direction))
        for line in FORMULAS[::20]
    }
    assert {name: found for name, found in near.items() if found} == {}


TUBE = "x" + "".join(f" + a{i})**2" for i in range(5))


@pytest.mark.parametrize(("text", "rows"), [(CHAIN, True), ("(" * 5 + TUBE, True), (HORNER, False)])
def test_a_long_line_of_operations_is_drawn_in_rows(text: str, rows: bool) -> None:
    """Where one line goes on from row to row, rows are chosen, not a narrow column; where more do, they are not."""
    drawing = drawn(text)
    assert drawing.scene.down is not rows
    assert (drawing.size[1] < drawing.size[0]) is rows
    assert label(drawing) >= 10


def test_values_flow_down() -> None:
    """Downwards, operands are above their results, and labels to the right of their line."""
    drawing = drawn("(x + y)*z", direction="down")
    centres = drawing.layout.centres
    assert all(centres[arrow.tail][1] > centres[arrow.head][1] for arrow in drawing.scene.arrows)
    assert [centres[f"n{n}"][0] for n in (0, 1, 3)] == sorted(centres[f"n{n}"][0] for n in (0, 1, 3))
    for stroke in drawing.strokes:
        assert all(text.place[0] > max(x for x, y in stroke.route[:4]) for text in stroke.labels)


def test_values_are_left_of_adjoints_downwards() -> None:
    """Downwards, the black line is on the left of the red one, as it is above it from left to right."""
    forward, backward = list(drawn("exp(x)", direction="down").strokes)[:2]
    assert max(x for x, _ in forward.route) < min(x for x, _ in backward.route)


def test_a_line_of_a_frame_stays_where_it_is() -> None:
    """Downwards, a value is at its place before its adjoint is there."""
    drawing = drawn("exp(x)", direction="down")
    for step in range(len(drawing.scene.words)):
        shown = {stroke.key: stroke.labels for stroke in drawing.at(step).strokes if stroke.labels}
        last = {stroke.key: stroke.labels for stroke in drawing.strokes}
        assert all([text.place for text in texts] == [text.place for text in last[key]] for key, texts in shown.items())


def test_it_is_said_which_way_values_flow() -> None:
    """The words for those who cannot see the picture tell its direction."""
    graph = gg.parse(BLACK_SCHOLES)
    r = graph.backprop(dict.fromkeys(graph.inputs, 1.0))
    assert "from top to bottom" in r.describe()
    assert "from left to right" in r.describe(direction="right")
    assert b"from top to bottom" in r.render("svg")


@pytest.mark.parametrize(("form", "word"), [("dot", b"rankdir=TB"), ("mmd", b"flowchart TD")])
def test_other_programs_are_told_the_direction(form: str, word: bytes) -> None:
    """DOT and Mermaid lay out downwards where that is asked for."""
    r = gg.parse("x*y").backprop({"x": 3, "y": 5})
    assert word in r.render(form, direction="down")
    assert word not in r.render(form)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("direction", ["right", "down", "rows"])
def test_every_theme_can_be_drawn_in_every_direction(theme: str, direction: str) -> None:
    """Boxes with numbers in them and small pictures, too."""
    drawing = drawn("a*b*c + exp(d)", theme=theme, direction=direction)
    assert label(drawing) >= 8


def test_parts_of_a_middling_graph_are_closed_where_nothing_else_is_readable() -> None:
    """The caption says so, and "*" opens them."""
    line = next(line for line in FORMULAS if line["id"] == "pyeq3/Optical2.Sell6TA")
    at = floats(line["points"][0]["at"])
    closed, opened = drawn(line["expr"], at), drawn(line["expr"], at, expand="*")
    assert label(closed) >= 8 > label(opened)
    assert "expand" in closed.scene.caption
    assert opened.scene.caption == ""


def test_a_name_does_not_close_a_box_with_nearly_everything_in_it() -> None:
    """The named layers of a network are boxes; its output, from which only the loss follows, is open."""
    first = [f"a{i} = tanh(" + " + ".join(f"u{i}{j}*x{j}" for j in range(3)) + ")" for i in range(3)]
    second = [f"c{i} = tanh(" + " + ".join(f"v{i}{j}*a{j}" for j in range(3)) + ")" for i in range(3)]
    program = "; ".join([*first, *second, "y = w0*c0 + w1*c1 + w2*c2", "E = (y - t)**2"])
    view = view_of(gg.parse(program).data)
    made = scene(view, FrameOptions(), outlined(view, most=60))
    assert {box.text for box in made.boxes if box.kind == "group"} == {"a₀", "a₁", "a₂", "c₀", "c₁", "c₂"}


@pytest.mark.parametrize("options", [{"direction": "up"}, {"nary": "some"}, {"width": 0}, {"width": "wide"}])
def test_wrong_values_are_refused(options: dict[str, object]) -> None:
    """Each option says what it takes."""
    with pytest.raises(gg.RenderError) as caught:
        gg.parse("x*y").backprop({"x": 3, "y": 5}).draw(**options)  # type: ignore[arg-type]
    assert "take" in (caught.value.hint or "")
