"""Evaluate rules in sympy expressions, which sympy differentiates independently of the rules."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.pause_gc import collector_paused
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
"""The most bits of a constant that sympy may compute."""


TERMS_PER_STEP: Final = 50
"""The number of terms that sympy adds in about the time of one operation."""


class SwellError(ArithmeticError):
    """A constant subexpression is too large for sympy to compute."""


def _power(m: Sympy, x: Any, y: Any) -> Any:
    x, y = (m.sympy.Integer(operand) if type(operand) is int else operand for operand in (x, y))
    if x.is_Rational and y.is_Rational and abs(y) * max(x.p.bit_length(), x.q.bit_length()) > SYMPY_BITS:
        raise SwellError
    return x**y


def _unfactored(m: Sympy, x: Any, y: Any) -> Any:
    """Return a power; of two numbers as it stands, since sympy factors the integers of a rational one."""
    if x.is_Rational and y.is_Rational and not y.is_Integer:
        return m.sympy.exp(m.sympy.Mul(y, m.sympy.log(x, evaluate=False), evaluate=False), evaluate=False)
    return x**y


def _gamma_density(m: Sympy, a: Any, x: Any) -> Any:
    if a.is_Rational and x.is_Rational and x > 0:
        power = m.sympy.Mul(a - 1, m.sympy.log(x, evaluate=False), evaluate=False)
        return m.sympy.exp(power - x - m.sympy.loggamma(a), evaluate=False)
    return x ** (a - 1) * m.sympy.exp(-x) / m.sympy.gamma(a)


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
    "gamma": lambda m, x: m.sympy.gamma(_bounded(x)),
    "lgamma": lambda m, x: m.sympy.log(m.sympy.Abs(m.sympy.gamma(_bounded(x)))),
    "digamma": lambda m, x: m.sympy.polygamma(m.sympy.Integer(0), _bounded(x)),
    "polygamma": lambda m, n, x: m.sympy.polygamma(_bounded(n), _bounded(x)),
    "factorial": lambda m, x: m.sympy.gamma(_bounded(x) + 1),
    "binomial": lambda m, n, k: m.sympy.gamma(n + 1) / (m.sympy.gamma(k + 1) * m.sympy.gamma(n - k + 1)),
    "beta": lambda m, a, b: m.sympy.gamma(a) * m.sympy.gamma(b) / m.sympy.gamma(a + b),
    "betaln": lambda m, a, b: m.lgamma(a) + m.lgamma(b) - m.lgamma(a + b),
    "digamma_step": lambda m, x, h: m.digamma(x + h) - m.digamma(x),
    "gammainc": lambda m, a, x: m.sympy.lowergamma(a, x) / m.sympy.gamma(a),
    "gammaincc": lambda m, a, x: m.sympy.uppergamma(a, x) / m.sympy.gamma(a),
    "gamma_density": _gamma_density,
    "betainc": lambda m, a, b, x: m.sympy.betainc_regularized(a, b, 0, x),
    "beta_density": lambda m, a, b, x: _unfactored(m, x, a - 1) * _unfactored(m, 1 - x, b - 1) / m.beta(a, b),
    "erfinv": "erfinv",
    "erfcinv": lambda m, x: m.sympy.erfinv(1 - x),
    "erfcx": lambda m, x: m.sympy.exp(x**2) * m.sympy.erfc(x),
    "erfcx_slope": lambda m, x: 2 * x * m.sympy.exp(x**2) * m.sympy.erfc(x) - 2 / m.sympy.sqrt(m.sympy.pi),
    "exp1": lambda m, x: m.sympy.expint(1, x),
    "expi": "Ei",
    "lambertw": "LambertW",
    "lambertw_plus_1": lambda m, x: 1 + m.sympy.LambertW(x),
    "jv": "besselj",
    "yv": "bessely",
    "iv": "besseli",
    "kv": "besselk",
    "floor": lambda m, x: m.flooring[m.sympy.floor](x),
    "ceil": lambda m, x: m.flooring[m.sympy.ceiling](x),
    "sind": lambda m, x: m.sympy.sin(m.sympy.pi * x / 180),
    "cosd": lambda m, x: m.sympy.cos(m.sympy.pi * x / 180),
    "tand": lambda m, x: m.sympy.tan(m.sympy.pi * x / 180),
    "trunc": lambda m, x: m.sympy.Piecewise((m.floor(x), x >= 0), (m.ceil(x), True)),
    "where": lambda m, condition, x, y: m.sympy.Piecewise((x, m.condition(condition)), (y, True)),
    "lt": lambda m, x, y: m.indicator(m.sympy.Lt(x, y)),
    "le": lambda m, x, y: m.indicator(m.sympy.Le(x, y)),
    "gt": lambda m, x, y: m.indicator(m.sympy.Gt(x, y)),
    "ge": lambda m, x, y: m.indicator(m.sympy.Ge(x, y)),
    "eq": lambda m, x, y: m.indicator(m.sympy.Eq(x, y)),
    "ne": lambda m, x, y: m.indicator(m.sympy.Ne(x, y)),
    "logical_and": lambda m, x, y: m.indicator(m.sympy.And(m.condition(x), m.condition(y))),
    "logical_or": lambda m, x, y: m.indicator(m.sympy.Or(m.condition(x), m.condition(y))),
    "logical_not": lambda m, x: m.indicator(m.sympy.Not(m.condition(x))),
    "logical_xor": lambda m, x, y: m.indicator(m.sympy.Xor(m.condition(x), m.condition(y))),
}
"""sympy's functions, and functions for what it lacks or names otherwise."""


