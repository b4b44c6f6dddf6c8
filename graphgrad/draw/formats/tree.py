"""Write a graph as a tree for a terminal, with columns of values and adjoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.closed_passes import for_people, shares_of
from graphgrad.backprop.error_source import share_text
from graphgrad.backprop.passes import Passes
from graphgrad.base.terminal_text import columns, isolated, printable
from graphgrad.draw.view import clipped, view_of
from graphgrad.draw.words import PASSES
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.display import entries, short
from graphgrad.text.greek import GREEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from graphgrad.draw.view import Node, View
    from graphgrad.draw.words import Pass
    from graphgrad.graph.data import GraphData

__all__ = ["MAX_DEPTH", "MAX_LINES", "tree"]

NO_SHARES: Final[Mapping[int, float]] = {}

MAX_LINES: Final = 60
"""The longest tree printed; a line below it says how many nodes are missing."""

MAX_DEPTH: Final = 12
"""The deepest level printed; a branch that goes deeper is cut."""

COLOURS: Final = {"value": "", "adjoint": "\x1b[31m"}
SHADES: Final = ((0.5, "\x1b[1;33m"), (0.1, "\x1b[33m"), (0.0, ""))
"""The colours of a share in the error, by the least share that has it."""

PLAIN: Final = "\x1b[0m"
RAILS: Final = {False: ("├─ ", "│  "), True: ("└─ ", "   ")}
"""The texts before an operand and before the lines below it, by whether it is the last operand."""


class _Branch(NamedTuple):
    """A node to print: the text before its own line, and the text before the lines below it."""

    node: int
    before: str = ""
    below: str = ""
    depth: int = 0


class _Line(NamedTuple):
    """A line of the tree; `node` is None where its numbers were printed further up."""

    text: str
    node: Node | None


def tree(
    source: GraphData | Passes,
    *,
    colour: bool = False,
    passes: Pass = "both",
    values: bool = False,
    shares: Mapping[int, float] = NO_SHARES,
) -> str:
    """Return a graph as a tree, with the output on top and the numbers of the passes in aligned columns.

    With `values`, small arrays are written out instead of their shapes; with `shares`, a column has each node's share
    in the error of the output. A node that is used more than once is printed
    in full the first time, and with an arrow upwards after that.

    >>> from graphgrad import parse
    >>> g = parse("s = 3*x; s*s")
    >>> print(tree(g.backprop({"x": 2}).passes))
              value  adjoint
    ×            36        1
    ├─ s = ×      6       12
    │  ├─ 3       3
    │  └─ x       2       36
    └─ s ↑
    """
    calls = (source.graph if isinstance(source, Passes) else source).calls
    source = for_people(source)
    view = view_of(source)
    shares = shares_of(calls, shares, view.nodes)
    lines = _lines(view, frozenset((source.graph if isinstance(source, Passes) else source).names.values()))
    texts = _padded(["", *(line.text for line in lines)])
    cells = [_column(lines, name, entries if values else _short, colour=colour) for name in _columns(passes)]
    if shares:
        cells.append(_share_column(lines, shares, colour=colour))
    rows = ["  ".join(row).rstrip() for row in zip(texts, *cells, strict=True)]
    return "\n".join([*rows, *_ending(len(view.nodes) - len({line.node.number for line in lines if line.node}))])


def _padded(texts: list[str]) -> list[str]:
    width = max(columns(text) for text in texts)
    return [text + " " * (width - columns(text)) for text in texts]


def _columns(passes: Pass) -> list[str]:
    return [name for name, shown in zip(COLOURS, PASSES[passes], strict=True) if shown]


def _column(lines: list[_Line], name: str, written: Callable[[Any], str], *, colour: bool) -> list[str]:
    cells = [name, *(_number(line.node, name, written) for line in lines)]
    width = max(len(cell) for cell in cells)
    before, after = (COLOURS[name], PLAIN) if colour and COLOURS[name] else ("", "")
    return [" " * (width - len(cell)) + (before + cell + after if cell else "") for cell in cells]


def _share_column(lines: list[_Line], shares: Mapping[int, float], *, colour: bool) -> list[str]:
    written = [
        (share_text(shares[line.node.number]) if line.node and line.node.number in shares else "") for line in lines
    ]
    width = max(map(len, ("error", *written)))
    painted = [
        _painted(" " * (width - len(text)) + text, shares[line.node.number])
        if colour and text and line.node
        else text.rjust(width)
        for text, line in zip(written, lines, strict=True)
    ]
    return ["error".rjust(width), *painted]


def _painted(cell: str, share: float) -> str:
    """Return a cell in the colour of a share in the error."""
    before = next(code for least, code in SHADES if share >= least)
    return f"{before}{cell}{PLAIN}" if before else cell


def _number(node: Node | None, name: str, written: Callable[[Any], str]) -> str:
    number = node and (node.value if name == "value" else node.adjoint)
    return "" if number is None else written(number)


def _ending(missing: int) -> list[str]:
    return [f"… {missing} more node{'s' * (missing != 1)} not shown"] if missing else []


def _lines(view: View, others: frozenset[str]) -> list[_Line]:
    lines: list[_Line] = []
    seen: set[int] = set()
    branches = [_Branch(view.output)]
    while branches and len(lines) < MAX_LINES:
        branch = branches.pop()
        lines.append(_line(view, branch, others, again=branch.node in seen))
        if branch.node not in seen and branch.depth < MAX_DEPTH:
            seen.add(branch.node)
            branches += reversed(list(_below(view, branch)))
    return lines


def _line(view: View, branch: _Branch, others: frozenset[str], *, again: bool) -> _Line:
    node, has_operands = view.nodes[branch.node], bool(view.operands.get(branch.node))
    if again and has_operands:
        return _Line(f"{branch.before}{_name(view, node, others)} ↑", None)
    cut = " …" if branch.depth == MAX_DEPTH and has_operands else ""
    return _Line(branch.before + _text(view, node, others) + cut, node)


def _below(view: View, branch: _Branch) -> Iterator[_Branch]:
    below = view.operands.get(branch.node, ())
    for position, operand in enumerate(below, start=1):
        rail, under = RAILS[position == len(below)]
        yield _Branch(operand, branch.below + rail, branch.below + under, branch.depth + 1)


def _text(view: View, node: Node, others: frozenset[str]) -> str:
    """Return a node's text where it is printed in full."""
    label = isolated(printable(clipped(_read(node.label, others) if node.kind == "input" else node.label)))
    named = node.kind == "operation" and (node.name or view.uses[node.number] > 1)
    return f"{_name(view, node, others)} = {label}" if named else label


def _name(view: View, node: Node, others: frozenset[str]) -> str:
    return isolated(printable(clipped(_read(node.name or view.names[node.number], others))))


def _read(name: str, others: frozenset[str]) -> str:
    """Return a name's Unicode reading, ν for nu and x₁ for x1, where no other name of the program is read so."""
    if not (name.isascii() and name.isidentifier() and (name in GREEK or not name.isalpha())):
        return name
    from graphgrad.printing.latex_names import numbered
    from graphgrad.typeset.plain import name_phrase

    reading = name_phrase(name, frozenset({numbered(name, ())} & others - {name}))
    return name if reading in others else reading


def _short(value: Any) -> str:
    if not is_array(value):
        return short(value)
    from graphgrad.typeset.plain import shape_phrase

    return shape_phrase(value.shape)
