"""A kind of number that the package does not have: intervals, which hold the true result however floats round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.namespaces import Fault, Kind, Namespace, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.ops import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["INTERVALS", "Interval"]


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: float
    high: float

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """Both bounds, to compute with exactly."""
        return Fraction(self.low), Fraction(self.high)

    def __add__(self, other: Any) -> Interval:
        return around(x + y for x, y in zip(self.bounds, interval(other).bounds, strict=True))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Any) -> Interval:
        return self + -interval(other)

    def __rsub__(self, other: Any) -> Interval:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Interval:
        if not isinstance(other, Interval | int | float):
            return NotImplemented  # how an array's derivative is multiplied by an adjoint, it says itself
        return around(x * y for x, y in product(self.bounds, interval(other).bounds))

    def __truediv__(self, other: Any) -> Interval:
        other = interval(other)
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError
        return around(x / y for x, y in product(self.bounds, other.bounds))

    def __rtruediv__(self, other: Any) -> Interval:
        return interval(other).__truediv__(self)

    def __pow__(self, other: Any) -> Interval:
        exponent = interval(other)
        if exponent.low != exponent.high or exponent.low % 1:
            raise ValueError(other)
        count = int(exponent.low)
        if count < 0:
            return interval(1) / self**-count
        powers = [x**count for x in self.bounds]
        return around([*powers, Fraction(0)] if self.low < 0 < self.high and count else powers)

    __radd__, __rmul__ = __add__, __mul__


def interval(value: Any) -> Interval:
    """Return a number as an interval of its own."""
    return value if isinstance(value, Interval) else Interval(float(value), float(value))


def around(numbers: Iterable[Fraction]) -> Interval:
    """Return the smallest interval of floats that holds all these numbers."""
    exact = sorted(numbers)
    low, high = float(exact[0]), float(exact[-1])
    return Interval(
        low if low <= exact[0] else math.nextafter(low, -math.inf),
        high if high >= exact[-1] else math.nextafter(high, math.inf),
    )


def wider(low: float, high: float) -> Interval:
    """Return the interval between two floats that may have been rounded."""
    return Interval(math.nextafter(low, -math.inf), math.nextafter(high, math.inf))


FUNCTIONS: Final[Spellings] = {
    "exp": lambda _m, x: wider(math.exp(x.low), math.exp(x.high)),
    "log": lambda _m, x: wider(math.log(x.low), math.log(x.high)),
    "pow": lambda _m, x, y: x**y,
}
"""What Python's operators do not say of a rule."""


class Intervals(Namespace):
    """The namespace of intervals."""

    stable = False
    spellings = FUNCTIONS

    def const(self, number: Fraction) -> Interval:
        """Return the interval of a constant, a single float where it is one."""
        return around([number])

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read a value; a `Fault` where there is none."""
        return self.guarded(op, operands, lambda: super(Intervals, self).value(op, operands))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative; a `Fault` where there is none."""
        return self.guarded(op, operands, lambda: super(Intervals, self).partial(op, position, z, operands))

    def guarded(self, op: Op, operands: Sequence[Any], read: Callable[[], Any]) -> Any:
        """Return what is read, a `Fault` where that is not possible."""
        try:
            return read()
        except (ArithmeticError, ValueError):
            return Fault(op, operands, "not defined")
        except Fault as fault:
            return fault


class IntervalKind(Kind):
    """Intervals of floats."""

    name: ClassVar[str] = "intervals"
    types: ClassVar[tuple[type, ...]] = (Interval,)

    @cached_property
    def namespace(self) -> Namespace:
        """The namespace that rules are read in."""
        return Intervals()

    def read(self, given: Any, fraction: Callable[[Any], Fraction]) -> Interval:
        """Return an interval as it is, and the one around any other number."""
        return given if isinstance(given, Interval) else self.namespace.const(fraction(given))

    def is_finite(self, value: Interval) -> bool:
        """Whether both bounds are finite."""
        return math.isfinite(value.low) and math.isfinite(value.high)

    def is_infinite(self, value: Interval) -> bool:
        """Whether a bound is infinite."""
        return math.isinf(value.low) or math.isinf(value.high)

    def short(self, value: Interval) -> str:
        """Return both bounds to look at."""
        return f"[{short(value.low)}, {short(value.high)}]"

    def text(self, value: Interval) -> str:
        """Return both bounds with all their digits."""
        return f"[{value.low!r}, {value.high!r}]"

    def from_json(self, stored: Any, like: Any = None) -> Interval:
        """Return the interval that `text` wrote."""
        del like
        return Interval(*map(float, stored[1:-1].split(", ")))


INTERVALS: Final = IntervalKind()
