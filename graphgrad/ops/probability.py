"""Declare the normal distribution, odds, entropies and robust losses.

Squares in an exponent are taken without their rounding error, which the exponential would multiply: the parts of a
product as in `floor_division.py`.
"""

from __future__ import annotations

from typing import Any, Final

from graphgrad.ops.elementary import POSITIVE, UNIT_POSITIVE, R
from graphgrad.ops.floor_division import halves
from graphgrad.ops.op import Op

__all__ = ["FAMILIES"]

FAR: Final = 10**150
"""Where squares leave the floats; the distribution is 0 or 1 there."""


def _exp_minus_square(m: Any, x: Any) -> Any:
    """Return exp(−x²), x² in two parts, of which the large one is exact: exp multiplies the error of a square."""
    size = m.abs(x)
    near = m.floor(16 * size) / 16
    parts = m.exp(-near * near) * m.exp(-(size - near) * (size + near))
    return m.where(m.lt(FAR, size), 0, parts)


def _power_of_square(m: Any, x: Any, divisor: int) -> Any:
    """Return exp(−x²/divisor), from x² as a square without rounding error and the small rest."""
    high, low = halves(x)
    rest = low * (x + high)
    parts = m.exp(-(high * high) / divisor) * m.exp(-rest / divisor)
    return m.where(m.lt(m.abs(rest), 1), parts, m.exp(-(x * x) / divisor))


def _distribution(m: Any, x: Any) -> Any:
    """Return erfc(−x/√2)/2, and what the rounding of x/√2 changes in it."""
    scaled = -x / m.sqrt(2)
    (high, low), (scaled_high, scaled_low) = halves(x), halves(scaled)
    squares = high * high - 2 * (scaled_high * scaled_high)
    rest = squares + (low * (x + high) - 2 * (scaled_low * (scaled + scaled_high)))
    moved = rest / (4 * m.where(m.eq(scaled, 0), 1, scaled))
    moved = m.where(m.lt(m.abs(x), FAR), moved, 0)
    return m.erfc(scaled) / 2 - moved * m.exp(-(scaled * scaled)) / m.sqrt(m.pi)


def _tail(m: Any, x: Any) -> Any:
    """Return erfcx(−x/√2) for x ≤ 0: normcdf(x) is half of it, times exp(−x²/2)."""
    return m.erfcx(m.max(-x, 0) / m.sqrt(2))


def _log_distribution(m: Any, x: Any) -> Any:
    is_low = m.lt(x, 0)
    return m.where(is_low, m.log(_tail(m, x) / 2) - x**2 / 2, m.log1p(-m.normcdf(-m.abs(x))))


def _slope_of_log_distribution(m: Any, _z: Any, x: Any) -> Any:
    return m.where(m.lt(x, 0), m.sqrt(2 / m.pi) / _tail(m, x), m.normpdf(x) / m.normcdf(m.max(x, 0)))


def _slope_of_quantile(m: Any, z: Any, x: Any) -> Any:
    """Return 1/normpdf(z), in the tails from x, which the rounding of z does not change."""
    near = m.lt(m.abs(z), 0.5)
    return m.where(near, m.sqrt(2 * m.pi) * m.exp(z**2 / 2), m.sqrt(m.pi / 2) * _tail(m, -m.abs(z)) / m.min(x, 1 - x))


def _logit(m: Any, x: Any) -> Any:
    is_low = m.lt(2 * x, 1)
    larger = m.log1p(m.where(is_low, (1 - 2 * x) / x, (2 * x - 1) / (1 - x)))
    return m.where(is_low, -larger, larger)


def _entropy(m: Any, x: Any) -> Any:
    return m.where(m.eq(x, 0), 0, -x * m.log(m.where(m.eq(x, 0), 1, x)))


def _relative_entropy(m: Any, x: Any, y: Any) -> Any:
    is_near = m.lt(2 * m.abs(x - y), y)
    near = x * m.log1p(m.where(is_near, (x - y) / y, 0))
    return m.where(m.eq(x, 0), 0 * y, m.where(is_near, near, x * m.log(m.where(m.eq(x, 0), 1, x / y))))


def _divergence(m: Any, x: Any, y: Any) -> Any:
    return _relative_entropy(m, x, y) + (y - x)


# fmt: off
NORMAL: Final = (
    Op("exp_minus_square", lambda m, x: m.exp(-x**2), d=(lambda m, z, x: -2 * (x * z),),
       stable_f=_exp_minus_square, rounding=3,
       witness=lambda mp, x: 1 / mp.exp(x * x), about="exp(−x²), right for large x"),
    Op("normpdf", lambda m, x: m.exp(-x**2 / 2) / m.sqrt(2 * m.pi), d=(lambda m, z, x: -x * z,), glyph="φ",
       stable_f=lambda m, x: _power_of_square(m, x, 2) / m.sqrt(2 * m.pi), rounding=4,
       witness="npdf", about="density of the standard normal distribution"),
    Op("normcdf", lambda m, x: (1 + m.erf(x / m.sqrt(2))) / 2, d=(lambda m, z, x: m.normpdf(x),), glyph="Φ",
       tex=r"\Phi", stable_f=_distribution, aliases=("Phi", "ndtr"), rounding=4, witness="ncdf",
       about="standard normal distribution function, right where it is small"),
    Op("log_ndtr", lambda m, x: m.log(m.erfc(-x / m.sqrt(2)) / 2),
       d=(lambda m, z, x: 2 * m.normpdf(x) / m.erfc(-x / m.sqrt(2)),),
       stable_f=_log_distribution, stable_d={0: _slope_of_log_distribution}, glyph="ln Φ",
       aliases=("lognormcdf",), rounding=4,
       witness=lambda mp, x: mp.log(mp.ncdf(x)), about="logarithm of normcdf, right for large −x"),
    Op("norminv", lambda m, x: -m.sqrt(2) * m.erfcinv(2 * x),
       d=(lambda m, z, x: m.sqrt(2 * m.pi) * m.exp(z**2 / 2),), on=(UNIT_POSITIVE,),
       stable_d={0: _slope_of_quantile}, glyph="Φ⁻¹", tex=r"\Phi^{-1}", aliases=("ndtri", "probit"), rounding=4,
       witness=lambda mp, x: mp.sqrt(2) * mp.erfinv(2 * x - 1), about="inverse of normcdf: the quantile of x"),
)

