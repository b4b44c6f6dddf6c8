"""Factorials, beta functions and incomplete gamma and beta functions of floats, in pairs of floats; source of helpers.

Generated code contains these functions; for C and JavaScript `graphgrad.compile.languages.translation` writes them,
so that they keep to what it knows: floats, pairs, loops and choices. DLMF §5 and §8, https://dlmf.nist.gov/.
"""

from __future__ import annotations

import math

from graphgrad.namespaces.special import digamma, pair_log, pair_product, pair_quotient, pair_sum, polygamma

__all__: list[str] = []  # as in special.py


def pair_exp(x: tuple[float, float]) -> tuple[float, float]:
    """Return exp(x): a power of 2 times the series of the rest."""
    if x[0] > 709.782712893384:
        return (math.inf, 0.0)
    if x[0] < -746.0:
        return (0.0, 0.0)
    count = math.floor(x[0] * 1.4426950408889634 + 0.5)
    rest = pair_sum(x, pair_product((-0.6931471805599453, -2.3190468138462996e-17), (count, 0.0)))
    total = (1.0, 0.0)
    for k in range(26, 0, -1):
        total = pair_sum((1.0, 0.0), pair_quotient(pair_product(rest, total), (1.0 * k, 0.0)))
    half = math.floor(count / 2)
    first = math.pow(2.0, half)
    second = math.pow(2.0, count - half)
    return (total[0] * first * second, total[1] * first * second)


def exp_of_pair(x: tuple[float, float]) -> float:
    """Return exp(x), rounded to a float."""
    y = pair_exp(x)
    return y[0] + y[1]


def pair_log_gamma(x: tuple[float, float]) -> tuple[float, float]:
    """Return log|gamma(x)|: DLMF 5.5.1 up to 40 and 5.11.1 above."""
    product = (1.0, 0.0)
    logarithms = (0.0, 0.0)
    while x[0] < 40:
        product = pair_product(product, x)
        if abs(product[0]) > 1e200:
            product = product if product[0] > 0 else (-product[0], -product[1])
            logarithms = pair_sum(logarithms, pair_log(product))
            product = (1.0, 0.0)
        x = pair_sum(x, (1.0, 0.0))
    product = product if product[0] > 0 else (-product[0], -product[1])
    tops = (1.0, -1.0, 1.0, -1.0, 1.0, -691.0, 1.0, -3617.0, 43867.0, -174611.0, 77683.0)
    bottoms = (12.0, 360.0, 1260.0, 1680.0, 1188.0, 360360.0, 156.0, 122400.0, 244188.0, 125400.0, 5796.0)
    square = pair_product(x, x)
    series = (0.0, 0.0)
    for k in range(10, -1, -1):
        series = pair_sum(pair_quotient(series, square), pair_quotient((tops[k], 0.0), (bottoms[k], 0.0)))
    log_x = pair_log(x)
    main = pair_sum(pair_product(pair_sum(x, (-0.5, 0.0)), log_x), (-x[0], -x[1]))
    main = pair_sum(main, (0.9189385332046728, -3.8782941580672414e-17))
    main = pair_sum(main, pair_quotient(series, x))
    logarithms = pair_sum(logarithms, pair_log(product))
    return pair_sum(main, (-logarithms[0], -logarithms[1]))


def pair_digamma(x: tuple[float, float]) -> tuple[float, float]:
    """Return the logarithmic derivative of gamma: DLMF 5.5.2 up to 40 and 5.11.2 above."""
    total = (0.0, 0.0)
    while x[0] < 40:
        total = pair_sum(total, pair_quotient((-1.0, 0.0), x))
        x = pair_sum(x, (1.0, 0.0))
    tops = (1.0, -1.0, 1.0, -1.0, 1.0, -691.0, 1.0, -3617.0, 43867.0, -174611.0, 77683.0)
    bottoms = (12.0, 120.0, 252.0, 240.0, 132.0, 32760.0, 12.0, 8160.0, 14364.0, 6600.0, 276.0)
    square = pair_product(x, x)
    series = (0.0, 0.0)
    for k in range(10, -1, -1):
        b = pair_quotient((tops[k], 0.0), (bottoms[k], 0.0))
        series = pair_quotient(pair_sum(series, b), square)
    total = pair_sum(total, pair_sum(pair_log(x), pair_quotient((-0.5, 0.0), x)))
    return pair_sum(total, (-series[0], -series[1]))


