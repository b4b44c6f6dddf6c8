"""Excel's distributions: by the last operand the distribution function or the density; and inverses of the normal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.text.dialects.excel.terms import Term

__all__ = [
    "beta_distribution",
    "binomial_distribution",
    "chi_square",
    "confidence",
    "exponential",
    "gamma_distribution",
    "log_normal",
    "log_normal_inverse",
    "normal",
    "normal_inverse",
    "poisson",
    "standard_normal",
    "weibull",
]


def normal(m: Any, x: Term, mean: Any, deviation: Any, cumulative: Term) -> Any:
    """NORM.DIST."""
    z = (x - mean) / deviation
    return _either(m, cumulative, lambda: m.normcdf(z), lambda: m.normpdf(z) / deviation)


def standard_normal(m: Any, z: Term, cumulative: Term) -> Any:
    """NORM.S.DIST."""
    return _either(m, cumulative, lambda: m.normcdf(z), lambda: m.normpdf(z))


def normal_inverse(m: Any, p: Any, mean: Any, deviation: Any) -> Any:
    """NORM.INV."""
    return mean + deviation * m.norminv(p)


def log_normal_inverse(m: Any, p: Any, mean: Any, deviation: Any) -> Any:
    """LOGNORM.INV."""
    return m.exp(normal_inverse(m, p, mean, deviation))


def confidence(m: Any, alpha: Term, deviation: Term, size: Term) -> Any:
    """CONFIDENCE.NORM: half the width of the interval for a mean."""
    return m.sqrt(2) * m.erfcinv(alpha) * deviation / m.sqrt(size)


def log_normal(m: Any, x: Term, mean: Term, deviation: Term, cumulative: Term) -> Any:
    """LOGNORM.DIST."""
    z = (m.log(x) - mean) / deviation
    return _either(m, cumulative, lambda: m.normcdf(z), lambda: m.normpdf(z) / (deviation * x))


def exponential(m: Any, x: Term, rate: Term, cumulative: Term) -> Any:
    """EXPON.DIST."""
    return _either(m, cumulative, lambda: -m.expm1(-rate * x), lambda: rate * m.exp(-rate * x))


def weibull(m: Any, x: Term, shape: Term, scale: Term, cumulative: Term) -> Any:
    """WEIBULL.DIST."""
    power = (x / scale) ** shape
    return _either(
        m, cumulative, lambda: -m.expm1(-power), lambda: shape / scale * (x / scale) ** (shape - 1) * m.exp(-power)
    )


def gamma_distribution(m: Any, x: Term, shape: Any, scale: Any, cumulative: Term) -> Any:
    """GAMMA.DIST."""
    t = x / scale
    return _either(
        m,
        cumulative,
        lambda: m.gammainc(shape, t),
        lambda: m.exp((shape - 1) * m.log(t) - t - m.lgamma(shape)) / scale,
    )


def chi_square(m: Any, x: Term, freedom: Term, cumulative: Term) -> Any:
    """CHISQ.DIST."""
    return gamma_distribution(m, x, freedom / 2, 2, cumulative)


def beta_distribution(m: Any, x: Term, a: Term, b: Term, cumulative: Term, *bounds: Term) -> Any:
    """BETA.DIST, between 0 and 1 or other bounds."""
    low = bounds[0] if bounds else 0
    width: Any = bounds[1] - low if len(bounds) > 1 else 1 - low
    t = (x - low) / width if bounds else x
    return _either(
        m,
        cumulative,
        lambda: m.betainc(a, b, t),
        lambda: m.exp((a - 1) * m.log(t) + (b - 1) * m.log1p(-t) - m.betaln(a, b)) / width,
    )


def poisson(m: Any, x: Term, mean: Term, cumulative: Term) -> Any:
    """POISSON.DIST: of a count, which is cut to a whole number."""
    k = _whole(m, x)
    return _either(
        m, cumulative, lambda: m.gammaincc(k + 1, mean), lambda: m.exp(k * m.log(mean) - mean - m.lgamma(k + 1))
    )


def binomial_distribution(m: Any, x: Term, trials: Term, p: Term, cumulative: Term) -> Any:
    """BINOM.DIST: of a count among a number of trials."""
    k, n = _whole(m, x), _whole(m, trials)
    return _either(
        m,
        cumulative,
        lambda: m.where(m.ge(k, n), 1, m.betainc(m.max(n - k, 1), k + 1, 1 - p)),
        lambda: m.binomial(n, k) * p**k * (1 - p) ** (n - k),
    )


def _whole(m: Any, x: Any) -> Any:
    return x if isinstance(x, int) or (x.number is not None and x.number.denominator == 1) else m.trunc(x)


def _either(m: Any, cumulative: Term, distribution: Callable[[], Any], density: Callable[[], Any]) -> Any:
    """Return the distribution function where the last operand is TRUE, else the density."""
    if cumulative.number is None:
        return m.where(cumulative, distribution(), density())
    return distribution() if cumulative.number else density()
