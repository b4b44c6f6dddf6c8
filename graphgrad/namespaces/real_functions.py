"""Compute sympy's functions in a context of mpmath, within bounded time."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.polygamma_series import polygamma_of_order
from graphgrad.namespaces.rational_functions import SympyNames, chosen, every, some
from graphgrad.namespaces.special_digits import SPECIAL_DIGITS
from graphgrad.ops.special_witnesses import gamma_of_digits

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["REAL"]

MAX_MAGNITUDE: Final = 20_000
"""The largest binary magnitude of an operand: mpmath takes as many bits of pi or of log(2) to reduce it."""

MAX_POWER: Final = 10_000
"""The largest whole exponent that is computed by multiplication."""


def _bounded(name: str) -> Callable[..., Any]:
    """Return a function of mpmath that has no value for operands of a larger magnitude."""

    def function(m: Any, *xs: Any) -> Any:
        if any(_is_huge(m, x) for x in xs):
            return m.nan
        return _real(getattr(m, name)(*xs))

    return function


def _steep(name: str) -> Callable[..., Any]:
    """Return a function of mpmath that has its limit at infinity for operands of a larger magnitude."""

    def function(m: Any, x: Any) -> Any:
        return _real(getattr(m, name)(m.sign(x) * m.inf if _is_huge(m, x) else x))

    return function


def _is_huge(m: Any, x: Any) -> bool:
    return bool(x) and bool(m.isfinite(x)) and m.mag(x) > MAX_MAGNITUDE


def _real(z: Any) -> Any:
    """Return a complex number without an imaginary part as a real one."""
    return z.real if getattr(z, "imag", 0) == 0 else z


def _relation(relation: Callable[[Any, Any], bool]) -> Callable[..., bool | None]:
    return lambda m, x, y: None if m.isnan(x) or m.isnan(y) else bool(relation(x, y))


def _power(m: Any, x: Any, y: Any) -> Any:
    if _is_huge(m, y):
        return m.nan
    if not m.isint(y) or abs(y) <= MAX_POWER:
        return _real(x**y)
    with m.extraprec(2 * m.mag(y)):
        size = m.exp(y * m.log(abs(x)))
    return -size if x < 0 and int(y) % 2 else +size


def _lgamma(m: Any, x: Any) -> Any:
    return m.nan if _is_huge(m, x) else m.loggamma(x).real


def _polygamma(m: Any, n: Any, x: Any) -> Any:
    if _is_huge(m, x) or not m.isint(n) or n < 0:
        return m.nan
    return polygamma_of_order(m, int(n), x)


def _chosen(m: Any, *pairs: Any) -> Any:
    value = chosen(*pairs)
    return m.nan if value is None else value


def _extreme(of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda m, *xs: m.nan if any(map(m.isnan, xs)) else of(xs)


REAL: Final[SympyNames] = {
    **{
        name: _bounded(name)
        for name in (
            *("sin", "cos", "tan", "cot", "sec", "csc", "erf", "erfc", "gamma", "loggamma", "digamma", "log", "atan2"),
            *("asin", "acos", "atan", "acot", "asec", "acsc", "asinh", "acosh", "atanh", "acoth", "asech", "acsch"),
            *("zeta", "conjugate"),
        )
    },
    "lowergamma": lambda m, a, x: SPECIAL_DIGITS["gammainc"](m, a, x) * gamma_of_digits(m, a),
    "uppergamma": lambda m, a, x: SPECIAL_DIGITS["gammaincc"](m, a, x) * gamma_of_digits(m, a),
    "betainc_regularized": lambda m, a, b, low, x: SPECIAL_DIGITS["betainc"](m, a, b, x) if low == 0 else m.nan,
    "erfinv": SPECIAL_DIGITS["erfinv"],
    "erfcinv": SPECIAL_DIGITS["erfcinv"],
    "expint": lambda m, n, x: _real(m.expint(n, x)),
    "LambertW": SPECIAL_DIGITS["lambertw"],
    "beta": SPECIAL_DIGITS["beta"],
    "binomial": SPECIAL_DIGITS["binomial"],
    "factorial": SPECIAL_DIGITS["factorial"],
    "Ei": SPECIAL_DIGITS["expi"],
    "besselj": SPECIAL_DIGITS["jv"],
    "bessely": SPECIAL_DIGITS["yv"],
    "besseli": SPECIAL_DIGITS["iv"],
    "besselk": SPECIAL_DIGITS["kv"],
    **{name: _steep(name) for name in ("exp", "sinh", "cosh", "tanh", "coth", "sech", "csch")},
    "Pi": lambda m: +m.pi,
    "Exp1": lambda m: +m.e,
    "EulerGamma": lambda m: +m.euler,
    "Add": lambda _m, *xs: reduce(operator.add, xs),
    "Mul": lambda _m, *xs: reduce(operator.mul, xs),
    "Pow": _power,
    "Root": lambda m, x: m.sqrt(x),
    "Abs": lambda _m, x: abs(x),
    "sign": lambda m, x: m.sign(x),
    "re": lambda m, x: m.re(x),
    "im": lambda m, x: m.im(x),
    "Max": _extreme(max),
    "Min": _extreme(min),
    "floor": lambda m, x: m.floor(x),
    "ceiling": lambda m, x: m.ceil(x),
    "LogAbsGamma": _lgamma,
    "polygamma": _polygamma,
    "Heaviside": lambda m, x, *_: m.nan if m.isnan(x) else (m.sign(x) + 1) / 2,
    "DiracDelta": lambda m, x: m.zero if x != 0 else m.nan,
    "Piecewise": _chosen,
    "Lt": _relation(operator.lt),
    "Le": _relation(operator.le),
    "Gt": _relation(operator.gt),
    "Ge": _relation(operator.ge),
    "Eq": _relation(operator.eq),
    "Ne": _relation(operator.ne),
    "BooleanTrue": lambda _m: True,
    "BooleanFalse": lambda _m: False,
    "And": lambda _m, *xs: every(*xs),
    "Or": lambda _m, *xs: some(*xs),
    "Not": lambda _m, x: None if x is None else not x,
    "Xor": lambda _m, *xs: None if None in xs else sum(map(bool, xs)) % 2 == 1,
    "ITE": lambda _m, condition, x, y: chosen(x, condition, y, True),  # noqa: FBT003  it is a list of conditions
}
"""mpmath's functions by the names of sympy's, and functions for what is named otherwise."""
