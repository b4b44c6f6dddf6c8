"""Build a graph from statements; equal subexpressions become one node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import ExpressionError, ExpressionSyntaxError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.ops.op import Op, Step
from graphgrad.ops.table import OPS
from graphgrad.text.statement import Apply, Name, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

    from graphgrad.text.statement import Item, Span, Statement
from graphgrad.graph.data import GraphData

__all__ = ["build"]

LONGEST_LITERAL: Final = 2
"""A number and its sign."""


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

    >>> from graphgrad.text.parser import parse
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
