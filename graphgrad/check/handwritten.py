"""Check a hand-written gradient against the graph's and sympy's.

No finite differences are taken, so no step size causes a false alarm. At a kink, any number between the one-sided
derivatives is accepted.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.refuse_arrays import refuse_arrays
from graphgrad.base.arguments import as_float, number_of, quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.check.levels import check
from graphgrad.check.report import Report, Row, compared
from graphgrad.namespaces.display import short
from graphgrad.text.quoted_names import written_names
from graphgrad.transform.tracing import Decision, trace, trace_vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.check_grad_options import CheckGradOptions
    from graphgrad.graph.data import GraphData

__all__ = ["check_grad"]

WHOLE: Final = "whole"
"""The level of the report's rows on gradients."""


class _Call(NamedTuple):
    """A point at which functions are called, with one array or with one number per input."""

    at: dict[str, float]
    array: Any = None

    def __call__(self, function: Callable[..., Any]) -> Any:
        """Call a function with the array, or with keywords if its parameters have the inputs' names, else in order."""
        if self.array is not None:
            return function(self.array)
        return function(**self.at) if set(self.at) <= set(_names(function)) else function(*self.at.values())


def _names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that can be passed as keywords."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def check_grad(
    function: Callable[..., Any] | GraphData,
    grad: Any,
    at: Any,
    options: CheckGradOptions,
) -> Report:
    """Return a report on a hand-written gradient, true where it is right; see `graphgrad.check_grad`.

    The functions take keyword arguments where the names in `at` are those of their parameters, else positional ones.
    The tolerance is relative to the sum of the absolute terms of a derivative, so cancellation is no failure.

    >>> from graphgrad.check.check_grad_options import CheckGradOptions
    >>> at = {"x": 2, "y": 3}
    >>> print(check_grad(lambda x, y: x * y**2, lambda x, y: (y**2, x * y), at, CheckGradOptions()).failures[0])
    failed: ∂/∂y = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    decisions: list[Decision] = []
    graph, call = _prepared(function, at, decisions)
    passes = backprop(graph, call.at, None if graph.inputs else (), seed=1)
    refuse_arrays(passes, "gradients written by hand are")
    tolerance = options.tolerance
    value = [] if graph is function else [_value_row(function, call, passes, tolerance)]
    if grad is None:
        report = check(passes)
        return replace(report, rows=(*value, *report.rows))
    given = _given(_called(grad, call, "the gradient") if callable(grad) else grad, graph.inputs)
    rows = (_at_edge(row, decisions) for row in _rows(passes, given, tolerance))
    return Report((*value, *rows))


def _prepared(
    function: Callable[..., Any] | GraphData,
    at: Any,
    decisions: list[Decision],
) -> tuple[GraphData, _Call]:
    """Return the graph, traced at the point if a function is given, and the call at that point."""
    if not callable(function):
        point = dict(at) if isinstance(at, Mapping) else _in_order(function.inputs, at)
        return function, _Call({name: point[name] for name in function.inputs if name in point})
    if not isinstance(at, Mapping):
        graph, array = trace_vector(function, at, decisions=decisions)
        return graph, _Call(dict(zip(graph.inputs, map(float, array), strict=True)), array)
    names = [name for name in _names(function) if name in at]
    point = {name: number_of(at[name], f"the value of '{name}'") for name in (names if len(names) == len(at) else at)}

    def called(*xs: Any) -> Any:
        return _Call(dict(zip(point, xs, strict=True)))(function)

    return trace(called, [*point], at=point, decisions=decisions), _Call(point)


def _in_order(names: Sequence[str], at: Any) -> dict[str, Any]:
    """Return the values of inputs given in their order."""
    try:
        return dict(zip(names, at, strict=True))
    except (TypeError, ValueError):
        hint = f"give {len(names)} numbers, or a mapping: {written_names(names)}"
        raise GraphgradError(f"the point cannot be {quoted(at)}", hint=hint) from None


def _called(function: Callable[..., Any], call: _Call, what: str) -> Any:
    """Return what a hand-written function returns; raise `GraphgradError` where it cannot be called at the point."""
    try:
        return call(function)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        if isinstance(error, GraphgradError):
            raise
        raise GraphgradError(f"{what} cannot be called at the point: {error}") from error


def _at_edge(row: Row, decisions: Sequence[Decision]) -> Row:
    """Turn a failure into "not attempted" where the function branched exactly at the edge of a condition."""
    edge = next((decision for decision in decisions if decision.on_edge), None)
    if edge is None or row.status != "failed" or row.theirs is None:
        return row
    note = f"the function asks if {edge.condition}, and this is the very edge: a kink, of which one side is traced"
    return row._replace(status="not attempted", note=note)


def _value_row(function: Any, call: _Call, passes: Passes, tolerance: float) -> Row:
    """Compare the function's value, called with floats, with the value of its traced graph."""
    ours = number_of(_called(function, call, "the function"), "what the function returns")
    if not math.isfinite(ours):
        return Row("value", "the function", "failed", note=f"called with numbers it returns {ours}")
    row = compared("value", "the function", ours, Fraction(passes.value))
    if row.relative <= tolerance or abs(ours - passes.value) <= tolerance * _largest_term(passes):
        return row
    note = f"called with numbers it returns {short(ours)}, traced {short(passes.value)}"
    return row._replace(status="failed", theirs=None, note=note)


