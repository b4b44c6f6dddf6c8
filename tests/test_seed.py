"""The numbers of the article and the book that graphgrad was made for."""

from __future__ import annotations

from fractions import Fraction

import pytest

import graphgrad as gg

FRUIT = "(apple*n + orange*m)*tax"
ARTICLE = {"apple": 100, "n": 5, "orange": 80, "m": 3, "tax": 1.08}
BOOK = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}

TABLE = pytest.mark.parametrize(
    ("expression", "at", "value", "grad"),
    [
        pytest.param(FRUIT, ARTICLE, "799.2", "5.4 108 3.24 86.4 740", id="article"),
        pytest.param(FRUIT, BOOK, "715", "2.2 110 3.3 165 650", id="book, two fruits"),
        pytest.param("apple*n*tax", {"apple": 100, "n": 2, "tax": 1.1}, "220", "2.2 110 200", id="book, apples"),
    ],
)


@TABLE
def test_exact_numbers_are_the_printed_ones(expression: str, at: dict[str, float], value: str, grad: str) -> None:
    """On fractions, value and gradient are exactly the decimals that the article and the book print."""
    result = gg.parse(expression).backprop(at, exact=True)
    assert result.value == Fraction(value)
    assert list(result.grad.values()) == [Fraction(number) for number in grad.split()]


@TABLE
def test_floats_are_within_an_ulp_or_two(expression: str, at: dict[str, float], value: str, grad: str) -> None:
    """On floats they are the printed decimals up to rounding, and sympy agrees."""
    result = gg.parse(expression).backprop(at)
    assert result.value == pytest.approx(float(value), rel=4e-16)
    assert list(result.grad.values()) == pytest.approx([float(number) for number in grad.split()], rel=4e-16)
    assert result.check()


def test_floats_round_as_the_book_s_program_does() -> None:
    """Bit for bit, the book's program and both passes give the same floats."""
    result = gg.parse(FRUIT).backprop(BOOK)
    assert result.value == 715.0000000000001
    assert result.grad == {"apple": 2.2, "n": 110.00000000000001, "orange": 3.3000000000000003, "m": 165, "tax": 650}


def test_literals_can_be_named() -> None:
    """The names go to the literals from left to right: an apple, how many, the tax."""
    result = gg.parse("100*5*1.08", name_literals=["apple", "count", "tax"]).backprop()
    assert result.value == 540
    assert result.grad == {"apple": 5.4, "count": 108, "tax": 500}


def test_one_named_literal_leaves_the_others_constant() -> None:
    """Figure 1: only the apple is an input, and if it costs 1 yen more, the bill grows by 5.4 yen."""
    graph = gg.parse("100*5*1.08", name_literals=["apple"])
    assert graph.inputs == ("apple",)
    assert graph.backprop().grad == {"apple": 5.4}


@pytest.mark.parametrize(
    ("expression", "grad"),
    [
        pytest.param("x + y", {"x": 1, "y": 1}, id="figure 5, addition"),
        pytest.param("x * y", {"x": 5, "y": 100}, id="figure 6, multiplication"),
    ],
)
def test_a_node_alone(expression: str, grad: dict[str, float]) -> None:
    """An addition passes the gradient on unchanged, a multiplication times the other input."""
    assert gg.parse(expression).backprop({"x": 100, "y": 5}).grad == grad


CHAIN = "x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v"


def test_named_intermediates_have_the_figure_s_values() -> None:
    """Figure 7: s, u and E are nodes under their names, with the values and adjoints the figure shows."""
    nodes = gg.parse(CHAIN).backprop().dag.nodes.values()
    shown = {node["name"]: (node["value"], node["adjoint"]) for node in nodes if node["kind"] == "operation"}
    assert shown == {"s": (500, 1.08), "u": (1300, 1.08), "E": (1404, 1)}


def test_the_chain_rule_multiplies_along_the_path() -> None:
    """Figure 7: ∂E/∂x = ∂E/∂u · ∂u/∂s · ∂s/∂x = 1.08 · 1 · 5 = 5.4, edge by edge."""
    dag = gg.parse(CHAIN).backprop().dag
    node = {attributes["name"]: number for number, attributes in dag.nodes.items()}
    path = [("x", "s"), ("s", "u"), ("u", "E")]
    assert [dag.edges[node[a], node[b], 0]["partial"] for a, b in path] == [5, 1, 1.08]
    assert dag.nodes[node["x"]]["adjoint"] == 5.4
