"""Excel's rounding: half away from 0, away from 0 and towards 0, to digits before or after the decimal point."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from graphgrad.text.dialects.excel.terms import Term

__all__ = ["away", "even", "half_away", "multiple_above", "multiple_below", "odd", "towards_0"]

NEARLY: Final = 1 + Fraction(4, 10**16)
"""Excel rounds the decimals that are shown: 2.675, which is stored as a little less, becomes 2.68."""

MOST_DIGITS: Final = 300


def half_away(m: Any, x: Term, digits: Term | int = 0) -> Term:
    """Round to the nearest number of so many decimals, a half away from 0."""
    if isinstance(digits, int) or digits.number is not None:
        return m.round_half_away(x, digits)  # type: ignore[no-any-return]
    unit = _unit(m, digits)
    return _scaled(m.sign(x) * m.floor(m.abs(x) * (unit * NEARLY) + Fraction(1, 2)), unit)


def away(m: Any, x: Term, digits: Term | int = 0) -> Term:
    """Round away from 0."""
    unit = _unit(m, digits)
    return _scaled(m.sign(x) * m.ceil(m.abs(x) * (unit / NEARLY)), unit)


def towards_0(m: Any, x: Term, digits: Term | int = 0) -> Term:
    """Cut decimals off."""
    unit = _unit(m, digits)
    return _scaled(m.sign(x) * m.floor(m.abs(x) * (unit * NEARLY)), unit)


def multiple_above(m: Any, x: Term, *rest: Term) -> Any:
    """Return the multiple above; a third operand, the mode, moves negative numbers away from 0."""
    return _multiple(m, m.ceil, m.floor, x, rest)


def multiple_below(m: Any, x: Term, *rest: Term) -> Any:
    """Return the multiple below; a third operand, the mode, moves negative numbers towards 0."""
    return _multiple(m, m.floor, m.ceil, x, rest)


def _multiple(m: Any, whole: Any, other: Any, x: Term, rest: tuple[Term, ...]) -> Any:
    """Return a multiple of the size of the second operand, on the other side of a negative number by the mode."""
    unit = m.abs(rest[0]) if rest else 1
    count = x / unit if rest else x
    mode = rest[1] if len(rest) > 1 else m.lift(0)
    if mode.number == 0:
        return whole(count) * unit if rest else whole(count)
    negative = m.lt(x, 0) if mode.number else m.logical_and(mode, m.lt(x, 0))
    return m.where(negative, other(count), whole(count)) * unit


def even(m: Any, x: Term) -> Any:
    """Round away from 0 to an even number."""
    return m.sign(x) * m.ceil(m.abs(x) / 2) * 2


def odd(m: Any, x: Term) -> Any:
    """Round away from 0 to an odd number; 0 becomes 1."""
    return m.where(m.ge(x, 0), 1, -1) * (m.ceil((m.abs(x) - 1) / 2) * 2 + 1)


def _unit(m: Any, digits: Term | int) -> Any:
    """Return 10 to the power of the digits: a fraction where the formula says how many."""
    number = Fraction(digits) if isinstance(digits, int) else digits.number
    if number is None or abs(number) > MOST_DIGITS:
        return m.pow(10, digits)
    return Fraction(10) ** int(number)


def _scaled(whole: Term, unit: Any) -> Term:
    if unit == 1:
        return whole
    return whole * (1 / unit) if isinstance(unit, Fraction) and unit < 1 else whole / unit
