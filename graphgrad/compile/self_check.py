"""Check a compiled function at sample rows against the interpreter, and the interpreter against sympy."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import JUDGED, GradientErrors, value_bound
from graphgrad.base.arguments import count_of
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.levels import check
from graphgrad.check.report import Report, Row, compared
from graphgrad.check.sympy_witness import exact_number
from graphgrad.check.whole_expression import WholeExpression
from graphgrad.check.witnesses import Witnesses
from graphgrad.compile.broadcast_columns import broadcast_columns
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.op import Interval
from graphgrad.tape.sweeps import backward, forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.doubts import Doubt
    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData

__all__ = ["check_rows"]

SECONDS: Final = 60.0
"""The time limit for all rows together."""

NEAR: Final = 4
"""The most units in the last place within which two numbers are equal, whatever their bound."""

FEW: Final = 1e3
"""The most units in the last place that rounding costs without a word: three digits."""

MARGIN: Final = 100
"""Where there is no bound: the largest ratio of the compiled number's error to the interpreter's that is rounding."""

DOUBLE: Final = 2.0**-52
"""The unit in the last place of 1.0 in float64."""

DOUBLE_BYTES: Final = 8
"""The size of a float64."""

UNITS: Final = {2: (2.0**-10, 2.0**-24), 4: (2.0**-23, 2.0**-149), DOUBLE_BYTES: (DOUBLE, 2.0**-1074)}
"""The unit in the last place of 1.0 and the smallest number of each type of floats, by its size in bytes."""

VALUE: Final = "value"
"""What rows call the output."""

RULES: Final = ("rule", "rule at points", "value rule")
"""The levels of the check that are the same in every row."""


def check_rows(graph: GraphData, function: Any, at: Any, rows: int, numbers: Sequence[int] | None = None) -> Report:
    """Return a report on a compiled function at `rows` rows, spread evenly over the columns `at`.

    Without columns it is checked at points spread over the positive numbers. A row outside the domain is reported as
    not attempted, and so are the rows left at the time limit. `numbers` says what the report calls the rows, where all
    of them are checked.
    """
    rows = count_of(rows, "rows")
    is_constant = bool(numbers) and not graph.inputs
    columns = _probes(graph, rows) if at is None or is_constant else _spread(graph, at, rows)
    value, grad = function(**{name: x for name, (_, x) in columns.items()})
    checked: list[Row] = []
    doubted: dict[str, Doubt] = {}
    numbers = numbers or (next(iter(columns.values()))[0] if columns else range(0))
    whole, done = WholeExpression(lower(graph), tuple(columns)), 0

    def check_each() -> None:
        nonlocal done
        for k, number in enumerate(numbers):
            point = {name: float(x[k]) for name, (_, x) in columns.items()}
            results = {VALUE: value[k], **{f"∂/∂{name}": d[k] for name, d in grad.items()}}
            report = _row_report(graph, point, results, whole)
            fresh = (row for row in report.rows if row.level not in RULES or not k)
            checked.extend(row._replace(subject=f"row {number}: {row.subject}") for row in fresh)
            for doubt in report.doubts:
                doubted.setdefault(doubt.subject, doubt._replace(subject=f"{doubt.subject} in row {number}"))
            done = k + 1

    rest: list[Row] = []
    try:
        within(SECONDS, check_each)
    except DeadlineError as error:
        count = len(numbers) - done
        rest = [Row("row", f"{count} further rows", "not attempted", note=f"they {error}", stands_for=count)]
    return Report((*checked, *rest), tuple(doubted.values()))


def _probes(graph: GraphData, rows: int) -> dict[str, tuple[range, Any]]:
    import numpy as np

    spread = [Interval(0, float("inf")).probes(rows + 2 * i) for i in range(len(graph.inputs))]
    chosen = [[p[(k + 2 * i) % len(p)] for k in range(rows)] for i, p in enumerate(spread)]
    return {name: (range(rows), np.array(x)) for name, x in zip(graph.inputs, chosen, strict=True)}


def _spread(graph: GraphData, at: Any, rows: int) -> dict[str, tuple[range, Any]]:
    columns = broadcast_columns(graph, at)
    count = len(next(iter(columns.values()), ()))
    if not count:
        raise GraphgradError("there are no rows to check", hint="give columns")
    numbers = range(0, count, max(-(-count // max(rows, 1)), 1))
    return {name: (numbers, x[:: numbers.step]) for name, x in columns.items()}


def _row_report(graph: GraphData, point: dict[str, float], results: dict[str, Any], whole: WholeExpression) -> Report:
    """Return the report on one row of the columns, whose `results` are the value and the derivatives."""
    try:
        passes = backprop(graph, point, [subject.removeprefix("∂/∂") for subject in results if subject != VALUE])
    except ExpressionError as error:
        return Report((Row("row", "the whole row", "not attempted", note=error.message),))
    report = check(passes, witnesses=Witnesses.of(passes, whole))
    errors = GradientErrors.of(passes, passes.wrt).bounds()
    interpreted = {VALUE: passes.value, **{f"∂/∂{name}": d for name, d in passes.grad.items()}}
    bounds = {VALUE: value_bound(passes), **{f"∂/∂{name}": bound for name, bound in errors.items()}}
    rows = (_compared(passes, subject, results[subject], interpreted[subject], bounds[subject]) for subject in results)
    return replace(report, rows=(*report.rows, *rows))


def _compared(passes: Passes, subject: str, compiled: Any, interpreted: float, bound: ErrorBound) -> Row:
    """Hold a compiled number against the interpreter's: both may be off by what rounding explains."""
    if not all(abs(float(x)) < float("inf") for x in (compiled, interpreted)):
        same, size = float(compiled) == interpreted, getattr(compiled, "itemsize", DOUBLE_BYTES)
        status = "not attempted" if same or size < DOUBLE_BYTES else "failed"
        return Row("compiled", subject, status, note=f"it is beyond float{8 * size}")
    unit, smallest = UNITS.get(getattr(compiled, "itemsize", DOUBLE_BYTES), UNITS[DOUBLE_BYTES])
    row = compared("compiled", subject, float(compiled), Fraction(interpreted))
    error = abs(Fraction(float(compiled)) - Fraction(interpreted))
    if row.relative <= NEAR * unit or error <= NEAR * Fraction(smallest):
        return row
    if bound.total is not None:
        is_rounding = error <= Fraction(2 * JUDGED * unit / DOUBLE) * Fraction(bound.total)
    else:
        precise = _precise(passes, subject)
        margin, own = Fraction(MARGIN * unit / DOUBLE), abs(Fraction(interpreted) - precise)
        is_rounding = abs(Fraction(float(compiled)) - precise) <= margin * max(own, Fraction(DOUBLE) * abs(precise))
    if not is_rounding:
        return row._replace(status="failed", note="it is not what the interpreter computes")
    few = row.relative <= FEW * unit
    return (
        row
        if few
        else row._replace(status="rounding", note="no further off than rounding takes the interpreter itself")
    )


def _precise(passes: Passes, subject: str) -> Fraction:
    """Return a value or derivative computed in 60 digits; 0 where that fails or there is no such number."""
    m = Mpmath()
    names = {f"∂/∂{name}": passes.graph.node(name) for name in passes.wrt}
    try:
        values = forward(passes.tape, m, {name: m.const(Fraction(x)) for name, x in passes.inputs.items()})
        if subject not in names:
            return exact_number(values[passes.graph.output]) or Fraction(0)
        fixed = passes.tape.fixed([names[subject]])
        adjoints = backward(passes.tape, m, values, fixed, m.const(Fraction(1))).adjoints
        return exact_number(adjoints.get(names[subject], m.const(Fraction(0)))) or Fraction(0)
    except (Fault, ArithmeticError, ValueError, TypeError):
        return Fraction(0)
