"""How a number is written: six significant digits to look at, or the shortest text that reads back exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

__all__ = ["exact", "short"]

DIGITS: Final = 6
"""Significant digits of a number that is looked at."""

MAX_FRACTION: Final = 9
"""The longest fraction written as one; a longer one is written as a decimal."""


def short(value: Any) -> str:  # noqa: ANN401
    """Return a number to look at: six significant digits, or a fraction where it is exact and short.

    >>> short(715.0000000000001), short(1.5e-7), short(Fraction(1, 3)), short(Fraction(27, 25))
    ('715', '1.5e-07', '1/3', '1.08')
    >>> short(Fraction(10) ** 400)
    '1e+400'
    """
    if not isinstance(value, Fraction):
        return _unsigned_zero(f"{value:.{DIGITS}g}")
    rounded = _rounded(value)
    text = str(value)
    return text if len(text) <= MAX_FRACTION and Fraction(rounded) != value else rounded


def exact(value: Any) -> str:  # noqa: ANN401
    """Return the shortest text that reads back as the same number.

    >>> exact(715.0000000000001), exact(5.0), exact(Fraction(27, 25))
    ('715.0000000000001', '5.0', '27/25')
    """
    return str(value) if isinstance(value, Fraction) else repr(value)


def _rounded(value: Fraction) -> str:
    """Format a fraction, which may lie beyond the floats."""
    try:
        return short(float(value)) if float(value) or not value else _far(value)
    except OverflowError:
        return _far(value)


def _far(value: Fraction) -> str:
    from decimal import Context  # noqa: PLC0415  only numbers beyond the floats need it

    context = Context(prec=DIGITS)
    number = context.divide(context.create_decimal(value.numerator), context.create_decimal(value.denominator))
    return f"{number.normalize(context):e}"


def _unsigned_zero(text: str) -> str:
    return "0" if text == "-0" else text
