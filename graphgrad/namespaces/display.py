"""Format numbers: six significant digits, the chosen precision, or the fewest digits that read back exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["digits", "entries", "exact", "printed", "short"]


def short(value: Any) -> str:
    """Return a number in six significant digits, or a short fraction that they would round; an array as its shape.

    >>> from fractions import Fraction
    >>> short(715.0000000000001), short(1.5e-7), short(Fraction(1, 3)), short(Fraction(27, 25))
    ('715', '1.5e-07', '1/3', '1.08')
    """
    return kind_of(value).short(value)


def entries(value: Any) -> str:
    """Return a number, the numbers of a small array, or the shape and the range of a large one.

    >>> import numpy as np
    >>> entries(np.array([[1, 0.5], [2, 3]])), entries(np.arange(100.0))
    ('[[1, 0.5], [2, 3]]', '(100,), from 0 to 99')
    """
    return kind_of(value).entries(value)


def exact(value: Any) -> str:
    """Return the shortest text that reads back as the same number.

    >>> from fractions import Fraction
    >>> exact(715.0000000000001), exact(5.0), exact(Fraction(27, 25))
    ('715.0000000000001', '5.0', '27/25')
    """
    return kind_of(value).text(value)


def digits(value: Any) -> str:
    """Return a number in six significant digits, or in the precision that was chosen for it.

    >>> from fractions import Fraction
    >>> from graphgrad.namespaces.many_digits import Precise
    >>> digits(Precise(20).const(Fraction(1, 3))), digits(1 / 3)
    ('0.33333333333333333333', '0.333333')
    """
    return kind_of(value).digits(value)


def printed(value: Any, as_text: Callable[[Any], str] = repr) -> str:
    """Return a number as Python prints it, and in six digits what has too many for it.

    >>> from fractions import Fraction
    >>> printed(Fraction(1, 3)), printed(Fraction(10) ** 5000)
    ('Fraction(1, 3)', '1e+5000')
    """
    try:
        return as_text(value)
    except ValueError:
        return short(value)
