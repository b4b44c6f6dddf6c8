"""Evaluate and differentiate an expression by sympy alone, the independent witness, to 30 digits."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.one_sided import one_sided, steps_of_size
from graphgrad.namespaces.formulas import Formula
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.namespaces.symbolic import Sympy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.check.one_sided import OneSided
    from graphgrad.ops.op import Op

__all__ = [
    "AGREEMENT",
    "DIGITS",
    "SECONDS",
    "Witness",
    "agree",
    "exact_number",
    "is_zero",
    "witness",
]

DIGITS: Final = 30
"""The digits to which sympy evaluates."""

SECONDS: Final = 2.0
"""The CPU time for one rule, or for one derivative of the whole expression."""

AGREEMENT: Final = 1e-15
"""The relative tolerance within which two high-precision numbers are equal."""

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
        self._formulas: dict[int | None, Formula] = {}

    def value(self, point: Sequence[Fraction]) -> Fraction | None:
        """Return the value at a point; None where sympy finds no finite real number."""
        return self._evaluated(self.formula(), point)

    def derivative(self, position: int) -> Any:
        """Return sympy's derivative by one symbol, an expression."""
        if position not in self._partials:
            self._partials[position] = self.m.sympy.diff(self.expression, self.symbols[position])
        return self._partials[position]

    def partial(self, position: int, point: Sequence[Fraction]) -> Fraction | None:
        """Return the derivative by one symbol at a point; None where sympy finds no finite real number."""
        return self._evaluated(self.formula(position), point)

    def partial_or_limit(self, position: int, point: Sequence[Fraction]) -> Fraction | None:
        """Return the derivative at a point; where its formula has no value there, the limit along the symbol.

        If there is none, as of x**y*log(x) along y, the limit along all symbols that are 0 is taken. The derivative of
        x**y by x is y*x**y/x for sympy, with the limit 1 at x = 0, y = 1.

        >>> m = Sympy()
        >>> x, y = m.symbol("x"), m.symbol("y")
        >>> Witness(m, [x, y], x**y).partial_or_limit(0, [Fraction(0), Fraction(1)])
        Fraction(1, 1)
        """
        derivative = self.partial(position, point)
        if derivative is not None:
            return derivative
        zeros = [i for i, x in enumerate(point) if not x]
        for moved in ([position], zeros):
            sides = self._beside(position, point, moved)
            limit = sides and sides.derivative(0)
            if isinstance(limit, Fraction):
                return limit
        return None

    def both_sides(self, position: int, point: Sequence[Fraction]) -> OneSided | None:
        """Return the left and the right derivative at a point by one symbol; None where there is neither.

        >>> x = (m := Sympy()).symbol("x")
        >>> Witness(m, [x], m.abs(x)).both_sides(0, [Fraction(0)]).limits
        (Fraction(-1, 1), Fraction(1, 1))
        """
        return self._beside(position, point, [position])

    def _beside(self, position: int, point: Sequence[Fraction], moved: Collection[int]) -> OneSided | None:
        """Return the derivative by one symbol on either side of a point, with these symbols moved alike."""

        def beside(distance: Fraction) -> list[Fraction]:
            return [x + distance if i in moved else x for i, x in enumerate(point)]

        return one_sided(
            steps_of_size(point, next(iter(moved), position)),
            lambda distance: self.value(beside(distance)),
            lambda distance: self.partial(position, beside(distance)),
        )

    def formula(self, position: int | None = None) -> Formula:
        """Return the value, or the derivative by one symbol, as instructions for numbers."""
        if position not in self._formulas:
            expression = self.expression if position is None else self.derivative(position)
            self._formulas[position] = Formula(expression, self.symbols)
        return self._formulas[position]

    def _evaluated(self, formula: Formula, point: Sequence[Fraction]) -> Fraction | None:
        exact = formula.exactly(point) if self.exact else None
        return formula.number(point) if exact is None else exact


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
    if isinstance(number, (int, Fraction)):
        return Fraction(number)
    if getattr(number, "is_Rational", False):
        return Fraction(int(number.p), int(number.q))
    if 0 < getattr(number, "_prec", MEANINGLESS_BITS) < MEANINGLESS_BITS:  # that of nan is -1
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


def agree(a: Any, b: Any, tolerance: Any = AGREEMENT, scale: Any = 0) -> bool:
    """Whether two numbers agree within a tolerance relative to the largest of both and `scale`.

    >>> agree(1.0, 1.1, 0.05), agree(1.0, 1.1, 0.05, scale=10)
    (False, True)
    """
    return bool(abs(a - b) <= tolerance * max(abs(a), abs(b), scale))
