"""Write a graph as GraphML, the exchange format of graph editors, with its attributes flattened."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import networkx as nx

from graphgrad.base.terminal_text import printable
from graphgrad.namespaces.display import exact
from graphgrad.namespaces.kinds import known_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["graphml"]


def graphml(dag: nx.MultiDiGraph[int]) -> bytes:
    """Return a graph, annotated or not, as GraphML.

    Spans are split into `span_start` and `span_end`, fractions are text, and attributes that are None are left out. An
    edge's `position` is that of the operand.

    >>> from graphgrad import parse
    >>> text = parse("x*y").backprop({"x": 3, "y": 5}).render("graphml").decode()
    >>> read = nx.parse_graphml(text, node_type=int, force_multigraph=True, edge_key_type=str)
    >>> read.nodes[0]["adjoint"], read.edges[1, 2, "1_2_1"]["formula"]
    (5.0, 'x')
    """
    flat: nx.MultiDiGraph[int] = nx.MultiDiGraph(**dict(_flattened(dag.graph)))
    for node, attributes in dag.nodes.items():
        flat.add_node(node, **dict(_flattened(attributes)))
    for tail, head, position, attributes in dag.edges(keys=True, data=True):
        flat.add_edge(tail, head, f"{tail}_{head}_{position}", position=position, **dict(_flattened(attributes)))
    file = io.BytesIO()
    nx.write_graphml_xml(flat, file)
    return file.getvalue()


def _flattened(attributes: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in attributes.items():
        match value:
            case (int(start), int(end)):
                yield f"{name}_start", start
                yield f"{name}_end", end
            case str():
                yield name, printable(value)
            case bool() | int() | float():
                yield name, value
            case _ if known_kind(value):
                yield name, exact(value)
