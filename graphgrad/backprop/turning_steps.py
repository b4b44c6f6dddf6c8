"""Tell whether a step jumps or bends within the errors of its operands."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from graphgrad.backprop.error_bound import JUDGED
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.namespace import Fault, Pullback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["may_turn", "turns"]


def may_turn(step: Step) -> bool:
    """Whether an operation on numbers has jumps or kinks at all."""
    op = step.op
    return not op.on_arrays and (op.kink is not None or op.chooses or op.flat)


def turns(passes: Passes, step: Step, errors: Mapping[int, Any]) -> bool:
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
        if isinstance(value, Fault):  # the end of the domain is within the errors
            return True
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
        if isinstance(here, Fault) or isinstance(there, Fault):
            return not (isinstance(here, Fault) and isinstance(there, Fault))
        if _any(here != there):
            return True
    return False


def _factor(d: Any) -> Any:
    return d.d if isinstance(d, Pullback) else d


def _any(condition: Any) -> bool:
    return bool(condition.any()) if is_array(condition) else bool(condition)
