"""The computational graph, and its form as a networkx MultiDiGraph whose edges run from operand to result."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, islice, repeat
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from graphgrad.base.pause_gc import collector_paused
from graphgrad.ops.op import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from fractions import Fraction

    import networkx as nx

    from graphgrad.graph.calls import Calls
    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.text.statement import Number, Span


__all__ = ["Default", "GraphData", "attributes_of", "multi_di_graph"]

Default: TypeAlias = "Fraction | tuple[Default, ...]"
"""The value that the text gives to an input: an exact number, or the rows of an array of them."""


class CellNames(Protocol):
    """What a graph of a workbook's cells knows of their addresses."""

    def name_of(self, text: str) -> str:
        """Return the name of the input that an address or a name means; the text itself where it means none."""

    def place(self, start: int) -> str:
        """Return the cell that a place of the text is in."""

    def refusal(self, text: str) -> tuple[str, str]:
        """Return the message and the hint for a text that means no input."""


@dataclass(frozen=True)
class GraphData:
    """The graph of a program, and what its text says about the inputs.

    Nodes are numbered in construction order, which is a topological order. `steps` are its operations, `constants` its
    literals; `names` are those of its inputs and named intermediates, and `spans` says where in the text a node stands.
    `calls` are those of the text's functions, which are written out here.
    `guard` raises an error for shapes of inputs with which the graph is not the derivative that it was made as;
    `reading` makes the same derivative by the rules of a textbook, for people. `cells` knows the addresses of a
    workbook's cells, where the graph is made of some.
    """

    source: str
    inputs: tuple[str, ...]
    defaults: dict[str, Default]
    output: int
    output_name: str | None
    steps: list[Step]
    constants: dict[int, Number]
    names: dict[int, str]
    spans: list[Span]
    nodes: dict[str, int]
    literals: dict[str, Span] = field(default_factory=dict)
    calls: Calls | None = field(default=None, compare=False, repr=False)
    guard: Callable[[Mapping[str, Shape]], None] | None = field(default=None, compare=False, repr=False)
    reading: Callable[[], GraphData] | None = field(default=None, compare=False, repr=False)
    cells: CellNames | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields for pickle, with flat lists."""
        numbers: dict[Op, int] = {}
        state = {name: vars(self)[name] for name in self.__dataclass_fields__}
        state["steps"] = (
            [step.target for step in self.steps],
            [numbers.setdefault(step.op, len(numbers)) for step in self.steps],
            [len(step.operands) for step in self.steps],
            [operand for step in self.steps for operand in step.operands],
            [*numbers],
        )
        state["spans"] = [place for span in self.spans for place in span]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the fields."""
        targets, numbers, counts, flat, ops = state["steps"]
        operands, places = iter(flat), iter(state["spans"])
        steps = [
            Step(target, ops[number], tuple(islice(operands, size)))
            for target, number, size in zip(targets, numbers, counts, strict=True)
        ]
        vars(self).update(state | {"steps": steps, "spans": list(zip(places, places, strict=True))})

    @property
    def to_read(self) -> GraphData:
        """The graph for people: of a derivative, that by the rules of a textbook."""
        return self.reading() if self.reading else self

    def name_of(self, text: str) -> str:
        """Return the name of an input as it is, or that of the cell whose address the text is."""
        return text if self.cells is None or text in self.nodes else self.cells.name_of(text)

    def place(self, start: int) -> str:
        """Return a place in the text in words: the line and the column, or the cell."""
        if self.cells is not None:
            return self.cells.place(start)
        from graphgrad.text.source_lines import place_text

        return place_text(self.source, start)

    def node(self, name: str) -> int:
        """Return the node of an input."""
        return self.nodes[name]

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What later stages have computed from the graph alone, by keys of theirs; not stored, and not compared."""
        return {}

    @cached_property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph for networkx, made on first use; the key of an edge is the operand's position.

        Node attributes: kind ("input", "constant", "operation"), name, op, label, span, number (of a constant),
        params (of an operation that has some).
        """
        ops: list[Op | None] = [None] * len(self.spans)
        for result, op, _ in self.steps:
            ops[result] = op
        return multi_di_graph(self, map(attributes_of, repeat(self), count(), ops))


def multi_di_graph(
    graph: GraphData,
    nodes: Iterable[dict[str, Any]],
    edges: Iterable[tuple[Step, Sequence[dict[str, Any]]]] = (),
) -> nx.MultiDiGraph[int]:
    """Return a networkx graph with attributes for every node, and for the edges of some steps."""
    with collector_paused():
        return _filled(graph, nodes, edges)


def _filled(
    graph: GraphData, nodes: Iterable[dict[str, Any]], edges: Iterable[tuple[Step, Sequence[dict[str, Any]]]]
) -> nx.MultiDiGraph[int]:
    import networkx as nx

    dag: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        source=graph.source,
        output=graph.output,
        output_name=graph.output_name,
        inputs=dict(graph.nodes),
        defaults=dict(graph.defaults),
        literals=dict(graph.literals),
    )
    # What add_node and add_edge do, without their calls: three quarters of the time for a million edges.
    dag._node.update(enumerate(nodes))  # noqa: SLF001  add_node takes four times as long
    successors: list[dict[int, Any]] = [{} for _ in graph.spans]
    predecessors: list[dict[int, Any]] = [{} for _ in graph.spans]
    for result, _, operands in graph.steps:
        before, position = predecessors[result], 0
        for operand in operands:
            if operand in before:
                before[operand][position] = {}
            else:
                before[operand] = successors[operand][result] = {position: {}}
            position += 1  # noqa: SIM113  enumerate takes longer
    for (result, _, operands), row in edges:
        for position, operand in enumerate(operands):
            predecessors[result][operand][position] = row[position]
    dag._succ.update(enumerate(successors))  # noqa: SLF001  so does add_edge
    dag._pred.update(enumerate(predecessors))  # noqa: SLF001  likewise
    return dag


def attributes_of(graph: GraphData, node: int, op: Op | None) -> dict[str, Any]:
    """Return a node's attributes, as `GraphData.dag` has them; `op` is what computes it, None at a leaf."""
    span = graph.spans[node]
    if op is not None:
        name = graph.names.get(node)
        attributes = {"kind": "operation", "name": name, "op": op.name, "label": op.glyph, "span": span}
        return attributes | {"params": dict(op.params)} if op.params else attributes
    if node in graph.constants:
        number, text = graph.constants[node]
        return {"kind": "constant", "name": None, "op": None, "label": text, "span": span, "number": number}
    return {"kind": "input", "name": graph.names[node], "op": None, "label": graph.names[node], "span": span}
