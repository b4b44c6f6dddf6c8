"""Level (b) for arrays: entries against sympy, and what flows back against differences in higher precision."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import written
from graphgrad.backprop.passes import rational
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.higher_precision import Finer, finer
from graphgrad.check.judging import TOLERANCE, each_node, judged, subject_of
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import witness
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault, NotFiniteError, Pullback
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["array_rows"]

MAX_NODES: Final = 300
"""So many nodes are checked one by one; the report counts the rest."""

SAMPLE: Final = 4
"""So many entries of an array are held against sympy, spread over it; all of them are held against differences."""


def array_rows(passes: Passes) -> list[Row]:
    """Return the rows of every node's value, and of every edge that something flows back on."""
    return each_node(passes, _node_rows, MAX_NODES)


def _node_rows(passes: Passes, step: Step) -> Iterator[Row]:
    name = written(passes.graph, step.target)
    z, xs = passes.values[step.target], [passes.values[i] for i in step.operands]
    if isinstance(z, Fault):
        return
    try:
        yield from _value_rows(passes, step, name)
        if not all(map(_is_finite, [z, *xs])):
            yield Row("direction", f"∂{name}", "not attempted", note="an entry has no finite value")
            return
        for position in range(len(step.operands)):
            counted = holds_classes(step.op, list(map(shape_of, xs)), position)
            if (step.target, position) in passes.found.contributions and not counted:
                yield _direction_row(passes, step, position)
    except NotFiniteError:
        yield Row("direction", f"∂{name}", "not attempted", note="a value leaves what the higher precision can hold")
    except (Fault, SwellError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        yield Row("value", name, "not attempted", note=f"the referee stopped: {error}")


def _is_finite(value: Any) -> bool:
    return not isinstance(value, Fault) and kind_of(value).is_finite(value)


# ---- values


def _value_rows(passes: Passes, step: Step, name: str) -> Iterator[Row]:
    """Yield the value's row: by sympy at some entries of what works entry by entry, else by the plain rule."""
    z = passes.values[step.target]
    if step.op.on_arrays:
        yield _finer_value(passes, step, name)
        return
    judged = [row for place in _sample(z) for row in _entry_rows(passes, step, name, place)]
    for level in ("value", "local"):
        found = [row for row in judged if row.level == level]
        if found:
            yield _worst(found)


def _worst(rows: Sequence[Row]) -> Row:
    bad = [row for row in rows if row.status == "failed"]
    return bad[0] if bad else max(rows, key=lambda row: (row.status == "ok", row.relative))


def _sample(value: Any) -> list[tuple[int, ...]]:
    """Return places of some entries, spread over an array."""
    places: list[tuple[int, ...]] = list(product(*map(range, shape_of(value))))
    return places[:: max(1, len(places) // SAMPLE)][: SAMPLE + 1]


def _entry(value: Any, place: tuple[int, ...]) -> Any:
    """Return the entry that was broadcast to a place of the result."""
    shape = shape_of(value)
    own = place[len(place) - len(shape) :] if shape else ()
    return value[tuple(i if size > 1 else 0 for i, size in zip(own, shape, strict=True))] if shape else value


def _entry_rows(passes: Passes, step: Step, name: str, place: tuple[int, ...]) -> Iterator[Row]:
    at = f"{list(place)}" if place else ""
    z, xs = _entry(passes.values[step.target], place), [_entry(passes.values[i], place) for i in step.operands]
    if not all(map(_is_finite, [z, *xs])):
        return
    point = [Fraction(x) for x in xs]
    found = witness(step.op, len(point), exact=passes.kind.exact)
    row = Row("value", name + at, "ok", _number(z), node=step.target)
    yield judged(row, found.value(point), passes.kind)
    if step.target in passes.kinks:
        return
    for position in range(len(step.operands)):
        d = passes.found.partials.get((step.target, position))
        ours = _entry(d.d, place) if isinstance(d, Pullback) else d
        if ours is None or not _is_finite(ours):
            continue
        row = Row("local", subject_of(passes, step, position) + at, "ok", _number(ours), node=step.target)
        yield judged(row, found.partial_or_limit(position, point), passes.kind)


def _number(x: Any) -> Any:
    number = rational(x)
    return number if kind_of(number).exact else float(number)


def _finer_value(passes: Passes, step: Step, name: str) -> Row:
    """Return the row of the entry furthest from the plain rule's in higher precision."""
    z, xs = passes.values[step.target], [passes.values[i] for i in step.operands]
    if not all(map(_is_finite, [z, *xs])):
        return Row("value", name, "not attempted", note="its value, or an operand's, is not finite throughout")
    fine = finer(step.op, [z, *xs])
    theirs = fine.m.value(step.op, [fine.lift(x) for x in xs])
    places = list(product(*map(range, shape_of(z)))) if is_array(z) else [()]
    pairs = [
        (fine.number(_entry(theirs, p)), Fraction(_entry(z, p)), p)
        for p in (places if len(places) < 10**4 else _sample(z))
    ]
    scale = max((abs(t) for t, _, _ in pairs), default=Fraction(0))
    t, ours, place = max(pairs, key=lambda pair: abs(pair[0] - pair[1]), default=(Fraction(0), Fraction(0), ()))
    row = compared("value", f"{name}{list(place) if place else ''}", _number(_entry(z, place)), t, step.target)
    return row if abs(t - ours) <= TOLERANCE * scale or is_underflow(row) else row._replace(status="failed")


# ---- what flows back


def _direction_row(passes: Passes, step: Step, position: int) -> Row:
    """Return the row of what flows back on an edge, against the difference of the node's value along a direction."""
    xs = [passes.values[i] for i in step.operands]
    subject = f"{subject_of(passes, step, position)} along a direction"
    adjoint, flow = passes.found.adjoints[step.target], passes.found.contributions[step.target, position]
    fine = finer(step.op, [passes.values[step.target], *xs])
    direction = _direction(passes, step, position, fine)
    theirs, scale = fine.slope(step.op, xs, position, direction, adjoint)
    ours = fine.paired(flow, direction)
    row = compared("direction", subject, float(ours), theirs, step.target)
    near = abs(Fraction(row.ours) - theirs) <= fine.tolerance * max(scale, abs(theirs))
    return row._replace(relative=0.0, ulps=0.0, theirs=None) if near else row._replace(status="failed")


def _direction(passes: Passes, step: Step, position: int, fine: Finer) -> Any:
    """Return a direction in which the node's value has a derivative: away from kinks."""
    x = passes.values[step.operands[position]]
    if step.op.kink is None:
        return fine.direction(x, step.target + position)
    if step.op.on_arrays:  # along all entries alike, the largest and the smallest move alike
        return fine.direction(x, None) if step.target in passes.kinks else fine.direction(x, step.target + position)
    xs = [passes.values[i] for i in step.operands]
    return fine.smooth(step.op, xs, position, fine.direction(x, step.target + position))
