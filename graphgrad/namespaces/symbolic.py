"""Sympy expressions: formulas to differentiate, independent of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import count_steps
from graphgrad.namespaces.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op

__all__ = ["SwellError", "Sympy"]

SYMPY_BITS = 10_000
"""The most bits of a number that sympy may work out from constants alone."""


TERMS_PER_STEP: Final = 50
"""How many terms sympy adds in about the time of one operation."""


class SwellError(ArithmeticError):
    """A constant subexpression is too large for sympy to work out."""


class Sympy(Namespace):
    """Sympy expressions over real symbols, rules in their plain reading.

    >>> from graphgrad.ops.table import OPS
    >>> m = Sympy()
    >>> m.value(OPS["sigmoid"], [m.symbol("x")])
    1/(1 + exp(-x))
    """

    stable = False

    def __init__(self) -> None:
        """Load sympy."""
        import sympy

        self.sympy = sympy
        self._flooring = {base: _flat_subclass(base) for base in (sympy.floor, sympy.ceiling)}

    def symbol(self, name: str) -> Any:
        """Return a real symbol: a `Symbol` object, so that no text is ever read by sympy."""
        return self.sympy.Symbol(name, real=True)

    def const(self, number: Fraction) -> Any:
        """Return an exact rational."""
        return self.sympy.Rational(number.numerator, number.denominator)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read an operation's value, in steps to count: sympy looks at every term of a sum."""
        z = super().value(op, operands)
        count_steps(1 + len(getattr(z, "args", ())) // TERMS_PER_STEP)
        return z

    def __getattr__(self, name: str) -> Any:
        """Take a function from sympy."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.sympy, name, None) or super().__getattr__(name)

    def pow(self, x: Any, y: Any) -> Any:
        if x.is_Rational and y.is_Rational and abs(y) * max(x.p.bit_length(), x.q.bit_length()) > SYMPY_BITS:
            raise SwellError
        return x**y

    def gamma(self, x: Any) -> Any:
        return self.sympy.gamma(_small(x))

    def polygamma(self, n: Any, x: Any) -> Any:
        return self.sympy.polygamma(_small(n), _small(x))

    def digamma(self, x: Any) -> Any:
        return self.polygamma(self.sympy.Integer(0), x)

    def lgamma(self, x: Any) -> Any:
        return self.sympy.log(self.sympy.Abs(self.gamma(x)))

    def cbrt(self, x: Any) -> Any:
        third = self.sympy.Rational(1, 3)
        return self.sympy.Piecewise((x**third, x >= 0), (-((-x) ** third), True))

    def expm1(self, x: Any) -> Any:
        return self.sympy.exp(x) - 1

    def log1p(self, x: Any) -> Any:
        return self.sympy.log(1 + x)

    def log2(self, x: Any) -> Any:
        return self.sympy.log(x) / self.sympy.log(2)

    def log10(self, x: Any) -> Any:
        return self.sympy.log(x) / self.sympy.log(10)

    def hypot(self, x: Any, y: Any) -> Any:
        return self.sympy.sqrt(x**2 + y**2)

    def abs(self, x: Any) -> Any:
        return self.sympy.Abs(x)

    def min(self, *xs: Any) -> Any:
        return self.sympy.Min(*xs)

    def max(self, *xs: Any) -> Any:
        return self.sympy.Max(*xs)

    def floor(self, x: Any) -> Any:
        return self._flooring[self.sympy.floor](x)

    def ceil(self, x: Any) -> Any:
        return self._flooring[self.sympy.ceiling](x)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return a Piecewise, straight over the relation where the condition is a comparison."""
        holds = condition.args[0][1] if self._is_indicator(condition) else self.sympy.Ne(condition, 0)
        return self.sympy.Piecewise((x, holds), (y, True))

    def _is_indicator(self, condition: Any) -> bool:
        if not isinstance(condition, self.sympy.Piecewise):
            return False
        return [piece[0] for piece in condition.args] == [1, 0]

    def _indicator(self, relation: Any) -> Any:
        return self.sympy.Piecewise((1, relation), (0, True))

    def lt(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Lt(x, y))

    def le(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Le(x, y))

    def gt(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Gt(x, y))

    def ge(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Ge(x, y))

    def eq(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Eq(x, y))

    def ne(self, x: Any, y: Any) -> Any:
        return self._indicator(self.sympy.Ne(x, y))


def _flat_subclass(base: Any) -> Any:
    # Sympy leaves the derivative of floor and ceiling open; off their jumps it is 0.
    return type(base.__name__, (base,), {"fdiff": lambda _self, _argindex=1: 0})


def _small(x: Any) -> Any:
    # Sympy multiplies out gamma, and sums up polygamma, of a whole number.
    if getattr(x, "is_Integer", False) and abs(x) > SYMPY_BITS:
        raise SwellError
    return x
