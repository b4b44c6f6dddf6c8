"""Declare the special functions: factorials, incomplete gamma and beta functions, inverse error functions, Bessel's.

Names, operands and their order are SciPy's. Sources: DLMF §4.13 (Lambert's W), §5 to §8 and §10, https://dlmf.nist.gov/.
By a parameter in which no derivative is known in closed form, none is declared: it must be a constant.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_module import LazyModule
from graphgrad.ops.elementary import ABOVE_MINUS_1, POSITIVE, UNIT, UNIT_POSITIVE
from graphgrad.ops.op import Interval, Op

if TYPE_CHECKING:
    from graphgrad.ops import special_witnesses as witnesses
else:
    witnesses = LazyModule("graphgrad.ops.special_witnesses")

__all__ = ["FAMILIES"]

TO_5: Final = Interval(0, 5)
TO_20: Final = Interval(0, 20)
ABOVE_5: Final = Interval(5, math.inf)
TO_2: Final = Interval(0, 2)
ABOVE_BRANCH: Final = Interval(-1 / math.e, math.inf)


def _root_pi(m: Any) -> Any:
    return m.sqrt(m.pi)


def _slope(m: Any, bessel: Any, sign: int, z: Any, n: Any, x: Any) -> Any:
    """Return the derivative of J (sign −1) and I by DLMF 10.6.1 and 10.29.1; of a low order by 10.6.2 and 10.29.2."""
    is_low = m.lt(n, 1) * m.lt(x, n + 1) * m.ne(x, 0)
    above, beside = bessel(n + 1, x), bessel(m.where(is_low, n + 1, n - 1), x)  # a low order may have none below
    low = n * (z / m.where(is_low, x, 1)) + sign * above
    return m.where(is_low, low, (beside + sign * above) / 2)


def _slope_of_second(m: Any, z: Any, n: Any, x: Any) -> Any:
    """Return the derivative of Y by DLMF 10.6.2."""
    is_low, part = m.lt(n, 1), n * (z / x)
    other = m.yv(m.where(is_low, n + 1, n - 1), x)
    return m.where(is_low, part - other, other - part)


# fmt: off
FACTORIALS: Final = (
    Op("factorial", lambda m, x: m.factorial(x), d=(lambda m, z, x: z * m.digamma(x + 1),), on=(ABOVE_MINUS_1,),
       glyph="x!", tex="#1!", rounding=2, witness=lambda mp, x: mp.gamma(x + 1),
       about="gamma(x + 1), the product of the whole numbers up to x"),
    Op("binomial", lambda m, n, k: m.binomial(n, k),
       d=(lambda m, z, n, k: z * (m.digamma(n + 1) - m.digamma(n - k + 1)),
          lambda m, z, n, k: z * (m.digamma(n - k + 1) - m.digamma(k + 1))), on=(ABOVE_5, TO_5),
       stable_d={0: lambda m, z, n, k: z * m.digamma_step(n - k + 1, k),
                 1: lambda m, z, n, k: z * m.digamma_step(k + 1, n - 2 * k)},
       aliases=("binom", "comb", "nchoosek"), glyph="n over k", tex=r"\mathrm{C}\left(#1, #2\right)", rounding=2,
       witness=lambda mp, n, k: mp.gamma(n + 1) * mp.rgamma(k + 1) * mp.rgamma(n - k + 1), roles=("from", "choose"),
       about="binomial coefficient, gamma(x + 1)/(gamma(y + 1)·gamma(x − y + 1))"),
    Op("beta", lambda m, a, b: m.beta(a, b),
       d=(lambda m, z, a, b: z * (m.digamma(a) - m.digamma(a + b)),
          lambda m, z, a, b: z * (m.digamma(b) - m.digamma(a + b))), on=(POSITIVE, POSITIVE),
       stable_d={0: lambda m, z, a, b: -z * m.digamma_step(a, b), 1: lambda m, z, a, b: -z * m.digamma_step(b, a)},
       glyph="B", tex=r"\mathrm{B}\left(#1, #2\right)", rounding=2,
       witness=lambda mp, a, b: mp.gamma(a) * mp.gamma(b) * mp.rgamma(a + b),
       about="beta function, gamma(x)·gamma(y)/gamma(x + y)"),
    Op("betaln", lambda m, a, b: m.betaln(a, b),
       d=(lambda m, z, a, b: m.digamma(a) - m.digamma(a + b), lambda m, z, a, b: m.digamma(b) - m.digamma(a + b)),
       on=(POSITIVE, POSITIVE),
       stable_d={0: lambda m, z, a, b: -m.digamma_step(a, b), 1: lambda m, z, a, b: -m.digamma_step(b, a)},
       aliases=("lbeta",), glyph="ln B", tex=r"\log\left|\mathrm{B}\left(#1, #2\right)\right|", rounding=2,
       witness=lambda mp, a, b: mp.re(mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)),
       about="logarithm of |beta(x, y)|, right for large x and y"),
    Op("digamma_step", lambda m, x, h: m.digamma_step(x, h),
       d=(lambda m, z, x, h: m.polygamma(1, x + h) - m.polygamma(1, x), lambda m, z, x, h: m.polygamma(1, x + h)),
       on=(POSITIVE, POSITIVE), helper="digamma_step", glyph="Δψ",
       rounding=2, witness=lambda mp, x, h: mp.digamma(x + h) - mp.digamma(x), roles=("from", "by"),
       about="digamma(x + y) − digamma(x)"),
)

INCOMPLETE: Final = (
    Op("gammainc", lambda m, a, x: m.gammainc(a, x),
       d=(None, lambda m, z, a, x: x**(a - 1) * m.exp(-x) / m.gamma(a)), on=(TO_20, POSITIVE),
       stable_d={1: lambda m, z, a, x: m.gamma_density(a, x)},
       glyph="P", rounding=2,
       witness=witnesses.lower_gamma, roles=("shape", "up to"),
       about="lower incomplete gamma function P(x, y), regularised: from 0 to 1 in y"),
    Op("gammaincc", lambda m, a, x: m.gammaincc(a, x),
       d=(None, lambda m, z, a, x: -x**(a - 1) * m.exp(-x) / m.gamma(a)), on=(TO_20, POSITIVE),
       stable_d={1: lambda m, z, a, x: -m.gamma_density(a, x)},
       glyph="Q", rounding=2,
       witness=witnesses.upper_gamma, roles=("shape", "from"),
       about="upper incomplete gamma function Q(x, y) = 1 − P(x, y), right where it is small"),
    Op("gamma_density", lambda m, a, x: m.gamma_density(a, x),
       d=(lambda m, z, a, x: z * (m.log(x) - m.digamma(a)), lambda m, z, a, x: z * ((a - 1) / x - 1)),
       on=(TO_20, POSITIVE), helper="gamma_density", rounding=2,
       witness=lambda mp, a, x: x**(a - 1) * mp.exp(-x) / witnesses.gamma_of_digits(mp, a), roles=("shape", "at"),
       about="y**(x − 1)·exp(−y)/gamma(x)"),
    Op("betainc", lambda m, a, b, x: m.betainc(a, b, x),
       d=(None, None, lambda m, z, a, b, x: x**(a - 1) * (1 - x)**(b - 1) / m.beta(a, b)),
       on=(TO_20, TO_20, UNIT_POSITIVE), stable_d={2: lambda m, z, a, b, x: m.beta_density(a, b, x)},
       glyph="I", tex=r"\operatorname{I}_{#3}\left(#1, #2\right)", rounding=2,
       witness=witnesses.incomplete_beta, roles=("a", "b", "up to"),
       about="incomplete beta function, regularised: from 0 to 1 in z"),
    Op("beta_density", lambda m, a, b, x: m.beta_density(a, b, x),
       d=(lambda m, z, a, b, x: z * (m.log(x) - m.digamma(a) + m.digamma(a + b)),
          lambda m, z, a, b, x: z * (m.log1p(-x) - m.digamma(b) + m.digamma(a + b)),
          lambda m, z, a, b, x: z * ((a - 1) / x - (b - 1) / (1 - x))),
       on=(TO_20, TO_20, UNIT_POSITIVE), helper="beta_density", rounding=2,
       witness=lambda mp, a, b, x: x**(a - 1) * (1 - x)**(b - 1) / mp.beta(a, b), roles=("a", "b", "at"),
       about="z**(x − 1)·(1 − z)**(y − 1)/beta(x, y)"),
)

INVERSES: Final = (
    Op("erfinv", lambda m, x: m.erfinv(x), d=(lambda m, z, x: _root_pi(m) / 2 * m.exp(z**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: _root_pi(m) / 2 * m.where(
           m.lt(m.abs(x), 0.5), m.exp(z**2), m.erfcx(m.abs(z)) / (1 - m.abs(x)))},
       tex=r"\operatorname{erf}^{-1}", rounding=4, witness=lambda mp, x: mp.erfinv(x),
       about="inverse of the error function"),
    Op("erfcinv", lambda m, x: m.erfcinv(x), d=(lambda m, z, x: -_root_pi(m) / 2 * m.exp(z**2),), on=(TO_2,),
       stable_d={0: lambda m, z, x: -_root_pi(m) / 2 * m.where(
           m.lt(m.abs(z), 0.25), m.exp(z**2), m.erfcx(m.abs(z)) / m.min(x, 2 - x))},
       tex=r"\operatorname{erfc}^{-1}", rounding=4, witness=lambda mp, x: mp.erfinv(1 - x),
       about="inverse of erfc, right for small x"),
    Op("erfcx", lambda m, x: m.erfcx(x), d=(lambda m, z, x: 2 * x * z - 2 / _root_pi(m),), on=(Interval(-5, 20),),
       stable_d={0: lambda m, z, x: m.erfcx_slope(x)}, rounding=4,
       witness=lambda mp, x: mp.exp(x**2) * mp.erfc(x), about="exp(x²)·erfc(x), right for large x"),
    Op("erfcx_slope", lambda m, x: m.erfcx_slope(x), d=(lambda m, z, x: 2 * (m.erfcx(x) + x * z),),
       on=(Interval(-5, 20),), helper="erfcx_slope", rounding=8,
       witness=lambda mp, x: 2 * x * mp.exp(x**2) * mp.erfc(x) - 2 / mp.sqrt(mp.pi),
       about="2·x·erfcx(x) − 2/√π, right for large x"),
    Op("lambertw", lambda m, x: m.lambertw(x), d=(lambda m, z, x: 1 / (m.exp(z) * (1 + z)),), on=(ABOVE_BRANCH,),
       stable_d={0: lambda m, z, x: m.where(x, z / m.where(x, x, 1), 1) / m.lambertw_plus_1(x)},
       aliases=("LambertW",), glyph="W", tex=r"\operatorname{W}", rounding=4, witness=lambda mp, x: mp.lambertw(x),
       about="Lambert's W: the solution w ≥ −1 of w·exp(w) = x"),
    Op("lambertw_plus_1", lambda m, x: m.lambertw_plus_1(x), d=(lambda m, z, x: 1 / (m.exp(z - 1) * z),),
       on=(ABOVE_BRANCH,), helper="lambertw_plus_1", glyph="1 + W", rounding=4,
       witness=lambda mp, x: 1 + mp.lambertw(x), about="1 + lambertw(x), right near −1/e"),
)

INTEGRALS: Final = (
    Op("exp1", lambda m, x: m.exp1(x), d=(lambda m, z, x: -m.exp(-x) / x,), on=(POSITIVE,), aliases=("E1",),
       glyph="E₁", tex=r"\operatorname{E}_{1}", rounding=4, witness=lambda mp, x: mp.e1(x),
       about="exponential integral of exp(−t)/t from x on"),
    Op("expi", lambda m, x: m.expi(x), d=(lambda m, z, x: m.exp(x) / x,), on=(POSITIVE,), aliases=("Ei",),
       glyph="Ei", tex=r"\operatorname{Ei}", rounding=4, witness=lambda mp, x: mp.ei(x),
       about="exponential integral of exp(t)/t up to x, the principal value"),
)

BESSEL: Final = (
    Op("jv", lambda m, n, x: m.jv(n, x), d=(None, lambda m, z, n, x: (m.jv(n - 1, x) - m.jv(n + 1, x)) / 2),
       stable_d={1: lambda m, z, n, x: _slope(m, m.jv, -1, z, n, x)},
       on=(TO_20, POSITIVE), aliases=("besselj",), glyph="J", tex=r"\operatorname{J}_{#1}\left(#2\right)", rounding=2,
       witness=lambda mp, n, x: mp.besselj(n, x), roles=("order", "at"),
       about="Bessel function of the first kind, of order x at y"),
    Op("yv", lambda m, n, x: m.yv(n, x), d=(None, lambda m, z, n, x: (m.yv(n - 1, x) - m.yv(n + 1, x)) / 2),
       stable_d={1: _slope_of_second},
       on=(TO_20, POSITIVE), aliases=("bessely",), glyph="Y", tex=r"\operatorname{Y}_{#1}\left(#2\right)", rounding=2,
       witness=lambda mp, n, x: mp.bessely(n, x), roles=("order", "at"),
       about="Bessel function of the second kind, of order x at y"),
    Op("iv", lambda m, n, x: m.iv(n, x), d=(None, lambda m, z, n, x: (m.iv(n - 1, x) + m.iv(n + 1, x)) / 2),
       stable_d={1: lambda m, z, n, x: _slope(m, m.iv, 1, z, n, x)},
       on=(TO_20, POSITIVE), aliases=("besseli",), glyph="I", tex=r"\operatorname{I}_{#1}\left(#2\right)", rounding=2,
       witness=lambda mp, n, x: mp.besseli(n, x), roles=("order", "at"),
       about="modified Bessel function of the first kind, of order x at y"),
    Op("kv", lambda m, n, x: m.kv(n, x), d=(None, lambda m, z, n, x: -(m.kv(n - 1, x) + m.kv(n + 1, x)) / 2),
       stable_d={1: lambda m, z, n, x: -n * (z / x) - m.kv(n - 1, x)},
       on=(TO_20, POSITIVE), aliases=("besselk",), glyph="K", tex=r"\operatorname{K}_{#1}\left(#2\right)", rounding=4,
       witness=lambda mp, n, x: mp.besselk(n, x), roles=("order", "at"),
       about="modified Bessel function of the second kind, of order x at y"),
)
# fmt: on

FAMILIES: Final = {
    "Factorials and beta functions": FACTORIALS,
    "Incomplete gamma and beta functions": INCOMPLETE,
    "Inverse error functions and Lambert's W": INVERSES,
    "Exponential integrals": INTEGRALS,
    "Bessel functions": BESSEL,
}
