"""Read the parameters of a function that another language declares: inputs in this order, some with a default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.handlers import literal
from graphgrad.text.statement import Apply, Number, Statement

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Item, Span

__all__ = ["declare"]

PARAMETER: Final = re.compile(
    r"\s*(?P<name>[^\W\d]\w*)\s*(?::[^,=]*)?(?:=\s*(?P<minus>-?)\s*(?P<default>[0-9.][\w.]*(?:(?<=[eE])[-+][0-9]+)?)\s*)?"
)
"""A name, perhaps with a type and a default: `x: float = 2`."""

NO_INPUTS: Final = ("", "*", "/", "self")
"""What may stand between the commas and declares nothing."""


def declare(reader: Reader, text: str, start: int) -> None:
    """Declare the inputs that a list of parameters names; `start` is its place in the source."""
    for part in text.split(","):
        if part.strip() not in NO_INPUTS:
            _declare(reader, part, start)
        start += len(part) + 1


def _declare(reader: Reader, part: str, start: int) -> None:
    match = PARAMETER.fullmatch(part)
    if match is None:
        blank = len(part) - len(part.lstrip())
        span = start + blank, start + len(part.rstrip())
        reader.fail("this parameter cannot be read", span, "write its name, and perhaps a number as its default: x=2")
    first, last = match.span("name")
    span = start + first, start + last
    code: list[Item] = []
    spans: list[Span] = []
    if match["default"]:
        at = start + match.start("default"), start + match.end("default")
        code.append(Number(literal(reader, match["default"], at), match["default"]))
        spans.append(at)
        if match["minus"]:
            code.append(Apply(reader.grammar.prefix["-"][1].op, 1))
            spans.append((start + match.start("minus"), at[1]))
    reader.finished.append(Statement(match["name"], tuple(code), tuple(spans), span))
