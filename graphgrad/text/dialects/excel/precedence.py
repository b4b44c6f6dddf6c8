"""Say where Excel reads a formula in another order than the plain language does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops.table import OPERATIONS
from graphgrad.text.dialects.excel.grammar import formula_grammar
from graphgrad.text.parser import parse
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.text.statement import Item, Span

__all__ = ["precedence_notes"]

MAX_QUOTED: Final = 40


def precedence_notes(text: str, dialect: str = "excel") -> tuple[str, ...]:
    """Return a sentence for each part of a formula that means something else without Excel's precedence.

    >>> for note in precedence_notes("=-A1^2 + 2^B1^C1"):
    ...     print(note)
    as in Excel, -A1^2 is (-A1)^2: a sign binds more tightly than a power
    as in Excel, 2^B1^C1 is (2^B1)^C1: powers chain to the left
    >>> precedence_notes("=(-A1)^2 - A1^2")
    ()
    """
    notes = []
    for statement in parse(text, formula_grammar(OPERATIONS, dialect)):
        for whole, base, reason in _powers(statement.code, statement.spans):
            power, inner = _quoted(text, whole), _quoted(text, base)
            rest = text[base[1] : whole[1]].strip()[: MAX_QUOTED - 1]
            notes.append(f"as in Excel, {power} is ({inner}){rest}: {reason}")
    return tuple(dict.fromkeys(notes))


def _powers(code: Sequence[Item], spans: Sequence[Span]) -> Iterator[tuple[Span, Span, str]]:
    """Yield each power of a sign or of a power that has no parentheses, with its base and the reason."""
    power = next(op for op in OPERATIONS.values() if "^" in op.symbols)
    operands: list[int] = []
    for i, item in enumerate(code):
        if isinstance(item, Apply):
            mine = operands[len(operands) - item.arity :]
            del operands[len(operands) - item.arity :]
            if item.op is power and (reason := _reason(code[mine[0]], power)) and spans[mine[0]][0] == spans[i][0]:
                yield spans[i], spans[mine[0]], reason
        operands.append(i)


def _reason(base: Item, power: object) -> str:
    if isinstance(base, Apply) and base.op.prefix:
        return "a sign binds more tightly than a power"
    return "powers chain to the left" if isinstance(base, Apply) and base.op is power else ""


def _quoted(text: str, span: Span) -> str:
    quoted = " ".join(text[span[0] : span[1]].split())
    return quoted if len(quoted) <= MAX_QUOTED else f"{quoted[: MAX_QUOTED - 1]}…"
