"""Both passes as one tape: run on floats, it has the interpreter's numbers to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from table import TABLE, called, differentiable
from table import points as points_of
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg
from graphgrad.compile import Checked
from graphgrad.namespaces import Fault, Floats
from graphgrad.ops import OPS
from graphgrad.tape import Transcript, forward
from graphgrad.tape.transcript import transcript

if TYPE_CHECKING:
    from graphgrad.ops import Op


def both(result: gg.Backprop) -> tuple[Transcript, list[Any]]:
    """Return the transcript of a graph's passes, and its registers at the same point."""
    passes = result.passes
    fixed = passes.tape.fixed(passes.graph.node(name) for name in passes.wrt)
    found = transcript(passes.tape, fixed, Checked().knows)
    return found, list(map(told, forward(found.tape, Floats(), passes.inputs)))


def told(number: Any) -> Any:
    """Return a number, or None for a fault: faults cannot be compared."""
    return None if isinstance(number, Fault) else number


def assert_same(result: gg.Backprop) -> None:
    """Compare every number of the transcript with the interpreter's, bit for bit."""
    found, registers = both(result)
    passes = result.passes
    assert {n: registers[i] for n, i in found.values.items()} == {n: told(passes.values[n]) for n in found.values}
    adjoints, flows = passes.backward.adjoints, passes.backward.contributions
    assert {n: registers[i] for n, i in found.adjoints.items()} == {n: adjoints.get(n, 0.0) for n in found.adjoints}
    assert {e: registers[i] for e, i in found.flows.items()} == {e: flows.get(e, 0.0) for e in found.flows}
    assert {e: bool(registers[i]) for e, i in found.open.items()} == {e: e in flows for e in found.open}
    for edge, d in passes.backward.partials.items():
        assert registers[found.partials[edge]] == d


@given(expressions(), points)
def test_it_has_the_interpreters_numbers(text: str, at: dict[str, float]) -> None:
    """Values, local derivatives, flows and adjoints of any expression are the same floats."""
    assert_same(gradient_or_reject(text, at))


@TABLE
def test_every_operation_is_spelled_out(op: Op) -> None:
    """An operation that the language lacks is written as its row reads, and rounds as its row rounds."""
    for at in points_of(op) if op.arity else [{}]:
        assert_same(gg.parse(called(op)).backprop(at, differentiable(op)))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("where(x > 0, log(x)*sqrt(x), x)", {"x": -2.0}),
        ("where(x > 0, sqrt(x), 0)*y", {"x": 0.0, "y": 3.0}),
        ("s = sqrt(x - 1); where(x > 1, s*s*s, 7) + x*x", {"x": 0.5}),
        ("where(x > 0, where(y > 0, log(x*y), 1/y), x**2)", {"x": 0.0, "y": 0.0}),
        ("max(x, y)*min(x, 2)", {"x": 2.0, "y": 2.0}),
        ("relu(x)*x + abs(x)", {"x": -1.5}),
        ("0.1 + 0.2 - 0.3 + x", {"x": 0.0}),
        ("x**2 + x**0 + 1**x + 0*x", {"x": 3.0}),
    ],
)
def test_nothing_flows_into_a_branch_not_taken(text: str, at: dict[str, float]) -> None:
    """The transcript knows where exactly nothing flows, and folds nothing that floats would round."""
    assert_same(gg.parse(text).backprop(at))


def test_an_operation_without_words() -> None:
    """What is made of nothing that the language knows is an error that names it."""
    graph = gg.parse("sin(x)")
    sine = next(name for name in OPS if name in "sin(x)")
    passes = graph.backprop({"x": 1}).passes
    with pytest.raises(gg.GraphgradError, match=f"no function for {sine}"):
        transcript(passes.tape, set(), lambda op: op.name != sine)
