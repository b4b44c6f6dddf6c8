"""Special functions that Python's math lacks, or rounds badly near their zeros; generated code contains their source.

Where the terms of a sum cancel, it is computed again with pairs (high, low) of floats, which have twice the digits:
T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971).
"""

from __future__ import annotations

import math

__all__: list[str] = []  # as text, an operation's name stands in the rules alone

# fmt: off

def exp_minus_square(x: float) -> float:
    """Return exp(-x*x), x*x in two parts, of which the large one is exact: exp multiplies the error of a square.

    >>> exp_minus_square(1.0), exp_minus_square(20.3)
    (0.36787944117144233, 1.0754418989816755e-179)
    """
    size = abs(x)
    if size > 27.3:
        return 0.0
    near = size - size % 0.0625
    return math.exp(-near * near) * math.exp(-(size - near) * (size + near))


def log_gamma(x: float) -> float:
    """Return log|gamma(x)|: DLMF 5.7.3 around 1 and 2, by 5.5.1 up to 10; 5.11.1 above; 5.5.3 below -1/2.

    >>> log_gamma(2.0000000001)
    4.2278437011204657e-11
    """
    if math.isinf(x):
        return math.inf
    if x <= 0 and not x % 1 > 0:
        raise ValueError(x)
    if x < -0.5:
        sine = math.log(math.pi / abs(math.sin(math.pi * (x - round(x)))))
        total = sine - log_gamma(1 - x)
        return total if abs(total) > sine / 4 else reflected(x)[0]
    if x < 0.5:
        return log_gamma(1 + x) - math.log(abs(x))
    if x < 1.5:
        return log_gamma_of_2_plus(x - 1) - math.log1p(x - 1)
    if x < 10:
        product = 1.0
        while x > 2.5:
            x -= 1
            product *= x
        return math.log(product) + log_gamma_of_2_plus(x - 2)
    series, y = 0.0, 1 / (x * x)
    for b in (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12):
        series = series * y + b
    return (x - 0.5) * (math.log(x) - 1) + (0.5 * math.log(2 * math.pi) - 0.5 + series / x)


def log_gamma_of_2_plus(t: float) -> float:
    """Return log(gamma(2 + t)) for |t| <= 1/2, which is t times this series."""
    series = 0.0
    coefficients = (
        1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10, -1.1921401405860912e-09,
        2.4836745438024785e-09, -5.183475041970047e-09, 1.0838659214896955e-08, -2.2711094608943164e-08,
        4.7698101693639804e-08, -1.0043224823968099e-07, 2.1207184805554665e-07, -4.492469198764566e-07,
        9.55141213040742e-07, -2.039215753801366e-06, 4.374866789907488e-06, -9.439488275268397e-06,
        2.050721277567069e-05, -4.492623673813314e-05, 9.945751278180853e-05, -0.00022315475845357939,
        0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234, -0.007385551028673986,
        0.020580808427784546, -0.0673523010531981, 0.3224670334241132, 0.42278433509846713,
    )
    for c in coefficients:
        series = series * t + c
    return series * t


