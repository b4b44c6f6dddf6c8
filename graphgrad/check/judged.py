"""Judge numbers of arrays by the bound of their rounding: within it is rounding, and outside it is a fault."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import JUDGED
from graphgrad.backprop.passes import rational
from graphgrad.check.report import Row, compared, too_small_for_sympy

if TYPE_CHECKING:
    from graphgrad.namespaces.kind import Kind

__all__ = ["NEGLIGIBLE", "digits_of_reference", "doubt_note", "is_usable", "judged", "unbounded", "underflow"]

NEGLIGIBLE: Final = Fraction(1, 10**25)
"""The referee's own error, relative to its number."""

FEW: Final = 1000
"""The units of rounding within which a number is right although its rounding has no finite bound."""

SMALL: Final = Fraction(1, 10**10)
"""An error is none if it is so much smaller than its bound: the referee has an error, too."""

FEWEST: Final = 3
"""The fewest digits in doubt that are worth a word."""

UNDERFLOWS: Final = 1000
"""The multiple of the smallest float up to which a bound is that of underflow, which costs no digits."""


def digits_of_reference(kind: Kind) -> float:
    """Return the digits of a reference for numbers of a kind: 30 more than they have.

    >>> from graphgrad.namespaces.floats import FLOATS
    >>> round(digits_of_reference(FLOATS))
    46
    """
    return 30 - _log10(kind.unit_roundoff) if kind.unit_roundoff else 0


def is_usable(bound: Any) -> bool:
    """Whether a bound of an error is a finite number."""
    return bound is not None and bool(bound - bound == 0)


def underflow(kind: Kind) -> Fraction:
    """Return by how much a number below the smallest one of a kind is changed: a derivative of tanh at 1000 is 0.

    >>> from graphgrad.namespaces.floats import FLOATS
    >>> underflow(FLOATS) == Fraction(math.ulp(0.0))
    True
    """
    return Fraction(rational(kind.smallest))


def judged(row: Row, theirs: Fraction, bound: Any, kind: Kind) -> Row:
    """Return a row with the referee's number: "failed" beyond the bound; "rounding" within it, if it costs digits.

    >>> from graphgrad.namespaces.floats import FLOATS
    >>> row = Row("value", "x", "ok", 0.0)
    >>> [judged(row, Fraction(1), bound, FLOATS).status for bound in (1e-16, 1.0, None)]
    ['failed', 'rounding', 'not attempted']
    """
    if too_small := too_small_for_sympy(row, theirs):
        return too_small
    result, error = compared(row.level, row.subject, row.ours, theirs, row.node), abs(Fraction(row.ours) - theirs)
    if not is_usable(bound):
        return unbounded(result, error, abs(theirs), kind)
    if error > JUDGED * (Fraction(rational(bound)) + underflow(kind)) + NEGLIGIBLE * abs(theirs):
        return result._replace(status="failed")
    note = "" if error <= NEGLIGIBLE * abs(theirs) else doubt_note(error, bound, row.ours, kind)
    return result._replace(status="rounding", note=note) if note else result


def unbounded(row: Row, error: Fraction, size: Fraction, kind: Kind) -> Row:
    """Return a row of a number whose rounding has no finite bound: it is held where the error is small all the same."""
    if error <= FEW * Fraction(rational(kind.unit_roundoff)) * size:
        return row
    return row._replace(status="not attempted", theirs=None, note="the rounding of a step has no finite bound")


def doubt_note(error: Any, bound: Any, size: Any, kind: Kind) -> str:
    """Return how many digits of a number of this size are in doubt; empty where the error is too small to tell.

    >>> from graphgrad.namespaces.floats import FLOATS
    >>> doubt_note(1e-16, 1e-15, 1.0, FLOATS), doubt_note(1e-5, 1e-4, 1.0, FLOATS)
    ('', 'rounding leaves about 12 of 16 digits in doubt')
    """
    if not bound or bound <= UNDERFLOWS * kind.smallest or error <= SMALL * Fraction(rational(bound)):
        return ""
    of = round(-_log10(kind.unit_roundoff))
    if size and of + _log10(error) - _log10(size) < FEWEST:
        return ""
    digits = min(of, math.ceil(of + _log10(bound) - _log10(size))) if size else of
    return f"rounding leaves {'all' if digits == of else f'about {digits} of'} {of} digits in doubt"


def _log10(x: Any) -> float:
    """Return the decimal logarithm of a number of any size, without its sign."""
    number = abs(Fraction(rational(x)))
    return math.log10(number.numerator) - math.log10(number.denominator)
