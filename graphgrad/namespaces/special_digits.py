"""Compute the special functions in a context of mpmath, which raises `ValueError` where there is no real value."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.special_witnesses import gamma_of_digits, lower_gamma, upper_gamma

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.targets import Spellings

__all__ = ["SPECIAL_DIGITS"]

NEWTON_STEPS: Final = 60
"""More steps than Newton's method takes from the digits of a float to any precision that can be chosen."""


def _factorial(m: Any, x: Any) -> Any:
    return m.gamma(x + 1)


def _binomial(m: Any, n: Any, k: Any) -> Any:
    return m.gamma(n + 1) * m.rgamma(k + 1) * m.rgamma(n - k + 1)


def _beta(m: Any, a: Any, b: Any) -> Any:
    return m.gamma(a) * m.gamma(b) * m.rgamma(a + b)


def _betaln(m: Any, a: Any, b: Any) -> Any:
    if a <= 0 or b <= 0:
        return m.log(abs(_beta(m, a, b)))
    with m.extraprec(_size(m, a, b) + 20):
        return m.loggamma(a) + m.loggamma(b) - m.loggamma(a + b)


def _size(m: Any, *xs: Any) -> int:
    """Return how many bits the largest of numbers has before its point, and the smallest behind it."""
    return max(abs(int(m.mag(x))) if x else 0 for x in xs)


def _digamma_step(m: Any, x: Any, h: Any) -> Any:
    with m.extraprec(2 * _size(m, x, h) + 20):
        return m.digamma(x + h) - m.digamma(x)


def _lower(m: Any, a: Any, x: Any) -> Any:
    _refuse(a <= 0 or x < 0)
    return lower_gamma(m, a, x)


def _upper(m: Any, a: Any, x: Any) -> Any:
    _refuse(a <= 0 or x < 0)
    return upper_gamma(m, a, x)


def _gamma_density(m: Any, a: Any, x: Any) -> Any:
    _refuse(a <= 0 or x < 0)
    return x ** (a - 1) * m.exp(-x) / gamma_of_digits(m, a)


def _betainc(m: Any, a: Any, b: Any, x: Any) -> Any:
    _refuse(a <= 0 or b <= 0 or not 0 <= x <= 1)
    if not 0 < x < 1:
        return x
    if x * (a + b + 2) <= a + 1:
        return _beta_series(m, a, b, x)
    with m.extraprec(m.prec):
        return 1 - _beta_series(m, b, a, 1 - x)


def _beta_series(m: Any, a: Any, b: Any, x: Any) -> Any:
    """Return the incomplete beta function by DLMF 8.17.8, a series of positive terms."""
    with m.extraprec(20):
        term = total = m.one
        k = 0
        while term > total * m.eps:
            term *= x * (a + b + k) / (a + 1 + k)
            k += 1
            total += term
        return x**a * (1 - x) ** b * total / (a * _beta(m, a, b))


def _beta_density(m: Any, a: Any, b: Any, x: Any) -> Any:
    _refuse(a <= 0 or b <= 0 or not 0 <= x <= 1)
    return x ** (a - 1) * (1 - x) ** (b - 1) / _beta(m, a, b)


def _erfinv(m: Any, x: Any) -> Any:
    _refuse(not -1 < x < 1)
    return m.erfinv(x) if abs(x) < 0.5 else m.sign(x) * _erfc_tail(m, 1 - abs(x))  # noqa: PLR2004  a quarter each


def _erfcinv(m: Any, x: Any) -> Any:
    _refuse(not 0 < x < 2)  # noqa: PLR2004  erfc is below 2
    if abs(x - 1) < 0.5:  # noqa: PLR2004  likewise
        return m.erfinv(1 - x)
    return _erfc_tail(m, x) if x < 1 else -_erfc_tail(m, 2 - x)


def _erfc_tail(m: Any, x: Any) -> Any:
    """Return where erfc is a small number, by Newton's method on its logarithm."""
    with m.extraprec(20 + 2 * max(_size(m, x).bit_length(), 8)):
        y = m.sqrt(-m.log(x))
        for _ in range(NEWTON_STEPS):
            tail = m.erfc(y)
            step = m.log(tail / x) * tail * m.sqrt(m.pi) / 2 * m.exp(y * y)
            y += step
            if abs(step) <= abs(y) * m.ldexp(1, -(m.prec // 2) - 5):
                break
        tail = m.erfc(y)
        y += m.log(tail / x) * tail * m.sqrt(m.pi) / 2 * m.exp(y * y)
    return +y


def _erfcx(m: Any, x: Any) -> Any:
    with m.extraprec(2 * max(_size(m, x), 0) + 10):
        return m.exp(x * x) * m.erfc(x)


def _erfcx_slope(m: Any, x: Any) -> Any:
    with m.extraprec(4 * max(_size(m, x), 0) + 20):
        return 2 * x * m.exp(x * x) * m.erfc(x) - 2 / m.sqrt(m.pi)


def _exp1(m: Any, x: Any) -> Any:
    _refuse(x <= 0)
    return m.e1(x)


def _expi(m: Any, x: Any) -> Any:
    _refuse(x == 0)
    return m.ei(x)


def _lambertw(m: Any, x: Any) -> Any:
    w = m.lambertw(x)
    _refuse(bool(getattr(w, "imag", 0)))
    return w.real


def _lambertw_plus_1(m: Any, x: Any) -> Any:
    with m.extraprec(m.prec + 20):
        return 1 + _lambertw(m, x)


def _bessel(name: str, least: Any) -> Callable[..., Any]:
    def function(m: Any, order: Any, x: Any) -> Any:
        _refuse(x < 0 and not (least is None and m.isint(order)))
        _refuse(x == 0 and (least is not None or (order < 0 and not m.isint(order))))
        return getattr(m, name)(order, x)

    return function


def _refuse(outside: bool) -> None:  # noqa: FBT001  the one question that there is
    if outside:
        raise ValueError("not defined")


def _real(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose results are real, and whose only error is a `ValueError`."""

    @wraps(f)
    def function(m: Any, *xs: Any) -> Any:
        from mpmath.libmp import NoConvergence

        try:
            z = f(m, *map(m.convert, xs))
        except NoConvergence:
            raise ValueError("not computed") from None
        _refuse(isinstance(z, m.mpc) and bool(z.imag))
        return +z.real

    return function


DIGITS: Final[Spellings] = {
    "factorial": _factorial,
    "binomial": _binomial,
    "beta": _beta,
    "betaln": _betaln,
    "digamma_step": _digamma_step,
    "gammainc": _lower,
    "gammaincc": _upper,
    "gamma_density": _gamma_density,
    "betainc": _betainc,
    "beta_density": _beta_density,
    "erfinv": _erfinv,
    "erfcinv": _erfcinv,
    "erfcx": _erfcx,
    "erfcx_slope": _erfcx_slope,
    "exp1": _exp1,
    "expi": _expi,
    "lambertw": _lambertw,
    "lambertw_plus_1": _lambertw_plus_1,
    "jv": _bessel("besselj", None),
    "yv": _bessel("bessely", 0),
    "iv": _bessel("besseli", None),
    "kv": _bessel("besselk", 0),
}
"""The functions below `_real` by operation."""

SPECIAL_DIGITS: Final[Spellings] = {name: _real(f) for name, f in DIGITS.items()}
"""The special functions by operation, of a context and its numbers."""
