"""Statements → a computational graph, for networkx a MultiDiGraph whose edges run from operand to result."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.collector import collector_paused
from graphgrad.errors import ExpressionError, ExpressionSyntaxError
from graphgrad.op import Op, Step
from graphgrad.rules import OPS
from graphgrad.syntax import Apply, Name, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

    import networkx as nx

    from graphgrad.syntax import Item, Span, Statement

__all__ = ["GraphData", "attributes_of", "build", "multi_di_graph"]

LONGEST_LITERAL: Final = 2
"""A number and its sign."""


@dataclass(frozen=True)
class GraphData:
    """The graph of a program, and what its text said of the inputs.

    Nodes are numbered in construction order, which is a topological order. `steps` are its operations, `constants` its
    literals; `names` are those of its inputs and named intermediates, and `spans` says where in the text a node stands.
    """

    source: str
    inputs: tuple[str, ...]
    defaults: dict[str, Fraction]
    output: int
    output_name: str | None
    steps: list[Step]
    constants: dict[int, Number]
    names: dict[int, str]
    spans: list[Span]
    nodes: dict[str, int]
    literals: dict[str, Span] = field(default_factory=dict)

    def node(self, name: str) -> int:
        """Return the node of an input."""
        return self.nodes[name]

    @cached_property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph for networkx, made when it is first asked for; the key of an edge is the operand's position.

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
    """Return a graph for networkx with attributes for every node, and for the edges of some steps."""
    with collector_paused():
        return _filled(graph, nodes, edges)


def _filled(
    graph: GraphData, found: Iterable[dict[str, Any]], edges: Iterable[tuple[Step, Sequence[dict[str, Any]]]]
) -> nx.MultiDiGraph[int]:
    import networkx as nx  # noqa: PLC0415  loaded only where it is asked for

    dag: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        source=graph.source,
        output=graph.output,
        output_name=graph.output_name,
        inputs=dict(graph.nodes),
        defaults=dict(graph.defaults),
        literals=dict(graph.literals),
    )
    # What add_node and add_edge do, without their calls: three quarters of the time for a million edges.
    dag._node.update(enumerate(found))  # noqa: SLF001
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
    dag._succ.update(enumerate(successors))  # noqa: SLF001
    dag._pred.update(enumerate(predecessors))  # noqa: SLF001
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


def build(
    source: str,
    statements: Iterable[Statement],
    *,
    name_literals: Sequence[str] = (),
    share: bool = True,
    inputs: Sequence[str] = (),
) -> GraphData:
    """Return the graph of the statements, equal subexpressions being one node where `share`.

    `name_literals` turns the program's first literals, from left to right, into inputs of these names; `inputs` are
    there, in this order, whether the program uses them or not.

    >>> from graphgrad.parse import parse
    >>> graph = build("x*x", parse("x*x"))
    >>> list(graph.dag.edges(keys=True))
    [(0, 1, 0), (0, 1, 1)]
    """
    with collector_paused():
        builder = _Builder(source, iter(name_literals), share=share)
        for name in inputs:
            builder.input(name, (0, 0))
        for statement in statements:
            output, output_name = builder.statement(statement), statement.target
        _refuse_left_over(builder, name_literals)
    return GraphData(
        source,
        tuple(builder.inputs),
        builder.defaults,
        output,
        output_name,
        builder.steps,
        builder.constants,
        builder.names,
        builder.spans,
        builder.inputs,
        builder.literals,
    )


def _refuse_left_over(builder: _Builder, names: Sequence[str]) -> None:
    found = len(builder.literals)
    if found < len(names):
        message = f"{len(names)} names for {found} literal{'s' * (found != 1)}: nothing is left for '{names[found]}'"
        raise ExpressionError(message, builder.source, (0, len(builder.source)), hint="leave the last names out")


class _Made(dict[Apply, tuple[Op, dict[tuple[int, ...], int]]]):
    """What has been applied: an operation, and the nodes it has been applied to, with the node that this made."""

    def __missing__(self, item: Apply) -> tuple[Op, dict[tuple[int, ...], int]]:
        self[item] = OPS[item.op].with_params(dict(item.params)), {}
        return self[item]


class _Builder:
    def __init__(self, source: str, literal_names: Iterator[str], *, share: bool) -> None:
        self.source = source
        self.literal_names = literal_names
        self.share = share
        self.steps: list[Step] = []
        self.constants: dict[int, Number] = {}
        self.names: dict[int, str] = {}
        self.spans: list[Span] = []
        self.inputs: dict[str, int] = {}
        self.meant: dict[str, int] = {}
        self.defaults: dict[str, Fraction] = {}
        self.literals: dict[str, Span] = {}
        self.numbers: dict[tuple[int, int], int] = {}
        self.made = _Made()

    def statement(self, statement: Statement) -> int:
        target = statement.target
        if target is None:
            return self.expression(statement)
        if target in self.meant:
            self.refuse_second_meaning(target, statement.target_span)
        literal = _literal(statement.code) if len(statement.code) <= LONGEST_LITERAL else None
        if literal is None:
            return self.intermediate(target, self.expression(statement))
        next(self.literal_names, None)
        self.defaults[target] = literal
        return self.input(target, statement.target_span)

    def refuse_second_meaning(self, target: str, span: Span) -> NoReturn:
        used = target in self.inputs and target not in self.defaults
        message = f"'{target}' is {'used before it is assigned' if used else 'assigned twice'}"
        hint = "move the assignment up" if used else "a name stands for one node: take another name"
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def intermediate(self, target: str, node: int) -> int:
        self.meant[target] = node
        if node not in self.constants:
            self.names.setdefault(node, target)
        return node

    def expression(self, statement: Statement) -> int:
        stack: list[int] = []
        push, pop, meant, made, share = stack.append, stack.pop, self.meant, self.made, self.share
        spans, steps, new = self.spans, self.steps, tuple.__new__
        for item, span in zip(statement.code, statement.spans, strict=True):
            if not isinstance(item, Apply):
                node = meant.get(item.text)
                push(self.leaf(item, span) if node is None else node)
                continue
            if item.arity == 2:  # noqa: PLR2004
                y = pop()
                operands: tuple[int, ...] = (pop(), y)
            else:
                split = len(stack) - item.arity
                operands = tuple(stack[split:])
                del stack[split:]
            op, known = made[item]
            node = known.get(operands)
            if node is None or not share:
                node = known[operands] = len(spans)
                spans.append(span)
                steps.append(new(Step, (node, op, operands)))  # without the call, in half the time
            push(node)
        return stack[-1]

    def leaf(self, item: Name | Number, span: Span) -> int:
        return self.input(item.text, span) if isinstance(item, Name) else self.number(item, span)

    def input(self, name: str, span: Span) -> int:
        node = self.inputs[name] = self.meant[name] = self.add(span)
        self.names[node] = name
        return node

    def number(self, item: Number, span: Span) -> int:
        name = next(self.literal_names, None)
        if name is None:
            return self.constant(item, span)
        if name in self.meant:
            raise ExpressionError(f"'{name}' names two things", self.source, span, hint="take another name")
        self.defaults[name], self.literals[name] = item.value, span
        return self.input(name, span)

    def constant(self, item: Number, span: Span) -> int:
        key = item.value.as_integer_ratio()  # hashed far faster than a fraction
        node = self.numbers.get(key)
        if node is None or not self.share:
            node = self.numbers[key] = self.add(span)
            self.constants[node] = item
        if self.share:
            self.meant[item.text] = node
        return node

    def add(self, span: Span) -> int:
        self.spans.append(span)
        return len(self.spans) - 1


def _literal(code: Sequence[Item]) -> Fraction | None:
    match code:
        case [Number() as number]:
            return number.value
        case [Number() as number, Apply(arity=1) as sign] if OPS[sign.op].prefix:
            return -number.value
        case _:
            return None
