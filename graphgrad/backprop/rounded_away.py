"""Find the operation whose rounding made a value 0 that is not 0, as in 1 + x - 1 at 1e-20.

Whether 0 is right, as in sin(x)**2 + cos(x)**2 - 1, is seen with more digits. Each operation's rounding error, times
its adjoint, is what it contributes to the error of the output.

>>> from graphgrad import parse
>>> passes = parse("1 + x - 1").backprop({"x": 1e-20}).passes
>>> passes.tape.step(rounded_away(passes)).op.name
'add'
>>> rounded_away(parse("10*x - 1").backprop({"x": 0.1}).passes)
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import value_bound
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.many_digits import Precise, as_fraction
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.passes import Passes

__all__ = ["rounded_away"]

DIGITS: Final = 100
"""The digits of the exact values."""

CANCELLED: Final = Fraction(1, 10**90)
"""The part of the largest value on the way up to which an exact output is 0: nearly all digits cancel."""

SECONDS: Final = 1.0
"""The CPU time for all exact values."""


def rounded_away(passes: Passes) -> int | None:
    """Return the register whose rounding made the value 0; None where 0 is right, and where that is not known.

    0 is right if it is so for the inputs as floats, or for the decimal numbers that they print as.
    """
    if passes.kind is not FLOATS or passes.arrays or not (bound := value_bound(passes)).total:
        return None
    given = {name: passes.values[i] for name, i in passes.tape.inputs.items() if passes.values[i] is not None}
    readings = ({name: read(x) for name, x in given.items()} for read in (Fraction, _decimal))
    try:
        return within(
            SECONDS, lambda: None if any(map(_Exact(passes).is_zero, readings)) else _Exact(passes).worst(bound)
        )
    except (DeadlineError, Fault, ArithmeticError, ValueError, TypeError):
        return None


def _decimal(x: float) -> Fraction:
    return Fraction(repr(x))


class _Exact:
    """Exact values beside the passes' floats."""

    def __init__(self, passes: Passes) -> None:
        self.passes, self.m = passes, Precise(DIGITS)

    def is_zero(self, inputs: dict[str, Fraction]) -> bool:
        """Whether the output is 0 for these inputs."""
        tape = self.passes.tape
        values = forward(tape, self.m, {name: self.m.const(x) for name, x in inputs.items()})
        sizes = (abs(as_fraction(value)) for value in values if value is not None and not isinstance(value, Fault))
        return abs(as_fraction(values[self.passes.graph.output])) <= CANCELLED * max(sizes, default=Fraction(0))

    def worst(self, bound: ErrorBound) -> int | None:
        """Return the operation whose rounding error at its operands as they are changes the output most."""
        adjoints, values = bound.adjoints, self.passes.values
        errors = {}
        for step in self.passes.tape.steps:
            if adjoints[step.target] and not isinstance(values[step.target], Fault):
                exact = self.m.value(step.op, [self.lift(values[i]) for i in step.operands])
                error = Fraction(values[step.target]) - as_fraction(exact)
                errors[step.target] = abs(error * Fraction(adjoints[step.target]))
        worst = max(errors, key=errors.__getitem__, default=None)
        return worst if worst is not None and errors[worst] else None

    def lift(self, value: Any) -> Any:
        return value if isinstance(value, Fault) else self.m.const(Fraction(value))
