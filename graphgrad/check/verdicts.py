"""Tell rounding from a fault: by the first-order bound, and beyond it by the same rules in higher precision."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.faults import node_text
from graphgrad.backprop.passes import rational
from graphgrad.check.near_kinks import within_rounding_note
from graphgrad.check.node_checks import EXACT_TOLERANCE, first_fault
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import agree, exact_number
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.passes import Passes
    from graphgrad.check.chained import ChainedWitness
    from graphgrad.ops.op import Op

__all__ = ["Source", "Verdicts"]

TOLERANCE: Final = 1e-10
"""The relative error that is accepted without looking for its cause."""

LARGEST: Final = Fraction(sys.float_info.max)
SMALLEST: Final = Fraction(sys.float_info.min)

SPARE: Final = 10**5
"""Numbers of many digits are shown with more digits than were asked for: at least so much more precise."""

DIGITS_PER_BIT: Final = 0.302


class Source(NamedTuple):
    """What a row is about.

    `register` is the input's, None for the value of the whole; `is_sure` says that more digits change nothing in the
    witness's number; where `is_quick`, a small relative error is accepted without its bound.
    """

    register: int | None = None
    is_sure: bool = False
    is_quick: bool = False


@dataclass(frozen=True)
class Verdicts:
    """The passes, their witness, and the rows of their nodes."""

    passes: Passes
    chained: ChainedWitness
    local: Sequence[Row]

    def judged(
        self,
        row: Row,
        theirs: Fraction | None,
        bound: Callable[[], ErrorBound],
        source: Source,
    ) -> Row:
        """Return the row with the witness's number and a status."""
        if not kind_of(row.ours).is_finite(row.ours):
            return self._beyond(row, theirs)
        if theirs is None:
            return row._replace(status="not attempted", note="sympy finds no number here")
        result = compared(row.level, row.subject, row.ours, theirs)
        if not result.relative or self._is_near(result, bound, quick=source.is_quick):
            return result
        if not self.passes.kind.exact and bound().covers(_error(result)):
            return self._rounded(result, "it is within its bound")
        return self._doubted(result, bound, source)

    def _is_near(self, row: Row, bound: Callable[[], ErrorBound], *, quick: bool) -> bool:
        if self.passes.kind.exact:
            return row.relative <= EXACT_TOLERANCE
        if is_underflow(row):
            return True
        if row.relative > self._tolerance:
            return False
        return quick or self.passes.kind.promises_digits or bound().total is None or bound().covers(_error(row))

    def _beyond(self, row: Row, theirs: Fraction | None) -> Row:
        """Return the row of an infinite number: wrong where the exact number is a float."""
        if theirs is None or not self.passes.kind.plain or abs(theirs) > LARGEST:
            return row._replace(status="not attempted", note="it is beyond float64")
        where = self._first_overflow() or "a product of the backward pass overflows float64"
        return row._replace(status="failed", theirs=theirs, note=f"{where}: the exact number is {_text(theirs)}")

    def _doubted(self, row: Row, bound: Callable[[], ErrorBound], source: Source) -> Row:
        """Return the verdict on a number that is too far from the witness's for its bound."""
        register = source.register
        if register is not None and not source.is_sure:
            theirs = self.chained.confirmed(register)
            if theirs is None:
                return row._replace(status="not attempted", note="the witness needs too many digits here")
            row = compared(row.level, row.subject, row.ours, theirs)
        fault = self._fault(register, row)
        if fault:
            return row._replace(status="failed", note=fault)
        if self.passes.kind.exact or self._is_near(row, bound, quick=False):
            return row
        if bound().covers(_error(row)):
            return self._rounded(row, "it is within its bound")
        return self._explained(row, source)

    def _fault(self, register: int | None, row: Row) -> str:
        """Return why a number is wrong that its bound does not explain, empty where nothing shows it."""
        if not agree(row.ours, self._recomputed(register), self._stored):
            return "it is not what the graph gives"
        fault = first_fault(self.passes, self.local)
        if fault or not self.passes.kind.exact:
            return fault
        return "" if row.relative <= EXACT_TOLERANCE else "the graph gives something else"

    def _explained(self, row: Row, source: Source) -> Row:
        """Return the verdict by the same rules in more digits: rounding, unless something left float64's range."""
        if not self._rules_agree(row, source.register):
            what = "the graph gives something else even in more digits"
            return row._replace(
                status="failed",
                note=f"{_text(row.theirs)} is the derivative on both sides of a kink" if source.is_sure else what,
            )
        if row.relative <= self._tolerance:
            return row
        where = self._first_overflow()
        if where:
            return row._replace(status="failed", note=f"{where}: the exact number is {_text(row.theirs)}")
        return self._rounded(row, "the same rules in more digits agree")

    def _rounded(self, row: Row, why: str) -> Row:
        """Return the row of a number that rounding alone explains, with what rounding did."""
        jump = self._first_jump()
        cause = (jump and within_rounding_note(self.passes)) or jump or self._first_underflow()
        kind = f"{self.passes.kind.dtype} " * bool(self.passes.kind.dtype)
        lost = "" if row.theirs else " of a sum that cancels"
        return row._replace(status="rounding", note=cause or f"{kind}rounding alone{lost}: {why}")

    # ---- what else may explain a distance

    @cached_property
    def _again(self) -> Passes:
        passes = self.passes
        return backprop(passes.graph, passes.inputs, passes.wrt, kind=passes.kind, seed=passes.seed).as_rationals()

    @property
    def _stored(self) -> Fraction:
        """The relative change of a number that is shown and read: none of a float."""
        kind = self.passes.kind
        return self._tolerance / SPARE if kind.promises_digits else Fraction(0)

    @property
    def _tolerance(self) -> Any:
        """The relative error that is accepted without looking for its cause: the digits asked for are right."""
        kind = self.passes.kind
        return Fraction(1, 10**kind.decimal_digits) if kind.promises_digits else TOLERANCE

    def _recomputed(self, register: int | None) -> Any:
        if register is None:
            return self._again.values[self.passes.graph.output]
        return self._again.backward.adjoints.get(register, Fraction(0))

    def _rules_agree(self, row: Row, register: int | None) -> bool:
        """Whether the rules of the table, read in as many digits as the witness needs, give the witness's number."""
        if self._in_more_digits is None:
            return False
        values, adjoints, sizes = self._in_more_digits
        node = self.passes.graph.output if register is None else register
        ours = exact_number((values if register is None else adjoints)[node])
        size = None if register is None else exact_number(sizes[node])
        return ours is not None and agree(ours, row.theirs, scale=abs(size or Fraction(0)))

    @cached_property
    def _in_more_digits(self) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]] | None:
        """The values, the adjoints, and the sums of their absolute terms; None where a value does not exist."""
        both = self.chained.settled
        if both is None:
            return None
        m = Mpmath(digits=int(both.numbers.bits * DIGITS_PER_BIT) + 10)
        tape, fixed = replace(self.passes.tape, constants=self.chained.constants), self.chained.fixed
        inputs = {name: m.const(Fraction(rational(x))) for name, x in self.passes.inputs.items()}
        seed, absolute = m.const(self.chained.seed), _AbsolutePartials(digits=m.context.dps)
        try:
            values = forward(tape, m, inputs)
            adjoints = backward(tape, m, values, fixed, seed).adjoints.row
            return values, adjoints, backward(tape, absolute, values, fixed, seed).adjoints.row
        except (Fault, ArithmeticError, ValueError, TypeError):
            return None

    def _first_overflow(self) -> str:
        return self._first(
            lambda ours, theirs: not kind_of(ours).is_finite(ours) and abs(theirs) > LARGEST, "overflows"
        )

    def _first_underflow(self) -> str:
        return self._first(lambda _ours, theirs: 0 < abs(theirs) < SMALLEST, "underflows")

    def _first(self, is_cause: Callable[[Any, Fraction], bool], verb: str) -> str:
        """Return which node left the range of floats first, empty where none did."""
        both = self.chained.settled
        for step in self.passes.tape.steps if both else ():
            ours, theirs = self.passes.values[step.target], both.value(step.target)  # type: ignore[union-attr]
            if theirs is not None and not isinstance(ours, Fault) and is_cause(ours, theirs):
                return f"{node_text(self.passes.graph, step.target)} {verb} float64"
        return ""

    def _first_jump(self) -> str:
        """Return which step function has another value without rounding, empty where none has."""
        both = self.chained.settled
        for step in self.passes.tape.steps if both else ():
            ours, theirs = self.passes.values[step.target], both.value(step.target)  # type: ignore[union-attr]
            if step.op.flat and theirs is not None and not isinstance(ours, Fault) and rational(ours) != theirs:
                name = node_text(self.passes.graph, step.target)
                return f"at a jump within rounding: {name} is {short(ours)}, and {_text(theirs)} for the exact numbers"
        return ""


def _error(row: Row) -> Fraction:
    return abs(Fraction(row.ours) - Fraction(row.theirs))


def _text(number: Fraction) -> str:
    try:
        return short(float(number))
    except OverflowError:
        return "beyond float64"


class _AbsolutePartials(Mpmath):
    """Absolute local derivatives: adjoints become sums of absolute terms, the scale of cancellation."""

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        return abs(super().partial(op, position, z, operands))
