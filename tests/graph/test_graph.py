"""Statements → graph: sharing, edges, named literals."""

from __future__ import annotations

import networkx as nx
import pytest

import graphgrad as gg


def test_a_repeated_operand_keeps_both_edges() -> None:
    """x*x is one node with two edges from x, told apart by the operand's position."""
    dag = gg.parse("x*x").dag
    assert list(dag.edges(keys=True)) == [(0, 1, 0), (0, 1, 1)]


def test_equal_subexpressions_are_one_node() -> None:
    """Sharing is by structure, equal numbers included, and can be switched off."""
    assert len(gg.parse("(x+1)*(x+1.0)").dag) == 4
    assert len(gg.parse("(x+1)*(x+1.0)", share=False).dag) == 6


def test_operands_are_kept_in_order() -> None:
    """x − y and y − x are different nodes."""
    dag = gg.parse("(x-y)*(y-x)").dag
    assert {key: u for u, _, key in dag.in_edges(3, keys=True)} == {0: 1, 1: 0} or len(dag) == 5


def test_nodes_are_numbered_in_a_topological_order() -> None:
    """Every edge runs from a lower number to a higher one."""
    dag = gg.parse("a=1; b=a*x; c=sin(b)+a; c/b").dag
    assert isinstance(dag, nx.MultiDiGraph)
    assert all(operand < result for operand, result in dag.edges())


def test_the_graph_is_what_networkx_itself_would_build() -> None:
    """Filling the graph directly leaves it as `add_node` and `add_edge` would, and as open to change."""
    dag = gg.parse("a=1; b=a*x; c=sin(b)+a*a; c/b - max(b, 2, b)").dag
    built = nx.MultiDiGraph(**dag.graph)
    for node, attributes in dag.nodes(data=True):
        built.add_node(node, **attributes)
    for edge in dag.edges(keys=True):
        built.add_edge(*edge)
    for graph in (dag, built):
        graph.add_edge(0, "new")
        graph.edges[0, 2, 0]["seen"] = True
    assert nx.utils.graphs_equal(dag, built)
    assert dag.pred == built.pred


def test_literals_can_be_named_from_left_to_right() -> None:
    """Named literals are inputs, each occurrence its own; the rest stay constants."""
    graph = gg.parse("5*5*1.08", name_literals=["apple", "count"])
    assert graph.inputs == ("apple", "count")
    assert graph.backprop().grad == {"apple": 5.4, "count": 5.4}
    assert graph.literals == {"apple": (0, 1), "count": (2, 3)}


def test_more_names_than_literals_is_an_error() -> None:
    """The name that is left over is told."""
    with pytest.raises(gg.ExpressionError, match="nothing is left for 'c'"):
        gg.parse("2*3", name_literals=["a", "b", "c"])


def test_what_the_output_does_not_need_is_never_run() -> None:
    """An unused intermediate needs no values and can do no harm."""
    graph = gg.parse("unused = log(a); x*2")
    assert graph.backprop({"x": 3}).grad == {"a": 0.0, "x": 2.0}


@pytest.mark.parametrize("text", ["+".join(["x"] * 100_000), "sin(" * 100_000 + "x" + ")" * 100_000])
def test_large_and_deep_graphs_run(text: str) -> None:
    """100,000 operations go through both passes without recursion."""
    result = gg.parse(text).backprop({"x": 0.5})
    assert result.grad["x"] >= 0


def test_a_chain_of_a_million_operations_runs() -> None:
    """A million operations, each of which needs the one before, go through both passes in linear time and memory."""
    result = gg.parse("+".join(["x"] * 1_000_000)).backprop({"x": 0.5})
    assert (result.value, result.grad) == (500_000.0, {"x": 1_000_000.0})
