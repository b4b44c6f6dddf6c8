"""Level (c): every partial derivative of the whole expression, against `sympy.diff` of the whole expression."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.judging import blamed
from graphgrad.check.nodes import kink_row
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import SECONDS, agree, exact_number
from graphgrad.check.whole_expression import work_on
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
"""The time for all derivatives together."""

TOLERANCE: Final = 1e-10
"""The relative distance that passes without a word on rounding."""


def whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row], whole: WholeExpression) -> list[Row]:
    """Return a row for every partial derivative; `local` are the rows before, to name where a fault begins."""
    if not grad:
        return []
    reason, witness = whole.witness
    if witness is None:
        return [_left_out(len(grad), reason)]
    judge, rows = _Whole(passes, whole, witness, local), list[Row]()
    try:
        within(ALL_SECONDS, lambda: rows.extend(judge.bounded(name, ours) for name, ours in grad.items()))
    except DeadlineError as error:
        rows.append(_left_out(len(grad) - len(rows), f"sympy {error}"))
    return rows


def _left_out(count: int, why: str) -> Row:
    return Row("whole", f"{count} gradient{'s' * (count > 1)}", "not attempted", note=why)


@dataclass(frozen=True, slots=True)
class _Whole:
    """The whole expression beside sympy's; `local` are the rows of its nodes, to name where a fault begins."""

    passes: Passes
    whole: WholeExpression
    witness: Witness
    local: Sequence[Row]

    def bounded(self, name: str, ours: Any) -> Row:
        """Return the row of one derivative, taken in bounded time."""
        subject = f"∂/∂{name}"
        try:
            return within(SECONDS, lambda: self.row(name, subject, ours), steps=partial(work_on, self.whole.tape))
        except (DeadlineError, SwellError, RecursionError, ArithmeticError, ValueError, TypeError) as error:
            reason = error if isinstance(error, DeadlineError) else f"stopped: {error}"
            return Row("whole", subject, "not attempted", note=f"sympy {reason}")

    def row(self, name: str, subject: str, ours: Any) -> Row:
        if not kind_of(ours).is_finite(ours):
            return Row("whole", subject, "not attempted", note="it is beyond float64")
        if name not in self.passes.inputs:  # the output does not use it, so it needs no value
            return self.judged(compared("whole", subject, ours, Fraction(0)), name)
        position, point = self.whole.place(self.passes.inputs, name)
        sides = self.witness.sides(position, point) if self.passes.kinks else []
        if len(sides) == 2:  # noqa: PLR2004  left and right
            return kink_row("whole", subject, ours, sides)
        theirs = self.witness.partial_or_limit(position, point)
        if theirs is None:
            return Row("whole", subject, "not attempted", note="sympy finds no number here")
        return self.judged(compared("whole", subject, ours, theirs), name)

    def judged(self, row: Row, name: str) -> Row:
        """Tell rounding from a fault: the same rules, read with 60 digits, must give what sympy gives."""
        if row.relative <= (0 if self.passes.kind.exact else TOLERANCE) or is_underflow(row):
            return row
        if _recomputed(self.passes, name) != row.ours:
            return row._replace(status="failed", note="it is not what the graph gives")
        note = blamed(self.passes, self.local)
        if note:
            return row._replace(status="failed", note=note)
        referee = _referee(self.passes, name)
        if referee is not None and agree(referee[0], row.theirs, scale=referee[1]):
            lost = "" if row.theirs else " of a sum that cancels"
            return row._replace(status="rounding", note=f"float64 rounding alone{lost}: in 60 digits the graph agrees")
        return row._replace(status="failed", note="the graph gives something else even in 60 digits")


def _recomputed(passes: Passes, name: str) -> Any:
    return backprop(passes.graph, passes.inputs, [name], kind=passes.kind).grad[name]


def _referee(passes: Passes, name: str) -> tuple[Fraction, Fraction] | None:
    """Return the derivative in 60 digits, and the size of the terms that were added up to it."""
    m, register = Mpmath(), passes.graph.node(name)
    inputs = {other: m.const(Fraction(x)) for other, x in passes.inputs.items()}
    fixed = passes.tape.fixed([register])
    try:
        values = forward(passes.tape, m, inputs)
        adjoint = backward(passes.tape, m, values, fixed, m.const(Fraction(1))).adjoints[register]
        size = backward(passes.tape, _Sizes(), values, fixed, m.const(Fraction(1))).adjoints[register]
    except (Fault, ArithmeticError, ValueError, TypeError, KeyError):
        return None
    numbers = exact_number(adjoint), exact_number(size)
    return None if None in numbers else numbers  # type: ignore[return-value]


class _Sizes(Mpmath):
    """Local derivatives without their sign, so that adjoints add up to the size of their terms."""

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        return abs(super().partial(op, position, z, operands))
