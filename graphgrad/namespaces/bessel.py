"""Bessel functions of real order of floats, in pairs of floats; source of helpers, as `incomplete.py` is.

DLMF §10, https://dlmf.nist.gov/: the power series up to 25, Hankel's expansion of a low order above, and recurrences.
"""

from __future__ import annotations

import math

from graphgrad.namespaces.incomplete import pair_digamma, pair_exp, pair_log_gamma, sign_of_gamma
from graphgrad.namespaces.special import pair_log, pair_product, pair_quotient, pair_sum

__all__: list[str] = []  # as in special.py


def bessel_i(order: float, x: float) -> float:
    """Return the modified Bessel function of the first kind, by its power series.

    >>> bessel_i(0.0, 1.0), bessel_i(-1.5, 2.0)
    (1.2660658777520084, 0.9849410530002365)
    """
    sign = parity_for(order, x)
    size = abs(order) if order == math.floor(order) else order
    x = abs(x)
    if x == 0:
        return at_zero(size)
    if size < -1e5:
        raise ValueError(order, x)
    if x > 1e4:
        return math.inf
    total = bessel_series(size, x, 1.0)
    return sign * (total[0] + total[1])


def bessel_j(order: float, x: float) -> float:
    """Return the Bessel function of the first kind.

    >>> bessel_j(0.0, 1.0), bessel_j(2.5, 30.0)
    (0.7651976865579666, 0.14120285879928213)
    """
    sign = parity_for(order, x)
    size = order
    x = abs(x)
    if order < 0 and order == math.floor(order):
        size = -order
        sign = sign * (1.0 - 2.0 * math.fmod(size, 2.0))
    if x == 0:
        return at_zero(size)
    if x == math.inf:
        return 0.0
    if size < -1e5 or (abs(size) > 1e5 and size <= x * x / 60):
        raise ValueError(order, x)
    if x <= 25 or size > x * x / 60:
        total = bessel_series(size, x, -1.0)
    elif size > x:
        total = bessel_j_beyond(size, x)
    else:
        total = bessel_recurred(size, x, 0.0)
    return sign * (total[0] + total[1])


def bessel_y(order: float, x: float) -> float:
    """Return the Bessel function of the second kind, for x > 0.

    >>> bessel_y(0.0, 1.0), bessel_y(2.5, 30.0)
    (0.08825696421567696, 0.036788354967208246)
    """
    if x <= 0 or abs(order) > 1e5:
        raise ValueError(order, x)
    if x == math.inf:
        return 0.0
    if x > 25:
        total = bessel_recurred(order, x, 1.0)
        return total[0] + total[1]
    nearest = math.floor(order + 0.5)
    off = order - nearest
    size = abs(nearest)
    if off == 0:
        sign = 1.0 - 2.0 * math.fmod(size, 2.0) if order < 0 else 1.0
        return sign * bessel_y_low(size, x)
    if abs(off) < 1e-13:
        back = bessel_y(nearest - 0.0000152587890625, x)
        here = bessel_y(nearest, x)
        ahead = bessel_y(nearest + 0.0000152587890625, x)
        t = off / 0.0000152587890625
        return here + t * (0.5 * (ahead - back) + t * (0.5 * (ahead - here) - 0.5 * (here - back)))
    turned = pair_product(cosine_of_turns(order), bessel_series(order, x, -1.0))
    other = bessel_series(-order, x, -1.0)
    if abs(other[0]) > 1e280:
        return -other[0] / sine_of_turns(order)[0]
    return pair_quotient(pair_sum(turned, (-other[0], -other[1])), sine_of_turns(order))[0]


def bessel_k(order: float, x: float) -> float:
    """Return the modified Bessel function of the second kind, for x > 0: DLMF 10.32.9 by the trapezoidal rule.

    >>> bessel_k(0.0, 1.0), bessel_k(1.5, 2.0)
    (0.4210244382407084, 0.17990665795209218)
    """
    if x <= 0 or abs(order) > 1e5:
        raise ValueError(order, x)
    if x > 745:
        return 0.0
    size = abs(order)
    low = size - math.floor(size)
    total = bessel_k_low(low, x)
    if size < 1:
        return (total[0] + total[1]) * math.exp(-x)
    above = bessel_k_low(low + 1.0, x)
    if above[0] == math.inf:
        return math.inf
    while low + 1.5 < size:
        low += 1.0
        factor = pair_quotient((2.0 * low, 0.0), (x, 0.0))
        if above[0] > 1e280 or factor[0] > 1e280:
            more = (total[0] + factor[0] * above[0], 0.0)
        else:
            more = pair_sum(total, pair_product(factor, above))
        total = above
        above = more
    return (above[0] + above[1]) * math.exp(-x)


