"""Excel's functions of finance: annuities and present values, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = ["future_value", "net_present_value", "payment", "present_value"]


def net_present_value(low: Lowering, operands: list[Operand]) -> Value:
    """Discount each number by one period more than the one before."""
    growth = 1 + low.number(operands[0])
    return low.m.total([x / growth ** (i + 1) for i, x in enumerate(low.numbers(operands[1:]))])


def future_value(m: Any, rate: Term, periods: Term, payment: Term, *rest: Term) -> Term:
    """Return what payments and a present value come to."""
    value, due = _left_out(rest)
    return -_sum(payment * _annuity(m, rate, periods, due), value, (1 + rate) ** periods)


def present_value(m: Any, rate: Term, periods: Term, payment: Term, *rest: Term) -> Term:
    """Return what payments and a future value are worth today."""
    future, due = _left_out(rest)
    return -_sum(payment * _annuity(m, rate, periods, due), future) / (1 + rate) ** periods


def payment(m: Any, rate: Term, periods: Term, value: Term, *rest: Term) -> Term:
    """Return the payment of each period."""
    future, due = _left_out(rest)
    grown = _sum(value * (1 + rate) ** periods, future)
    return -grown / _annuity(m, rate, periods, due)


def _left_out(rest: tuple[Term, ...]) -> tuple[Term | int, Term | int]:
    """Return the value at the other end, and whether payments are due at the beginning; 0 where they are left out."""
    value, due, *_ = *rest, 0, 0
    return value, due


def _sum(x: Term, y: Term | int, factor: Term | None = None) -> Term:
    """Return x + y*factor; an operand that is left out adds nothing."""
    return x if isinstance(y, int) else x + y if factor is None else x + y * factor


def _annuity(m: Any, rate: Term, periods: Term, due: Term | int) -> Term:
    """Return what payments of 1 grow to; of a rate of 0 it is their number."""
    sum_of_powers: Term
    if rate.number is not None:
        sum_of_powers = ((1 + rate) ** periods - 1) / rate if rate.number else periods
    else:
        sum_of_powers = m.where(m.eq(rate, 0), periods, ((1 + rate) ** periods - 1) / m.where(m.eq(rate, 0), 1, rate))
    return sum_of_powers if isinstance(due, int) or due.number == 0 else sum_of_powers * (1 + rate * due)
