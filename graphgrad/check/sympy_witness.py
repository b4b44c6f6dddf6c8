"""Evaluate and differentiate an expression by sympy alone, the independent witness, to 30 digits."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.one_sided import one_sided, steps_of_size
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.namespaces.symbolic import Sympy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from graphgrad.check.one_sided import OneSided
    from graphgrad.ops.op import Op

__all__ = [
    "AGREEMENT",
    "DIGITS",
    "SECONDS",
    "Witness",
    "agree",
    "divides_by_zero",
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

MAX_DENOMINATOR: Final = 30
"""The most operations of a denominator that is looked at for a zero."""

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
        """Return the derivative at a point; where its formula divides by 0 there, the limit along the symbol.

        If there is none, as of x**y*log(x) along y, the limit along all symbols that are 0 is taken.

        Sympy takes 0/0 for 0 where the numerator is a factor: the derivative of x**y by x is y*x**y/x.

        >>> m = Sympy()
        >>> x, y = m.symbol("x"), m.symbol("y")
        >>> Witness(m, [x, y], x**y).partial_or_limit(0, [Fraction(0), Fraction(1)])
        Fraction(1, 1)
        """
        derivative = self.partial(position, point)
        if derivative is not None and not self._divides_by_zero(position, point):
            return derivative
        zeros = [i for i, x in enumerate(point) if not x]
        for moved in ([position], zeros):
            sides = self._beside(position, point, moved)
            limit = sides and sides.derivative(derivative or 0)
            if isinstance(limit, Fraction):
                return limit
        return derivative

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

    def _divides_by_zero(self, position: int, point: Sequence[Fraction]) -> bool:
        return divides_by_zero(self.m, self.derivative(position), self._numbers(point))

    def _numbers(self, point: Sequence[Fraction]) -> dict[Any, Any]:
        return {symbol: self.m.const(x) for symbol, x in zip(self.symbols, point, strict=True)}

    def _evaluated(self, expression: Any, point: Sequence[Fraction]) -> Fraction | None:
        numbers = self._numbers(point)
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
    if 0 < getattr(number, "_prec", MEANINGLESS_BITS) < MEANINGLESS_BITS:  # that of nan is -1
        return Fraction(0)
    try:
        return as_fraction(number, MAX_EXPONENT)
    except ValueError:
        return None


def divides_by_zero(m: Sympy, expression: Any, numbers: Mapping[Any, Any]) -> bool:
    """Whether a denominator of an expression is 0 once its symbols are replaced by numbers.

    >>> m = Sympy()
    >>> x = m.symbol("x")
    >>> divides_by_zero(m, x / m.sin(x), {x: 0}), divides_by_zero(m, x / (1 + x), {x: 0})
    (True, False)
    """
    powers = expression.atoms(m.sympy.Pow) if hasattr(expression, "atoms") else ()
    bases = {power.base for power in powers if power.exp.is_negative and power.base.free_symbols}
    small = (base for base in bases if base.count_ops() <= MAX_DENOMINATOR)
    return any(base.xreplace(numbers).is_zero for base in small)


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
