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
from graphgrad.text.dialects.excel import choices, finance, lookups, rounding, statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = ["FUNCTIONS", "PERCENT", "READ", "REFUSED"]

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


def _normal_distribution(m: Any, x: Term, mean: Any, deviation: Any, cumulative: Term) -> Any:
    z = (x - mean) / deviation
    if cumulative.number is None:
        return m.where(cumulative, _phi(m, z), _bell(m, z) / deviation)
    return _phi(m, z) if cumulative.number else _bell(m, z) / deviation


def _phi(m: Any, z: Any) -> Any:
    return m.erfc(-z / m.sqrt(2)) / 2


def _bell(m: Any, z: Any) -> Any:
    return m.exp(-(z**2) / 2) / m.sqrt(2 * m.pi)


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
    "SUMXMY2": Function(2, 2, statistics.sum_of_squares_of_differences),
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
    "CEILING": of_numbers(lambda m, x, y: y * m.ceil(x / y), 2),
    "FLOOR": of_numbers(lambda m, x, y: y * m.floor(x / y), 2),
    "CEILING.MATH": of_numbers(lambda m, x, *y: m.abs(y[0]) * m.ceil(x / m.abs(y[0])) if y else m.ceil(x), 1, 2),
    "FLOOR.MATH": of_numbers(lambda m, x, *y: m.abs(y[0]) * m.floor(x / m.abs(y[0])) if y else m.floor(x), 1, 2),
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
    "AVEDEV": of_all(lambda m, xs: m.total([m.abs(x - m.total(xs) / len(xs)) for x in xs]) / len(xs)),
    "GEOMEAN": of_all(lambda m, xs: m.exp(m.total([m.log(x) for x in xs]) / len(xs))),
    "HARMEAN": of_all(lambda m, xs: len(xs) / m.total([1 / x for x in xs])),
    "SUMIF": Function(2, 3, statistics.sum_if),
    "SUMIFS": Function(3, MOST, statistics.sum_ifs),
    "COUNTIF": Function(2, 2, statistics.count_if),
    "COUNTIFS": Function(2, MOST, statistics.count_ifs),
    "AVERAGEIF": Function(2, 3, statistics.average_if),
    "ERF": of_numbers(lambda m, x, *y: m.erf(y[0]) - m.erf(x) if y else m.erf(x), 1, 2),
    "ERFC": of_numbers(lambda m, x: m.erfc(x)),
    "GAMMA": of_numbers(lambda m, x: m.gamma(x)),
    "GAMMALN": of_numbers(lambda m, x: m.lgamma(x)),
    "STANDARDIZE": of_numbers(lambda m, x, mean, deviation: (x - mean) / deviation, 3),
    "NORMSDIST": of_numbers(_phi),
    "NORM.S.DIST": of_numbers(lambda m, z, c: _normal_distribution(m, z, 0, 1, c), 2),
    "NORM.DIST": of_numbers(_normal_distribution, 4),
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
    "GAMMALN.PRECISE": "GAMMALN",
    "ERF.PRECISE": "ERF",
    "ERFC.PRECISE": "ERFC",
}
"""Other names of the same functions."""

FUNCTIONS.update({name: FUNCTIONS[other] for name, other in OLDER.items()})

_VOLATILE: Final = "its value changes without any input: write the number"
_TEXT: Final = "only numbers have derivatives"
_COMPUTED: Final = "which cells it reads is only known while it runs: name the cells"
REFUSED: Final[dict[str, str]] = {
    **dict.fromkeys(("RAND", "RANDBETWEEN", "RANDARRAY", "NOW", "TODAY"), _VOLATILE),
    **dict.fromkeys(("OFFSET", "INDIRECT", "ADDRESS", "CELL", "FORMULATEXT"), _COMPUTED),
    **dict.fromkeys(
        ("CONCAT", "CONCATENATE", "TEXTJOIN", "TEXT", "LEFT", "RIGHT", "MID", "LEN", "UPPER", "LOWER", "TRIM"), _TEXT
    ),
    **dict.fromkeys(("FIND", "SEARCH", "SUBSTITUTE", "REPLACE", "VALUE", "REPT", "CHAR", "CODE", "PROPER"), _TEXT),
    **dict.fromkeys(
        ("IFERROR", "IFNA", "ISERROR", "ISERR", "ISNA"),
        "an error has no derivative: write the condition under which it arises, such as IF(B1=0, 0, A1/B1)",
    ),
    **dict.fromkeys(
        ("DATE", "YEAR", "MONTH", "DAY", "EDATE", "EOMONTH", "YEARFRAC", "DAYS360", "WEEKDAY"),
        "the calendar has no derivative: write the number of days",
    ),
    **dict.fromkeys(
        ("IRR", "XIRR", "RATE", "NPER", "YIELD", "MIRR"), "it is found by iteration: write the equation that it solves"
    ),
    **dict.fromkeys(
        ("LET", "LAMBDA", "MAP", "REDUCE", "SCAN", "BYROW", "BYCOL", "FILTER", "SORT", "UNIQUE"),
        "write the steps into cells",
    ),
    **dict.fromkeys(("SUBTOTAL", "AGGREGATE"), "it depends on rows that are hidden: write SUM(…)"),
}
"""Functions that are not read, with what to write instead."""

PERCENT: Final = Op("%", lambda m, x: x / 100, d=(lambda m, z, x: 1,))
"""The sign behind a number, in the code of a formula."""

CALLS: Final = {name: Op(name, lambda m, *_: 0) for name in FUNCTIONS}
"""What stands for a call in the code of a formula."""

READ: Final[dict[Op, Callable[[Lowering, list[Operand]], Value]]] = {
    PERCENT: _percent,
    **{CALLS[name]: function.read for name, function in FUNCTIONS.items()},
}
"""What reads each call."""
