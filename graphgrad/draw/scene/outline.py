"""Close named intermediates and repeated structure of a large graph into boxes, by its dominator tree."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.base.suggestion import suggestion
from graphgrad.draw.view import Edge
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from graphgrad.draw.view import View

__all__ = ["EVERYTHING", "MAX_NODES", "MAX_NODES_OPEN", "Outline", "outlined"]

MAX_NODES_OPEN: Final = 150
"""The most nodes that are drawn without closing boxes."""

FEW: Final = 24
"""The nodes up to which a box with most of the graph in it is opened, though it has a name."""

MAX_NODES_IN_FULL: Final = 2_000
"""The most nodes that can be drawn with all boxes open: for more, an engine needs minutes."""

MAX_NODES: Final = 100_000
"""The most nodes of a graph that can be drawn at all."""

ALIKE: Final = 3
"""How often the same structure is drawn in full; further ones stay closed."""

EVERYTHING: Final = "*"
"""The name that opens all boxes."""

MAX_NAMES: Final = 5
"""The most boxes that a note names."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A view to draw, and a sentence on its closed boxes; empty where none is closed."""

    view: View
    note: str = ""


def outlined(view: View, expand: Collection[str] = (), most: int = MAX_NODES_OPEN) -> Outline:
    """Return the view of a graph of more than `most` nodes with parts closed into nodes of kind "group".

    A box has one node at its end, and holds the nodes on which the output depends through this node alone; so it has
    one value and one adjoint. `expand` names boxes to open: intermediates of the program, letters that pictures and
    explanations give to the others, "*" for all. Raises `RenderError` for an unknown name, and where there is too much
    to draw.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> g = parse("; ".join(["y0 = sin(x)", *(f"y{i} = y{i-1}*x + {i}" for i in range(1, 99)), "y98 + 1"]))
    >>> outlined(view_of(g.data)).note
    '273 of 297 nodes are in the box y91; expand it to see more'
    """
    count = len(view.nodes)
    if count > MAX_NODES:
        raise RenderError(f"{count} nodes are too many to draw: the limit is {MAX_NODES}", hint="draw a part of it")
    wanted = _wanted(view, expand) if expand else set()
    if EVERYTHING in expand and count > MAX_NODES_IN_FULL:
        message = f"{count} nodes are too many to draw in full: the limit is {MAX_NODES_IN_FULL}"
        raise RenderError(message, hint="expand boxes by their names")
    if count <= most or EVERYTHING in expand:
        return Outline(view)
    with collector_paused():
        return _small(view, wanted, most)


def _small(view: View, wanted: set[int], most: int) -> Outline:
    """Return the outline of a large graph in which the wanted nodes are visible."""
    dominators = _Dominators(view)
    wanted = {above for node in wanted for above in dominators.path(node)}
    opened, closed = _open(view, dominators, wanted, most)
    shown = opened | set(closed)
    note = _note(view, dominators, closed, len(view.nodes) - len(shown))
    return Outline(_closed(view, dominators, shown, closed), note)


def _wanted(view: View, expand: Collection[str]) -> set[int]:
    """Return the nodes that `expand` names."""
    names = {view.names[node.number]: node.number for node in view.nodes.values() if node.kind == "operation"}
    for name in expand:
        if name not in names and name != EVERYTHING:
            hint = suggestion(name, names, "take a name from the picture or its caption")
            raise RenderError(f"there is no intermediate {name!r} to expand", hint=hint)
    return {names[name] for name in expand if name != EVERYTHING}


class _Dominators:
    """The dominator tree: `above[node]` is the first node after it that all paths from it to the output run through.

    A closed node hides the nodes `below` it. Computed by the algorithm of Cooper, Harvey and Kennedy, "A Simple, Fast
    Dominance Algorithm", 2001; nodes are numbered towards the output. In s = a*b; s + a, both a and s are below the
    sum, because a reaches it through s and directly.
    """

    def __init__(self, view: View) -> None:
        self.output = view.output
        self.above = {view.output: view.output}
        self.below: dict[int, list[int]] = {node: [] for node in view.nodes}
        self.size = dict.fromkeys(view.nodes, 1)
        results: dict[int, list[int]] = {node: [] for node in view.nodes}
        for result, operands in view.operands.items():
            for operand in operands:
                results[operand].append(result)
        for node in reversed(self.below):
            if node != self.output:
                self.above[node] = reduce(self.common, results[node])
                self.below[self.above[node]].append(node)
        for node in self.below:
            if node != self.output:
                self.size[self.above[node]] += self.size[node]

    def common(self, one: int, other: int) -> int:
        """Return the first node that the paths from two nodes have in common."""
        while one != other:
            if one < other:
                one = self.above[one]
            else:
                other = self.above[other]
        return one

    def path(self, node: int) -> Iterator[int]:
        """Yield a node and all nodes that have to be open for it to be visible."""
        while node != self.output:
            yield node
            node = self.above[node]

    def hidden(self, node: int) -> Iterator[int]:
        """Yield a node and all nodes that are closed with it."""
        waiting = [node]
        while waiting:
            last = waiting.pop()
            yield last
            waiting += self.below[last]


