"""Sums and moments of the rows of a table; those of parts of a table add up to those of the whole.

Means and sums of squares are merged by the formulas of Chan, Golub and LeVeque, "Algorithms for Computing the Sample
Variance", The American Statistician 37 (1983), which lose no digits where a mean is large against the deviation.
"""

from __future__ import annotations

import math
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from graphgrad.compile.columns.row_errors import elasticities

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InputMoments", "Mean", "Moments", "Sum", "moments_of"]


BLOCK_ROWS: Final = 1 << 13
"""The rows of a block, whose columns stay in the cache."""


FAR: Final = 64
"""The binary exponent that brings the sum of so many of the largest floats as there can be rows into range."""

LARGEST: Final = 2.0**1000
"""The largest number that is added without that exponent."""


class Sum(NamedTuple):
    """A sum of floats in two parts, `(high + low) * 2**exponent`, so that the order of adding does not show.

    The exponent is 0, and `FAR` where the sum was beyond the range of floats, to which later numbers may bring it back.

    >>> (Sum(1e16) + Sum(1.0) + Sum(-1e16)).value, (Sum(1e308) + Sum(1e308) + Sum(-1e308)).value
    (1.0, 1e+308)
    """

    high: float = 0.0
    low: float = 0.0
    exponent: int = 0

    @classmethod
    def of(cls, numbers: Any) -> Sum:
        """Return the sum of an array, with what rounding loses in the low part.

        >>> Sum.of(np.array([1e16, 1.0, -1e16])).value
        1.0
        """
        numbers = np.asarray(numbers, np.float64)
        with np.errstate(all="ignore"):
            blocks = (numbers[start : start + BLOCK_ROWS] for start in range(0, len(numbers), BLOCK_ROWS))
            return reduce(add, map(cls._of, blocks), cls())

    @classmethod
    def _of(cls, numbers: Any) -> Sum:
        """Split each number so that the upper parts have a sum without rounding.

        S. M. Rump, T. Ogita and S. Oishi, "Accurate Floating-Point Summation Part I", SIAM J. Sci. Comput. 31 (2008).
        """
        largest = float(max(numbers.max(), -numbers.min()))
        if not math.isfinite(largest):
            return cls(float(numbers.sum()))
        if largest > LARGEST:
            return cls._of(np.ldexp(numbers, -FAR))._replace(exponent=FAR)
        unit = math.ldexp(1.0, math.frexp(largest)[1] + (len(numbers) + 2).bit_length())
        upper = (numbers + unit) - unit
        return cls(float(upper.sum()), float((numbers - upper).sum()))

    def __add__(self, other: Sum) -> Sum:  # type: ignore[override]  # the sum of numbers, not of tuples
        """Return the sum of both, with the rounding error of their high parts (Knuth's two-sum) in the low part."""
        if self.exponent != other.exponent:
            return self._far() + other._far()
        high = self.high + other.high
        if not math.isfinite(high):
            are_finite = math.isfinite(self.high) and math.isfinite(other.high)
            return self._far() + other._far() if are_finite else Sum(high)
        part = high - self.high
        low = (self.high - (high - part)) + (other.high - part) + self.low + other.low
        total = high + low
        return Sum(total, (high - total) + low, self.exponent)

    def _far(self) -> Sum:
        by = self.exponent - FAR
        return Sum(math.ldexp(self.high, by), math.ldexp(self.low, by), FAR)

    @property
    def value(self) -> float:
        """The sum as one float, infinite where it is beyond their range."""
        return self.over(1)

    def over(self, count: int) -> float:
        """Return the sum divided by a number of rows."""
        with np.errstate(over="ignore"):
            return float(np.ldexp((self.high + self.low) / count, self.exponent))


class Mean(NamedTuple):
    """The mean of some rows, and the sum of the squares of their distances from it.

    >>> Mean(1, 2.0, 0.0) + Mean(1, 6.0, 0.0)
    Mean(rows=2, mean=4.0, squares=8.0)
    """

    rows: int
    mean: float
    squares: float

    @classmethod
    def of(cls, x: Any) -> Mean:
        """Return that of an array."""
        if not len(x):
            return cls(0, 0.0, 0.0)
        mean = float(x.mean())
        if math.isinf(mean):
            mean = Sum.of(x).over(len(x))
        apart = x - mean
        return cls(len(x), mean, float(apart @ apart))

    @property
    def deviation(self) -> float:
        """The standard deviation of the rows, 0 where there is one row.

        >>> (Mean(1, 2.0, 0.0) + Mean(1, 6.0, 0.0)).deviation
        2.8284271247461903
        """
        return math.sqrt(self.squares / (self.rows - 1)) if self.rows > 1 else 0.0

    def __add__(self, other: Mean) -> Mean:  # type: ignore[override]  # the mean of both, not of tuples
        """Return the mean of the rows of both."""
        if not self.rows or not other.rows:
            return self if self.rows else other
        rows, apart = self.rows + other.rows, other.mean - self.mean
        between = apart * apart * (self.rows * other.rows / rows)
        mean = self.mean + apart * (other.rows / rows)
        if not math.isfinite(apart):
            mean = self.mean * (self.rows / rows) + other.mean * (other.rows / rows)
        return Mean(rows, mean, self.squares + other.squares + between)