def sign_of_gamma(x: float) -> float:
    """Return the sign of gamma(x), and 0 at a pole."""
    if x > 0:
        return 1.0
    if x == math.floor(x):
        return 0.0
    return 1.0 - 2.0 * abs(math.fmod(math.floor(x), 2.0))


def log_gamma_beyond(x: tuple[float, float]) -> tuple[float, float]:
    """Return log|gamma(x)|, far below 0 by DLMF 5.5.3 with the digits of a float."""
    if x[0] > -2000:
        return pair_log_gamma(x)
    sine = abs(math.sin(math.pi * (x[0] - math.floor(x[0] + 0.5))))
    above = pair_log_gamma(pair_sum((1.0, 0.0), (-x[0], -x[1])))
    return pair_sum((math.log(math.pi / sine), 0.0), (-above[0], -above[1]))


def factorial_function(x: float) -> float:
    """Return gamma(x + 1).

    >>> factorial_function(5.0), factorial_function(0.5)
    (120.0, 0.886226925452758)
    """
    if x > 171 or x == math.inf:
        return math.inf
    sign = sign_of_gamma(x + 1)
    if sign == 0:
        raise ValueError(x)
    return sign * exp_of_pair(log_gamma_beyond(pair_sum((x, 0.0), (1.0, 0.0))))


def binomial_coefficient(n: float, k: float) -> float:
    """Return gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1)).

    >>> binomial_coefficient(5.0, 2.0), binomial_coefficient(60.0, 30.0), binomial_coefficient(2.0, 3.0)
    (10.0, 1.1826458156486142e+17, 0.0)
    """
    rest = pair_sum(pair_sum((n, 0.0), (-k, 0.0)), (1.0, 0.0))
    sign = sign_of_gamma(n + 1)
    if sign == 0:
        raise ValueError(n, k)
    sign = sign * sign_of_gamma(k + 1) * sign_of_gamma(rest[0])
    if sign == 0:
        return 0.0
    below = pair_sum(log_gamma_beyond(pair_sum((k, 0.0), (1.0, 0.0))), log_gamma_beyond(rest))
    above = log_gamma_beyond(pair_sum((n, 0.0), (1.0, 0.0)))
    return sign * exp_of_pair(pair_sum(above, (-below[0], -below[1])))


def pair_log_beta(a: float, b: float) -> tuple[float, float]:
    """Return log|beta(a, b)|; by Stirling's series of the difference, DLMF 5.11.1, where one is large."""
    if min(a, b) > 0 and max(a, b) > 1e6:
        large = max(a, b)
        small = min(a, b)
        end = pair_sum((large, 0.0), (small, 0.0))
        change = pair_log(pair_quotient((large, 0.0), end))
        main = pair_product(pair_sum((large, 0.0), (-0.5, 0.0)), change)
        rest = pair_product((small, 0.0), pair_sum(pair_log(end), (-1.0, 0.0)))
        main = pair_sum(main, (-rest[0], -rest[1]))
        inverse = pair_quotient((small / 12, 0.0), pair_product((large, 0.0), end))
        return pair_sum(pair_sum(main, inverse), pair_log_gamma((small, 0.0)))
    above = pair_sum(log_gamma_beyond((a, 0.0)), log_gamma_beyond((b, 0.0)))
    below = log_gamma_beyond(pair_sum((a, 0.0), (b, 0.0)))
    return pair_sum(above, (-below[0], -below[1]))


def beta_function(a: float, b: float) -> float:
    """Return gamma(a)*gamma(b)/gamma(a + b).

    >>> beta_function(2.0, 3.0)
    0.08333333333333333
    """
    sign = sign_of_gamma(a) * sign_of_gamma(b)
    if sign == 0:
        raise ValueError(a, b)
    sign = sign * sign_of_gamma(a + b)
    return sign * exp_of_pair(pair_log_beta(a, b)) if sign else 0.0


def log_beta(a: float, b: float) -> float:
    """Return log|beta(a, b)|.

    >>> log_beta(1e9, 1e-3)
    6.886455619547407
    """
    if sign_of_gamma(a) * sign_of_gamma(b) * sign_of_gamma(a + b) == 0:
        raise ValueError(a, b)
    return pair_log_beta(a, b)[0]


def digamma_step(x: float, h: float) -> float:
    """Return digamma(x + h) - digamma(x).

    >>> digamma_step(1.0, 1.0), digamma_step(1e9, 1e-3)
    (1.0, 1.0000000004995e-12)
    """
    end = pair_sum((x, 0.0), (h, 0.0))
    if (x <= 0 and x == math.floor(x)) or (end[0] <= 0 and end[0] == math.floor(end[0])):
        raise ValueError(x, h)
    if abs(h) < 1e-12 * abs(x):
        return h * polygamma(1.0, x + h / 2)
    if x < -2000 or end[0] < -2000:
        return digamma(x + h) - digamma(x)
    start = pair_digamma((x, 0.0))
    return pair_sum(pair_digamma(end), (-start[0], -start[1]))[0]


