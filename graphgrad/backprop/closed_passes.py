"""Show both passes on the graph in which each call of a text's function is one operation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graphgrad.backprop.backward_pass import backward_pass
from graphgrad.backprop.passes import Passes
from graphgrad.backprop.prepared import prepared
from graphgrad.namespaces.array_values import without_warnings
from graphgrad.namespaces.namespace import Fault, NotFiniteError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from graphgrad.graph.calls import Calls
    from graphgrad.graph.data import GraphData

__all__ = ["for_people", "shares_of"]

Source = TypeVar("Source", "GraphData", Passes, "GraphData | Passes")


def for_people(source: Source, functions: Collection[str] = ()) -> Source:
    """Return a graph, or both passes on it, with the calls of a text's functions closed, except those named.

    The values are those of the passes; the backward pass runs again, since a call has a local derivative of its own.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("f(x) = x**3; f(a)*2", parse("f(x) = x**3; f(a)*2")), {"a": 3})
    >>> shown = for_people(passes)
    >>> [step.op.name for step in shown.tape.steps], shown.backward.partials.rows[2]
    (['f', 'mul'], [27.0])
    """
    graph = _graph_of(source)
    if graph.calls is None or not graph.calls.made:
        return source
    from graphgrad.tape.closed_calls import closed

    if not isinstance(source, Passes):
        return closed(source, functions)
    made = closed(graph, functions)
    plan = prepared(made, source.wrt)
    passes = replace(source, graph=made, tape=plan.tape, kinks=())
    if not len(source.backward.adjoints):
        return passes
    try:
        with without_warnings():
            return replace(passes, backward=backward_pass(plan, passes.namespace, passes.values, passes.seed))
    except (Fault, NotFiniteError):
        return source


def _graph_of(source: GraphData | Passes) -> GraphData:
    return source.graph if isinstance(source, Passes) else source


def shares_of(calls: Calls | None, shares: Mapping[int, float], shown: Container[int]) -> Mapping[int, float]:
    """Return the shares of nodes in the error, those of the nodes within a closed call with its value's."""
    if calls is None:
        return shares
    gathered = dict(shares)
    for call in reversed(calls.made):
        if call.result in shown:
            for node in range(call.first, call.end):
                if node not in shown and node in gathered:
                    gathered[call.result] = gathered.get(call.result, 0.0) + gathered.pop(node)
    return gathered
