"""Sums and products of many operands, drawn as one node."""

from __future__ import annotations

import math

import pytest
from test_corpus import FORMULAS, floats

import graphgrad as gg
from graphgrad.draw.options import FrameOptions
from graphgrad.draw.scene.nary import with_nary_nodes
from graphgrad.draw.scene.scene import scene
from graphgrad.draw.view import View, view_of
from graphgrad.ops.table import OPS


def view(text: str) -> View:
    """Return the view of both passes, the inputs at 2, 3, and so on, with sums and products joined."""
    graph = gg.parse(text)
    return with_nary_nodes(view_of(graph.backprop({name: i + 2.0 for i, name in enumerate(graph.inputs)}).passes))


def nodes(text: str) -> list[str]:
    """Return each operation of a joined view with the signs of its operands."""
    made = view(text)
    return [made.nodes[n].label + " " + "".join(edge.sign for edge in made.edges[n]) for n in made.operands]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a + b + c", ["+ +++"]),
        ("a - b + c - d", ["+ +−+−"]),
        ("a + (b + (c + d))", ["+ ++++"]),
        ("a*b*c/d", ["× ×××÷"]),
        ("a*(b/c)*d", ["× ××÷×"]),
        ("a*b*c + d*e*f + g", ["× ×××", "× ×××", "+ +++"]),
    ],
)
def test_a_chain_is_one_node_with_the_operands_in_the_order_of_the_text(text: str, found: list[str]) -> None:
    """Sums with their differences, and products with their quotients, are joined."""
    assert nodes(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "a + b",
        "a/b",
        "a - (b + c)",
        "a/(b*c)",
        "s = a + b; s + c",
        "s = a*b; s*s",
        "a**b**c",
        "max(a, b, c)",
        "a + b*c",
    ],
)
def test_other_graphs_stay_as_they_are(text: str) -> None:
    """Two operands, a sign before brackets, a name, a second use, or an operation that is no sum keep nodes apart."""
    plain = view_of(gg.parse(text).data)
    assert with_nary_nodes(plain) is plain


@pytest.mark.parametrize("line", FORMULAS[::9], ids=lambda line: line["id"])
def test_the_local_derivative_of_the_whole_times_its_adjoint_is_what_flows_back(line: dict) -> None:  # type: ignore[type-arg]
    """Each edge into a joined node has the product along its path, and the contribution of the original edge."""
    made = with_nary_nodes(view_of(gg.parse(line["expr"]).backprop(floats(line["points"][0]["at"])).passes))
    for edge in made.all_edges:
        adjoint = made.nodes[edge.result].adjoint
        if edge.through and edge.partial is not None:
            assert math.isclose(edge.partial * adjoint, edge.contribution, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("a*b*c", ["b*c", "a*c", "a*b"]),
        ("a - b + c", ["1", "-1", "1"]),
        ("x*y - z*2*x - y", ["1", "-1", "-1"]),
    ],
)
def test_the_formula_of_an_edge_is_that_of_the_whole(text: str, formulas: list[str]) -> None:
    """A textbook writes the derivative of the whole sum or product by its operand."""
    made = view(text)
    assert [made.formula(edge) for edge in made.edges[made.output]] == formulas


def test_every_operation_that_joins_is_a_group_operation() -> None:
    """The sign of the second operand is the sign itself or its inverse: joining them in the text's order is right."""
    for op in OPS.values():
        if op.joins:
            first, second, _ = op.joins
            inverse = next(each for each in OPS.values() if each.joins[:2] == (first, first))
            x, y, z = 5.0, 3.0, 7.0
            assert first == second or math.isclose(inverse.value(None, op.value(None, x, y), y), x)
            assert math.isclose(
                op.value(None, inverse.value(None, z, x), y), inverse.value(None, z, op.value(None, x, y))
            )


def test_the_steps_are_those_of_the_nodes_that_are_drawn() -> None:
    """A partial sum that is not drawn has no step."""
    words = scene(
        view_of(gg.parse("a + b + c").backprop({"a": 1, "b": 2, "c": 3}).passes), FrameOptions(nary=True)
    ).words
    assert words == ("the graph", "the inputs", "+ = 6", "backward from 1", "back through +")


def test_a_joined_node_has_the_shares_of_its_parts() -> None:
    """What is shaded in a partial sum is shaded in the sum."""
    plain = view_of(gg.parse("a + b + c").data).shaded({3: 0.25, 4: 0.5, 2: 0.25})
    operations = [number for number, node in plain.nodes.items() if node.op]
    total = sum(plain.nodes[number].share for number in operations)
    assert with_nary_nodes(plain).nodes[plain.output].share == total > 0
