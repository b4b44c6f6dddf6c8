"""Read a graph and both its passes into one immutable view, which everything that draws shares.

Numbers and formulas are read on first access: a tree of a large graph needs sixty nodes of a million.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from graphgrad.backprop.class_indices import class_indices
from graphgrad.backprop.passes import Passes
from graphgrad.base.errors import RenderError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.namespaces.namespace import Fault
from graphgrad.printing.names import ReadingNames
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from graphgrad.backprop.edge_formulas import Formulas
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape

__all__ = ["LEAVES", "Edge", "Node", "View", "clipped", "view_of"]

LEAVES: Final = ("input", "constant")
"""The kinds of nodes without operands."""

MAX_TEXT: Final = 32
"""The most characters of a name, a literal or a formula in a picture."""

WORD: Final = re.compile(r"[^\W\d]\w*")
"""A name in a formula."""

K = TypeVar("K")
T = TypeVar("T")


def clipped(text: str) -> str:
    """Return a text cut to the length that a picture has room for."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


class Node(NamedTuple):
    """A node: an "input", a "constant", an "operation", or a "group" of `size` nodes closed into one box.

    `value` and `adjoint` are None where a pass did not reach the node; `note` is drawn beside it. `share` is the node's
    share in the rounding error of the output, and `lit` says whether the path to blame runs through it.
    """

    number: int
    kind: str
    label: str
    name: str | None = None
    op: Op | None = None
    value: Any = None
    adjoint: Any = None
    note: str = ""
    size: int = 1
    share: float = 0.0
    lit: bool = False


class Edge(NamedTuple):
    """An edge from an operand to a result, with its local derivative `partial` and its contribution to the adjoint.

    Both are None where the backward pass did not reach it. `differentiable` says whether the local derivative has a
    formula, and `adjoint_text` is the textbook's text beside the adjoint, if any. `lit` is the line, "forward" or
    "backward", along which the path to blame runs. In a sum or a product of many operands, `sign` is that of the
    operand, `role` what is written at it, and `through` are the edges (result, position) of the graph that the edge
    stands for, from operand to result.
    """

    operand: int
    result: int
    position: int
    partial: Any = None
    contribution: Any = None
    differentiable: bool = False
    adjoint_text: str = ""
    lit: str = ""
    sign: str = ""
    role: str = ""
    through: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> str:
        """The edge's key in a picture."""
        return f"e{self.operand}_{self.result}_{self.position}"


class _OnDemand(Mapping[K, T], Generic[K, T]):
    """A mapping whose values are read on first access, and cached."""

    def __init__(self, keys: Mapping[K, object], read: Callable[[K], T]) -> None:
        self._keys, self._read = keys, read
        self._known: dict[K, T] = {}

    def __getitem__(self, key: K) -> T:
        if key not in self._known:
            if key not in self._keys:
                raise KeyError(key)
            self._known[key] = self._read(key)
        return self._known[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True)
