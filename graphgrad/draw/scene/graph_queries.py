"""What both the picture and the tree ask of an annotated graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

__all__ = ["clipped", "noted", "operands", "used"]

MAX_TEXT: Final = 32
"""The most characters of a name, a literal or a formula in a picture."""


def operands(dag: nx.MultiDiGraph[int], node: int) -> list[int]:
    """Return a node's operands in order, one as often as it is used.

    >>> from graphgrad import parse
    >>> operands(parse("x - y*x").dag, 3)
    [0, 2]
    """
    return [operand for operand, _, _ in sorted(dag.in_edges(node, keys=True), key=lambda edge: edge[2])]


def used(dag: nx.MultiDiGraph[int]) -> set[int]:
    """Return the nodes that the output is made from, itself among them.

    >>> from graphgrad import parse
    >>> used(parse("x = 1; y = 2; 3*x").dag)
    {0, 2, 3}
    """
    found = {dag.graph["output"]}
    waiting = list(found)
    while waiting:
        fresh = set(dag.predecessors(waiting.pop())) - found
        found |= fresh
        waiting += fresh
    return found


def clipped(text: str) -> str:
    """Return a text cut to what a picture has room for."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def noted(dag: nx.MultiDiGraph[int], notes: Mapping[str | None, str]) -> nx.MultiDiGraph[int]:
    """Return the graph with a note beside each named input; under None, beside the output.

    >>> from graphgrad import parse
    >>> noted(parse("x*y").dag, {"x": "± 2"}).nodes[0]["note"]
    '± 2'
    """
    found = dag.copy() if notes else dag
    for name, note in notes.items():
        if name is None:
            found.graph["note"] = note
            continue
        if name not in dag.graph["inputs"]:
            raise RenderError(f"a note on '{name}', which is no input")
        found.nodes[dag.graph["inputs"][name]]["note"] = note
    return found