def digamma(x: float) -> float:
    """Return the logarithmic derivative of gamma: DLMF 5.5.2 up to 10; 5.11.2 above; 5.5.4 below 0.

    Between 1 and 2 a Pade approximant has the factor x - root.

    >>> digamma(1.0), digamma(1.4616321449683622)
    (-0.577215664901533, -9.241265521729428e-17)
    """
    if x == math.inf:
        return x
    if x <= 0:
        if not x % 1 > 0:
            raise ValueError(x)
        rest = digamma(1 - x)
        turn = x - round(x)
        cotangent = 1 / math.tan(math.pi * turn)
        if abs(turn) > 0.25:
            cotangent = math.copysign(math.tan(math.pi * (0.5 - abs(turn))), turn)
        total = rest - math.pi * cotangent
        return total if abs(total) > (1 + rest) / 4 else reflected(x)[1]
    if x >= 10:
        series, y = 0.0, 1 / (x * x)
        for b in (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
            series = (series + b) * y
        return math.log(x) - 0.5 / x - series
    total = 0.0
    if x < 1:
        total = -1 / x
        x += 1
    while x > 2:
        x -= 1
        total += 1 / x
    t = x - 1.4616321449683622 - 9.549995429965697e-17
    p = q = 0.0
    numerator = (
        2.5413243209206893e-08, 2.0761752783773515e-05, 0.0011239453493703706, 0.02048446717552533,
        0.16867091147775454, 0.6846980863268833, 1.3258640334680671, 0.9676722454476212,
    )
    denominator = (
        3.98898775631658e-06, 0.0003057981969553456, 0.007348744821870532, 0.07949886886974394, 0.4396456760929749,
        1.2767157044913227, 1.8277130617025563, 1.0,
    )
    for a, b in zip(numerator, denominator, strict=True):
        p = p * t + a
        q = q * t + b
    return total + t * p / q


def polygamma(n: float, x: float) -> float:
    """Return the n-th derivative of digamma: a Hurwitz zeta function, DLMF 5.15.1; below 0 three of them.

    The poles on either side of x are as far apart as those of zeta.

    >>> polygamma(1.0, 1.0), polygamma(2.0, -0.5)
    (1.6449340668482264, -0.8287966442343198)
    """
    if n == 0:
        return digamma(x)
    if n < 0 or n % 1 != 0 or (x <= 0 and not x % 1 > 0):
        raise ValueError(n, x)
    sign = 1.0 if n % 2 else -1.0
    if x > 1e15:  # x**(n + 1) may be beyond float64 where x**n is not
        return sign * factorial_over_power(n - 1, x) * (n * (zeta_times_power(n + 1, x, x) / x))
    if x > 0:
        return sign * factorial_over_power(n, x) * zeta_times_power(n + 1, x, x)
    rest = x - round(x)
    right, left = (rest, 1 - rest) if rest > 0 else (1 + rest, -rest)
    if right == left and n % 2 == 0:
        return polygamma(n, 1 - x)
    unit = min(right, left)
    total = zeta_times_power(n + 1, left, unit) - zeta_times_power(n + 1, 1 - x, unit)
    return sign * factorial_over_power(n, unit) * (zeta_times_power(n + 1, right, unit) + sign * total)


def zeta_times_power(s: float, x: float, unit: float) -> float:
    """Return Hurwitz's zeta(s, x) * unit**s for 0 < unit <= x, by the Euler-Maclaurin formula, DLMF 25.11.5."""
    if math.isinf(x):
        return 0.0
    total, offset = 0.0, x - unit
    power = math.exp(-s * math.log1p(offset / unit))
    while x < 2 * s + 10:
        total += power
        if power <= total * 1e-17:
            return total
        x += 1
        offset += 1
        power = math.exp(-s * math.log1p(offset / unit))
    term, series = s / x, 0.5 + x / (s - 1)
    coefficients = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600)
    for k, b in enumerate(coefficients):
        series += b * term
        term *= (s + 2 * k + 1) / x * ((s + 2 * k + 2) / x)
    return total + power * series


def factorial_over_power(n: float, x: float) -> float:
    """Return n!/x**(n + 1), in logarithms where one of them is too large or too small for a float."""
    log_power = -(n + 1) * math.log(x)
    if n < 171 and abs(log_power) < 600:
        return math.gamma(n + 1) * math.pow(x, -(n + 1))
    if abs(log_gamma(n + 1) + log_power) > 1000 or n > 1e15:
        return math.inf if log_gamma(n + 1) + log_power > 0 else 0.0
    power = pair_product((-n - 1, 0.0), pair_log((x, 0.0)))
    high, low = pair_sum(pair_gammas((n + 1, 0.0))[0], power)
    return math.exp(high) * (1 + low) if high < 709.7 else math.inf


def reflected(x: float) -> tuple[float, float]:
    """Return log|gamma(x)| and digamma(x) below 0, where the terms of DLMF 5.5.3 and 5.5.4 cancel."""
    sine, cosine = pair_sine_and_cosine(x - round(x))
    log, digamma = pair_gammas(pair_sum((1.0, 0.0), (-x, 0.0)))
    pi = (3.141592653589793, 1.2246467991473532e-16)
    log_sine = pair_log(pair_quotient(pi, sine if sine[0] > 0 else (-sine[0], -sine[1])))
    cotangent = pair_quotient(pair_product(pi, cosine), sine)
    return (
        pair_sum(log_sine, (-log[0], -log[1]))[0],
        pair_sum(digamma, (-cotangent[0], -cotangent[1]))[0],
    )


