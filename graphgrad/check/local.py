"""Level (b): every node's value and local derivatives, at its operands' values, against sympy's."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.witness import between, witness
from graphgrad.deadline import DeadlineError, deadline
from graphgrad.diagnosis import written
from graphgrad.namespaces import Fault, SwellError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.passes import Passes
    from graphgrad.tape import Step

__all__ = ["MAX_NODES", "local_rows"]

MAX_NODES: Final = 1_000
"""So many nodes are checked one by one; the report counts the rest."""

TOLERANCE: Final = 1e-10
"""The relative distance that rounding within one operation may explain."""

EXACT_TOLERANCE: Final = 1e-25
"""The same for fractions, where only sympy's digits limit the comparison."""

SECONDS: Final = 30.0
"""The time for all nodes together."""


def local_rows(passes: Passes) -> list[Row]:
    """Return a row for every value and every local derivative."""
    rows: list[Row] = []
    steps = passes.tape.steps
    done = 0
    try:
        with deadline(SECONDS):
            for step in steps[:MAX_NODES]:
                rows += _node_rows(passes, step)
                done += 1
    except DeadlineError:
        rows.append(_rest(len(steps) - done, f"sympy took more than {SECONDS:g} s"))
        return rows
    if len(steps) > MAX_NODES:
        rows.append(_rest(len(steps) - MAX_NODES, f"the first {MAX_NODES} are checked one by one"))
    return rows


def _rest(count: int, why: str) -> Row:
    return Row("value", f"{count} further nodes", "not attempted", note=why)


def _node_rows(passes: Passes, step: Step) -> Iterator[Row]:
    name = written(passes.graph, step.target)
    value, values = passes.values[step.target], [passes.values[i] for i in step.operands]
    if isinstance(value, Fault):
        return
    if not all(map(_is_usable, [value, *values])):
        yield Row("value", name, "not attempted", note="its value, or an operand's, is beyond float64")
        return
    # An operand without a value is one that was not chosen: any number may stand in its place.
    point = [Fraction(0) if isinstance(x, Fault) else Fraction(x) for x in values]
    try:
        yield _value_row(passes, step, name, point)
        for position in range(len(step.operands)):
            if (step.target, position) in passes.found.partials:
                yield _partial_row(passes, step, position, name, point)
    except (SwellError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        yield Row("value", name, "not attempted", note=f"sympy stopped: {error}")


def _grouped(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def _is_usable(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, (Fault, Fraction)) or math.isfinite(value)


def _value_row(passes: Passes, step: Step, name: str, point: list[Fraction]) -> Row:
    theirs = witness(step.op, len(point), exact=passes.exact).value(point)
    row = Row("value", name, "ok", passes.values[step.target], node=step.target)
    return _judged(row, theirs, exact=passes.exact)


def _partial_row(passes: Passes, step: Step, position: int, name: str, point: list[Fraction]) -> Row:
    ours = passes.found.partials[step.target, position]
    subject = f"∂{_grouped(name)}/∂{_grouped(written(passes.graph, step.operands[position]))}"
    if step.target in passes.kinks:
        return _kink_row(step, position, subject, ours, point)
    theirs = witness(step.op, len(point), exact=passes.exact).partial_or_limit(position, point)
    return _judged(Row("local", subject, "ok", ours, node=step.target), theirs, exact=passes.exact)


def _judged(row: Row, theirs: Fraction | None, *, exact: bool) -> Row:
    if theirs is None:
        return row._replace(status="not attempted", note="sympy finds no number here")
    if not math.isfinite(row.ours):
        return row._replace(status="not attempted", note="it is beyond float64")
    found = compared(row.level, row.subject, row.ours, theirs, row.node)
    is_near = found.relative <= (EXACT_TOLERANCE if exact else TOLERANCE)
    return found if is_near or is_underflow(found) else found._replace(status="failed")


def _kink_row(step: Step, position: int, subject: str, ours: Any, point: list[Fraction]) -> Row:  # noqa: ANN401
    sides = witness(step.op, len(point)).sides(position, point)
    if len(sides) < 2:  # noqa: PLR2004  left and right
        return Row("local", subject, "not attempted", ours, note="sympy finds no one-sided derivatives at this kink")
    return kink_row("local", subject, ours, sides, step.target)


def kink_row(level: str, subject: str, ours: Any, sides: Sequence[Fraction], node: int | None = None) -> Row:  # noqa: ANN401
    """Return the row of a derivative at a kink, held between sympy's one-sided ones."""
    left, right = (float(side) for side in sides)
    inside = between(ours, sides)
    relation = "between" if inside else "not between"
    note = f"{float(ours):g} is taken, {relation} sympy's one-sided {left:g} and {right:g}"
    return Row(level, subject, "kink" if inside else "failed", ours, None, note=note, node=node)
