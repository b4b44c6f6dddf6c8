"""How a number is written: six significant digits to look at, or the shortest text that reads back exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from graphgrad.ops.shapes import shape_text

__all__ = ["GUARD_DIGITS", "digits", "entries", "exact", "short"]

DIGITS: Final = 6
"""Significant digits of a number that is looked at."""

GUARD_DIGITS: Final = 10
"""Digits that a number of chosen precision is computed with beyond those that are written."""
MAX_ENTRIES: Final = 20
"""The most entries of an array that are written out."""

MAX_FRACTION: Final = 9
"""The longest fraction written as one; a longer one is written as a decimal."""


def short(value: Any) -> str:
    """Return a number to look at: six significant digits, or a fraction where it is exact and short; an array's shape.

    >>> short(715.0000000000001), short(1.5e-7), short(Fraction(1, 3)), short(Fraction(27, 25))
    ('715', '1.5e-07', '1/3', '1.08')
    >>> short(Fraction(10) ** 400)
    '1e+400'
    """
    if getattr(value, "shape", ()):
        return shape_text(value.shape)
    if hasattr(value, "_mpf_"):
        return _precise(value, DIGITS)
    if not isinstance(value, Fraction):
        return _unsigned_zero(f"{value:.{DIGITS}g}")
    rounded = _rounded(value)
    text = str(value)
    return text if len(text) <= MAX_FRACTION and Fraction(rounded) != value else rounded


def entries(value: Any) -> str:
    """Return a number, or an array's numbers where they are few, to look at; else its shape and its range.

    >>> import numpy as np
    >>> entries(np.array([[1, 0.5], [2, 3]])), entries(np.arange(100.0))
    ('[[1, 0.5], [2, 3]]', '(100,), from 0 to 99')
    """
    if not getattr(value, "shape", ()):
        return digits(value)
    if value.size <= MAX_ENTRIES:
        return f"[{', '.join(map(entries, value))}]"
    return f"{short(value)}, from {short(value.min())} to {short(value.max())}"


def exact(value: Any) -> str:
    """Return the shortest text that reads back as the same number.

    >>> exact(715.0000000000001), exact(5.0), exact(Fraction(27, 25))
    ('715.0000000000001', '5.0', '27/25')
    """
    if getattr(value, "shape", ()):
        return f"[{', '.join(map(exact, value))}]"
    if hasattr(value, "_mpf_"):
        return _precise(value, value.context.dps)
    return str(value) if isinstance(value, Fraction) else repr(float(value) if isinstance(value, float) else value)


def digits(value: Any) -> str:
    """Return a number to look at; one of chosen precision with all the digits that were asked for.

    >>> from graphgrad.namespaces.many_digits import Precise
    >>> digits(Precise(20).const(Fraction(1, 3))), digits(1 / 3)
    ('0.33333333333333333333', '0.333333')
    """
    return _precise(value, value.context.dps - GUARD_DIGITS) if hasattr(value, "_mpf_") else short(value)


def _precise(value: Any, count: int) -> str:
    """Format a number of mpmath's, which says zeros and exponents in its own way."""
    text: str = value.context.nstr(value, count)
    return text.replace(".0e", "e").removesuffix(".0").removeprefix("+")


def _rounded(value: Fraction) -> str:
    """Format a fraction, which may lie beyond the floats."""
    try:
        return short(float(value)) if float(value) or not value else _far(value)
    except OverflowError:
        return _far(value)


def _far(value: Fraction) -> str:
    from decimal import Context

    context = Context(prec=DIGITS)
    number = context.divide(context.create_decimal(value.numerator), context.create_decimal(value.denominator))
    return f"{number.normalize(context):e}"


def _unsigned_zero(text: str) -> str:
    return "0" if text == "-0" else text
