"""Read a formula that stands alone: each of its cells is an input of the statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import ExpressionSyntaxError, LimitError
from graphgrad.text.dialects.excel.functions import READ
from graphgrad.text.dialects.excel.lowering import Lowering
from graphgrad.text.dialects.excel.references import LAST_COLUMN, LAST_ROW
from graphgrad.text.dialects.excel.terms import Arithmetic, Refused, Term
from graphgrad.text.statement import Apply, Name, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.text.dialects.excel.references import Area, Cell
    from graphgrad.text.dialects.excel.terms import Content
    from graphgrad.text.statement import Item, Span

__all__ = ["statement_code"]

MAX_ITEMS: Final = 2_000_000
"""The most items of the code of one formula."""


def statement_code(
    code: Sequence[Item], spans: Sequence[Span], source: str, operations: Operations
) -> tuple[list[Item], list[Span]]:
    """Return the code of a formula in operations of the table, in postfix order, with its spans.

    Raises `ExpressionError` for what is not understood.
    """
    cells = _FreeCells(source)
    m = Arithmetic(cells, operations)
    content = Lowering(m, source, READ).lowered(code, spans)
    if isinstance(content, Refused):
        raise content.error
    if not isinstance(content, Term):
        message = "the result is a text" if content is not None else "the result is blank"
        raise ExpressionSyntaxError(message, source, spans[-1], hint="only numbers have derivatives")
    return cells.postfix(content.node)


class _FreeCells:
    """Cells without contents, and the operations on them: each node is an item, its operands, and its span."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.items: list[Item] = []
        self.operands: list[tuple[int, ...]] = []
        self.spans: list[Span] = []
        self.names: dict[str, str] = {}

    def _add(self, item: Item, operands: tuple[int, ...], span: Span) -> int:
        self.items.append(item)
        self.operands.append(operands)
        self.spans.append(span)
        return len(self.items) - 1

    def operation(self, op: Op, nodes: tuple[int, ...], span: Span) -> int:
        return self._add(Apply(op, len(nodes)), nodes, span)

    def constant(self, number: Number, span: Span) -> int:
        return self._add(number, (), span)

    def operation_at(self, node: int) -> tuple[Op, tuple[int, ...]] | None:
        item = self.items[node]
        return (item.op, self.operands[node]) if isinstance(item, Apply) else None

    def number_at(self, node: int) -> Fraction | None:
        item = self.items[node]
        return item.value if isinstance(item, Number) else None

    def content(self, m: Arithmetic, cell: Cell, span: Span) -> Content:
        return self.named(m, str(cell), span)

    def known(self, cell: Cell) -> Fraction | None:  # noqa: ARG002  what a cell holds, only a workbook knows
        return None

    def used(self, area: Area, span: Span) -> Area | None:
        if area.height == LAST_ROW or area.width == LAST_COLUMN:
            message = "how far a whole column or row is filled, only a workbook says"
            raise ExpressionSyntaxError(message, self.source, span, hint="name the first and the last cell: B1:B3")
        return area

    def filled(self, area: Area) -> Iterable[Cell]:
        return area.cells()

    def named(self, m: Arithmetic, name: str, span: Span) -> Content:
        """Return a cell, or a name: upper and lower case mean the same."""
        return Term(m, self._add(Name(self.names.setdefault(name.casefold(), name)), (), span))

    def postfix(self, output: int) -> tuple[list[Item], list[Span]]:
        """Return the code that ends with a node; what is used several times is written several times."""
        code: list[Item] = []
        spans: list[Span] = []
        waiting = [output]
        while waiting:
            node = waiting.pop()
            code.append(self.items[node])
            spans.append(self.spans[node])
            waiting.extend(self.operands[node])
            if len(code) > MAX_ITEMS:
                raise LimitError("this formula is too large once it is written out", self.source, self.spans[output])
        code.reverse()
        spans.reverse()
        return code, spans
