"""Lines of a picture: clear of what is not theirs, level, and in the order of the operands."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import pytest
from pictures import crossed_starts, drawn_by, random_program, shown_by, texts

import graphgrad as gg
from graphgrad.draw import PictureOptions
from graphgrad.draw.layout import engine as engines
from graphgrad.draw.layout.channels import cleared
from graphgrad.draw.layout.clearance import too_near
from graphgrad.draw.layout.engine import ENGINES, lay_out
from graphgrad.draw.layout.layout import parse_layout
from graphgrad.draw.layout.order import misread
from graphgrad.draw.layout.plan import plan
from graphgrad.draw.layout.sizes import measured
from graphgrad.draw.layout.tree_layout import is_tree, tidied

if TYPE_CHECKING:
    from graphgrad.draw import Scene


def found(name: str) -> bool:
    """Tell whether this machine has an engine."""
    try:
        engines.find(name)
    except gg.GraphgradError:
        return False
    return True


FOUND = [each.name for each in ENGINES if found(each.name)]
SHARES, EACH = 10, 50
NOTES = "± 0.015 (12.5 % of the variance)"
LOOKS: list[dict[str, Any]] = [
    {"theme": "record"},
    {"theme": "minimal", "local": True},
    {"local": True},
    {"passes": "forward"},
    {"passes": "backward", "fold": True},
    {"notes": NOTES},
    {"theme": "record", "notes": NOTES, "fold": True},
]
CROSSING = [
    "(x + y) + exp(x)",
    "tanh((e + y)*a**d) + sin(exp(c)) + exp(e)/(e*b)",
    "m*c**2/sqrt(1 - (v/c)**2)",
    "(0.5*(x*a))**(x*exp(s))",
    "b + (a_rather_long_name*b + sin(b))*another_name",
]
PLANCK = "2*h*nu**3/c**2/(exp(h*nu/(k*T)) - 1)"


def result(text: str) -> gg.Backprop[float]:
    """Return both passes of a program at a point where the logarithms, roots and powers of most are defined."""
    graph = gg.parse(text)
    numbers = random.Random(1)
    return graph.backprop({name: round(numbers.uniform(0.2, 0.9), 2) for name in graph.inputs})


def drawn(seed: int) -> gg.Backprop[float] | None:
    """Return a random program's passes; nothing where it is not defined."""
    try:
        return result(random_program(seed))
    except gg.GraphgradError:
        return None


def drawn_from(first: int, count: int) -> list[gg.Backprop[float]]:
    """Return the passes of the random programs from a seed on that are defined, as many as are asked for."""
    seeds = range(first, first + 2 * count)
    return [each for seed in seeds if (each := drawn(seed)) is not None][:count]


@pytest.mark.parametrize(("engine", "share"), [*product(FOUND, range(SHARES))])
def test_lines_are_clear_of_what_is_not_theirs(engine: Any, share: int) -> None:
    """In 500 random graphs no line is within 6 px of a foreign start, label or node, nor crosses a start's line."""
    for each in drawn_from(1000 * share, EACH):
        drawing = drawn_by(each, engine=engine)
        assert not too_near(drawing), each.passes.graph.source
        assert not crossed_starts(drawing), each.passes.graph.source


@pytest.mark.parametrize("engine", FOUND)
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_lines_are_clear_in_every_look(engine: Any, look: dict[str, Any]) -> None:
    """So are those of other themes and passes, with local derivatives, and with long notes beside inputs."""
    for each in drawn_from(20_000, 25):
        notes = {"notes": dict.fromkeys((*each.grad, None), look["notes"])} if "notes" in look else {}
        assert not too_near(drawn_by(each, engine=engine, **(look | notes))), each.passes.graph.source


@pytest.mark.parametrize("engine", FOUND)
@pytest.mark.parametrize("text", CROSSING)
def test_an_input_that_fans_out_crosses_no_other_inputs_start(engine: Any, text: str) -> None:
    """The line of an input does not run through another input's start, so that it does not read as that one's."""
    drawing = drawn_by(result(text), engine=engine)
    assert not crossed_starts(drawing)
    assert not too_near(drawing)