def bessel_k_low(order: float, x: float) -> tuple[float, float]:
    """Return the same of an order between 0 and 2, times exp(x)."""
    step = 0.125  # a power of 2, so that t is exact
    while step > 0.4 / math.sqrt(math.sqrt(x * x + 4.0)):
        step /= 2
    total = (0.5, 0.0)
    term = 1.0
    k = 0.0
    while term > total[0] * 1e-18 or k * step < 1.5:
        k += 1.0
        t = k * step
        half = math.sinh(t / 2)
        power = pair_product((order, 0.0), (t, 0.0))
        ahead = pair_sum(power, (-2.0 * x * half * half, 0.0))
        if ahead[0] > 700:
            return (math.inf, 0.0)
        term = 0.5 * math.exp(ahead[0]) * (1.0 + ahead[1]) + 0.5 * math.exp(ahead[0] - 2.0 * power[0])
        total = pair_sum(total, (term, 0.0))
    return pair_product(total, (step, 0.0))


def parity_for(order: float, x: float) -> float:
    """Return the sign of a function of the first kind at x beside |x|: below 0, orders must be whole."""
    if x >= 0:
        return 1.0
    if order != math.floor(order):
        raise ValueError(order, x)
    return 1.0 - 2.0 * abs(math.fmod(order, 2.0))


def at_zero(order: float) -> float:
    """Return the value at 0 of a function of the first kind."""
    if order < 0:
        raise ValueError(order)
    return 1.0 if order == 0 else 0.0


def bessel_series(order: float, x: float, sign: float) -> tuple[float, float]:
    """Return the power series, DLMF 10.2.2 and 10.25.2: of J where the sign is -1, of I where it is 1."""
    half = (x / 2, 0.0)
    square = pair_product(half, half)
    term = (1.0, 0.0)
    total = (1.0, 0.0)
    k = 0.0
    largest = 1.0
    while abs(term[0]) > largest * 1e-34 or k < -order:
        k += 1.0
        below = pair_product((sign * k, 0.0), pair_sum((order, 0.0), (k, 0.0)))
        term = pair_quotient(pair_product(term, square), below)
        total = pair_sum(total, term)
        largest = max(largest, abs(total[0]))
        if largest > 1e290:
            return (math.inf, 0.0)
    after = pair_sum((order, 0.0), (1.0, 0.0))
    below = pair_log_gamma(after)
    power = pair_sum(pair_product((order, 0.0), pair_log(half)), (-below[0], -below[1]))
    scale = pair_product((sign_of_gamma(after[0]), 0.0), total)
    if power[0] > 600:
        root = pair_exp((power[0] / 2, power[1] / 2))
        more = pair_product(root, scale)
        return (root[0] * more[0] + (root[0] * more[1] + root[1] * more[0]), 0.0)
    return pair_product(pair_exp(power), scale)


def bessel_y_low(order: float, x: float) -> float:
    """Return Y of a whole order >= 0 for x <= 25: DLMF 10.8.1 of the orders 0 and 1, and the recurrence."""
    first = bessel_y_series(0.0, x)
    if order == 0:
        return first[0]
    second = bessel_y_series(1.0, x)
    k = 1.0
    while k < order:
        factor = pair_quotient((2.0 * k, 0.0), (x, 0.0))
        if abs(second[0]) > 1e150 or factor[0] > 1e150:
            more = (factor[0] * second[0] - first[0], 0.0)
        else:
            more = pair_product(factor, second)
            more = pair_sum(more, (-first[0], -first[1]))
        if more[0] == -math.inf:
            return more[0]
        first = second
        second = more
        k += 1.0
    return second[0]


