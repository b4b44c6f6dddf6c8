"""Measure the rounding error of each step of a tape, and what it contributes to the error of the output.

Let z be the number that a step computed in floats from its operands as they are. Its rounding error is z minus the
exact value at these operands. Times the adjoint of z it is the step's contribution to the error of the output, with its
sign; the sum of all contributions is the error that happened. The adjoints are taken in many digits at the midpoint
between the computed and the exact values: the sum is then right to second order, and exact for sums and products.

>>> from graphgrad import parse
>>> passes = parse("(x + 1e16) - 1e16").backprop({"x": 1}).passes
>>> {register: float(error) for register, error in rounding_errors(passes.tape, passes.values).items()}
{2: -1.0}
"""

from __future__ import annotations

import math
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.finite_partials import FinitePartials
from graphgrad.backprop.passes import rational
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.many_digits import Precise, as_fraction
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.tape.tape import Tape

__all__ = ["rounding_errors"]

MAX_STEPS: Final = 2_000
"""The most entries of all steps that are measured."""

SECONDS: Final = 1.0
"""The CPU time for one measurement: exp(1e300) alone can take that in many digits."""

MAX_EXPONENT: Final = 20_000
"""The largest binary exponent of a contribution; one below its negative counts as 0."""

DIGITS: Final = 80
"""The digits of the exact values, beside those that the range of the numbers needs."""


def rounding_errors(tape: Tape, values: Sequence[Any], seed: Any = 1) -> dict[int, Fraction] | None:
    """Return each register's contribution to the error of the tape's output, times a seed; None if not measured.

    `values` are the computed numbers in the registers; those of inputs are exact. There is no result for a tape of more
    than `MAX_STEPS` entries, where a number on the way has no finite value, and where it takes longer than `SECONDS`.
    """
    if sum(prod(shape_of(values[step.target])) for step in tape.steps) > MAX_STEPS:
        return None
    try:
        return within(SECONDS, lambda: _Exact(tape, values).contributions(seed))
    except (DeadlineError, Fault, ArithmeticError, ValueError, TypeError, KeyError):
        return None


class _Exact:
    """The exact values of a tape in many digits, beside the computed ones."""

    def __init__(self, tape: Tape, values: Sequence[Any]) -> None:
        """Take the tape and the computed numbers in its registers."""
        numbers = Precise(DIGITS + _orders(values))
        self.tape, self.numbers = tape, numbers
        self.m: Any = Entrywise(numbers) if any(map(is_array, values)) else numbers
        self.computed = [x if x is None or isinstance(x, Fault) else self.lift(x) for x in values]

    def lift(self, value: Any) -> Any:
        """Return a number or an array in many digits."""
        return self.numbers.const(Fraction(rational(value))) if self.m is self.numbers else self.m.lift(value)

    def contributions(self, seed: Any) -> dict[int, Fraction]:
        """Return each register's contribution to the error of the output."""
        exact = forward(self.tape, self.m, {name: self.computed[i] for name, i in self.tape.inputs.items()})
        middle = [_midpoint(a, b) for a, b in zip(self.computed, exact, strict=True)]
        constants = {register: self.computed[register] - exact[register] for register in self.tape.constants}
        errors = {register: error for register, error in constants.items() if error} | self.own_errors()
        partials, right = FinitePartials(self.m), self.right(errors)
        adjoints = backward(self.tape, partials, middle, right, self.lift(seed)).adjoints.row  # type: ignore[arg-type]
        return {i: self.sum_of(adjoints[i] * error) for i, error in errors.items() if adjoints[i] is not None}

    def own_errors(self) -> dict[int, Any]:
        """Return the differences of the steps' numbers from the exact values at their operands as they are, if any."""
        errors = {
            target: self.computed[target] - self.m.value(op, [self.computed[i] for i in operands])
            for target, op, operands in self.tape.steps
            if not isinstance(self.computed[target], Fault)
        }
        return {target: error for target, error in errors.items() if is_array(error) or error}

    def right(self, errors: Mapping[int, Any]) -> set[int]:
        """Return the registers whose computed number is exact: adjoints are not needed beyond them."""
        right = {*self.tape.inputs.values(), *(register for register in self.tape.constants if register not in errors)}
        for target, _, operands in self.tape.steps:
            if target not in errors and right.issuperset(operands):
                right.add(target)
        return right

    def sum_of(self, product: Any) -> Fraction:
        number = self.numbers.context.fsum(product.flat) if is_array(product) else product
        is_tiny = number and self.numbers.context.mag(number) < -MAX_EXPONENT
        return Fraction(0) if is_tiny else as_fraction(number, MAX_EXPONENT)


def _midpoint(a: Any, b: Any) -> Any:
    """Return the mean of a computed and an exact value; what is not there on one side stays as it is."""
    return next((x for x in (a, b) if x is None or isinstance(x, Fault)), None) if _missing(a, b) else (a + b) / 2


def _missing(*values: Any) -> bool:
    return any(x is None or isinstance(x, Fault) for x in values)


def _orders(values: Sequence[Any]) -> int:
    """Return the number of decimal orders between the smallest and the largest number."""
    sizes = [abs(float(x)) for value in values if not _missing(value) for x in getattr(value, "flat", (value,))]
    logs = [math.log10(size) for size in sizes if size and math.isfinite(size)]
    return int(max(logs) - min(logs)) if logs else 0
