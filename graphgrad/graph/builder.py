"""Build a graph from statements; equal subexpressions become one node."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import ExpressionError, ExpressionSyntaxError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.graph.add_packed import add_packed, columns_of
from graphgrad.graph.data import GraphData
from graphgrad.graph.packed_leaves import PackedNames, PackedNumbers
from graphgrad.graph.packed_steps import PackedSteps
from graphgrad.graph.point_branches import with_point_branches
from graphgrad.ops.op import Op, Step
from graphgrad.ops.table import NEG
from graphgrad.text.packed_spans import PackedSpans
from graphgrad.text.statement import Apply, Call, Code, Compound, Name, NameAt, Number, Repeat, TakeAt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.graph.add_packed import Columns
    from graphgrad.graph.data import Default
    from graphgrad.graph.expansion import Expansion
    from graphgrad.text.statement import Item, Span, Statement

__all__ = ["Builder", "build"]

WRITTEN_OUT: Final = frozenset({Call, Repeat, TakeAt, NameAt})
"""The items that stand for expressions which are written out."""

FEW: Final = 250_000
"""Up to so many steps stay tuples, which are the fastest to read."""

PART: Final = 100_000
"""How many items of a statement are added at once; the graph of a longer one is large."""

LONGEST_LITERAL: Final = 2
"""The most items of a literal's code: a number and its sign."""


def build(
    source: str,
    statements: Iterable[Statement],
    *,
    name_literals: Sequence[str] = (),
    share: bool = True,
    inputs: Sequence[str] = (),
) -> GraphData:
    """Return the graph of the statements; with `share`, equal subexpressions are one node.

    `name_literals` turns the program's first literals, from left to right, into inputs of these names. `inputs` are
    declared first, in this order, even where the program does not use them. Raises `ExpressionError` for a name that is
    assigned twice or used before its assignment, and for more names than literals.

    >>> from graphgrad.text.parser import parse
    >>> graph = build("x*x", parse("x*x"))
    >>> list(graph.dag.edges(keys=True))
    [(0, 1, 0), (0, 1, 1)]
    """
    with collector_paused():
        builder = Builder(source, name_literals, share=share)
        for name in inputs:
            builder.input(name, (0, 0))
        definition: Statement | None = None
        for last in statements:
            if definition:
                builder.statement(definition)
            definition = last if last.parameters is not None else None
            output = -1 if definition else builder.statement(last)
        output = _body(builder, definition) if definition else output
        _refuse_unused_names(builder, name_literals)
    return builder.graph(output, last.target)


def _body(builder: Builder, last: Statement) -> int:
    """Add the value of a function that the text ends with, with its parameters as inputs; return the node.

    The output of `a = 3; f(x) = a*x**2` is `f`. Raises `ExpressionSyntaxError` for a parameter that has a value.
    """
    target, parameters = str(last.target), last.parameters or ()
    for name in (target, *parameters):
        if name in builder.bound:
            message = f"the text ends with the definition of '{target}', but '{name}' has a value already"
            hint = f"take another name, or add an expression: {target}({', '.join(parameters)})"
            raise ExpressionSyntaxError(message, builder.source, last.target_span, hint=hint)
    for name in parameters:
        builder.input(name, last.target_span)
    return builder.intermediate(target, builder.value(last))


def _refuse_unused_names(builder: Builder, names: Sequence[str]) -> None:
    count = len(builder.literals)
    if count < len(names):
        message = f"{len(names)} names for {count} literal{'s' * (count != 1)}: nothing is left for '{names[count]}'"
        raise ExpressionError(message, builder.source, (0, len(builder.source)), hint="leave the last names out")


class _Applications(dict[Apply, tuple[Op, dict[tuple[int, ...], int]]]):
    """The node of each operation by its operands, for common subexpression elimination.

    After `x*y + x*y` it holds, for mul, {(0, 1): 2}: the second x*y is node 2 again.
    """

    def __missing__(self, item: Apply) -> tuple[Op, dict[tuple[int, ...], int]]:
        self[item] = item.op, {}
        return self[item]


