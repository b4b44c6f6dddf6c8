"""Graphs with their numbers as JSON, which loads back, and as GraphML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg

if TYPE_CHECKING:
    from pathlib import Path

FRUITS = "(apple*n + orange*m)*tax"
AT = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
HOSTILE = ['"><script>alert(1)</script>', r"\end{document}", "]]>", '"', "\\", "a\nb", "りんご"]

PROGRAMS: list[tuple[str, dict[str, Any]]] = [
    (FRUITS, AT),
    ("x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v", {}),
    ("x*x + max(x, y, 3)**2", {"x": 2, "y": 0.1}),
    ("exp(x)*y", {"x": 700, "y": 1e-300}),
    ("x", {"x": 1}),
    ("5", {}),
]


def stored(**changes: Any) -> str:
    """Return the JSON of x*y at 3 and 5 with some of its parts replaced."""
    return json.dumps(json.loads(gg.parse("x*y").backprop({"x": 3, "y": 5}).to_json()) | changes)


def altered(part: str, index: int, **changes: Any) -> str:
    """Return the same JSON with one of its nodes or edges changed."""
    rows = json.loads(stored())[part]
    rows[index] |= changes
    return stored(**{part: rows})


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("text", "at"), PROGRAMS)
def test_what_is_stored_loads_back(text: str, at: dict[str, Any], exact: bool) -> None:
    """Graph and numbers are the same to the last bit."""
    graph = gg.parse(text)
    assert gg.from_json(graph.to_json()) == graph
    if not exact or "exp" not in text:
        result = graph.backprop(at, exact=exact)
        assert gg.from_json(result.to_json()) == result


@pytest.mark.parametrize("text", ["sum(softmax(W@x + b)*t, axis=0)", "mean(W)*sum(x)", "sum(W*t, axis=(0, 1))"])
def test_arrays_load_back(text: str) -> None:
    """Arrays are stored as lists and load back as arrays, with the parameters of operations on them."""
    given = {"W": [[1, 2, 3], [4, 5, 6.5]], "x": [0.1, 0.2, 0.3], "b": [1, 2], "t": 2}
    graph = gg.parse(text)
    result = graph.backprop({name: value for name, value in given.items() if name in graph.inputs})
    loaded = gg.from_json(result.to_json())
    assert isinstance(loaded, gg.Backprop)
    assert loaded.value == result.value
    assert {name: str(partial) for name, partial in loaded.grad.items()} == {k: str(v) for k, v in result.grad.items()}
    assert loaded.to_json() == result.to_json()
    assert b"<data key" in result.render("graphml")


def test_a_file_loads_back(tmp_path: Path) -> None:
    """Passes drawn into a JSON file load back with the wanted inputs, the literals and the warnings."""
    result = gg.parse("abs(100*2)*0", name_literals=["apple"]).backprop({"apple": 0}, ["apple"])
    result.draw(tmp_path / "r.json")
    loaded = gg.load(tmp_path / "r.json")
    assert isinstance(loaded, gg.Backprop)
    assert loaded == result
    assert loaded.warnings == result.warnings


def test_a_branch_without_a_value_is_null() -> None:
    """A node without a value, in a branch not taken, is stored as null and loads back without one."""
    result = gg.parse("where(x > 0, log(x), x)").backprop({"x": -1})
    loaded = gg.from_json(result.to_json())
    assert [value for _, value in loaded.dag.nodes(data="value")] == [v for _, v in result.dag.nodes(data="value")]


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e100, 1e100))
def test_every_float_survives(x: float, y: float) -> None:
    """Numbers are written so that they read back as themselves, the largest and smallest too."""
    result = gg.parse("x + y*3").backprop({"x": x, "y": y})
    assert gg.from_json(result.to_json()) == result


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_survives(name: str) -> None:
    """Any name is data."""
    result = gg.parse("1*2", name_literals=[name]).backprop()
    assert gg.from_json(result.to_json()) == result


def test_the_check_sees_the_stored_numbers() -> None:
    """A number that was changed in the file is loaded unchanged, and fails the check."""
    loaded = gg.from_json(altered("nodes", 0, adjoint=5.5))
    assert isinstance(loaded, gg.Backprop)
    assert loaded.grad["x"] == 5.5
    assert not loaded.check()


def test_networkx_reads_it() -> None:
    """The JSON is networkx's own node-link form."""
    dag = gg.parse(FRUITS).backprop(AT).dag
    data = json.loads(gg.parse(FRUITS).backprop(AT).to_json())
    read = nx.node_link_graph({**data, "links": data["edges"]}, **nodes_and_links())
    assert set(read.edges(keys=True)) == set(dag.edges(keys=True))
    assert read.nodes[0]["adjoint"] == 2.2


