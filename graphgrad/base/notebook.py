"""Show a result in a notebook: its lines of text as paragraphs, its tables as tables, in the notebook's own colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.base.terminal_text import aligned, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Block", "Shown", "Table", "as_html", "as_markdown", "as_text"]

ESCAPES: Final = {ord(character): f"\\{character}" for character in r"\`*_{}[]<>#|~$&"}
"""What Markdown has a meaning for, and what is written instead."""

LEFT, RIGHT = ' style="text-align: left"', ' style="text-align: right"'


class Table(NamedTuple):
    """A table: its head and its rows of cells; the first `left` columns are flush left, the others flush right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1


Block = str | Table
"""A line of text, empty between two parts, or a table."""


class Shown:
    """A result that notebooks show by its blocks."""

    __slots__ = ()

    def _blocks_(self) -> Iterable[Block]:
        raise NotImplementedError

    def _plain(self) -> str:
        return as_text(self._blocks_())

    def _repr_html_(self) -> str:
        return as_html(self._blocks_())

    def _repr_markdown_(self) -> str:
        return as_markdown(self._blocks_())

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the result as text, Markdown and HTML; without it, the text would be that of a dataclass."""
        return {"text/plain": self._plain(), "text/markdown": self._repr_markdown_(), "text/html": self._repr_html_()}


def as_text(blocks: Iterable[Block]) -> str:
    """Return blocks as lines of text, tables aligned.

    >>> print(as_text(["value = 6", "", Table(["", "derivative"], [["x", "2"]])]))
    value = 6
    <BLANKLINE>
       derivative
    x           2
    """
    return "\n".join(aligned([block.head, *block.rows]) if isinstance(block, Table) else block for block in blocks)


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML without colours, so that it suits light and dark notebooks.

    >>> as_html(["a < b", "", Table(["", "value"], [["x", "2"]])]).splitlines()[:2]
    ['<p>a &lt; b</p>', '<table>']
    """
    return "\n".join(_table_html(block) if isinstance(block, Table) else _paragraph(block) for block in blocks if block)


def _paragraph(text: str) -> str:
    from html import escape

    lines = (escape(printable(line)).replace("  ", "&nbsp; ") for line in text.split("\n"))
    return f"<p>{'<br>'.join(lines)}</p>"


def _table_html(table: Table) -> str:
    head = _row_html(table, table.head, "th")
    rows = [_row_html(table, row, "td") for row in table.rows]
    return "\n".join(["<table>", f"<thead>{head}</thead>", "<tbody>", *rows, "</tbody>", "</table>"])


def _row_html(table: Table, cells: Sequence[str], tag: str) -> str:
    from html import escape

    written = [
        f"<{tag}{LEFT if i < table.left else RIGHT}>{escape(printable(cell))}</{tag}>"
        for i, cell in enumerate([*cells, *[""] * (len(table.head) - len(cells))])
    ]
    return f"<tr>{''.join(written)}</tr>"


def as_markdown(blocks: Iterable[Block]) -> str:
    r"""Return blocks as Markdown, tables in the form that most readers of it know.

    >>> print(as_markdown(["a*b", Table(["", "value"], [["|x|", "2"]])]))
    a\*b
    <BLANKLINE>
    |  | value |
    | :-- | --: |
    | \|x\| | 2 |
    """
    return "\n\n".join(
        _table_markdown(block) if isinstance(block, Table) else "  \n".join(map(_plain, block.split("\n")))
        for block in blocks
        if block
    )


def _plain(text: str) -> str:
    return printable(text).translate(ESCAPES)


def _table_markdown(table: Table) -> str:
    sides = [":--" if i < table.left else "--:" for i in range(len(table.head))]
    rows = [[_plain(cell) for cell in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [[_plain(cell) for cell in table.head], sides, *rows])
