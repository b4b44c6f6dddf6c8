"""Excel's conditions and choices; one that the formula itself decides takes a branch, whatever the other one holds."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from graphgrad.text.dialects.excel.references import Area
from graphgrad.text.dialects.excel.terms import EQUAL, MAX_QUOTED, Refused, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Value

__all__ = [
    "all_of",
    "as_number",
    "choice",
    "choices",
    "chosen",
    "conjunction",
    "disjunction",
    "exclusive",
    "is_blank",
    "is_number",
    "is_text",
    "negation",
    "selected",
    "switch",
    "undefined",
]


def choice(low: Lowering, operands: list[Operand]) -> Value:
    """IF: the second operand where the first is TRUE, else the third, which is FALSE where it is left out."""
    condition, taken, *rest = operands
    other = rest[0].value if rest else low.m.truth(value=False)
    truth = low.truth(condition)
    if truth.number is not None:
        return taken.value if truth.number else other
    return selected(low, truth, taken.value, other)


def selected(low: Lowering, condition: Term, taken: Value, other: Value) -> Term:
    """Return one of two numbers by a condition of the graph; one of them may be a text, where there is no number."""
    from graphgrad.text.dialects.excel.terms import Operand

    span = low.m.span
    taken, other = low.one_cell(Operand(taken, span)), low.one_cell(Operand(other, span))
    if isinstance(taken, str) and not isinstance(other, str):
        taken = _text(low, taken)
    elif isinstance(other, str) and not isinstance(taken, str):
        other = _text(low, other)
    x, y = low.number(Operand(taken, span)), low.number(Operand(other, span))
    result: Term = low.m.where(condition, x, y)
    result.logical = x.logical and y.logical
    return result


def _text(low: Lowering, text: str) -> Term:
    """Return what has no value, for a text that a condition chooses: -1/0, which is no error of Excel's."""
    low.note(f'where its condition gives the text "{text[:MAX_QUOTED]}", the cell has no number')
    return low.m.lift(-1) / low.m.lift(0)


def undefined(low: Lowering) -> Term:
    """Return what has no value: #N/A."""
    return low.m.lift(0) / low.m.lift(0)


def _first(low: Lowering, cases: Sequence[tuple[Term, Value]], other: Value) -> Value:
    """Return the value of the first case that holds; cases that the formula decides are left out, or the last ones."""
    open_cases: list[tuple[Term, Value]] = []
    for condition, value in cases:
        if condition.number is None:
            open_cases.append((condition, value))
        elif condition.number:
            other = value
            break
    for condition, value in reversed(open_cases):
        other = selected(low, condition, value, other)
    return other


def choices(low: Lowering, operands: list[Operand]) -> Value:
    """IFS: the value behind the first condition that holds."""
    if len(operands) % 2:
        low.fail("IFS takes pairs of a condition and a value", low.m.span, "for anything else write TRUE, value")
    cases = [
        (low.truth(condition), value.value) for condition, value in zip(operands[::2], operands[1::2], strict=True)
    ]
    return _first(low, cases, undefined(low))


def switch(low: Lowering, operands: list[Operand]) -> Value:
    """SWITCH: the value behind the first number or text that the first operand is equal to."""
    key, *rest = operands
    other = rest.pop().value if len(rest) % 2 else undefined(low)
    found = low.content(key)
    cases = [
        (low.compared(EQUAL, found, low.content(case), low.m.span), value.value)
        for case, value in zip(rest[::2], rest[1::2], strict=True)
    ]
    return _first(low, cases, other)


def chosen(low: Lowering, operands: list[Operand]) -> Value:
    """CHOOSE: the operand with this number, from 1."""
    number, values = low.whole(operands[0]), operands[1:]
    if number is not None:
        if not 1 <= number <= len(values):
            low.fail(f"there is no value {number} among {len(values)}", low.m.span, "the first one has the number 1")
        return values[number - 1].value
    index = low.m.floor(low.number(operands[0]))
    cases = [(low.m.eq(index, i), value.value) for i, value in enumerate(values, 1)]
    return _first(low, cases, undefined(low))


def _conditions(low: Lowering, operands: list[Operand]) -> list[Term]:
    """Return the conditions in operands and ranges; in cells, texts and blanks are left out."""
    from graphgrad.text.dialects.excel.terms import Operand

    found = []
    for operand in operands:
        in_cells = isinstance(operand.value, Area)
        for content, span in low.contents(operand):
            if isinstance(content, Refused):
                raise content.error
            if not in_cells or isinstance(content, Term):
                found.append(low.truth(Operand(content, span)))
    if not found:
        low.fail("there is no condition here", low.m.span)
    return found


def conjunction(low: Lowering, operands: list[Operand]) -> Value:
    """AND."""
    return all_of(low, _conditions(low, operands))


def all_of(low: Lowering, conditions: Sequence[Term]) -> Term:
    """Return whether all conditions hold; those that the formula decides are left out."""
    if any(condition.number == 0 for condition in conditions):
        return low.m.truth(value=False)
    unsure = [condition for condition in conditions if condition.number is None]
    return low.m.truth(reduce(low.m.logical_and, unsure) if unsure else True)


def disjunction(low: Lowering, operands: list[Operand]) -> Value:
    """OR."""
    conditions = _conditions(low, operands)
    if any(condition.number for condition in conditions):
        return low.m.truth(value=True)
    unsure = [condition for condition in conditions if condition.number is None]
    return low.m.truth(reduce(low.m.logical_or, unsure) if unsure else False)


def exclusive(low: Lowering, operands: list[Operand]) -> Value:
    """XOR: whether the number of conditions that hold is odd."""
    return low.m.truth(reduce(low.m.logical_xor, _conditions(low, operands)))


def negation(low: Lowering, operands: list[Operand]) -> Value:
    """NOT."""
    truth = low.truth(operands[0])
    return low.m.truth(low.m.logical_not(truth) if truth.number is None else not truth.number)


def is_blank(low: Lowering, operands: list[Operand]) -> Value:
    """ISBLANK."""
    return low.m.truth(low.content(operands[0]) is None)


def is_number(low: Lowering, operands: list[Operand]) -> Value:
    """ISNUMBER."""
    content = low.content(operands[0])
    return low.m.truth(isinstance(content, Term) and not content.logical)


def is_text(low: Lowering, operands: list[Operand]) -> Value:
    """ISTEXT."""
    return low.m.truth(isinstance(low.content(operands[0]), str))


def as_number(low: Lowering, operands: list[Operand]) -> Value:
    """N: a number as it is, and 0 for anything else."""
    content = low.content(operands[0])
    return Term(low.m, content.node, content.number) if isinstance(content, Term) else low.m.lift(Fraction(0))