class Builder:
    """A graph under construction: nodes are numbered in the order in which they are added.

    With more than `FEW` steps, it is packed: steps, spans, names and constants are stored in arrays.

    >>> from graphgrad.ops.table import OPS
    >>> builder = Builder("x*x")
    >>> x = builder.input("x", (0, 1))
    >>> output = builder.operation(Apply(OPS["mul"], 2), (x, x), (0, 3))
    >>> builder.graph(output).steps[0].operands
    (0, 0)
    """

    def __init__(self, source: str, literal_names: Iterable[str] = (), *, share: bool = True) -> None:
        """Start an empty graph of a text; equal operations become one node where `share`."""
        self.source = source
        literal_names = tuple(literal_names)
        self.literal_names, self.naming = iter(literal_names), bool(literal_names)
        self.share = share
        self.steps: list[Step] | PackedSteps = []
        self.constants: dict[int, Number] | PackedNumbers = {}
        self.names: dict[int, str] | PackedNames = {}
        self.spans: list[Span] | PackedSpans = []
        self.columns: Columns | None = None
        self.inputs: dict[str, int] = {}
        self.bound: dict[str, int] = {}
        self.defaults: dict[str, Default] = {}
        self.literals: dict[str, Span] = {}
        self.numbers: dict[tuple[int, int], int] = {}
        self.literal_nodes: dict[str, int] = {}
        self.named_spans: dict[Span, int] = {}
        self.outer: dict[int, int] = {}
        self.applications = _Applications()
        self.expansion: Expansion | None = None

    def graph(self, output: int, output_name: str | None = None) -> GraphData:
        """Return what has been built."""
        chooses = any(op.chooses for op, _ in self.applications.values())
        steps = with_point_branches(self.steps, self.constants, self.inputs.values()) if chooses else self.steps
        return GraphData(
            self.source,
            tuple(self.inputs),
            self.defaults,
            output,
            output_name,
            steps,
            self.constants,
            self.names,
            self.spans,
            self.inputs,
            self.literals,
            calls=self.expansion.record() if self.expansion else None,
        )

    def _pack(self) -> Columns:
        """Store what there is in arrays, and all that is added."""
        self.steps, self.spans = steps, spans = PackedSteps(self.steps), PackedSpans(self.spans)
        self.names, self.constants = PackedNames(self.names), PackedNumbers(self.constants)
        self.columns = columns_of(steps, spans)
        return self.columns

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.spans)

    def step(self, node: int) -> Step | None:
        """Return the step that computes a node; None for a leaf."""
        steps = self.steps
        place = bisect_left(steps, node, key=attrgetter("target"))
        return steps[place] if place < len(steps) and steps[place].target == node else None

    def statement(self, statement: Statement) -> int:
        """Add a statement; return the node of its value."""
        target = statement.target
        if target is None:
            return self.value(statement)
        if statement.parameters is not None:
            self._expanding().define(statement)
            return -1
        if target in self.bound:
            self._refuse_rebinding(target, statement.target_span)
        if not statement.code:
            return self.input(target, statement.target_span)
        default = self._default(statement)
        if default is None:
            return self.intermediate(target, self.value(statement))
        next(self.literal_names, None)
        self.defaults[target] = default
        return self.input(target, statement.target_span)

    def _default(self, statement: Statement) -> Default | None:
        """Return the value that a name is assigned, if that is a literal: a number, perhaps signed, or an array."""
        code, start = statement.code, statement.spans[-1][0]
        if len(code) <= LONGEST_LITERAL and (literal := _literal(code)) is not None:
            return literal
        if self.source[start : start + 1] != "[":
            return None
        from graphgrad.graph.array_defaults import array_default

        return array_default(code)

    def value(self, statement: Statement) -> int:
        """Add a statement's expression, with calls and sums written out; return its node."""
        if self.expansion is None and WRITTEN_OUT.isdisjoint(map(type, statement.code)):
            return self.expression(statement)
        return self._expanding().expression(Code(statement.code, statement.spans))

    def _expanding(self) -> Expansion:
        if self.expansion is None:
            from graphgrad.graph.expansion import Expansion

            self.expansion = Expansion(self)
        return self.expansion

    def _refuse_rebinding(self, target: str, span: Span) -> NoReturn:
        used = target in self.inputs and target not in self.defaults
        message = f"'{target}' is {'used before it is assigned' if used else 'assigned twice'}"
        hint = "move the assignment up" if used else "a name stands for one node: take another name"
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def intermediate(self, target: str, node: int) -> int:
        """Name a node, unless it has a name; return it."""
        self.bound[target] = node
        if node not in self.constants:
            self.names.setdefault(node, target)
        return node

    def operation(self, item: Apply, operands: tuple[int, ...], span: Span) -> int:
        """Add an operation; return its node, or the one that stands for it already."""
        op, known = self.applications[item]
        node = known.get(operands)
        if node is None or not self.share:
            if self.columns is None and len(self.steps) > FEW:
                self._pack()
            node = known[operands] = self._add(span)
            self.steps.append(Step(node, op, operands))
        return node

    def expression(self, statement: Statement) -> int:
        """Add a statement's expression; return its node."""
        if len(self.steps) > FEW or len(statement.code) > PART:
            return self._packed_expression(statement)
        stack: list[int] = []
        push, pop, bound, applications, share = stack.append, stack.pop, self.bound, self.applications, self.share
        literals = self.literal_nodes
        spans, steps, new = self.spans, self.steps, tuple.__new__
        for item, span in zip(statement.code, statement.spans, strict=True):
            if type(item) is not Apply:
                if type(item) is Compound:
                    split = len(stack) - item.arity
                    nodes = tuple(stack[split:])
                    del stack[split:]
                    push(self.compound(item, nodes))
                    continue
                node = (bound if type(item) is Name else literals).get(item.text)
                push(self._leaf(item, span) if node is None else node)  # type: ignore[arg-type]  # a name or a number
                continue
            if item.arity == 2:  # noqa: PLR2004  the fast path for two operands
                y = pop()
                operands: tuple[int, ...] = (pop(), y)
            else:
                split = len(stack) - item.arity
                operands = tuple(stack[split:])
                del stack[split:]
            op, known = applications[item]
            node = known.get(operands)
            if node is None or not share:
                node = known[operands] = len(spans)
                spans.append(span)
                steps.append(
                    new(Step, (node, op, operands))
                )  # tuple.__new__ takes half the time of the class's own call
            push(node)
        return stack[-1]

    def _packed_expression(self, statement: Statement) -> int:
        """Add the expression to a large graph, or a long one, part by part."""
        columns = self.columns or self._pack()
        stack: list[int] = []
        items = zip(statement.code, statement.spans, strict=True)
        for first in items:
            add_packed(self, columns, chain((first,), islice(items, PART)), stack)
        return stack[-1]

    def compound(self, item: Compound, operands: tuple[int, ...]) -> int:
        """Add the operations of a compound; return the node of the last one."""
        nodes = list(operands)
        for op, places, span in item.parts:
            nodes.append(self.operation(Apply(op, len(places)), tuple([nodes[place] for place in places]), span))
        return nodes[-1]

    def leaf(self, item: Name | Number, span: Span) -> int:
        """Add a name or a literal, unless it is known; return its node."""
        node = (self.bound if isinstance(item, Name) else self.literal_nodes).get(item.text)
        return self._leaf(item, span) if node is None else node

    def _leaf(self, item: Name | Number, span: Span) -> int:
        return self.input(item.text, span) if isinstance(item, Name) else self._number(item, span)

    def input(self, name: str, span: Span) -> int:
        """Add an input; return its node."""
        if self.expansion is not None and name in self.expansion.functions:
            message = f"'{name}' is a function"
            raise ExpressionSyntaxError(message, self.source, span, hint=f"write {name}(…), or take another name")
        node = self.inputs[name] = self.bound[name] = self._add(span)
        self.names[node] = name
        return node

    def _number(self, item: Number, span: Span) -> int:
        if span in self.named_spans:
            return self.named_spans[span]
        name = next(self.literal_names, None)
        if name is None:
            return self.constant(item, span)
        if name in self.bound:
            raise ExpressionError(f"'{name}' names two things", self.source, span, hint="take another name")
        self.defaults[name], self.literals[name] = item.value, span
        self.named_spans[span] = self.input(name, span)
        return self.named_spans[span]

    def constant(self, item: Number, span: Span) -> int:
        """Add an exact number, unless it is known; return its node."""
        key = item.value.as_integer_ratio()  # hashing a pair is far faster than hashing a Fraction
        node = self.numbers.get(key)
        if node is None or not self.share:
            node = self.numbers[key] = self._add(span)
            self.constants[node] = item
        if self.share and not self.naming:
            self.literal_nodes[item.text] = node
        return node

    def _add(self, span: Span) -> int:
        self.spans.append(span)
        return len(self.spans) - 1


def _literal(code: Sequence[Item]) -> Fraction | None:
    match code:
        case [Number() as number]:
            return number.value
        case [Number() as number, Apply(arity=1) as sign] if sign.op is NEG:
            return -number.value
        case _:
            return None