def _open(view: View, dominators: _Dominators, wanted: set[int], most: int) -> tuple[set[int], list[int]]:
    """Return the nodes drawn as themselves and the closed ones, by a breadth-first search from the output.

    A name does not close a box in which most nodes would be, while few nodes are drawn or the graph is small. What is
    alike in a named box that is open is counted there alone.
    """
    opened: set[int] = set()
    closed: list[int] = []
    waiting = deque([dominators.output])
    forced = wanted | {dominators.output}
    room, alike = most * (1 + len(wanted)), Counter[Any]()
    while waiting:
        node = waiting.popleft()
        shape = _shape(view, node)
        drawn = len(opened) + len(closed) + len(waiting)
        fits = drawn + len(dominators.below[node]) < room
        holds_most = dominators.size[node] > len(view.nodes) / 2 and (most < MAX_NODES_OPEN or drawn < FEW)
        named = view.nodes[node].name and not holds_most
        plain = not named and alike[shape] < ALIKE and fits
        if node not in forced and not plain and dominators.size[node] > 1:
            closed.append(node)
            continue
        if view.nodes[node].name and dominators.size[node] > 1:
            alike.clear()
        alike[shape] += dominators.size[node] > 1
        opened.add(node)
        waiting += dominators.below[node]
    return opened, closed


def _shape(view: View, number: int, depth: int = 2) -> Any:
    """Return an operation's structure to a depth: its label, and those of its operands and theirs."""
    node = view.nodes[number]
    kind = node.label if node.kind == "operation" else node.kind
    below = view.operands.get(number, ()) if depth else ()
    return kind, *(_shape(view, operand, depth - 1) for operand in below)


def _closed(view: View, dominators: _Dominators, shown: set[int], closed: Iterable[int]) -> View:
    """Return the view of the nodes shown, each closed one with edges from all operands outside of its box."""
    groups = {
        node.number: node._replace(kind="group", label=view.names[node.number], size=dominators.size[node.number])
        for node in map(view.nodes.__getitem__, closed)
    }
    edges = {number: view.edges[number] for number in shown - groups.keys() if number in view.operands}
    for number in groups:
        inflow = enumerate(_inflow(view, set(dominators.hidden(number))).items())
        edges[number] = tuple(Edge(tail, number, position, contribution=flow) for position, (tail, flow) in inflow)
    operands = {number: tuple(edge.operand for edge in edges[number]) for number in sorted(edges)}
    used = {view.output, *chain.from_iterable(operands.values())}
    nodes = {number: groups.get(number) or view.nodes[number] for number in sorted(used)}
    return replace(view, nodes=nodes, operands=operands, edges=edges)


def _inflow(view: View, inside: set[int]) -> dict[int, Any]:
    """Return the operands outside of a box, except constants, each with the sum of the contributions to its adjoint."""
    flows: dict[int, Any] = {}
    for number in sorted(inside & view.operands.keys()):
        if inside.issuperset(view.operands[number]):
            continue
        for edge in view.edges[number]:
            if edge.operand not in inside and view.nodes[edge.operand].kind != "constant":
                flows[edge.operand] = _total(flows.get(edge.operand), edge.contribution)
    return flows


def _total(one: Any, other: Any) -> Any:
    """Return the sum of two contributions, of which either may be None."""
    return other if one is None else one if other is None else one + other


def _note(view: View, dominators: _Dominators, closed: list[int], hidden: int) -> str:
    names = [written(view.names[node]) for node in sorted(closed, key=lambda node: -dominators.size[node])]
    listed = ", ".join(names[:MAX_NAMES]) + ", …" * (len(names) > MAX_NAMES)
    boxes = f"the box {listed}; expand it" if len(names) == 1 else f"{len(names)} boxes ({listed}); expand one"
    return f"{hidden + len(names)} of {len(dominators.size)} nodes are in {boxes} to see more"
