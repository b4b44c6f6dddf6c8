"""Declare Excel's functions as rules over the operations of the table, one row each.

Sources: "Excel functions (alphabetical)", https://support.microsoft.com/, and "LibreOffice Help: Functions by
Category", https://help.libreoffice.org/.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.op import Op
from graphgrad.text.dialects.excel import (
    choices,
    distributions,
    faults,
    finance,
    lookups,
    order,
    regression,
    rounding,
    statistics,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = ["CALLS", "FUNCTIONS", "MOST", "PERCENT", "READ"]

MOST: Final = 255
"""The most operands that Excel lets a function have."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the fewest and the most operands, and what reads them."""

    least: int
    most: int
    read: Callable[[Lowering, list[Operand]], Value]


def of_numbers(rule: Callable[..., Any], least: int = 1, most: int | None = None) -> Function:
    """Return a function of numbers, from its rule."""

    def read(low: Lowering, operands: list[Operand]) -> Value:
        result: Term = low.m.lift(rule(low.m, *[low.number(operand) for operand in operands]))
        return result

    return Function(least, least if most is None else most, read)


def of_all(rule: Callable[..., Any], least: int = 1) -> Function:
    """Return a function of all numbers that its operands have in them, ranges too."""

    def read(low: Lowering, operands: list[Operand]) -> Value:
        numbers = low.numbers(operands)
        if len(numbers) < least:
            low.fail("there are too few numbers here", low.m.span, f"it takes {least}, and has {len(numbers)}")
        result: Term = low.m.lift(rule(low.m, numbers))
        return result

    return Function(1, MOST, read)


def _percent(low: Lowering, operands: list[Operand]) -> Value:
    number = low.number(operands[0])
    result = number / 100
    if number.number is not None:
        return low.m.lift(number.number / 100)
    return result


def _counted(low: Lowering, operands: list[Operand]) -> Value:
    return low.m.lift(len(low.numbers(operands)))


def _filled(low: Lowering, operands: list[Operand]) -> Value:
    contents = [content for operand in operands for content, _ in low.contents(operand)]
    return low.m.lift(sum(content is not None for content in contents))


