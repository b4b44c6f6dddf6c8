"""Level (c): every partial derivative of the whole expression, against `sympy.diff` of the whole expression."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.base.time_limit import DeadlineError, deadline
from graphgrad.check.judging import blamed
from graphgrad.check.nodes import kink_row
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import SECONDS, Witness, agree, exact_number
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.symbolic import SwellError, Sympy
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_TREE", "whole_rows", "whole_witness"]

MAX_TREE: Final = 2_000
"""The most operations, written out as a tree, that sympy is asked to differentiate."""

ALL_SECONDS: Final = 30.0
"""The time for all derivatives together."""

TOLERANCE: Final = 1e-10
"""The relative distance that passes without a word on rounding."""


def whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row]) -> list[Row]:
    """Return a row for every partial derivative; `local` are the rows before, to name where a fault begins."""
    if not grad:
        return []
    reason, found = whole_witness(passes)
    if found is None:
        plural = "gradients" if len(grad) > 1 else "gradient"
        return [Row("whole", f"{len(grad)} {plural}", "not attempted", note=reason)]
    return list(_Whole(passes, found, local).rows(grad))


def whole_witness(passes: Passes) -> tuple[str, Witness | None]:
    """Return sympy as a witness of the whole expression, or why there is none."""
    size = tree_size(passes.tape)
    if size > MAX_TREE:
        return f"written out as a tree it has {_count(size)} operations, of which sympy is asked {MAX_TREE}", None
    m = Sympy()
    symbols = {name: m.symbol(name) for name in passes.inputs}
    try:
        with deadline(SECONDS):
            expression = forward(passes.tape, m, symbols)[passes.graph.output]
    except DeadlineError:
        return f"sympy took more than {SECONDS:g} s", None
    except (SwellError, RecursionError):
        return "sympy would swell", None
    return "", Witness(m, list(symbols.values()), expression, exact=passes.exact)


def tree_size(tape: Tape) -> int:
    """Return how many operations an expression has once every shared one is written out."""
    sizes: dict[int, int] = {}
    for step in tape.steps:
        sizes[step.target] = 1 + sum(sizes.get(i, 0) for i in step.operands)
    return sizes.get(tape.outputs[0], 0)


def _count(size: int) -> str:
    return str(size) if size < 10**6 else f"1e{len(str(size)) - 1}" if size.bit_length() < 10**4 else "countless"


@dataclass(frozen=True, slots=True)
class _Whole:
    """The whole expression beside sympy's; `local` are the rows of its nodes, to name where a fault begins."""

    passes: Passes
    found: Witness
    local: Sequence[Row]

    def rows(self, grad: Mapping[str, Any]) -> Iterator[Row]:
        until = time.monotonic() + ALL_SECONDS
        for name, ours in grad.items():
            subject = f"∂/∂{name}"
            try:
                with deadline(max(min(SECONDS, until - time.monotonic()), 0.001)):
                    yield self.row(name, subject, ours)
            except DeadlineError:
                yield Row("whole", subject, "not attempted", note=f"sympy took more than {SECONDS:g} s")
            except (SwellError, RecursionError, ArithmeticError, ValueError, TypeError) as error:
                yield Row("whole", subject, "not attempted", note=f"sympy stopped: {error}")

    def row(self, name: str, subject: str, ours: Any) -> Row:
        if not isinstance(ours, Fraction) and not math.isfinite(ours):
            return Row("whole", subject, "not attempted", note="it is beyond float64")
        if name not in self.passes.inputs:  # the output does not use it, so it needs no value
            return self.judged(compared("whole", subject, ours, Fraction(0)), name)
        position, point = [*self.passes.inputs].index(name), [Fraction(x) for x in self.passes.inputs.values()]
        sides = self.found.sides(position, point) if self.passes.kinks else []
        if len(sides) == 2:  # noqa: PLR2004  left and right
            return kink_row("whole", subject, ours, sides)
        theirs = self.found.partial_or_limit(position, point)
        if theirs is None:
            return Row("whole", subject, "not attempted", note="sympy finds no number here")
        return self.judged(compared("whole", subject, ours, theirs), name)

    def judged(self, row: Row, name: str) -> Row:
        """Tell rounding from a fault: the same rules, read with 60 digits, must give what sympy gives."""
        if row.relative <= (0 if self.passes.exact else TOLERANCE) or is_underflow(row):
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
    return backprop(passes.graph, passes.inputs, [name], exact=passes.exact).grad[name]


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