class View:
    """A graph as it is drawn: the nodes that its output depends on, operands before results.

    `operands` and `edges` have the operands of each node and the edges from them, in the order of the operands; nodes
    without operands are absent. `inputs` are all inputs, used or not; `indices` are the nodes that hold class indices.
    With `letters`, values show the letters by which formulas call them. `note` is drawn beside the output, and `blame`
    says what made a number infinite, 0 or huge.
    """

    source: str
    output: int
    names: ReadingNames
    inputs: Mapping[str, Node]
    wrt: tuple[str, ...]
    tape: Tape
    operands: Mapping[int, tuple[int, ...]]
    nodes: Mapping[int, Node]
    edges: Mapping[int, tuple[Edge, ...]]
    formulas: Callable[[], Formulas] | None = None
    note: str = ""
    blame: tuple[str, ...] = ()
    indices: frozenset[int] = frozenset()
    letters: bool = False

    @property
    def output_name(self) -> str:
        """The output's name."""
        return self.names.output

    @property
    def adjoint_name(self) -> str:
        """What the adjoint of a result is called in the formulas of operations on arrays."""
        return self.formulas().adjoint if self.formulas else ""

    @cached_property
    def known_names(self) -> frozenset[str]:
        """The program's names and the output's, of which no two are to be read alike."""
        named = (node.name for node in self.nodes.values() if node.name)
        return frozenset((*self.inputs, *named, self.output_name))

    @cached_property
    def uses(self) -> Counter[int]:
        """How often each node is an operand."""
        return Counter(chain.from_iterable(self.operands.values()))

    @cached_property
    def all_edges(self) -> tuple[Edge, ...]:
        """All edges, by result and position."""
        return tuple(edge for node in self.nodes for edge in self.edges.get(node, ()))

    def formula(self, edge: Edge) -> str:
        """Return the local derivative of an edge; empty where there is none, or where nobody could look up a letter."""
        if not edge.differentiable or self.formulas is None:
            return ""
        if edge.through:
            phrase = self.formulas().along([(self.tape.step(result), i) for result, i in edge.through])
        else:
            phrase = self.formulas().phrase(self.tape.step(edge.result), edge.position)
        return phrase if phrase and self.hidden_letters.isdisjoint(WORD.findall(phrase)) else ""

    @cached_property
    def hidden_letters(self) -> frozenset[str]:
        """The letters of operations that have no node of their own, as within a sum of many operands."""
        return frozenset(self.names[node] for node in self.lettered if node not in self.nodes)

    def told(self, edge: Edge) -> tuple[str, str]:
        """Return the local derivative of an edge as LaTeX, alone and as a factor of a product; empty without one."""
        if not edge.differentiable or self.formulas is None:
            return "", ""
        return self.formulas().told(self.tape.step(edge.result), edge.position)

    def symbol(self, node: int) -> str:
        """Return a node's symbol in formulas."""
        symbol = self.formulas().symbol(node) if self.formulas else None
        return self.names[node] if symbol is None else symbol

    @property
    def told_operands(self) -> Collection[int]:
        """The operands on whose arrows a textbook's formula is written."""
        result = set()
        for row in self.edges.values():
            for edge in row:
                if edge.adjoint_text:
                    result.add(edge.operand)
        return result

    @property
    def lettered(self) -> Collection[int]:
        """The nodes that stand in formulas by a name, given by the program or not."""
        return (self.formulas().letters if self.formulas else None) or ()

    def changed(self, node: Callable[[Node], Node], edge: Callable[[Edge], Edge]) -> View:
        """Return the view with every node and every edge changed by a function."""
        inputs = {name: node(each) for name, each in self.inputs.items()}
        nodes = {number: node(each) for number, each in self.nodes.items()}
        edges = {number: tuple(map(edge, each)) for number, each in self.edges.items()}
        return replace(self, inputs=inputs, nodes=nodes, edges=edges)

    def noted(self, notes: Mapping[str, str] | Mapping[str | None, str]) -> View:
        """Return the view with a note beside each named input; under None, beside the output.

        Raises `RenderError` where a name is no input.

        >>> from graphgrad import parse
        >>> view_of(parse("x*y").data).noted({"x": "± 2"}).nodes[0].note
        '± 2'
        """
        beside: dict[int, str] = {}
        output = ""
        for name, note in notes.items():
            if name is None:
                output = note
            elif name in self.inputs:
                beside[self.inputs[name].number] = note
            else:
                raise RenderError(f"a note on '{name}', which is no input")
        nodes = {n: node._replace(note=beside[n]) if n in beside else node for n, node in self.nodes.items()}
        return replace(self, nodes=nodes, note=output) if notes else self

    def shaded(self, shares: Mapping[int, float]) -> View:
        """Return the view with each node's share in the rounding error of the output.

        >>> from graphgrad import parse
        >>> view_of(parse("x*y").data).shaded({2: 0.75}).nodes[2].share
        0.75
        """
        nodes = {n: node._replace(share=shares.get(n, 0.0)) for n, node in self.nodes.items()}
        return replace(self, nodes=nodes) if shares else self

    def with_path(
        self, nodes: Collection[int], edges: Mapping[tuple[int, int], str], sentences: Iterable[str] = ()
    ) -> View:
        """Return the view with a lit path: nodes, and edges (result, position) with the line of theirs that is lit.

        `sentences` say what is to blame.

        >>> from graphgrad import parse
        >>> view_of(parse("x*y").data).with_path([2], {(2, 0): "backward"}).edges[2][0].lit
        'backward'
        """
        lit = {n: node._replace(lit=n in nodes) for n, node in self.nodes.items()}
        lines = {
            result: tuple(edge._replace(lit=edges.get((result, edge.position), "")) for edge in row)
            for result, row in self.edges.items()
        }
        return replace(self, nodes=lit, edges=lines, blame=tuple(sentences)) if nodes or edges else self


