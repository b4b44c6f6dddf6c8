"""Anybody's hand-written gradient, held against the graph's own and against sympy's.

Differences play no part in it, so no step size raises a false alarm; at a kink, any number between the one-sided
derivatives is right.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.refuse_arrays import refuse_arrays
from graphgrad.base.errors import GraphgradError
from graphgrad.check.levels import check
from graphgrad.check.report import Report, Row, compared
from graphgrad.namespaces.display import short
from graphgrad.transform.tracing import Decision, trace, trace_vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.check_grad_options import CheckGradOptions
    from graphgrad.graph.data import GraphData

__all__ = ["check_grad"]

WHOLE: Final = "whole"
"""The level of a report's rows on gradients."""


class _Call(NamedTuple):
    """How functions are called at the point: with one array, or with the values of the inputs."""

    at: dict[str, float]
    array: Any = None

    def __call__(self, function: Callable[..., Any]) -> Any:
        """Call a function: by name where these are its parameters' names, else in order."""
        if self.array is not None:
            return function(self.array)
        return function(**self.at) if set(self.at) <= set(_names(function)) else function(*self.at.values())


def _names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that may be given by name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def check_grad(
    function: Callable[..., Any] | GraphData,
    grad: Any,
    at: Any,
    how: CheckGradOptions,
) -> Report:
    """Return a report on a gradient written by hand; true where it is right. See `graphgrad.check_grad`.

    The functions are called by name where the names of `at` are those of their parameters, else in its order.
    `tolerance` is relative to the terms that add up to a derivative.

    >>> from graphgrad.check.check_grad_options import CheckGradOptions
    >>> at = {"x": 2, "y": 3}
    >>> print(check_grad(lambda x, y: x * y**2, lambda x, y: (y**2, x * y), at, CheckGradOptions()).failures[0])
    failed: ∂/∂y = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    decisions: list[Decision] = []
    graph, call = _prepared(function, at, decisions)
    passes = backprop(graph, call.at)
    refuse_arrays(passes, "gradients written by hand are")
    tolerance = how.tolerance
    value = [] if graph is function else [_value_row(function, call, passes, tolerance)]
    if grad is None:
        return Report((*value, *check(passes).rows))
    given = _given(call(grad) if callable(grad) else grad, graph.inputs)
    return Report((*value, *(_at_edge(row, decisions) for row in _rows(passes, given, tolerance))))


def _prepared(
    function: Callable[..., Any] | GraphData,
    at: Any,
    decisions: list[Decision],
) -> tuple[GraphData, _Call]:
    if not callable(function):
        point = dict(at) if isinstance(at, Mapping) else dict(zip(function.inputs, at, strict=True))
        return function, _Call({name: point[name] for name in function.inputs if name in point})
    if not isinstance(at, Mapping):
        graph, array = trace_vector(function, at, decisions=decisions)
        return graph, _Call(dict(zip(graph.inputs, map(float, array), strict=True)), array)
    names = [name for name in _names(function) if name in at]
    point = {name: float(at[name]) for name in (names if len(names) == len(at) else at)}
    called = lambda *xs: _Call(dict(zip(point, xs, strict=True)))(function)  # noqa: E731
    return trace(called, [*point], at=point, decisions=decisions), _Call(point)


def _at_edge(row: Row, decisions: Sequence[Decision]) -> Row:
    """Take back a failure where the function itself decided on the very edge of a condition."""
    edge = next((decision for decision in decisions if decision.on_edge), None)
    if edge is None or row.status != "failed" or row.theirs is None:
        return row
    note = f"the function asks if {edge.condition}, and this is the very edge: a kink, of which one side is traced"
    return row._replace(status="not attempted", note=note)


def _value_row(function: Any, call: _Call, passes: Passes, tolerance: float) -> Row:
    """Hold the function itself, called with numbers, against the graph that tracing it gave."""
    ours = float(call(function))
    if not math.isfinite(ours):
        return Row("value", "the function", "failed", note=f"called with numbers it returns {ours}")
    row = compared("value", "the function", ours, Fraction(passes.value))
    if row.relative <= tolerance or abs(ours - passes.value) <= tolerance * _terms(passes):
        return row
    note = f"called with numbers it returns {short(ours)}, traced {short(passes.value)}"
    return row._replace(status="failed", theirs=None, note=note)


def _terms(passes: Passes) -> float:
    """Return the size of the largest number that the value is computed from."""
    return max((abs(value) for value in passes.values if isinstance(value, float) and math.isfinite(value)), default=0)


def _given(grad: Any, names: Sequence[str]) -> dict[str, float]:
    """Return a gradient by name, however it is written."""
    if isinstance(grad, Mapping):
        unknown = [name for name in grad if name not in names]
        if unknown:
            raise GraphgradError(
                f"the gradient has '{unknown[0]}', which is no input", hint=f"one of {', '.join(names)}"
            )
        return {name: float(number) for name, number in grad.items()}
    numbers = _flat(grad)
    if len(numbers) != len(names):
        count = f"{len(numbers)} number{'s' * (len(numbers) != 1)}"
        raise GraphgradError(f"the gradient has {count} for {len(names)} inputs: {', '.join(names)}")
    return dict(zip(names, numbers, strict=True))


def _flat(grad: Any) -> list[float]:
    try:
        return [float(number) for number in (grad if hasattr(grad, "__len__") and len(grad) else [grad])]
    except (TypeError, ValueError):
        kind = type(grad).__name__
        raise GraphgradError(f"the gradient is a {kind}", hint="let it be numbers, one for each input") from None


def _rows(passes: Passes, given: Mapping[str, float], tolerance: float) -> Iterable[Row]:
    finite = {name: number for name, number in given.items() if math.isfinite(number)}
    found = {row.subject: row for row in check(passes, finite).rows if row.level == WHOLE}
    for name, number in given.items():
        subject = f"∂/∂{name}"
        if name not in finite:
            yield Row(WHOLE, subject, "failed", note=f"the hand-written one is {number}")
        else:
            yield _judged(passes, name, found.get(subject) or _against_graph(passes, name, number), tolerance)


def _against_graph(passes: Passes, name: str, number: float) -> Row:
    """Compare with the graph's own derivative, where sympy cannot take the whole one."""
    row = compared(WHOLE, f"∂/∂{name}", number, Fraction(passes.grad[name]))
    return row._replace(status="failed" if row.relative else "ok", note="held against the graph alone")