ODDS: Final = (
    Op("logit", lambda m, x: m.log(x / (1 - x)), d=(lambda m, z, x: 1 / (x * (1 - x)),), on=(UNIT_POSITIVE,),
       stable_f=_logit, rounding=3, witness=lambda mp, x: mp.log(x) - mp.log(1 - x),
       about="log(x/(1 − x)), the inverse of expit"),
    Op("log_expit", lambda m, x: -m.log(1 + m.exp(-x)), d=(lambda m, z, x: m.sigmoid(-x),),
       stable_f=lambda m, x: m.min(x, 0) - m.log1p(m.exp(-m.abs(x))), aliases=("log_sigmoid",), rounding=3,
       witness=lambda mp, x: -mp.log1p(mp.exp(-x)), about="log(expit(x)), right for large −x"),
)

ENTROPIES: Final = (
    Op("xlog1py", lambda m, x, y: x * m.log1p(y), on=(R, POSITIVE),
       d=(lambda m, z, x, y: m.log1p(y), lambda m, z, x, y: x / (1 + y)),
       stable_f=lambda m, x, y: m.where(m.eq(x, 0), 0 * x, x * m.log1p(m.where(m.eq(x, 0), 0, y))),
       stable_d={1: lambda m, z, x, y: m.where(m.eq(x, 0), 0, x / m.where(m.eq(x, 0), 1, 1 + y))}, rounding=2,
       witness=lambda mp, x, y: mp.log1p(y) * x if x else x,
       roles=("factor", "in log"), about="x·log(1 + y), and 0 where x is 0"),
    Op("entr", lambda m, x: -x * m.log(x), d=(lambda m, z, x: -m.log(x) - 1,), on=(POSITIVE,), stable_f=_entropy,
       rounding=2, witness=lambda mp, x: -mp.log(x) * x if x else x, about="−x·log(x), and 0 where x is 0"),
    Op("rel_entr", lambda m, x, y: x * m.log(x / y), on=(POSITIVE, POSITIVE), stable_f=_relative_entropy,
       d=(lambda m, z, x, y: m.log(x / y) + 1, lambda m, z, x, y: -x / y),
       rounding=lambda m, z, x, y: 2 * m.abs(z) + m.abs(x),
       witness=lambda mp, x, y: x * (mp.log(x) - mp.log(y)) if x else x,
       roles=("probability", "reference"), about="x·log(x/y), and 0 where x is 0"),
    Op("kl_div", lambda m, x, y: x * m.log(x / y) - x + y, on=(POSITIVE, POSITIVE), stable_f=_divergence,
       d=(lambda m, z, x, y: m.log(x / y), lambda m, z, x, y: 1 - x / y), stable_d={1: lambda m, z, x, y: (y - x) / y},
       rounding=lambda m, z, x, y: 2 * m.abs(m.rel_entr(x, y)) + 2 * m.abs(x) + m.abs(y),
       witness=lambda mp, x, y: x * (mp.log(x) - mp.log(y)) - x + y if x else y,
       roles=("probability", "reference"), about="x·log(x/y) − x + y, and y where x is 0"),
)

ROBUST: Final = (
    Op("huber", lambda m, x, y: m.where(m.le(m.abs(y), x), y**2 / 2, x * (m.abs(y) - x / 2)), on=(POSITIVE, R),
       d=(lambda m, z, x, y: m.where(m.le(m.abs(y), x), 0, m.abs(y) - x),
          lambda m, z, x, y: m.where(m.le(m.abs(y), x), y, x * m.sign(y))),
       rounding=3, witness=lambda mp, x, y: y**2 / 2 if abs(y) <= x else x * abs(y) - x**2 / 2,
       roles=("bound", "residual"), about="y²/2 where |y| ≤ x, else x·(|y| − x/2), as in SciPy"),
    Op("pseudo_huber", lambda m, x, y: x**2 * (m.sqrt(1 + (y / x)**2) - 1), on=(POSITIVE, R),
       d=(lambda m, z, x, y: 2 * z / x - y**2 / (x * m.sqrt(1 + (y / x)**2)),
          lambda m, z, x, y: y / m.sqrt(1 + (y / x)**2)),
       stable_f=lambda m, x, y: y * (y / (1 + m.hypot(1, y / x))),
       stable_d={0: lambda m, z, x, y: (z / x) * (z / m.abs(x) / m.hypot(x, y)),
                 1: lambda m, z, x, y: m.abs(x) * (y / m.hypot(x, y))},
       rounding=4, witness=lambda mp, x, y: abs(x) * mp.hypot(x, y) - x**2,
       roles=("bound", "residual"), about="x²·(√(1 + (y/x)²) − 1), as in SciPy"),
)
# fmt: on

FAMILIES: Final = {
    "Normal distribution": NORMAL,
    "Odds": ODDS,
    "Entropies": ENTROPIES,
    "Robust losses": ROBUST,
}
