"""Take directional derivatives by central differences in mpmath or long doubles."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.sympy_witness import exact_number
from graphgrad.check.value_witness import witness_array
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.many_digits import Mpmath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op

__all__ = ["HighPrecision", "high_precision"]

MAX_MPMATH: Final = 150
"""The most entries, of all operands together, that are computed by mpmath with 60 digits."""

MAX_ENTRIES: Final = 2_000_000
"""The most entries that are computed at all."""


def high_precision(op: Op, values: Sequence[Any]) -> HighPrecision:
    """Return the precision in which an operation on these arrays is recomputed; ValueError where they are too large."""
    entries = sum(prod(shape_of(value)) for value in values)
    inner = max((shape_of(value)[-1] for value in values if is_array(value)), default=1) if op.on_arrays else 1
    if entries > MAX_ENTRIES or entries * inner > 100 * MAX_ENTRIES:
        message = f"{entries} entries are too many for it"
        raise ValueError(message)
    return HighPrecision(small=entries <= MAX_MPMATH)


class HighPrecision:
    """A namespace of higher precision than float64, with central differences in it.

    With 60 digits and a step of 1e-20, truncation and cancellation each cost about 1e-40, far below the tolerance.

    >>> from graphgrad.ops.table import OPS
    >>> m = HighPrecision(small=True)
    >>> float(m.directional_derivative(OPS["mul"], [3.0, 5.0], 0, 1.0, 1.0)[0])
    5.0
    """

    def __init__(self, *, small: bool) -> None:
        """Take mpmath with 60 digits for small arrays, else NumPy's long doubles."""
        self.small = small
        self.m: Any = Entrywise(Mpmath()) if small else Arrays("longdouble")
        self.np = self.m.np
        eps = 0.0 if small else float(self.np.finfo(self.np.longdouble).eps)
        # Less than eps**(1/3), optimal for third derivatives near 1, so that truncation stays small for larger ones.
        self.step: Any = self.m.const(Fraction(1, 10**20)) if small else self.m.dtype(eps**0.42)
        self.tolerance = Fraction(1, 10**9) if small else Fraction(1, 10**6)

    def lift(self, value: Any) -> Any:
        """Return a value in this precision."""
        return self.m.lift(value) if self.small else self.np.asarray(value, dtype=float).astype(self.m.dtype)[()]

    def defined_value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an array operation's value by its witness; by the plain rule without one, or for large arrays."""
        theirs = witness_array(op, self.m, operands) if self.small else None
        return self.m.value(op, operands) if theirs is None else theirs[()]

    def as_fraction(self, x: Any) -> Fraction:
        """Return a number of this precision as an exact fraction."""
        fraction = exact_number(x) if self.small else Fraction(*self.m.dtype(x).as_integer_ratio())
        if fraction is None:
            raise ValueError("no finite number")
        return fraction

    def direction(self, x: Any, seed: int | None) -> Any:
        """Return a direction in the shape of x: random by the seed, all ones without one."""
        if seed is None:
            return self.np.ones(shape_of(x))
        return self.np.random.default_rng(seed).uniform(0.25, 1, shape_of(x)) * self._signs(x, seed)

    def _signs(self, x: Any, seed: int) -> Any:
        return self.np.random.default_rng(seed + 1).choice([-1.0, 1.0], shape_of(x))

    def value_beside(self, op: Op, xs: Sequence[Any], position: int, direction: Any, sign: int) -> Any:
        """Return the operation's value with one operand moved a step along a direction; `sign` is 1 or -1."""
        lifted = [self.lift(x) for x in xs]
        lifted[position] = lifted[position] + sign * self.step * self.lift(direction)
        return self.m.value(op, lifted)

    def directional_derivative(
        self,
        op: Op,
        xs: Sequence[Any],
        position: int,
        direction: Any,
        adjoint: Any,
    ) -> tuple[Fraction, Fraction]:
        """Return the directional derivative of the sum of value times adjoint, and the sum of its absolute terms."""
        ahead, back = (self.value_beside(op, xs, position, direction, sign) for sign in (1, -1))
        terms = self.lift(adjoint) * (ahead - back) / (2 * self.step)
        return self.as_fraction(self.np.sum(terms)), self.as_fraction(self.np.sum(self.np.abs(terms)))

    def away_from_kinks(self, op: Op, xs: Sequence[Any], position: int, direction: Any) -> Any:
        """Return the direction with 0 in each entry whose step crosses a kink: where the second difference is large.

        >>> import numpy as np
        >>> from graphgrad.ops.table import OPS
        >>> m = HighPrecision(small=True)
        >>> m.away_from_kinks(OPS["abs"], [np.array([0.0, 3.0])], 0, np.array([1.0, 1.0])).tolist()
        [0.0, 1.0]
        """
        here = self.m.value(op, [self.lift(x) for x in xs])
        ahead, back = (self.value_beside(op, xs, position, direction, sign) for sign in (1, -1))
        is_bent = self.np.abs(ahead - 2 * here + back) > self.step / 1000
        crossed = Arrays().sum_like(self.np.where(self.np.asarray(is_bent, dtype=bool), 1.0, 0.0), xs[position])
        return self.np.where(crossed > 0, 0.0, direction)

    def inner_product(self, derivative: Any, direction: Any) -> Fraction:
        """Return the sum of the products of entries, in this precision."""
        products = self.np.multiply(self.lift(derivative), self.lift(direction))
        return self.as_fraction(self.np.sum(products))
