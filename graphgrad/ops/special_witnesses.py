"""Compute gamma and incomplete functions in contexts of mpmath, as the witnesses of the special functions need them."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["gamma_of_digits", "incomplete_beta", "lower_gamma", "upper_gamma"]

MANY_BITS: Final = 1000
"""The precision from which mpmath takes seconds to prepare its series of gamma near 1."""


def gamma_of_digits(mp: Any, x: Any) -> Any:
    """Return gamma(x); with many digits, from a far larger operand by DLMF 5.5.1.

    >>> from mpmath import MPContext
    >>> print(gamma_of_digits(MPContext(), 5))
    24.0
    """
    if mp.prec < MANY_BITS or not 0 < x < mp.prec:
        return mp.gamma(x)
    with mp.extraprec(20):
        product, steps = mp.one, mp.prec
        for k in range(steps):
            product *= x + k
        return mp.gamma(x + steps) / product


def lower_gamma(mp: Any, a: Any, x: Any) -> Any:
    """Return P(a, x) by Kummer's function, DLMF 8.5.1.

    >>> from mpmath import MPContext
    >>> print(lower_gamma(MPContext(), 1, 2))
    0.864664716763387
    """
    return x**a * mp.exp(-x) * mp.hyp1f1(1, a + 1, x) / gamma_of_digits(mp, a + 1)


def upper_gamma(mp: Any, a: Any, x: Any) -> Any:
    """Return Q(a, x) by Tricomi's function, DLMF 8.5.3, or as 1 - P(a, x).

    >>> from mpmath import MPContext
    >>> print(upper_gamma(MPContext(), 1, 2))
    0.135335283236613
    """
    if not x > a + 1:
        with mp.extraprec(20 + 2 * abs(int(mp.mag(a)))):
            return 1 - lower_gamma(mp, a, x)
    return mp.exp(-x) * mp.hyperu(1 - a, 1 - a, x) / gamma_of_digits(mp, a)


def incomplete_beta(mp: Any, a: Any, b: Any, x: Any) -> Any:
    """Return I_x(a, b) by Gauss's function, on the side where that is near 1, DLMF 8.17.8; None off its domain.

    >>> from mpmath import MPContext
    >>> print(incomplete_beta(MPContext(), 2, 3, 0.25))
    0.26171875
    """
    if not 0 < x < 1:
        return None
    if x * (a + b + 2) > a + 1:
        with mp.workprec(2 * mp.prec):
            return 1 - incomplete_beta(mp, b, a, 1 - x)
    return x**a * (1 - x) ** b * mp.hyp2f1(a + b, 1, a + 1, x) / (a * mp.beta(a, b))
