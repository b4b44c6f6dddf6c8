"""Declare powers, roots and logarithms to a base, and differences that are right near 0."""

from __future__ import annotations

from typing import Any, Final

from graphgrad.ops.elementary import ABOVE_1, POSITIVE, R
from graphgrad.ops.op import Interval, Op

__all__ = ["FAMILIES"]

ORDER: Final = Interval(1, 9)


def _logarithm(m: Any, x: Any, y: Any) -> Any:
    """Return the logarithm, whole where the base is 2 or 10 and the power is theirs."""
    return m.where(m.eq(y, 2), m.log2(x), m.where(m.eq(y, 10), m.log10(x), m.log(x) / m.log(y)))


def _is_odd_of_negative(m: Any, x: Any, n: Any) -> Any:
    return m.lt(x, 0) * m.eq(n - 2 * m.floor(n / 2), 1)


def _root(m: Any, x: Any, n: Any) -> Any:
    is_negative = _is_odd_of_negative(m, x, n)
    root = m.pow(m.where(is_negative, -x, x), 1 / n)
    return m.where(is_negative, -root, root)


def _corrected_root(m: Any, x: Any, n: Any) -> Any:
    """Return the root after a step of Newton's method, since 1/n is rounded."""
    root = _root(m, x, n)
    power = m.pow(m.where(root, root, 1), n - 1)
    is_real = m.where(m.lt(x, 0), _is_odd_of_negative(m, x, n), 1)
    is_usable = is_real * m.gt(m.abs(power), 0) * m.lt(m.abs(power), 10**300)
    return m.where(is_usable, root - (root - x / m.where(power, power, 1)) / n, root)


def _power_less_1(m: Any, x: Any, y: Any) -> Any:
    """Return (x**y − 1)/y, near 1 without a difference."""
    exponent, divisor = y * m.log(x), m.where(y, y, 1)
    is_near = m.lt(m.abs(exponent), 1)
    near = m.expm1(m.where(is_near, exponent, 0)) / divisor
    return m.where(y, m.where(is_near, near, (m.pow(x, y) - 1) / divisor), m.log(x))


# fmt: off
POWERS: Final = (
    Op("exp2", lambda m, x: m.pow(2, x), d=(lambda m, z, x: z * m.log(2),), tex="2^{#1}",
       witness=lambda mp, x: mp.power(2, x), about="power of 2"),
    Op("exp10", lambda m, x: m.pow(10, x), d=(lambda m, z, x: z * m.log(10),), tex="10^{#1}",
       witness=lambda mp, x: mp.power(10, x), about="power of 10"),
    Op("log_base", lambda m, x, y: m.log(x) / m.log(y), on=(POSITIVE, ABOVE_1), spoken="log",
       d=(lambda m, z, x, y: 1 / (x * m.log(y)), lambda m, z, x, y: -z / (y * m.log(y))), stable_f=_logarithm,
       tex=r"\log_{#2}\left(#1\right)", rounding=3, witness=lambda mp, x, y: mp.log(x, y),
       roles=("number", "base"), about="logarithm of x to base y"),
    Op("nthroot", _root, on=(POSITIVE, ORDER), stable_f=_corrected_root,
       d=(lambda m, z, x, n: z / (n * x), lambda m, z, x, n: -z * m.log(x) / n**2), aliases=("nthRoot",),
       tex=r"\sqrt[{#2}]{#1}", rounding=2, witness=lambda mp, x, n: mp.power(x, 1 / n),
       roles=("number", "order"), about="real root of x of order y; of a negative number for odd orders only"),
    Op("cosm1", lambda m, x: m.cos(x) - 1, d=(lambda m, z, x: -m.sin(x),),
       stable_f=lambda m, x: -2 * m.sin(x / 2) * m.sin(x / 2), rounding=3,
       witness=lambda mp, x: -2 * mp.sin(x / 2)**2, about="cos(x) − 1, right near 0"),
    Op("boxcox", lambda m, x, y: m.where(y, (m.pow(x, y) - 1) / m.where(y, y, 1), m.log(x)), on=(POSITIVE, R),
       d=(lambda m, z, x, y: m.pow(x, y - 1), None),
       stable_f=_power_less_1,
       rounding=lambda m, z, x, y: 3 * m.abs(z) + m.pow(x, y) * m.abs(m.log(x)) * 2,
       witness=lambda mp, x, y: (mp.power(x, y) - 1) / y if y else mp.log(x),
       roles=("number", "power"), about="(x**y − 1)/y, and log(x) where y is 0"),
)
# fmt: on

FAMILIES: Final = {"Powers, roots and logarithms to a base": POWERS}
