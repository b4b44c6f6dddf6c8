"""Write the page of operations as Markdown, for code hosts, with its pictures beside it.

`python docs/operations_markdown.py && graphgrad-docs docs` writes both anew; `graphgrad-docs --check docs` tells which
pictures are stale.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gallery import Shown, described, rule

from graphgrad.printing import called, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.ops import Op

__all__ = ["PAGE", "page"]

PAGE: Final = Path(__file__).with_name("operations.md")

SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~]")

HEAD: Final = """\
# All operations

Each operation is one row of a table that is written by hand. This page is generated from the table. For each operation
it shows the rule, a picture of both passes at a point with the local derivatives in red, and the derivation there with
sympy's own derivative beside it.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_index(), *(line for title, rows in listed().items() for line in _family(title, rows))])


def plain(text: str) -> str:
    """Return a text with the markup of Markdown escaped."""
    return SPECIAL.sub(r"\\\g<0>", text)


def _index() -> Iterator[str]:
    for title, rows in listed().items():
        yield f"- **{title}:** {', '.join(f'[`{called(op)}`](#operation-{op.name})' for op in rows)}"
    yield ""


def _family(title: str, rows: Iterable[Op]) -> Iterator[str]:
    yield from [f"## {title}", ""]
    for op in rows:
        yield from _section(op)


def _section(op: Op) -> Iterator[str]:
    yield from [f'<a id="operation-{op.name}"></a>', "", f"### `{called(op)}`", "", plain(described(op)), ""]
    yield from _formula(rule(op))
    if op.kink:
        yield from [f"At a kink: {plain(op.kink.convention)}.", ""]
    if op.arity:
        shown = Shown(op)
        options = " ".join(f'{name}="{value}"' if value else name for name, value in shown.options.items())
        where = f"Both passes of {shown.program} at {shown.options['at']}"
        yield from [f"<!-- graphgrad {options}", shown.program, "-->"]
        yield from [f"![{plain(where)}](operations/{op.name}.svg)", "", *_formula(shown.derivation())]


def _formula(lines: Iterable[str]) -> Iterator[str]:
    yield from ["```math", r"\begin{aligned}", *lines, r"\end{aligned}", "```", ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
