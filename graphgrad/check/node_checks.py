"""Loop over a graph's nodes, compare with sympy, and name the first fault: for numbers and for arrays."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Final

from graphgrad.backprop.faults import node_text
from graphgrad.base.progress import tell
from graphgrad.base.time_limit import Budget, count_steps
from graphgrad.check.report import Row, compared, is_underflow, too_small_for_sympy
from graphgrad.text.quoted_names import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from fractions import Fraction

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Step

__all__ = ["TOLERANCE", "check_nodes", "compared_with_sympy", "derivative_label", "first_fault"]

TOLERANCE: Final = 1e-10
"""The relative tolerance for the rounding of one operation."""

EXACT_TOLERANCE: Final = 1e-25
"""The relative tolerance for fractions, where only sympy's digits limit the comparison."""

SECONDS: Final = 5.0
"""The CPU time for all nodes together, where no other is given."""

SHARE: Final = 0.5
"""The share of the time left that the nodes may take."""

STEPS: Final = 10
"""The number of nodes that count as one step of a time limit."""


def check_nodes(
    passes: Passes, check: Callable[[Passes, Step], Iterable[Row]], most: int, budget: Budget | None = None
) -> list[Row]:
    """Return the rows of the first `most` nodes within the time limit, and a row that counts the nodes left out."""
    steps, checked = passes.tape.steps, list[list[Row]]()

    def check_each() -> None:
        for number, step in enumerate(steps[:most]):
            if not number % STEPS:
                count_steps()
                tell(f"node {number + 1} of {len(steps)}")
            checked.append([*check(passes, step)])

    why = (budget or Budget(SECONDS / SHARE)).run(check_each, share=SHARE)
    why = f"the check {why}" if why else f"the first {most} are checked one by one"
    rows, left = [*chain.from_iterable(checked)], len(steps) - len(checked)
    return [*rows, _rest(left, why)] if left else rows


def _rest(count: int, why: str) -> Row:
    return Row("value", f"{count} further node{'s' * (count > 1)}", "not attempted", note=why, stands_for=count)


def compared_with_sympy(row: Row, theirs: Fraction | None, kind: Kind) -> Row:
    """Return the row with sympy's number and the error; "failed" where rounding does not explain the error."""
    if theirs is None:
        return row._replace(status="not attempted", note="sympy finds no number here")
    if not math.isfinite(row.ours):
        return row._replace(status="not attempted", note="it is beyond float64")
    if too_small := too_small_for_sympy(row, theirs):
        return too_small
    result = compared(row.level, row.subject, row.ours, theirs, row.node)
    is_near = result.relative <= (EXACT_TOLERANCE if kind.exact else TOLERANCE)
    return result if is_near or is_underflow(result) else result._replace(status="failed")


def derivative_label(passes: Passes, step: Step, position: int) -> str:
    """Return a node's local derivative by an operand in writing: ∂(x*y)/∂x."""
    of, by = (node_text(passes.graph, node) for node in (step.target, step.operands[position]))
    return f"∂{grouped(of)}/∂{grouped(by)}"


def first_fault(passes: Passes, local: Sequence[Row]) -> str:
    """Return a note on the first node that failed, empty where none did; `local` holds the rows of the nodes."""
    failed = next((row for row in local if row.status == "failed" and row.node is not None), None)
    if failed is None:
        return ""
    return f"the first node to disagree is {node_text(passes.graph, failed.node or 0)}: {failed.subject}"
