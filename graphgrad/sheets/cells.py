"""Read the formulas of a workbook into one graph, in which cells with numbers are inputs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import ExpressionError, ExpressionSyntaxError, GraphgradError, UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.graph.builder import Builder
from graphgrad.ops.table import OPERATIONS
from graphgrad.sheets.book import ErrorValue, Formula
from graphgrad.sheets.replay import Log, Recipe, recipe_of
from graphgrad.text.dialects.excel.functions import READ
from graphgrad.text.dialects.excel.lowering import Lowering
from graphgrad.text.dialects.excel.references import Area, Cell, area_in
from graphgrad.text.dialects.excel.repeated import FormulaParser
from graphgrad.text.dialects.excel.terms import Arithmetic, CellError, Refused, Term
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.tokens import exact_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.ops.op import Op
    from graphgrad.sheets.book import Book
    from graphgrad.text.dialects.excel.terms import Content
    from graphgrad.text.statement import Span, Statement

__all__ = ["CellReader", "missing_sheet"]

MAX_PLAIN: Final = 64
"""The most cells of a formula that is repeated by a recipe."""

MAX_NAMES: Final = 12
"""The most sheets that an error lists."""


class _PlainCells(NamedTuple):
    """The nodes of the cells that a formula names, and which of them stands where: the sizes of ranges are negative."""

    nodes: list[int]
    shape: tuple[int, ...]


class CellReader:
    """Adds formulas, one after another, to a graph. `nodes` are those of cells, `lines` the text of the graph."""

    def __init__(self, book: Book) -> None:
        """Begin a graph of a workbook's cells."""
        self.book, self._order = book, book.order
        self.builder = Builder("")
        self.lines: list[str] = []
        self.nodes: dict[Cell, int] = {}
        self.input_cells: dict[str, Cell] = {}
        self.notes: dict[str, list[str]] = {}
        self.starts: list[int] = []
        self.cells_of_lines: list[str] = []
        self._length = 0
        self._sheet, self._text = "", ""
        self._offset = 0
        self._contents: dict[tuple[str, int, int], Content] = {}
        self._statements: dict[Cell, Statement | Refused] = {}
        self._shapes: dict[Cell, str] = {}
        self._recipes: dict[tuple[object, ...], Recipe] = {}
        self._log: Log | None = None
        self._items: dict[tuple[Op, int], Apply] = {}
        self._parsed = FormulaParser(OPERATIONS)
        self._m = Arithmetic(self, OPERATIONS)

    # ---- what a formula depends on

    def precedents(self, cell: Cell) -> Iterator[Cell]:
        """Yield the cells with formulas that a formula reads."""
        statement = self._statement(cell)
        if isinstance(statement, Refused):
            return
        for item in statement.code:
            area = self._area(item.text, cell.sheet) if isinstance(item, Name) else None
            if area is not None:
                yield from self.book.formulas_in(area)

    def reads(self, cell: Cell) -> Iterator[Cell]:
        """Yield the cells with something in them that a formula reads, and perhaps others."""
        statement = self._statement(cell)
        for item in () if isinstance(statement, Refused) else statement.code:
            area = self._area(item.text, cell.sheet) if isinstance(item, Name) else None
            if area is not None:
                yield from self.book.filled(area)

    def _statement(self, cell: Cell) -> Statement | Refused:
        if cell not in self._statements:
            formula = self.book.raw(cell)
            if not isinstance(formula, Formula):
                message = f"{cell} holds no formula"
                raise GraphgradError(message, hint="name a cell whose value is computed")
            try:
                self._statements[cell], self._shapes[cell] = self._parsed(formula.text)
            except ExpressionError as error:
                self._statements[cell] = Refused(_of_cell(error, cell))
        return self._statements[cell]

    def _area(self, text: str, sheet: str) -> Area | None:
        """Return the filled cells that an operand means, None where it is none."""
        if not text or text[0] == '"':
            return None
        area = area_in(text)
        if area is None:
            area = area_in(self._meaning(text, sheet) or "")
        if area is None:
            return None
        named, *place = area
        title = sheet if not named else named if named in self.book.order else self.book.sheets.get(named.casefold())
        return self.book.used(Area(title, *place)) if title else None

    def _meaning(self, name: str, sheet: str) -> str | None:
        """Return what a name of the workbook means, for the formulas of a sheet."""
        names, key = self.book.names, name.casefold()
        return names.get((sheet, key), names.get(("", key)))

    # ---- formulas

    def read(self, cell: Cell) -> None:
        """Add a cell's formula; the formulas that it reads have been added before."""
        formula, statement = self.book.raw(cell), self._statement(cell)
        if isinstance(statement, Refused) or not isinstance(formula, Formula):
            self._contents[cell] = statement  # type: ignore[assignment]  # a cell without a formula raised
            return
        address = str(cell)
        self._sheet, self._text = cell.sheet, formula.text
        self._offset = self._line(address, formula.text) + len(address) + 1
        content = self._content(cell, formula, statement)
        for note in self._m.notes:
            self.notes.setdefault(note, []).append(address)
        if isinstance(content, Refused):
            content = Refused(_of_cell(content.error, cell))
        elif content is None:
            content = self._m.lift(0)
        self._contents[cell] = content
        if isinstance(content, Term):
            self.nodes[cell] = content.node
            self.builder.intermediate(self.book.names_of_cells.get(cell, address), content.node)

    def _content(self, cell: Cell, formula: Formula, statement: Statement) -> Content:
        """Return what a formula gives: by the recipe of one like it, or by reading it."""
        m = self._m
        m.notes.clear()
        plain = None if formula.array else self._plain_cells(statement)
        key = plain and (self._shapes[cell], plain.shape)
        recipe = self._recipes.get(key) if key else None
        if plain and recipe:
            node = recipe.repeated(self.builder, plain.nodes, statement.spans, self._offset)
            return Term(m, node, logical=recipe.logical)
        lowering = Lowering(m, formula.text, READ)
        lowering.array = formula.array
        log = self._log = Log([]) if plain else None
        try:
            content = lowering.lowered(statement.code, statement.spans)
        except ExpressionError as error:
            content = Refused(error)
        is_plain = self._log is not None and isinstance(content, Term) and content.number is None and not m.notes
        self._log = None
        if plain and key and log and is_plain and isinstance(content, Term):
            found = recipe_of(log, plain.nodes, (content.node, content.logical), statement.spans, self.builder)
            if found:
                self._recipes[key] = found
        return content

    def _plain_cells(self, statement: Statement) -> _PlainCells | None:
        """Return the cells that a formula names, if they are few, and hold numbers whose values do not matter."""
        nodes: dict[int, int] = {}
        shape: list[int] = []
        for item in statement.code:
            if type(item) is not Name or not item.text or item.text[0] == '"':
                continue
            area = area_in(item.text)
            if area is None or (area[0] and area[0] not in self._order):
                return None
            sheet, top, left, bottom, right = area
            if (top, left) != (bottom, right):
                if len(shape) + area.height * area.width > MAX_PLAIN:
                    return None
                shape.extend((-area.height, -area.width))
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    content = self.content(self._m, (sheet, row, column), (0, 0))  # type: ignore[arg-type]  # likewise
                    if type(content) is not Term or content.logical or content.number is not None:
                        return None
                    shape.append(nodes.setdefault(content.node, len(nodes)))
        return _PlainCells([*nodes], tuple(shape))

    def output(self, cell: Cell) -> int:
        """Return the node of a cell's value. Raises `ExpressionError` for a cell that is not understood."""
        content = self._contents[cell]
        if isinstance(content, Refused):
            raise content.error
        if not isinstance(content, Term):
            raise GraphgradError(f"the value of {cell} is a text", hint="only numbers have derivatives")
        return content.node

    def _line(self, cell: str, text: str) -> int:
        """Add a line to the source, of a cell and what it holds; return where it begins."""
        start = self._length
        self.starts.append(start)
        self.cells_of_lines.append(cell)
        self.lines.append(f"{cell} {text}")
        self._length += len(cell) + len(text) + 2
        return start

    # ---- what formulas are read with: see `Cells`

    def operation(self, op: Op, nodes: tuple[int, ...], span: Span) -> int:
        """Add an operation."""
        key = op, len(nodes)
        item = self._items.get(key)
        if item is None:
            item = self._items[key] = Apply(*key)
        offset = self._offset
        node = self.builder.operation(item, nodes, (span[0] + offset, span[1] + offset))
        if self._log is not None:
            self._log.operations.append((item, nodes, span, node))
        return node

    def constant(self, number: Number, span: Span) -> int:
        """Add a number."""
        return self.builder.constant(number, (span[0] + self._offset, span[1] + self._offset))

    def operation_at(self, node: int) -> tuple[Op, tuple[int, ...]] | None:
        """Return the operation at a node; what is read by it holds for this formula alone."""
        self._log = None
        step = self.builder.step(node)
        return (step.op, step.operands) if step else None

    def number_at(self, node: int) -> Fraction | None:
        """Return the number at a node."""
        number = self.builder.constants.get(node)
        return None if number is None else number.value

    def content(self, m: Arithmetic, cell: Cell, span: Span) -> Content:
        """Return what a cell holds: of a constant, an input."""
        sheet, row, column = cell
        place = self._sheet if not sheet else self._title(sheet, span), row, column
        found = self._contents.get(place, _UNREAD)
        if found is _UNREAD:
            cell = Cell(*place)
            raw = self.book.raw(cell)
            if isinstance(raw, ErrorValue | Formula):  # a formula that is read later is one that is not needed
                held = raw.text if isinstance(raw, ErrorValue) else "a formula that is not read"
                message, hint = f"{cell} holds {held}", "write a number into the cell"
                is_error = held.startswith("#")
                return Refused((CellError if is_error else ExpressionSyntaxError)(message, self._text, span, hint=hint))
            return self._contents.setdefault(cell, self._constant_cell(m, cell, raw))
        content: Content = found
        return content

    def _error(self, message: str, span: Span, hint: str) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(message, self._text, span, hint=hint)

    def _constant_cell(self, m: Arithmetic, cell: Cell, raw: Fraction | int | str | None) -> Content:
        if raw is None or isinstance(raw, str):
            return raw
        name = self.book.names_of_cells.get(cell, str(cell))
        if name in self.input_cells or name in self.builder.bound:
            name = str(cell)
        return Term(m, self._input(name, cell, Fraction(raw)), logical=isinstance(raw, bool))

    def _input(self, name: str, cell: Cell, number: Fraction) -> int:
        start = self._line(str(cell), repr(float(number)))
        self.builder.defaults[name] = number
        self.input_cells[name] = cell
        return self.builder.input(name, (start, start + len(str(cell))))

    def known(self, cell: Cell) -> Fraction | None:
        """Return the number that a cell holds as it is; what is read by it holds for this formula alone."""
        self._log = None
        raw = self.book.raw(cell._replace(sheet=self._title(cell.sheet or self._sheet, (0, 0))))
        return raw if isinstance(raw, Fraction) else None

    def used(self, area: Area, span: Span) -> Area | None:
        """Return the part of an area that lies among filled cells."""
        sheet, *place = area
        return self.book.used(Area(self._title(sheet, span) if sheet else self._sheet, *place))

    def filled(self, area: Area) -> Iterable[Cell]:
        """Yield the cells of an area that hold something; of a small one, all."""
        return self.book.filled(area)

    def named(self, m: Arithmetic, name: str, span: Span) -> Content | Area:
        """Return what a name of the workbook means: cells, or a number, which is an input of that name."""
        meaning = self._meaning(name, self._sheet)
        if meaning is None:
            known = sorted({key for _, key in self.book.names})
            hint = suggestion(name, known, "names are defined in Excel's Name Manager")
            raise UnknownNameError(f"the workbook has no name '{name}'", self._text, span, hint=hint)
        area = area_in(meaning)
        if area is not None:
            return area
        number = exact_number(meaning) if meaning[:1].isdigit() else None
        if number is None:
            message = f"the name '{name}' means {meaning[:60]}, which is neither cells nor a number"
            raise self._error(message, span, "write the formula into a cell, and name the cell")
        node = self.builder.inputs.get(name)
        if node is None:
            self.builder.defaults[name] = number
            start = self._line(name, meaning)
            node = self.builder.input(name, (start, start + len(name)))
        return Term(m, node)

    def _title(self, sheet: str, span: Span) -> str:
        """Return the title of a sheet as the workbook writes it."""
        title = sheet if sheet in self._order else self.book.sheets.get(sheet.casefold())
        if title is None:
            raise missing_sheet(self.book, sheet, self._text, span)
        return title


_UNREAD: Final[Any] = object()


def missing_sheet(book: Book, sheet: str, source: str = "", span: Span = (0, 0)) -> UnknownNameError:
    """Return the error for a sheet that the workbook lacks."""
    titles = [*book.sheets.values()]
    listed = ", ".join(titles[:MAX_NAMES]) + ", …" * (len(titles) > MAX_NAMES)
    hint = suggestion(sheet, titles, f"the sheets are: {listed}")
    return UnknownNameError(f"the workbook has no sheet '{sheet}'", source, span, hint=hint)


def _of_cell(error: ExpressionError, cell: Cell) -> ExpressionError:
    """Return an error with the cell whose formula it is in."""
    marked = getattr(error, "cell", None)
    if marked is not None:
        return error
    told = type(error)(f"{cell}: {error.message}", error.source, error.span, hint=error.hint)
    told.cell = cell  # type: ignore[attr-defined]
    return told
