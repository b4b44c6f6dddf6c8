"""Write out what a text says in short: calls of its functions, and sums over an index."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, Protocol

from graphgrad.base.errors import ExpressionSyntaxError, LimitError
from graphgrad.graph.calls import Call, Calls, Function, OuterNode
from graphgrad.ops.op import Op
from graphgrad.ops.table import NEG
from graphgrad.text import statement as text
from graphgrad.text.statement import Apply, Code, Compound, Name, NameAt, Number, Repeat, TakeAt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.text.statement import Item, Span, Statement

__all__ = ["MAX_EXPANDED", "MAX_TERMS", "Expansion"]

MAX_EXPANDED: Final = 1_000_000
"""The most items of expressions that calls and sums may stand for in all."""

MAX_TERMS: Final = 100_000
"""The most terms that the sums of a text may have in all."""

MAX_CHOICE: Final = 1_000
"""The most terms of a largest or smallest one, which is one call: the most operands that a call may have."""


class _Scope(NamedTuple):
    """What names mean within a function or a sum: the nodes of operands, and the numbers of indices."""

    nodes: Mapping[str, int] = {}
    numbers: Mapping[str, int] = {}


class Nodes(Protocol):
    """What an expansion adds nodes to: a builder of a graph."""

    source: str
    share: bool
    naming: bool
    bound: dict[str, int]
    inputs: dict[str, int]
    defaults: dict[str, Any]
    outer: dict[int, int]

    @property
    def constants(self) -> Mapping[int, Number]:
        """The literals by node."""
        ...

    @property
    def size(self) -> int:
        """The number of nodes."""
        ...

    def leaf(self, item: Name | Number, span: Span) -> int:
        """Add a name or a literal, unless it is known; return its node."""
        ...

    def constant(self, item: Number, span: Span) -> int:
        """Add an exact number, unless it is known; return its node."""
        ...

    def operation(self, item: Apply, operands: tuple[int, ...], span: Span) -> int:
        """Add an operation, unless it is known; return its node."""
        ...

    def compound(self, item: Compound, operands: tuple[int, ...]) -> int:
        """Add the operations of a compound; return the node of the last one."""
        ...


@dataclass(slots=True)
class Expansion:
    """Adds expressions with calls and sums to a builder; `functions` are those defined, `calls` those made so far.

    With a table of `placeholders`, a call is not written out, but one operation that has no rules, to be printed.
    """

    builder: Nodes
    functions: dict[str, Function] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    known: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)
    expanded: int = 0
    terms: int = 0
    placeholders: dict[str, Op] | None = None

    def record(self) -> Calls | None:
        """Return the calls that were made, None where there are none."""
        return Calls(self.functions, tuple(self.calls), self.builder.outer) if self.calls else None

    def define(self, statement: Statement) -> None:
        """Add a function; its outer names mean what they mean where it is defined."""
        name, parameters = statement.target or "", statement.parameters or ()
        builder = self.builder
        if name in builder.bound:
            what = "an input" if name in builder.inputs and name not in builder.defaults else "assigned"
            message = f"'{name}' is {what} already"
            raise ExpressionSyntaxError(message, builder.source, statement.target_span, hint="take another name")
        resolver = _Resolver(self, frozenset(parameters))
        body = resolver.code(Code(statement.code, statement.spans))
        outer = tuple(dict.fromkeys(resolver.outer))
        self.functions[name] = Function(name, parameters, body, outer, statement.target_span)

    def expression(self, code: Code, nodes: Mapping[str, int] | None = None) -> int:
        """Add an expression; return its node. `nodes` are those that names in it stand for.

        Nested calls and sums wait on a stack of their own, so that nesting has no limit.
        """
        waiting = [self._added(code, _Scope(nodes or {}))]
        node: Any = None
        while waiting:
            try:
                waiting.append(waiting[-1].send(node))
                node = None
            except StopIteration as ended:
                waiting.pop()
                node = ended.value
        return int(node)

    def _added(self, code: Code, scope: _Scope) -> Any:
        stack: list[int] = []
        builder = self.builder
        for item, span in zip(code.items, code.spans, strict=True):
            self._count(span)
            if isinstance(item, Apply):
                operands = _popped(stack, item.arity)
                stack.append(builder.operation(item, operands, span))
            elif isinstance(item, Compound):
                stack.append(builder.compound(item, _popped(stack, item.arity)))
            elif isinstance(item, text.Call):
                stack.append((yield self._called(item, _popped(stack, item.arity), span)))
            elif isinstance(item, Repeat):
                stack.append((yield self._repeated(item, scope, span)))
            elif isinstance(item, TakeAt):
                op = item.op.with_params({"at": tuple(self._place(place, scope) for place in item.places)})
                stack.append(builder.operation(Apply(op, 1), _popped(stack, 1), span))
            else:
                leaf = self._named(item, scope, span) if isinstance(item, NameAt) else item
                stack.append(self._leaf(leaf, scope, span))
        return stack[-1]

    def _count(self, span: Span) -> None:
        self.expanded += 1
        if self.expanded > MAX_EXPANDED:
            message = f"written out, the calls and sums have more than {MAX_EXPANDED} names, numbers and operations"
            raise LimitError(message, self.builder.source, span)

    def _leaf(self, item: Any, scope: _Scope, span: Span) -> int:
        builder = self.builder
        if isinstance(item, OuterNode):
            return builder.outer.get(item.node, item.node)
        if isinstance(item, Name):
            if item.text in scope.numbers:
                return self.whole_number(scope.numbers[item.text], span)
            if item.text in scope.nodes:
                return scope.nodes[item.text]
        return builder.leaf(item, span)

    def whole_number(self, number: int, span: Span) -> int:
        """Add a whole number as the text writes it: a negative one is a negation."""
        node = self.builder.constant(Number(Fraction(abs(number)), str(abs(number))), span)
        return node if number >= 0 else self.builder.operation(Apply(NEG, 1), (node,), span)

    # ---- calls

    def _called(self, item: text.Call, operands: tuple[int, ...], span: Span) -> Any:
        function, builder = self.functions[item.text], self.builder
        if self.placeholders is not None:
            return self._placeholder(self.placeholders, function, operands, span)
        key = function.name, operands
        node = self.known.get(key) if builder.share else None
        first = builder.size
        if node is None:
            nodes = dict(zip(function.parameters, operands, strict=True))
            node = self.known[key] = yield self._added(function.body, _Scope(nodes))
        self.calls.append(Call(function.name, operands, node, first, builder.size, span))
        return node

    def _placeholder(self, ops: dict[str, Op], function: Function, operands: tuple[int, ...], span: Span) -> int:
        """Add a call as one operation that has no rules."""
        builder = self.builder
        outer = tuple(builder.outer.get(each.node, each.node) for each in function.outer)
        names = (*function.parameters, *(each.text for each in function.outer))
        if function.name not in ops:
            ops[function.name] = Op(
                function.name, _unread, d=(None,) * len(names), parameters=names, hidden=len(outer), tex=function.name
            )
        return builder.operation(Apply(ops[function.name], len(names)), operands + outer, span)

    # ---- sums over an index

    def _repeated(self, item: Repeat, scope: _Scope, span: Span) -> Any:
        first, last = (self._bound(code, scope) for code in (item.first, item.last))
        count = max(last - first + 1, 0)
        self.terms += count
        if self.terms > MAX_TERMS:
            message = f"the sums have more than {MAX_TERMS} terms in all"
            raise LimitError(message, self.builder.source, span, hint="give the terms as an array: sum(x)")
        nodes: list[int] = []
        for number in range(first, last + 1):
            within = _Scope(scope.nodes, {**scope.numbers, item.text: number})
            node = yield self._added(item.body, within)
            nodes.append(node)
        return self._combined(item, nodes, span)

    def _combined(self, item: Repeat, nodes: Sequence[int], span: Span) -> int:
        op, builder = item.op, self.builder
        if not nodes:
            if op.neutral is None:
                self._refuse("this range is empty", span, f"the {op.series} of nothing is no number")
            return self.whole_number(op.neutral[0], span)
        if op.variadic and len(nodes) > MAX_CHOICE:
            raise LimitError(f"a call has more than {MAX_CHOICE} operands", builder.source, span)
        if op.variadic and len(nodes) > 1:
            return builder.operation(Apply(op, len(nodes)), tuple(nodes), span)
        total = nodes[0]
        for node in nodes[1:]:
            total = builder.operation(Apply(op, 2), (total, node), span)
        return total

    def _named(self, item: NameAt, scope: _Scope, span: Span) -> Name:
        """Return the name that an index gives."""
        numbers = [self._place(place, scope) for place in item.places]
        if any(number < 0 for number in numbers if isinstance(number, int)):
            self._refuse("the index of a name is less than 0 here", span, "let the sum begin later")
        return Name("_".join([item.text, *map(str, numbers)]))

    def _place(self, place: Any, scope: _Scope) -> Any:
        return self._whole(place, scope, "an index") if isinstance(place, Code) else place

    def _bound(self, code: Code, scope: _Scope) -> int:
        return self._whole(code, scope, "the end of a range")

    def _whole(self, code: Code, scope: _Scope, what: str) -> int:
        """Return the whole number that an expression of constants is."""
        from graphgrad.namespaces.namespace import Fault
        from graphgrad.namespaces.rationals import Exact

        m, stack = Exact(), list[Any]()
        for item, span in zip(code.items, code.spans, strict=True):
            if isinstance(item, Number):
                stack.append(m.const(item.value))
            elif isinstance(item, Apply):
                stack.append(m.value(item.op, _popped(stack, item.arity)))
            else:
                stack.append(m.const(self._number(item, scope, span, what)))
        [value] = stack
        whole = code.spans[0][0], code.spans[-1][1]
        if isinstance(value, Fault) or value.denominator != 1:
            self._refuse(f"{what} is a whole number", whole, "this is none")
        return int(value)

    def _number(self, item: Item, scope: _Scope, span: Span, what: str) -> Fraction:
        text = item.text if isinstance(item, (Name, OuterNode)) else None
        if text is None:
            self._refuse(f"{what} is made of numbers and indices of sums", span, "write the number")
        if text in scope.numbers:
            return Fraction(scope.numbers[text])
        known = self.builder.constants.get(scope.nodes.get(text, -1))
        if known is None:
            self._refuse(f"{what} is a constant, and '{text}' is none", span, "its value may change: write the number")
        return known.value

    def _refuse(self, message: str, span: Span, hint: str) -> NoReturn:
        raise ExpressionSyntaxError(message, self.builder.source, span, hint=hint)


def _unread(_m: Any, *_operands: Any) -> NoReturn:
    message = "a placeholder is only printed"
    raise AssertionError(message)


def _popped(stack: list[Any], count: int) -> tuple[Any, ...]:
    split = len(stack) - count
    operands = tuple(stack[split:])
    del stack[split:]
    return operands


class _Resolver:
    """Replaces the outer names of a function's body by their nodes, where the function is defined."""

    def __init__(self, expansion: Expansion, parameters: frozenset[str]) -> None:
        self.expansion, self.parameters = expansion, parameters
        self.outer: list[OuterNode] = []

    def code(self, code: Code) -> Code:
        """Return an expression without outer names; sums in it wait on a stack."""
        done: dict[int, Code] = {}
        waiting: list[tuple[Code, frozenset[str]]] = [(code, self.parameters)]
        while waiting:
            each, local = waiting[-1]
            inner = [
                (part, local | ({item.text} if part is item.body else frozenset()))
                for item in each.items
                if isinstance(item, Repeat)
                for part in (item.first, item.last, item.body)
                if id(part) not in done
            ]
            if inner:
                waiting += reversed(inner)
                continue
            waiting.pop()
            items = [self._item(item, span, local, done) for item, span in zip(each.items, each.spans, strict=True)]
            done[id(each)] = Code(tuple(items), each.spans)
        return done[id(code)]

    def _item(self, item: Item, span: Span, local: frozenset[str], done: Mapping[int, Code]) -> Any:
        builder = self.expansion.builder
        if isinstance(item, Repeat):
            first, last, body = (done[id(part)] for part in (item.first, item.last, item.body))
            return item._replace(first=first, last=last, body=body)
        if isinstance(item, text.Call):
            self.outer += self.expansion.functions[item.text].outer
        if (isinstance(item, Name) and item.text not in local) or (isinstance(item, Number) and builder.naming):
            node = builder.leaf(item, span)
            if node in builder.constants:
                return builder.constants[node]
            self.outer.append(OuterNode(item.text, node))
            return self.outer[-1]
        return item
