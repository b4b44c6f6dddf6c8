"""Check every node's value and local derivatives at its operands' values against sympy's: level (b)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import node_text
from graphgrad.base.arguments import as_float
from graphgrad.check.node_checks import check_nodes, compared_with_sympy, derivative_label
from graphgrad.check.report import Row, compared
from graphgrad.check.sympy_witness import witness
from graphgrad.check.value_witness import defined_value
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.rationals import Exact
from graphgrad.namespaces.symbolic import SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.base.time_limit import Budget
    from graphgrad.check.one_sided import OneSided
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Step

__all__ = ["MAX_NODES", "branch_row", "kink_row", "local_rows"]

MAX_NODES: Final = 10_000
"""The most nodes that are checked one by one; the report counts the rest."""


def local_rows(passes: Passes, budget: Budget) -> list[Row]:
    """Return a row for every value and every local derivative that half of the time left is enough for."""
    return check_nodes(passes, _node_rows, MAX_NODES, budget)


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
    if step.op.chooses:
        row = Row("local", subject, "ok", ours, node=step.target)
        return branch_row(row, step, position, point, passes.kind)
    if step.target in passes.kinks:
        return _kink_row(passes, step, position, ours, point)
    if _is_own_kink(step, point):
        row = _kink_row(passes, step, position, ours, point)
        return row._replace(status="ok", note="") if row.status == "kink" else row
    theirs = witness(step.op, len(point), exact=passes.kind.exact).partial_or_limit(position, point)
    return compared_with_sympy(Row("local", subject, "ok", ours, node=step.target), theirs, passes.kind)


def branch_row(row: Row, step: Step, position: int, point: Sequence[Fraction], kind: Kind) -> Row:
    """Return the row of a choice's derivative; where both branches have one value, either may be the one taken."""
    condition, *branches = point
    taken = [condition, Fraction(not condition)] if branches[0] == branches[1] else [condition]
    sympys = witness(step.op, len(point), exact=kind.exact)
    rows = [compared_with_sympy(row, sympys.partial(position, [c, *branches]), kind) for c in taken]
    return next((row for row in rows if row.status == "ok"), rows[0])


def _is_own_kink(step: Step, point: list[Fraction]) -> bool:
    """Whether the operation has no derivative at its operands, although the output may have one there."""
    return step.op.kink is not None and bool(step.op.kink.at(Exact().operations, *point))


def _kink_row(passes: Passes, step: Step, position: int, ours: Any, point: list[Fraction]) -> Row:
    subject = derivative_label(passes, step, position)
    sides = witness(step.op, len(point)).both_sides(position, point)
    if sides is None:
        return Row("local", subject, "not attempted", ours, note="sympy finds no derivative beside this kink")
    row = kink_row("local", subject, ours, sides, step.target)
    return compared_with_sympy(row, row.theirs, passes.kind) if row.theirs is not None else row


def kink_row(level: str, subject: str, ours: Any, sides: OneSided, node: int | None = None) -> Row:
    """Return the row of a derivative at a kink.

    Where both sides agree, they are the derivative and the row compares it; its status is "ok" until a tolerance is
    applied. Elsewhere the number must lie between them, and the status is "kink" or "failed".
    """
    theirs = sides.derivative(ours)
    if theirs is not None:
        return compared(level, subject, ours, theirs, node)
    note = _sides_note(ours, sides)
    allowed = sides.admits(ours) and not sides.is_infinite
    return Row(level, subject, "kink" if allowed else "failed", ours, None, note=note, node=node)


def _sides_note(ours: Any, sides: OneSided) -> str:
    """Return what is taken at a kink, and what is beside it."""
    left, right = (f"{as_float(limit):g}" for limit in sides.limits)
    taken, whose = f"{as_float(ours):g} is taken", sides.whose
    if sides.jumps:
        fits = "" if sides.admits(ours) else f", which is not between {whose} {left} and {right} beside it"
        return f"the value jumps there, so that it has no derivative; {taken}{fits}"
    if sides.is_infinite:
        return f"{taken}, and {whose} derivative is infinite there ({right})"
    return f"{taken}, {'' if sides.admits(ours) else 'not '}between {whose} one-sided {left} and {right}"
