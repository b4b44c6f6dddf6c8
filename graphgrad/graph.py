"""Statements → a computational graph: a networkx MultiDiGraph whose edges run from operand to result."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import networkx as nx

from graphgrad.errors import ExpressionError, ExpressionSyntaxError
from graphgrad.rules import OPS
from graphgrad.syntax import Apply, Name, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.syntax import Item, Span, Statement

__all__ = ["GraphData", "build"]


@dataclass(frozen=True, slots=True)
class GraphData:
    """The graph of a program, and what its text said of the inputs.

    `dag`'s nodes are numbered in construction order, which is a topological order; the key of an edge is the operand's
    position. Node attributes: kind ("input", "constant", "operation"), name, op, label, span, number (of a constant).
    """

    source: str
    dag: nx.MultiDiGraph[int]
    inputs: tuple[str, ...]
    defaults: dict[str, Fraction]
    output: int
    literals: dict[str, Span] = field(default_factory=dict)

    def node(self, name: str) -> int:
        """Return the node of an input."""
        return self.dag.graph["inputs"][name]  # type: ignore[no-any-return]


def build(
    source: str,
    statements: Sequence[Statement],
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
    builder = _Builder(source, iter(name_literals), share=share)
    for name in inputs:
        builder.input(Name(name, (0, 0)))
    output = [builder.statement(statement) for statement in statements][-1]
    _refuse_left_over(builder, name_literals)
    builder.dag.graph.update(
        source=source, output=output, output_name=builder.output_name(statements[-1]), inputs=builder.inputs
    )
    return GraphData(source, builder.dag, tuple(builder.inputs), builder.defaults, output, builder.literals)


def _refuse_left_over(builder: _Builder, names: Sequence[str]) -> None:
    found = len(builder.literals)
    if found < len(names):
        message = f"{len(names)} names for {found} literal{'s' * (found != 1)}: nothing is left for '{names[found]}'"
        raise ExpressionError(message, builder.source, (0, len(builder.source)), hint="leave the last names out")


class _Builder:
    def __init__(self, source: str, literal_names: Iterable[str], *, share: bool) -> None:
        self.source = source
        self.literal_names = iter(literal_names)
        self.share = share
        self.dag: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        self.inputs: dict[str, int] = {}
        self.names: dict[str, int] = {}
        self.defaults: dict[str, Fraction] = {}
        self.literals: dict[str, Span] = {}
        self.known: dict[object, int] = {}
        self.numbers = count()

    def statement(self, statement: Statement) -> int:
        target = statement.target
        if target is None:
            return self.expression(statement.code)
        self.refuse_second_meaning(target)
        literal = _literal(statement.code)
        if literal is None:
            return self.intermediate(target, self.expression(statement.code))
        next(self.literal_names, None)
        self.defaults[target.id] = literal
        return self.input(target)

    def refuse_second_meaning(self, target: Name) -> None:
        if target.id not in self.names:
            return
        used = target.id in self.inputs and target.id not in self.defaults
        message = f"'{target.id}' is {'used before it is assigned' if used else 'assigned twice'}"
        hint = "move the assignment up" if used else "a name stands for one node: take another name"
        raise ExpressionSyntaxError(message, self.source, target.span, hint=hint)

    def intermediate(self, target: Name, node: int) -> int:
        self.names[target.id] = node
        attributes = self.dag.nodes[node]
        if attributes["kind"] == "operation" and attributes["name"] is None:
            attributes["name"] = target.id
        return node

    def expression(self, code: Sequence[Item]) -> int:
        stack: list[int] = []
        for item in code:
            if isinstance(item, Apply):
                split = len(stack) - item.arity
                operands = tuple(stack[split:])
                del stack[split:]
                stack.append(self.operation(item, operands))
            else:
                stack.append(self.name(item) if isinstance(item, Name) else self.number(item))
        return stack[-1]

    def name(self, item: Name) -> int:
        return self.names[item.id] if item.id in self.names else self.input(item)

    def input(self, item: Name) -> int:
        node = self.add(kind="input", name=item.id, op=None, label=item.id, span=item.span)
        self.inputs[item.id] = self.names[item.id] = node
        return node

    def number(self, item: Number) -> int:
        name = next(self.literal_names, None)
        if name is None:
            return self.constant(item)
        if name in self.names:
            raise ExpressionError(f"'{name}' names two things", self.source, item.span, hint="take another name")
        self.defaults[name], self.literals[name] = item.value, item.span
        return self.input(Name(name, item.span))

    def constant(self, item: Number) -> int:
        if item.value not in self.known or not self.share:
            self.known[item.value] = self.add(
                kind="constant", name=None, op=None, label=item.text, span=item.span, number=item.value
            )
        return self.known[item.value]

    def operation(self, item: Apply, operands: tuple[int, ...]) -> int:
        key = (item.op, *operands)
        if key not in self.known or not self.share:
            node = self.known[key] = self.add(
                kind="operation", name=None, op=item.op, label=OPS[item.op].glyph, span=item.span
            )
            for position, operand in enumerate(operands):
                self.dag.add_edge(operand, node, position)
        return self.known[key]

    def add(self, **attributes: Any) -> int:  # noqa: ANN401
        node = next(self.numbers)
        self.dag.add_node(node, **attributes)
        return node

    def output_name(self, last: Statement) -> str | None:
        return last.target.id if last.target else None


def _literal(code: Sequence[Item]) -> Fraction | None:
    match code:
        case [Number() as number]:
            return number.value
        case [Number() as number, Apply(arity=1) as sign] if OPS[sign.op].prefix:
            return -number.value
        case _:
            return None
