"""The grammar of the plain language, derived from a table of operations."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from graphgrad.text.bars import BARS, bar, bars, close_bracket, open_bracket
from graphgrad.text.choices import CONJUNCTION, FORMS, WORD_HANDLERS, WORD_OPERATORS, conjunction
from graphgrad.text.comparison_chains import chained
from graphgrad.text.entries import array_or_index, end_of_array
from graphgrad.text.fraction_signs import fraction
from graphgrad.text.grammar import Grammar
from graphgrad.text.handlers import LONGER, PUNCTUATION, any_other
from graphgrad.text.hint_tables import SEQUENCES
from graphgrad.text.missing_operator import refuse_beside
from graphgrad.text.own_signs import tokenizer
from graphgrad.text.powers import FACTORIAL, exclamation, root, superscript
from graphgrad.text.products import JUXTAPOSED, TIMES, beside
from graphgrad.text.signs import FRACTIONS, SUPERSCRIPTS
from graphgrad.text.statement import Apply
from graphgrad.text.vocabulary import REFUSED, WORDS, brackets_of, constants_of, functions_of, postfix_of, roots_of

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations
    from graphgrad.text.grammar import Handler

__all__ = ["plain_grammar", "program_grammar"]


@lru_cache(maxsize=16)
def program_grammar(operations: Operations) -> Grammar:
    """Return the part of the plain language's grammar that a programming language has, too.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> left, right, item = program_grammar(OPERATIONS).infix["^"]
    >>> left, right, item.op.name
    (51, 50, 'pow')
    """
    rows = operations.values()
    infix = {symbol: (*op.binds, Apply(op, 2)) for op in rows if op.infix for symbol in op.symbols}
    return Grammar(
        dialect="graphgrad",
        operations=operations,
        tokens=tokenizer([symbol for op in operations.own.values() for symbol in op.symbols]),
        infix=infix | {word: infix[sign] for word, sign in WORD_OPERATORS.items() if sign in infix},
        prefix={symbol: (op.binds[1], Apply(op, 1)) for op in rows if op.prefix for symbol in op.symbols},
        postfix=postfix_of(operations),
        functions=functions_of(operations),
        constants=constants_of(operations),
        refused=REFUSED,
        words=WORDS,
        handlers={**PUNCTUATION, **WORD_HANDLERS},
        longer=LONGER,
        other=any_other,
        beside=refuse_beside,
    )


@lru_cache(maxsize=16)
def plain_grammar(operations: Operations) -> Grammar:
    """Return the grammar of the plain language over a table of operations.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> grammar = plain_grammar(OPERATIONS)
    >>> grammar.infix["and"] == grammar.infix["&&"], grammar.infix[JUXTAPOSED][0] > grammar.infix["*"][1]
    (True, True)
    """
    program = program_grammar(operations)
    _, right, times = program.infix[TIMES]
    infix = {symbol: entry for symbol, entry in program.infix.items() if symbol != CONJUNCTION}
    superscripts = dict.fromkeys(SUPERSCRIPTS, superscript)
    return replace(
        program,
        infix=infix | {JUXTAPOSED: (right + 1, right + 2, times)},
        handlers={**program.handlers, **_signs(operations), **superscripts, "]": end_of_array},
        longer={**program.longer, **superscripts, "[": array_or_index},
        beside=beside,
        chain=chained,
        roots=roots_of(operations),
        brackets=brackets_of(operations),
        forms=FORMS,
        foreign=SEQUENCES,
    )


def _signs(operations: Operations) -> dict[str, Handler]:
    """Return what reads the signs of mathematics."""
    handlers: dict[str, Handler] = {CONJUNCTION: conjunction, FACTORIAL: exclamation, BARS: bars}
    handlers |= dict.fromkeys(FRACTIONS, fraction) | dict.fromkeys(roots_of(operations), root)
    for opening, (closing, _) in brackets_of(operations).items():
        handlers |= {opening: bar} if opening == closing else {opening: open_bracket, closing: close_bracket}
    return handlers
