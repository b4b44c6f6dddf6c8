"""Find the results within the tape of a step that tell whether Python's floats would raise an error there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.compile.hidden_nans import nan_hiding_places
from graphgrad.ops.op import Interval

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Flaws", "flaws", "inner_hiding_places"]

QUOTIENT: Final = "truediv"
"""What Python calls a division."""

ALONE: Final = 1
"""The steps of a tape whose only result is seen by whoever runs it."""


class Flaws(NamedTuple):
    """What would raise an error, where machine code and NumPy go on with an infinite number or with nan.

    Attributes:
        infinite: the registers that have to be finite.
        zero: the registers that must not be 0.
    """

    infinite: tuple[int, ...] = ()
    zero: tuple[int, ...] = ()


def flaws(tape: Tape) -> Flaws:
    """Return the divisors of a tape of several steps, and the results of its functions with poles.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> flaws(m.tape([m.atan(1 / x) + m.log(y)]))
    Flaws(infinite=(5,), zero=(0,))
    """
    if len(tape.steps) <= ALONE:
        return Flaws()
    quotients = [step for step in tape.steps if step.op.dunder == QUOTIENT]
    functions = [step for step in tape.steps if step.op.dunder != QUOTIENT and _has_poles(step.op)]
    zero = dict.fromkeys(step.operands[1] for step in quotients if step.operands[1] not in tape.constants)
    return Flaws(tuple(step.target for step in functions), tuple(zero))


def _has_poles(op: Op) -> bool:
    """Whether an operation is defined on a part of the numbers only."""
    return any(domain != Interval(-math.inf, math.inf) for domain in op.on)


def inner_hiding_places(tape: Tape) -> list[int]:
    """Return the results of steps whose nan may not reach an output."""
    return sorted({*nan_hiding_places(tape)}.difference(tape.inputs.values(), tape.constants))