def gamma_density(a: float, x: float) -> float:
    """Return x**(a - 1)*exp(-x)/gamma(a) for x >= 0.

    >>> gamma_density(2.0, 3.0)
    0.14936120510359183
    """
    if a <= 0 or x < 0:
        raise ValueError(a, x)
    if x == 0:
        if a < 1:
            raise ValueError(a, x)
        return 1.0 if a == 1 else 0.0
    if x == math.inf:
        return 0.0
    power = pair_sum(pair_product(pair_sum((a, 0.0), (-1.0, 0.0)), pair_log((x, 0.0))), (-x, 0.0))
    below = pair_log_gamma((a, 0.0))
    return exp_of_pair(pair_sum(power, (-below[0], -below[1])))


def lower_gamma(a: float, x: float) -> float:
    """Return the regularised lower incomplete gamma function P(a, x): DLMF 8.11.4, and 8.9.2 for large x.

    >>> lower_gamma(2.0, 3.0)
    0.8008517265285442
    """
    if a <= 0 or x < 0:
        raise ValueError(a, x)
    if x == 0:
        return 0.0
    if x == math.inf:
        return 1.0
    if a > 1e6:
        return gamma_far_out(a, x, -1.0)
    if x < a + 2:
        p = gamma_series(a, x)
        return p[0] + p[1]
    return 1.0 - gamma_fraction(a, x)


def upper_gamma(a: float, x: float) -> float:
    """Return the regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x).

    >>> upper_gamma(2.0, 30.0)
    2.900863120340454e-12
    """
    if a <= 0 or x < 0:
        raise ValueError(a, x)
    if x == 0:
        return 1.0
    if x == math.inf:
        return 0.0
    if a > 1e6:
        return gamma_far_out(a, x, 1.0)
    if x < a + 2:
        p = gamma_series(a, x)
        return pair_sum((1.0, 0.0), (-p[0], -p[1]))[0]
    return gamma_fraction(a, x)


def gamma_power(a: float, x: float, after: float) -> tuple[float, float]:
    """Return x**a*exp(-x)/gamma(a + after)."""
    power = pair_sum(pair_product((a, 0.0), pair_log((x, 0.0))), (-x, 0.0))
    below = pair_log_gamma(pair_sum((a, 0.0), (after, 0.0)))
    return pair_exp(pair_sum(power, (-below[0], -below[1])))


def gamma_series(a: float, x: float) -> tuple[float, float]:
    """Return P(a, x) by its power series."""
    term = (1.0, 0.0)
    total = (1.0, 0.0)
    k = 0.0
    while term[0] > total[0] * 1e-32:
        k += 1.0
        term = pair_quotient(pair_product(term, (x, 0.0)), pair_sum((a, 0.0), (k, 0.0)))
        total = pair_sum(total, term)
    return pair_product(gamma_power(a, x, 1.0), total)


def gamma_fraction(a: float, x: float) -> float:
    """Return Q(a, x) by its continued fraction, DLMF 8.9.2, after Lentz."""
    b = pair_sum(pair_sum((x, 0.0), (1.0, 0.0)), (-a, 0.0))
    c = (1e300, 0.0)
    d = pair_quotient((1.0, 0.0), b)
    total = d
    k = 0.0
    change = 1.0
    while abs(change) > 1e-18 and k < 100000:
        k += 1.0
        numerator = pair_product((-k, 0.0), pair_sum((k, 0.0), (-a, 0.0)))
        b = pair_sum(b, (2.0, 0.0))
        d = pair_quotient((1.0, 0.0), pair_sum(pair_product(numerator, d), b))
        c = pair_sum(b, pair_quotient(numerator, c))
        factor = pair_product(c, d)
        total = pair_product(total, factor)
        change = factor[0] - 1.0
    q = pair_product(gamma_power(a, x, 0.0), total)
    return q[0] + q[1]


