"""Evaluate and differentiate an expression by sympy alone, the independent witness, to 30 digits."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.namespaces.symbolic import Sympy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op

__all__ = [
    "AGREEMENT",
    "DIGITS",
    "SECONDS",
    "SIDE",
    "Witness",
    "agree",
    "between",
    "exact_number",
    "is_zero",
    "witness",
]

DIGITS: Final = 30
"""The digits to which sympy evaluates."""

ZERO_DIGITS: Final = 400
"""The digits to which a zero is evaluated again, so that (1 + 1e-324) - 1 is not taken for 0."""

SECONDS: Final = 10.0
"""The CPU time for one rule, or for one derivative of the whole expression."""

AGREEMENT: Final = 1e-15
"""The relative tolerance within which two high-precision numbers are equal."""

SIDE: Final = Fraction(1, 10**25)
"""The step to either side of a point for one-sided derivatives, relative to the operand."""

LIMIT_GRAIN: Final = SIDE * 10**5
"""The grid that a limit is rounded to, because it is evaluated a step of `SIDE` away."""

MEANINGLESS_BITS: Final = 8
"""A sympy number with fewer correct bits is a zero that sympy could not prove."""

MAX_EXPONENT: Final = 100_000
"""A larger binary exponent counts as no finite number."""


class Witness:
    """A sympy expression over real symbols, differentiated and evaluated by sympy alone."""

    def __init__(self, m: Sympy, symbols: Sequence[Any], expression: Any, *, exact: bool = False) -> None:
        """Take the expression; derivatives are computed on demand, evaluated as rationals where `exact`."""
        self.m, self.symbols, self.expression, self.exact = m, symbols, expression, exact
        self._partials: dict[int, Any] = {}

    def value(self, point: Sequence[Fraction]) -> Fraction | None:
        """Return the value at a point; None where sympy finds no finite real number."""
        return self._evaluated(self.expression, point)

    def derivative(self, position: int) -> Any:
        """Return sympy's derivative by one symbol, an expression."""
        if position not in self._partials:
            self._partials[position] = self.m.sympy.diff(self.expression, self.symbols[position])
        return self._partials[position]

    def partial(self, position: int, point: Sequence[Fraction]) -> Fraction | None:
        """Return the derivative by one symbol at a point; None where sympy finds no finite real number."""
        return self._evaluated(self.derivative(position), point)

    def partial_or_limit(self, position: int, point: Sequence[Fraction]) -> Fraction | None:
        """Return the derivative at a point; where its formula has no value there, the limit along the symbol."""
        derivative = self.partial(position, point)
        if derivative is not None:
            return derivative
        sides = self._sides(position, point)
        near = sides and agree(sides[0], sides[-1], 1e-20, scale=1)
        return Fraction(round(sides[0] / LIMIT_GRAIN)) * LIMIT_GRAIN if near else None

    def both_sides(self, position: int, point: Sequence[Fraction]) -> tuple[Fraction, Fraction] | None:
        """Return the left and the right derivative at a point by one symbol; None unless both exist.

        >>> x = (m := Sympy()).symbol("x")
        >>> Witness(m, [x], m.abs(x)).both_sides(0, [Fraction(0)])
        (Fraction(-1, 1), Fraction(1, 1))
        """
        match self._sides(position, point):
            case [left, right]:
                return left, right
        return None

    def _sides(self, position: int, point: Sequence[Fraction]) -> list[Fraction]:
        """Return the derivatives a step left and right of a point by one symbol, those that exist."""
        step = SIDE * max(abs(point[position]), Fraction(1))
        points = [[*point[:position], point[position] + h, *point[position + 1 :]] for h in (-step, step)]
        derivatives = [self.partial(position, nearby) for nearby in points]
        return [derivative for derivative in derivatives if derivative is not None]

    def _evaluated(self, expression: Any, point: Sequence[Fraction]) -> Fraction | None:
        numbers = {symbol: self.m.const(x) for symbol, x in zip(self.symbols, point, strict=True)}
        if self.exact and (rational := expression.xreplace(numbers)).is_Rational:
            return exact_number(rational)
        evaluated = (
            self.m.sympy.N(expression, digits, subs=numbers, maxn=digits + 400) for digits in (DIGITS, ZERO_DIGITS)
        )
        return next((number for number in map(exact_number, evaluated) if number != 0), Fraction(0))


@lru_cache(maxsize=1024)
def witness(op: Op, count: int, *, exact: bool = False) -> Witness:
    """Return the witness of one operation on `count` operands; an `exact` one gives rationals where it can.

    >>> from graphgrad.ops.table import OPS
    >>> witness(OPS["mul"], 2).partial(0, [Fraction(3), Fraction(5)])
    Fraction(5, 1)
    """
    m = Sympy()
    symbols = [m.symbol(f"x{i}") for i in range(count)]
    return Witness(m, symbols, m.value(op, symbols), exact=exact)


def exact_number(number: Any) -> Fraction | None:
    """Return a sympy or mpmath number as an exact fraction; None where it is no finite real number."""
    if isinstance(number, int):
        return Fraction(number)
    if getattr(number, "is_Rational", False):
        return Fraction(int(number.p), int(number.q))
    if getattr(number, "_prec", MEANINGLESS_BITS) < MEANINGLESS_BITS:
        return Fraction(0)
    try:
        return as_fraction(number, MAX_EXPONENT)
    except ValueError:
        return None


def is_zero(m: Sympy, expression: Any, *, simplify: bool = True) -> bool:
    """Whether sympy proves that an expression is 0: as it stands, expanded, or simplified.

    >>> m = Sympy()
    >>> x = m.symbol("x")
    >>> is_zero(m, m.sin(x)**2 + m.cos(x)**2 - 1), is_zero(m, x**2 - x)
    (True, False)
    """
    expression = m.sympy.sympify(expression)
    forms = (m.sympy.expand, m.sympy.simplify) if simplify else (m.sympy.expand,)
    return bool(expression == 0 or any(_rewritten(form, expression) == 0 for form in forms))


def _rewritten(form: Callable[[Any], Any], expression: Any) -> Any:
    try:
        return within(SECONDS, lambda: form(expression), steps=lambda: int(expression.count_ops()) ** 2)
    except DeadlineError:
        return expression


def agree(a: Any, b: Any, tolerance: float = AGREEMENT, scale: Any = 0) -> bool:
    """Whether two numbers agree within a tolerance relative to the largest of both and `scale`.

    >>> agree(1.0, 1.1, 0.05), agree(1.0, 1.1, 0.05, scale=10)
    (False, True)
    """
    return bool(abs(a - b) <= tolerance * max(abs(a), abs(b), scale))


def between(number: Any, sides: Sequence[Fraction], tolerance: Fraction = Fraction(1, 10**9)) -> bool:
    """Whether a number lies between two one-sided derivatives, up to a relative tolerance."""
    slack = tolerance * max(Fraction(1), *map(abs, sides))
    return min(sides) - slack <= Fraction(number) <= max(sides) + slack
