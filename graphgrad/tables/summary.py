"""Summarise what drives a formula's value over the rows of a table: per input, partial, elasticity and shares."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.written_amounts import PLUS_MINUS
from graphgrad.base.notebook import Block, Shown, Table, as_text
from graphgrad.base.public import public
from graphgrad.namespaces.display import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.tables.moments import Moments

__all__ = ["Driver", "Summary", "summary_of"]


@public
@dataclass(frozen=True, slots=True)
class Driver(Shown):
    """What one input does to the value, over the rows with finite results.

    Attributes:
        name: the input, a column or a constant.
        mean: its mean.
        deviation: its standard deviation over the rows.
        partial: the mean of the partials ∂f/∂x.
        elasticity: the mean of x/f · ∂f/∂x, percent per percent, over rows where f is not 0; None where there is none.
        share: its share in the variance of the value over the rows, mean(∂f/∂x) · cov(x, f) / var(f), where the inputs'
            correlations count; None where the value does not vary.
        error_share: its share in the sum over rows of the error's variance, Σ(∂f/∂x σ)² / Σσ_f²; None without errors.

    >>> import numpy as np
    >>> from graphgrad.tables.moments import moments_of
    >>> from graphgrad.tables.summary import Summary, summary_of
    >>> x = np.array([1.0, 3.0])
    >>> summary_of(moments_of(2 * x, {"x": x * 0 + 2}, {"x": x}, {}))["x"]
    Driver(name='x', mean=2.0, deviation=1.4142135623730951, partial=2.0, elasticity=1.0, share=1.0, error_share=None)
    """

    name: str
    mean: float
    deviation: float
    partial: float
    elasticity: float | None
    share: float | None
    error_share: float | None = None

    def _blocks_(self) -> list[Block]:
        return [_table([self])]


@public
@dataclass(frozen=True, slots=True)
class Summary(Shown):
    """The value over the rows of a table, and what each input does to it; `str()` shows a table.

    The shares of a formula that is linear in its columns add up to 1; `rest` is what they leave: the part of inputs by
    which nothing is differentiated, and what the first order does not see.
    `rows` counts those with finite results, which alone are summarised.

    >>> import numpy as np
    >>> from graphgrad.tables.moments import moments_of
    >>> from graphgrad.tables.summary import Summary, summary_of
    >>> x, y = np.array([1.0, 3.0, 5.0]), np.array([2.0, 1.0, 2.0])
    >>> print(summary_of(moments_of(10 * x + y, {"x": x * 0 + 10, "y": x * 0 + 1}, {"x": x, "y": y}, {})))
    value: mean 31.6667, standard deviation 20.0083, from 12 to 52, sum 95
    <BLANKLINE>
               mean x  mean ∂    % per %  of the variance
    x               3      10   0.920871           99.9 %
    y         1.66667       1  0.0791288            0.1 %
    the rest                                          0 %
    """

    rows: int
    mean: float
    low: float
    high: float
    total: float
    deviation: float
    inputs: tuple[Driver, ...]
    rest: float | None

    def __getitem__(self, name: str) -> Driver:
        """Return one input's part."""
        return {driver.name: driver for driver in self.inputs}[name]

    @property
    def means(self) -> dict[str, float]:
        """The mean of each input, by name: the point of the picture that `notes` are for.

        >>> from graphgrad import Driver, Summary
        >>> Summary(2, 3.0, 2.0, 4.0, 6.0, 1.4, (Driver("x", 1.5, 0.7, 2.0, 1.0, 1.0),), 0.0).means
        {'x': 1.5}
        """
        return {driver.name: driver.mean for driver in self.inputs}

    @property
    def notes(self) -> dict[str | None, str]:
        """The notes of a picture: each input's spread and its share in the variance, and under None the value's spread.

        >>> from graphgrad import Driver, Summary
        >>> Summary(2, 3.0, 2.0, 4.0, 6.0, 1.4, (Driver("x", 1.5, 0.7, 2.0, 1.0, 1.0),), 0.0).notes
        {None: '(rows: 3 ± 1.4)', 'x': '± 0.7 (100 %)'}
        """
        value = f"(rows: {short(self.mean)} {_spread(self.deviation)})"
        return {None: value, **{driver.name: _note(driver) for driver in self.inputs if driver.deviation}}

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data.

        >>> from graphgrad import Summary
        >>> Summary(2, 3.0, 2.0, 4.0, 6.0, 1.4, (), 0.0).as_dict()["total"]
        6.0
        """
        data = asdict(self)
        return data | {"inputs": {driver.pop("name"): driver for driver in data["inputs"]}}

    def __str__(self) -> str:
        """Return the value's range, and a table of the inputs."""
        return as_text(self._blocks_())

    def _blocks_(self) -> list[Block]:
        low, high, total = map(short, (self.low, self.high, self.total))
        head = f"value: mean {short(self.mean)}, standard deviation {short(self.deviation)}, from {low} to {high}, "
        blocks: list[Block] = [f"{head}sum {total}"]
        return [*blocks, "", _table(self.inputs, self.rest)] if self.inputs else blocks


def _table(drivers: Sequence[Driver], rest: float | None = None) -> Table:
    with_errors = any(driver.error_share is not None for driver in drivers)
    titles = ["", "mean x", "mean ∂", "% per %", "of the variance", *(["of the error²"] if with_errors else [])]
    rows = [
        [
            driver.name,
            short(driver.mean),
            short(driver.partial),
            "" if driver.elasticity is None else short(driver.elasticity),
            _percent(driver.share),
            *([_percent(driver.error_share)] if with_errors else []),
        ]
        for driver in drivers
    ]
    left = [["the rest", "", "", "", _percent(rest)]] if rest is not None else []
    return Table(titles, [*rows, *left])


def _note(driver: Driver) -> str:
    share = "" if driver.share is None else f" ({_percent(driver.share)})"
    return f"{_spread(driver.deviation)}{share}"


def _spread(deviation: float) -> str:
    """Return a standard deviation to three digits, which keeps a picture narrow."""
    return f"{PLUS_MINUS[0]} {short(float(f'{deviation:.3g}'))}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{short(round(100 * share, 1) + 0.0)} %"


def summary_of(moments: Moments) -> Summary:
    """Return the summary of the rows that have these moments."""
    rows, mean, squares = moments.value
    varies = squares > 0 and math.isfinite(squares)
    error = math.fsum(x.variance for x in moments.inputs.values())
    drivers = tuple(
        Driver(
            name,
            x.own.mean,
            x.own.deviation,
            x.partial.mean,
            x.elasticity.mean if x.elasticity.rows else None,
            x.partial.mean * x.products / squares if varies else None,
            x.variance / error if 0 < error < math.inf else None,
        )
        for name, x in moments.inputs.items()
    )
    rest = 1 - math.fsum(driver.share or 0.0 for driver in drivers) if varies else None
    ends = moments.low, moments.high
    return Summary(rows, mean, *ends, moments.total.value, moments.value.deviation, drivers, rest)
