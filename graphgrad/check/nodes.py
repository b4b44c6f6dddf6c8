"""Check every node's value and local derivatives at its operands' values against sympy's: level (b)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import node_text
from graphgrad.check.node_checks import check_nodes, compared_with_sympy, derivative_label
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import between, witness
from graphgrad.check.value_witness import defined_value
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["MAX_NODES", "local_rows"]

MAX_NODES: Final = 1_000
"""The most nodes that are checked one by one; the report counts the rest."""


def local_rows(passes: Passes) -> list[Row]:
    """Return a row for every value and every local derivative."""
    return check_nodes(passes, _node_rows, MAX_NODES)


def _node_rows(passes: Passes, step: Step) -> Iterator[Row]:
    name = node_text(passes.graph, step.target)
    value, values = passes.values[step.target], [passes.values[i] for i in step.operands]
    if isinstance(value, Fault):
        return
    if not all(map(_is_usable, [value, *values])):
        yield Row("value", name, "not attempted", note="its value, or an operand's, is beyond float64")
        return
    # An operand without a value was not chosen by `where`: any number may replace it.
    point = [Fraction(0) if isinstance(x, Fault) else Fraction(x) for x in values]
    try:
        yield _value_row(passes, step, name, point)
        for position in range(len(step.operands)):
            if (step.target, position) in passes.backward.partials:
                yield _partial_row(passes, step, position, point)
    except (SwellError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        yield Row("value", name, "not attempted", note=f"sympy stopped: {error}")


def _is_usable(value: Any) -> bool:
    return isinstance(value, Fault) or kind_of(value).is_finite(value)


def _value_row(passes: Passes, step: Step, name: str, point: list[Fraction]) -> Row:
    theirs = defined_value(step.op, point, exact=passes.kind.exact)
    row = Row("value", name, "ok", passes.values[step.target], node=step.target)
    return compared_with_sympy(row, theirs, passes.kind)


def _partial_row(passes: Passes, step: Step, position: int, point: list[Fraction]) -> Row:
    ours = passes.backward.partials[step.target, position]
    subject = derivative_label(passes, step, position)
    if step.target in passes.kinks:
        return _kink_row(step, position, subject, ours, point)
    theirs = witness(step.op, len(point), exact=passes.kind.exact).partial_or_limit(position, point)
    return compared_with_sympy(Row("local", subject, "ok", ours, node=step.target), theirs, passes.kind)


def _kink_row(step: Step, position: int, subject: str, ours: Any, point: list[Fraction]) -> Row:
    sides = witness(step.op, len(point)).both_sides(position, point)
    if sides is None:
        return Row("local", subject, "not attempted", ours, note="sympy finds no one-sided derivatives at this kink")
    return kink_row("local", subject, ours, sides, step.target)


def kink_row(level: str, subject: str, ours: Any, sides: Sequence[Fraction], node: int | None = None) -> Row:
    """Return the row of a derivative at a kink, which must lie between sympy's one-sided derivatives."""
    left, right = (float(side) for side in sides)
    inside = between(ours, sides)
    relation = "between" if inside else "not between"
    note = f"{float(ours):g} is taken, {relation} sympy's one-sided {left:g} and {right:g}"
    return Row(level, subject, "kink" if inside else "failed", ours, None, note=note, node=node)
