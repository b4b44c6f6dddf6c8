"""Run the backward sweep where plain floats do not suffice: undefined steps that do not matter, overflow on the way."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import nan_contribution
from graphgrad.namespaces.many_digits import ManyDigits
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import Adjoints, backward

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.tape import Tape

__all__ = ["backward_pass"]

DIGITS: Final = 20
"""The digits of a sweep in numbers whose exponents do not overflow: more than those of a float."""


def backward_pass(passes: Passes, m: Namespace, values: list[Any], fixed: Collection[int]) -> Adjoints:
    """Return the adjoints of what the output depends on; `fixed` are the registers that depend on no wanted input.

    Raises a `Fault` with its `edge` where one of them needs a local derivative that does not exist. In `x**floor(y)` at
    x = -2, the derivative by the exponent does not exist, but nothing flows back through `floor`: the sweep runs again
    without the adjoints of such operands.
    """
    tape = passes.tape
    try:
        return _swept(tape, m, values, fixed, passes.seed)
    except Fault:
        constant = tape.locally_constant(passes.graph.node(name) for name in passes.wrt)
        if constant == fixed:
            raise
        return _swept(tape, m, values, constant, passes.seed)


def _swept(tape: Tape, m: Namespace, values: list[Any], fixed: Collection[int], seed: Any) -> Adjoints:
    swept = backward(tape, m, values, fixed, seed)
    adjoints = [x for x in swept.adjoints.row if x is not None]
    are_floats = {*map(type, adjoints)} == {float}
    if are_floats and all(map(math.isfinite, adjoints)):
        return swept
    wide = _without_overflow(tape, values, fixed, seed) if are_floats else None
    if wide is not None:
        return wide
    fault = nan_contribution(tape, values, swept)
    if fault is not None:
        raise fault
    return swept


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
    rounded = Adjoints(
        swept.adjoints.mapped(float),
        swept.partials.mapped(_rounded),
        swept.contributions.mapped(float),
        swept.closed,
    )
    return None if any(map(math.isnan, rounded.adjoints.values())) else rounded


def _rounded(d: Any) -> Any:
    return d if isinstance(d, (int, Fault)) else float(d)
