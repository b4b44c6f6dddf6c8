"""A large graph made small enough to look at: named intermediates and repeated structure closed into boxes."""

from __future__ import annotations

import difflib
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.draw.scene.graph_queries import operands, used

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import networkx as nx

__all__ = ["EVERYTHING", "MAX_NODES", "MAX_NODES_OPEN", "Outline", "outlined"]

MAX_NODES_OPEN: Final = 150
"""A graph of more nodes than this is drawn with boxes closed."""

MAX_NODES_IN_FULL: Final = 2_000
"""A graph of more nodes than this cannot be drawn with all boxes open: an engine would need minutes."""

MAX_NODES: Final = 100_000
"""Of more nodes than this, no outline is made."""

ALIKE: Final = 3
"""How many times the same structure is drawn in full; further ones stay closed."""

EVERYTHING: Final = "*"
"""The name that opens all boxes."""

MAX_NAMES: Final = 5
"""The most boxes that a note names."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A graph to draw, and a sentence that says what is closed in it; empty where nothing is."""

    dag: nx.MultiDiGraph[int]
    note: str = ""


def outlined(dag: nx.MultiDiGraph[int], expand: Collection[str] = ()) -> Outline:
    """Return an annotated graph with all that would make it too large closed into nodes of kind "group".

    A box holds what the output depends on through its one node alone, so that it has one value and one adjoint.
    `expand` names boxes to open: intermediates of the program, "v12" for what has no name, "*" for all. Raises
    `RenderError` for a name that is none, and where there is too much to draw.

    >>> from graphgrad import parse
    >>> g = parse("; ".join(["y0 = sin(x)", *(f"y{i} = y{i-1}*x + {i}" for i in range(1, 99)), "y98 + 1"]))
    >>> outlined(g.dag).note
    '295 of 297 nodes are in the box y98; expand it to see more'
    """
    nodes = sorted(used(dag))
    if len(nodes) > MAX_NODES:
        raise RenderError(
            f"{len(nodes)} nodes are too many to draw: the limit is {MAX_NODES}", hint="draw a part of it"
        )
    wanted = _wanted(dag, nodes, expand)
    if EVERYTHING in expand and len(nodes) > MAX_NODES_IN_FULL:
        message = f"{len(nodes)} nodes are too many to draw in full: the limit is {MAX_NODES_IN_FULL}"
        raise RenderError(message, hint="expand boxes by their names")
    if len(nodes) <= MAX_NODES_OPEN or EVERYTHING in expand:
        return Outline(dag)
    tree = _Tree(dag, nodes)
    wanted = {above for node in wanted for above in tree.way(node)}
    opened, closed = _open(dag, tree, wanted)
    shown = opened | set(closed)
    return Outline(_closed(dag, tree, shown, closed), _note(dag, tree, closed, len(nodes) - len(shown)))


def _wanted(dag: nx.MultiDiGraph[int], nodes: Iterable[int], expand: Collection[str]) -> set[int]:
    """Return the nodes that are asked for by name."""
    names = {_name(dag, node): node for node in nodes if dag.nodes[node]["kind"] == "operation"}
    for name in expand:
        if name not in names and name != EVERYTHING:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else "take a name from the picture, or v and a node's number"
            raise RenderError(f"there is no intermediate {name!r} to expand", hint=hint)
    return {names[name] for name in expand if name != EVERYTHING}


def _name(dag: nx.MultiDiGraph[int], node: int) -> str:
    return dag.nodes[node]["name"] or f"v{node}"


