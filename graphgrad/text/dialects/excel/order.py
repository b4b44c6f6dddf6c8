"""Excel's functions of the order of numbers: the k-th smallest, the median, and quantiles.

Numbers are sorted by exchanges of two, each the smaller and the larger one: which numbers a result depends on is only
known at a point, and there its derivative by the chosen one is 1.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.terms import Operand, Term, Value

__all__ = ["largest", "median", "quantile", "quartile", "smallest"]

MAX_SORTED: Final = 1_000
"""The most numbers that are sorted: they take some 25,000 exchanges."""


def median(low: Lowering, operands: list[Operand]) -> Value:
    """MEDIAN: the number in the middle, or the mean of the two."""
    numbers = _sorted(low, operands)
    upper, lower = len(numbers) // 2, (len(numbers) - 1) // 2
    return numbers[upper] if upper == lower else (numbers[lower] + numbers[upper]) / 2


def smallest(low: Lowering, operands: list[Operand]) -> Value:
    """SMALL: the k-th smallest number, from 1."""
    return _at(low, operands, lambda numbers, k: numbers[k - 1])


def largest(low: Lowering, operands: list[Operand]) -> Value:
    """LARGE: the k-th largest number, from 1."""
    return _at(low, operands, lambda numbers, k: numbers[-k])


def quantile(low: Lowering, operands: list[Operand]) -> Value:
    """PERCENTILE.INC: the number below which a share of the others is, between two of them by proportion."""
    return _between(low, operands, _said(low, operands[1]))


def quartile(low: Lowering, operands: list[Operand]) -> Value:
    """QUARTILE.INC: the same for quarters, from 0 to 4."""
    return _between(low, operands, Fraction(floor(_said(low, operands[1])), 4))


def _between(low: Lowering, operands: list[Operand], share: Fraction) -> Value:
    if not 0 <= share <= 1:
        low.fail("this share is not between 0 and 1", operands[1].span, "0 is the smallest number, 1 the largest")
    numbers = _sorted(low, operands[:1])
    place = share * (len(numbers) - 1)
    below, part = floor(place), place - floor(place)
    return numbers[below] if not part else numbers[below] + (numbers[below + 1] - numbers[below]) * part


def _at(low: Lowering, operands: list[Operand], chosen: Callable[[Sequence[Term], int], Term]) -> Value:
    k = floor(_said(low, operands[1]))
    numbers = _sorted(low, operands[:1])
    if not 1 <= k <= len(numbers):
        low.fail(f"there is no number {k} among {len(numbers)}", operands[1].span, "the first one has the number 1")
    return chosen(numbers, k)


def _said(low: Lowering, operand: Operand) -> Fraction:
    number = low.number(operand).number
    if number is None:
        low.fail("which number is meant is computed", operand.span, "write it into the formula: 1")
    return number


def _sorted(low: Lowering, operands: list[Operand]) -> list[Term]:
    """Return the numbers, the smallest first."""
    numbers = low.numbers(operands)
    if not numbers:
        low.fail("there are no numbers here", low.m.span)
    if len(numbers) > MAX_SORTED:
        low.fail(f"{len(numbers)} numbers are too many to sort", low.m.span, f"at most {MAX_SORTED} are")
    m: Any = low.m
    for i, j in _exchanges(len(numbers)):
        x, y = numbers[i], numbers[j]
        numbers[i], numbers[j] = m.min(x, y), m.max(x, y)
    return numbers


def _exchanges(count: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of places that are put in order, by Batcher's odd-even merge sort."""
    step = 1
    while step < count:
        distance = step
        while distance:
            for start in range(distance % step, count - distance, 2 * distance):
                for i in range(start, min(start + distance, count - distance)):
                    if i // (2 * step) == (i + distance) // (2 * step):
                        yield i, i + distance
            distance //= 2
        step *= 2
