"""Rational numbers without rounding."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import LimitError
from graphgrad.namespaces.namespace import Fault, OffDomainError, Ordered
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op

__all__ = ["EXACT_DIGITS", "Exact"]

EXACT_DIGITS = 10_000
"""The most digits a numerator or denominator may have in exact mode."""


class Exact(Ordered):
    """Rational numbers, without any rounding; what leaves them is a `Fault`.

    >>> Exact().value(OPS["div"], [Fraction(1), Fraction(3)])
    Fraction(1, 3)
    """

    def const(self, number: Fraction) -> Fraction:
        """Return the number itself."""
        return number

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read a value; a `Fault` where it leaves the rationals or outgrows `EXACT_DIGITS`."""
        return self._guarded(op, operands, lambda: op.value(self, *operands, stable=False))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative; a `Fault` likewise."""
        return self._guarded(op, operands, lambda: super(Exact, self).partial(op, position, z, operands))

    def _guarded(self, op: Op, operands: Sequence[Any], read: Any) -> Any:
        try:
            number = read()
        except ZeroDivisionError:
            return Fault(op, operands, "not defined")
        except OffDomainError as error:
            return Fault(op, operands, error.reason, error.error)
        except Fault as fault:
            return fault
        if isinstance(number, Fault) or _digits(number) <= EXACT_DIGITS:
            return number
        return Fault(op, operands, _too_long().reason, LimitError)

    def pow(self, x: Fraction, y: Fraction) -> Fraction:
        if y.denominator != 1:
            raise _irrational()
        if abs(y) * (_bits(x) - 1) > EXACT_DIGITS / math.log10(2):
            raise _too_long()
        return Fraction(x ** int(y))

    def floor(self, x: Fraction) -> Fraction:
        return Fraction(math.floor(x))

    def ceil(self, x: Fraction) -> Fraction:
        return Fraction(math.ceil(x))

    def __getattr__(self, name: str) -> Any:
        """Refuse every function that leaves the rationals."""
        if name.startswith("_") or name not in OPS:
            raise AttributeError(name)
        raise _irrational()


def _irrational() -> OffDomainError:
    return OffDomainError("not a rational number, so it has no exact value")


def _too_long() -> OffDomainError:
    return OffDomainError(f"longer than {EXACT_DIGITS} digits", LimitError)


def _bits(number: Fraction | int) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _digits(number: Fraction | int) -> int:
    return int(_bits(number) * math.log10(2))
