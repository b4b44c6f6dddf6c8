"""Say which input of a workbook's graph a name or an address means, why a text means none, and where a node is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Final

from graphgrad.base.suggestion import suggestion
from graphgrad.sheets.book import ErrorValue, Formula
from graphgrad.text.dialects.excel.references import Cell, cell_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.sheets.book import Book

__all__ = ["CellNames"]

MAX_NAMES: Final = 10
"""The most inputs that an error lists."""

MAX_QUOTED: Final = 40
"""The most characters that are quoted of a text in a cell."""


@dataclass(frozen=True)
class CellNames:
    """The names of a graph's inputs, with their cells, and the cells that the lines of its text are of.

    `starts` are the places at which the lines begin.
    """

    book: Book = field(repr=False)
    cell: Cell
    inputs: Sequence[str]
    cells: Mapping[str, Cell]
    starts: Sequence[int] = field(repr=False)
    lines: Sequence[str] = field(repr=False)

    @cached_property
    def _by_cell(self) -> dict[Cell, str]:
        return {self.cells[name]: name for name in self.inputs if name in self.cells}

    @cached_property
    def _by_case(self) -> dict[str, str]:
        return {name.casefold(): name for name in self.inputs}

    def name_of(self, text: str) -> str:
        """Return the name of the input that an address or a name means; the text itself where it means none."""
        cell = None if text in self.cells else cell_in(text)
        if cell is None:
            return self._by_case.get(text.casefold(), text)
        title = self.book.sheets.get((cell.sheet or self.cell.sheet).casefold(), "")
        return self._by_cell.get(cell._replace(sheet=title), text)

    def place(self, start: int) -> str:
        """Return the cell that a place of the text is in."""
        return self.lines[max(bisect_right(self.starts, start) - 1, 0)]

    def refusal(self, text: str) -> tuple[str, str]:
        """Return the message and the hint for a text that means no input."""
        cell = cell_in(text)
        return f"{cell or repr(text)} is not an input of {self.cell}", self._of_name(
            text
        ) if cell is None else self._of(cell)

    def _of_name(self, text: str) -> str:
        meaning = self.book.names.get(("", text.strip().casefold()))
        if meaning is not None:
            return f"it means {meaning}: name a cell that holds a number"
        listed = ", ".join(self.inputs[:MAX_NAMES]) + ", …" * (len(self.inputs) > MAX_NAMES)
        return suggestion(text, self.inputs, f"the inputs are: {listed}" if listed else "it has no inputs")

    def _of(self, cell: Cell) -> str:
        """Return what a cell holds, or which one was meant."""
        if not cell.sheet:
            places = [other for other in self._by_case.values() if self.cells.get(other, cell)[1:] == cell[1:]]
            found = [str(self.cells[name]) for name in places if name in self.cells]
            return (
                f"did you mean {' or '.join(found[:2])}?" if found else self._held(cell._replace(sheet=self.cell.sheet))
            )
        if cell.sheet.casefold() not in self.book.sheets:
            similar = get_close_matches(cell.sheet.casefold(), self.book.sheets, 1)
            titles = ", ".join([*self.book.sheets.values()][:MAX_NAMES])
            meant = cell._replace(sheet=self.book.sheets[similar[0]]) if similar else None
            return f"did you mean {meant}?" if meant else f"the sheets are: {titles}"
        return self._held(cell._replace(sheet=self.book.sheets[cell.sheet.casefold()]))

    def _held(self, cell: Cell) -> str:
        raw = self.book.raw(cell)
        if raw is None:
            return f"{cell} is blank"
        if isinstance(raw, Formula):
            return f"{cell} holds a formula: name the cells with numbers that it is computed from"
        if isinstance(raw, str):
            return f'{cell} holds the text "{raw[:MAX_QUOTED]}"'
        return f"{cell} holds {raw.text}" if isinstance(raw, ErrorValue) else f"{self.cell} does not depend on {cell}"
