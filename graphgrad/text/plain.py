"""The grammar of the plain language, derived from a table of operations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from graphgrad.text.grammar import Grammar
from graphgrad.text.handlers import LONGER, PUNCTUATION, any_other
from graphgrad.text.own_signs import tokenizer
from graphgrad.text.statement import Apply
from graphgrad.text.vocabulary import REFUSED, WORDS, constants_of, functions_of

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations

__all__ = ["plain_grammar"]


@lru_cache(maxsize=16)
def plain_grammar(operations: Operations) -> Grammar:
    """Return the grammar of the plain language over a table of operations.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> left, right, item = plain_grammar(OPERATIONS).infix["^"]
    >>> left, right, item.op.name
    (51, 50, 'pow')
    """
    rows = operations.values()
    return Grammar(
        dialect="graphgrad",
        operations=operations,
        tokens=tokenizer([symbol for op in operations.own.values() for symbol in op.symbols]),
        infix={symbol: (*op.binds, Apply(op, 2)) for op in rows if op.infix for symbol in op.symbols},
        prefix={symbol: (op.binds[1], Apply(op, 1)) for op in rows if op.prefix for symbol in op.symbols},
        postfix={op.postfix: op for op in rows if op.postfix},
        functions=functions_of(operations),
        constants=constants_of(operations),
        refused=REFUSED,
        words=WORDS,
        handlers=PUNCTUATION,
        longer=LONGER,
        other=any_other,
    )
