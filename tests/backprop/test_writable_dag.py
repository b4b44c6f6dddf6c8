"""The annotated graph as networkx's own writers take it."""

from __future__ import annotations

import io
import pickle
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Mapping

STORED = (str, int, float, bool)

RESULTS = {
    "floats": gg.parse("(apple*n + orange*m)*tax").backprop(
        {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, ["apple"]
    ),
    "constants": gg.parse("y = 2*x; y**3/7 - 0.1").backprop({"x": 3}),
    "defaults": gg.parse("x=100; y=5; s = x*y; s*1.08").backprop(),
    "fractions": gg.parse("x/3 + x*x").backprop({"x": "1/7"}, exact=True),
    "digits": gg.parse("sqrt(x)/3").backprop({"x": 2}, precision=40),
    "faults": gg.parse("where(x > 0, log(x), x)").backprop({"x": -1}),
    "infinite": gg.parse("exp(x*1000) + y").backprop({"x": 3, "y": 1}),
    "arrays": gg.parse("sum((x@w - t)**2)").backprop(
        {"x": np.ones((3, 2)), "w": np.ones((2, 2)), "t": np.ones((3, 2))}
    ),
    "large arrays": gg.parse("sum(x*2)").backprop({"x": np.arange(5000.0)}),
    "parameters": gg.parse("sum(sum(x, axis=0)*2)").backprop({"x": [[1.0, 2], [3, 4]]}),
    "unused": gg.parse("x = 1; y = 2; z = x*2; y*3").backprop(),
    "literals": gg.parse("1*2", name_literals=["a\x00<b>"]).backprop(),
    "seed": gg.parse("x*2").backprop({"x": [3.0, 4.0]}, seed=[1.0, 1.0]),
    "huge": gg.parse("-x**9").backprop({"x": 10**60}, exact=True),
}

EACH = pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS.keys())


def listed(dag: nx.MultiDiGraph[int]) -> list[Mapping[str, Any]]:
    """Return what the graph, its nodes and its edges list."""
    return [dag.graph, *dag.nodes.values(), *(attributes for *_, attributes in dag.edges(data=True))]


@EACH
def test_networkx_writes_it(result: gg.Backprop[Any]) -> None:
    """GraphML and GEXF of networkx read back with every node and every edge, and the value of the output."""
    dag, file = result.dag, io.BytesIO()
    nx.write_graphml(dag, file)
    file.seek(0)
    read = nx.read_graphml(file, node_type=int, force_multigraph=True)
    assert set(read.nodes) == set(dag.nodes)
    assert sorted(read.edges()) == sorted(dag.edges())
    output = dag.graph["output"]
    assert read.nodes[output] == dict(dag.nodes[output])
    nx.write_gexf(dag, io.BytesIO())


@EACH
def test_what_is_listed_fits_into_a_file(result: gg.Backprop[Any]) -> None:
    """No None, no fraction, no tuple: numbers, texts and truth values."""
    values = [value for attributes in listed(result.dag) for value in attributes.values()]
    assert values
    assert [value for value in values if type(value) not in STORED] == []


@EACH
def test_what_is_not_listed_can_be_looked_up(result: gg.Backprop[Any]) -> None:
    """Nodes have their name, span, value and adjoint, edges their numbers and formula, be it None."""
    for attributes in result.dag.nodes.values():
        assert attributes["span"] == (attributes["span_start"], attributes["span_end"])
        for name in ("kind", "name", "op", "label", "value", "adjoint", "symbol"):
            assert (attributes[name] is not None) == (name in attributes)
    for *_, attributes in result.dag.edges(data=True):
        assert [attributes[name] for name in ("partial", "contribution", "formula")]


def test_what_a_pass_did_not_reach_is_none() -> None:
    """It is not listed, and has the default that a reader gives."""
    dag = gg.parse("x**y").backprop({"x": -2, "y": 3}, ["x"]).dag
    edge = dag.edges[1, 2, 1]
    assert edge["partial"] is None
    assert "partial" not in edge
    assert edge.get("partial", 0) == 0
    assert nx.get_edge_attributes(dag, "partial") == {(0, 2, 0): 12.0}
    with pytest.raises(KeyError, match="partail"):
        edge["partail"]


def test_fractions_keep_their_text() -> None:
    """Beside the nearest float stands the exact fraction."""
    node = gg.parse("x/3").backprop({"x": 1}, exact=True).dag.nodes[2]
    assert (node["value"], Fraction(node["value_exact"])) == (1 / 3, Fraction(1, 3))


def test_huge_fractions_keep_their_sign() -> None:
    """A fraction beyond every float is listed as an infinity, and in full."""
    dag = RESULTS["huge"].dag
    node = dag.nodes[dag.graph["output"]]
    assert (node["value"], int(node["value_exact"])) == (-np.inf, -(10**540))


def test_arrays_can_be_looked_up() -> None:
    """An array is itself when looked up, a text when listed, and its shape where it is large."""
    node = RESULTS["arrays"].dag.nodes[0]
    assert isinstance(node["value"], np.ndarray)
    assert node["value_exact"] == "[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]"
    assert "value_exact" not in RESULTS["large arrays"].dag.nodes[0]
    assert "value_shape" in RESULTS["large arrays"].dag.nodes[0]


def test_an_attribute_can_be_changed() -> None:
    """What a user sets is looked up and listed, and survives pickle."""
    dag = gg.parse("where(x > 0, log(x), x)").backprop({"x": -1}).dag
    nx.set_node_attributes(dag, dict.fromkeys(dag, 7.0), "value")
    again = pickle.loads(pickle.dumps(dag))
    assert [value for _, value in again.nodes(data="value")] == [7.0] * len(dag)
    assert again.nodes[0]["span"] == (6, 7)


def test_both_directions_know_the_same_edges() -> None:
    """An edge has the same attributes by its tail and by its head."""
    dag = gg.parse("x*x + x").backprop({"x": 3}).dag
    assert all(dag.succ[a][b][key] is dag.pred[b][a][key] for a, b, key in dag.edges(keys=True))
