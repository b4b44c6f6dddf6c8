"""Compare the values of a graph's cells with those that the workbook stored with their formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.notebook import Block, Shown, Table
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.namespace import Fault
from graphgrad.sheets.book import ErrorValue
from graphgrad.sheets.cells import CellReader
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.sheets.model import Model

__all__ = ["CellDifference", "Comparison", "compared"]

CLOSE: Final = 1e-9
"""How far two values may be apart, relative to the largest number in the formula: spreadsheets store 15 digits."""

OF_TEXTS: Final = [-1.0, 0.0]
"""The quotient that stands for a text."""

MAX_ROWS: Final = 20
"""The most differences that a report lists."""


@public
@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell with another value than the workbook stored: `ours`, and `stored`; either may be an error.

    >>> CellDifference("Summary!B10", 715.0, 700.0).stored
    700.0
    """

    cell: str
    ours: float | str
    stored: float | str

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data.

        >>> CellDifference("Summary!B10", 715.0, 700.0).as_dict()
        {'cell': 'Summary!B10', 'ours': 715.0, 'stored': 700.0}
        """
        return {"cell": self.cell, "ours": self.ours, "stored": self.stored}


@public
@dataclass(frozen=True, slots=True)
class Comparison(Shown):
    """How many cells have the value that the workbook stored, which have another one, and how many have none stored.

    >>> print(Comparison(12, (), 0))
    12 cells have the values that the workbook stored
    """

    compared: int
    differences: tuple[CellDifference, ...]
    without: int

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data.

        >>> Comparison(12, (), 3).as_dict()
        {'compared': 12, 'differences': [], 'without': 3}
        """
        differences = [difference.as_dict() for difference in self.differences]
        return {"compared": self.compared, "differences": differences, "without": self.without}

    def __str__(self) -> str:
        """Return a sentence, and a table of the differences."""
        return self._plain()

    def _blocks_(self) -> Iterable[Block]:
        same = self.compared - len(self.differences)
        if not self.compared:
            return ["the workbook stored no values with its formulas: open it in Excel or Calc, and save it"]
        sentence = f"{_having(same)} the value{'s' * (same != 1)} that the workbook stored"
        if self.without:
            sentence += f"; {_having(self.without)} none stored"
        if not self.differences:
            return [sentence]
        rows = [[row.cell, _shown(row.ours), _shown(row.stored)] for row in self.differences[:MAX_ROWS]]
        more = len(self.differences) - len(rows)
        head = f"{_having(len(self.differences))} another one:"
        return [sentence, head, Table(["", "here", "stored"], rows), *([f"and {more} more"] if more else [])]


def _having(count: int) -> str:
    return "1 cell has" if count == 1 else f"{count:,} cells have"


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else short(value)


def compared(model: Model) -> Comparison:
    """Return how the values of cells at the workbook's own inputs compare with those that were stored."""
    defaults = {name: float(x) for name, x in model.graph.defaults.items() if not isinstance(x, tuple)}
    registers = forward(lower(model.graph), FLOATS.namespace, defaults)
    values = {cell: registers[node] for cell, node in model.nodes.items()}
    sizes = {cell: abs(value) for cell, value in values.items() if isinstance(value, float)}
    sizes |= {cell: abs(defaults[name]) for name, cell in model.input_cells.items() if name in defaults}
    reader = CellReader(model.book)
    differences, count, without = [], 0, 0
    for cell, value in values.items():
        if value is None:
            continue  # the wanted cell does not need it
        stored = model.book.cached(cell)
        if stored is None:
            without += 1
            continue
        count += 1
        if _agree(value, stored, sizes.get(cell, 0.0)):
            continue
        if not _agree(value, stored, max((sizes.get(other, 0.0) for other in reader.reads(cell)), default=0.0)):
            differences.append(CellDifference(str(cell), _plain(value), _plain(stored)))
    return Comparison(count, tuple(differences), without)


def _agree(ours: Any, stored: Any, scale: float) -> bool:
    if isinstance(ours, Fault) and [*ours.operands] == OF_TEXTS:
        return isinstance(stored, str)
    if isinstance(ours, Fault) or isinstance(stored, ErrorValue | str):
        return isinstance(ours, Fault) and isinstance(stored, ErrorValue)
    return abs(float(ours) - float(stored)) <= CLOSE * max(scale, abs(float(stored)))


def _plain(value: Any) -> float | str:
    if isinstance(value, Fault):
        return value.reason
    return value.text if isinstance(value, ErrorValue) else value if isinstance(value, str) else float(value)