FUNCTIONS: Final[dict[str, Function]] = {
    # arithmetic
    "ABS": of_numbers(lambda m, x: m.abs(x)),
    "SIGN": of_numbers(lambda m, x: m.sign(x)),
    "SQRT": of_numbers(lambda m, x: m.sqrt(x)),
    "POWER": of_numbers(lambda m, x, y: x**y, 2),
    "EXP": of_numbers(lambda m, x: m.exp(x)),
    "LN": of_numbers(lambda m, x: m.log(x)),
    "LOG": of_numbers(lambda m, x, *b: m.log(x) / m.log(b[0]) if b else m.log10(x), 1, 2),
    "LOG10": of_numbers(lambda m, x: m.log10(x)),
    "PI": of_numbers(lambda m: m.pi, 0),
    "SQRTPI": of_numbers(lambda m, x: m.sqrt(x * m.pi)),
    "MOD": of_numbers(lambda m, x, y: m.floor_mod(x, y), 2),
    "SUM": of_all(lambda m, xs: m.total(xs), 0),
    "SUMSQ": of_all(lambda m, xs: m.total([x**2 for x in xs]), 0),
    "PRODUCT": of_all(lambda m, xs: reduce(mul, xs) if xs else 0, 0),
    "SUMPRODUCT": Function(1, MOST, statistics.sum_of_products),
    "SUMXMY2": Function(2, 2, statistics.sum_over_pairs(lambda x, y: (x - y) ** 2)),
    "SUMX2MY2": Function(2, 2, statistics.sum_over_pairs(lambda x, y: x**2 - y**2)),
    "SUMX2PY2": Function(2, 2, statistics.sum_over_pairs(lambda x, y: x**2 + y**2)),
    "FACT": of_numbers(lambda m, x: m.factorial(m.trunc(x))),
    "COMBIN": of_numbers(lambda m, n, k: m.binomial(m.trunc(n), m.trunc(k)), 2),
    "COMBINA": of_numbers(lambda m, n, k: m.binomial(m.trunc(n) + m.trunc(k) - 1, m.trunc(k)), 2),
    "PERMUT": of_numbers(lambda m, n, k: m.binomial(m.trunc(n), m.trunc(k)) * m.factorial(m.trunc(k)), 2),
    # trigonometric functions
    "SIN": of_numbers(lambda m, x: m.sin(x)),
    "COS": of_numbers(lambda m, x: m.cos(x)),
    "TAN": of_numbers(lambda m, x: m.tan(x)),
    "COT": of_numbers(lambda m, x: m.cot(x)),
    "SEC": of_numbers(lambda m, x: m.sec(x)),
    "CSC": of_numbers(lambda m, x: m.csc(x)),
    "ASIN": of_numbers(lambda m, x: m.asin(x)),
    "ACOS": of_numbers(lambda m, x: m.acos(x)),
    "ATAN": of_numbers(lambda m, x: m.atan(x)),
    "ATAN2": of_numbers(lambda m, x, y: m.atan2(y, x), 2),
    "SINH": of_numbers(lambda m, x: m.sinh(x)),
    "COSH": of_numbers(lambda m, x: m.cosh(x)),
    "TANH": of_numbers(lambda m, x: m.tanh(x)),
    "COTH": of_numbers(lambda m, x: m.coth(x)),
    "SECH": of_numbers(lambda m, x: m.sech(x)),
    "CSCH": of_numbers(lambda m, x: m.csch(x)),
    "ASINH": of_numbers(lambda m, x: m.asinh(x)),
    "ACOSH": of_numbers(lambda m, x: m.acosh(x)),
    "ATANH": of_numbers(lambda m, x: m.atanh(x)),
    "ACOTH": of_numbers(lambda m, x: m.acoth(x)),
    "DEGREES": of_numbers(lambda m, x: x * 180 / m.pi),
    "RADIANS": of_numbers(lambda m, x: x * m.pi / 180),
    # rounding
    "INT": of_numbers(lambda m, x: m.floor(x)),
    "ROUND": of_numbers(rounding.half_away, 2),
    "ROUNDUP": of_numbers(rounding.away, 2),
    "ROUNDDOWN": of_numbers(rounding.towards_0, 2),
    "TRUNC": of_numbers(rounding.towards_0, 1, 2),
    "MROUND": of_numbers(lambda m, x, y: y * rounding.half_away(m, x / y), 2),
    "CEILING": of_numbers(lambda m, x, *y: y[0] * m.ceil(x / y[0]) if y else m.ceil(x), 1, 2),
    "FLOOR": of_numbers(lambda m, x, *y: y[0] * m.floor(x / y[0]) if y else m.floor(x), 1, 2),
    "CEILING.MATH": of_numbers(rounding.multiple_above, 1, 3),
    "FLOOR.MATH": of_numbers(rounding.multiple_below, 1, 3),
    "CEILING.PRECISE": of_numbers(rounding.multiple_above, 1, 2),
    "FLOOR.PRECISE": of_numbers(rounding.multiple_below, 1, 2),
    "EVEN": of_numbers(rounding.even),
    "ODD": of_numbers(rounding.odd),
    "QUOTIENT": of_numbers(lambda m, x, y: rounding.towards_0(m, x / y), 2),
    # statistics
    "AVERAGE": of_all(lambda m, xs: m.total(xs) / len(xs)),
    "MIN": of_all(lambda m, xs: m.min(*xs) if len(xs) > 1 else m.total(xs), 0),
    "MAX": of_all(lambda m, xs: m.max(*xs) if len(xs) > 1 else m.total(xs), 0),
    "COUNT": Function(1, MOST, _counted),
    "COUNTA": Function(1, MOST, _filled),
    "VAR.S": of_all(lambda m, xs: statistics.squares(m, xs) / (len(xs) - 1), 2),
    "VAR.P": of_all(lambda m, xs: statistics.squares(m, xs) / len(xs)),
    "STDEV.S": of_all(lambda m, xs: m.sqrt(statistics.squares(m, xs) / (len(xs) - 1)), 2),
    "STDEV.P": of_all(lambda m, xs: m.sqrt(statistics.squares(m, xs) / len(xs))),
    "DEVSQ": of_all(statistics.squares),
    "AVEDEV": of_all(statistics.mean_distance),
    "GEOMEAN": of_all(lambda m, xs: m.exp(m.total([m.log(x) for x in xs]) / len(xs))),
    "HARMEAN": of_all(lambda m, xs: len(xs) / m.total([1 / x for x in xs])),
    "SUMIF": Function(2, 3, statistics.sum_if),
    "SUMIFS": Function(3, MOST, statistics.sum_ifs),
    "COUNTIF": Function(2, 2, statistics.count_if),
    "COUNTIFS": Function(2, MOST, statistics.count_ifs),
    "AVERAGEIF": Function(2, 3, statistics.average_if),
    "AVERAGEIFS": Function(3, MOST, statistics.average_ifs),
    "MAXIFS": Function(3, MOST, statistics.extreme_ifs(lambda m, x, y: m.max(x, y))),
    "MINIFS": Function(3, MOST, statistics.extreme_ifs(lambda m, x, y: m.min(x, y))),
    "MEDIAN": Function(1, MOST, order.median),
    "SMALL": Function(2, 2, order.smallest),
    "LARGE": Function(2, 2, order.largest),
    "PERCENTILE.INC": Function(2, 2, order.quantile),
    "QUARTILE.INC": Function(2, 2, order.quartile),
    "SLOPE": Function(2, 2, regression.slope),
    "INTERCEPT": Function(2, 2, regression.intercept),
    "FORECAST.LINEAR": Function(3, 3, regression.forecast),
    "CORREL": Function(2, 2, regression.correlation),
    "RSQ": Function(2, 2, regression.square_of_correlation),
    "COVARIANCE.P": Function(2, 2, regression.covariance),
    "COVARIANCE.S": Function(2, 2, regression.sample_covariance),
    # special functions and distributions
    "ERF": of_numbers(lambda m, x, *y: m.erf(y[0]) - m.erf(x) if y else m.erf(x), 1, 2),
    "ERFC": of_numbers(lambda m, x: m.erfc(x)),
    "GAMMA": of_numbers(lambda m, x: m.gamma(x)),
    "GAMMALN": of_numbers(lambda m, x: m.lgamma(x)),
    "STANDARDIZE": of_numbers(lambda m, x, mean, deviation: (x - mean) / deviation, 3),
    "BESSELJ": of_numbers(lambda m, x, n: m.jv(m.trunc(n), x), 2),
    "BESSELY": of_numbers(lambda m, x, n: m.yv(m.trunc(n), x), 2),
    "BESSELI": of_numbers(lambda m, x, n: m.iv(m.trunc(n), x), 2),
    "BESSELK": of_numbers(lambda m, x, n: m.kv(m.trunc(n), x), 2),
    "FISHER": of_numbers(lambda m, x: m.atanh(x)),
    "FISHERINV": of_numbers(lambda m, y: m.tanh(y)),
    "NORMSDIST": of_numbers(lambda m, z: m.normcdf(z)),
    "GAUSS": of_numbers(lambda m, z: m.erf(z / m.sqrt(2)) / 2),
    "PHI": of_numbers(lambda m, z: m.normpdf(z)),
    "NORM.S.DIST": of_numbers(distributions.standard_normal, 2),
    "NORM.DIST": of_numbers(distributions.normal, 4),
    "NORM.S.INV": of_numbers(lambda m, p: m.norminv(p)),
    "NORM.INV": of_numbers(distributions.normal_inverse, 3),
    "LOGNORM.DIST": of_numbers(distributions.log_normal, 4),
    "LOGNORM.INV": of_numbers(distributions.log_normal_inverse, 3),
    "CONFIDENCE.NORM": of_numbers(distributions.confidence, 3),
    "EXPON.DIST": of_numbers(distributions.exponential, 3),
    "WEIBULL.DIST": of_numbers(distributions.weibull, 4),
    "GAMMA.DIST": of_numbers(distributions.gamma_distribution, 4),
    "CHISQ.DIST": of_numbers(distributions.chi_square, 3),
    "BETA.DIST": of_numbers(distributions.beta_distribution, 4, 6),
    "POISSON.DIST": of_numbers(distributions.poisson, 3),
    "BINOM.DIST": of_numbers(distributions.binomial_distribution, 4),
    # conditions and choices
    "TRUE": Function(0, 0, lambda low, _: low.m.truth(value=True)),
    "FALSE": Function(0, 0, lambda low, _: low.m.truth(value=False)),
    "IF": Function(2, 3, choices.choice),
    "IFS": Function(2, MOST - 1, choices.choices),
    "SWITCH": Function(3, MOST - 1, choices.switch),
    "CHOOSE": Function(2, MOST, choices.chosen),
    "AND": Function(1, MOST, choices.conjunction),
    "OR": Function(1, MOST, choices.disjunction),
    "XOR": Function(1, MOST, choices.exclusive),
    "NOT": Function(1, 1, choices.negation),
    "IFERROR": Function(2, 2, faults.instead_of_error),
    "IFNA": Function(2, 2, faults.instead_of_missing),
    "ISERROR": Function(1, 1, faults.is_error),
    "ISNA": Function(1, 1, faults.is_missing),
    "NA": Function(0, 0, lambda low, _: choices.undefined(low)),
    "ISBLANK": Function(1, 1, choices.is_blank),
    "ISNUMBER": Function(1, 1, choices.is_number),
    "ISTEXT": Function(1, 1, choices.is_text),
    "N": Function(1, 1, choices.as_number),
    # lookups
    "VLOOKUP": Function(3, 4, lookups.in_first_column),
    "HLOOKUP": Function(3, 4, lookups.in_first_row),
    "LOOKUP": Function(2, 3, lookups.in_vector),
    "XLOOKUP": Function(3, 5, lookups.beside),
    "INDEX": Function(2, 3, lookups.at_index),
    "MATCH": Function(2, 3, lookups.index_of),
    "ROWS": Function(1, 1, lambda low, xs: low.m.lift(low.area(xs[0]).height)),
    "COLUMNS": Function(1, 1, lambda low, xs: low.m.lift(low.area(xs[0]).width)),
    # finance
    "NPV": Function(2, MOST, finance.net_present_value),
    "PV": of_numbers(finance.present_value, 3, 5),
    "FV": of_numbers(finance.future_value, 3, 5),
    "PMT": of_numbers(finance.payment, 3, 5),
    "IPMT": of_numbers(finance.interest_payment, 4, 6),
    "PPMT": of_numbers(finance.principal_payment, 4, 6),
    "CUMIPMT": of_numbers(finance.interest_paid, 6),
    "CUMPRINC": of_numbers(finance.principal_paid, 6),
    "NPER": of_numbers(finance.number_of_periods, 3, 5),
    "XNPV": Function(3, 3, finance.present_value_by_dates),
    "SYD": of_numbers(
        lambda m, cost, salvage, life, at: (cost - salvage) * (life - at + 1) * 2 / (life * (life + 1)), 4
    ),
    "NOMINAL": of_numbers(lambda m, rate, periods: periods * ((1 + rate) ** (1 / periods) - 1), 2),
    "PDURATION": of_numbers(lambda m, rate, value, future: m.log(future / value) / m.log1p(rate), 3),
    "DAYS": of_numbers(lambda m, end, start: end - start, 2),
    "SLN": of_numbers(lambda m, cost, salvage, life: (cost - salvage) / life, 3),
    "EFFECT": of_numbers(lambda m, rate, periods: (1 + rate / periods) ** periods - 1, 2),
    "RRI": of_numbers(lambda m, periods, value, future: (future / value) ** (1 / periods) - 1, 3),
}
"""The functions by name."""

