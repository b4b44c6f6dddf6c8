"""Read a workbook by openpyxl: the formulas of its cells, the values that were stored with them, and its names."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.base.extras import install
from graphgrad.sheets.zip_limits import PACKED, workbook_bytes
from graphgrad.text.dialects.excel.references import Area, Cell, area_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Book", "ErrorValue", "Formula", "open_book"]

FAULTS: Final = (KeyError, TypeError, AttributeError, IndexError, SyntaxError, *PACKED)
"""What openpyxl raises for parts that are missing or wrong; XML that is not well formed is a `SyntaxError`."""


class Formula(NamedTuple):
    """A formula, with its equals sign, and whether it was entered as an array formula."""

    text: str
    array: bool = False


class ErrorValue(NamedTuple):
    """An error such as #N/A that a cell holds, or why it cannot be read."""

    text: str


Raw = Formula | ErrorValue | Fraction | bool | str | None
"""What a cell holds."""


def open_book(path: str | Path) -> Book:
    """Open a workbook. Nothing in it is run, and macros are not looked at.

    Raises `GraphgradError` where openpyxl is not installed, `FileError` where the file is no workbook, and `LimitError`
    where it is too large.
    """
    try:
        import openpyxl  # noqa: F401  to say what is missing before the file is read
    except ImportError:
        raise GraphgradError("workbooks need openpyxl, which is not installed", hint=install("xlsx")) from None
    return Book(str(path), workbook_bytes(path))


@dataclass(frozen=True)
class Book:
    """A workbook: what its cells hold, by address."""

    path: str
    data: bytes = field(repr=False)

    def __reduce__(self) -> tuple[type[Book], tuple[str, bytes]]:
        """Return what pickle takes: the file, which is read again when it is needed."""
        return Book, (self.path, self.data)

    def _load(self, *, values: bool) -> Any:
        import openpyxl

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what openpyxl leaves out: charts, validation
                # A sheet that openpyxl reads on its own has a cell for each place of a merged area, and its pictures.
                return openpyxl.load_workbook(BytesIO(self.data), read_only=True, data_only=values, keep_links=False)
        except FAULTS as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> FileError:
        message = f"cannot read {self.path!r}: {type(error).__name__}: {str(error)[:200]}"
        return FileError(message, hint="open it in Excel or Calc and save it anew")

    @cached_property
    def _formulas(self) -> Any:
        return self._load(values=False)

    @cached_property
    def _values(self) -> Any:
        return self._load(values=True)

    @cached_property
    def sheets(self) -> dict[str, str]:
        """The titles of the sheets with cells, by the title in lower case."""
        return {sheet.title.casefold(): sheet.title for sheet in self._formulas.worksheets}

    @cached_property
    def order(self) -> dict[str, int]:
        """The places of the sheets, by their titles."""
        return {title: place for place, title in enumerate(self.sheets.values())}

    @cached_property
    def _scanned(self) -> dict[str, _Sheet]:
        return {sheet.title: _scan(sheet.title, self._cells(sheet)) for sheet in self._formulas.worksheets}

    @cached_property
    def _stored(self) -> dict[str, dict[tuple[int, int], _Held]]:
        return {sheet.title: dict(self._cells(sheet)) for sheet in self._values.worksheets}

    def _cells(self, sheet: Any) -> Iterator[tuple[tuple[int, int], _Held]]:
        """Yield the cells of a sheet that hold something, by row and column."""
        from openpyxl.worksheet._reader import WorkSheetParser

        book, new = sheet.parent, tuple.__new__
        formats = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}  # noqa: SLF001  reading rows itself makes a cell for each place
        try:
            with warnings.catch_warnings(), sheet._get_source() as source:  # noqa: SLF001  reading rows itself makes a cell for each place
                warnings.simplefilter("ignore")
                strings = sheet._shared_strings  # noqa: SLF001  reading rows itself makes a cell for each place
                parser = WorkSheetParser(source, strings, data_only=book.data_only, epoch=book.epoch, **formats)
                for _, row in parser.parse():
                    for cell in row:
                        if cell["value"] is not None:
                            yield (cell["row"], cell["column"]), new(_Held, (cell["value"], cell["data_type"]))
        except FAULTS as error:
            raise self._unreadable(error) from None

    def raw(self, cell: Cell) -> Raw:
        """Return what a cell holds: a formula, a number, a truth value, a text, an error, or None."""
        sheet = self._scanned[cell.sheet]
        found = sheet.cells.get((cell.row, cell.column))
        if found is None:
            return None
        if isinstance(found, Formula | ErrorValue):
            return found
        area = sheet.results.get((cell.row, cell.column))
        if area is not None:
            return ErrorValue(f"one of the results of the formula over {area}")
        return _plain(found, self._formulas.epoch)

    def cached(self, cell: Cell) -> Raw:
        """Return the value that was stored with a cell's formula: as `raw`, None where there is none."""
        found = self._stored[cell.sheet].get((cell.row, cell.column))
        return None if found is None else _plain(found, self._values.epoch)

    def formulas_in(self, area: Area) -> list[Cell]:
        """Return the cells of an area that hold formulas, in the order of rows."""
        sheet = self._scanned[area.sheet]
        if area[1:3] == area[3:]:
            place = area[1:3]
            return [Cell(area.sheet, *place)] if place in sheet.formulas else []
        if area.height * area.width <= len(sheet.formulas):
            places = (
                (row, column) for row in range(area.top, area.bottom + 1) for column in range(area.left, area.right + 1)
            )
            return [Cell(area.sheet, *place) for place in places if place in sheet.formulas]
        return [cell for place in sheet.formulas if _holds(area, cell := Cell(area.sheet, *place))]

    def filled(self, area: Area) -> Iterable[Cell]:
        """Yield the cells of an area that hold something, row by row; of a small one, all."""
        cells = self._scanned[area.sheet].cells
        if area.height * area.width <= len(cells):
            return area.cells()
        return (cell for place in cells if _holds(area, cell := Cell(area.sheet, *place)))

    def used(self, area: Area) -> Area | None:
        """Return the part of an area that lies among the cells that hold something, None where there is none."""
        bottom, right = self._scanned[area.sheet].last
        if area.bottom <= bottom and area.right <= right:
            return area
        cut = area._replace(bottom=min(area.bottom, bottom), right=min(area.right, right))
        return cut if cut.top <= cut.bottom and cut.left <= cut.right else None

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """What the workbook's own names mean, by the sheet that they are for, or "", and the name in lower case."""
        names = {("", name.casefold()): found.attr_text for name, found in self._formulas.defined_names.items()}
        for sheet in self._formulas.worksheets:
            names |= {(sheet.title, name.casefold()): found.attr_text for name, found in sheet.defined_names.items()}
        return {key: (text or "").removeprefix("=") for key, text in names.items()}

    @cached_property
    def names_of_cells(self) -> dict[Cell, str]:
        """The names that mean one cell, as they are written, by the cell; the first one of several."""
        found: dict[Cell, str] = {}
        for name, defined in self._formulas.defined_names.items():
            area = area_in((defined.attr_text or "").removeprefix("="))
            if area is None or area.height * area.width != 1 or area.sheet.casefold() not in self.sheets:
                continue
            found.setdefault(area.first._replace(sheet=self.sheets[area.sheet.casefold()]), name)
        return found


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells of a sheet by row and column: formulas, and what others hold; where formulas have other results."""

    cells: dict[tuple[int, int], Any]
    formulas: dict[tuple[int, int], None]
    results: dict[tuple[int, int], Area]
    last: tuple[int, int]


class _Held(NamedTuple):
    """What a cell holds, and openpyxl's letter for its type."""

    value: Any
    data_type: str


