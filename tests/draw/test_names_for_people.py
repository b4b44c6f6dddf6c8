"""What people read has no internal name, calls the output by one name everywhere, and keeps formulas in their order."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from browser import Visit, in_browser
from hypothesis import given, settings
from pictures import shown_by
from programs import EACH, B, T, W, X
from test_properties import expressions

import graphgrad as gg
from graphgrad.base.terminal_text import END, ISOLATE, isolated
from graphgrad.cli import main
from graphgrad.draw.formats.tree import tree
from graphgrad.draw.options import DrawOptions
from graphgrad.draw.page.facts import facts
from graphgrad.draw.view import view_of
from graphgrad.printing.operations_list import operations
from graphgrad.typeset.plain import name_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator


INTERNAL = re.compile(r"\bv\d+\b|_like|_back\b|row_count|count_along|keepdims|less_sum|less_mean|matmul_|sum_along")
"""What only programs have: registers, helper operations and the parameters of storage."""

LONG = "; ".join(["y0 = sin(x)", *(f"y{i} = y{i - 1}*x + {i}" for i in range(1, 99)), "y98 + 1"])
PROGRAMS: list[tuple[str, dict[str, Any]]] = [
    ("1/sqrt(2*pi*sigma_x**2)*exp(-(x - mu)**2/(2*sigma_x**2))", {"x": 1, "mu": 0.3, "sigma_x": 2}),
    ("sin(x*y)*sin(x*y)*sin(x*y) + (x + y + 1)*(x + y + 1)", {"x": 1, "y": 2}),
    ("(s*t + u)*(v - w)*exp(x/(y + 1))*sqrt(s + t + u + v + w + x + y)", dict.fromkeys("stuvwxy", 2)),
    ("+".join(f"tanh(x*{i} + y)*(x*{i} + y)**2" for i in range(60)), {"x": 0.1, "y": 0.2}),
    (LONG, {"x": 0.5}),
    ("h = relu(affine(x, w, b)); E = softmax_cross_entropy(affine(h, v, c), t)",
     {"x": X, "w": W, "b": B, "v": W.T, "c": X[0], "t": [0, 1]}),
    ("mean(norm(x, axis=1)) + sum(max(x, axis=0)) + logsumexp(x) + sum(softmax(x) @ w)", {"x": X, "w": W}),
    *((f"sum({text})", at) for text, at in EACH.values()),
]  # fmt: skip


def faces(result: gg.Backprop[Any]) -> Iterator[str]:
    """Yield what people read of a result: picture, page, tree, description, and explanations where there are any."""
    for local in (False, True):
        scene = shown_by(result, local=local)
        yield from (text for box in scene.boxes for text in box.texts)
        yield from (text for arrow in scene.arrows for text in (arrow.above, *arrow.below))
        yield from (scene.title, scene.description, scene.caption, *scene.words)
    view = view_of(result.passes)
    shown = facts(view, shown_by(result, expand=["*"]), DrawOptions())
    yield from (node[key] for node in shown["nodes"] for key in ("symbol", "words", "template"))
    yield from (edge[key] for edge in shown["edges"] for key in ("formula", "factor"))
    yield from (tree(result.passes), *result.warnings)
    if not result.passes.arrays:
        yield from (str(result.explain(name, how)) for name in result.grad for how in ("text", "markdown", "latex"))


def written_by_the_program(text: str) -> set[str]:
    """Return the internal names that a program has itself."""
    return {match[0] for match in INTERNAL.finditer(text)}


@pytest.mark.parametrize(("text", "at"), PROGRAMS)
def test_no_internal_name_is_read(text: str, at: dict[str, Any]) -> None:
    """Names of registers, of helper operations and of storage stand in no face, unless the program has them."""
    result = gg.parse(text).backprop(at)
    own = written_by_the_program(text)
    read = {match[0] for face in faces(result) for match in INTERNAL.finditer(face)}
    assert read <= own


@pytest.mark.parametrize(("text", "at"), PROGRAMS)
def test_no_internal_name_is_typeset(text: str, at: dict[str, Any]) -> None:
    """Nor do they stand in the LaTeX of derivatives."""
    typeset = gg.parse(text).gradient([*at][:3]).to_latex().replace("\\_", "_")
    assert {match[0] for match in INTERNAL.finditer(typeset)} <= written_by_the_program(text)


def test_the_list_of_operations_has_no_helpers() -> None:
    """It lists what a program is written in, and each rule in those terms."""
    assert INTERNAL.findall(operations()) == []


@settings(max_examples=100, deadline=None)
@given(expressions())
def test_letters_are_the_same_in_picture_and_explanation(text: str) -> None:
    """A letter stands for the same value wherever it is read."""
    graph = gg.parse(text)
    try:
        result = graph.backprop({name: 0.3 + i / 7 for i, name in enumerate(graph.inputs)})
    except gg.GraphgradError:
        return
    values: dict[str, set[str]] = {}
    for name in result.grad:
        for step in result.explain(name).chain.steps:
            values.setdefault(step.name.text, set()).add(step.formula.text)
    names = view_of(result.passes).names.all
    assert values.keys() <= {*names.values()}
    assert len({*names.values()}) == len(names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x*y", "E"),
        ("z = x*y", "z"),
        ("s = x*y; s", "s"),
        ("E*y", "F"),
        ("x*y + E*F", "G"),
        ("E = x*y; E + 1", "F"),
    ],
)
def test_the_output_has_one_name(text: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Picture, description, page, explanation, JSON and labels have the program's name, or E where that is free."""
    graph = gg.parse(text)
    at = {each: 2.0 + i for i, each in enumerate(graph.inputs)}
    result = graph.backprop(at)
    for theme in ("textbook", "minimal"):
        boxes = {box.key: box.text for box in shown_by(result, theme=theme).boxes}
        assert boxes["output"] == name
    assert name in [box.text for box in shown_by(result, theme="record").boxes]
    assert f": {name} = " in result.describe()
    shown = facts(view_of(result.passes), shown_by(result), DrawOptions())
    assert shown["outputName"] == shown["nodes"][shown["output"]]["symbol"]
    assert name in [reading for reading, _, is_name in shown["maths"] if is_name]
    for how in ("text", "markdown", "latex"):
        assert result.explain(graph.inputs[0], how).chain.output.text == name
    assert f"∂{name}/∂" in str(result.explain(graph.inputs[0]))
    assert f"∂{name}/∂" in str(graph.jacobian())
    main([text, "--at", ",".join(f"{k}={v}" for k, v in at.items()), "--explain", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert {explained["steps"][-1]["name"] for explained in answer["explain"].values()} == {name}


@pytest.mark.parametrize("text", ["softmax_cross_entropy(y, t)", "cross_entropy(softmax(y), t) + sum(y)"])
def test_class_indices_have_no_derivative(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No number is drawn or printed on the way back to class indices; to one-hot rows it is."""
    graph = gg.parse(text)
    for target, drawn in ([0, 2], False), (T, True):
        result = graph.backprop({"y": X, "t": target})
        view = view_of(result.passes)
        key = f"n{view.inputs['t'].number}"
        assert [bool(arrow.below) for arrow in shown_by(result).arrows if arrow.tail == key] == [drawn]
        assert (view.inputs["t"].adjoint is not None) == drawn
        assert result.grad["t"].shape == ((2, 3) if drawn else (2,))
    main([text, "--at", "y=[[1,2,3],[3,1,2]],t=[0,2]", "--check", "off"])
    printed = capsys.readouterr().out
    assert "∂/∂y" in printed
    assert "∂/∂t" not in printed


ARABIC, HEBREW = "سعر", "מחיר"


@pytest.mark.parametrize("name", [ARABIC, HEBREW, f"{ARABIC}_1", f"{ARABIC}2"])
def test_a_name_from_right_to_left_reverses_nothing(name: str) -> None:
    """In every face, such a name stands between isolates, so that the text around it runs from left to right."""
    result = gg.parse(f"{name}*x + sin({name})").backprop({name: 1.1, "x": 2})
    whole = f"{ISOLATE}{name}{END}"
    faces = [
        tree(result.passes),
        result.describe(),
        str(result.explain(name)),
        result.render("svg", local=True).decode(),
        result.render("html", local=True).decode(),
    ]
    reading = f"{ISOLATE}{name_phrase(name)}{END}"
    for face in faces:
        assert whole in face or reading in face
    assert whole in isolated(f"∂ = {name} = 1.1")


PLACES = """name => {
    const isLocal = (t) => ["∂", name, "1.1"].every((part) => t.textContent.includes(part));
    const text = [...document.querySelectorAll("svg.graphgrad text")].find(isLocal);
    const at = (c) => text.getStartPositionOfChar(text.textContent.indexOf(c)).x;
    return [at("∂"), at("="), at(name[1]), at("1.1")];
}"""
"""Where a browser draws the parts of a local derivative."""


@in_browser
def test_a_browser_draws_it_from_left_to_right(visit: Visit) -> None:
    """In a browser, the number stands to the right of the name, as in any other formula."""
    page = visit(f"{ARABIC}*x", {ARABIC: 1.1, "x": 2}, how={"local": True})
    places = page.evaluate(PLACES, ARABIC)
    assert places == sorted(places)
