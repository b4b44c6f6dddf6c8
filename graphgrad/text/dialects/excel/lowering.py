"""Write a formula of Excel in the operations of the table: what it means of numbers, ranges, texts and blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import ExpressionError, ExpressionSyntaxError, LimitError
from graphgrad.ops.table import COMPARISON
from graphgrad.text.dialects.excel.references import Area, Cell, area_in
from graphgrad.text.dialects.excel.terms import (
    DIFFERENT,
    EQUAL,
    MAX_QUOTED,
    MISSING,
    CellError,
    Grid,
    Missing,
    Operand,
    Refused,
    Term,
)
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.text.dialects.excel.terms import Arithmetic, Content, Value
    from graphgrad.text.statement import Item, Span

__all__ = ["MAX_CELLS", "Lowering"]

MAX_CELLS: Final = 200_000
"""The most cells that the ranges of one formula may have."""

ARRAY_HINT: Final = (
    "Excel 365 computes an array here, and older Excel and Calc the cell in the same row: write SUMPRODUCT(…), or name "
    "one cell"
)


class Lowering:
    """Reads the code of formulas; `functions` says what reads a call, by what stands for it in the code."""

    def __init__(
        self, m: Arithmetic, source: str, functions: Mapping[Op, Callable[[Lowering, list[Operand]], Value]]
    ) -> None:
        """Take what adds the operations, the text of the formula, and how its functions are read."""
        self.m, self.cells, self.source, self.functions = m, m.cells, source, functions
        self.array = False
        self._cells_read = 0

    def fail(self, message: str, span: Span, hint: str = "") -> NoReturn:
        """Raise the error for a part of the formula."""
        raise ExpressionSyntaxError(message, self.source, span, hint=hint)

    def note(self, sentence: str) -> None:
        """Note what a reader of the answer must know."""
        if sentence not in self.m.notes:
            self.m.notes.append(sentence)

    def lowered(self, code: Sequence[Item], spans: Sequence[Span]) -> Content:
        """Return what the formula gives: a number, a text, or what is not understood in it."""
        stack: list[Operand] = []
        m, new = self.m, tuple.__new__
        for item, span in zip(code, spans, strict=True):
            m.span = span
            if type(item) is not Apply:
                stack.append(new(Operand, (self._leaf(item, span), span)))
                continue
            split = len(stack) - item.arity
            operands = stack[split:]
            del stack[split:]
            value: Value
            try:
                value = self._applied(item.op, operands)
            except ExpressionError as error:
                value = Refused(error)
            stack.append(new(Operand, (value, span)))
        m.span = stack[-1].span
        return self.one_cell(stack[-1])

    def _leaf(self, item: Any, span: Span) -> Value:
        if isinstance(item, Number):
            return self.m.literal(item)
        text: str = item.text
        if not text:
            return MISSING
        if text[0] == '"':
            return text[1:-1].replace('""', '"')
        try:
            return area_in(text) or self.cells.named(self.m, text, span)
        except ExpressionError as error:
            return Refused(error)

    def _applied(self, op: Op, operands: list[Operand]) -> Value:
        read = self.functions.get(op)
        if read is not None:
            return read(self, operands)
        values = []
        for operand in operands:
            value = operand[0]
            if type(value) is not Term:
                if self.is_range(operand):
                    return self._over_ranges(op, operands)
                value = self.one_cell(operand)
            values.append(value)
        return self._operation(op, values, [operand[1] for operand in operands])

    def _operation(self, op: Op, values: list[Content], spans: list[Span]) -> Content:
        """Return what an operator gives of contents of cells."""
        if op.binds == COMPARISON:
            return self.compared(op, values[0], values[1], self.m.span)
        terms = [
            value if isinstance(value, Term) else self._number(value, span)
            for value, span in zip(values, spans, strict=True)
        ]
        result = self.m.apply(op, *terms)
        if op.prefix and terms[0].number is not None:
            result.number = -terms[0].number
        return result

    # ---- ranges

    def is_range(self, operand: Operand) -> bool:
        """Whether an operand is more than one cell."""
        value = operand.value
        return isinstance(value, Grid) or (isinstance(value, Area) and value[1:3] != value[3:])

    def _over_ranges(self, op: Op, operands: list[Operand]) -> Grid:
        grids = [self.grid(operand) for operand in operands]
        height = max(len(grid) for grid in grids)
        width = max(len(grid[0]) for grid in grids)
        for grid, operand in zip(grids, operands, strict=True):
            if len(grid) not in (1, height) or len(grid[0]) not in (1, width):
                sizes = f"{len(grid)}×{len(grid[0])} is not {height}×{width}"
                self.fail("these ranges have different sizes", operand.span, sizes)
        spans = [operand.span for operand in operands]

        def entry(row: int, column: int) -> Content:
            values = [grid[row % len(grid)][column % len(grid[0])] for grid in grids]
            return self._operation(op, values, spans)

        return Grid(tuple(tuple(entry(row, column) for column in range(width)) for row in range(height)))

    def grid(self, operand: Operand) -> tuple[tuple[Content, ...], ...]:
        """Return the contents of an operand, row by row; a number is a grid of one."""
        value = operand.value
        if isinstance(value, Grid):
            return value.rows
        if isinstance(value, Area):
            self.count(value, operand.span)
            width, contents = value.width, [self.cells.content(self.m, cell, operand.span) for cell in value.cells()]
            return tuple(tuple(contents[i : i + width]) for i in range(0, len(contents), width))
        return ((self.one_cell(operand),),)

    def count(self, area: Area, span: Span) -> None:
        """Count the cells of a range. Raises `LimitError` where they are too many."""
        self.count_cells(area.height * area.width, span)

    def count_cells(self, number: int, span: Span) -> None:
        """Count cells. Raises `LimitError` where they are too many."""
        self._cells_read += number
        if self._cells_read > MAX_CELLS:
            message = f"the ranges of this formula have more than {MAX_CELLS} cells"
            raise LimitError(message, self.source, span, hint="name the cells that are filled, or sum in steps")

    def contents(self, operand: Operand) -> Iterator[tuple[Content, Span]]:
        """Yield what the cells of an operand hold, without blank ones at the end of a sheet."""
        area = operand.value
        if isinstance(area, Area):
            used = self.cells.used(area, operand.span)
            for cell in () if used is None else self.cells.filled(used):
                self.count_cells(1, operand.span)
                yield self.cells.content(self.m, cell, operand.span), operand.span
        elif isinstance(area, Grid):
            if not self.array:
                self.fail("a range stands where one number is expected", operand.span, ARRAY_HINT)
            for row in area.rows:
                for content in row:
                    yield content, operand.span
        else:
            yield self.one_cell(operand), operand.span

    def cells_of(self, operand: Operand) -> list[Cell]:
        """Return the cells of a range that is one row or one column."""
        area = self.area(operand)
        if min(area.height, area.width) > 1:
            self.fail("this range has several rows and columns", operand.span, "give one row or one column")
        self.count(area, operand.span)
        return list(area.cells())

    def cells_of_any(self, operand: Operand) -> list[Content]:
        """Return what the cells of a range hold, row by row."""
        area = self.area(operand)
        self.count(area, operand.span)
        return [self.cells.content(self.m, cell, operand.span) for cell in area.cells()]

    def shaped_like(self, operand: Operand, other: Operand) -> list[Content]:
        """Return what the cells of a range hold that has the size of another one, which is cut to its filled cells."""
        area, shape = operand.value, other.value
        is_alike = isinstance(area, Area) and isinstance(shape, Area) and area.size == shape.size
        if not is_alike or not isinstance(area, Area):
            self.fail("the ranges have different sizes", operand.span, "give ranges of the same height and width")
        height, width = self.area(other).size
        area = Area(area.sheet, area.top, area.left, area.top + height - 1, area.left + width - 1)
        return [self.cells.content(self.m, cell, operand.span) for cell in area.cells()]

    def area(self, operand: Operand) -> Area:
        """Return an operand that must be a range, cut to the cells that are filled."""
        area = operand.value
        if isinstance(area, Refused):
            raise area.error
        if not isinstance(area, Area):
            self.fail("this must be a range of cells", operand.span, "for example B1:B3")
        return self.cells.used(area, operand.span) or area.row(0).column(0)

    # ---- numbers

    def one_cell(self, operand: Operand) -> Content:
        """Return an operand as what one cell holds."""
        value = operand.value
        if isinstance(value, Term):
            return value
        if isinstance(value, Area) and value[1:3] == value[3:]:
            return self.cells.content(self.m, Cell(value.sheet, value.top, value.left), operand.span)
        if isinstance(value, Area | Grid):
            self.fail("a range stands where one number is expected", operand.span, ARRAY_HINT)
        if isinstance(value, Missing):
            return self.m.lift(0)
        return value

    def content(self, operand: Operand) -> Content:
        """Return an operand as what one cell holds; raise the error of one that is not understood."""
        content = self.one_cell(operand)
        if isinstance(content, Refused):
            raise content.error
        return content

    def number(self, operand: Operand) -> Term:
        """Return an operand as a number; a blank cell is 0."""
        return self._number(self.one_cell(operand), operand.span)

    def _number(self, content: Content, span: Span) -> Term:
        if isinstance(content, Term):
            return content
        if content is None:
            return self.m.lift(0)
        if isinstance(content, Refused):
            raise content.error
        shown = content if len(content) <= MAX_QUOTED else f"{content[: MAX_QUOTED - 1]}…"
        message, hint = f'the text "{shown}" stands where a number is expected', "only numbers have derivatives"
        if any(map(str.isdigit, content)):
            self.fail(message, span, hint)  # Excel may read a number in it
        raise CellError(message, self.source, span, hint=hint)

    def truth(self, operand: Operand) -> Term:
        """Return an operand as TRUE or FALSE."""
        number = self.number(operand)
        if number.logical:
            return number
        if number.number is not None:
            return self.m.truth(number.number != 0)
        return self.m.ne(number, 0)  # type: ignore[no-any-return]

    def whole(self, operand: Operand) -> int | None:
        """Return an operand that the formula itself says, as a whole number as Excel cuts it; None for any other."""
        number = self.number(operand).number
        return None if number is None else int(number)

    def numbers(self, operands: Sequence[Operand]) -> list[Term]:
        """Return the numbers of ranges and numbers as SUM takes them: in cells, only numbers count."""
        found: list[Term] = []
        for operand in operands:
            if isinstance(operand.value, Area | Grid):
                for content, _ in self.contents(operand):
                    if isinstance(content, Refused):
                        raise content.error
                    if isinstance(content, Term) and not content.logical:
                        found.append(content)
            else:
                found.append(self.number(operand))
        return found

    # ---- comparisons

    def compared(self, op: Op, x: Content, y: Content, span: Span) -> Term:
        """Return a comparison; texts are compared here, since the graph has none."""
        for content in (x, y):
            if isinstance(content, Refused):
                raise content.error
        if isinstance(x, str) or isinstance(y, str):
            return self._compared_texts(op, x, y, span)
        x, y = self._comparable(x, y, span), self._comparable(y, x, span)
        if x.logical != y.logical:
            hint = "for Excel, TRUE is above all numbers, and equal to none; for a chain write AND(a < b, b < c)"
            self.fail("a condition is compared with a number", span, hint)
        return self.m.apply(op, x, y)

    def _comparable(self, content: Content, other: Content, span: Span) -> Term:
        """Return one side of a comparison: a blank cell is 0, beside a condition FALSE."""
        if content is None and isinstance(other, Term) and other.logical:
            return self.m.truth(value=False)
        return self._number(content, span)

    def _compared_texts(self, op: Op, x: Content, y: Content, span: Span) -> Term:
        x, y = "" if x is None else x, "" if y is None else y
        equal = isinstance(x, str) and isinstance(y, str) and x.casefold() == y.casefold()
        if op is EQUAL:
            return self.m.truth(equal)
        if op is DIFFERENT:
            return self.m.truth(not equal)
        return self.fail("texts are compared for order", span, "only = and <> are read of texts")
