"""Check every partial derivative of the whole expression against `sympy.diff`: level (c)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import gradient_bounds
from graphgrad.backprop.faults import node_text
from graphgrad.backprop.result_warnings import overflowed_nodes
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.node_checks import first_fault
from graphgrad.check.nodes import kink_row
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import SECONDS, agree, exact_number
from graphgrad.check.whole_expression import work_estimate
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.symbolic import SwellError
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.sympy_witness import Witness
    from graphgrad.check.whole_expression import WholeExpression
    from graphgrad.ops.op import Op

__all__ = ["whole_rows"]

ALL_SECONDS: Final = 30.0
"""The CPU time for all derivatives together."""

TOLERANCE: Final = 1e-10
"""The relative error that is accepted without looking for its cause."""


def whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row], whole: WholeExpression) -> list[Row]:
    """Return a row for every partial derivative; `local` holds the rows of the nodes, to name the first fault."""
    if not grad:
        return []
    reason, witness = whole.witness
    if witness is None:
        return [_left_out(len(grad), reason)]
    checks, rows = _WholeCheck(passes, whole, witness, local), list[Row]()
    try:
        within(ALL_SECONDS, lambda: rows.extend(checks.bounded_row(name, ours) for name, ours in grad.items()))
    except DeadlineError as error:
        rows.append(_left_out(len(grad) - len(rows), f"sympy {error}"))
    return rows


def _left_out(count: int, why: str) -> Row:
    return Row("whole", f"{count} gradient{'s' * (count > 1)}", "not attempted", note=why, stands_for=count)


@dataclass(frozen=True, slots=True)
class _WholeCheck:
    """The passes and sympy's expression of their graph; `local` holds the rows of its nodes."""

    passes: Passes
    whole: WholeExpression
    witness: Witness
    local: Sequence[Row]

    def bounded_row(self, name: str, ours: Any) -> Row:
        """Return the row of one derivative, "not attempted" where sympy exceeds its time."""
        subject = f"∂/∂{name}"
        try:
            return within(SECONDS, lambda: self.row(name, subject, ours), steps=partial(work_estimate, self.whole.tape))
        except (DeadlineError, SwellError, RecursionError, ArithmeticError, ValueError, TypeError) as error:
            reason = error if isinstance(error, DeadlineError) else f"stopped: {error}"
            return Row("whole", subject, "not attempted", note=f"sympy {reason}")

    def row(self, name: str, subject: str, ours: Any) -> Row:
        if not kind_of(ours).is_finite(ours):
            return Row("whole", subject, "not attempted", note="it is beyond float64")
        if name not in self.passes.inputs:  # the output does not use it, so it needs no value
            return self.with_verdict(compared("whole", subject, ours, Fraction(0)), name)
        position, point = self.whole.place(self.passes.inputs, name)
        sides = self.witness.both_sides(position, point) if self.passes.kinks else None
        if sides:
            row = kink_row("whole", subject, ours, sides.times(self.seed))
            return row if row.theirs is None else _at_kink(self.with_verdict(row, name))
        if self.passes.kinks:
            return Row("whole", subject, "not attempted", note="sympy finds no derivative beside this kink")
        theirs = self.witness.partial_or_limit(position, point)
        if theirs is None:
            return Row("whole", subject, "not attempted", note="sympy finds no number here")
        return self.with_verdict(compared("whole", subject, ours, theirs * self.seed), name)

    @property
    def seed(self) -> Fraction:
        """The adjoint of the output, by which sympy's derivatives are multiplied."""
        return Fraction(self.passes.seed)

    def with_verdict(self, row: Row, name: str) -> Row:
        """Tell rounding from a fault: the same rules evaluated with 60 digits must agree with sympy."""
        if row.relative <= (0 if self.passes.kind.exact else TOLERANCE) or is_underflow(row):
            return row
        if _recomputed(self.passes, name) != row.ours:
            return row._replace(status="failed", note="it is not what the graph gives")
        note = first_fault(self.passes, self.local)
        if note:
            return row._replace(status="failed", note=note)
        precise = _in_60_digits(self.passes, name)
        if precise is not None and agree(precise[0], row.theirs, scale=precise[1]):
            return _lost_on_the_way(self.passes, name, row)
        return row._replace(status="failed", note="the graph gives something else even in 60 digits")


def _at_kink(row: Row) -> Row:
    note = f"{float(row.theirs):g} is the derivative on both sides of a kink"
    return row._replace(note=note) if row.status == "failed" else row


def _lost_on_the_way(passes: Passes, name: str, row: Row) -> Row:
    """Return the row of a derivative whose rules are right: what took its digits is rounding, or an overflow."""
    agrees, bound = "in 60 digits the graph agrees", gradient_bounds(passes, [name])[name]
    overflowed = overflowed_nodes(passes)
    if overflowed:
        note = f"{node_text(passes.graph, overflowed[0])} overflows: {agrees}"
        return row._replace(status="failed", note=note)
    if bound.total is not None and not bound.covers(Fraction(row.ours) - row.theirs):
        return row._replace(status="failed", note=f"it is further off than rounding explains: {agrees}")
    cause = "float64 rounding alone" + ("" if row.theirs else " of a sum that cancels")
    worst = bound.worst
    if worst is not None and worst < passes.tape.size and abs(passes.values[worst]) < sys.float_info.min:
        cause = f"{node_text(passes.graph, worst)} underflows"
    return row._replace(status="rounding", note=f"{cause}: {agrees}")


def _recomputed(passes: Passes, name: str) -> Any:
    return backprop(passes.graph, passes.inputs, [name], kind=passes.kind, seed=passes.seed).grad[name]


def _in_60_digits(passes: Passes, name: str) -> tuple[Fraction, Fraction] | None:
    """Return the derivative in 60 digits, and the sum of its absolute terms; None where it has no finite value."""
    m, register = Mpmath(), passes.graph.node(name)
    seed = m.const(Fraction(passes.seed))
    inputs = {other: m.const(Fraction(x)) for other, x in passes.inputs.items()}
    fixed = passes.tape.fixed([register])
    try:
        values = forward(passes.tape, m, inputs)
        adjoint = backward(passes.tape, m, values, fixed, seed).adjoints[register]
        size = backward(passes.tape, _AbsolutePartials(), values, fixed, abs(seed)).adjoints[register]
    except (Fault, ArithmeticError, ValueError, TypeError, KeyError):
        return None
    numbers = exact_number(adjoint), exact_number(size)
    return None if None in numbers else numbers  # type: ignore[return-value]


class _AbsolutePartials(Mpmath):
    """Absolute local derivatives: adjoints become sums of absolute terms, the scale of cancellation."""

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        return abs(super().partial(op, position, z, operands))