def bessel_y_series(order: float, x: float) -> tuple[float, float]:
    """Return Y of the order 0 or 1, DLMF 10.8.1."""
    half = (x / 2, 0.0)
    square = pair_product(half, half)
    log_half = pair_log(half)
    term = (1.0, 0.0) if order == 0 else half
    below = pair_digamma((1.0, 0.0))
    above = pair_digamma((order + 1.0, 0.0))
    total = (0.0, 0.0)
    size = 1.0
    k = 0.0
    while size > 1e-34 or k < x:
        both = pair_sum(below, above)
        factor = pair_sum(pair_product((2.0, 0.0), log_half), (-both[0], -both[1]))
        more = pair_product(term, factor)
        total = pair_sum(total, more)
        size = abs(more[0])
        k += 1.0
        below = pair_sum(below, pair_quotient((1.0, 0.0), (k, 0.0)))
        above = pair_sum(above, pair_quotient((1.0, 0.0), (k + order, 0.0)))
        term = pair_quotient(pair_product(term, square), (-k * (k + order), 0.0))
    if order == 1:
        total = pair_sum(total, pair_quotient((-2.0, 0.0), (x, 0.0)))
    return pair_quotient(total, (3.141592653589793, 1.2246467991473532e-16))


def bessel_recurred(order: float, x: float, kind: float) -> tuple[float, float]:
    """Return J (kind 0) or Y (kind 1) for x > 25 from those of low orders."""
    low = order - math.floor(order)
    first = bessel_hankel(low, x, kind)
    second = bessel_hankel(low + 1.0, x, kind)
    while low + 0.5 < order:
        low += 1.0
        more = bessel_beyond(order_at(order, low), x, second, first)
        first = second
        second = more
        if abs(second[0]) > 1e290:
            return (-math.inf, 0.0)
    while low - 0.5 > order:
        more = bessel_beyond(order_at(order, low), x, first, second)
        second = first
        first = more
        low -= 1.0
        if abs(first[0]) > 1e290:
            return (math.copysign(math.inf, first[0]), 0.0)
    return first


def bessel_beyond(
    order: tuple[float, float], x: float, here: tuple[float, float], before: tuple[float, float]
) -> tuple[float, float]:
    """Return J or Y of the next order, up or down, from that of this order and of the one before: DLMF 10.6.1."""
    more = pair_product(pair_quotient(pair_product((2.0, 0.0), order), (x, 0.0)), here)
    return pair_sum(more, (-before[0], -before[1]))


def order_at(order: float, near: float) -> tuple[float, float]:
    """Return the order that is a whole number from another one, and near to a number."""
    return pair_sum((order, 0.0), (math.floor(near - order + 0.5), 0.0))


def bessel_j_beyond(order: float, x: float) -> tuple[float, float]:
    """Return J of an order above x > 25: the continued fraction DLMF 10.10.1, recurred down to a low order."""
    c = (1e-300, 0.0)
    d = (0.0, 0.0)
    total = c
    k = 0.0
    change = 1.0
    while abs(change) > 1e-31 and k < 100000:
        k += 1.0
        b = pair_quotient(pair_product((2.0, 0.0), pair_sum((order, 0.0), (k, 0.0))), (x, 0.0))
        sign = 1.0 if k == 1 else -1.0
        d = pair_quotient((1.0, 0.0), pair_sum(b, (sign * d[0], sign * d[1])))
        c = pair_sum(b, pair_quotient((sign, 0.0), c))
        factor = pair_product(c, d)
        total = pair_product(total, factor)
        change = factor[0] - 1.0 + factor[1]
    above = total
    here = (1.0, 0.0)
    scale = (1.0, 0.0)
    low = order
    while low > 0.5:
        more = bessel_beyond(order_at(order, low), x, here, above)
        above = here
        here = more
        low -= 1.0
        if abs(here[0]) > 1e200:
            above = pair_product(above, (1e-200, 0.0))
            here = pair_product(here, (1e-200, 0.0))
            scale = pair_product(scale, (1e-200, 0.0))
    if abs(here[0]) > abs(above[0]):
        return pair_product(pair_quotient(bessel_hankel(low, x, 0.0), here), scale)
    return pair_product(pair_quotient(bessel_hankel(low + 1.0, x, 0.0), above), scale)


