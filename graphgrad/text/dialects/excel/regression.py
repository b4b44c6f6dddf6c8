"""Excel's line through pairs of numbers: its slope, where it begins, and how closely the pairs follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphgrad.text.dialects.excel.statistics import pairs_of

if TYPE_CHECKING:
    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = ["correlation", "covariance", "forecast", "intercept", "sample_covariance", "slope", "square_of_correlation"]


class _Sums(NamedTuple):
    """The means of pairs, and the sums of the products of their distances from them."""

    pairs: int
    mean_x: Term
    mean_y: Term
    xx: Term
    xy: Term
    yy: Term


def slope(low: Lowering, operands: list[Operand]) -> Value:
    """SLOPE, of y and x in this order."""
    sums = _sums(low, operands[1], operands[0])
    return sums.xy / sums.xx


def intercept(low: Lowering, operands: list[Operand]) -> Value:
    """INTERCEPT, of y and x in this order."""
    sums = _sums(low, operands[1], operands[0])
    return sums.mean_y - sums.xy / sums.xx * sums.mean_x


def forecast(low: Lowering, operands: list[Operand]) -> Value:
    """FORECAST.LINEAR: the line's y at an x."""
    sums = _sums(low, operands[2], operands[1])
    return sums.mean_y + sums.xy / sums.xx * (low.number(operands[0]) - sums.mean_x)


def correlation(low: Lowering, operands: list[Operand]) -> Value:
    """CORREL."""
    sums = _sums(low, *operands)
    result: Term = sums.xy / low.m.sqrt(sums.xx * sums.yy)
    return result


def square_of_correlation(low: Lowering, operands: list[Operand]) -> Value:
    """RSQ."""
    sums = _sums(low, *operands)
    return sums.xy**2 / (sums.xx * sums.yy)


def covariance(low: Lowering, operands: list[Operand]) -> Value:
    """COVARIANCE.P."""
    sums = _sums(low, *operands)
    return sums.xy / sums.pairs


def sample_covariance(low: Lowering, operands: list[Operand]) -> Value:
    """COVARIANCE.S."""
    sums = _sums(low, *operands)
    return sums.xy / (sums.pairs - 1)


def _sums(low: Lowering, x: Operand, y: Operand) -> _Sums:
    pairs = pairs_of(low, x, y)
    total, count = low.m.total, len(pairs)
    if count < 2:  # noqa: PLR2004  one point has no line
        low.fail("there are too few numbers here", low.m.span, f"a line takes 2 pairs, and there are {count}")
    mean_x, mean_y = total([x for x, _ in pairs]) / count, total([y for _, y in pairs]) / count
    far = [(x - mean_x, y - mean_y) for x, y in pairs]
    xx, xy, yy = total([x * x for x, _ in far]), total([x * y for x, y in far]), total([y * y for _, y in far])
    return _Sums(count, mean_x, mean_y, xx, xy, yy)
