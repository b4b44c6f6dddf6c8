"""Check the numbers of both passes against sympy on three levels, and report the error of each.

(a) rules: an operation's value equals its witness at probes, and sympy's derivative of it equals the declared rule.
(b) nodes: every value and local derivative, at its operands' values, equals sympy's to 30 digits.
(c) whole expression: every partial derivative equals that of `sympy.diff`, evaluated to 30 digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.doubts import doubts
from graphgrad.backprop.passes import rational
from graphgrad.base.arguments import chosen
from graphgrad.base.errors import GraphgradError
from graphgrad.base.time_limit import watched
from graphgrad.check.report import Report, Row, distance
from graphgrad.namespaces.array_values import shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.whole_expression import WholeExpression

__all__ = ["LEVELS", "Report", "Row", "check", "distance"]

LEVELS: Final = ("full", "strict", "local", "off")


def check(
    passes: Passes,
    grad: Mapping[str, Any] | None = None,
    *,
    level: str = "full",
    whole: WholeExpression | None = None,
) -> Report:
    """Check both passes against sympy: "full" on all levels, "local" without level (c), "off" not at all.

    "strict" is "full"; `Report.fault` then holds it against a report that it is not complete.

    `grad` holds the partial derivatives to check, those of the passes by default; `whole` is sympy's expression of the
    graph, where the caller has built it already.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*y", parse("x*y")), {"x": 3, "y": 5})
    >>> print(check(passes))
    checked against sympy: 2 rules proven, 1 value rule held, 1 value, 2 local derivatives, 2 gradients; all exact
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
    with passes.namespace.quiet():
        doubted = doubts(passes)
    with watched():
        rows = _array_rows(passes, grad, level) if passes.arrays else _rows(passes.as_rationals(), grad, level, whole)
    return Report(tuple(rows) or (_nothing(),), doubted)


def _nothing() -> Row:
    return Row("value", "the graph", "not attempted", note="it has no operation, and no input to differentiate by")


def _rows(passes: Passes, grad: Mapping[str, Any], level: str, whole: WholeExpression | None) -> list[Row]:
    from graphgrad.check.gradients import whole_rows
    from graphgrad.check.nodes import local_rows
    from graphgrad.check.rules import rule_rows
    from graphgrad.check.value_rules import value_rule_rows
    from graphgrad.check.whole_expression import WholeExpression

    rows = [*value_rule_rows(passes.tape), *rule_rows(passes.tape), *local_rows(passes)]
    if level != "local":
        rows += whole_rows(passes, grad, rows, whole or WholeExpression.of(passes))
    return rows


def _array_rows(passes: Passes, grad: Mapping[str, Any], level: str) -> list[Row]:
    from graphgrad.check.array_gradients import array_whole_rows
    from graphgrad.check.array_nodes import array_rows
    from graphgrad.check.array_rules import array_rule_rows
    from graphgrad.check.rules import rule_rows
    from graphgrad.check.value_rules import array_value_rule_rows, value_rule_rows

    shapes = [shape_of(value) for value in passes.values]
    rows = [*value_rule_rows(passes.tape), *array_value_rule_rows(passes.tape, shapes)]
    rows += [*rule_rows(passes.tape), *array_rule_rows(passes.tape, shapes), *array_rows(passes)]
    return rows + ([] if level == "local" else array_whole_rows(passes, grad, rows))