def _largest_term(passes: Passes) -> float:
    """Return the largest absolute value of any node, the scale of the value's rounding error."""
    return max((abs(value) for value in passes.values if isinstance(value, float) and math.isfinite(value)), default=0)


def _given(grad: Any, names: Sequence[str]) -> dict[str, float]:
    """Return a gradient by input name, given as a mapping, a sequence or a single number."""
    if isinstance(grad, Mapping):
        unknown = [name for name in grad if name not in names]
        if unknown:
            raise GraphgradError(
                f"the gradient has '{unknown[0]}', which is no input", hint=f"one of {written_names(names)}"
            )
        return {name: number_of(number, f"∂/∂{name}") for name, number in grad.items()}
    numbers = _flat(grad)
    if len(numbers) != len(names):
        count = f"{len(numbers)} number{'s' * (len(numbers) != 1)}"
        raise GraphgradError(f"the gradient has {count} for {len(names)} inputs: {written_names(names)}")
    return dict(zip(names, numbers, strict=True))


def _flat(grad: Any) -> list[float]:
    try:
        return [float(number) for number in (grad if hasattr(grad, "__len__") and len(grad) else [grad])]
    except (TypeError, ValueError, OverflowError):
        kind = type(grad).__name__
        raise GraphgradError(f"the gradient is a {kind}", hint="let it be numbers, one for each input") from None


def _rows(passes: Passes, given: Mapping[str, float], tolerance: float) -> Iterable[Row]:
    finite = {name: number for name, number in given.items() if math.isfinite(number)}
    checked = {row.subject: row for row in check(passes, finite).rows if row.level == WHOLE}
    for name, number in given.items():
        subject = f"∂/∂{name}"
        if name not in finite:
            yield Row(WHOLE, subject, "failed", note=f"the hand-written one is {number}")
        else:
            yield _within_tolerance(
                passes, name, checked.get(subject) or _against_graph(passes, name, number), tolerance
            )


def _against_graph(passes: Passes, name: str, number: float) -> Row:
    """Compare with the graph's derivative alone, where sympy has none of the whole expression."""
    row = compared(WHOLE, f"∂/∂{name}", number, Fraction(passes.grad[name]))
    return row._replace(status="failed" if row.relative else "ok", referee="the graph", note="sympy has none")


def _within_tolerance(passes: Passes, name: str, row: Row, tolerance: float) -> Row:
    """Accept an error within the tolerance or within the rounding of cancelling terms; explain any other."""
    if row.status == "not attempted":
        return _within_tolerance(passes, name, _against_graph(passes, name, row.ours), tolerance)
    if row.status != "failed" or row.theirs is None:
        return row
    if row.relative <= tolerance:
        return row._replace(status="ok", note="")
    if abs(Fraction(row.ours) - row.theirs) <= Fraction(tolerance) * _terms_of_derivative(passes, name):
        return row._replace(status="rounding", note="within the rounding of terms that cancel")
    return row._replace(note=_likely_reason(passes, name, row))


def _terms_of_derivative(passes: Passes, name: str) -> Fraction:
    """Return the sum of the absolute contributions to an input's adjoint."""
    node = passes.graph.node(name)
    contributions = passes.backward.contributions
    edges = [
        (step.target, i) for step in passes.tape.steps for i, operand in enumerate(step.operands) if operand == node
    ]
    return sum((abs(Fraction(contributions[edge])) for edge in edges if edge in contributions), Fraction(0))


def _likely_reason(passes: Passes, name: str, row: Row) -> str:
    """Return a likely reason for a wrong derivative: swapped inputs, a constant factor."""
    swapped = next((other for other, d in passes.grad.items() if other != name and d == row.ours), None)
    if swapped:
        return f"it is the derivative by {swapped}"
    if not row.theirs:
        return "the graph and sympy give 0"
    ratio = as_float(Fraction(row.ours) / row.theirs)
    return f"it is {short(ratio)} times what the graph and sympy give"
