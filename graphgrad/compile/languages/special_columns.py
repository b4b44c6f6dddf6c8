"""Compute columns of the special functions with NumPy and SciPy, a thousand times faster than row by row.

Where SciPy's function loses digits for ordinary operands, it is composed of functions that do not.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.special_floats import SPECIAL_FLOATS

if TYPE_CHECKING:
    from graphgrad.ops.targets import Spellings

__all__ = ["SPECIAL_COLUMNS", "row_by_row"]

LARGEST_GAMMA: Final = 170.0
"""Up to here gamma is a float."""

SMALLEST: Final = 1e-150
"""From here on, the product of two values of gamma is one."""

WHOLE: Final = 2.0**53
"""Below it, a whole number that is a few units off is found by rounding."""

SMALL_STEP: Final = 0.1
SMALL_STEP_TERMS: Final = 8
"""The largest step, as a part of the operand, that is computed by a series, and the terms of that."""

FAR: Final = 2.0
FAR_TERMS: Final = 100
"""Where the continued fraction of erfc converges in so many terms."""

BEYOND: Final = 40.0
BEYOND_TERMS: Final = 36
"""Where the asymptotic series of Ei has all digits, and its terms."""

ROOT: Final = (0.3, 0.45)
"""Around the root of Ei."""

BRANCH: Final = -0.3
"""Below it, Lambert's W is near its branch point."""


def row_by_row(np: Any, name: str) -> Any:
    """Return the project's own function on arrays, nan where it fails."""
    return _one_by_one(np, SPECIAL_FLOATS[name])


def _one_by_one(np: Any, f: Any) -> Any:
    return np.vectorize(partial(_or_nan, f), otypes=[float])


def _or_nan(f: Any, *xs: float) -> float:
    try:
        return float(f(*xs))
    except (ArithmeticError, ValueError):
        return float("nan")


def _mended(np: Any, own: Any, values: Any, rows: Any, *operands: Any) -> Any:
    """Return values, in some rows replaced by those of the project's own function."""
    values, *xs = np.broadcast_arrays(values, *operands)
    if rows.any():
        values = values.copy()
        values[rows] = _one_by_one(np, own)(*(x[rows] for x in xs))
    return values[()]


def _sum(x: Any, y: Any) -> tuple[Any, Any]:
    """Return x + y and what its rounding left out."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def _gamma_of_sum(sp: Any, x: Any, y: Any) -> Any:
    """Return gamma(x + y), with what the rounding of x + y changes."""
    total, rest = _sum(x, y)
    return sp.gamma(total) * (1 + rest * sp.digamma(total))


def _beta(np: Any, sp: Any, a: Any, b: Any) -> Any:
    from graphgrad.namespaces.incomplete import beta_function

    low, high = np.minimum(a, b), np.maximum(a, b)
    usual = (low > SMALLEST) & (low + high < LARGEST_GAMMA)
    values = np.where(usual, sp.gamma(low) * (sp.gamma(high) / _gamma_of_sum(sp, low, high)), sp.beta(a, b))
    return _mended(np, beta_function, values, low < 0, a, b)


def _log_beta(np: Any, sp: Any, a: Any, b: Any) -> Any:
    values = np.log(_beta(np, sp, a, b))
    usual = (np.minimum(a, b) > SMALLEST) & (a + b < LARGEST_GAMMA)
    return np.where(usual, values, sp.betaln(a, b))


def _binomial(np: Any, sp: Any, n: Any, k: Any) -> Any:
    values, rest = sp.binom(n, k), n - k
    is_whole = (n == np.floor(n)) & (k == np.floor(k)) & (np.abs(values) < WHOLE)
    usual = (k >= 0) & (rest >= 0) & (n < LARGEST_GAMMA)
    few = np.minimum(k, rest)
    many, slip = _sum(n, -few)
    below = _gamma_of_sum(sp, many, 1.0) * (1 + slip * sp.digamma(many + 1))
    composed = _gamma_of_sum(sp, n, 1.0) / below / _gamma_of_sum(sp, few, 1.0)
    values = np.where(usual, composed, values)
    values = np.where((n < 0) & (n == np.floor(n)), np.nan, values)
    return np.where(is_whole, np.rint(values), values)


def _digamma_step(np: Any, sp: Any, x: Any, h: Any) -> Any:
    middle, square = x + h / 2, (h / 2) ** 2
    series = 0.0
    for k in range(SMALL_STEP_TERMS, 0, -1):
        series = series * square + sp.zeta(2 * k, middle)
    return np.where(np.abs(h) < SMALL_STEP * x, h * series, sp.digamma(x + h) - sp.digamma(x))


def _gamma_density(np: Any, sp: Any, a: Any, x: Any) -> Any:
    power, gamma = np.power(x, a - 1), sp.gamma(a)
    usual = (a > 0) & (x >= 0) & np.isfinite(power) & (power > 0) & np.isfinite(gamma)
    values = np.where(usual, power * np.exp(-x) / gamma, np.exp(sp.xlogy(a - 1, x) - x - sp.gammaln(a)))
    return np.where((a > 0) & (x >= 0) & np.isfinite(values), values, np.nan)


def _beta_density(np: Any, sp: Any, a: Any, b: Any, x: Any) -> Any:
    below = _beta(np, sp, a, b)
    other, slip = _sum(1.0, -x)
    above = np.power(x, a - 1) * np.power(other, b - 1) * (1 + (b - 1) * slip / other)
    usual = (above > 0) & (below > 0)
    values = np.where(usual, above / below, np.exp(sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b)))
    return np.where((a > 0) & (b > 0) & np.isfinite(values), values, np.nan)


def _inside(name: str) -> Any:
    """Return SciPy's function of a shape and an operand, which at a shape of 0 has a limit."""
    return lambda np, sp, a, x: np.where(a > 0, getattr(sp, name)(a, x), np.nan)


