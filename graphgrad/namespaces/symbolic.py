"""Sympy expressions: formulas to differentiate, independent of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import count_steps
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["SYMPY", "SwellError", "Sympy"]

SYMPY_BITS = 10_000
"""The most bits of a number that sympy may work out from constants alone."""


TERMS_PER_STEP: Final = 50
"""How many terms sympy adds in about the time of one operation."""


class SwellError(ArithmeticError):
    """A constant subexpression is too large for sympy to work out."""


def _power(_m: Sympy, x: Any, y: Any) -> Any:
    if x.is_Rational and y.is_Rational and abs(y) * max(x.p.bit_length(), x.q.bit_length()) > SYMPY_BITS:
        raise SwellError
    return x**y


def _cube_root(m: Sympy, x: Any) -> Any:
    third = m.sympy.Rational(1, 3)
    return m.sympy.Piecewise((x**third, x >= 0), (-((-x) ** third), True))


SYMPY: Final[Spellings] = {
    **LIBM,
    "pi": "pi",
    "erf": "erf",
    "erfc": "erfc",
    "sign": "sign",
    "abs": "Abs",
    "min": "Min",
    "max": "Max",
    "pow": _power,
    "cbrt": _cube_root,
    "expm1": lambda m, x: m.sympy.exp(x) - 1,
    "log1p": lambda m, x: m.sympy.log(1 + x),
    "log2": lambda m, x: m.sympy.log(x) / m.sympy.log(2),
    "log10": lambda m, x: m.sympy.log(x) / m.sympy.log(10),
    "hypot": lambda m, x, y: m.sympy.sqrt(x**2 + y**2),
    "gamma": lambda m, x: m.sympy.gamma(_small(x)),
    "lgamma": lambda m, x: m.sympy.log(m.sympy.Abs(m.sympy.gamma(_small(x)))),
    "digamma": lambda m, x: m.sympy.polygamma(m.sympy.Integer(0), _small(x)),
    "polygamma": lambda m, n, x: m.sympy.polygamma(_small(n), _small(x)),
    "floor": lambda m, x: m.flooring[m.sympy.floor](x),
    "ceil": lambda m, x: m.flooring[m.sympy.ceiling](x),
    "where": lambda m, condition, x, y: m.sympy.Piecewise((x, m.condition(condition)), (y, True)),
    "lt": lambda m, x, y: m.indicator(m.sympy.Lt(x, y)),
    "le": lambda m, x, y: m.indicator(m.sympy.Le(x, y)),
    "gt": lambda m, x, y: m.indicator(m.sympy.Gt(x, y)),
    "ge": lambda m, x, y: m.indicator(m.sympy.Ge(x, y)),
    "eq": lambda m, x, y: m.indicator(m.sympy.Eq(x, y)),
    "ne": lambda m, x, y: m.indicator(m.sympy.Ne(x, y)),
}
"""The functions of sympy, and what it calls otherwise or says in other functions."""


class Sympy(Namespace):
    """Sympy expressions over real symbols, rules in their plain reading.

    >>> from graphgrad.ops.table import OPS
    >>> m = Sympy()
    >>> m.value(OPS["sigmoid"], [m.symbol("x")])
    1/(1 + exp(-x))
    """

    stable = False
    spellings = SYMPY

    def __init__(self) -> None:
        """Load sympy."""
        import sympy

        self.sympy = self.library = sympy
        self.flooring = {base: _flat_subclass(base) for base in (sympy.floor, sympy.ceiling)}

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

    def indicator(self, relation: Any) -> Any:
        """Return what is 1 where a relation holds, else 0."""
        return self.sympy.Piecewise((1, relation), (0, True))

    def condition(self, number: Any) -> Any:
        """Return the relation that a number is not 0: of an indicator, the one it was made of."""
        is_indicator = isinstance(number, self.sympy.Piecewise) and [piece[0] for piece in number.args] == [1, 0]
        return number.args[0][1] if is_indicator else self.sympy.Ne(number, 0)


def _flat_subclass(base: Any) -> Any:
    # Sympy leaves the derivative of floor and ceiling open; off their jumps it is 0.
    return type(base.__name__, (base,), {"fdiff": lambda _self, _argindex=1: 0})


def _small(x: Any) -> Any:
    # Sympy multiplies out gamma, and sums up polygamma, of a whole number.
    if getattr(x, "is_Integer", False) and abs(x) > SYMPY_BITS:
        raise SwellError
    return x
