"""Inverse error functions, exponential integrals and Lambert's W of floats; source of helpers, as `incomplete.py` is.

DLMF §4.13, §6 and §7, https://dlmf.nist.gov/; first guess of a quantile: M. Abramowitz and I. A. Stegun, 26.2.23.
"""

from __future__ import annotations

import math

from graphgrad.namespaces.special import pair_log, pair_product, pair_quotient, pair_sum

__all__: list[str] = []  # as in special.py


def scaled_erfc(x: float) -> float:
    """Return exp(x**2)*erfc(x), above 5 by a continued fraction, DLMF 7.9.1.

    >>> scaled_erfc(1.0), scaled_erfc(100.0)
    (0.427583576155807, 0.005641613782989433)
    """
    if x > 5:
        return 0.5641895835477563 / (x + erfc_fraction(x))
    square = pair_product((x, 0.0), (x, 0.0))
    if square[0] > 709:
        return math.inf
    power = math.exp(square[0])
    return (power + power * square[1]) * math.erfc(x)


def erfc_fraction(x: float) -> float:
    """Return 1/(sqrt(pi)*exp(x**2)*erfc(x)) - x, for x >= 0.7."""
    terms = math.floor(8.0 + 360.0 / (x * x)) if x < 1e9 else 1
    rest = 0.0
    for k in range(terms, 0, -1):
        rest = 0.5 * k / (x + rest)
    return rest


def scaled_erfc_slope(x: float) -> float:
    """Return 2*x*exp(x**2)*erfc(x) - 2/sqrt(pi).

    >>> scaled_erfc_slope(0.0), scaled_erfc_slope(100.0)
    (-1.1283791670955126, -5.6410497625993184e-05)
    """
    if x < 0.7:
        return 2.0 * x * scaled_erfc(x) - 1.1283791670955126
    rest = erfc_fraction(x)
    return -1.1283791670955126 * (rest / (x + rest))


def inverse_erf(x: float) -> float:
    """Return the number whose error function is x.

    >>> inverse_erf(0.5), inverse_erf(-0.999)
    (0.4769362762044699, -2.326753765513524)
    """
    if not abs(x) < 1:
        raise ValueError(x)
    if abs(x) > 0.5:
        return math.copysign(inverse_erfc_tail(1.0 - abs(x)), x)
    square = 3.141592653589793 * x * x
    y = 0.886226925452758 * x * (1.0 + square * (1.0 / 12.0 + square * (7.0 / 480.0 + square * 127.0 / 40320.0)))
    for _ in range(3):
        step = (math.erf(y) - x) * 0.886226925452758 * math.exp(y * y)
        y -= step / (1.0 + step * y)
    return y


def inverse_erfc(x: float) -> float:
    """Return the number whose complementary error function is x.

    >>> inverse_erfc(1.5), inverse_erfc(1e-300)
    (-0.4769362762044699, 26.209469960516124)
    """
    if not 0 < x < 2:
        raise ValueError(x)
    if x < 0.5:
        return inverse_erfc_tail(x)
    if x > 1.5:
        return -inverse_erfc_tail(2.0 - x)
    return inverse_erf(1.0 - x)


def inverse_erfc_tail(x: float) -> float:
    """Return the same for 0 < x <= 1/2, by Halley's method."""
    log_x = math.log(x)
    t = math.sqrt(-2.0 * (log_x - 0.6931471805599453))
    above = 2.515517 + t * (0.802853 + t * 0.010328)
    y = (t - above / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))) * 0.7071067811865476
    for _ in range(3):
        step = (scaled_erfc(y) - math.exp(y * y + log_x)) * 0.886226925452758
        y += step / (1.0 - step * y)
    return y


def exponential_integral(x: float) -> float:
    """Return E1(x) for x > 0: DLMF 6.6.2 up to 8, and a continued fraction above.

    >>> exponential_integral(1.0), exponential_integral(20.0)
    (0.21938393439552029, 9.835525290649883e-11)
    """
    if x <= 0:
        raise ValueError(x)
    if x <= 8:
        total = logarithm_and_series(-x)
        return -total[0]
    if x > 750:
        return 0.0
    rest = x + 81.0
    for k in range(40, 0, -1):
        rest = x + 2.0 * k - 1.0 - k * k / rest
    return math.exp(-x) / rest


def logarithm_and_series(x: float) -> tuple[float, float]:
    """Return Euler's constant + log|x| + the sum of x**k/(k*k!)."""
    log_x = pair_log((abs(x), 0.0))
    total = (0.0, 0.0)
    term = (1.0, 0.0)
    k = 0.0
    size = 1.0
    while size > abs(total[0]) * 1e-33 or k < abs(x):
        k += 1.0
        term = pair_quotient(pair_product(term, (x, 0.0)), (k, 0.0))
        total = pair_sum(total, pair_quotient(term, (k, 0.0)))
        size = abs(term[0])
    return pair_sum(pair_sum((0.5772156649015329, -4.942915152430645e-18), log_x), total)


def principal_integral(x: float) -> float:
    """Return Ei(x), the principal value: DLMF 6.6.1 up to 40, and 6.12.2 above.

    >>> principal_integral(1.0), principal_integral(-1.0), principal_integral(100.0)
    (1.8951178163559368, -0.21938393439552029, 2.7155527448538795e+41)
    """
    if x == 0:
        raise ValueError(x)
    if x < 0:
        return -exponential_integral(-x)
    if x <= 40:
        return logarithm_and_series(x)[0]
    if x > 720:
        return math.inf
    series = 1.0
    for k in range(36, 0, -1):
        series = 1.0 + k * series / x
    half = math.exp(x / 2)
    return half * (half / x * series)


def lambert_w(x: float) -> float:
    """Return the solution w >= -1 of w*exp(w) = x, by Halley's method.

    >>> lambert_w(1.0), lambert_w(-0.25), lambert_w(-0.3678794411714423)
    (0.5671432904097838, -0.35740295618138895, -0.9999999846957459)
    """
    if x < -0.2:
        return lambert_w_plus_1(x) - 1.0
    if x == math.inf:
        return x
    near = math.log1p(x)
    w = near * (1.0 - math.log1p(near) / (2.0 + near))
    for _ in range(4):
        power = math.exp(w)
        excess = w * power - x
        w -= excess / (power * (w + 1.0) - (w + 2.0) * excess / (2.0 * w + 2.0))
    return w


def lambert_w_plus_1(x: float) -> float:
    """Return 1 + w for the same w, near -1/e by the series of 1 + (q - 1)*exp(q) in q = 1 + w.

    >>> lambert_w_plus_1(-0.3678794411714423), lambert_w_plus_1(0.0)
    (1.530425412849517e-08, 1.0)
    """
    if x >= -0.2:
        return 1.0 + lambert_w(x)
    excess = pair_sum((1.0, 0.0), pair_product((2.718281828459045, 1.4456468917292502e-16), (x, 0.0)))[0]
    if excess < 0:
        raise ValueError(x)
    q = math.sqrt(2.0 * excess)
    q = q * (1.0 - q / 3.0 * (1.0 - q * 11.0 / 24.0))
    if excess == 0:
        return 0.0
    for _ in range(5):
        series = 0.0
        for k in range(22, 1, -1):
            series = (series * q + (k - 1.0)) / k
        q -= (series * q - excess / q) * math.exp(-q)
    return q
