"""Return sympy's derivative of the whole expression, as a formula and as a number."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.public import public
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.whole_expression import WholeExpression
    from graphgrad.check.witnesses import Witnesses

__all__ = ["SympyDerivative", "sympy_derivative"]

MAX_TEXT: Final = 300
"""The most characters of a formula that is shown."""

SECONDS: Final = 2.0
"""The CPU time for the formula, and for its number."""

REASONS: Final = (ArithmeticError, ValueError, TypeError, RecursionError)
"""What sympy and mpmath raise where they fail."""


@public
class SympyDerivative(NamedTuple):
    """Sympy's derivative by one input: the formula as text and LaTeX, and its value at the point.

    The formulas are empty where they are too long. At a kink `value` is None and `sides` holds the left and the right
    derivative. `why` gives the reason where there is no value otherwise.

    >>> from graphgrad import parse
    >>> parse("abs(x)").backprop({"x": 0}).explain("x").sympy.sides
    (Fraction(-1, 1), Fraction(1, 1))
    """

    text: str = ""
    tex: str = ""
    value: Any = None
    sides: tuple[Any, ...] = ()
    why: str = ""


def sympy_derivative(passes: Passes, name: str, tex_names: Mapping[str, str], witnesses: Witnesses) -> SympyDerivative:
    """Return sympy's derivative of the whole expression by an input; `tex_names` maps inputs to their LaTeX.

    Where the formula would be too large to be shown, it is not asked for, and the number is that of sympy's derivatives
    of the operations, chained.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.check.witnesses import Witnesses
    >>> passes = backprop(build("x*y", parse("x*y")), {"x": 3, "y": 5})
    >>> sympy_derivative(passes, "x", {"x": "x", "y": "y"}, Witnesses.of(passes))
    SympyDerivative(text='y', tex='y', value=Fraction(5, 1), sides=(), why='')
    """
    if name not in passes.inputs:  # the output does not use it
        return SympyDerivative("0", "0", Fraction(0))
    if not passes.kind.real:
        return SympyDerivative(why=f"sympy has no {passes.kind.name}")
    shown = _formula(name, tex_names, witnesses.whole)
    try:
        return within(SECONDS, lambda: _number(shown, passes, name, witnesses))
    except DeadlineError as error:
        return shown._replace(why=f"sympy {error}")
    except REASONS as error:
        return shown._replace(why=f"sympy stopped: {error}")


def _formula(name: str, tex_names: Mapping[str, str], whole: WholeExpression) -> SympyDerivative:
    """Return the formula without a number, empty where it takes too long or is too long to be shown."""
    if not whole.is_legible:
        return SympyDerivative()
    _, witness = whole.witness
    if witness is None:
        return SympyDerivative()
    names = {symbol: tex_names[str(symbol.name)] for symbol in witness.symbols}
    renamed = {symbol: witness.m.symbol(written(symbol.name)) for symbol in witness.symbols}

    def shown() -> SympyDerivative:
        derivative = witness.derivative(whole.names.index(name))
        text = str(derivative.xreplace(renamed))
        if len(text) > MAX_TEXT:
            return SympyDerivative()
        return SympyDerivative(text, witness.m.sympy.latex(derivative, symbol_names=names, mul_symbol="dot"))

    try:
        return within(SECONDS, shown)
    except (DeadlineError, *REASONS):
        return SympyDerivative()


def _number(shown: SympyDerivative, passes: Passes, name: str, witnesses: Witnesses) -> SympyDerivative:
    """Return the formula with its number: of sympy's formula where it has one, else of the operations, chained."""
    (whole, chained), register = witnesses, passes.graph.node(name)
    is_at_kink = not passes.tape.depending_on([register]).isdisjoint(passes.kinks)
    sides = chained.sides(register) if is_at_kink else None
    if sides:
        value = sides.derivative(passes.as_rationals().grad[name])
        return shown._replace(sides=sides.limits) if value is None else shown._replace(value=value)
    value = whole.partial(*whole.place(passes.inputs, name)) if shown.text else None
    if value is None and chained.settled:
        value = chained.settled.adjoint(register)
    return shown._replace(value=value, why="" if value is not None else "sympy finds no number here")
