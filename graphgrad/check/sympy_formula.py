"""Return sympy's derivative of the whole expression, as a formula and as a number."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.public import public
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.sympy_witness import SECONDS
from graphgrad.check.whole_expression import work_estimate
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.sympy_witness import Witness
    from graphgrad.check.whole_expression import WholeExpression

__all__ = ["SympyDerivative", "sympy_derivative"]

MAX_TEXT: Final = 300
"""The most characters of a formula that is shown."""


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


def sympy_derivative(
    passes: Passes, name: str, tex_names: Mapping[str, str], whole: WholeExpression
) -> SympyDerivative:
    """Return sympy's derivative of the whole expression by an input; `tex_names` maps inputs to their LaTeX.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.check.whole_expression import WholeExpression
    >>> passes = backprop(build("x*y", parse("x*y")), {"x": 3, "y": 5})
    >>> sympy_derivative(passes, "x", {"x": "x", "y": "y"}, WholeExpression.of(passes))
    SympyDerivative(text='y', tex='y', value=Fraction(5, 1), sides=(), why='')
    """
    if name not in passes.inputs:  # the output does not use it
        return SympyDerivative("0", "0", Fraction(0))
    if not passes.kind.real:
        return SympyDerivative(why=f"sympy has no {passes.kind.name}")
    why, witness = whole.witness
    if witness is None:
        return SympyDerivative(why=why)
    try:
        return within(
            SECONDS,
            lambda: _derivative_and_value(passes, name, tex_names, whole, witness),
            steps=partial(work_estimate, whole.tape),
        )
    except DeadlineError as error:
        return SympyDerivative(why=f"sympy {error}")
    except (SwellError, RecursionError, ArithmeticError, ValueError, TypeError) as error:
        return SympyDerivative(why=f"sympy stopped: {error}")


def _derivative_and_value(
    passes: Passes, name: str, tex_names: Mapping[str, str], whole: WholeExpression, witness: Witness
) -> SympyDerivative:
    position, point = whole.place(passes.inputs, name)
    derivative = witness.derivative(position)
    text = str(derivative)
    tex = witness.m.sympy.latex(derivative, symbol_names={s: tex_names[str(s.name)] for s in witness.symbols})
    shown = SympyDerivative(text, tex) if len(text) <= MAX_TEXT else SympyDerivative()
    sides = witness.both_sides(position, point) if passes.kinks else None
    if sides:
        value = sides.derivative(passes.grad[name])
        return shown._replace(sides=sides.limits) if value is None else shown._replace(value=value)
    value = witness.partial_or_limit(position, point)
    return shown._replace(value=value, why="" if value is not None else "sympy finds no number here")
