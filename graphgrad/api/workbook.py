"""Define `from_workbook` and the graph that it returns: a workbook's cell with all that it depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from graphgrad.api.graph import Graph
from graphgrad.base.arguments import path_of, text_of
from graphgrad.base.public import public

if TYPE_CHECKING:
    from pathlib import Path

    from graphgrad.sheets.comparison import Comparison
    from graphgrad.sheets.model import Model

__all__ = ["WorkbookGraph", "from_workbook"]


@public
def from_workbook(path: str | Path, cell: str) -> WorkbookGraph:
    """Return a cell of a workbook as a graph, with the workbook's numbers as defaults of its inputs.

    `path` is a .xlsx or .xlsm file, `cell` an address such as "Summary!B10", or a name that the workbook defines. The
    inputs are the cells with numbers that the cell depends on, by their addresses ("In!E1"), or by their names where
    the workbook has some. Formulas are read, not run, and macros are not looked at. Raises `FileError` where the file
    cannot be read, `LimitError` where it is too large or unpacks to too much, `ExpressionError` for a formula that is
    not understood, with its cell, and `GraphgradError` for a cell without a formula, and for formulas that need each
    other.

    >>> from openpyxl import Workbook
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> book = Workbook()
    >>> book.active.title = "Bill"
    >>> book.active["A1"], book.active["A2"], book.active["A3"] = 100, 1.5, "=A1*A2"
    >>> path = Path(mkdtemp()) / "bill.xlsx"
    >>> book.save(path)
    >>> graph = from_workbook(path, "Bill!A3")
    >>> graph.backprop().grad
    {'Bill!A1': 1.5, 'Bill!A2': 100.0}
    """
    from graphgrad.sheets.model import read_model

    model = read_model(path_of(path, "the file of a workbook"), text_of(cell, "the cell", '"Summary!B10"'))
    return WorkbookGraph(model.graph, model)


@public
@dataclass(frozen=True)
class WorkbookGraph(Graph):
    """The graph of a workbook's cell; it is a `Graph`, and knows the cells.

    >>> graph = from_workbook("examples/plan.xlsx", "npv")
    >>> graph
    <WorkbookGraph of Summary!B10: 36 formulas, 13 inputs>
    >>> round(graph.backprop().grad["price"], 2)
    4145.84
    """

    model: Model = field(repr=False, compare=False)

    @property
    def cell(self) -> str:
        """The address of the cell.

        >>> from_workbook("examples/plan.xlsx", "npv").cell
        'Summary!B10'
        """
        return str(self.model.cell)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the derivatives should know, such as lookups, which are constant between their keys.

        >>> from_workbook("examples/plan.xlsx", "npv").notes[0][:34]
        'Plan!C2, Plan!C3, Plan!C4 and 2 mo'
        """
        return self.model.notes

    def name_of(self, address: str) -> str:
        """Return the name of the input that an address means; a text that means no input is returned as it is.

        Raises `GraphgradError` for what is no text.

        >>> from_workbook("examples/plan.xlsx", "npv").name_of("In!$E$1")
        'price'
        """
        return self.data.name_of(text_of(address, "an address"))

    @cached_property
    def comparison(self) -> Comparison:
        """The values of the cells with formulas, compared with those that the workbook stored.

        Its `differences` have the address of each cell with another value, ours, and the one that was stored.

        >>> print(from_workbook("examples/plan.xlsx", "npv").comparison)
        36 cells have the values that the workbook stored
        """
        from graphgrad.sheets.comparison import compared

        return compared(self.model)

    def __repr__(self) -> str:
        """Return the cell, and the numbers of formulas and of inputs."""
        return f"<WorkbookGraph of {self.cell}: {len(self.model.nodes)} formulas, {len(self.inputs)} inputs>"
