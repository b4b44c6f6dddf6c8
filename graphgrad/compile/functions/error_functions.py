"""Schemes of the error function, the normal distribution and what follows from them.

Next to 0 they are polynomials. Beyond, exp(x²)·erfc(x) is a polynomial of (x − c)/(x + c), divided by x + b (M. M.
Shepherd and J. G. Laframboise, Math. Comp. 36, 1981; W. J. Cody, Math. Comp. 23, 1969). What multiplies it, exp(−x²),
is computed from x² as two doubles, so that the tails are right down to the smallest number. The coefficients are those
of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.functions.exponentials import EXPM1, LOG2_E, LOG_2
from graphgrad.compile.functions.lanes import FRACTION, SHIFTER, Part

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["ERROR_FUNCTIONS"]

NEAR: Final = 0.84375
"""The end of the polynomial of the error function."""

SATURATED: Final = 6.0
"""From here on, the error function is 1."""

ERF: Final = (
    0.1283791670955126,
    -0.3761263890318375,
    0.11283791670954721,
    -0.026866170645026038,
    0.005223977624025483,
    -0.0008548326910656689,
    0.0001205532727539292,
    -1.4925459764739162e-05,
    1.6457850542084287e-06,
    -1.6302430418177537e-07,
    1.4201680462188229e-08,
    -8.869744039663187e-10,
)
"""erf(x)/x − 1 by powers of x² for |x| ≤ `NEAR`."""


class Tail(NamedTuple):
    """exp(x²/scale)·f(x) as a polynomial of (x − middle)/(x + middle), divided by x + pole; it is near `level`."""

    begin: float
    middle: float
    pole: float
    level: float
    coefficients: tuple[float, ...]
    normal: float
    end: float


ERF_TAIL: Final = Tail(
    begin=NEAR,
    middle=2.25,
    pole=0.6875,
    level=0.65625,
    coefficients=(
        0.02256882252052385,
        -0.12978829471642536,
        -0.018578530457810997,
        0.06293122150096453,
        -0.037499622952539405,
        0.006356737146999674,
        0.0035277970979072865,
        -0.001344575303123878,
        -0.0005148042138249716,
        0.00021827934601133725,
        0.00012664889954332046,
        -5.0250663346163186e-06,
        -1.223691584758363e-05,
    ),
    normal=26.5,
    end=28.0,
)
"""1 − erf(x), right in units of erf(x)."""

ERFC_TAIL: Final = Tail(
    begin=0.46875,
    middle=3.5,
    pole=0.6875,
    level=0.625,
    coefficients=(
        0.02529218286224487,
        -0.12424178597495361,
        0.038434167133937866,
        0.018508574183285297,
        -0.03983958528462171,
        0.035472184190461525,
        -0.021228520239333876,
        0.0087542457335908,
        -0.0020573752488700615,
        -9.702984512900285e-05,
        0.0002619263039357909,
        -6.163246578418909e-05,
        -1.8888700089347845e-05,
        1.1824878476829384e-05,
        8.793531224323755e-07,
        -1.8372988457430166e-06,
        1.3714078890888117e-08,
        2.8790211666645127e-07,
        -8.960294085156565e-09,
        -4.441759553946227e-08,
        8.390714745023555e-10,
        4.895489923757652e-09,
    ),
    normal=26.5,
    end=28.0,
)
"""erfc(x) from `begin` on; up to `normal` it is a normal number, from `end` on it is 0."""

NORMAL_TAIL: Final = Tail(
    begin=0.65,
    middle=4.75,
    pole=0.96875,
    level=0.4609375,
    coefficients=(
        0.00042493901801666487,
        -0.08838972460686384,
        0.024023959800599393,
        0.016822033166616426,
        -0.02996507537681115,
        0.02450934054639211,
        -0.013258671188608696,
        0.004617663604787939,
        -0.0006425709181735748,
        -0.00027536442670618303,
        0.00015652416593113882,
        -3.1783215066451088e-06,
        -2.0230930630971175e-05,
        3.4948768949588375e-06,
        2.5924104560522808e-06,
        -7.340984664649343e-07,
        -3.803648662961984e-07,
        1.268840516075798e-07,
        6.086082516612634e-08,
        -1.962379721874607e-08,
        -7.2933823593620515e-09,
        2.2092061832742534e-09,
    ),
    normal=37.5,
    end=39.5,
)
"""The normal distribution's function of −x likewise, with exp(x²/2)."""

DENSITY_AT_0: Final = 0.3989422804014327, -2.49232720227773e-17
"""1/√(2π) as the sum of two doubles."""

NORMAL_NEAR_0: Final = (
    -0.06649038006690512,
    0.009973557010017977,
    -0.0011873282151082217,
    0.00011543468366319534,
    -9.444632243887291e-06,
    6.65882241015477e-07,
    -4.1039700708735045e-08,
    2.0531160671761763e-09,
)
"""The normal distribution's function without 1/2 + x/√(2π), divided by x³, by powers of x² for |x| ≤ 0.66."""


HEAD: Final = 2


class Bell(Part):
    """exp(−x²) = (high + low)·2**n, from n + `SHIFTER`; and the square, which is bounded."""

    high: Any
    low: Any
    exponent: Any
    square: Any

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, ...]:
        """Compute the exponential of a number in two parts."""
        square, lost = _square(m, x, ERFC_TAIL.end)
        return *_exponential(m, square, lost), square


class NormalBell(Part):
    """exp(−x²/2) likewise."""

    high: Any
    low: Any
    exponent: Any
    square: Any

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, ...]:
        """Compute the exponential of a number in two parts."""
        square, lost = _square(m, x, NORMAL_TAIL.end)
        return *_exponential(m, square * 0.5, lost * 0.5), square


