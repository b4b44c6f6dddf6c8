"""Check nodes on arrays: entries against sympy, pullbacks against directional differences: level (b).

A number is judged by the bound of its rounding: a value by what its row declares, a pullback by the recorded steps of
its rule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import GradientErrors
from graphgrad.backprop.faults import node_text
from graphgrad.backprop.passes import rational
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.differences import Line, directions, smallest_size
from graphgrad.check.entries import entry, number, sample, worst
from graphgrad.check.higher_precision import Precisions, are_few, refuse_too_many, value_row_in
from graphgrad.check.judged import judged
from graphgrad.check.node_checks import check_nodes, derivative_label
from graphgrad.check.nodes import branch_row
from graphgrad.check.one_operation import one_operation, operand_name
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import witness
from graphgrad.check.value_witness import defined_value
from graphgrad.namespaces.array_structure import Structure
from graphgrad.namespaces.array_values import broadcast_to, is_array, shape_of
from graphgrad.namespaces.arrays import Arrays
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault, NotFiniteError, Pullback
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.higher_precision import HighPrecision
    from graphgrad.ops.op import Op, Step

__all__ = ["array_rows"]

MAX_NODES: Final = 300
"""The most nodes that are checked one by one; the report counts the rest."""


def array_rows(passes: Passes) -> list[Row]:
    """Return a row for every node's value and for every edge that carries a contribution back."""
    np = Structure().np
    with np.errstate(all="ignore"):
        return check_nodes(passes, partial(_node_rows, precisions=Precisions()), MAX_NODES)