def _scan(title: str, found: Iterable[tuple[tuple[int, int], _Held]]) -> _Sheet:
    cells: dict[tuple[int, int], Any] = {}
    formulas: dict[tuple[int, int], None] = {}
    areas = []
    for place, cell in found:
        cells[place] = cell
        if cell.data_type == "f":
            cells[place], area = _formula(cell.value, title)
            areas.extend([area] if area else [])
            if isinstance(cells[place], Formula):
                formulas[place] = None
    last = max((row for row, _ in cells), default=1), max((column for _, column in cells), default=1)
    cells = dict(sorted(cells.items()))
    results = {place: area for area in reversed(areas) for place in _places(area, cells)}
    return _Sheet(cells, dict.fromkeys(sorted(formulas)), results, last)


def _places(area: Area, cells: Mapping[tuple[int, int], Any]) -> Iterator[tuple[int, int]]:
    """Yield the places of an area; of a large one, those of its cells that hold something."""
    if area.height * area.width <= len(cells):
        return product(range(area.top, area.bottom + 1), range(area.left, area.right + 1))
    return (place for place in cells if _holds(area, Cell(area.sheet, *place)))


def _formula(value: Any, title: str) -> tuple[Formula | ErrorValue, Area | None]:
    """Return a formula, and the cells that its results are in if these are several."""
    if isinstance(value, str):
        return Formula(value), None
    area = area_in(value.ref)
    area = area and area._replace(sheet=title)
    if not hasattr(value, "text"):
        return ErrorValue("a table of what-if analysis"), area
    text = value.text or ""
    several = area is not None and area.height * area.width > 1
    return Formula(text if text.startswith("=") else f"={text}", array=True), area if several else None


def _holds(area: Area, cell: Cell) -> bool:
    return area.top <= cell.row <= area.bottom and area.left <= cell.column <= area.right


def _plain(cell: _Held, epoch: dt.datetime) -> Raw:
    """Return a value as Excel computes with it: a date is the number of days since the workbook's first one."""
    value = cell.value
    if isinstance(value, bool) or value is None:
        return value
    if cell.data_type == "e":
        return ErrorValue(str(value))
    if isinstance(value, int | float):
        return Fraction(value) if isinstance(value, int) else Fraction(repr(value))
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        from openpyxl.utils.datetime import to_excel

        return Fraction(repr(float(to_excel(value, epoch))))
    return str(value)
