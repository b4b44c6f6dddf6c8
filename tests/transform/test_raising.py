"""Graphs raised from a tape: those that their text parses to, without the text being parsed."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from test_properties import expressions

import graphgrad as gg
from graphgrad.graph import build
from graphgrad.namespaces import Fault
from graphgrad.text import parse
from graphgrad.transform import Recorder, raised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.graph.data import GraphData

CORPUS = Path(__file__).parents[1] / "data" / "open.jsonl"
FORMULAS = [json.loads(line)["expr"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
ARRAYS = (
    "s = tanh(x@w + b); sum(s**2)",
    "loss = softmax_cross_entropy(affine(x, w, b), t)",
    "sum(x, axis=0)@y + x[0]*x[1:3][0] + mean(x, axis=1)[0]",
    "reshape(x, shape=(2, 3))@y.T + (x*y).T@(2).T + concat(x, y, axis=1)[0]",
)


def same(graph: GraphData) -> bool:
    """Tell whether a graph is what its text parses to, in every field but those that a derivative has."""
    read = build(graph.source, parse(graph.source), inputs=graph.inputs)
    own = {"defaults", "output_name", "guard", "reading"}
    return all(
        getattr(graph, field.name) == getattr(read, field.name) for field in fields(read) if field.name not in own
    )


def derived(text: str) -> Iterator[GraphData]:
    """Yield the graphs that are made of a program: opened, and its derivatives."""
    graph = gg.parse(text)
    yield graph.opened().data
    for name in graph.inputs:
        try:
            yield graph.gradient(name).data
        except (gg.GraphgradError, Fault):
            continue


@pytest.mark.parametrize("text", [*FORMULAS, *ARRAYS])
def test_a_raised_graph_is_the_one_that_its_source_parses_to(text: str) -> None:
    """Nodes, their order, names, constants and spans are the parser's."""
    assert all(map(same, derived(text)))


@given(expressions())
def test_so_it_is_for_any_expression(text: str) -> None:
    """Signs, powers and parentheses stand where the parser finds them."""
    assert all(map(same, derived(text)))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 5,
        lambda x: -0.5,
        lambda x: x,
        lambda x, y: x / 3 - -2.5 * y + (-0.25) ** x - 1e300 * x + 1e-30 / y,
        lambda x: np.maximum(x, -2) ** -1 + np.where(x > 1, -x, x - (-x)),
        lambda x: np.sum(x, axis=np.int64(1)),
        lambda x: sum((x * i + 1) ** 2 * np.sin(x / 7) for i in range(100)),
    ],
)
def test_numbers_and_long_text_are_raised_as_they_are_read(function: Callable[..., Any]) -> None:
    """A negative number is a sign and a number, a third is a division, and long text is a named intermediate."""
    assert same(gg.trace(function).data)


def test_a_number_that_no_text_can_hold_is_pointed_at() -> None:
    """The error is that of the text, also where the text is not read otherwise."""
    with pytest.raises(gg.LimitError, match=r"beyond the largest float64[^|]*max\(x, 1e400\)\n {9}\^{5}"):
        gg.trace(lambda x: np.maximum(x, 10**400))


def test_a_call_with_too_many_operands_is_pointed_at() -> None:
    """What could not be read again is refused."""
    m = Recorder()
    names = [f"x{i}" for i in range(1001)]
    tape = m.tape([m.max(*map(m.input, names))])
    with pytest.raises(gg.LimitError, match="more than 1000 operands"):
        raised(tape, names)


def test_an_output_that_folds_to_a_number_is_no_input() -> None:
    """Opened, a named output without inputs stays a constant."""
    graph = gg.parse("E = 2*3").opened()
    assert (graph.inputs, graph.backprop().value) == ((), 6)


def test_an_output_that_is_an_input_can_be_opened() -> None:
    """There is nothing to write but its name."""
    graph = gg.parse("x = 3").opened()
    assert graph.inputs == ("x",)
    assert graph.defaults == {"x": 3}
    assert graph.backprop().grad == {"x": 1}


def test_what_is_raised_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that repeats a hundred times what the graph shares costs nothing."""
    read: list[str] = []

    def recording(text: str) -> Any:
        read.append(text)
        return parse(text)

    monkeypatch.setattr("graphgrad.transform.raising.parse", recording)

    def doubling(x: Any) -> Any:
        for _ in range(1000):
            x = x * x - x
        return x

    source = gg.trace(doubling).data.source
    assert len(source) > 50_000
    assert max(map(len, read), default=0) < 20


@pytest.mark.parametrize("depth", [100_000])
def test_depth_needs_no_recursion(depth: int) -> None:
    """A chain of any length can be traced, differentiated and opened."""

    def chain(x: Any) -> Any:
        for _ in range(depth):
            x = np.sin(x)
        return x

    graph = gg.trace(chain)
    assert len(graph.data.steps) == len(graph.opened().data.steps) == depth
