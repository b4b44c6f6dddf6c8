"""Compute polygamma functions in a context of mpmath, in a time that neither the order nor the operand lengthens.

mpmath itself steps from a negative operand to a positive one, and from there to one beyond four times the order.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["polygamma_of_order"]

MAX_REFLECTED: Final = 200
"""The largest order for which the derivatives of the cotangent are taken."""

MAX_MULTIPLIED: Final = 10_000
"""The largest order for which powers are computed by multiplication."""

MAX_LOGARITHM: Final = 10**7
"""A number with a larger logarithm, or one below its negative, is not worked out."""

FAR: Final = 10**9
"""The binary exponent of a power of 2 in place of such a number: beyond the range of every kind of number."""


def polygamma_of_order(m: Any, n: Any, x: Any) -> Any:
    """Return the derivative of this order of digamma at x; `m` is a context of mpmath.

    Raises `ValueError` at a pole, and for an order that is no natural number.

    >>> from mpmath import MPContext
    >>> m = MPContext()
    >>> print(polygamma_of_order(m, 1, m.mpf("-10000000.5")), polygamma_of_order(m, 10**6, m.mpf(1)/2))
    9.86960430108937 -4.61297600116907e+301029995
    """
    n, order, x = int(n), n, m.mpf(x)
    if n < 0 or n != order or m.isnan(x) or (x <= 0 and m.isint(x)):
        raise ValueError("polygamma has no value")
    if x < 0 and n % 2 == 0 and m.isint(2 * x):  # between two poles, which cancel
        return polygamma_of_order(m, n, 1 - x)
    if n == 0 or m.isinf(x):
        return m.digamma(x) if n == 0 else m.zero
    with m.extraprec(20 + n.bit_length() + (max(m.mag(x), 0) if x < 0 else 0)):
        if x > 0:
            z = _sign(n) * _scaled(m, n, x, _series_above)
        elif n <= MAX_REFLECTED:
            z = _reflected(m, n, x)
        else:
            z = _around_zero(m, n, x)
    return +z


def _sign(n: int) -> int:
    return 1 if n % 2 else -1


def _scaled(m: Any, n: int, x: Any, series: Callable[..., Any]) -> Any:
    """Return n!·|x|^-(n+1) times a series relative to its first term; of what is far off, a power of 2."""
    logarithm = m.loggamma(n + 1) - (n + 1) * m.log(abs(x))
    if abs(logarithm) > MAX_LOGARITHM:
        return m.ldexp(1 if x > 0 or n % 2 else -1, FAR if logarithm > 0 else -FAR)
    return m.exp(logarithm) * series(m, n, x)


def _ratio(m: Any, n: int, x: Any, y: Any) -> Any:
    """Return (y/x)^-(n+1)."""
    if n <= MAX_MULTIPLIED:
        return (x / y) ** (n + 1)
    return m.exp(-(n + 1) * m.log(y / x))


def _series_above(m: Any, n: int, x: Any) -> Any:
    """Return the sum over k of ((x+k)/x)^-(n+1) for a positive x, its tail by the Euler-Maclaurin formula.

    DLMF 25.11.43 is the formula. The sum ends early where the tail is negligible, so for a large order after few terms.
    """
    total, s, eps, enough = m.zero, n + 1, m.ldexp(1, -m.prec), int(0.4 * m.prec) + 4 * n
    for k in count():
        y = x + k
        term = _ratio(m, n, x, y)
        if term * (1 + y / n) <= eps * total:
            return total
        if y >= enough:
            break
        total += term
    total += term * (y / n + m.mpf(1) / 2)
    rising, power = m.mpf(s), term / y
    for j in count(1):
        more = m.bernoulli(2 * j) / m.factorial(2 * j) * rising * power
        total += more
        if abs(more) <= eps * total:
            return total
        rising *= (s + 2 * j - 1) * (s + 2 * j)
        power /= y * y
    raise AssertionError  # the loops end by their returns


def _reflected(m: Any, n: int, x: Any) -> Any:
    """Return the value at a negative x from that at 1-x and the derivative of the cotangent (DLMF 5.15.6)."""
    above = _sign(n) * _scaled(m, n, 1 - x, _series_above)
    coefficients = [0, 1]  # of the derivative of cot(t) as a polynomial in the cotangent
    for _ in range(n):
        slope = [k * c for k, c in enumerate(coefficients)][1:]
        coefficients = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    cotangent = m.cospi(x) / m.sinpi(x)
    return (-1) ** n * above - m.pi ** (n + 1) * m.polyval(coefficients[::-1], cotangent)


def _around_zero(m: Any, n: int, x: Any) -> Any:
    """Return the value at a negative x of a large order, to which the terms nearest to a pole contribute."""
    steps = int(m.nint(-x))

    def series(m: Any, n: int, nearest: Any) -> Any:
        total = m.zero
        for distance in count():
            for k in {steps - distance, steps + distance}:
                y = x + k
                total += _ratio(m, n, abs(nearest), abs(y)) * (1 if y > 0 or n % 2 else -1) if k >= 0 else 0
            if distance and _ratio(m, n, abs(nearest), distance - m.mpf(1) / 2) <= m.ldexp(1, -m.prec):
                return total
        raise AssertionError  # the loop ends by its return

    return _sign(n) * _scaled(m, n, x + steps, series)
