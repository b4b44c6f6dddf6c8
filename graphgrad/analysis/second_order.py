"""Estimate what a propagation of errors to first order misses: the output is recomputed at points one error away.

With δᵢ = σᵢ along input i, the second differences Dᵢⱼ = f(x + δᵢ + δⱼ) − f(x + δᵢ) − f(x + δⱼ) + f(x) stand for
∂²f/∂xᵢ∂xⱼ σᵢ σⱼ, with f(x + δᵢ) + f(x − δᵢ) − 2 f(x) for Dᵢᵢ. Of normally distributed inputs with the correlations ρ,
the second order adds ½ Σ (Dρ)ᵢⱼ (Dρ)ⱼᵢ to the variance (GUM, 5.1.2, note). What the halved distance from f(x − δᵢ) to
f(x + δᵢ) differs from the first order, as by a third derivative or a jump, is added like a further slope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from operator import mul
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.base.errors import ExpressionError
from graphgrad.namespaces.display import short
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["Missed", "missed_by_first_order"]

MAX_WORK: Final = 300_000
"""The most operations that recomputing takes, over all points; beyond, pairs of inputs are left out, or everything."""

ULPS: Final = 64
"""The rounding of a second difference, in units in the last place of the largest value."""


class Missed(NamedTuple):
    """What first order misses: an estimate of its standard deviation, None where there is none, and a note."""

    error: float | None = None
    note: str = ""


def missed_by_first_order(
    passes: Passes, errors: Mapping[str, float], flows: Mapping[str, float], matrix: Sequence[Sequence[float]]
) -> Missed:
    """Return what the first order misses for these standard deviations; `flows` are those times the derivatives.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x**2", parse("x**2")), {"x": 0})
    >>> round(missed_by_first_order(passes, {"x": 10.0}, {"x": 0.0}, [[1.0]]).error, 4)
    141.4214
    """
    try:
        around = _Around.of(passes)
        return around.missed(errors, flows, matrix)
    except (OverflowError, _NoValueError) as error:
        return Missed(None, str(error) if isinstance(error, _NoValueError) else "")


class _NoValueError(ArithmeticError):
    """The output has no finite value at a point one error away."""


@dataclass(frozen=True, slots=True)
class _Around:
    """A point, and the output recomputed around it."""

    passes: Passes
    inputs: dict[str, Any]
    value: float

    @classmethod
    def of(cls, passes: Passes) -> _Around:
        return cls(passes, {name: float(number) for name, number in passes.inputs.items()}, float(passes.value))

    def change(self, *moved: tuple[str, float]) -> float:
        """Return the change of the output where inputs are moved."""
        at = self.inputs | {name: self.inputs[name] + by for name, by in moved}
        try:
            value = float(backprop(self.passes.graph, at, ()).value)
        except (ExpressionError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            where = ", ".join(f"{written(name)} = {short(at[name])}" for name, _ in moved)
            message = f"one error away, at {where}, the output has no finite value, which first order does not see"
            raise _NoValueError(message)
        return value - self.value

    def missed(
        self, errors: Mapping[str, float], flows: Mapping[str, float], matrix: Sequence[Sequence[float]]
    ) -> Missed:
        names, steps = [*errors], len(self.passes.tape.steps)
        if 2 * len(names) * steps > MAX_WORK:
            return Missed()
        up = [self.change((name, errors[name])) for name in names]
        down = [self.change((name, -errors[name])) for name in names]
        bends = [[0.0] * len(names) for _ in names]
        for i in range(len(names)):
            bends[i][i] = up[i] + down[i]
        if len(names) ** 2 * steps <= 2 * MAX_WORK:
            for i, j in combinations(range(len(names)), 2):
                both = self.change((names[i], errors[names[i]]), (names[j], errors[names[j]]))
                bends[i][j] = bends[j][i] = both - up[i] - up[j]
        seen = [abs(change) for change in (*up, *down, *flows.values(), *(bend for row in bends for bend in row))]
        largest = max(seen, default=0.0) or 1.0
        slopes = [(a / 2 - b / 2) / largest - flows[name] / largest for a, b, name in zip(up, down, names, strict=True)]
        scaled = [[bend / largest for bend in row] for row in bends]
        variance = _quadratic(slopes, matrix) + _trace(_product(_product(scaled, matrix), _product(scaled, matrix))) / 2
        missed = largest * math.sqrt(max(variance, 0.0))
        rounding = ULPS * math.ulp(max(abs(self.value), largest))
        return Missed(0.0 if missed <= rounding else missed)


def _quadratic(vector: Sequence[float], matrix: Sequence[Sequence[float]]) -> float:
    return math.fsum(a * b for [a], b in zip(_product(matrix, [[x] for x in vector]), vector, strict=True))


def _product(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> list[list[float]]:
    columns = [*zip(*b, strict=True)]
    return [[math.fsum(map(mul, row, column)) for column in columns] for row in a]


def _trace(matrix: Sequence[Sequence[float]]) -> float:
    return math.fsum(row[i] for i, row in enumerate(matrix))