def _node_rows(passes: Passes, step: Step, precisions: Precisions) -> Iterator[Row]:
    node = _Node(passes, step, precisions)
    if isinstance(node.z, Fault):
        return
    try:
        yield from node.value_rows()
        if not all(map(_is_finite, [node.z, *node.xs])):
            yield Row("direction", f"∂{node.name}", "not attempted", note="an entry has no finite value")
            return
        for position in range(len(step.operands)):
            has_classes = holds_classes(step.op, list(map(shape_of, node.xs)), position)
            if (step.target, position) in passes.backward.contributions and not has_classes:
                yield node.direction_row(position)
    except NotFiniteError:
        note = "a value leaves what the higher precision can hold"
        yield Row("direction", f"∂{node.name}", "not attempted", note=note)
    except OverflowError:
        note = "a number on the way is beyond float64"
        yield Row("direction", f"∂{node.name}", "not attempted", note=note)
    except (Fault, SwellError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        yield Row("value", node.name, "not attempted", note=f"the referee stopped: {error}")


def _is_finite(value: Any) -> bool:
    return not isinstance(value, Fault) and kind_of(value).is_finite(value)


@dataclass(frozen=True)
class _Node:
    """One step with its value and operands."""

    passes: Passes
    step: Step
    precisions: Precisions

    @property
    def op(self) -> Op:
        return self.step.op

    @property
    def z(self) -> Any:
        return self.passes.values[self.step.target]

    @property
    def xs(self) -> list[Any]:
        return [self.passes.values[i] for i in self.step.operands]

    @property
    def name(self) -> str:
        return node_text(self.passes.graph, self.step.target)

    @cached_property
    def alone(self) -> Passes:
        return one_operation(self.passes, self.step)

    @cached_property
    def rounding(self) -> Any:
        """The bound of the rounding of each entry of the value, in the shape of the value."""
        np = Structure().np
        kind, m = self.passes.kind, self.passes.namespace
        if not kind.unit_roundoff:
            return broadcast_to(0.0, shape_of(self.z))[()]
        with np.errstate(all="ignore"):
            size = self.op.rounding_error(m.operations, self.z, *self.xs) * kind.unit_roundoff + kind.smallest
        return broadcast_to(size, shape_of(self.z))[()]

    # ---- values

    def value_rows(self) -> Iterator[Row]:
        """Yield the value and the local derivatives: an entrywise operation by sympy, any other by its witness."""
        if self.op.on_arrays:
            yield self.high_precision_row()
            return
        rows = [row for place in sample(self.z) for row in self.entry_rows(place)]
        for level in ("value", "local"):
            same_level = [row for row in rows if row.level == level]
            if same_level:
                yield worst(same_level)

    def entry_rows(self, place: tuple[int, ...]) -> Iterator[Row]:
        at = f"{list(place)}" if place else ""
        z, xs = entry(self.z, place), [entry(x, place) for x in self.xs]
        if not all(map(_is_finite, [z, *xs])):
            return
        point = [Fraction(rational(x)) for x in xs]
        sympys = witness(self.op, len(point), exact=self.passes.kind.exact)
        theirs = defined_value(self.op, point, exact=self.passes.kind.exact)
        yield self.judged("value", self.name + at, z, theirs, entry(self.rounding, place))
        if self.step.target in self.passes.kinks and not self.op.chooses:
            return
        alone = self.alone_at(z, xs)
        for position in range(len(xs)):
            d = self.passes.backward.partials.get((self.step.target, position))
            ours = entry(d.d, place) if isinstance(d, Pullback) else d
            if ours is None or not _is_finite(ours):
                continue
            label = derivative_label(self.passes, self.step, position) + at
            if self.op.chooses:
                row = Row("local", label, "ok", number(ours), node=self.step.target)
                yield branch_row(row, self.step, position, point, self.passes.kind)
                continue
            name = operand_name(position)
            bound = GradientErrors.of(alone, [name]).bound(name, alone.seed).total
            yield self.judged("local", label, ours, sympys.partial_or_limit(position, point), bound)

    def alone_at(self, z: Any, xs: Sequence[Any]) -> Passes:
        """Return the passes of the operation at one entry, with an adjoint of 1."""
        m = self.passes.kind.namespace
        numbers = [m.const(Fraction(rational(x))) for x in (*xs, z)]
        inputs = dict(zip(self.alone.inputs, numbers, strict=False))
        return replace(self.alone, inputs=inputs, values=numbers, seed=m.const(Fraction(1)), arrays=False)

    def judged(self, level: str, subject: str, ours: Any, theirs: Fraction | None, bound: Any) -> Row:
        row = Row(level, subject, "ok", number(ours), node=self.step.target)
        if theirs is None:
            return row._replace(status="not attempted", note="sympy finds no number here")
        return judged(row, theirs, bound, self.passes.kind)

    def high_precision_row(self) -> Row:
        """Return the row of the entry that is furthest from its witness in higher precision, by its bound."""
        z, xs = self.z, self.xs
        if not all(map(_is_finite, [z, *xs])):
            return Row("value", self.name, "not attempted", note="its value, or an operand's, is not finite throughout")
        refuse_too_many([z, *xs], self.op)
        return value_row_in(self.precisions, self.few, self.passes.kind, self.compared_value)

    @cached_property
    def few(self) -> bool:
        return are_few([self.z, *self.xs])

    def compared_value(self, precise: HighPrecision) -> Row:
        np, theirs = precise.np, precise.defined_value(self.op, [precise.lift(x) for x in self.xs])
        bounds = precise.lift(self.rounding)
        ratios = np.abs(theirs - precise.lift(self.z)) / np.where(bounds > 0, bounds, 1)
        if not np.size(ratios):
            return Row("value", self.name, "ok", node=self.step.target)
        shape = shape_of(self.z)
        place = tuple(map(int, np.unravel_index(np.argmax(ratios), shape))) if shape else ()
        subject = f"{self.name}{list(place) if place else ''}"
        right, bound = precise.as_fraction(entry(theirs, place)), entry(self.rounding, place)
        return self.judged("value", subject, entry(self.z, place), right, bound)

    # ---- contributions

    def direction_row(self, position: int) -> Row:
        """Compare the contribution on an edge with differences of the node's value along a direction."""
        subject = f"{derivative_label(self.passes, self.step, position)} along a direction"
        contribution = self.passes.backward.contributions[self.step.target, position]
        row, name = Row("direction", subject, "ok", node=self.step.target), operand_name(position)
        errors = GradientErrors.of(self.alone, [name])
        bounded = [
            (line, errors.bound(name, line.direction).total) for line in self.lines(position, contribution, errors)
        ]
        return worst([line.row(row, contribution, bound, self.passes.kind) for line, bound in bounded])

    def lines(self, position: int, contribution: Any, errors: GradientErrors) -> Iterator[Line]:
        """Yield lines along which the node's value is differentiable: they cross no kink."""
        np = Structure().np
        x, few = self.xs[position], self.few
        refuse_too_many([self.z, *self.xs], self.op)
        least = smallest_size(self.xs, typical=not few)
        line = Line(partial(self.terms, position), x, np.ones(shape_of(x)), least, self.size, self.precisions, not few)
        if self.op.kink and self.op.on_arrays and self.step.target in self.passes.kinks:
            yield line  # with all entries moved alike, the largest stays the largest
            return
        for each in directions(errors, operand_name(position), contribution, line, self.step.target + position):
            along = replace(line, direction=each)
            if self.op.chooses:
                yield replace(along, direction=self.within_branches(each, x))
            else:
                yield (
                    along
                    if self.op.kink is None or self.op.on_arrays
                    else replace(along, direction=along.without_kinks())
                )

    def within_branches(self, direction: Any, x: Any) -> Any:
        """Return a direction with 0 in each entry where both branches are equal: the derivative may be either's."""
        m, (first, second) = Arrays(), self.xs[1:]
        equal = m.np.where(m.np.equal(first, second), 1.0, 0.0)
        ambiguous = m.sum_like(m.np.broadcast_to(equal, shape_of(self.z)), x)
        return m.np.where(ambiguous > 0, 0.0, direction)

    def terms(self, position: int, precise: HighPrecision, operand: Any) -> Any:
        """Return the products of the value's entries and its adjoint's, with another operand in one position."""
        xs = [operand if i == position else precise.lift(x) for i, x in enumerate(self.xs)]
        return precise.lift(self.passes.backward.adjoints[self.step.target]) * precise.value(self.op, xs)

    @cached_property
    def size(self) -> float:
        """The size of the terms whose rounding the products of value and adjoint have."""
        return _weighted_size(self.passes, self.passes.backward.adjoints[self.step.target], self.z, self.rounding)


def _weighted_size(passes: Passes, adjoint: Any, value: Any, rounding: Any) -> float:
    """Return the sum of |adjoint| times |value|, and times the value's rounding in units of the unit roundoff."""
    u = passes.kind.unit_roundoff
    size = abs(value) + (rounding / u if u else 0)
    return float(rational((abs(adjoint) * size + 0).sum() if is_array(value) else abs(adjoint) * size))