def bessel_hankel(order: float, x: float, kind: float) -> tuple[float, float]:
    """Return J (kind 0) or Y (kind 1) of a low order for x > 25, by Hankel's expansion, DLMF 10.17.3."""
    square = pair_product((4.0, 0.0), pair_product((order, 0.0), (order, 0.0)))
    even = (1.0, 0.0)
    odd = (0.0, 0.0)
    term = (1.0, 0.0)
    k = 0.0
    while abs(term[0]) > 1e-33 and k < 2.0 * x:
        k += 1.0
        above = pair_sum(square, (-(2.0 * k - 1.0) * (2.0 * k - 1.0), 0.0))
        sign = -1.0 if math.fmod(k, 2.0) == 0 else 1.0
        term = pair_quotient(pair_product(term, above), pair_product((sign * 8.0 * k, 0.0), (x, 0.0)))
        if sign > 0:
            odd = pair_sum(odd, term)
        else:
            even = pair_sum(even, term)
    turns = pair_quotient((x, 0.0), (3.141592653589793, 1.2246467991473532e-16))
    turns = pair_sum(turns, pair_sum((-0.5 * order, 0.0), (-0.25, 0.0)))
    count = math.floor(turns[0] + 0.5)
    rest = pair_sum(turns, (-count, 0.0))
    parity = 1.0 - 2.0 * abs(math.fmod(count, 2.0))
    sine = pair_sine(rest)
    cosine = pair_cosine(rest)
    if kind == 0:
        total = pair_product(even, cosine)
        other = pair_product(odd, sine)
        total = pair_sum(total, (-other[0], -other[1]))
    else:
        total = pair_sum(pair_product(even, sine), pair_product(odd, cosine))
    scale = pair_quotient((2.0, 0.0), pair_product((3.141592653589793, 1.2246467991473532e-16), (x, 0.0)))
    return pair_product(pair_root(scale), pair_product((parity, 0.0), total))


def pair_root(x: tuple[float, float]) -> tuple[float, float]:
    """Return the square root of x > 0."""
    root = (math.sqrt(x[0]), 0.0)
    rest = pair_sum(x, pair_product(root, (-root[0], 0.0)))
    return pair_sum(root, (rest[0] / (2.0 * root[0]), 0.0))


def pair_sine(x: tuple[float, float]) -> tuple[float, float]:
    """Return sin(pi*x) for |x| <= 1/2."""
    angle = pair_product((3.141592653589793, 1.2246467991473532e-16), x)
    square = pair_product(angle, angle)
    total = (1.0, 0.0)
    for k in range(16, 0, -1):
        total = pair_sum((1.0, 0.0), pair_quotient(pair_product(total, square), (-2.0 * k * (2.0 * k + 1.0), 0.0)))
    return pair_product(total, angle)


def pair_cosine(x: tuple[float, float]) -> tuple[float, float]:
    """Return cos(pi*x) for |x| <= 1/2."""
    size = (abs(x[0]), x[1] if x[0] >= 0 else -x[1])
    if size[0] > 0.25:
        return pair_sine(pair_sum((0.5, 0.0), (-size[0], -size[1])))
    angle = pair_product((3.141592653589793, 1.2246467991473532e-16), x)
    square = pair_product(angle, angle)
    total = (1.0, 0.0)
    for k in range(16, 0, -1):
        total = pair_sum((1.0, 0.0), pair_quotient(pair_product(total, square), (-2.0 * k * (2.0 * k - 1.0), 0.0)))
    return total


def sine_of_turns(x: float) -> tuple[float, float]:
    """Return sin(pi*x)."""
    count = math.floor(x + 0.5)
    sine = pair_sine((x - count, 0.0))
    return sine if math.fmod(count, 2.0) == 0 else (-sine[0], -sine[1])


def cosine_of_turns(x: float) -> tuple[float, float]:
    """Return cos(pi*x)."""
    count = math.floor(x + 0.5)
    cosine = pair_cosine((x - count, 0.0))
    return cosine if math.fmod(count, 2.0) == 0 else (-cosine[0], -cosine[1])
