"""Excel's functions of finance: annuities and present values, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = [
    "future_value",
    "interest_paid",
    "interest_payment",
    "net_present_value",
    "number_of_periods",
    "payment",
    "present_value",
    "present_value_by_dates",
    "principal_paid",
    "principal_payment",
]


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
    return sum_of_powers if _at_the_end(due) else sum_of_powers * (1 + rate * due)


def interest_payment(m: Any, rate: Term, period: Term, periods: Term, value: Term, *rest: Term) -> Any:
    """Return the interest in the payment of one period."""
    interest = -rate * _owed(m, rate, period - 1, periods, value, *rest)
    _, due = _left_out(rest)
    if _at_the_end(due):
        return interest
    return m.where(m.logical_and(due, m.eq(period, 1)), 0, interest)


def principal_payment(m: Any, rate: Term, period: Term, periods: Term, value: Term, *rest: Term) -> Any:
    """Return what the payment of one period pays back."""
    return payment(m, rate, periods, value, *rest) - interest_payment(m, rate, period, periods, value, *rest)


def principal_paid(m: Any, rate: Term, periods: Term, value: Term, *span: Term) -> Any:
    """Return what the payments from one period to another pay back."""
    first, last, due = span
    rest = m.lift(0), due
    return _owed(m, rate, last, periods, value, *rest) - _owed(m, rate, first - 1, periods, value, *rest)


def interest_paid(m: Any, rate: Term, periods: Term, value: Term, *span: Term) -> Any:
    """Return the interest in the payments from one period to another."""
    first, last, due = span
    paid = payment(m, rate, periods, value, m.lift(0), due) * (last - first + 1)
    return paid - principal_paid(m, rate, periods, value, *span)


def _owed(m: Any, rate: Term, period: Term, periods: Term, value: Term, *rest: Term) -> Any:
    """Return what is still owed when a period's payment has been made."""
    _, due = _left_out(rest)
    paid = payment(m, rate, periods, value, *rest)
    owed = -future_value(m, rate, period, paid, value, *rest[1:])
    if _at_the_end(due):
        return owed
    return m.where(m.logical_and(due, m.ne(period, 0)), owed / (1 + rate), owed)


def _at_the_end(due: Term | int) -> bool:
    """Whether the formula itself says that payments are due at the end of a period."""
    return isinstance(due, int) or due.number == 0


def number_of_periods(m: Any, rate: Term, payment: Term, value: Term, *rest: Term) -> Any:
    """Return after how many payments a value has come to another one."""
    future, due = _left_out(rest)
    grown = payment if _at_the_end(due) else payment * (1 + rate * due)
    if rate.number == 0:
        return -(value + future) / payment
    is_zero = m.eq(rate, 0)
    safe = rate if rate.number is not None else m.where(is_zero, 1, rate)
    with_interest = m.log((grown - future * safe) / (grown + value * safe)) / m.log1p(safe)
    return with_interest if safe is rate else m.where(is_zero, -(value + future) / payment, with_interest)


def present_value_by_dates(low: Lowering, operands: list[Operand]) -> Value:
    """XNPV: discount each number by the years of 365 days since the first date."""
    growth = 1 + low.number(operands[0])
    values, dates = (low.numbers([operand]) for operand in operands[1:])
    if len(values) != len(dates):
        low.fail("the ranges have different sizes", low.m.span, f"{len(values)} numbers and {len(dates)} dates")
    if not values:
        low.fail("there are no numbers here", low.m.span)
    return low.m.total([x / growth ** ((date - dates[0]) / 365) for x, date in zip(values, dates, strict=True)])
