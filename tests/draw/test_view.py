"""The view that everything which draws reads: the same numbers as the annotated graph, read once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pictures import texts
from scripts import script

import graphgrad as gg
from graphgrad.draw import tree, view_of

if TYPE_CHECKING:
    from types import ModuleType

SOME = [
    ("(apple*n + orange*m)*tax", {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, None),
    ("s = x*x; where(s > 9, log(x), s*2) + abs(x)", {"x": 3}, None),
    ("x = 1; y = 2; z = x*2; y*3", {}, ["y"]),
    ("softmax_cross_entropy(x@w, t)", {"x": [[1.0, 2]], "w": np.eye(2), "t": [[0, 1]]}, ["w"]),
]


@pytest.mark.parametrize(("text", "at", "wrt"), SOME)
def test_it_agrees_with_the_annotated_graph(text: str, at: dict[str, Any], wrt: list[str] | None) -> None:
    """Every node and edge has the label, the numbers and the formula that `Backprop.dag` has.

    People read a choice between 1 and 0 in Iverson brackets.
    """
    result = gg.parse(text).backprop(at, wrt)
    view, dag = view_of(result.passes), result.dag
    for number, node in view.nodes.items():
        there = dag.nodes[number]
        assert (node.kind, node.label, node.name) == (there["kind"], there["label"], there["name"])
        assert view.symbol(number) == there["symbol"]
        assert (node.op and node.op.name) == there["op"]
        assert_same((node.value, node.adjoint), (there["value"], there["adjoint"]))
    for edge in view.all_edges:
        there = dag.edges[edge.operand, edge.result, edge.position]
        assert_same((edge.partial, edge.contribution), (there["partial"], there["contribution"]))
        formula = re.sub(r"where\((.*), 1, 0\)", r"[\1]", there["formula"] or "")
        formula = re.sub(r"where\((.*), 0, 1\)", r"1 - [\1]", formula)
        assert (view.formula(edge), edge.adjoint_text) == (formula, there.get("red", ""))


def assert_same(numbers: tuple[Any, ...], others: tuple[Any, ...]) -> None:
    """Compare numbers, arrays, and what is not there."""
    for number, other in zip(numbers, others, strict=True):
        assert number is other or np.array_equal(number, other)


def test_only_what_is_used_is_in_it() -> None:
    """What the output is not made from is left out; all inputs are known."""
    view = view_of(gg.parse("x = 1; y = 2; z = x*2; y*3").backprop().passes)
    assert [node.label for node in view.nodes.values()] == ["y", "3", "×"]
    assert [(name, node.value) for name, node in view.inputs.items()] == [("x", 1.0), ("y", 2.0)]


def test_a_graph_without_numbers() -> None:
    """A graph alone is drawn, too: no numbers, no formulas."""
    view = view_of(gg.parse("x*y + x").data)
    assert {node.value for node in view.nodes.values()} | {edge.contribution for edge in view.all_edges} == {None}
    assert {view.formula(edge) for edge in view.all_edges} == {""}


@pytest.mark.parametrize("passes", ["forward", "backward", "both"])
def test_passes_that_had_to_stop(passes: Any) -> None:
    """Where a value does not exist, what was computed before is in the tree, in every column."""
    with pytest.raises(gg.DomainError) as stopped:
        gg.parse("log(x)*y").backprop({"x": -1, "y": 2})
    lines = tree(stopped.value.passes, passes=passes).splitlines()
    assert len(lines) == 5
    assert ("-1" in lines[3]) == (passes != "backward")
    view = view_of(stopped.value.passes)
    assert view.nodes[view.output].value is None
    assert {node.adjoint for node in view.nodes.values()} | {edge.contribution for edge in view.all_edges} == {None}


def test_a_loaded_graph() -> None:
    """What was stored is drawn with the numbers that were stored."""
    result = gg.parse("x*y").backprop({"x": 2, "y": 3})
    loaded = gg.from_json(result.to_json().replace('"value": 6.0', '"value": 7.0'))
    assert isinstance(loaded, gg.Backprop)
    assert "7" in texts(loaded.render("svg", engine="embedded").decode())


def test_nothing_is_read_but_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree needs no local derivatives, and a picture without them no formulas."""
    result = gg.parse("x*y + x").backprop({"x": 2, "y": 3})
    monkeypatch.setattr("graphgrad.backprop.edge_formulas.Formulas.partial", None)
    assert result.render("svg", engine="embedded")
    monkeypatch.setattr("graphgrad.backprop.annotated_dag.edge_numbers", None)
    assert tree(result.passes)


def load() -> ModuleType:
    """Return the script that counts a drawing's calls, as a module."""
    return script("benchmarks/drawing_calls.py")


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_small_picture_takes_few_calls(form: str) -> None:
    """Four operations are drawn with at most half the calls that they once took."""
    counting = load()
    assert counting.calls(form).total() <= counting.BEFORE[form] / 2
