"""Mpmath's floats of many digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.base import Ordered

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["MPMATH_DIGITS", "Mpmath"]

MPMATH_DIGITS = 60
"""The precision of the referee."""


class Mpmath(Ordered):
    """Floats of `MPMATH_DIGITS` digits: the referee that has the same rules but hardly any rounding.

    >>> from fractions import Fraction
    >>> from graphgrad.rules import OPS
    >>> m = Mpmath()
    >>> print(m.value(OPS["sqrt"], [m.const(Fraction(2))]))
    1.41421356237309504880168872420969807856967187537694807317668
    """

    def __init__(self, *, stable: bool = False) -> None:
        """Open a context of its own, so that nobody's precision changes."""
        from mpmath import MPContext  # noqa: PLC0415  comes with sympy, loaded with the check

        self.stable = stable
        self.context = MPContext()
        self.context.dps = MPMATH_DIGITS

    def const(self, number: Fraction) -> Any:  # noqa: ANN401
        """Return the number, rounded to the referee's precision."""
        return self.context.mpf(number.numerator) / number.denominator

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Take a function from mpmath."""
        if name.startswith("_") or name == "context":
            raise AttributeError(name)
        return getattr(self.context, name, None) or super().__getattr__(name)

    def pow(self, x: Any, y: Any) -> Any:  # noqa: ANN401, D102
        return x**y

    def cbrt(self, x: Any) -> Any:  # noqa: ANN401, D102
        return self.sign(x) * self.context.cbrt(abs(x))

    def log2(self, x: Any) -> Any:  # noqa: ANN401, D102
        return self.context.log(x) / self.context.log(2)

    def lgamma(self, x: Any) -> Any:  # noqa: ANN401, D102
        return self.context.log(abs(self.context.gamma(x)))

    def polygamma(self, n: Any, x: Any) -> Any:  # noqa: ANN401, D102
        return self.context.psi(int(n), x)