class Sympy(Namespace):
    """Sympy expressions over real symbols, with the plain forms of the rules.

    >>> from graphgrad.ops.table import OPS
    >>> m = Sympy()
    >>> m.value(OPS["sigmoid"], [m.symbol("x")])
    1/(1 + exp(-x))
    """

    stable = False
    spellings = SYMPY

    def __init__(self) -> None:
        """Load sympy."""
        self.sympy = self.library = sympy = _sympy()
        self.flooring = {base: _flat_subclass(base) for base in (sympy.floor, sympy.ceiling)}

    def symbol(self, name: str) -> Any:
        """Return a real symbol, as a `Symbol` object, so that sympy never parses text."""
        return self.sympy.Symbol(name, real=True)

    def const(self, number: Fraction) -> Any:
        """Return an exact rational."""
        return self.sympy.Rational(number.numerator, number.denominator)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value; count its steps, since sympy visits every term of a sum."""
        z = super().value(op, operands)
        count_steps(1 + len(getattr(z, "args", ())) // TERMS_PER_STEP)
        return z

    def indicator(self, relation: Any) -> Any:
        """Return an expression that is 1 where a relation holds, else 0."""
        return self.sympy.Piecewise((1, relation), (0, True))

    def condition(self, number: Any) -> Any:
        """Return the relation number ≠ 0; for an indicator, the relation that it indicates."""
        is_indicator = isinstance(number, self.sympy.Piecewise) and [piece[0] for piece in number.args] == [1, 0]
        return number.args[0][1] if is_indicator else self.sympy.Ne(number, 0)


@cache
def _sympy() -> Any:
    """Import sympy without the garbage collector, which would take a quarter of the time and find nothing."""
    with collector_paused():
        import sympy
    return sympy


@cache
def _flat_subclass(base: Any) -> Any:
    # Sympy does not define the derivative of floor and ceiling; off their jumps it is 0.
    return type(base.__name__, (base,), {"fdiff": lambda _self, _argindex=1: 0})


def _bounded(x: Any) -> Any:
    # Sympy computes gamma and polygamma of an integer as a product and a sum of as many terms.
    if getattr(x, "is_Integer", False) and abs(x) > SYMPY_BITS:
        raise SwellError
    return x
