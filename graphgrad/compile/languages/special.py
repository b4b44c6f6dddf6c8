"""Special functions that Python's math lacks; generated code contains their source."""

from __future__ import annotations

import math

__all__: list[str] = []  # as text, an operation's name stands in the rules alone


def digamma(x: float) -> float:
    """Return the logarithmic derivative of gamma: DLMF 5.5.2 up to 10, 5.11.2 above, 5.5.4 below 0.

    >>> round(digamma(1.0), 12)
    -0.577215664902
    """
    if x <= 0:
        if x == math.floor(x):
            raise ValueError(x)
        return digamma(1 - x) - math.pi / math.tan(math.pi * (x - round(x)))
    total, enough = 0.0, 10
    while x < enough:
        total -= 1 / x
        x += 1
    y, series = 1 / (x * x), 0.0
    for b in (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
        series = (series + b) * y
    return total + math.log(x) - 0.5 / x - series


def polygamma(n: float, x: float) -> float:
    """Return the n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1, by Euler–Maclaurin, DLMF 25.11.5.

    >>> round(polygamma(1.0, 1.0), 12)
    1.644934066848
    """
    if n == 0:
        return digamma(x)
    longest_sum = 1e5
    if n < 0 or n != math.floor(n) or (x <= 0 and x == math.floor(x)) or x < -longest_sum:
        raise ValueError(n, x)
    s, total, enough = float(n + 1), 0.0, n + 10
    while x < enough:
        total += x**-s
        x += 1
    term = s * x ** (-s - 1)
    total += x ** (1 - s) / n + x**-s / 2
    bernoulli = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600)
    for k, b in enumerate(bernoulli):
        total += b * term
        term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (x * x)
    return float((1 if n % 2 else -1) * math.gamma(s) * total)