class InputMoments(NamedTuple):
    """What a summary needs of an input.

    Attributes:
        own: the mean of x.
        products: the sum of the products of x less its mean and f less its mean.
        partial: the mean of ∂f/∂x.
        elasticity: the mean of x/f · ∂f/∂x over the rows that have one.
        variance: the sum of (∂f/∂x σ)², 0 where x has no error.
    """

    own: Mean
    products: float
    partial: Mean
    elasticity: Mean
    variance: float


class Moments(NamedTuple):
    """What a summary needs of the rows that have finite results.

    Attributes:
        value: the mean of the value f.
        low: the smallest value.
        high: the largest value.
        total: the sum of the values.
        inputs: the moments of each input.
    """

    value: Mean
    low: float
    high: float
    total: Sum
    inputs: dict[str, InputMoments]

    def __add__(self, other: Moments) -> Moments:  # type: ignore[override]  # the moments of both, not of tuples
        """Return the moments of the rows of both."""
        inputs = {name: self._input(x, other.inputs[name], other) for name, x in self.inputs.items()}
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Moments(self.value + other.value, low, high, self.total + other.total, inputs)

    def _input(self, x: InputMoments, y: InputMoments, other: Moments) -> InputMoments:
        n, m = self.value.rows, other.value.rows
        between = (y.own.mean - x.own.mean) * (other.value.mean - self.value.mean) * (n * m / (n + m))
        return InputMoments(
            x.own + y.own,
            x.products + y.products + between,
            x.partial + y.partial,
            x.elasticity + y.elasticity,
            x.variance + y.variance,
        )

    @classmethod
    def read(cls, data: Any) -> Moments:
        """Return the moments from their fields as nested lists, as JSON has them."""
        value, low, high, total, inputs = data
        found = {name: _read_input(*fields) for name, fields in inputs.items()}
        return cls(Mean(*value), low, high, Sum(*total), found)


def _read_input(own: Any, products: float, partial: Any, elasticity: Any, variance: float) -> InputMoments:
    return InputMoments(Mean(*own), products, Mean(*partial), Mean(*elasticity), variance)


def moments_of(
    value: Any, partials: Mapping[str, Any], inputs: Mapping[str, Any], sigmas: Mapping[str, Any]
) -> Moments | None:
    """Return the moments of rows: arrays of the value and the partials, arrays or numbers of the inputs and errors.

    None where there are no rows.

    >>> m = moments_of(np.array([2.0, 6.0]), {"x": np.array([2.0, 2.0])}, {"x": np.array([1.0, 3.0])}, {})
    >>> m.value.mean, m.value.squares, m.inputs["x"].products
    (4.0, 8.0, 4.0)
    """
    parts = [
        _of_block(value[rows], *(_cut(columns, rows) for columns in (partials, inputs, sigmas)))
        for rows in (slice(start, start + BLOCK_ROWS) for start in range(0, len(value), BLOCK_ROWS))
    ]
    return reduce(add, parts) if parts else None


def _cut(columns: Mapping[str, Any], rows: slice) -> dict[str, Any]:
    return {name: x[rows] if np.ndim(x) else x for name, x in columns.items()}


def _of_block(value: Any, partials: Any, inputs: Any, sigmas: Any) -> Moments:
    with np.errstate(all="ignore"):
        mean = Mean.of(value)
        apart = value - mean.mean
        rates = elasticities(value, partials, inputs)
        found = {}
        for name, partial in partials.items():
            x = np.broadcast_to(np.asarray(inputs[name], float), value.shape)
            own = Mean.of(x) if np.ndim(inputs[name]) else Mean(len(value), float(inputs[name]), 0.0)
            products, rate = float((x - own.mean) @ apart), rates[name]
            flow = np.nan_to_num(partial * sigmas.get(name, 0.0))
            is_finite = np.isfinite(rate)
            elasticity = Mean.of(rate if is_finite.all() else rate[is_finite])
            found[name] = InputMoments(own, products, Mean.of(partial), elasticity, float(flow @ flow))
        return Moments(mean, float(value.min()), float(value.max()), Sum.of(value), found)