def view_of(source: GraphData | Passes) -> View:
    """Return the view of a graph, or of both passes on it; passes stopped by a fault show the values before it.

    >>> from graphgrad import parse
    >>> view = view_of(parse("x = 1; y = 2; 3*x").backprop().passes)
    >>> list(view.nodes), view.nodes[3].value, view.edges[3][1].contribution
    ([0, 2, 3], 3.0, 3.0)
    """
    graph, passes = (source.graph, source) if isinstance(source, Passes) else (source, None)
    with collector_paused():
        return _view(graph, passes, passes.tape if passes else lower(graph))


def _view(graph: GraphData, passes: Passes | None, tape: Tape) -> View:
    operands = {target: operands for target, _, operands in tape.steps}
    used = sorted({graph.output}.union(*operands.values()))
    names = ReadingNames(graph, tape)
    indices: frozenset[int] = class_indices(passes) if passes else frozenset()
    read = partial(_node, graph, passes, tape, indices)
    formulas = _formulas(passes) if passes else None
    return View(
        graph.source,
        graph.output,
        names,
        _OnDemand(graph.nodes, lambda name: read(graph.nodes[name])),
        passes.wrt if passes else (),
        tape,
        operands,
        _OnDemand(dict.fromkeys(used), read),
        _OnDemand(operands, lambda node: _edges(passes, tape.step(node), formulas)),
        formulas,
        indices=indices,
    )


def _formulas(passes: Passes) -> Callable[[], Formulas]:
    """Return the local derivatives as text, by a function that loads their printer when it is first called."""

    @cache
    def formulas() -> Formulas:
        from graphgrad.backprop.edge_formulas import Formulas

        return Formulas(passes)

    return formulas


def _node(graph: GraphData, passes: Passes | None, tape: Tape, indices: frozenset[int], number: int) -> Node:
    value, adjoint = _numbers(passes, number) if passes else (None, None)
    adjoint = None if number in indices else adjoint
    name = graph.names.get(number)
    if number in graph.constants:
        return Node(number, "constant", graph.constants[number].text, None, None, value, adjoint)
    if name in graph.nodes and graph.nodes[name] == number:
        return Node(number, "input", name, name, None, value, adjoint)
    op = tape.step(number).op
    return Node(number, "operation", op.glyph, name, op, value, adjoint)


def _numbers(passes: Passes, number: int) -> tuple[Any, Any]:
    """Return a node's value and adjoint; None where a pass did not reach it, or where its value is a fault."""
    value, adjoints = passes.values[number], passes.backward.adjoints.row
    return None if isinstance(value, Fault) else value, adjoints[number] if adjoints else None


def _edges(passes: Passes | None, step: Step, formulas: Callable[[], Formulas] | None) -> tuple[Edge, ...]:
    operands = enumerate(step.operands)
    if passes is None or formulas is None:
        return tuple(Edge(operand, step.target, position) for position, operand in operands)
    from graphgrad.backprop.annotated_dag import adjoint_texts, edge_numbers

    numbers = edge_numbers(passes, step)
    texts = adjoint_texts(passes, step, formulas()) if step.op.headline else {}
    return tuple(Edge(operand, step.target, i, *numbers[i], texts.get(i, "")) for i, operand in operands)
