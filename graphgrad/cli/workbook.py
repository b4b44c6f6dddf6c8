"""Answer for a cell of a workbook: its value, what drives it, and how its cells compare with the values stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.api import text_arguments
from graphgrad.base.errors import GraphgradError
from graphgrad.base.terminal_text import folded
from graphgrad.cli.answer import printed
from graphgrad.cli.unknown_names import OF_VALUES
from graphgrad.namespaces.display import entries
from graphgrad.text.quoted_names import written, written_names

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.api.result import Backprop
    from graphgrad.api.workbook import WorkbookGraph
    from graphgrad.check.report import Report
    from graphgrad.sheets.comparison import Comparison

__all__ = ["SUFFIXES", "CellsCompared", "is_workbook", "read_workbook", "workbook_text"]

SUFFIXES: Final = (".xlsx", ".xlsm")
"""What the names of workbooks end in."""

MAX_PARTIALS: Final = 20
"""The most derivatives that an answer lists; --json has all."""

MAX_REMARKS: Final = 8
"""The most warnings and causes that an answer lists."""

MAX_LISTED: Final = 5
"""The most derivatives that one remark lists."""

REFUSED: Final = {"tree": "--tree", "sql": "--sql", "exact": "--exact"}
"""Options that make no sense for a workbook, which computes with floats."""


class CellsCompared(NamedTuple):
    """A cell of a workbook, what a reader must know of its derivatives, and its cells against the values stored."""

    cell: str
    comparison: Comparison
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the comparison."""
        return str(self.comparison)

    def as_dict(self) -> dict[str, Any]:
        """Return the same as plain data."""
        return {"cell": self.cell, **self.comparison.as_dict(), "notes": list(self.notes)}


def is_workbook(options: argparse.Namespace) -> bool:
    """Whether the command is given a workbook. Raises `GraphgradError` where the cell or the workbook is missing."""
    path = options.expression or ""
    is_file = path.lower().endswith(SUFFIXES)
    if is_file and options.cell is None and options.file is None:
        raise GraphgradError(f"which cell of {path}?", hint=f"name it: graphgrad {path} --cell 'Summary!B10'")
    if options.cell is not None and not path:
        raise GraphgradError("--cell is for a workbook", hint=f"give one: graphgrad model.xlsx --cell '{options.cell}'")
    return options.cell is not None


def read_workbook(options: argparse.Namespace) -> WorkbookGraph:
    """Return the graph of the cell that is asked for; addresses in the options become the names of inputs."""
    from graphgrad.api.workbook import from_workbook

    for dest, flag in REFUSED.items():
        if getattr(options, dest):
            raise GraphgradError(f"{flag} does not go with a workbook", hint="leave it out")
    graph = from_workbook(options.expression, options.cell)
    if options.wrt is not None:
        names = text_arguments.names(options.wrt, "--wrt")
        if any(graph.name_of(name) != name for name in names):
            options.wrt = written_names(map(graph.name_of, names))
    for dest in OF_VALUES:
        setattr(options, dest, [_renamed(graph, text, f"--{dest}") for text in getattr(options, dest)])
    return graph


def _renamed(graph: WorkbookGraph, text: str, option: str) -> str:
    amounts = text_arguments.amounts(text, option)
    if all(graph.name_of(name) == name for name in amounts):
        return text
    return ",".join(f"{written(graph.name_of(name))}={value}" for name, value in amounts.items())


def workbook_text(  # noqa: PLR0913  each is a part of the answer
    graph: WorkbookGraph,
    result: Backprop[Any],
    report: Report,
    explanations: Mapping[str, Explanation],
    uses: Mapping[str, Any],
    *,
    wrote: str | None,
    width: int,
) -> str:
    """Return the answer: the value, the derivatives, what drives the value, the comparison, warnings, the check."""
    name = graph.data.output_name or graph.cell
    told = name if name == graph.cell else f"{name} ({graph.cell})"
    numbers = [f"{told} = {entries(result.value)}"]
    listed = [*result.grad]
    if len(listed) > MAX_PARTIALS:
        listed.sort(key=lambda name: -abs(float(result.grad[name]) * float(result.at[name])))
    numbers += [f"∂/∂{name} = {entries(result.grad[name])}" for name in listed[:MAX_PARTIALS]]
    if len(listed) > MAX_PARTIALS:
        numbers.append(f"and {len(listed) - MAX_PARTIALS:,} more derivatives, which --json lists")
    blocks = ["\n".join(numbers), *map(str, uses.values()), _folded(graph.notes, width)]
    remarks = [*result.warnings, *_causes(graph, result)]
    more = [f"and {len(remarks) - MAX_REMARKS:,} more remarks"] if len(remarks) > MAX_REMARKS else []
    blocks.append(_folded([*remarks[:MAX_REMARKS], *more], width))
    blocks += map(str, explanations.values())
    blocks.append(_folded(str(report).split("\n"), width) if report.rows else "not checked")
    blocks.append(f"wrote {wrote}" if wrote else "")
    return "\n\n".join(printed(block) for block in blocks if block)


def _causes(graph: WorkbookGraph, result: Backprop[Any]) -> Iterator[str]:
    """Yield what made numbers infinite, 0 or huge; the cells that the choices of a cell do not take in one sentence."""
    chooses = {step.target for step in result.passes.tape.steps if step.op.chooses}
    not_taken: dict[str, list[str]] = {}
    for blame in result.blame:
        if blame.state == "zero" and blame.node in chooses and blame.of != "value":
            not_taken.setdefault(graph.data.place(blame.span[0]), []).append(blame.of)
        else:
            yield blame.sentence
    for place, partials in not_taken.items():
        listed = ", ".join(partials[:MAX_LISTED])
        listed += f" and {len(partials) - MAX_LISTED} more" if len(partials) > MAX_LISTED else ""
        yield f"{listed} {'is' if len(partials) == 1 else 'are'} 0 because {place} takes other cells"


def _folded(lines: Iterable[str], width: int) -> str:
    return "\n".join(folded(line, width) for line in lines)
