"""Names that a column of a table may have, and that something on the way to an output might trip over."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

__all__ = ["ANY_NAME", "NAMES", "quoted"]

NAMES: Final = (
    "unit price",
    "pi",
    "π",
    "sum",
    "where",
    "2020",
    "2.0",
    "-1",
    "a.b",
    "x-y",
    "%",
    "a, b",
    "a=b",
    " lead ",
    "a  b",
    " ",
    "\t",
    "a`b",
    "``",
    "\\",
    "\\alpha{",
    "#1",
    "$x$",
    "}",
    "^_~",
    "__proto__",
    "_",
    "<b>&\"'",
    "</script>",
    "-->",
    "*/",
    "/*",
    "a|b",
    "%d{0}",
    "[0]",
    "lambda",
    "None",
    "out",
    "self",
    "grad",
    "double",
    "v1",
    "null",
    "名前",
    "ﬁ",
    "e\N{COMBINING ACUTE ACCENT}",
    "a·b ≠ ∑",
    "🍎",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "a\rb",
    "\N{LINE SEPARATOR}x",
    "\x01",
)
"""Operators, constants, functions, keywords and marks of the targets, numbers, blanks, and characters of all kinds."""

ANY_NAME: Final = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=12)


def quoted(name: str) -> str:
    """Return a name in backquotes."""
    return f"`{name.replace('`', '``')}`"