OLDER: Final = {
    "VAR": "VAR.S",
    "VARP": "VAR.P",
    "STDEV": "STDEV.S",
    "STDEVP": "STDEV.P",
    "NORMDIST": "NORM.DIST",
    "NORMINV": "NORM.INV",
    "NORMSINV": "NORM.S.INV",
    "LOGINV": "LOGNORM.INV",
    "CONFIDENCE": "CONFIDENCE.NORM",
    "EXPONDIST": "EXPON.DIST",
    "WEIBULL": "WEIBULL.DIST",
    "GAMMADIST": "GAMMA.DIST",
    "POISSON": "POISSON.DIST",
    "BINOMDIST": "BINOM.DIST",
    "PERCENTILE": "PERCENTILE.INC",
    "QUARTILE": "QUARTILE.INC",
    "FORECAST": "FORECAST.LINEAR",
    "PEARSON": "CORREL",
    "COVAR": "COVARIANCE.P",
    "ISO.CEILING": "CEILING.PRECISE",
    "GAMMALN.PRECISE": "GAMMALN",
    "ERF.PRECISE": "ERF",
    "ERFC.PRECISE": "ERFC",
}
"""Other names of the same functions."""

FUNCTIONS.update({name: FUNCTIONS[other] for name, other in OLDER.items()})

PERCENT: Final = Op("%", lambda m, x: x / 100, d=(lambda m, z, x: 1,))
"""The sign behind a number, in the code of a formula."""

CALLS: Final = {name: Op(name, lambda m, *_: 0) for name in FUNCTIONS}
"""What stands for a call in the code of a formula."""

READ: Final[dict[Op, Callable[[Lowering, list[Operand]], Value]]] = {
    PERCENT: _percent,
    **{CALLS[name]: function.read for name, function in FUNCTIONS.items()},
}
"""What reads each call."""
