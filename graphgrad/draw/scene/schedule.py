"""Number the steps of both passes: the forward pass node by node, then the backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphgrad.draw.scene.labels import Labels, shown
from graphgrad.draw.view import LEAVES

if TYPE_CHECKING:
    from graphgrad.draw.view import Edge, Node, View

__all__ = ["Schedule", "schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps at which each node gets its value, sends its adjoint back to its operands, and has its whole adjoint.

    They are `forward`, `backward` and `arrives`, by node. Step 0 is the bare graph, and the backward pass starts at
    `start`; `words` describes each step.
    """

    forward: dict[int, int]
    backward: dict[int, int]
    arrives: dict[int, int]
    start: int
    words: tuple[str, ...]


def schedule(view: View, *, values: bool = True, adjoints: bool = True, labels: Labels | None = None) -> Schedule:
    """Return the steps of both passes; `labels` are the texts of the picture.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> schedule(view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes)).words
    ('the graph', 'the inputs', '× = 15', 'backward from 1', 'back through ×')
    """
    labels = labels or Labels(view)
    operations = [node for node in view.nodes.values() if node.kind not in LEAVES]
    words = ["the graph"]
    forward = dict.fromkeys(view.nodes, 0)
    if values:
        words.append("the inputs")
        forward = dict.fromkeys(view.nodes, 1) | {node.number: step for step, node in enumerate(operations, start=2)}
        words += [f"{_name(node, labels)} = {_value(node)}" for node in operations]
    start = len(words)
    senders = [node for node in reversed(operations) if adjoints and _sends(view.edges[node.number])]
    if adjoints and view.nodes[view.output].adjoint is not None:
        words.append("backward from 1")
    backward = {node.number: step for step, node in enumerate(senders, start=len(words))}
    words += [f"back through {_name(node, labels)}" for node in senders]
    return Schedule(forward, backward, _arrivals(view, backward, start), start, tuple(words))


def _arrivals(view: View, backward: dict[int, int], start: int) -> dict[int, int]:
    """Return for each node the step at which the last of its uses has sent back its contribution to the adjoint."""
    arrives = dict.fromkeys(view.nodes, start)
    for result, step in backward.items():
        for operand in view.operands[result]:
            arrives[operand] = max(arrives[operand], step)
    return arrives


def _sends(edges: tuple[Edge, ...]) -> bool:
    return any(edge.contribution is not None for edge in edges)


def _name(node: Node, labels: Labels) -> str:
    return labels.name(node.name) if node.name else labels.node(node)


def _value(node: Node) -> str:
    return "?" if node.value is None else shown(node.value)