class _Tree:
    """Which node all ways from a node to the output lead through first, and so what a closed node hides.

    Found as Cooper, Harvey and Kennedy do, "A Simple, Fast Dominance Algorithm", 2001; numbers grow towards the output.
    """

    def __init__(self, dag: nx.MultiDiGraph[int], nodes: list[int]) -> None:
        self.output, inside = dag.graph["output"], set(nodes)
        self.above = {self.output: self.output}
        self.below: dict[int, list[int]] = {node: [] for node in nodes}
        self.size = dict.fromkeys(nodes, 1)
        for node in reversed(nodes):
            if node != self.output:
                self.above[node] = self.meeting(result for result in dag.successors(node) if result in inside)
                self.below[self.above[node]].append(node)
        for node in nodes:
            if node != self.output:
                self.size[self.above[node]] += self.size[node]

    def meeting(self, results: Iterator[int]) -> int:
        """Return the first node that the ways from all results have in common."""
        found = next(results)
        for other in results:
            while found != other:
                if found < other:
                    found = self.above[found]
                else:
                    other = self.above[other]  # noqa: PLW2901  both climb until they meet
        return found

    def way(self, node: int) -> Iterator[int]:
        """Yield a node and all that has to be open for it to be seen."""
        while node != self.output:
            yield node
            node = self.above[node]

    def hidden(self, node: int) -> Iterator[int]:
        """Yield a node and all that is closed with it."""
        waiting = [node]
        while waiting:
            found = waiting.pop()
            yield found
            waiting += self.below[found]


def _open(dag: nx.MultiDiGraph[int], tree: _Tree, wanted: set[int]) -> tuple[set[int], list[int]]:
    """Return the nodes drawn as themselves, and those closed; from the output on, the nearest first."""
    opened: set[int] = set()
    closed: list[int] = []
    waiting = deque([tree.output])
    forced = wanted | {tree.output}
    room, met = MAX_NODES_OPEN * (1 + len(wanted)), Counter[Any]()
    while waiting:
        node = waiting.popleft()
        shape = _shape(dag, node)
        fits = len(opened) + len(closed) + len(waiting) + len(tree.below[node]) < room
        plain = not dag.nodes[node]["name"] and met[shape] < ALIKE and fits
        if tree.size[node] > 1 and node not in forced and not plain:
            closed.append(node)
            continue
        met[shape] += tree.size[node] > 1
        opened.add(node)
        waiting += tree.below[node]
    return opened, closed


def _shape(dag: nx.MultiDiGraph[int], node: int, depth: int = 2) -> Any:
    """Return what an operation looks like from near: itself, its operands, and theirs."""
    attributes = dag.nodes[node]
    kind = attributes["label"] if attributes["kind"] == "operation" else attributes["kind"]
    below = operands(dag, node) if depth else []
    return kind, *(_shape(dag, operand, depth - 1) for operand in below)


def _closed(dag: nx.MultiDiGraph[int], tree: _Tree, shown: set[int], closed: Iterable[int]) -> nx.MultiDiGraph[int]:
    """Return the graph of the nodes shown, each closed one with edges from all that leads into it."""
    small = dag.subgraph(shown).copy()
    for node in closed:
        small.remove_edges_from(list(small.in_edges(node, keys=True)))
        attributes = small.nodes[node]
        attributes.update(kind="group", label=_name(dag, node), count=tree.size[node])
        for position, (tail, flow) in enumerate(_inflow(dag, set(tree.hidden(node))).items()):
            small.add_edge(tail, node, position, partial=None, contribution=flow, formula=None)
    return small


def _inflow(dag: nx.MultiDiGraph[int], inside: set[int]) -> dict[int, Any]:
    """Return what leads into a box, constants apart, with the sum of what flows back along its edges."""
    flows: dict[int, Any] = {}
    for node in sorted(inside):
        for tail, edges in dag.pred[node].items():
            if tail not in inside and dag.nodes[tail]["kind"] != "constant":
                known = [edge["contribution"] for edge in edges.values() if edge.get("contribution") is not None]
                flows[tail] = _total([flows.get(tail), *known])
    return flows


def _total(flows: list[Any]) -> Any:
    """Return the sum of what flows; None where nothing does."""
    first, *others = [flow for flow in flows if flow is not None] or [None]
    return sum(others, start=first) if others else first


def _note(dag: nx.MultiDiGraph[int], tree: _Tree, closed: list[int], hidden: int) -> str:
    names = [_name(dag, node) for node in sorted(closed, key=lambda node: -tree.size[node])]
    listed = ", ".join(names[:MAX_NAMES]) + ", …" * (len(names) > MAX_NAMES)
    boxes = f"the box {listed}; expand it" if len(names) == 1 else f"{len(names)} boxes ({listed}); expand one"
    return f"{hidden + len(names)} of {len(tree.size)} nodes are in {boxes} to see more"
