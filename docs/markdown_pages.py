"""Read Markdown pages that a code host shows, too: where it shows a committed picture, the site draws its own.

A `graphgrad` fence with the picture that follows it becomes the directive of that name, and a line in italics below the
picture becomes its caption. A comment `<!-- site` holds what the site shows in place of the picture that follows. An
anchor becomes a target.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.ext.block import header
from graphgrad.ext.fences import fences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

    from graphgrad.ext.fences import Fence

__all__ = ["for_the_site", "setup"]

CAPTION: Final = re.compile(r"\*(?P<text>(?:(?P<name>Figure \d+)\.)?[^*]+)\*")
INSTEAD: Final = re.compile(r"^<!-- site\n(?P<site>(?:.*\n)*?)-->\n+!\[[^\]]*\]\([^)]*\)\n", re.MULTILINE)
ANCHOR: Final = re.compile(r"""^<a id="(?P<name>[^"]+)"></a>$""", re.MULTILINE)


def for_the_site(text: str) -> str:
    """Return a Markdown page with directives in place of its pictures."""
    lines = text.splitlines()
    for fence in reversed([fence for fence in fences(text) if fence.picture]):
        pictured = _next(lines, fence.end)
        below = _next(lines, pictured + 1)
        caption = CAPTION.fullmatch(lines[below]) if below < len(lines) else None
        end = below if caption else pictured
        lines[fence.line : end + 1] = [*_program(lines[fence.line], fence), *_directive(fence, caption)]
    return ANCHOR.sub(r"(\g<name>)=", INSTEAD.sub(r"\g<site>", "\n".join(lines) + "\n"))


def _next(lines: list[str], number: int) -> int:
    """Return the number of the first line from a given one that is not blank."""
    return next((i for i in range(number, len(lines)) if lines[i].strip()), len(lines))


def _program(opening: str, fence: Fence) -> Iterator[str]:
    """Yield the program as a block of text, unless it stands in a comment."""
    if not opening.startswith("<!--"):
        yield from ["```text", fence.text, "```", ""]


def _directive(fence: Fence, caption: re.Match[str] | None) -> Iterator[str]:
    """Yield the directive that draws a fence."""
    yield "```{graphgrad}"
    yield from (f":{name}: {value}".rstrip() for name, value in header(fence.options).items())
    if caption:
        yield f":caption: {caption['text']}"
    if caption and caption["name"]:
        yield f":name: {caption['name'].lower().replace(' ', '-')}"
    yield from ["", fence.text.rstrip("\n"), "```"]


def read(app: Sphinx, name: str, source: list[str]) -> None:
    """Rewrite a Markdown page before it is parsed."""
    if app.env.doc2path(name).suffix == ".md":
        source[0] = for_the_site(source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event handler with Sphinx."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
