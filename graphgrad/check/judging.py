"""What every check of a graph's nodes shares, on numbers and on arrays: going through them, judging, naming a fault."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Final

from graphgrad.backprop.faults import written
from graphgrad.base.time_limit import DeadlineError, count_steps, within
from graphgrad.check.report import Row, compared, is_underflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from fractions import Fraction

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Step

__all__ = ["TOLERANCE", "blamed", "each_node", "judged", "subject_of"]

TOLERANCE: Final = 1e-10
"""The relative distance that rounding within one operation may explain."""

EXACT_TOLERANCE: Final = 1e-25
"""The same for fractions, where only sympy's digits limit the comparison."""

SECONDS: Final = 30.0
"""The time for all nodes together."""


def each_node(passes: Passes, check: Callable[[Passes, Step], Iterable[Row]], most: int) -> list[Row]:
    """Return the rows of the first `most` nodes, as far as the time allows, and one that counts the rest."""
    steps, checked = passes.tape.steps, list[list[Row]]()

    def check_each() -> None:
        for step in steps[:most]:
            count_steps()
            checked.append([*check(passes, step)])

    why = f"the first {most} are checked one by one"
    try:
        within(SECONDS, check_each)
    except DeadlineError as error:
        why = f"the check {error}"
    rows, left = [*chain.from_iterable(checked)], len(steps) - len(checked)
    return [*rows, _rest(left, why)] if left else rows


def _rest(count: int, why: str) -> Row:
    return Row("value", f"{count} further node{'s' * (count > 1)}", "not attempted", note=why)


def judged(row: Row, theirs: Fraction | None, kind: Kind) -> Row:
    """Return the row with sympy's number and how far off it is; failed where rounding does not explain that."""
    if theirs is None:
        return row._replace(status="not attempted", note="sympy finds no number here")
    if not math.isfinite(row.ours):
        return row._replace(status="not attempted", note="it is beyond float64")
    found = compared(row.level, row.subject, row.ours, theirs, row.node)
    is_near = found.relative <= (EXACT_TOLERANCE if kind.exact else TOLERANCE)
    return found if is_near or is_underflow(found) else found._replace(status="failed")


def subject_of(passes: Passes, step: Step, position: int) -> str:
    """Return what a node's local derivative by an operand is called."""
    return (
        f"∂{_grouped(written(passes.graph, step.target))}/∂{_grouped(written(passes.graph, step.operands[position]))}"
    )


def _grouped(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def blamed(passes: Passes, local: Sequence[Row]) -> str:
    """Return which node disagrees first, empty where none does; `local` are the rows of the nodes."""
    first = next((row for row in local if row.status == "failed" and row.node is not None), None)
    if first is None:
        return ""
    return f"the first node to disagree is {written(passes.graph, first.node or 0)}: {first.subject}"
