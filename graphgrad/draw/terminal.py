"""The graph as a tree of text, values and adjoints in columns beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.console import columns, printable
from graphgrad.draw.parts import clipped, operands, used
from graphgrad.numerals import entries, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import networkx as nx

__all__ = ["MAX_DEPTH", "MAX_LINES", "tree"]

MAX_LINES: Final = 60
"""The longest tree printed; a line below it says how many nodes are missing."""

MAX_DEPTH: Final = 12
"""How far the tree leans to the right before a branch is cut."""

COLUMNS: Final = {"forward": ("value",), "backward": ("adjoint",), "both": ("value", "adjoint")}
COLOURS: Final = {"value": "", "adjoint": "\x1b[31m"}
PLAIN: Final = "\x1b[0m"
RAILS: Final = {False: ("├─ ", "│  "), True: ("└─ ", "   ")}
"""What stands before an operand and before what is below it, by whether it is the last one."""


class _Branch(NamedTuple):
    """A node to be drawn: what stands before its own line, and before the lines below it."""

    node: int
    before: str = ""
    below: str = ""
    depth: int = 0


class _Line(NamedTuple):
    """A line of the tree; `node` is None where its numbers stand further up."""

    text: str
    node: int | None


def tree(dag: nx.MultiDiGraph[int], *, colour: bool = False, passes: str = "both", values: bool = False) -> str:
    """Return the graph as a tree, its output on top, with the numbers of the passes in aligned columns.

    With `values`, small arrays are written out, of which else the shape is. A node used more than once stands there in
    full the first time, and with an arrow upwards after that.

    >>> from graphgrad import parse
    >>> print(tree(parse("s = 3*x; s*s").backprop({"x": 2}).dag))
              value  adjoint
    ×            36        1
    ├─ s = ×      6       12
    │  ├─ 3       3
    │  └─ x       2       36
    └─ s ↑
    """
    lines = _lines(dag)
    texts = _padded(["", *(line.text for line in lines)])
    cells = [_column(dag, lines, name, entries if values else short, colour=colour) for name in COLUMNS[passes]]
    rows = ["  ".join(row).rstrip() for row in zip(texts, *cells, strict=True)]
    return "\n".join([*rows, *_ending(len(used(dag)) - len({line.node for line in lines} - {None}))])


def _padded(texts: list[str]) -> list[str]:
    width = max(columns(text) for text in texts)
    return [text + " " * (width - columns(text)) for text in texts]


def _column(
    dag: nx.MultiDiGraph[int], lines: list[_Line], name: str, written: Callable[[Any], str], *, colour: bool
) -> list[str]:
    cells = [name, *(_number(dag, line.node, name, written) for line in lines)]
    width = max(len(cell) for cell in cells)
    before, after = (COLOURS[name], PLAIN) if colour and COLOURS[name] else ("", "")
    return [" " * (width - len(cell)) + (before + cell + after if cell else "") for cell in cells]


def _number(dag: nx.MultiDiGraph[int], node: int | None, name: str, written: Callable[[Any], str]) -> str:
    number = None if node is None else dag.nodes[node].get(name)
    return "" if number is None else written(number)


def _ending(missing: int) -> list[str]:
    return [f"… {missing} more node{'s' * (missing != 1)} not shown"] if missing else []


def _lines(dag: nx.MultiDiGraph[int]) -> list[_Line]:
    lines: list[_Line] = []
    met: set[int] = set()
    branches = [_Branch(dag.graph["output"])]
    while branches and len(lines) < MAX_LINES:
        branch = branches.pop()
        lines.append(_line(dag, branch, again=branch.node in met))
        if branch.node not in met and branch.depth < MAX_DEPTH:
            met.add(branch.node)
            branches += reversed(list(_below(dag, branch)))
    return lines


def _line(dag: nx.MultiDiGraph[int], branch: _Branch, *, again: bool) -> _Line:
    if again and dag.in_degree(branch.node):
        return _Line(f"{branch.before}{_name(dag, branch.node)} ↑", None)
    cut = " …" if branch.depth == MAX_DEPTH and dag.in_degree(branch.node) else ""
    return _Line(branch.before + _text(dag, branch.node) + cut, branch.node)


def _below(dag: nx.MultiDiGraph[int], branch: _Branch) -> Iterator[_Branch]:
    below = operands(dag, branch.node)
    for position, operand in enumerate(below, start=1):
        rail, under = RAILS[position == len(below)]
        yield _Branch(operand, branch.below + rail, branch.below + under, branch.depth + 1)


def _text(dag: nx.MultiDiGraph[int], node: int) -> str:
    """Return what a node is called where it stands in full."""
    attributes: dict[str, Any] = dag.nodes[node]
    label = printable(clipped(attributes["label"]))
    if attributes["kind"] != "operation":
        return label
    named = attributes["name"] or dag.out_degree(node) > 1
    return f"{_name(dag, node)} = {label}" if named else label


def _name(dag: nx.MultiDiGraph[int], node: int) -> str:
    return printable(clipped(dag.nodes[node]["name"] or f"v{node}"))
