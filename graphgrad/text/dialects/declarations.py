"""Read the parameters of a function that another language declares: inputs in this order, some with a default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.handlers import literal
from graphgrad.text.statement import Apply, Number, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Item, Span

__all__ = ["parameters_in"]

PARAMETER: Final = re.compile(
    r"\s*(?P<name>[^\W\d]\w*)\s*(?::[^=]*)?(?:=\s*(?P<minus>-?)\s*(?P<default>[0-9.][\w.]*(?:(?<=[eE])[-+][0-9]+)?)\s*)?"
)
"""A name, perhaps with a type and a default: `x: float = 2`."""

NO_INPUTS: Final = ("", "*", "/", "self")
"""What may stand between the commas and declares nothing."""


def parameters_in(reader: Reader, text: str, start: int) -> list[Statement]:
    """Return the inputs that a list of parameters names, as statements; `start` is its place in the source.

    Raises `ExpressionSyntaxError` for a parameter that is no name, and for a name that stands there twice.
    """
    found: dict[str, Statement] = {}
    for part in _parts(text):
        if part.strip() not in NO_INPUTS:
            statement = _declared(reader, part, start)
            name = statement.target or ""
            if name in found:
                reader.fail(f"two parameters have the name '{name}'", statement.target_span, "give one another name")
            found[name] = statement
        start += len(part) + 1
    return list(found.values())


def _parts(text: str) -> Iterator[str]:
    """Yield what stands between commas outside of brackets, as those of a type: list[int, str]."""
    depth = begin = 0
    for i, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if character == "," and depth <= 0:
            yield text[begin:i]
            begin = i + 1
    yield text[begin:]


def _declared(reader: Reader, part: str, start: int) -> Statement:
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
    return Statement(match["name"], tuple(code), tuple(spans), span)
