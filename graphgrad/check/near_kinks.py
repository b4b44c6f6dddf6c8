"""Find the nodes whose operands are within rounding of a jump or a kink: floats may be on the other side of it."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.error_bound import JUDGED, node_bounds
from graphgrad.backprop.faults import node_text
from graphgrad.check.higher_precision import MAX_MPMATH
from graphgrad.namespaces.array_values import as_floats, is_array, shape_of, unboxed
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.many_digits import MPMATH_DIGITS, Precise
from graphgrad.namespaces.namespace import Fault, NotFiniteError, Pullback
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    if not any(_may_turn(step) for step in passes.tape.steps):
        return []
    try:
        errors = _array_errors(passes) if passes.arrays else node_bounds(passes)
        return [step for step in passes.tape.steps if _may_turn(step) and _turns(passes, step, errors)]
    except (Fault, NotFiniteError, ArithmeticError, ValueError, TypeError):
        return []


def _may_turn(step: Step) -> bool:
    op = step.op
    return not op.on_arrays and (op.kink is not None or op.chooses or op.flat)


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


def _turns(passes: Passes, step: Step, errors: Mapping[int, Any]) -> bool:
    """Whether a step's value or local derivatives are others at operands within the errors of its own."""
    m, op = passes.namespace, step.op
    xs = [passes.values[i] for i in step.operands]
    bounds = [JUDGED * errors.get(i, 0) for i in step.operands]
    z = passes.values[step.target]
    if op.chooses:
        return not isinstance(xs[0], Fault) and _any((abs(xs[0]) <= bounds[0]) & (bounds[0] > 0))
    if isinstance(z, Fault) or any(isinstance(x, Fault) for x in xs) or not any(map(_any, bounds)):
        return False
    for moved in _moved(xs, bounds, m.operations):
        value = m.value(op, list(moved))
        if op.flat and _any(value != z):
            return True
        if op.kink and not op.flat and (_any(op.kink.at(m.operations, *moved)) or _bends(passes, step, value, moved)):
            return True
    return False


def _moved(xs: Sequence[Any], bounds: Sequence[Any], m: Any) -> Iterator[list[Any]]:
    """Yield operands within the bounds: one of them at either end, or two of them equal."""
    total = sum(bounds[1:], bounds[0])
    for i, sign in product(range(len(xs)), (-1, 1)):
        yield [*xs[:i], xs[i] + sign * total, *xs[i + 1 :]]
    for i, j in combinations(range(len(xs)), 2):
        near = m.le(m.abs(xs[i] - xs[j]), bounds[i] + bounds[j])
        yield [*xs[:j], m.where(near, xs[i], xs[j]), *xs[j + 1 :]]


def _bends(passes: Passes, step: Step, value: Any, moved: Sequence[Any]) -> bool:
    """Whether a local derivative at other operands differs from the one at the step's own."""
    m, op = passes.namespace, step.op
    xs, z = [passes.values[i] for i in step.operands], passes.values[step.target]
    for position in range(len(xs)):
        here, there = (_factor(m.partial(op, position, at, list(ys))) for at, ys in ((z, xs), (value, moved)))
        if _any(here != there):
            return True
    return False


def _factor(d: Any) -> Any:
    return d.d if isinstance(d, Pullback) else d


def _any(condition: Any) -> bool:
    return bool(condition.any()) if is_array(condition) else bool(condition)
