"""Annotate a graph with the numbers of both passes, and with each local derivative as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.backprop.class_indices import is_index
from graphgrad.backprop.edge_formulas import Formulas
from graphgrad.graph.data import attributes_of, multi_di_graph
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.namespace import Fault, Pullback

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step
    from graphgrad.typeset.phrase import Phrase

__all__ = ["EdgeNumbers", "adjoint_texts", "annotated", "edge_numbers"]

EdgeNumbers = tuple[Any, Any, bool]
"""An edge's local derivative, its contribution, and whether it has a local derivative.

Both numbers are None where the backward pass did not reach the edge. The local derivative is also None where it is a
linear map, as that of `@`, and not a factor for each entry.
"""


def annotated(passes: Passes) -> nx.MultiDiGraph[int]:
    """Return a new graph with value, adjoint and symbol on nodes; partial, contribution and formula on edges.

    An attribute is None where a pass did not reach: a node without a value, an edge that leads to no wanted input. The
    graph's attributes at, wrt and exact are the arguments of the passes.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> dag = annotated(backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3}))
    >>> dag.edges[0, 2, 0]
    {'partial': 3.0, 'contribution': 3.0, 'formula': 'b'}
    """
    formulas = Formulas(passes)
    edges = ((step, _edge_attributes(passes, formulas, step)) for step in passes.tape.steps)
    dag = multi_di_graph(passes.graph, _node_attributes(passes, formulas), edges)
    dag.graph.update(at=dict(passes.inputs), wrt=passes.wrt, **passes.kind.settings)
    return dag


def _node_attributes(passes: Passes, formulas: Formulas) -> Iterator[dict[str, Any]]:
    ops = {step.target: step.op for step in passes.graph.steps}
    adjoints = passes.backward.adjoints
    for node, (value, symbol) in enumerate(zip(passes.values, formulas.symbols, strict=True)):
        attributes = attributes_of(passes.graph, node, ops.get(node))
        attributes["value"] = None if isinstance(value, Fault) else value
        attributes["adjoint"] = adjoints.get(node)
        attributes["symbol"] = symbol.string if symbol else None
        yield attributes


def _edge_attributes(passes: Passes, formulas: Formulas, step: Step) -> list[dict[str, Any]]:
    """Return the attributes of the edges into a step, by the operand's position."""
    rows = [
        {
            "partial": partial,
            "contribution": contribution,
            "formula": formulas.partial(step, position) if differentiable else None,
        }
        for position, (partial, contribution, differentiable) in enumerate(edge_numbers(passes, step))
    ]
    texts = adjoint_texts(passes, step, formulas)
    return [{"red": str(texts[i])} | row if i in texts else row for i, row in enumerate(rows)] if texts else rows


def edge_numbers(passes: Passes, step: Step) -> list[EdgeNumbers]:
    """Return the numbers on the edges into a step, by the operand's position."""
    nothing = [None] * len(step.operands)
    partials = passes.backward.partials.rows.get(step.target, nothing)
    contributions = passes.backward.contributions.rows.get(step.target, nothing)
    return [
        (None, None, False)
        if is_index(passes, step, position)
        else (
            partial.d if isinstance(partial, Pullback) else partial,
            partial if contribution is None else contribution,
            partial is not None,
        )
        for position, (partial, contribution) in enumerate(zip(partials, contributions, strict=True))
    ]


def adjoint_texts(passes: Passes, step: Step, formulas: Formulas) -> dict[int, Phrase]:
    """Return the textbook's formulas of the adjoints that a step sends back, by the operand's position.

    Only operations with a well-known one have any, where their own adjoint is 1: softmax(y) − t of the loss of y.
    """
    adjoint = passes.backward.adjoints.get(step.target) if step.op.headline else None
    if adjoint is None or shape_of(adjoint) or adjoint != 1:
        return {}
    return {position: formulas.headline(step, position) for position in step.op.headline}
