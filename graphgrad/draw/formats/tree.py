"""The graph as a tree of text, values and adjoints in columns beside it."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.terminal_text import columns, printable
from graphgrad.draw.scene.graph_queries import clipped
from graphgrad.graph.data import attributes_of
from graphgrad.namespaces.display import entries, short
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData

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


class _Plan:
    """What the tree asks of a graph and of what was found on it, without the graph for networkx, which may be large."""

    def __init__(self, graph: GraphData, found: Passes | None) -> None:
        steps = (found.tape if found else lower(graph)).steps
        self.graph, self.found = graph, found
        self.steps = {step.target: step for step in steps}
        self.uses = Counter(chain.from_iterable(step.operands for step in steps))
        self.used = self.uses.keys() | {graph.output}

    def operands(self, node: int) -> tuple[int, ...]:
        return self.steps[node].operands if node in self.steps else ()

    def attributes(self, node: int) -> dict[str, Any]:
        return attributes_of(self.graph, node, self.steps[node].op if node in self.steps else None)

    def number(self, node: int, name: str) -> Any:
        if self.found is None:
            return None
        number = self.found.values[node] if name == "value" else self.found.found.adjoints.get(node)
        return None if isinstance(number, Fault) else number


def tree(
    graph: GraphData,
    found: Passes | None = None,
    *,
    colour: bool = False,
    passes: str = "both",
    values: bool = False,
) -> str:
    """Return the graph as a tree, its output on top, with the numbers of the passes in aligned columns.

    With `values`, small arrays are written out, of which else the shape is. A node used more than once stands there in
    full the first time, and with an arrow upwards after that.

    >>> from graphgrad import parse
    >>> g = parse("s = 3*x; s*s")
    >>> print(tree(g.data, g.backprop({"x": 2}).passes))
              value  adjoint
    ×            36        1
    ├─ s = ×      6       12
    │  ├─ 3       3
    │  └─ x       2       36
    └─ s ↑
    """
    plan = _Plan(graph, found)
    lines = _lines(plan)
    texts = _padded(["", *(line.text for line in lines)])
    cells = [_column(plan, lines, name, entries if values else short, colour=colour) for name in COLUMNS[passes]]
    rows = ["  ".join(row).rstrip() for row in zip(texts, *cells, strict=True)]
    return "\n".join([*rows, *_ending(len(plan.used) - len({line.node for line in lines} - {None}))])


def _padded(texts: list[str]) -> list[str]:
    width = max(columns(text) for text in texts)
    return [text + " " * (width - columns(text)) for text in texts]


def _column(plan: _Plan, lines: list[_Line], name: str, written: Callable[[Any], str], *, colour: bool) -> list[str]:
    cells = [name, *(_number(plan, line.node, name, written) for line in lines)]
    width = max(len(cell) for cell in cells)
    before, after = (COLOURS[name], PLAIN) if colour and COLOURS[name] else ("", "")
    return [" " * (width - len(cell)) + (before + cell + after if cell else "") for cell in cells]


def _number(plan: _Plan, node: int | None, name: str, written: Callable[[Any], str]) -> str:
    number = None if node is None else plan.number(node, name)
    return "" if number is None else written(number)


def _ending(missing: int) -> list[str]:
    return [f"… {missing} more node{'s' * (missing != 1)} not shown"] if missing else []


def _lines(plan: _Plan) -> list[_Line]:
    lines: list[_Line] = []
    met: set[int] = set()
    branches = [_Branch(plan.graph.output)]
    while branches and len(lines) < MAX_LINES:
        branch = branches.pop()
        lines.append(_line(plan, branch, again=branch.node in met))
        if branch.node not in met and branch.depth < MAX_DEPTH:
            met.add(branch.node)
            branches += reversed(list(_below(plan, branch)))
    return lines


def _line(plan: _Plan, branch: _Branch, *, again: bool) -> _Line:
    if again and plan.operands(branch.node):
        return _Line(f"{branch.before}{_name(plan, branch.node)} ↑", None)
    cut = " …" if branch.depth == MAX_DEPTH and plan.operands(branch.node) else ""
    return _Line(branch.before + _text(plan, branch.node) + cut, branch.node)


def _below(plan: _Plan, branch: _Branch) -> Iterator[_Branch]:
    below = plan.operands(branch.node)
    for position, operand in enumerate(below, start=1):
        rail, under = RAILS[position == len(below)]
        yield _Branch(operand, branch.below + rail, branch.below + under, branch.depth + 1)


def _text(plan: _Plan, node: int) -> str:
    """Return what a node is called where it stands in full."""
    attributes = plan.attributes(node)
    label = printable(clipped(attributes["label"]))
    if attributes["kind"] != "operation":
        return label
    named = attributes["name"] or plan.uses[node] > 1
    return f"{_name(plan, node)} = {label}" if named else label


def _name(plan: _Plan, node: int) -> str:
    return printable(clipped(plan.attributes(node)["name"] or f"v{node}"))
