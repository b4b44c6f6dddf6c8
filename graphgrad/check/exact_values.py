"""Compute a graph of arrays as if nothing were rounded, with the decisions that the rounded numbers took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from graphgrad.backprop.passes import rational
from graphgrad.check.higher_precision import are_few
from graphgrad.check.judged import digits_of_reference
from graphgrad.check.near_kinks import jumps_within_rounding
from graphgrad.namespaces.arrays import namespace_of_arrays
from graphgrad.namespaces.floats import FLOATS, FloatKind
from graphgrad.namespaces.many_digits import ManyDigits
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["at_exact_values", "with_decisions_taken"]


def with_decisions_taken(passes: Passes) -> Passes:
    """Return the passes with each decision that is within rounding of a jump given as an input, as it was taken.

    In floats, 0.3*100 is 30, which no number near the float 0.3 gives exactly:

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> graph = build("sum(floor(x*100))", parse("sum(floor(x*100))"))
    >>> decided = with_decisions_taken(backprop(graph, {"x": [0.3, 0.305]}))
    >>> [value.tolist() for value in decided.inputs.values()]
    [[0.3, 0.305], [30.0, 30.0]]
    """
    jumps = set(jumps_within_rounding(passes))
    if not jumps:
        return passes
    steps = [step for step in passes.tape.steps if step.target in jumps]
    given = {step.operands[0] if step.op.chooses else step.target for step in steps} - passes.tape.constants.keys()
    given -= set(passes.tape.inputs.values())
    names = {f"decision {node}": node for node in sorted(given)}  # names in a text have no spaces
    left = tuple(step for step in passes.tape.steps if step.target not in given)
    tape = replace(passes.tape, inputs={**passes.tape.inputs, **names}, steps=left)
    taken = {name: passes.values[node] for name, node in names.items()}
    return replace(passes, tape=tape, inputs={**passes.inputs, **taken})


@dataclass(frozen=True)
class _RoundedAsFloats(ManyDigits):
    """Numbers of many digits that bounds take to be rounded as floats are."""

    @property
    def unit_roundoff(self) -> Any:
        return self.namespace.context.mpf(FLOATS.unit_roundoff)

    @property
    def smallest(self) -> Any:
        return self.namespace.context.mpf(FLOATS.smallest)

    def reading_error(self, value: Any) -> Any:
        return value * 0


class _LongDoubles(FloatKind):
    """Long doubles for larger arrays, which bounds take to be rounded as floats are."""

    dtype: ClassVar[str] = "longdouble"


def _lifted(m: Any, value: Any) -> Any:
    return m.lift(rational(value))


def at_exact_values(passes: Passes) -> Passes | None:
    """Return the passes with the values that they have without rounding, of floats; None for others.

    The mean value theorem bounds the error of f by |f'| between the rounded and the exact numbers. The bound of first
    order takes f' at the rounded ones: at (x - y)**2 where x - y is 0 but for rounding, it is 0 there alone.
    """
    if passes.kind.dtype != FLOATS.dtype:
        return None
    few = are_few([value for value in passes.values if value is not None])
    kind = _RoundedAsFloats(round(digits_of_reference(passes.kind))) if few else _LongDoubles()
    m: Any = namespace_of_arrays(kind)
    lifted = partial(_lifted, m) if few else m.dtype
    inputs = {name: lifted(value) for name, value in passes.inputs.items()}
    try:
        values = forward(passes.tape, m, inputs)
    except (Fault, NotFiniteError, ArithmeticError, ValueError, TypeError):
        return None
    if not few:  # bounds recognise floats that hold a constant exactly
        values = [passes.values[i] if i in passes.tape.constants else value for i, value in enumerate(values)]
    return replace(passes, kind=kind, inputs=inputs, values=values, seed=lifted(passes.seed))