def _square(m: Lanes, x: Any, end: float) -> tuple[Any, Any]:
    """Return the square of a number, or of the end for a larger one, and the square's rounding error."""
    size = m.size(x)
    bounded = m.where(size > end, end, size)
    return m.product(bounded, bounded)


def _exponential(m: Lanes, x: Any, lost: Any) -> tuple[Any, Any, Any]:
    """Return exp(−x − lost) as the sum of two doubles, the second a hundredth of the first, and the power of 2."""
    shifted = m.fma(x, -LOG2_E, SHIFTER)
    n = shifted - SHIFTER
    r, low = m.ordered_sum(m.fma(n, -LOG_2[0], -x), m.fma(n, -LOG_2[1], -lost))
    high, rest = m.ordered_sum(1.0, r)
    square, square_low = m.product(r, r)
    low = m.fma(square_low, 0.5, m.fma(low, high, rest))
    high, rest = m.ordered_sum(high, 0.5 * square)
    return high, m.fma(square * r, m.polynomial(r, EXPM1), rest + low), shifted


def exp_minus_square(m: Lanes, x: Any) -> Any:
    """Return exp(−x²)."""
    bell = m.once(Bell, x)
    return _with_exponent(m, m.size(x) > ERFC_TAIL.normal, bell.high + bell.low, bell.exponent)


def normpdf(m: Lanes, x: Any) -> Any:
    """Return exp(−x²/2)/√(2π)."""
    bell = m.once(NormalBell, x)
    high, low = m.product(bell.high, DENSITY_AT_0[0])
    low = m.fma(bell.low, DENSITY_AT_0[0], m.fma(bell.high, DENSITY_AT_0[1], low))
    return _with_exponent(m, m.size(x) > NORMAL_TAIL.normal, high + low, bell.exponent)


def erf(m: Lanes, x: Any) -> Any:
    """Return the error function."""
    bell, size = m.once(Bell, x), m.size(x)
    high, low = _quotient(m, ERF_TAIL, size, bell)
    value = 1.0 - _times_power(m, high + low, bell.exponent)
    value = m.where(size > SATURATED, 1.0, value)
    near = m.fma(size, _first_by_horner(m, bell.square, ERF, 2), size)
    return m.signed(m.where(size < NEAR, near, value), x)


def erfc(m: Lanes, x: Any) -> Any:
    """Return 1 − erf(x), right where it is small."""
    bell = m.once(Bell, x)
    value = _tail(m, ERFC_TAIL, m.size(x), bell)
    value = m.where(x < 0.0, 2.0 - value, value)
    near = m.fma(x, _first_by_horner(m, bell.square, ERF, 2), x)
    return m.where(m.size(x) < ERFC_TAIL.begin, 1.0 - near, value)


def normcdf(m: Lanes, x: Any) -> Any:
    """Return the normal distribution's function, right where it is small."""
    bell = m.once(NormalBell, x)
    value = _tail(m, NORMAL_TAIL, m.size(x), bell)
    value = m.where(x > 0.0, 1.0 - value, value)
    slope, low = m.product(x, DENSITY_AT_0[0])
    low = m.fma(x, DENSITY_AT_0[1], low)
    near, rest = m.ordered_sum(0.5, slope)
    rest = m.fma(bell.square * x, m.polynomial(bell.square, NORMAL_NEAR_0), rest + low)
    return m.where(m.size(x) < NORMAL_TAIL.begin, near + rest, value)


def _tail(m: Lanes, tail: Tail, x: Any, bell: Any) -> Any:
    """Return a function of a tail."""
    high, low = _quotient(m, tail, x, bell)
    return _with_exponent(m, x > tail.normal, high + low, bell.exponent)


def _quotient(m: Lanes, tail: Tail, x: Any, bell: Any) -> tuple[Any, Any]:
    """Return the same without its power of 2, as the sum of two doubles.

    All but the polynomial is computed beside it: it is what takes longest.
    """
    x = m.where(x > tail.end, tail.end, x)
    rest = _first_by_horner(m, (x - tail.middle) / (x + tail.middle), tail.coefficients, HEAD)
    below, below_low = m.ordered_sum(tail.pole, x)
    inverse = 1.0 / below
    inverse_low = m.fma(-inverse, below_low, m.remainder(1.0, inverse, below)) * inverse
    factor, factor_low = m.product(bell.high, inverse)
    factor_low = m.fma(bell.high, inverse_low, m.fma(bell.low, inverse, factor_low))
    high, low = m.product(factor, tail.level)
    return high, m.fma(rest, factor, m.fma(factor_low, tail.level + rest, low))


def _first_by_horner(m: Lanes, x: Any, coefficients: tuple[float, ...], count: int) -> Any:
    """Return a polynomial, by Horner's scheme where roundings count: those of the first terms."""
    return m.horner(x, (*coefficients[:count], m.polynomial(x, coefficients[count:])))


def _with_exponent(m: Lanes, is_small: Any, mantissa: Any, exponent: Any) -> Any:
    """Return mantissa·2**n, rounded once more where it is too small for a normal number."""
    value = _times_power(m, mantissa, exponent)
    return m.patched(is_small, value, m.scaled, mantissa, exponent - SHIFTER)


def _times_power(m: Lanes, mantissa: Any, exponent: Any) -> Any:
    return m.of_bits(m.bits(mantissa) + (m.bits(exponent) << FRACTION))


ERROR_FUNCTIONS: Final[Spellings] = {
    "exp_minus_square": exp_minus_square,
    "normpdf": normpdf,
    "erf": erf,
    "erfc": erfc,
    "normcdf": normcdf,
}
"""The schemes of this module by operation."""
