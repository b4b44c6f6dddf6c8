"""Find the graphs in a Markdown text, and the picture that follows each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Fence", "fences", "picture_link", "with_links"]

OPENING: Final = re.compile(
    r"""(?P<indent>[ \t>]*)
        (?: (?P<mark>`{3,}(?=[^`]*$)|~{3,}) \s* (?P<info>.*)
        |   <!--\s* (?P<comment>graphgrad\b(?:(?!-->).)*) )""",
    re.VERBOSE,
)
"""The first line of a fence of any language, which may quote one of ours, or of a `graphgrad` comment."""

GRAPH: Final = re.compile(r"\{\s*\.?graphgrad\b(?P<braced>.*)\}\s*|graphgrad\b(?P<plain>.*)")
LINK: Final = re.compile(r"!\[(?:\\.|[^\]\\])*\]\(<?(?P<path>[^)>\s]+\.svg)>?(?:\s+\"[^\"]*\")?\)")
SPECIAL: Final = re.compile(r"[\\`*_\[\]<>&]")


@dataclass(frozen=True, slots=True)
class Fence:
    """A graph in a Markdown text: its options and program, and the picture that follows.

    Lines are counted from 0: `line` opens the block, `end` is the first one below it.
    """

    line: int
    end: int
    indent: str
    options: str
    text: str
    picture: str | None


def fences(text: str) -> Iterator[Fence]:
    r"""Yield the graphs of a Markdown text: fenced blocks `graphgrad`, and comments `<!-- graphgrad … -->`.

    A `graphgrad` fence quoted within a fence of another language is no graph.

    >>> [fence] = fences('```graphgrad at="x=3"\nx**2\n```\n\n![](square.svg)')
    >>> fence.options, fence.text, fence.picture
    ('at="x=3"', 'x**2', 'square.svg')
    """
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = OPENING.fullmatch(lines[number])
        end = _end(lines, number, opening) if opening else number + 1
        graph = opening and GRAPH.fullmatch(opening["comment"] or opening["info"] or "")
        if opening and graph:
            body = _body(lines[number + 1 : end], opening)
            options = graph["braced"] or graph["plain"] or ""
            yield Fence(number, end, opening["indent"], options.strip(), body, _picture(lines[end:]))
        number = end


def _end(lines: Sequence[str], number: int, opening: re.Match[str]) -> int:
    """Return the number of the first line below a block; a block that is never closed ends with the text."""
    mark = opening["mark"]
    closing = re.compile(rf"[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*" if mark else ".*-->.*")
    return next((i + 1 for i in range(number + 1, len(lines)) if closing.fullmatch(lines[i])), len(lines))


def _body(lines: Sequence[str], opening: re.Match[str]) -> str:
    """Return a block's program: its lines without the closing mark, and without the indent of its first line."""
    last = [] if opening["mark"] else [line.partition("-->")[0].rstrip() for line in lines[-1:]]
    return "\n".join(line.removeprefix(opening["indent"]) for line in [*lines[:-1], *last])


def _picture(lines: Sequence[str]) -> str | None:
    """Return the path of the picture in the first line that is not blank."""
    link = LINK.search(next((line for line in lines if line.strip(" \t>")), ""))
    return link["path"] if link else None


def picture_link(alt: str, path: str) -> str:
    r"""Return the Markdown of a picture, with its alternative text escaped.

    >>> print(picture_link("a*b", "c.svg"))
    ![a\*b](c.svg)
    """
    return f"![{SPECIAL.sub(lambda match: chr(92) + match[0], alt)}]({path})"


def with_links(text: str, links: Iterable[tuple[Fence, str]]) -> str:
    r"""Return a Markdown text with the link to a picture inserted below each of the given fences.

    The fences are given in the order of the text.

    >>> text = "```graphgrad\nx = 1\n```\nAnd on.\n"
    >>> print(with_links(text, [(fence, "![](one.svg)") for fence in fences(text)]), end="")
    ```graphgrad
    x = 1
    ```
    <BLANKLINE>
    ![](one.svg)
    And on.
    """
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    for fence, link in reversed(list(links)):
        last = lines[fence.end - 1].rstrip("\r\n") + newline
        blank = fence.indent.rstrip() + newline
        lines[fence.end - 1 : fence.end] = [last, blank, fence.indent + link + newline]
    return "".join(lines)
