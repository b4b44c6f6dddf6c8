"""A picture in words, for those who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.display import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

__all__ = ["alt", "source_line"]

MAX_SOURCE: Final = 120
"""The most characters of the program's text in a description."""

MAX_INPUTS: Final = 12
"""The most inputs whose numbers a description names."""

ARROWS: Final = {
    "forward": "Arrows from left to right carry the values.",
    "backward": "Dashed arrows from right to left carry the adjoints.",
    "both": "Solid arrows from left to right carry the values, dashed arrows from right to left the adjoints.",
}


def alt(dag: nx.MultiDiGraph[int], passes: str) -> str:
    """Return a few sentences that say what the picture of an annotated graph shows.

    >>> from graphgrad import parse
    >>> alt(parse("z = x*y").backprop({"x": 3, "y": 5}).dag, "forward")
    'Computational graph of z = x*y. Arrows from left to right carry the values. At x = 3, y = 5: z = 15.'
    """
    sentences = [f"Computational graph of {source_line(dag)}.", ARROWS[passes]]
    value = dag.nodes[dag.graph["output"]].get("value")
    if value is not None:
        sentences.append(f"{_point(dag)}{dag.graph.get('output_name') or 'output'} = {short(value)}.")
    gradient = _listed(dag, "∂/∂", "adjoint") if passes != "forward" else ""
    return " ".join([*sentences, *([f"Gradient: {gradient}."] if gradient else [])])


def source_line(dag: nx.MultiDiGraph[int]) -> str:
    """Return the program's text on one line, cut where it is long."""
    text = " ".join(dag.graph.get("source", "").split())
    return text if len(text) <= MAX_SOURCE else text[: MAX_SOURCE - 1] + "…"


def _point(dag: nx.MultiDiGraph[int]) -> str:
    values = _listed(dag, "", "value")
    return f"At {values}: " if values else ""


def _listed(dag: nx.MultiDiGraph[int], before: str, attribute: str) -> str:
    known = [f"{before}{a['name']} = {short(a[attribute])}" for a in _inputs(dag) if a.get(attribute) is not None]
    return ", ".join(known[:MAX_INPUTS] + ["…"] * (len(known) > MAX_INPUTS))


def _inputs(dag: nx.MultiDiGraph[int]) -> Iterator[dict[str, Any]]:
    return (attributes for _, attributes in dag.nodes(data=True) if attributes["kind"] == "input")
