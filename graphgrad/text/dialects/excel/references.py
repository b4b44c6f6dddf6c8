"""Read and write references to cells: `B2`, `$B$2`, `Sheet1!C3`, `'My Sheet'!A1:B3`, `A:A`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BLANK", "LAST_COLUMN", "LAST_ROW", "PATTERN", "SIMPLE", "Area", "Cell", "area_in", "cell_in", "column_name"]

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
"""The size of a sheet."""

CELL: Final = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.!(\[])"
QUOTED: Final = r"'(?:[^'\n]|'')+'"
SHEET: Final = rf"(?:\$?{QUOTED}[!.]|[^\W\d][\w.]*!|\$?[^\W\d]\w*\.(?=\$?[A-Za-z]{{1,3}}\$?[1-9]))"
"""A sheet before a cell, as Excel writes it and as Calc does."""

BLANK: Final = r"[ \t\r\n\u00a0]*"
COLUMN: Final = r"\$?[A-Za-z]{1,3}"
ROW: Final = r"\$?[1-9][0-9]{0,6}"
PATTERN: Final = (
    rf"{SHEET}?(?:{CELL}(?:{BLANK}:{BLANK}(?:{SHEET}|\.)?{CELL})?|{COLUMN}:{COLUMN}(?![\w.(])|{ROW}:{ROW}(?![\w.(]))"
)
"""A reference to a cell, a range, whole columns or whole rows."""

REFERENCE: Final = re.compile(PATTERN)
SIMPLE: Final = re.compile(r"(?:([^\W\d]\w*)!)?\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
"""A cell as most are written, for a fast path."""

WHOLE: Final = re.compile(rf"({SHEET})?(.+)", re.DOTALL)
PARTS: Final = re.compile(r"([A-Z]*)([0-9]*)")
PLAIN_SHEET: Final = re.compile(r"[^\W\d][\w.]*")
LOOKS_LIKE_CELL: Final = re.compile(r"[A-Za-z]{1,3}[0-9]+|[RrCc][0-9]*")


class Cell(NamedTuple):
    """A cell: its sheet, empty where a formula names none, and its row and column, from 1.

    >>> str(Cell("In", 1, 5)), str(Cell("My Sheet", 3, 28)), str(Cell("", 2, 2))
    ('In!E1', "'My Sheet'!AB3", 'B2')
    """

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        """Return its address as Excel writes it."""
        return f"{_before(self.sheet)}{column_name(self.column)}{self.row}"


class Area(NamedTuple):
    """A rectangle of cells; a single cell is one, too.

    >>> area = area_in("In!A2:B$1")
    >>> str(area), [str(cell) for cell in area.cells()]
    ('In!A1:B2', ['In!A1', 'In!B1', 'In!A2', 'In!B2'])
    """

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """How many rows it has."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self.right - self.left + 1

    @property
    def size(self) -> tuple[int, int]:
        """Its height and its width."""
        return self.height, self.width

    @property
    def first(self) -> Cell:
        """The cell at the top left."""
        return Cell(self.sheet, self.top, self.left)

    def cells(self) -> Iterator[Cell]:
        """Yield its cells, row by row."""
        sheet, columns = self.sheet, range(self.left, self.right + 1)
        return (Cell(sheet, row, column) for row in range(self.top, self.bottom + 1) for column in columns)

    def row(self, number: int) -> Area:
        """Return one of its rows, from 0."""
        return self._replace(top=self.top + number, bottom=self.top + number)

    def column(self, number: int) -> Area:
        """Return one of its columns, from 0."""
        return self._replace(left=self.left + number, right=self.left + number)

    def __str__(self) -> str:
        """Return its address as Excel writes it."""
        last = f"{column_name(self.right)}{self.bottom}"
        return str(self.first) if self.height == self.width == 1 else f"{self.first}:{last}"


@lru_cache(maxsize=1 << 16)
def area_in(text: str) -> Area | None:
    """Return the cells that a reference means; None for any other text, and where they are not on one sheet.

    >>> area_in("$b$2"), area_in("A:A").bottom == LAST_ROW, area_in("XFE1")
    (Area(sheet='', top=2, left=2, bottom=2, right=2), True, None)
    """
    simple = SIMPLE.fullmatch(text)
    if simple:
        sheet, letters, digits = simple.groups()
        column, row = _column(letters.upper()), int(digits)
        return Area(sheet or "", row, column, row, column) if row <= LAST_ROW and column <= LAST_COLUMN else None
    if not REFERENCE.fullmatch(text):
        return None
    before, after = _split(text)
    first, _, last = after.partition(":")
    sheet, (other, last) = _sheet(before), _split(last.strip().removeprefix(".") or first)
    if other and _sheet(other).casefold() != sheet.casefold():
        return None
    top, left = _place(first, 1, 1)
    bottom, right = _place(last, LAST_ROW, LAST_COLUMN)
    if max(top, bottom) > LAST_ROW or max(left, right) > LAST_COLUMN:
        return None
    return Area(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def cell_in(text: str) -> Cell | None:
    """Return the cell that a text is the address of, None where it is no address; the sheet needs no quotes.

    >>> cell_in("My Sheet!$b$3"), cell_in("'It''s'!A1"), cell_in("price"), cell_in("A1:A2")
    (Cell(sheet='My Sheet', row=3, column=2), Cell(sheet="It's", row=1, column=1), None, None)
    """
    before, sign, after = text.strip().rpartition("!")
    if not re.fullmatch(CELL, after):
        return None
    area = area_in(after)
    return area and area.first._replace(sheet=_sheet(before + sign) if sign else "")


def _split(text: str) -> tuple[str, str]:
    match = WHOLE.fullmatch(text.strip())
    return (match[1] or "", match[2]) if match else ("", text)


def _sheet(before: str) -> str:
    name = before[:-1].strip().removeprefix("$")
    return name[1:-1].replace("''", "'") if name[:1] == name[-1:] == "'" else name


def _place(text: str, row: int, column: int) -> tuple[int, int]:
    """Return a place's row and column; these where the text names none."""
    match = PARTS.fullmatch(text.replace("$", "").strip().upper())
    letters, digits = match.groups() if match else ("", "")
    return int(digits) if digits else row, _column(letters) if letters else column


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


@lru_cache(maxsize=1024)
def column_name(number: int) -> str:
    """Return the letters of a column.

    >>> column_name(1), column_name(26), column_name(27), column_name(16_384)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


@lru_cache(maxsize=256)
def _before(sheet: str) -> str:
    """Return a sheet's name as it stands before a cell: in quotes where Excel would read anything else."""
    if not sheet:
        return ""
    plain = PLAIN_SHEET.fullmatch(sheet) and not LOOKS_LIKE_CELL.fullmatch(sheet)
    quoted = sheet.replace("'", "''")
    return f"{sheet}!" if plain else f"'{quoted}'!"
