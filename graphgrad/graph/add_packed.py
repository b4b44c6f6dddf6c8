"""Add the items of expressions to a packed graph: what `Builder.expression` does, into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from graphgrad.text.statement import Apply, Compound, Name

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Mapping

    from graphgrad.graph.packed_steps import PackedSteps
    from graphgrad.ops.op import Op
    from graphgrad.text.packed_spans import PackedSpans
    from graphgrad.text.statement import Item, Number, Span

__all__ = ["Columns", "add_packed", "columns_of"]

MANY_LITERALS: Final = 100_000
"""The most literals that are found by their text; all are found by their value."""


class Nodes(Protocol):
    """What an expression is added to: a builder of a graph."""

    share: bool
    bound: dict[str, int]
    literal_nodes: dict[str, int]

    @property
    def applications(self) -> Mapping[Apply, tuple[Op, dict[tuple[int, ...], int]]]:
        """The node of each operation by its operands."""
        ...

    def leaf(self, item: Name | Number, span: Span) -> int:
        """Add a name or a literal, unless it is known; return its node."""
        ...

    def compound(self, item: Compound, operands: tuple[int, ...]) -> int:
        """Add the operations of a compound; return the node of the last one."""
        ...


class Columns(NamedTuple):
    """What adds to each array of a packed graph, made once: a statement is short."""

    spans: array[int]
    add_start: Callable[[int], None]
    add_end: Callable[[int], None]
    add_target: Callable[[int], None]
    add_number: Callable[[int], None]
    number: Callable[[Op], int]
    operands: array[int]
    add_operands: Callable[[Iterable[int]], None]
    add_operands_end: Callable[[int], None]


def columns_of(steps: PackedSteps, spans: PackedSpans) -> Columns:
    """Return what adds to steps and spans."""
    starts, ends = spans.columns
    targets, numbers, flat, operand_ends = steps.columns
    return Columns(
        starts,
        starts.append,
        ends.append,
        targets.append,
        numbers.append,
        steps.numbers.__getitem__,
        flat,
        flat.extend,
        operand_ends.append,
    )


def add_packed(builder: Nodes, columns: Columns, items: Iterable[tuple[Item, Span]], stack: list[int]) -> None:
    """Add the items to a builder that is packed; the stack holds the nodes of operands."""
    if len(builder.literal_nodes) > MANY_LITERALS:
        builder.literal_nodes.clear()
    push, pop, applications, share = stack.append, stack.pop, builder.applications, builder.share
    bound, literals = builder.bound, builder.literal_nodes
    spans, add_start, add_end, add_target, add_number, number, flat, add_operands, add_operands_end = columns
    for item, span in items:
        if type(item) is not Apply:
            if type(item) is Compound:
                split = len(stack) - item.arity
                nodes = tuple(stack[split:])
                del stack[split:]
                push(builder.compound(item, nodes))
                continue
            node = (bound if type(item) is Name else literals).get(item.text)
            push(builder.leaf(item, span) if node is None else node)  # type: ignore[arg-type]  # a name or a number
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
            add_start(span[0])
            add_end(span[1])
            add_target(node)
            add_number(number(op))
            add_operands(operands)
            add_operands_end(len(flat))
        push(node)
