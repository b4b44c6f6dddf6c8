"""Run the backward sweep where plain floats do not suffice: undefined steps that do not matter, overflow on the way."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import nan_contribution
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.many_digits import ManyDigits
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import backward

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.backprop.prepared import Prepared
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape

__all__ = ["backward_pass"]

DIGITS: Final = 20
"""The digits of a sweep in numbers whose exponents do not overflow: more than those of a float."""


def backward_pass(plan: Prepared, m: Namespace, values: list[Any], seed: Any) -> Adjoints:
    """Return the adjoints of what the output depends on, where that depends on a wanted input.

    Raises a `Fault` with its `edge` where one of them needs a local derivative that does not exist. In `x**floor(y)` at
    x = -2, the derivative by the exponent does not exist, but nothing flows back through `floor`: the sweep runs again
    without the adjoints of such operands.
    """
    try:
        return _swept(plan.tape, m, values, plan.fixed, seed)
    except Fault:
        constant = plan.tape.locally_constant(plan.wanted)
        if constant == plan.fixed:
            raise
        return _swept(plan.tape, m, values, constant, seed)


def _swept(tape: Tape, m: Namespace, values: list[Any], fixed: Collection[int], seed: Any) -> Adjoints:
    try:
        swept = backward(tape, m, values, fixed, seed)
    except Fault as raised:
        raise _first_fault(tape, values, raised, lambda later: backward(later, m, values, fixed, seed)) from None
    are_floats = {float, NoneType}.issuperset(map(type, swept.row))
    if are_floats and _are_finite(swept.row):
        return swept
    wide = _without_overflow(tape, values, fixed, seed) if are_floats else None
    if wide is not None:
        return wide
    fault = nan_contribution(tape, values, swept)
    if fault is not None:
        raise fault
    return swept


def _first_fault(tape: Tape, values: list[Any], fault: Fault, sweep: Callable[[Tape], Adjoints]) -> Fault:
    """Return the fault at the edge where it arose: an entry of an array may go through more steps before it is raised.

    In `sum(tanh(exp(cumsum(x))))` with an infinite power, the adjoint of the sums has an entry without a value, which
    comes from the power, and is raised at the sums.
    """
    if fault.edge is None or not any(map(is_array, values)):
        return fault
    raised_at = fault.edge[0]
    later = replace(tape, steps=tuple(step for step in tape.steps if step.target > raised_at))
    try:
        found = nan_contribution(later, values, sweep(later))
    except Fault:
        return fault
    return fault if found is None else found


def _are_finite(row: Sequence[float | None]) -> bool:
    """Whether all floats of a row are finite: their sum is, in all but the rarest cases."""
    return math.isfinite(sum(filter(None, row))) or all(math.isfinite(x) for x in row if x is not None)


def _without_overflow(tape: Tape, values: Sequence[Any], fixed: Collection[int], seed: float) -> Adjoints | None:
    """Return the sweep in numbers whose exponents do not overflow, rounded to floats; None where that fails.

    The derivative of `log1p(x/y)` by y at y = 1e-160 is a product of two local derivatives, 1e-160 and -1e320.
    """
    m = ManyDigits(DIGITS).namespace
    known = [value for value in values if type(value) is float]
    if not all(map(math.isfinite, known)):
        return None
    wide = [m.const(Fraction(value)) if type(value) is float else value for value in values]
    try:
        swept = backward(tape, m, wide, fixed, m.const(Fraction(seed)))
    except Fault:
        return None
    rounded = swept.mapped(float, _rounded, float)
    return None if any(map(math.isnan, rounded.adjoints.values())) else rounded


def _rounded(d: Any) -> Any:
    return d if isinstance(d, (int, Fault)) else float(d)
