"""Check the numbers of both passes against sympy on three levels, and report the error of each.

(a) rules: an operation's value equals its witness at probes, and sympy's derivative of it equals the declared rule.
(b) nodes: every value and local derivative, at its operands' values, equals sympy's to 27 digits.
(c) the whole: its value and every partial derivative equal sympy's, up to the bound of their rounding.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.passes import rational
from graphgrad.base.arguments import chosen
from graphgrad.base.errors import GraphgradError
from graphgrad.base.progress import is_shown, tell
from graphgrad.base.time_limit import Budget, watched
from graphgrad.check.report import Report, Row, distance
from graphgrad.namespaces.array_values import shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphgrad.backprop.doubts import Doubt
    from graphgrad.backprop.passes import Passes
    from graphgrad.check.witnesses import Witnesses

__all__ = ["LEVELS", "Report", "Row", "check", "distance"]

LEVELS: Final = ("full", "strict", "local", "off")

FEW_STEPS: Final = 1_000
"""The most operations that are checked within `SECONDS`."""

SECONDS: Final = 2.0
"""The CPU time of a check."""

MORE_SECONDS: Final = 5.0
"""The CPU time of a check of more operations."""

RULES_SHARE: Final = 0.5
"""The share of the time that the rules of the operations may take."""

NODES_SHARE: Final = 0.5
"""The share of the time left that the nodes of arrays may take."""

STAGES: Final = {
    "rule": "rules",
    "array rule": "rules of array operations",
    "value": "nodes",
    "whole direction": "gradients along directions",
}
"""What each level is called while it runs."""

CHAINED_SHARE: Final = 0.75
"""The share of the time left that the witness of the whole may take before the nodes are checked."""


def check(
    passes: Passes,
    grad: Mapping[str, Any] | None = None,
    *,
    level: str = "full",
    witnesses: Witnesses | None = None,
) -> Report:
    """Check both passes against sympy: "full" on all levels, "local" without level (c), "off" not at all.

    "strict" is "full"; `Report.fault` then holds it against a report that it is not complete.

    `grad` holds the partial derivatives to check, those of the passes by default; `witnesses` are those of the
    passes, where the caller has built them already. All levels together take `SECONDS` of CPU time, or `MORE_SECONDS`
    for more than `FEW_STEPS` operations and for arrays; what does not fit is not attempted.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*y", parse("x*y")), {"x": 3, "y": 5})
    >>> print(check(passes))
    checked against sympy: 2 rules proven, ..., 1 value of the whole, 2 gradients; all exact
    >>> check(passes, {"x": 5.5, "y": 3}).failures[0].subject
    '∂/∂x'
    """
    if not chosen(level, LEVELS):
        raise GraphgradError(f"unknown level of checking '{level}'", hint=f"one of: {', '.join(LEVELS)}")
    if level == "off":
        return Report(())
    if not passes.kind.real:
        return Report((Row("value", "values", "not attempted", note=f"sympy has no {passes.kind.name}"),))
    grad = {name: rational(number) for name, number in (passes.grad if grad is None else grad).items()}
    budget = _budget(passes)
    with watched():
        if passes.arrays:
            rows = _array_rows(passes, grad, level, budget)
        else:
            rows = _rows(passes, grad, level, witnesses or _witnesses(passes), budget)
        rows = rows or [_nothing()]
        from graphgrad.backprop.doubts import doubts

        doubted: list[Doubt] = []
        tell("digits in doubt")
        with passes.namespace.quiet():
            why = budget.run(lambda: doubted.extend(doubts(passes)))
    if why and not budget.interrupted:
        rows.append(Row("value", "digits in doubt", "not attempted", note=f"the check {why}"))
    return Report(tuple(rows), tuple(doubted))


def _witnesses(passes: Passes) -> Witnesses:
    from graphgrad.check.witnesses import Witnesses

    return Witnesses.of(passes)


def _nothing() -> Row:
    return Row("value", "the graph", "not attempted", note="it has no operation, and no input to differentiate by")


def _rows(given: Passes, grad: Mapping[str, Any], level: str, witnesses: Witnesses, budget: Budget) -> list[Row]:
    from graphgrad.check.gradients import whole_rows
    from graphgrad.check.nodes import local_rows
    from graphgrad.check.rules import rule_rows
    from graphgrad.check.value_rules import value_rule_rows

    passes = given.as_rationals()
    rows = _stage(budget, RULES_SHARE, "rule", lambda: chain(value_rule_rows(passes.tape), rule_rows(passes.tape)))
    if level != "local":
        tell("value of the whole")
        with suppress(ArithmeticError, ValueError, TypeError):  # the row of the value says so
            budget.run(lambda: witnesses.chained.settled, share=CHAINED_SHARE)
    rows += local_rows(passes, budget)
    if level != "local":
        rows += whole_rows(given, grad, rows, witnesses, budget)
    return rows


def _array_rows(passes: Passes, grad: Mapping[str, Any], level: str, budget: Budget) -> list[Row]:
    from graphgrad.check.array_gradients import array_whole_rows
    from graphgrad.check.array_nodes import array_rows
    from graphgrad.check.array_rules import array_rule_rows
    from graphgrad.check.rules import rule_rows
    from graphgrad.check.value_rules import array_value_rule_rows, value_rule_rows

    shapes = [shape_of(value) for value in passes.values]
    rows = _stage(budget, RULES_SHARE, "rule", lambda: chain(value_rule_rows(passes.tape), rule_rows(passes.tape)))
    rows += _stage(
        budget,
        RULES_SHARE,
        "array rule",
        lambda: chain(array_value_rule_rows(passes.tape, shapes), array_rule_rows(passes.tape, shapes)),
    )
    rows += _stage(budget, NODES_SHARE, "value", lambda: array_rows(passes))
    return rows + (
        _stage(budget, 1, "whole direction", lambda: array_whole_rows(passes, grad, rows)) if level != "local" else []
    )


def _budget(passes: Passes) -> Budget:
    is_small = len(passes.tape.steps) <= FEW_STEPS and not passes.arrays
    return Budget(SECONDS if is_small else MORE_SECONDS, interruptible=is_shown())


def _stage(budget: Budget, share: float, level: str, rows: Callable[[], Iterable[Row]]) -> list[Row]:
    """Return the rows that a share of the time is enough for, and a row that says that there are more."""
    tell(STAGES[level])
    done = list[Row]()
    why = budget.run(lambda: done.extend(rows()), share=share)
    return [*done, Row(level, f"further {STAGES[level]}", "not attempted", note=f"the check {why}")] if why else done
