"""Split a text at the signs of a user's operators, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphgrad.text.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphgrad.text.grammar import Tokenizer

__all__ = ["tokenizer"]


def tokenizer(signs: Collection[str]) -> Tokenizer:
    """Return what splits a text into tokens, with more signs among them; the longer of two comes first.

    >>> list(tokenizer(["⊕"])("a⊕2"))
    [('', 'a'), ('', '⊕'), ('', '2'), ('', '')]
    """
    if not signs:
        return tokens
    either = "|".join(map(re.escape, sorted(signs, key=len, reverse=True)))
    # Names in backquotes and comments may hold anything.
    pattern = re.compile(rf"`(?:[^`\n]|``)*`?|#[^\n]*|({either})")

    def split(source: str) -> Iterator[tuple[str, str]]:
        start = 0
        for found in pattern.finditer(source):
            if found[1] is not None:
                pending = ""
                for blanks, token in tokens(source[start : found.start()]):
                    if token:
                        yield blanks, token
                    pending = "" if token else blanks
                yield pending, found[1]
                start = found.end()
        yield from tokens(source[start:])

    return split
