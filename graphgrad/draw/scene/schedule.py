"""In which order a picture comes about: the forward pass, node by node, then the backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphgrad.draw.scene.graph_queries import clipped, used
from graphgrad.namespaces.display import short

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["LEAVES", "Schedule", "schedule"]

LEAVES: Final = ("input", "constant")
"""The kinds of nodes that nothing is computed for."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The step at which each node has its value, sends its adjoint back to its operands, has its own adjoint complete.

    Step 0 is the bare graph; `words` says of every step what happens there; the backward pass begins at `start`.
    """

    forward: dict[int, int]
    backward: dict[int, int]
    arrives: dict[int, int]
    start: int
    words: tuple[str, ...]


def schedule(dag: nx.MultiDiGraph[int], *, values: bool = True, adjoints: bool = True) -> Schedule:
    """Return the steps of an annotated graph's passes.

    >>> from graphgrad import parse
    >>> schedule(parse("x*y").backprop({"x": 3, "y": 5}).dag).words
    ('the graph', 'the inputs', '× = 15', 'backward from 1', 'back through ×')
    """
    nodes = sorted(used(dag))
    operations = [node for node in nodes if dag.nodes[node]["kind"] not in LEAVES]
    words = ["the graph"]
    forward = dict.fromkeys(nodes, 0)
    if values:
        words.append("the inputs")
        forward = dict.fromkeys(nodes, 1) | {node: step for step, node in enumerate(operations, start=2)}
        words += [f"{_name(dag, node)} = {_value(dag, node)}" for node in operations]
    start = len(words)
    senders = [node for node in reversed(operations) if adjoints and _sends(dag, node)]
    if adjoints and dag.nodes[dag.graph["output"]].get("adjoint") is not None:
        words.append("backward from 1")
    backward = {node: step for step, node in enumerate(senders, start=len(words))}
    words += [f"back through {_name(dag, node)}" for node in senders]
    return Schedule(forward, backward, _arrivals(dag, nodes, backward, start), start, tuple(words))


def _arrivals(dag: nx.MultiDiGraph[int], nodes: list[int], backward: dict[int, int], start: int) -> dict[int, int]:
    """Return the step at which the last of its results has sent a node its part of the adjoint."""
    sent = {node: [backward[result] for result in dag.successors(node) if result in backward] for node in nodes}
    return {node: max(steps, default=start) for node, steps in sent.items()}


def _sends(dag: nx.MultiDiGraph[int], node: int) -> bool:
    return any(edge.get("contribution") is not None for _, _, edge in dag.in_edges(node, data=True))


def _name(dag: nx.MultiDiGraph[int], node: int) -> str:
    attributes = dag.nodes[node]
    return clipped(attributes["name"] or attributes["label"])


def _value(dag: nx.MultiDiGraph[int], node: int) -> str:
    value = dag.nodes[node].get("value")
    return "?" if value is None else short(value)