def nodes_and_links() -> dict[str, str]:
    """Return the argument of networkx that names the edges' key: its default has changed between versions."""
    return {"edges": "edges"} if "edges" in nx.node_link_graph.__kwdefaults__ else {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no graph that graphgrad wrote"),
        ("[" * 100_000, "no graph that graphgrad wrote"),
        ("[1]", 'its "format" is not "graphgrad"'),
        (stored(version=99), "version 99 of the format is not 1"),
        (stored(nodes=[]), "no graph that graphgrad wrote"),
        (stored(edges=[]), "mul has 0 operands"),
        (stored(graph={}), "is missing"),
        (altered("edges", 0, source=2), "an edge does not lead to a later node"),
        (altered("edges", 0, source=-1), "an edge does not lead to a later node"),
        (altered("nodes", 2, op="steal"), "the graph has the operation 'steal', which the table lacks"),
        (altered("nodes", 2, id=7), "not numbered in order"),
        (altered("nodes", 0, value="1e999999999"), "no graph that graphgrad wrote"),
        (altered("nodes", 0, value=[1]), "is no number"),
        (altered("nodes", 0, name=5), "is no text"),
        (altered("nodes", 0, span=[1]), "no graph that graphgrad wrote"),
        (altered("nodes", 0, kind="constant"), "no graph that graphgrad wrote"),
    ],
)
def test_other_text_is_refused(text: str, message: str) -> None:
    """Any other text is an error with the reason."""
    with pytest.raises(gg.GraphgradError, match=message):
        gg.from_json(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is a GraphgradError."""
    with pytest.raises(gg.GraphgradError, match="No such file"):
        gg.load(tmp_path / "nothing.json")
    (tmp_path / "picture.json").write_bytes(b"\x89PNG")
    with pytest.raises(gg.GraphgradError, match="not UTF-8"):
        gg.load(tmp_path / "picture.json")


@pytest.mark.parametrize("exact", [False, True])
def test_graphml(tmp_path: Path, exact: bool) -> None:
    """GraphML holds every node and edge, both edges of x*x, numbers as numbers and fractions as text."""
    gg.parse("x*x + 1/3").backprop({"x": 3}, exact=exact).draw(tmp_path / "r.graphml")
    read = nx.read_graphml(tmp_path / "r.graphml", node_type=int, force_multigraph=True)
    assert sorted((tail, head, at["position"]) for tail, head, at in read.edges(data=True))[:2] == [
        (0, 1, 0),
        (0, 1, 1),
    ]
    assert read.nodes[0]["adjoint"] == ("6" if exact else 6.0)
    assert (read.nodes[0]["span_start"], read.nodes[0]["span_end"]) == (0, 1)
    assert read.graph["source"] == "x*x + 1/3"


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\n" not in name])
def test_every_name_is_text_in_graphml(tmp_path: Path, name: str) -> None:
    """Nothing in a name is markup."""
    gg.parse("1*2", name_literals=[name]).backprop().draw(tmp_path / "r.graphml")
    assert nx.read_graphml(tmp_path / "r.graphml").nodes["0"]["name"] == name


def test_control_characters_are_replaced_in_graphml() -> None:
    """The output has no character that XML forbids."""
    text = gg.parse("1*2", name_literals=["a\x00\x1b"]).backprop().render("graphml").decode()
    assert "a\ufffd\ufffd" in text
