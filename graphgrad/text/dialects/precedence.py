"""Say where a dialect reads a formula in another order than the plain language does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops.table import OPERATIONS
from graphgrad.text.dialects.named import grammar_of
from graphgrad.text.parser import parse
from graphgrad.text.statement import Apply, Code, Compound, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.ops.operations import Operations
    from graphgrad.text.statement import Item, Span

__all__ = ["LANGUAGES", "precedence_notes"]

LANGUAGES: Final = {"excel": "Excel", "excel;": "Excel", "matlab": "MATLAB"}
"""The dialects with a precedence of their own, and what they are called."""

MAX_QUOTED: Final = 40

CHAIN: Final = "powers chain to the left"
SIGN: Final = "a sign binds more tightly than a power"
NEGATION: Final = "a logical 'not' binds more tightly than a comparison"


def precedence_notes(text: str, dialect: str = "excel", operations: Operations | None = None) -> tuple[str, ...]:
    """Return a sentence for each part of a formula that means something else without the dialect's precedence.

    >>> for note in precedence_notes("=-A1^2 + 2^B1^C1"):
    ...     print(note)
    as in Excel, -A1^2 is (-A1)^2: a sign binds more tightly than a power
    as in Excel, 2^B1^C1 is (2^B1)^C1: powers chain to the left
    >>> precedence_notes("=(-A1)^2 - A1^2")
    ()
    >>> precedence_notes("~x == 2^-2^y", "matlab")[1]
    "as in MATLAB, ~x == 2^-2^y is (~x) == 2^-2^y: a logical 'not' binds more tightly than a comparison"
    """
    if dialect not in LANGUAGES:
        return ()
    notes = []
    for statement in parse(text, grammar_of(dialect, operations or OPERATIONS)):
        for code in _codes(Code(statement.code, statement.spans)):
            for whole, left, reason in _regrouped(code.items, code.spans):
                inner, rest = _quoted(text, left), _quoted(text, (left[1], whole[1]))
                blank = " " * text[left[1] : left[1] + 1].isspace()
                shown = _quoted(text, whole)
                notes.append(f"as in {LANGUAGES[dialect]}, {shown} is ({inner}){blank}{rest}: {reason}")
    return tuple(dict.fromkeys(notes))


def _codes(code: Code) -> Iterator[Code]:
    """Yield an expression, and those that stand in its sums over an index."""
    waiting = [code]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [item.body for item in each.items if isinstance(item, Repeat)]


def _regrouped(code: Sequence[Item], spans: Sequence[Span]) -> Iterator[tuple[Span, Span, str]]:
    """Yield each operation whose left operand has no parentheses and would be another one, with that and the reason."""
    operands: list[int] = []
    for i, item in enumerate(code):
        if isinstance(item, (Apply, Compound)) or hasattr(item, "arity"):
            count = item.arity  # type: ignore[union-attr]
            mine = operands[len(operands) - count :]
            del operands[len(operands) - count :]
            reason = _reason(item, code[mine[0]]) if mine else ""
            if reason and spans[mine[0]][0] == spans[i][0]:
                yield spans[i], spans[mine[0]], reason
        operands.append(i)


def _reason(item: Item, left: Item) -> str:
    if not isinstance(item, Apply) or not isinstance(left, Apply) or item.arity == 1:
        return ""
    if "^" in item.op.symbols:
        return SIGN if left.op.prefix else CHAIN if left.op is item.op else ""
    is_not_first = left.op.prefix and left.op.binds[1] < item.op.binds[0] and item.op.infix
    return NEGATION if is_not_first else ""


def _quoted(text: str, span: Span) -> str:
    quoted = " ".join(text[span[0] : span[1]].split())
    return quoted if len(quoted) <= MAX_QUOTED else f"{quoted[: MAX_QUOTED - 1]}…"