def gamma_far_out(a: float, x: float, sign: float) -> float:
    """Return Q(a, x) for a large a by the uniform expansion, DLMF 8.12.3; P(a, x) where the sign is -1."""
    ratio = pair_quotient((x, 0.0), (a, 0.0))
    excess = pair_sum(ratio, (-1.0, 0.0))
    log_ratio = pair_log(ratio)
    half = pair_product((a, 0.0), pair_sum(excess, (-log_ratio[0], -log_ratio[1])))
    if half[0] > 800:
        return 0.0 if (excess[0] > 0) == (sign > 0) else 1.0
    side = math.copysign(1.0, excess[0])
    y = side * math.sqrt(max(half[0], 0.0))
    eta = y * math.sqrt(2.0 / a)
    first = ((0.0003527336860670194 * eta + 0.0011574074074074073) * eta - 0.014814814814814815) * eta
    first = (first + 0.08333333333333333) * eta - 0.3333333333333333
    second = (0.0026455026455026454 * eta - 0.003472222222222222) * eta - 0.001851851851851852
    third = 0.004133597883597883
    power = exp_of_pair((-half[0], -half[1]))
    rest = power / math.sqrt(2.0 * math.pi * a) * (first + (second + third / a) / a)
    slip = (half[0] - y * y + half[1]) / (2.0 * y) if y != 0 else 0.0
    return 0.5 * math.erfc(sign * y) + sign * (rest - power * slip / math.sqrt(math.pi))


def beta_density(a: float, b: float, x: float) -> float:
    """Return x**(a - 1)*(1 - x)**(b - 1)/beta(a, b) for 0 <= x <= 1.

    >>> beta_density(2.0, 3.0, 0.25)
    1.6875
    """
    if a <= 0 or b <= 0 or x < 0 or x > 1:
        raise ValueError(a, b, x)
    if x == 0 or x == 1:
        at = a if x == 0 else b
        if at < 1:
            raise ValueError(a, b, x)
        return (b if x == 0 else a) if at == 1 else 0.0
    above = pair_product(pair_sum((a, 0.0), (-1.0, 0.0)), pair_log((x, 0.0)))
    beside = pair_product(pair_sum((b, 0.0), (-1.0, 0.0)), pair_log(pair_sum((1.0, 0.0), (-x, 0.0))))
    below = pair_log_beta(a, b)
    return exp_of_pair(pair_sum(pair_sum(above, beside), (-below[0], -below[1])))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), by its continued fraction, DLMF 8.17.22.

    >>> incomplete_beta(2.0, 3.0, 0.25)
    0.26171875
    """
    if a <= 0 or b <= 0 or x < 0 or x > 1:
        raise ValueError(a, b, x)
    if x == 0 or x == 1:
        return x
    rest = pair_sum((1.0, 0.0), (-x, 0.0))
    above = pair_product((a, 0.0), pair_log((x, 0.0)))
    beside = pair_product((b, 0.0), pair_log(rest))
    below = pair_log_beta(a, b)
    power = pair_exp(pair_sum(pair_sum(above, beside), (-below[0], -below[1])))
    if x * (a + b + 2) < a + 1:
        part = pair_quotient(pair_product(power, beta_fraction(a, b, (x, 0.0))), (a, 0.0))
        return part[0] + part[1]
    part = pair_quotient(pair_product(power, beta_fraction(b, a, rest)), (b, 0.0))
    return pair_sum((1.0, 0.0), (-part[0], -part[1]))[0]


def beta_fraction(a: float, b: float, x: tuple[float, float]) -> tuple[float, float]:
    """Return the continued fraction of the incomplete beta function, after Lentz."""
    both = pair_sum((a, 0.0), (b, 0.0))
    c = (1.0, 0.0)
    d = (0.0, 0.0)
    total = (1.0, 0.0)
    k = 0.0
    change = 1.0
    while abs(change) > 1e-30 and k < 100000:
        even = math.fmod(k, 2.0) == 0
        half = math.floor(k / 2)
        step = pair_sum((a, 0.0), (k, 0.0))
        if even:
            numerator = pair_product(pair_sum((a, 0.0), (half, 0.0)), pair_sum(both, (half, 0.0)))
            numerator = (-numerator[0], -numerator[1])
        else:
            numerator = pair_product((half + 1.0, 0.0), pair_sum((b, 0.0), (-half - 1.0, 0.0)))
        numerator = pair_quotient(pair_product(numerator, x), pair_product(step, pair_sum(step, (1.0, 0.0))))
        d = pair_quotient((1.0, 0.0), pair_sum((1.0, 0.0), pair_product(numerator, d)))
        c = pair_sum((1.0, 0.0), pair_quotient(numerator, c))
        factor = pair_product(c, d)
        total = pair_product(total, factor)
        change = factor[0] - 1.0 + factor[1]
        k += 1.0
    return pair_quotient((1.0, 0.0), total)
