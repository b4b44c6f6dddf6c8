"""Say how many digits of each computed number rounding may have changed, by the bound of its error."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.error_bound import GradientErrors, value_bound
from graphgrad.backprop.error_source import Recorded
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.error_source import ErrorSource
    from graphgrad.backprop.passes import Passes

__all__ = ["Bounded", "bounded_numbers"]

UNDERFLOW: Final = 4
"""The multiple of the smallest number up to which an error is no loss of digits, but an underflow."""


class Bounded(NamedTuple):
    """A computed number and the bound of its error: the value where `name` is None, else the derivative by an input.

    `place` is the number's place in an array, `seed` the adjoint of the output for which the bound was computed.
    `errors` holds the derivative's tape.
    """

    name: str | None
    place: tuple[int, ...]
    number: Any
    bound: ErrorBound
    seed: Any
    errors: GradientErrors | None = None

    @property
    def subject(self) -> str:
        """What the number is, in writing.

        >>> Bounded("x", (2,), 0.5, None, 1).subject, Bounded(None, (), 0.5, None, 1).subject
        ('∂/∂x[2]', 'value')
        """
        what = "value" if self.name is None else f"∂/∂{self.name}"
        return f"{what}{list(self.place) if self.place else ''}"

    @property
    def relative(self) -> float:
        """The decimal logarithm of the relative bound: -16 where 16 digits are right; infinite for a 0 that is rounded.

        It is minus infinity where nothing is rounded, and where there is no bound.
        """
        total, number = self.bound.total, self.number
        if total is None or total - total != 0 or total <= UNDERFLOW * kind_of(number).smallest:
            return -math.inf
        return kind_of(total).log10(total) - kind_of(number).log10(number) if number else math.inf

    def source(self, passes: Passes) -> ErrorSource | None:
        """Return where most of the error comes from; None where that is not known."""
        if self.errors is None or self.errors.traced is None:
            return Recorded(passes, passes.tape, passes.values, {}).source(self.bound)
        traced = self.errors.traced
        tape = replace(traced.tape, outputs=(traced.tape.outputs[traced.names.index(self.name or "")],))
        # Of many derivatives that were bounded together, nothing but the sizes is known.
        bound = self.bound if self.bound.terms else self.errors.bound(self.name or "", self.seed)
        return Recorded(passes, tape, traced.values, traced.edges).source(bound)


def bounded_numbers(passes: Passes, most: int) -> Iterator[Bounded]:
    """Yield the output and each derivative with its bound; of an array, the smallest entries, zeros among them.

    Numbers that are not finite are left out.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x + 1 - x", parse("x + 1 - x")), {"x": 1e10 + 0.5})
    >>> [(each.subject, round(each.relative, 1)) for each in bounded_numbers(passes, 8)]
    [('value', -6.0), ('∂/∂x', -inf)]
    """
    for place, number, seed in _entries(passes, passes.value, most):
        yield Bounded(None, place, number, value_bound(passes, seed), seed)
    if not passes.wrt:
        return
    errors, grad = GradientErrors.of(passes, passes.wrt), passes.grad
    bounds = {} if passes.arrays else errors.bounds()
    for name, derivative in grad.items():
        for place, number, seed in _entries(passes, derivative, most):
            bound = bounds.get(name) or errors.bound(name, seed)
            yield Bounded(name, place, number, bound, seed, errors)


def _entries(passes: Passes, value: Any, most: int) -> Iterator[tuple[tuple[int, ...], Any, Any]]:
    """Yield place and number of the finite entries, the smallest first, with the adjoint 1 for this entry alone."""
    one = passes.kind.namespace.const(Fraction(1))
    if not is_array(value):
        if kind_of(value).is_finite(value):
            yield (), value, one
        return
    places = [place for place in product(*map(range, shape_of(value))) if kind_of(value[place]).is_finite(value[place])]
    zeros = [place for place in places if not value[place]][: most // 2]
    others = sorted((place for place in places if value[place]), key=lambda place: abs(value[place]))
    for place in zeros + others[: most - len(zeros)]:
        seed = value * 0
        seed[place] = one
        yield place, value[place], seed
