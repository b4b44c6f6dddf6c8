"""Parse formulas of which many differ in their references alone, as those of a column that was filled down."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.text.dialects.excel.grammar import formula_grammar
from graphgrad.text.dialects.excel.references import BLANK, PATTERN, area_in
from graphgrad.text.parser import parse
from graphgrad.text.statement import Name, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.operations import Operations

__all__ = ["FormulaParser"]

PIECES: Final = re.compile(rf'("(?:[^"]|"")*"|\[[^\]]*\]|[^\W\d][\w.]*{BLANK}\(|{PATTERN})')
"""Texts, calls and references; what is between them has no reference."""

MAX_KNOWN: Final = 10_000
"""The most formulas that are kept."""


class _Known(NamedTuple):
    """A formula that was parsed: where its references stand in its code, and their lengths in the text.

    `places` are the starts and ends of its spans, each with how many references end before it.
    """

    statement: Statement
    references: Sequence[int]
    lengths: Sequence[int]
    places: Sequence[tuple[int, int, int, int]]


class FormulaParser:
    """Parses formulas; one that differs from an earlier one in its references alone is not parsed again.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> parsed = FormulaParser(OPERATIONS)
    >>> parsed("=A9*$C$1+2")[0].spans, parsed("=A10*$C$1+2")[0].spans
    (((1, 3), (4, 8), (1, 8), (9, 10), (1, 10)), ((1, 4), (5, 9), (1, 9), (10, 11), (1, 11)))
    """

    def __init__(self, operations: Operations) -> None:
        """Begin without any formula."""
        self._grammar = formula_grammar(operations)
        self._known: dict[str, _Known] = {}

    def __call__(self, text: str) -> tuple[Statement, str]:
        """Return the statement of a formula, and the formula without its references.

        Raises `ExpressionError` where it cannot be read.
        """
        pieces = PIECES.split(text)
        references = []
        for i in range(1, len(pieces), 2):
            piece = pieces[i]
            if piece[-1] != "(" and piece[0] != '"' and area_in(piece):
                references.append(piece)
                pieces[i] = "\0"
        key = "".join(pieces)
        known = self._known.get(key)
        if known is not None:
            return _again(known, references), key
        [statement] = parse(text, self._grammar)
        found = _known(statement, references)
        if found is not None and "\0" not in text and len(self._known) < MAX_KNOWN:
            self._known[key] = found
        return statement, key


def _known(statement: Statement, references: Sequence[str]) -> _Known | None:
    """Return a formula with its references; None where they are not those that were found in its text."""
    code = statement.code
    places = [i for i, item in enumerate(code) if isinstance(item, Name) and area_in(item.text)]
    ends = [statement.spans[i][1] for i in places]
    if [code[i][0] for i in places] != references:
        return None
    spans = [
        (start, sum(end <= start for end in ends), end, sum(other <= end for other in ends))
        for start, end in statement.spans
    ]
    return _Known(statement, places, [len(text) for text in references], spans)


def _again(known: _Known, references: Sequence[str]) -> Statement:
    code = list(known.statement.code)
    for i, text in zip(known.references, references, strict=True):
        code[i] = Name(text)
    longer = (len(text) - length for text, length in zip(references, known.lengths, strict=True))
    moved = [0, *accumulate(longer)]
    spans = [(start + moved[i], end + moved[j]) for start, i, end, j in known.places]
    return known.statement._replace(code=tuple(code), spans=tuple(spans))
