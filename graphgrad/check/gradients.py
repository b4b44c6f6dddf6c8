"""Check the value of the whole and every partial derivative of it: level (c).

The witness is sympy's derivative of the whole expression where that is small, else those of its operations, chained.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import ErrorBound, gradient_bounds, value_bound
from graphgrad.base.progress import tell
from graphgrad.check.chained import MAX_BITS
from graphgrad.check.nodes import kink_row
from graphgrad.check.report import Row, compared
from graphgrad.check.verdicts import Source, Verdicts
from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.base.time_limit import Budget
    from graphgrad.check.chained import ChainedWitness
    from graphgrad.check.whole_expression import WholeExpression
    from graphgrad.check.witnesses import Witnesses

__all__ = ["whole_rows"]

MAX_BOUNDED: Final = 20_000
"""The most operations times derivatives for which every derivative is held against its bound."""

REASONS: Final = (ArithmeticError, ValueError, TypeError, RecursionError)
"""What sympy and mpmath raise where they fail."""


def whole_rows(
    passes: Passes,
    grad: Mapping[str, Any],
    local: Sequence[Row],
    witnesses: Witnesses,
    budget: Budget,
) -> list[Row]:
    """Return a row for the value and one for every partial derivative.

    `grad` holds rational numbers; `local` holds the rows of the nodes, to name the first fault.
    """
    rows = list[Row]()
    check = _WholeCheck(passes, *witnesses, local)
    why = budget.run(lambda: rows.extend(check.rows(grad)))
    count = len(grad) + bool(passes.tape.steps)
    if why and len(rows) < count:
        rows.append(_left_out(count - len(rows), f"the check {why}", is_all=not rows))
    return rows


def _left_out(count: int, why: str, *, is_all: bool) -> Row:
    if is_all:
        return Row("whole value", "value and gradient", "not attempted", note=why, stands_for=count)
    return Row("whole", f"{count} gradient{'s' * (count > 1)}", "not attempted", note=why, stands_for=count)


@dataclass(frozen=True)
class _WholeCheck:
    """The passes and sympy's expression of their graph; `local` holds the rows of its nodes."""

    passes: Passes
    whole: WholeExpression
    chained: ChainedWitness
    local: Sequence[Row]

    @cached_property
    def verdicts(self) -> Verdicts:
        return Verdicts(self.passes, self.chained, self.local)

    def rows(self, grad: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the row of the value, then those of the derivatives."""
        try:
            yield from [self.value_row()] if self.passes.tape.steps else []
        except REASONS as error:
            yield Row("whole value", "value", "not attempted", note=f"the witness stopped: {error}")
        bounds = self.bounds(grad)
        for name, ours in grad.items():
            tell(f"gradient by {name}")
            try:
                yield self.row(name, ours, bounds.get(name))
            except REASONS as error:
                yield Row("whole", f"∂/∂{name}", "not attempted", note=f"the witness stopped: {error}")

    def value_row(self) -> Row:
        output = self.passes.graph.output
        ours = self.passes.as_rationals().values[output]
        if self.chained.settled is None:
            note = f"more than {int(MAX_BITS * 0.301):,} digits cancel"
            return Row("whole value", "value", "not attempted", note=note)
        exact = self.chained.exact.value(output) if self.passes.kind.exact else None
        theirs = self.chained.settled.value(output) if exact is None else exact
        return self.verdicts.judged(
            Row("whole value", "value", "ok", ours), theirs, lambda: value_bound(self.passes), Source()
        )

    def bounds(self, grad: Mapping[str, Any]) -> dict[str, ErrorBound]:
        """Return the bounds of all derivatives where they are quick to compute."""
        kind = self.passes.kind
        if kind.exact or kind.promises_digits or len(self.passes.tape.steps) * len(grad) > MAX_BOUNDED:
            return {}
        return gradient_bounds(self.passes, [name for name in grad if name in self.passes.wrt])

    def row(self, name: str, ours: Any, bound: ErrorBound | None) -> Row:
        subject = f"∂/∂{name}"
        if name not in self.passes.inputs:  # the output does not use it, so it needs no value
            row = compared("whole", subject, ours, Fraction(0))
            return row if not ours else row._replace(status="failed", note="the output does not use it")
        register = self.passes.graph.node(name)
        sides = self.chained.sides(register) if self.at_kink(register) else None
        beside = kink_row("whole", subject, ours, sides) if sides and kind_of(ours).is_finite(ours) else None
        if beside is not None and beside.theirs is None:
            return beside
        theirs = self.derivative(name, register) if beside is None else beside.theirs

        def own_bound() -> ErrorBound:
            return gradient_bounds(self.passes, [name])[name] if bound is None else bound

        source = Source(register, is_sure=beside is not None, is_quick=bound is None)
        return self.verdicts.judged(Row("whole", subject, "ok", ours), theirs, own_bound, source)

    def at_kink(self, register: int) -> bool:
        """Whether a kink depends on an input."""
        return bool(self.passes.kinks) and not self.passes.tape.depending_on([register]).isdisjoint(self.passes.kinks)

    def derivative(self, name: str, register: int) -> Fraction | None:
        """Return the derivative of sympy's expression of the whole where that is small, else the chained one."""
        if self.whole.is_small and (self.passes.kind.exact or self.chained.exact_constants):
            position, point = self.whole.place(self.passes.as_rationals().inputs, name)
            derivative = self.whole.partial(position, point)
            if derivative is not None:
                return derivative * self.chained.seed
        exact = self.chained.exact.adjoint(register) if self.passes.kind.exact else None
        if exact is not None:
            return exact
        return self.chained.settled and self.chained.settled.adjoint(register)