def bare(scene: Scene, options: PictureOptions) -> Any:
    """Return a scene's layout as the engine makes it."""
    sizes = measured(scene, options.style)
    return parse_layout(scene, sizes, lay_out(plan(scene, sizes, options.style), "embedded"))


def test_the_measure_finds_what_is_near() -> None:
    """An engine's own lines are found to run too near to others' boxes, or through their starts."""
    near = [result(text) for text in (CROSSING[0], CROSSING[1])]
    assert all(crossed_starts(drawn_by(each, layout=bare)) for each in near)
    assert any(too_near(drawn_by(each, layout=bare)) for each in drawn_from(0, EACH))


def test_a_tree_is_regular() -> None:
    """A tree has its regular layout where its lines are clear there."""
    options = PictureOptions()
    scene = shown_by(result("(a + b)*sin(c)"))
    layout = bare(scene, options)
    assert is_tree(scene)
    assert cleared(scene, layout, options.style) == tidied(scene, layout, options.style)


def test_a_layout_without_columns_stays_as_it_is() -> None:
    """A user's engine may place boxes anywhere; its lines are drawn as it leads them."""
    options = PictureOptions()
    scene = shown_by(result("x*sin(x)"))
    layout = bare(scene, options)
    heaped = replace(layout, centres=dict.fromkeys(layout.centres, (0.0, 0.0)))
    assert cleared(scene, heaped, options.style) is heaped


@pytest.mark.parametrize("engine", FOUND)
def test_operands_are_in_the_order_of_the_text(engine: Any) -> None:
    """From top to bottom, operands that could be mistaken for each other are in the text's order."""
    for each in drawn_from(30_000, EACH):
        drawing = drawn_by(each, engine=engine)
        assert not misread(drawing.scene, drawing.layout), each.passes.graph.source


def test_plancks_law_reads_as_it_is_written() -> None:
    """In ν³, the exponent is below the base."""
    drawing = drawn_by(result(PLANCK), engine="embedded")
    ends = {arrow.role: route[-1][1] for arrow, route in zip(drawing.scene.arrows, drawing.layout.routes, strict=True)}
    assert ends["base"] > ends["exponent"]
    assert "exponent" not in texts(result(PLANCK).render("svg", engine="embedded").decode())


def upside_down(dot: str) -> bytes:
    """Return an engine's layout with all heights negated."""

    def turned(places: str) -> str:
        return " ".join(f"{x},{-float(y)}" for x, y in (pair.split(",")[:2] for pair in places.split()))

    graph = json.loads(lay_out(dot, "embedded"))
    for each in (*graph["objects"], *graph["edges"]):
        each["pos"] = turned(each["pos"])
    return json.dumps(graph).encode()


MISREAD = {
    "x**y + x/y": ["base", "exponent", "numerator", "denominator"],
    "x - y + x": ["1st", "2nd"],
    "x + y + x": [],
}
ROLES = set(chain.from_iterable(MISREAD.values()))


@pytest.mark.parametrize(("text", "roles"), MISREAD.items())
@pytest.mark.parametrize("theme", ["textbook", "record"])
def test_operands_out_of_order_say_what_they_are(text: str, roles: list[str], theme: Any) -> None:
    """Where an engine draws operands in another order, each says what it is; that of a sum does not matter."""
    each = result(text)
    shown = texts(each.render("svg", engine=upside_down, theme=theme).decode())
    assert [text for text in shown if text in ROLES] == roles
    assert not too_near(drawn_by(each, engine=upside_down, theme=theme))


@pytest.mark.parametrize("form", ["svg", "tex", "dot", "mmd"])
def test_a_choice_says_which_operand_is_which(form: str) -> None:
    """The condition, the value where it holds and the other one are always marked, in every format."""
    picture = result("where(x > 1, x, y)").render(form).decode()
    assert all(picture.count(role) >= 1 for role in ("then", "else"))


def test_frames_write_a_role_once(tmp_path: Any) -> None:
    """An animation has each role once, from the bare graph on."""
    paths = result("where(x > 1, x, y)").frames(tmp_path, engine="embedded")
    assert all(texts(path.read_text(encoding="utf-8")).count("then") == 1 for path in paths)
