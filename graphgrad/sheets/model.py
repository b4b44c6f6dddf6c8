"""Read a cell of a workbook with all that it depends on as a graph."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.base.suggestion import suggestion
from graphgrad.sheets.book import open_book
from graphgrad.sheets.cells import CellReader, missing_sheet
from graphgrad.sheets.dependencies import evaluation_order
from graphgrad.sheets.names import CellNames
from graphgrad.tape.tape import needed
from graphgrad.text.dialects.excel.references import Cell, area_in, cell_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphgrad.graph.data import GraphData
    from graphgrad.sheets.book import Book

__all__ = ["Model", "read_model"]

MAX_NOTED: Final = 3
"""The most cells that a note names."""


@dataclass(frozen=True)
class Model:
    """A workbook's cell as a graph; `nodes` are those of the cells with formulas, `input_cells` the cells of inputs."""

    book: Book = field(repr=False)
    cell: Cell
    graph: GraphData = field(repr=False)
    nodes: dict[Cell, int] = field(repr=False)
    input_cells: dict[str, Cell] = field(repr=False)
    notes: tuple[str, ...] = ()


def read_model(path: str | Path, cell: str) -> Model:
    """Return a cell of a workbook as a graph; `cell` is an address, such as "Summary!B10", or a name of the workbook.

    Raises `FileError` and `LimitError` for the file, and `GraphgradError` for a cell that holds no formula, for
    formulas that need each other, and for what is not understood.
    """
    book = open_book(path)
    wanted = _wanted(book, cell)
    with collector_paused():
        reader = CellReader(book)
        for each in evaluation_order(wanted, lambda cell: dict.fromkeys(reader.precedents(cell))):
            reader.read(each)
        graph = _graph(reader, reader.output(wanted), wanted)
    return Model(book, wanted, graph, reader.nodes, reader.input_cells, _notes(reader.notes))


def _graph(reader: CellReader, output: int, wanted: Cell) -> GraphData:
    """Return the graph; its inputs are those that the output needs, in the order of the workbook."""
    reader.builder.source = "\n".join(reader.lines)
    graph = reader.builder.graph(output, reader.book.names_of_cells.get(wanted, str(wanted)))
    steps = needed(len(graph.spans), graph.steps, (output,))
    used = {operand for step in steps for operand in step.operands} | {output}
    places = {name: _place(reader, name) for name, node in graph.nodes.items() if node in used}
    names = sorted(places, key=places.__getitem__)
    nodes = {name: graph.nodes[name] for name in names}
    return replace(
        graph,
        inputs=tuple(names),
        nodes=nodes,
        defaults={name: graph.defaults[name] for name in names},
        cells=CellNames(reader.book, wanted, names, reader.input_cells, reader.starts, reader.cells_of_lines),
    )


def _place(reader: CellReader, name: str) -> tuple[int, int, int]:
    cell = reader.input_cells.get(name)
    return (-1, 0, 0) if cell is None else (reader.book.order[cell.sheet], cell.row, cell.column)


def _wanted(book: Book, text: str) -> Cell:
    """Return the cell that is asked for. Raises `GraphgradError` where it is none."""
    cell = cell_in(text)
    if cell is None:
        area = area_in(book.names.get(("", text.strip().casefold()), ""))
        if area is None or area.height * area.width > 1:
            known = [*book.names_of_cells.values()]
            hint = suggestion(text, known, "write a sheet and a cell: 'Summary!B10'")
            raise GraphgradError(f"{text!r} is no cell of the workbook", hint=hint)
        cell = area.first
    if not cell.sheet:
        if len(book.sheets) > 1:
            titles = [*book.sheets.values()][:2]
            either = " or ".join(f"'{title}!{cell}'" for title in titles)  # a shell reads "!" within double quotes
            raise GraphgradError(f"{text!r} is on which sheet?", hint=f"write {either}")
        return cell._replace(sheet=next(iter(book.sheets.values())))
    if cell.sheet.casefold() not in book.sheets:
        raise missing_sheet(book, cell.sheet)
    return cell._replace(sheet=book.sheets[cell.sheet.casefold()])


def _notes(notes: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(f"{_listed(cells)}: {note}" for note, cells in notes.items())


def _listed(cells: Iterable[str]) -> str:
    names = [*cells]
    more = len(names) - MAX_NOTED
    return ", ".join(names[:MAX_NOTED]) + (f" and {more} more" if more > 0 else "")
