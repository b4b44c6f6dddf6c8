"""Parse text into statements; the text is never evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import LimitError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.ops.table import OPERATIONS
from graphgrad.text.plain import plain_grammar
from graphgrad.text.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.text.grammar import Grammar
    from graphgrad.text.statement import Statement

__all__ = ["MAX_TEXT", "parse", "statements"]

MAX_TEXT: Final = 300_000_000
"""The most characters a program may have: a chain of 10 million operations with a statement each has 260 million."""


def parse(source: str, grammar: Grammar | None = None) -> tuple[Statement, ...]:
    """Return the statements of a program; the last one is its output. The default grammar is the plain language's.

    Raises `ExpressionError` with the span of the fault. Time and memory are linear in the text.

    >>> [statement] = parse("2*x")
    >>> number, name, operation = statement.code
    >>> number.value, name.text, operation.op.name
    (Fraction(2, 1), 'x', 'mul')
    """
    with collector_paused():
        return tuple(statements(source, grammar))


def statements(source: str, grammar: Grammar | None = None) -> Iterator[Statement]:
    """Yield the statements of a program one by one as they are parsed, so that only one need be in memory.

    >>> [statement.target for statement in statements("s = x*y; s + 1")]
    ['s', None]
    """
    if len(source) > MAX_TEXT:
        message = f"the text has {len(source)} characters; at most {MAX_TEXT} are read"
        raise LimitError(message, source[:1000], (0, 1))
    grammar = grammar or plain_grammar(OPERATIONS)
    return (grammar.reader or Reader)(source, grammar).read()
