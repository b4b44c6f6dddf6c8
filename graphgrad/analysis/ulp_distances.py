"""Measure the rounding errors of float passes in ulps, against the same passes in many digits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.passes import rational
from graphgrad.backprop.refuse_arrays import refuse_arrays
from graphgrad.base.errors import GraphgradError
from graphgrad.base.notebook import Block, Shown, Table
from graphgrad.base.public import public
from graphgrad.check.report import compared
from graphgrad.namespaces.kinds import FLOATS, selected_kind
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["Distances", "ulps"]


@public
@dataclass(frozen=True, slots=True)
class Distances(Shown):
    """The errors of the value and each derivative in ulps (units in the last place); None where one is infinite.

    A correctly rounded number has an error of at most half an ulp. The ulp is that of the right number: where that is 0
    and the float is not, the distance is infinite.

    >>> from graphgrad import parse
    >>> distances = parse("x*y").backprop({"x": 0.1, "y": 3}).ulps()
    >>> distances.precision, distances.value, distances.grad
    (50, 0.5, {'x': 0.0, 'y': 0.0})
    """

    precision: int
    value: float | None
    grad: dict[str, float | None]

    def as_dict(self) -> dict[str, Any]:
        """Return the distances as plain data.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 0.1, "y": 3}).ulps().as_dict()
        {'precision': 50, 'value': 0.5, 'grad': {'x': 0.0, 'y': 0.0}}
        """
        return {"precision": self.precision, "value": self.value, "grad": self.grad}

    def __str__(self) -> str:
        """Return all distances in one line."""
        distances = ", ".join(f"{name} {distance}" for name, distance in self._named())
        return f"distance from {self.precision} digits: {distances}"

    def _named(self) -> list[tuple[str, str]]:
        named = {"value": self.value, **{f"∂/∂{written(name)}": distance for name, distance in self.grad.items()}}
        return [(name, _written(distance)) for name, distance in named.items()]

    def _blocks_(self) -> list[Block]:
        return [Table(["", f"distance from {self.precision} digits"], self._named())]


def _written(distance: float | None) -> str:
    if distance is None:
        return "beyond float64"
    return f"{distance:.2g} ulp" if distance else "exact"


def ulps(passes: Passes, precision: int = 50) -> Distances:
    """Return the distances of float passes from passes with `precision` digits at the same floats.

    Constants in the text are the exact decimals that they are written as. Raises `GraphgradError` if the passes were
    not computed in floats.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("exp(x)", parse("exp(x)")), {"x": 1})
    >>> ulps(passes).value < 0.5
    True
    """
    if passes.kind != FLOATS:
        raise GraphgradError("only floats have a distance in ulps", hint="leave out exact and precision")
    refuse_arrays(passes, "ulps are")
    inputs = {name: Fraction(number) for name, number in passes.inputs.items()}
    kind = selected_kind({"precision": precision})
    right = backprop(passes.graph, inputs, passes.wrt, kind=kind, seed=Fraction(passes.seed))
    grad = {name: _distance(number, right.grad[name]) for name, number in passes.grad.items()}
    return Distances(precision, _distance(passes.value, right.value), grad)


def _distance(ours: float, right: Any) -> float | None:
    theirs = rational(right)
    if not math.isfinite(ours) or not isinstance(theirs, Fraction):
        return None
    return compared("value", "", ours, theirs).ulps
