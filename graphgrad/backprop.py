"""Both passes on a graph: values forward, adjoints backward, and the kinks and overflows met on the way."""

from __future__ import annotations

import difflib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, Final

from graphgrad.collector import collector_paused
from graphgrad.diagnosis import faulty_flow, first_fault, kinks_met, overflowed, stopped
from graphgrad.errors import DomainError, GraphgradError, UnknownNameError
from graphgrad.namespaces import Fault, Floats, as_fraction
from graphgrad.passes import Passes, namespace_of
from graphgrad.run.sweeps import Adjoints, Edges, backward, forward
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.errors import ExpressionError
    from graphgrad.graph import GraphData
    from graphgrad.namespaces import Namespace
    from graphgrad.tape import Tape

__all__ = ["backprop", "choose_wrt", "fraction", "values_at"]

MAX_PRECISION: Final = 10_000
"""The most digits that can be asked for."""


def backprop(
    graph: GraphData,
    at: Mapping[str, Any],
    wrt: Iterable[str] | None = None,
    *,
    exact: bool = False,
    precision: int | None = None,
) -> Passes:
    """Run both passes at a point and return all that was computed: on floats, fractions, or with `precision` digits.

    Raises `UnknownNameError` for a name that is no input or an input without a value, and `DomainError` where a value
    or a local derivative does not exist: its `passes` then holds what was computed before.

    >>> from graphgrad.graph import build
    >>> from graphgrad.parse import parse
    >>> passes = backprop(build("x*x", parse("x*x")), {"x": 3})
    >>> passes.value, passes.grad
    (9.0, {'x': 6.0})
    """
    with collector_paused():
        tape, names = lower(graph), choose_wrt(graph, wrt)
        _refuse_precision(precision, exact=exact)
        inputs = values_at(graph, tape, at, exact=exact, precision=precision)
        m = namespace_of(exact=exact, precision=precision)
        values = forward(tape, m, inputs)
        passes = Passes(graph, tape, inputs, names, exact, values, Adjoints({}, Edges(), Edges()), precision=precision)
        if isinstance(passes.value, Fault):
            raise _stopped(passes, passes.value, first_fault(values, passes.value))
        return _with_adjoints(passes, m)


def _refuse_precision(precision: Any, *, exact: bool) -> None:  # noqa: ANN401
    if precision is None:
        return
    if exact:
        raise GraphgradError("exact fractions have no precision", hint="take either exact or precision")
    if not isinstance(precision, int) or not 1 <= precision <= MAX_PRECISION:
        raise GraphgradError(
            f"a precision of {precision} digits", hint=f"take a whole number from 1 to {MAX_PRECISION}"
        )


def _with_adjoints(passes: Passes, m: Namespace) -> Passes:
    graph, tape, values = passes.graph, passes.tape, passes.values
    wanted = tape.depending_on(graph.node(name) for name in passes.wrt)
    try:
        found = backward(tape, m, values, wanted, m.const(Fraction(1)))
    except Fault as fault:
        raise _stopped(passes, fault, *(fault.edge or (graph.output,))) from None
    faulty = faulty_flow(tape, values, found)
    if faulty is not None:
        raise _stopped(passes, faulty, *(faulty.edge or (graph.output,)))
    kinks, overflows = kinks_met(tape, values, found, wanted), overflowed(tape, values)
    return replace(passes, found=found, kinks=kinks, overflows=overflows)


def _stopped(passes: Passes, fault: Fault, node: int, position: int | None = None) -> ExpressionError:
    error = stopped(passes.graph, passes.tape, fault, node, position)
    error.passes = passes
    return error


def choose_wrt(graph: GraphData, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """Return the inputs to differentiate by: those named, or all."""
    if wrt is None:
        return graph.inputs
    names = tuple(part.strip() for part in wrt.split(",")) if isinstance(wrt, str) else tuple(wrt)
    for name in names:
        if name not in graph.inputs:
            raise _unknown(graph, name)
    return tuple(dict.fromkeys(names))


def _unknown(graph: GraphData, name: str) -> UnknownNameError:
    near = difflib.get_close_matches(name, graph.inputs, 1)
    inputs = ", ".join(graph.inputs[:10]) + ", …" * (len(graph.inputs) > 10)  # noqa: PLR2004
    hint = f"did you mean '{near[0]}'?" if near else f"the inputs are: {inputs}" if inputs else "it has no inputs"
    return UnknownNameError(f"'{name}' is not an input of the expression", graph.source, (0, 0), hint=hint)


def values_at(
    graph: GraphData, tape: Tape, at: Mapping[str, Any], *, exact: bool, precision: int | None = None
) -> dict[str, Any]:
    """Return the value of every input that has one: a float, a fraction where `exact`, or one of so many digits."""
    for name in at:
        if name not in graph.inputs:
            raise _unknown(graph, name)
    given = {**graph.defaults, **at}
    missing = [name for name in graph.inputs if name not in given]
    if missing:
        used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
        missing = [name for name in missing if graph.node(name) in used]
    if missing:
        names = ", ".join(f"{name}=…" for name in missing[:10]) + ", …" * (len(missing) > 10)  # noqa: PLR2004
        message = f"no value for {', '.join(map(repr, missing[:10]))}"
        raise UnknownNameError(message, graph.source, graph.spans[graph.node(missing[0])], hint=f"give {names}")
    m = namespace_of(exact=exact, precision=precision)
    return {name: _number(graph, name, value, m) for name, value in given.items()}


def _number(graph: GraphData, name: str, value: Any, m: Namespace) -> Any:  # noqa: ANN401
    try:
        number = float(value) if isinstance(m, Floats) else m.const(fraction(value))
        finite = isinstance(number, Fraction) or number - number == 0
    except (TypeError, ValueError, OverflowError):
        finite = False
    if not finite:
        span = graph.spans[graph.node(name)]
        raise DomainError(f"{name} = {value!r} is not a finite number", graph.source, span)
    return number


def fraction(value: Any) -> Fraction:  # noqa: ANN401
    """Return a number as an exact fraction."""
    # A float stands for the decimal it is written as: 1.1 is 11/10.
    if hasattr(value, "_mpf_"):
        return as_fraction(value)
    if isinstance(value, (Rational, Decimal, str)):
        return Fraction(value)
    return Fraction(repr(float(value))) if isinstance(value, Real) else Fraction(value)
