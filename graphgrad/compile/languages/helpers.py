"""Read the helper functions that generated code needs beside it: those that its language lacks."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["helpers", "needed", "needed_among", "preamble"]


@cache
def helpers(file: str) -> dict[str, str]:
    """Return the source of each function in a file of the package, by name, with the comment above it.

    >>> list(helpers("compile/languages/special.c"))[-2:]
    ['factorial_over_power', 'polygamma']
    """
    text = (files("graphgrad") / file).read_text(encoding="utf-8")
    blocks = re.split(r"\n\n+(?=/|def |function |static )", text)
    head = r"^(?:def|function|static (?:double|pair)) (\w+)\("
    named = ((re.search(head, block, re.MULTILINE), block) for block in blocks)
    return {match[1]: block.strip("\n") for match, block in named if match}


@cache
def preamble(file: str) -> str:
    """Return what stands above the functions of a file.

    >>> preamble("compile/languages/special.c").splitlines()[-1]
    'typedef struct { double high, low; } pair;'
    """
    return (files("graphgrad") / file).read_text(encoding="utf-8").partition("\n\n")[0]


def needed(file: str, names: Iterable[str]) -> list[str]:
    """Return the source of these functions and of all that they call, in the file's order."""
    return needed_among(helpers(file), names)


def needed_among(known: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return the source of these functions and of all that they call, in the order of the known ones."""
    wanted = new = set(names) & set(known)
    while new:
        called = {name for name in known for own in new if re.search(rf"\b{name}\(", known[own])}
        new = called - wanted
        wanted = wanted | called
    return [source for name, source in known.items() if name in wanted]
