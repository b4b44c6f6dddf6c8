"""Compute arrays in a precision higher than float64: mpmath's numbers of many digits, or long doubles."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.passes import rational
from graphgrad.check.judged import digits_of_reference
from graphgrad.check.sympy_witness import exact_number
from graphgrad.check.value_witness import witness_array
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import ARRAYS, IN_FLOATS, Arrays, Entrywise
from graphgrad.namespaces.many_digits import MPMATH_DIGITS, Precise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.check.report import Row
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Op

__all__ = ["HighPrecision", "Precisions", "are_few", "refuse_too_many", "value_row_in"]

MAX_MPMATH: Final = 150
"""The most entries, of all values together, that are computed by mpmath."""

MAX_ENTRIES: Final = 2_000_000
"""The most entries that are computed at all."""

MORE_DIGITS: Final = (0, 400, 2000)
"""The digits of the reference beyond those of the numbers: the first are enough unless a value is close to a limit."""

SETTLED: Final = 1000
"""A value is settled if more digits change it by so much less than its distance from ours."""

MAX_PRODUCTS: Final = 100 * MAX_ENTRIES
"""The most products of entries that are computed at all."""


def are_few(values: Sequence[Any]) -> bool:
    """Whether mpmath computes values of these shapes in reasonable time."""
    return sum(prod(shape_of(value)) for value in values) <= MAX_MPMATH


def refuse_too_many(values: Sequence[Any], op: Op | None = None) -> None:
    """Raise `ValueError` where arrays, or the products of an operation on them, have too many entries."""
    entries = sum(prod(shape_of(value)) for value in values)
    is_product = op is not None and op.on_arrays
    inner = max((shape_of(value)[-1] for value in values if is_array(value)), default=1) if is_product else 1
    if entries > MAX_ENTRIES or entries * inner > MAX_PRODUCTS:
        message = f"{entries} entries are too many for it"
        raise ValueError(message)


class Precisions:
    """The namespaces of one check, made when they are needed: threads share none, and making one takes milliseconds."""

    def __init__(self) -> None:
        """Start without any."""
        self._made: dict[int | None, HighPrecision] = {}

    def digits(self, least: float) -> HighPrecision:
        """Return a namespace of at least so many digits, a power of two times those of the reference.

        >>> Precisions().digits(100).digits
        120
        """
        digits = MPMATH_DIGITS
        while digits < least:
            digits *= 2
        return self._of(digits)

    @property
    def long_doubles(self) -> HighPrecision:
        """The namespace of long doubles."""
        return self._of(None)

    def _of(self, digits: int | None) -> HighPrecision:
        if digits not in self._made:
            self._made[digits] = HighPrecision(digits)
        return self._made[digits]


def value_row_in(precisions: Precisions, few: bool, kind: Kind, row_in: Callable[[HighPrecision], Row]) -> Row:  # noqa: FBT001  what is asked, not how
    """Return the row of a value in higher precision, in more and more digits until it agrees, or differs for good."""
    if not few:
        return row_in(precisions.long_doubles)
    last = None
    for more in MORE_DIGITS:
        row = row_in(precisions.digits(digits_of_reference(kind) + more))
        if row.status != "failed":
            return row
        if last is not None and abs(row.theirs - last) * SETTLED <= abs(Fraction(row.ours) - row.theirs):
            return row
        last = row.theirs
    return row._replace(status="not attempted", note="it takes too many digits")


class _LongDoubles(Arrays):
    """Arrays of long doubles, which know whether a function had only the digits of floats."""

    def __init__(self) -> None:
        super().__init__("longdouble")
        self.used_floats = False


def _noting(spelling: Any) -> Any:
    def note(m: _LongDoubles, *operands: Any) -> Any:
        m.used_floats = True
        return spelling(m, *operands)

    return note


_LongDoubles.spellings = {**ARRAYS, **{name: _noting(spelling) for name, spelling in IN_FLOATS.items()}}


class _PlainRules(Precise):
    """Many digits with the plain rules; an entry without a value, as of a branch not taken, is a `Fault`."""

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self.stable = False
        self.context.dps = digits


class HighPrecision:
    """A namespace of higher precision than float64.

    >>> from graphgrad.ops.table import OPS
    >>> m = HighPrecision(60)
    >>> m.as_fraction(m.m.value(OPS["mul"], [m.lift(0.5), m.lift(3.0)]))
    Fraction(3, 2)
    """

    def __init__(self, digits: int | None) -> None:
        """Take mpmath with so many digits, or NumPy's long doubles."""
        self.digits, self.small = digits, digits is not None
        self.m: Any = _LongDoubles() if digits is None else Entrywise(_PlainRules(digits))
        self.np = self.m.np

    @property
    def unit_roundoff(self) -> Fraction:
        """The largest relative error of one operation, among those that were computed."""
        if self.digits is not None:
            return Fraction(1, 10**self.digits)
        eps = self.np.finfo(float if self.m.used_floats else self.m.dtype).eps
        return Fraction(*eps.as_integer_ratio()) / 2

    def lift(self, value: Any) -> Any:
        """Return a value in this precision."""
        if self.small:
            return self.m.lift(rational(value))
        return self.np.asarray(value, dtype=float).astype(self.m.dtype)[()]

    def number(self, x: Fraction) -> Any:
        """Return a fraction in this precision."""
        if self.small:
            return self.m.const(x)
        return self.m.dtype(x.numerator) / self.m.dtype(x.denominator)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value on operands of this precision."""
        return self.m.value(op, operands)

    def defined_value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an array operation's value by its witness; by the plain rule without one, or for large arrays."""
        theirs = witness_array(op, self.m, operands) if self.small else None
        return self.m.value(op, operands) if theirs is None else theirs[()]

    def as_fraction(self, x: Any) -> Fraction:
        """Return a number of this precision as an exact fraction; `ValueError` where it is not finite."""
        fraction = exact_number(x) if self.small else Fraction(*self.m.dtype(x).as_integer_ratio())
        if fraction is None:
            raise ValueError("no finite number")
        return fraction

    def total(self, terms: Any) -> Fraction:
        """Return the sum of an array's entries."""
        return self.as_fraction(self.np.sum(terms))

    def inner_product(self, derivative: Any, direction: Any) -> Fraction:
        """Return the sum of the products of entries, in this precision."""
        return self.total(self.np.multiply(self.lift(derivative), self.lift(direction)))
