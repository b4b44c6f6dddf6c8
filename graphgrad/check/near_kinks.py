"""Find the nodes whose operands are within rounding of a jump or a kink: floats may be on the other side of it."""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.error_bound import node_bounds
from graphgrad.backprop.faults import node_text
from graphgrad.backprop.turning_steps import may_turn, turns
from graphgrad.check.higher_precision import MAX_MPMATH
from graphgrad.namespaces.array_values import as_floats, shape_of, unboxed
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.many_digits import MPMATH_DIGITS, Precise
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["jumps_within_rounding", "kinks_within_rounding", "within_rounding_note"]


def jumps_within_rounding(passes: Passes) -> tuple[int, ...]:
    """Return the nodes whose value may be that of the other side of a jump, since their operands are rounded.

    In floats, 0.29*100 is 28.999999999999996, and 29 is within its rounding; 29.5 is not near a jump:

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> graph = build("floor(x*y)", parse("floor(x*y)"))
    >>> [jumps_within_rounding(backprop(graph, {"x": x, "y": 100})) for x in (0.29, 0.295)]
    [(3,), ()]
    """
    return tuple(step.target for step in _within_rounding(passes) if step.op.flat or step.op.chooses)


def kinks_within_rounding(passes: Passes) -> tuple[int, ...]:
    """Return the nodes whose value or derivative may be that of the other side of a jump or kink.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> graph = build("abs(x + y - 0.3)", parse("abs(x + y - 0.3)"))
    >>> [kinks_within_rounding(backprop(graph, {"x": x, "y": 0.2})) for x in (0.1, 0.2)]
    [(5,), ()]
    """
    return tuple(step.target for step in _within_rounding(passes))


def within_rounding_note(passes: Passes) -> str:
    """Return a note on the first node within rounding of a jump or a kink; empty where there is none.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> within_rounding_note(backprop(build("floor(x*y)", parse("floor(x*y)")), {"x": 0.29, "y": 100}))
    'floor(x*y) is at a jump within rounding; floats are read as their binary values, exact and precision read decimals'
    """
    steps = _within_rounding(passes)
    if not steps:
        return ""
    first = next((step for step in steps if step.op.flat or step.op.chooses), steps[0])
    what = "jump" if first.op.flat or first.op.chooses else "kink"
    reading = "floats are read as their binary values, exact and precision read decimals"
    return f"{node_text(passes.graph, first.target)} is at a {what} within rounding; {reading}"


def _within_rounding(passes: Passes) -> list[Step]:
    if not any(may_turn(step) for step in passes.tape.steps):
        return []
    try:
        errors = _array_errors(passes) if passes.arrays else node_bounds(passes)
        return [step for step in passes.tape.steps if may_turn(step) and turns(passes, step, errors)]
    except (Fault, NotFiniteError, ArithmeticError, ValueError, TypeError):
        return []


def _array_errors(passes: Passes) -> Mapping[int, Any]:
    """Return the errors of nodes on arrays: the distance of their entries from those in higher precision."""
    if sum(prod(shape_of(value)) for value in passes.values) > MAX_MPMATH:
        return _errors_of_many(passes)
    m = Entrywise(Precise(MPMATH_DIGITS))
    exact = forward(passes.tape, m, {name: m.lift(value) for name, value in passes.inputs.items()})
    errors = {}
    for node, (ours, theirs) in enumerate(zip(passes.values, exact, strict=True)):
        with suppress(Fault, TypeError):  # a branch not taken may have no value
            errors[node] = unboxed(as_floats(abs(m.np.asarray(theirs - m.lift(ours), dtype=object)[()])))
    return errors


def _errors_of_many(passes: Passes) -> Mapping[int, Any]:
    m = Arrays("longdouble")
    exact = forward(passes.tape, m, {name: m.dtype(value) for name, value in passes.inputs.items()})
    pairs = zip(passes.values, exact, strict=True)
    return {
        node: unboxed(m.np.asarray(abs(theirs - ours), float)[()])
        for node, (ours, theirs) in enumerate(pairs)
        if theirs is not None and not isinstance(ours, Fault)
    }
