"""Excel's rounding: half away from 0, away from 0 and towards 0, to digits before or after the decimal point."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from graphgrad.text.dialects.excel.terms import Term

__all__ = ["away", "half_away", "towards_0"]

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
