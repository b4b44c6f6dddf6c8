"""Both passes on a graph: values forward, adjoints backward, and the kinks met on the way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.faults import fault_in, faulty_flow, first_fault, stopped
from graphgrad.backprop.inputs import choose_wrt, filled, has_arrays, is_array, shape_of, value_given, values_at
from graphgrad.backprop.kinks import kinks_met
from graphgrad.backprop.passes import Passes, floated, namespace_of
from graphgrad.backprop.shape_inference import shapes_of
from graphgrad.base.errors import GraphgradError, ShapeError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.ops.shapes import Shape, shape_text
from graphgrad.tape.sweeps import Adjoints, Edges, Registers, backward, forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.base.errors import ExpressionError
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace

__all__ = ["backprop", "refuse_precision"]

SEED_HINT: Final = "give seed=…, on the command line --seed: an array of that shape, or a number for all entries"

MAX_PRECISION: Final = 10_000
"""The most digits that can be asked for."""


def backprop(  # noqa: PLR0913  each says how to compute
    graph: GraphData,
    at: Mapping[str, Any],
    wrt: Iterable[str] | None = None,
    *,
    exact: bool = False,
    precision: int | None = None,
    seed: Any = None,
) -> Passes:
    """Run both passes at a point and return all that was computed: on floats, fractions, or with `precision` digits.

    `seed` is the adjoint of the output, 1 by default; an output that is an array must be given one of its own shape, or
    a number that stands for all entries. Raises `UnknownNameError` for a name that is no input or an input without a
    value, `ShapeError` where arrays do not fit, and `DomainError` where a value or a local derivative does not exist:
    its `passes` then holds what was computed before.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*x", parse("x*x")), {"x": 3})
    >>> passes.value, passes.grad
    (9.0, {'x': 6.0})
    """
    with collector_paused():
        tape, names = lower(graph), choose_wrt(graph, wrt)
        refuse_precision(precision, exact=exact)
        inputs = values_at(graph, tape, at, exact=exact, precision=precision)
        arrays = has_arrays(tape, inputs)
        m = namespace_of(arrays=arrays, exact=exact, precision=precision)
        seed = (
            None if seed is None else value_given(graph, "seed", seed, namespace_of(exact=exact, precision=precision))
        )
        shapes = shapes_of(graph, tape, {name: shape_of(value) for name, value in inputs.items()}) if arrays else None
        seed = _seed(graph, seed if names or seed is not None else 1, shapes[graph.output] if shapes else ())
        found = Adjoints(Registers([]), Edges(), Edges())
        passes = Passes(graph, tape, inputs, names, exact, [], found, precision=precision, arrays=arrays, seed=seed)
        return _run_arrays(passes) if arrays else _run(passes, m, inputs)


def refuse_precision(precision: Any, *, exact: bool) -> None:
    """Raise `GraphgradError` for what is no number of digits, and beside `exact` for any."""
    if precision is None:
        return
    if exact:
        raise GraphgradError("exact fractions have no precision", hint="take either exact or precision")
    if not isinstance(precision, int) or not 1 <= precision <= MAX_PRECISION:
        raise GraphgradError(
            f"a precision of {precision} digits", hint=f"take a whole number from 1 to {MAX_PRECISION}"
        )


def _run(passes: Passes, m: Namespace, inputs: dict[str, Any]) -> Passes:
    graph, tape = passes.graph, passes.tape
    values = forward(tape, m, inputs)
    missing = fault_in(values[graph.output])
    if missing is not None:
        raise _stopped(passes, values, missing, first_fault(values, missing))
    fixed = tape.fixed(graph.node(name) for name in passes.wrt)
    try:
        found = backward(
            tape, m, values, fixed, passes.seed if is_array(passes.seed) else m.const(Fraction(passes.seed))
        )
    except Fault as fault:
        raise _stopped(passes, values, fault, *(fault.edge or (graph.output,))) from None
    faulty = faulty_flow(tape, values, found)
    if faulty is not None:
        raise _stopped(passes, values, faulty, *(faulty.edge or (graph.output,)))
    return replace(passes, values=values, found=found, kinks=kinks_met(tape, m, values, found, fixed))


def _run_arrays(passes: Passes) -> Passes:
    """Run on whole arrays; where that meets what is no finite number, once more entry by entry, to tell which it is."""
    with suppress(NotFiniteError):
        return _run(passes, passes.namespace, passes.inputs)
    m = Entrywise(Floats())
    return floated(_run(passes, m, {name: m.lift(value) for name, value in passes.inputs.items()}), passes.inputs)


def _stopped(
    passes: Passes, values: list[Any], fault: Fault, node: int, position: int | None = None
) -> ExpressionError:
    passes = replace(passes, values=values)
    error = stopped(passes, fault, node, position)
    error.passes = passes
    return error


def _seed(graph: GraphData, seed: Any, shape: Shape) -> Any:
    """Return the output's adjoint in the output's shape."""
    if not shape and not is_array(seed):
        return 1 if seed is None else seed
    if seed is None:
        message = (
            f"the output is an array of {shape_text(shape)}, so its gradient takes a seed: the adjoint of the output"
        )
        raise ShapeError(message, graph.source, graph.spans[graph.output], hint=SEED_HINT)
    if is_array(seed) and seed.shape != shape:
        message = f"the seed is {shape_text(seed.shape)}, and the output {shape_text(shape)}"
        raise ShapeError(message, graph.source, graph.spans[graph.output], hint=SEED_HINT)
    return filled(seed, shape)
