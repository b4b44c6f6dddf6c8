"""Numbers in higher precision than float64: mpmath's for small arrays, NumPy's long doubles for large ones."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.sympy_witness import exact_number
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.many_digits import Mpmath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op

__all__ = ["Finer", "finer"]

MAX_MPMATH: Final = 150
"""The most entries, of all operands together, that are computed with 60 digits one by one."""

MAX_ENTRIES: Final = 2_000_000
"""The most entries that are computed at all."""


def finer(op: Op, values: Sequence[Any]) -> Finer:
    """Return how arrays of these sizes are computed more finely; ValueError where they are too large."""
    entries = sum(prod(shape_of(value)) for value in values)
    inner = max((shape_of(value)[-1] for value in values if is_array(value)), default=1) if op.on_arrays else 1
    if entries > MAX_ENTRIES or entries * inner > 100 * MAX_ENTRIES:
        message = f"{entries} entries are too many for it"
        raise ValueError(message)
    return Finer(small=entries <= MAX_MPMATH)


class Finer:
    """A namespace of higher precision, and differences in it."""

    def __init__(self, *, small: bool) -> None:
        """Take mpmath's numbers for what is small, else long doubles."""
        self.small = small
        self.m: Any = Entrywise(Mpmath()) if small else Arrays("longdouble")
        self.np = self.m.np
        eps = 0.0 if small else float(self.np.finfo(self.np.longdouble).eps)
        self.step: Any = self.m.const(Fraction(1, 10**20)) if small else self.m.dtype(eps**0.42)
        self.tolerance = Fraction(1, 10**9) if small else Fraction(1, 10**6)

    def lift(self, value: Any) -> Any:
        """Return a value in this precision."""
        return self.m.lift(value) if self.small else self.np.asarray(value, dtype=float).astype(self.m.dtype)[()]

    def number(self, x: Any) -> Fraction:
        """Return one of its numbers as the fraction that it is."""
        found = exact_number(x) if self.small else Fraction(*self.m.dtype(x).as_integer_ratio())
        if found is None:
            raise ValueError("no finite number")
        return found

    def direction(self, x: Any, seed: int | None) -> Any:
        """Return a direction in the shape of x: the same for the same seed, all ones without any."""
        if seed is None:
            return self.np.ones(shape_of(x))
        return self.np.random.default_rng(seed).uniform(0.25, 1, shape_of(x)) * self._signs(x, seed)

    def _signs(self, x: Any, seed: int) -> Any:
        return self.np.random.default_rng(seed + 1).choice([-1.0, 1.0], shape_of(x))

    def moved(self, op: Op, xs: Sequence[Any], position: int, direction: Any, sign: int) -> Any:
        """Return the value with one operand a step along a direction away."""
        lifted = [self.lift(x) for x in xs]
        lifted[position] = lifted[position] + sign * self.step * self.lift(direction)
        return self.m.value(op, lifted)

    def slope(
        self,
        op: Op,
        xs: Sequence[Any],
        position: int,
        direction: Any,
        adjoint: Any,
    ) -> tuple[Fraction, Fraction]:
        """Return the derivative along a direction of the value times the adjoint, and the size of its terms."""
        ahead, behind = (self.moved(op, xs, position, direction, sign) for sign in (1, -1))
        terms = self.lift(adjoint) * (ahead - behind) / (2 * self.step)
        return self.number(self.np.sum(terms)), self.number(self.np.sum(self.np.abs(terms)))

    def smooth(self, op: Op, xs: Sequence[Any], position: int, direction: Any) -> Any:
        """Return a direction without those entries that it would take across a kink."""
        here = self.m.value(op, [self.lift(x) for x in xs])
        ahead, behind = (self.moved(op, xs, position, direction, sign) for sign in (1, -1))
        bend = self.np.abs(ahead - 2 * here + behind) > self.step / 1000
        crossed = Arrays().sum_like(self.np.where(self.np.asarray(bend, dtype=bool), 1.0, 0.0), xs[position])
        return self.np.where(crossed > 0, 0.0, direction)

    def paired(self, flow: Any, direction: Any) -> Fraction:
        """Return the sum of the products of their entries, exactly where they are few."""
        products = self.np.multiply(self.lift(flow), self.lift(direction))
        return self.number(self.np.sum(products))
