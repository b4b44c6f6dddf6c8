"""Sums, means and extremes over the rows of a table, with their derivatives by constants, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from graphgrad.tables.moments import Sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.targets import Spellings

__all__ = ["COUNT", "REDUCTIONS", "State", "read_state", "result", "state_of"]


class State(NamedTuple):
    """What is kept of the rows for one aggregate.

    Attributes:
        kind: which aggregate, a value of `REDUCTIONS`.
        rows: how many rows there were, or for an extreme, in how many it stands.
        extreme: the largest or smallest number.
        sums: the sum of the numbers, and those of the derivatives by each constant; for an extreme, of the derivatives
            in the rows where it stands.
    """

    kind: str
    rows: int
    extreme: float | None
    sums: tuple[Sum, ...]

    def __add__(self, other: State) -> State:  # type: ignore[override]  # the aggregate of both, not of tuples
        """Return the state of the rows of both."""
        if not self.rows or not other.rows:
            return self if self.rows else other
        if self.extreme is not None and other.extreme is not None and self.extreme != other.extreme:
            return self if _goes_before(self.kind, self.extreme, other.extreme) else other
        sums = tuple(a + b for a, b in zip(self.sums, other.sums, strict=True))
        return self._replace(rows=self.rows + other.rows, sums=sums)


def _goes_before(kind: str, a: float, b: float) -> bool:
    """Whether an extreme stays against another one; nan stays."""
    if a != a or b != b:  # noqa: PLR0124  nan
        return a != a  # noqa: PLR0124  nan
    return a > b if kind == LARGEST else a < b


SUM, MEAN, LARGEST, SMALLEST, COUNT = "a sum", "a mean", "a largest", "a smallest", "a count"

REDUCTIONS: Final[Spellings] = {
    "sum_along": SUM,
    "mean": MEAN,
    "amax": LARGEST,
    "amin": SMALLEST,
    "count_along": COUNT,
}
"""The operations that are computed over the rows of a table."""


def state_of(kind: str, value: Any, partials: Sequence[Any]) -> State:
    """Return the state of some rows: arrays of the numbers, and of their derivatives by each constant.

    >>> [part.value for part in state_of(SUM, np.array([1.0, 2.0]), [np.array([1.0, 1.0])]).sums]
    [3.0, 2.0]
    """
    if kind in (LARGEST, SMALLEST):
        if not len(value):
            return State(kind, 0, 0.0, tuple(Sum() for _ in partials))
        extreme = value.max() if kind == LARGEST else value.min()
        at = value == extreme
        sums = tuple(Sum.of(partial[at]) for partial in partials)
        return State(kind, int(np.count_nonzero(at)) or 1, float(extreme), sums)
    return State(kind, len(value), None, tuple(Sum.of(x) for x in (value, *partials)))


def result(state: State) -> tuple[float, tuple[float, ...]] | None:
    """Return an aggregate and its derivatives by each constant; None for the mean and the extremes of no rows.

    The derivative of an extreme is the mean over the rows where it stands, as the operation's own rule has it.

    >>> result(State(MEAN, 2, None, (Sum(3.0), Sum(2.0))))
    (1.5, (1.0,))
    """
    if state.kind == SUM:
        return state.sums[0].value, tuple(part.value for part in state.sums[1:])
    if state.kind == COUNT:
        return float(state.rows), tuple(0.0 for _ in state.sums[1:])
    if not state.rows:
        return None
    over = [part.over(state.rows) for part in state.sums]
    return (over[0], tuple(over[1:])) if state.extreme is None else (state.extreme, tuple(over))


def read_state(data: Any) -> State:
    """Return the state whose fields are lists, as JSON has them."""
    kind, rows, extreme, sums = data
    return State(kind, rows, extreme, tuple(Sum(*part) for part in sums))