def pair_gammas(x: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return log(gamma(x)) and digamma(x) for x > 0: DLMF 5.5.1 and 5.5.2 up to 40, 5.11.1 and 5.11.2 above."""
    product, digamma = (1.0, 0.0), (0.0, 0.0)
    while x[0] < 40:
        product = pair_product(product, x)
        digamma = pair_sum(digamma, pair_quotient((-1.0, 0.0), x))
        x = pair_sum(x, (1.0, 0.0))
    square, log = pair_product(x, x), pair_log(x)
    series = log_series = (0.0, 0.0)
    ratios = (
        (1, 12),
        (-1, 120),
        (1, 252),
        (-1, 240),
        (1, 132),
        (-691, 32760),
        (1, 12),
        (-3617, 8160),
        (43867, 14364),
        (-174611, 6600),
        (77683, 276),
    )
    for k in range(len(ratios), 0, -1):
        b = pair_quotient((float(ratios[k - 1][0]), 0.0), (float(ratios[k - 1][1]), 0.0))
        series = pair_quotient(pair_sum(series, b), square)
        log_series = pair_sum(pair_quotient(log_series, square), pair_quotient(b, (2 * k - 1.0, 0.0)))
    digamma = pair_sum(digamma, pair_sum(log, pair_quotient((-0.5, 0.0), x)))
    digamma = pair_sum(digamma, (-series[0], -series[1]))
    product = pair_quotient((2.5066282746310007, -1.8328579980459167e-16), product)
    main = pair_sum(pair_product(pair_sum(x, (-0.5, 0.0)), log), (-x[0], -x[1]))
    return pair_sum(pair_sum(main, pair_log(product)), pair_quotient(log_series, x)), digamma


def pair_log(x: tuple[float, float]) -> tuple[float, float]:
    """Return log(x) for x > 0, by the series of the inverse hyperbolic tangent."""
    exponent = round(math.log2(x[0]))
    power = 2.0**exponent
    x = (x[0] / power, x[1] / power)
    ratio = pair_quotient(pair_sum(x, (-1.0, 0.0)), pair_sum(x, (1.0, 0.0)))
    square, series = pair_product(ratio, ratio), (0.0, 0.0)
    for k in range(45, 0, -2):
        series = pair_sum(pair_product(series, square), pair_quotient((2.0, 0.0), (float(k), 0.0)))
    return pair_sum(
        pair_product((0.6931471805599453, 2.3190468138462996e-17), (float(exponent), 0.0)), pair_product(ratio, series)
    )


def pair_sine_and_cosine(x: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return sin(pi*x) and cos(pi*x) for |x| <= 1/2, by their series."""
    angle = pair_product((3.141592653589793, 1.2246467991473532e-16), (x, 0.0))
    term, sums = (1.0, 0.0), [(1.0, 0.0), (0.0, 0.0)]
    for k in range(1, 34):
        term = pair_quotient(pair_product(term, angle), (float(k), 0.0))
        if k % 2 == 0:
            term = (-term[0], -term[1])
        sums[k % 2] = pair_sum(sums[k % 2], term)
    return sums[1], sums[0]


def pair_sum(x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float]:
    """Return x + y."""
    high = x[0] + y[0]
    part = high - x[0]
    low = (x[0] - (high - part)) + (y[0] - part) + x[1] + y[1]
    return high + low, low - (high + low - high)


def pair_product(x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float]:
    """Return x*y."""
    high, split = x[0] * y[0], 134217729.0
    x_head, y_head = split * x[0], split * y[0]
    x_head, y_head = x_head - (x_head - x[0]), y_head - (y_head - y[0])
    x_tail, y_tail = x[0] - x_head, y[0] - y_head
    low = (x_head * y_head - high + x_head * y_tail + x_tail * y_head) + x_tail * y_tail
    low += x[0] * y[1] + x[1] * y[0]
    return high + low, low - (high + low - high)


def pair_quotient(x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float]:
    """Return x/y."""
    high = x[0] / y[0]
    rest = pair_sum(x, pair_product(y, (-high, 0.0)))
    return pair_sum((high, 0.0), (rest[0] / y[0], 0.0))