def _judged(passes: Passes, name: str, row: Row, tolerance: float) -> Row:
    """Forgive the hand-written gradient its own rounding, and say what is wrong with a wrong one."""
    if row.status == "not attempted":
        return _judged(passes, name, _against_graph(passes, name, row.ours), tolerance)
    if row.status != "failed" or row.theirs is None:
        return row
    if row.relative <= tolerance:
        return row._replace(status="ok", note="")
    if abs(Fraction(row.ours) - row.theirs) <= Fraction(tolerance) * _flow(passes, name):
        return row._replace(status="rounding", note="within the rounding of terms that cancel")
    return row._replace(note=_explained(passes, name, row))


def _flow(passes: Passes, name: str) -> Fraction:
    """Return the size of the terms that add up to a derivative."""
    node = passes.graph.node(name)
    flows = passes.found.contributions
    edges = [
        (step.target, i) for step in passes.tape.steps for i, operand in enumerate(step.operands) if operand == node
    ]
    return sum((abs(Fraction(flows[edge])) for edge in edges if edge in flows), Fraction(0))


def _explained(passes: Passes, name: str, row: Row) -> str:
    swapped = next((other for other, d in passes.grad.items() if other != name and d == row.ours), None)
    if swapped:
        return f"it is the derivative by {swapped}"
    if not row.theirs:
        return "the graph and sympy give 0"
    ratio = float(Fraction(row.ours) / row.theirs)
    return f"it is {short(ratio)} times what the graph and sympy give"
