"""Excel's functions of errors: IFERROR and its like become choices by the conditions under which operations fail.

`IFERROR(A1/B1, 0)` is `IF(B1=0, 0, A1/B1)`: the conditions are gathered from all operations that the operand is
computed by, in other cells, too. An error that does not depend on numbers, as #N/A in a cell, decides at once.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.targets import Spellings  # noqa: TC001  the test of spelling tables reads the annotation
from graphgrad.text.dialects.excel.choices import selected
from graphgrad.text.dialects.excel.terms import DIVISION, CellError, Refused, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias, TypeGuard

    from graphgrad.ops.op import Op
    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Arithmetic, Operand, Value
    from graphgrad.text.statement import Span

    Own: TypeAlias = Callable[[Lowering, Op, list[Term]], Term | None]

__all__ = ["instead_of_error", "instead_of_missing", "is_error", "is_missing"]

FAILS: Final[Spellings] = {
    "div": lambda m, _x, y: _is(m, eq, y, 0),
    "floor_mod": lambda m, _x, y: _is(m, eq, y, 0),
    "sqrt": lambda m, x: _is(m, lt, x, 0),
    "log": lambda m, x: _is(m, le, x, 0),
    "log10": lambda m, x: _is(m, le, x, 0),
    "log1p": lambda m, x: _is(m, le, x, -1),
    "pow": lambda *operands: _power_fails(*operands),  # noqa: PLW0108  it is defined below
    "asin": lambda m, x: _any(m, [_is(m, lt, x, -1), _is(m, gt, x, 1)]),
    "acos": lambda m, x: _any(m, [_is(m, lt, x, -1), _is(m, gt, x, 1)]),
    "acosh": lambda m, x: _is(m, lt, x, 1),
    "atanh": lambda m, x: _any(m, [_is(m, le, x, -1), _is(m, ge, x, 1)]),
}
"""The condition under which an operation has no value."""

TOTAL: Final[Spellings] = dict.fromkeys(
    (
        *("add", "sub", "mul", "neg", "abs", "sign", "min", "max", "floor", "ceil", "trunc", "round_half_away"),
        *("lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_xor", "logical_not"),
        *("exp", "expm1", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh", "erf", "erfc", "normcdf", "normpdf"),
        *("pi",),
    )
)
"""Operations that have a value everywhere."""


def instead_of_error(low: Lowering, operands: list[Operand]) -> Value:
    """IFERROR: the first operand, and the second one where the first is an error."""
    return _instead(low, operands, _condition_of_error(low, operands[0]))


def instead_of_missing(low: Lowering, operands: list[Operand]) -> Value:
    """IFNA: the same for #N/A alone, which lookups give."""
    return _instead(low, operands, _condition_of_missing(low, operands[0]))


def is_error(low: Lowering, operands: list[Operand]) -> Value:
    """ISERROR."""
    return low.m.truth(_condition_of_error(low, operands[0]) or False)


def is_missing(low: Lowering, operands: list[Operand]) -> Value:
    """ISNA."""
    return low.m.truth(_condition_of_missing(low, operands[0]) or False)


def _instead(low: Lowering, operands: list[Operand], condition: Term | None) -> Value:
    value, other = (operand.value for operand in operands)
    if condition is None:
        return value
    if condition.number is not None:
        return other if condition.number else value
    return selected(low, condition, other, value)


def _condition_of_error(low: Lowering, operand: Operand) -> Term | None:
    """Return the condition under which an operand is an error, None where it never is."""
    content = low.one_cell(operand)
    if isinstance(content, Refused):
        if not isinstance(content.error, CellError):
            raise content.error
        return low.m.truth(value=True)
    return (
        _gathered(low, content.node, low.m.failing, partial(_fails, span=operand.span)) if _is_term(content) else None
    )


def _condition_of_missing(low: Lowering, operand: Operand) -> Term | None:
    """Return the condition under which an operand is #N/A, None where it never is."""
    content = low.one_cell(operand)
    if isinstance(content, Refused):
        if not isinstance(content.error, CellError):
            raise content.error
        if not content.error.is_missing:
            raise content.error
        return low.m.truth(value=True)
    return _gathered(low, content.node, low.m.missing, _is_undefined) if _is_term(content) else None


def _is_term(content: object) -> TypeGuard[Term]:
    return isinstance(content, Term)


def _gathered(low: Lowering, node: int, known: dict[int, Term | None], own: Own) -> Term | None:
    """Return the condition under which a node has no value, from those of the operations below it."""
    waiting = [node]
    while waiting:
        at = waiting[-1]
        found = None if at in known else low.cells.operation_at(at)
        if found is None:
            known.setdefault(at, None)
            waiting.pop()
            continue
        op, below = found
        unknown = [each for each in below if each not in known]
        if unknown:
            waiting += unknown
            continue
        known[at] = _of_operation(low, op, below, known, own)
        waiting.pop()
    return known[node]


def _of_operation(
    low: Lowering, op: Op, below: tuple[int, ...], known: dict[int, Term | None], own: Own
) -> Term | None:
    m = low.m
    if op.chooses:
        condition, *branches = (known[each] for each in below)
        if any(branches):
            chosen = m.where(Term(m, below[0]), *(m.lift(0) if each is None else each for each in branches))
            return _any(m, [condition, m.truth(chosen)])
        return condition
    terms = [Term(m, each, low.cells.number_at(each)) for each in below]
    return _any(m, [*(known[each] for each in below), own(low, op, terms)])


def _fails(low: Lowering, op: Op, terms: list[Term], span: Span) -> Term | None:
    rule = FAILS.get(op.name)
    if op is DIVISION and terms[0].number == -1 and terms[1].number == 0:
        return None  # it stands for a text
    if rule is None and op.name not in TOTAL:
        low.fail(f"whether {op.name} has a value is not known here", span, "write the condition: IF(B1=0, 0, A1/B1)")
    condition: Term | None = rule and rule(low.m, *terms)
    return condition


def _is_undefined(low: Lowering, op: Op, terms: list[Term]) -> Term | None:
    """Return TRUE for 0/0, which stands for #N/A."""
    is_undefined = op is DIVISION and all(term.number == 0 for term in terms)
    return low.m.truth(value=True) if is_undefined else None


def _any(m: Arithmetic, conditions: Iterable[Term | None]) -> Term | None:
    """Return whether one of the conditions holds; those of numbers alone are decided here."""
    open_ones: list[Term] = []
    for condition in conditions:
        if condition is not None and condition.number is None:
            open_ones.append(condition)
        elif condition is not None and condition.number:
            return m.truth(value=True)
    return m.truth(reduce(m.logical_or, open_ones)) if open_ones else None


def _is(m: Any, compared: Callable[[Any, int], Any], x: Term, bound: int) -> Term:
    """Return a comparison with a number, decided where the formula itself says the number."""
    if x.number is not None:
        return m.truth(bool(compared(x.number, bound)))  # type: ignore[no-any-return]
    return getattr(m, compared.__name__)(x, bound)  # type: ignore[no-any-return]


def _power_fails(m: Any, x: Term, y: Term) -> Term | None:
    """Return whether a power has no value: of 0 to a negative number, or of a negative number to a fraction."""
    if y.number is None:
        fraction = m.logical_and(m.lt(x, 0), m.ne(y, m.floor(y)))
        return m.logical_or(m.logical_and(m.eq(x, 0), m.lt(y, 0)), fraction)  # type: ignore[no-any-return]
    if y.number.denominator == 1:
        return None if y.number >= 0 else _is(m, eq, x, 0)
    return _is(m, lt if y.number > 0 else le, x, 0)