def _betainc(np: Any, sp: Any, a: Any, b: Any, x: Any) -> Any:
    return np.where((a > 0) & (b > 0), sp.betainc(a, b, x), np.nan)


def _erfcx_slope(np: Any, sp: Any, x: Any) -> Any:
    size, rest = np.maximum(x, FAR), 0.0
    for k in range(FAR_TERMS, 0, -1):
        rest = k / 2 / (size + rest)
    near = 2 * x * sp.erfcx(x) - 2 / np.sqrt(np.pi)
    return np.where(x < FAR, near, -2 / np.sqrt(np.pi) * (rest / (size + rest)))


def _expi(np: Any, sp: Any, x: Any) -> Any:
    from graphgrad.namespaces.exponential_integrals import principal_integral

    size, series = np.maximum(x, BEYOND), 1.0
    for k in range(BEYOND_TERMS, 0, -1):
        series = 1 + k * series / size
    half = np.exp(x / 2)
    values = np.where(x > BEYOND, half * (half / size) * series, sp.expi(x))
    values = np.where(x == 0, np.nan, values)
    return _mended(np, principal_integral, values, (x > ROOT[0]) & (x < ROOT[1]), x)


def _lambertw(np: Any, sp: Any, x: Any) -> Any:
    from graphgrad.namespaces.exponential_integrals import lambert_w

    values = sp.lambertw(np.maximum(x, BRANCH)).real
    return _mended(np, lambert_w, values, x < BRANCH, x)


def _lambertw_plus_1(np: Any, sp: Any, x: Any) -> Any:
    from graphgrad.namespaces.exponential_integrals import lambert_w_plus_1

    values = 1 + sp.lambertw(np.maximum(x, BRANCH)).real
    return _mended(np, lambert_w_plus_1, values, x < BRANCH, x)


def _bessel(name: str, *, is_second: bool) -> Any:
    """Return SciPy's function, nan where it is no real number or has a pole."""

    def function(np: Any, sp: Any, order: Any, x: Any) -> Any:
        values = getattr(sp, name)(order, x)
        inside = x > 0 if is_second else (x > 0) | (order == np.floor(order)) | ((x == 0) & (order > 0))
        return np.where(inside, values, np.nan)

    return function


def _plain(name: str) -> Any:
    return lambda _np, sp, *xs: getattr(sp, name)(*xs)


SPECIAL_COLUMNS: Final[Spellings] = {
    "factorial": lambda np, sp, x: np.where((x < 0) & (x == np.floor(x)), np.nan, sp.gamma(x + 1)),
    "binomial": _binomial,
    "beta": _beta,
    "betaln": _log_beta,
    "digamma_step": _digamma_step,
    "gammainc": _inside("gammainc"),
    "gammaincc": _inside("gammaincc"),
    "gamma_density": _gamma_density,
    "betainc": _betainc,
    "beta_density": _beta_density,
    "erfinv": _plain("erfinv"),
    "erfcinv": _plain("erfcinv"),
    "erfcx": _plain("erfcx"),
    "erfcx_slope": _erfcx_slope,
    "exp1": lambda np, sp, x: np.where(x > 0, sp.exp1(x), np.nan),
    "expi": _expi,
    "lambertw": _lambertw,
    "lambertw_plus_1": _lambertw_plus_1,
    "jv": _bessel("jv", is_second=False),
    "yv": _bessel("yv", is_second=True),
    "iv": _bessel("iv", is_second=False),
    "kv": _bessel("kv", is_second=True),
}
"""The special functions by operation, of NumPy, of scipy.special and columns."""
