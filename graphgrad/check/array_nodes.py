"""Check nodes on arrays: entries against sympy, pullbacks against directional differences: level (b)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import node_text
from graphgrad.backprop.passes import rational
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.higher_precision import HighPrecision, high_precision
from graphgrad.check.node_checks import TOLERANCE, check_nodes, compared_with_sympy, derivative_label
from graphgrad.check.nodes import branch_row
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import witness
from graphgrad.check.value_witness import defined_value
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Arrays
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault, NotFiniteError, Pullback
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["array_rows"]

MAX_NODES: Final = 300
"""The most nodes that are checked one by one; the report counts the rest."""

SAMPLE: Final = 4
"""The number of an array's entries, spread evenly, that are compared with sympy; differences cover all entries."""


def array_rows(passes: Passes) -> list[Row]:
    """Return a row for every node's value and for every edge that carries a contribution back."""
    return check_nodes(passes, _node_rows, MAX_NODES)


def _node_rows(passes: Passes, step: Step) -> Iterator[Row]:
    name = node_text(passes.graph, step.target)
    z, xs = passes.values[step.target], [passes.values[i] for i in step.operands]
    if isinstance(z, Fault):
        return
    try:
        yield from _value_rows(passes, step, name)
        if not all(map(_is_finite, [z, *xs])):
            yield Row("direction", f"∂{name}", "not attempted", note="an entry has no finite value")
            return
        for position in range(len(step.operands)):
            has_classes = holds_classes(step.op, list(map(shape_of, xs)), position)
            if (step.target, position) in passes.backward.contributions and not has_classes:
                yield _direction_row(passes, step, position)
    except NotFiniteError:
        yield Row("direction", f"∂{name}", "not attempted", note="a value leaves what the higher precision can hold")
    except (Fault, SwellError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        yield Row("value", name, "not attempted", note=f"the referee stopped: {error}")


def _is_finite(value: Any) -> bool:
    return not isinstance(value, Fault) and kind_of(value).is_finite(value)


# ---- values


def _value_rows(passes: Passes, step: Step, name: str) -> Iterator[Row]:
    """Yield a node's value and local derivatives: an entrywise operation by its witness, others too if small."""
    z = passes.values[step.target]
    if step.op.on_arrays:
        yield _high_precision_row(passes, step, name)
        return
    rows = [row for place in _sample(z) for row in _entry_rows(passes, step, name, place)]
    for level in ("value", "local"):
        same_level = [row for row in rows if row.level == level]
        if same_level:
            yield _worst(same_level)


def _worst(rows: Sequence[Row]) -> Row:
    """Return the first failure, else the row with the largest relative error."""
    failed = [row for row in rows if row.status == "failed"]
    return failed[0] if failed else max(rows, key=lambda row: (row.status == "ok", row.relative))


def _sample(value: Any) -> list[tuple[int, ...]]:
    """Return the indices of some entries, spread evenly over an array."""
    places: list[tuple[int, ...]] = list(product(*map(range, shape_of(value))))
    return places[:: max(1, len(places) // SAMPLE)][: SAMPLE + 1]


def _entry(value: Any, place: tuple[int, ...]) -> Any:
    """Return the entry of an operand that broadcasting brings to a place of the result.

    >>> import numpy as np
    >>> int(_entry(np.array([[10], [20]]), (1, 2)))
    20
    """
    shape = shape_of(value)
    own = place[len(place) - len(shape) :] if shape else ()
    return value[tuple(i if size > 1 else 0 for i, size in zip(own, shape, strict=True))] if shape else value


def _entry_rows(passes: Passes, step: Step, name: str, place: tuple[int, ...]) -> Iterator[Row]:
    at = f"{list(place)}" if place else ""
    z, xs = _entry(passes.values[step.target], place), [_entry(passes.values[i], place) for i in step.operands]
    if not all(map(_is_finite, [z, *xs])):
        return
    point = [Fraction(x) for x in xs]
    sympys = witness(step.op, len(point), exact=passes.kind.exact)
    row = Row("value", name + at, "ok", _number(z), node=step.target)
    yield compared_with_sympy(row, defined_value(step.op, point, exact=passes.kind.exact), passes.kind)
    if step.target in passes.kinks and not step.op.chooses:
        return
    for position in range(len(step.operands)):
        d = passes.backward.partials.get((step.target, position))
        ours = _entry(d.d, place) if isinstance(d, Pullback) else d
        if ours is None or not _is_finite(ours):
            continue
        row = Row("local", derivative_label(passes, step, position) + at, "ok", _number(ours), node=step.target)
        if step.op.chooses:
            yield branch_row(row, step, position, point, passes.kind)
            continue
        yield compared_with_sympy(row, sympys.partial_or_limit(position, point), passes.kind)


def _number(x: Any) -> Any:
    number = rational(x)
    return number if kind_of(number).exact else float(number)


def _high_precision_row(passes: Passes, step: Step, name: str) -> Row:
    """Return the row of the entry with the largest error against the witness, or the plain rule in higher precision."""
    z, xs = passes.values[step.target], [passes.values[i] for i in step.operands]
    if not all(map(_is_finite, [z, *xs])):
        return Row("value", name, "not attempted", note="its value, or an operand's, is not finite throughout")
    precise = high_precision(step.op, [z, *xs])
    theirs = precise.defined_value(step.op, [precise.lift(x) for x in xs])
    places = list(product(*map(range, shape_of(z)))) if is_array(z) else [()]
    pairs = [
        (precise.as_fraction(_entry(theirs, p)), Fraction(_entry(z, p)), p)
        for p in (places if len(places) < 10**4 else _sample(z))
    ]
    scale = max((abs(t) for t, _, _ in pairs), default=Fraction(0))
    t, ours, place = max(pairs, key=lambda pair: abs(pair[0] - pair[1]), default=(Fraction(0), Fraction(0), ()))
    row = compared("value", f"{name}{list(place) if place else ''}", _number(_entry(z, place)), t, step.target)
    return row if abs(t - ours) <= TOLERANCE * scale or is_underflow(row) else row._replace(status="failed")


# ---- contributions


def _direction_row(passes: Passes, step: Step, position: int) -> Row:
    """Compare the contribution on an edge with a central difference of the node's value along a direction."""
    xs = [passes.values[i] for i in step.operands]
    subject = f"{derivative_label(passes, step, position)} along a direction"
    adjoint, contribution = passes.backward.adjoints[step.target], passes.backward.contributions[step.target, position]
    precise = high_precision(step.op, [passes.values[step.target], *xs])
    direction = _direction(passes, step, position, precise)
    theirs, scale = precise.directional_derivative(step.op, xs, position, direction, adjoint)
    ours = precise.inner_product(contribution, direction)
    row = compared("direction", subject, float(ours), theirs, step.target)
    is_near = abs(Fraction(row.ours) - theirs) <= precise.tolerance * max(scale, abs(theirs))
    return row._replace(relative=0.0, ulps=0.0, theirs=None) if is_near else row._replace(status="failed")


def _direction(passes: Passes, step: Step, position: int, precise: HighPrecision) -> Any:
    """Return a direction along which the node's value is differentiable: it crosses no kink."""
    x = passes.values[step.operands[position]]
    if step.op.chooses:
        return _within_branches(precise.direction(x, step.target + position), x, passes, step)
    if step.op.kink is None:
        return precise.direction(x, step.target + position)
    if step.op.on_arrays:  # with all entries moved alike, the largest stays the largest
        return (
            precise.direction(x, None) if step.target in passes.kinks else precise.direction(x, step.target + position)
        )
    xs = [passes.values[i] for i in step.operands]
    return precise.away_from_kinks(step.op, xs, position, precise.direction(x, step.target + position))


def _within_branches(direction: Any, x: Any, passes: Passes, step: Step) -> Any:
    """Return a direction with 0 in each entry where both branches have one value: the derivative may be either's."""
    m = Arrays()
    first, second = (passes.values[i] for i in step.operands[1:])
    equal = m.np.where(m.np.equal(first, second), 1.0, 0.0)
    ambiguous = m.sum_like(m.np.broadcast_to(equal, shape_of(passes.values[step.target])), x)
    return m.np.where(ambiguous > 0, 0.0, direction)
