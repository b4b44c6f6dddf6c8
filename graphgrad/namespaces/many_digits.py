"""Mpmath's floats of many digits."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.display import GUARD_DIGITS
from graphgrad.namespaces.namespace import Fault, Ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op

__all__ = ["MPMATH_DIGITS", "Mpmath", "Precise", "as_fraction"]

MPMATH_DIGITS = 60
"""The precision of the referee."""

MAX_EXPONENT: Final = 200_000
"""A number of chosen precision beyond 2 to this power counts as infinite, one below its inverse as 0."""


class Mpmath(Ordered):
    """Floats of `MPMATH_DIGITS` digits: the referee that has the same rules but hardly any rounding.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Mpmath()
    >>> print(m.value(OPS["sqrt"], [m.const(Fraction(2))]))
    1.41421356237309504880168872420969807856967187537694807317668
    """

    def __init__(self, *, stable: bool = False, digits: int = MPMATH_DIGITS) -> None:
        """Open a context of its own, so that nobody's precision changes."""
        from mpmath import MPContext

        self.stable = stable
        self.context = MPContext()
        self.context.dps = digits

    def const(self, number: Fraction) -> Any:
        """Return the number, rounded to the referee's precision."""
        return self.context.mpf(number.numerator) / number.denominator

    def __getattr__(self, name: str) -> Any:
        """Take a function from mpmath."""
        if name.startswith("_") or name == "context":
            raise AttributeError(name)
        return getattr(self.context, name, None) or super().__getattr__(name)

    def pow(self, x: Any, y: Any) -> Any:
        return x**y

    def cbrt(self, x: Any) -> Any:
        return self.sign(x) * self.context.cbrt(abs(x))

    def log2(self, x: Any) -> Any:
        return self.context.log(x) / self.context.log(2)

    def lgamma(self, x: Any) -> Any:
        return self.context.log(abs(self.context.gamma(x)))

    def polygamma(self, n: Any, x: Any) -> Any:
        return self.context.psi(int(n), x)


class Precise(Mpmath):
    """Floats of a chosen precision, and some guard digits; what has no real value is a `Fault`, as on floats.

    >>> from graphgrad.ops.table import OPS
    >>> m = Precise(50)
    >>> print(m.value(OPS["sqrt"], [m.const(Fraction(2))]))
    1.41421356237309504880168872420969807856967187537694807317668
    >>> m.value(OPS["log"], [m.const(Fraction(-1))])
    Fault('not defined')
    """

    def __init__(self, digits: int) -> None:
        """Compute with so many digits, the rules in their stable reading."""
        super().__init__(stable=True, digits=digits + GUARD_DIGITS)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read a value; a `Fault` where there is none."""
        return self._guarded(op, operands, operands, "not defined", lambda: op.value(self, *operands, stable=True))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative; a `Fault` where there is none."""
        read = super().partial
        return self._guarded(op, operands, [*operands, z], "not finite", lambda: read(op, position, z, operands))

    def _guarded(
        self, op: Op, operands: Sequence[Any], read_from: Sequence[Any], reason: str, read: Callable[[], Any]
    ) -> Any:
        fault = next((x for x in operands if isinstance(x, Fault)), None)
        try:
            number = read()
        except Fault as found:
            return found
        except (ArithmeticError, ValueError):
            return Fault(op, operands, reason)
        except TypeError:  # mpmath's functions do not touch what is no number
            return Fault(op, operands, reason) if fault is None else fault
        if isinstance(number, Fault) or type(number) is int:
            return number
        if self._is_pole(number, read_from):
            return Fault(op, operands, reason)
        return Fault(op, operands, "indeterminate") if self.context.isnan(number) else self._bounded(number)

    def _is_pole(self, number: Any, read_from: Sequence[Any]) -> bool:
        """Tell whether a number is complex, or infinite although nothing that it was read from is."""
        m = self.context
        finite = not any(isinstance(x, Fault) or m.isinf(x) for x in read_from)
        return isinstance(number, m.mpc) or (finite and m.isinf(number))

    def _bounded(self, number: Any) -> Any:
        """Return a number with an exponent that can be worked with."""
        m = self.context
        number = m.mpf(number)
        if m.isinf(number):
            return number
        size = m.mag(number) if number else 0
        return m.sign(number) * m.inf if size > MAX_EXPONENT else m.zero if size < -MAX_EXPONENT else number


def as_fraction(number: Any) -> Fraction:
    """Return a finite number of mpmath's as the fraction that it is.

    >>> as_fraction(Precise(20).const(Fraction(1, 4)))
    Fraction(1, 4)
    """
    sign, mantissa, exponent, _ = number._mpf_
    if not mantissa and exponent:
        raise ValueError(f"{number} is no finite number")
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)
