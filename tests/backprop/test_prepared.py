"""What is prepared once for many calls: the same numbers, for each choice of inputs, and nothing kept that is large."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import pytest

import graphgrad as gg
from graphgrad.backprop import prepared as module
from graphgrad.backprop.prepared import prepared

TEXT = "c = 1/4; max(x, y)*sin(x) + y*c + 2"


def test_every_call_gives_the_numbers_of_a_first_one() -> None:
    """Points, kinds of numbers and wanted inputs may change from call to call."""
    graph = gg.parse("x**3*y + 7*x")
    for at in ({"x": 2, "y": 3.0}, {"y": -1.5, "x": 0.25}, {"x": Fraction(1, 3), "y": 1}, {"x": [1.0, 2.0], "y": 1.0}):
        for wrt in (None, ["x"], ["y", "x"], "y", []):
            for exact in (False, True):
                options = {"exact": exact, "seed": 1}
                first = gg.parse("x**3*y + 7*x").backprop(at, wrt, **options)
                assert repr(graph.backprop(at, wrt, **options)) == repr(first)


def test_a_failed_call_leaves_the_next_one_as_it_is() -> None:
    """An undefined value, a missing one and an unknown name change nothing that is kept."""
    graph = gg.parse("log(x)*y")
    right = repr(graph.backprop({"x": 2, "y": 3}))
    for at, wrt in (({"x": -1, "y": 3}, None), ({"x": 1}, None), ({"x": 1, "z": 1}, None), ({"x": 1, "y": 1}, ["z"])):
        with pytest.raises(gg.ExpressionError):
            graph.backprop(at, wrt)
        assert repr(graph.backprop({"x": 2, "y": 3})) == right


def test_results_share_nothing_that_a_call_fills() -> None:
    """A later call leaves the numbers of an earlier one as they are."""
    graph = gg.parse(TEXT)
    first = graph.backprop({"x": 1.0, "y": 2.0})
    stored = first.to_json()
    graph.backprop({"x": 5.0, "y": -2.0})
    assert first.to_json() == stored


def test_kinks_are_found_at_every_call() -> None:
    """Whether an operation has a kink is known of the graph; whether one is at the point, of the call."""
    graph = gg.parse(TEXT)
    assert [bool(graph.backprop({"x": 1.0, "y": y}).warnings) for y in (1.0, 2.0, 1.0)] == [True, False, True]


def test_what_is_prepared_is_neither_stored_nor_compared() -> None:
    """A graph is the same before and after its first call."""
    graph, other = gg.parse(TEXT), gg.parse(TEXT)
    graph.backprop({"x": 1.0, "y": 2.0})
    assert graph == other
    assert not pickle.loads(pickle.dumps(graph)).data.kept


def test_a_large_graph_is_prepared_again() -> None:
    """Nothing of the size of a large graph is kept beside it."""
    small, large = (gg.parse("+".join(["x"] * count)).data for count in (10, module.FEW_STEPS + 10))
    assert prepared(small, None) is prepared(small, None)
    assert prepared(large, None) is not prepared(large, None)
    assert not large.kept[prepared]


def test_few_choices_of_inputs_are_kept() -> None:
    """A program that asks for ever other inputs does not fill the memory."""
    names = [f"x{i}" for i in range(2 * module.MOST_KEPT)]
    data = gg.parse("*".join(names)).data
    for name in names:
        prepared(data, [name])
    assert len(data.kept[prepared]) <= module.MOST_KEPT


def test_the_sum_of_finite_adjoints_may_overflow() -> None:
    """They are finite all the same."""
    result = gg.parse("1e308*x + 1e308*y").backprop({"x": 1e-3, "y": 1e-3})
    assert result.grad == {"x": 1e308, "y": 1e308}
    assert not math.isinf(result.value)
