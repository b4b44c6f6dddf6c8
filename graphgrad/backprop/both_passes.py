"""Run both passes on a graph: values forward, adjoints backward, then the kinks at the point."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.backward_pass import backward_pass
from graphgrad.backprop.faults import fault_error, fault_in, fault_origin
from graphgrad.backprop.inputs import read_value, values_at
from graphgrad.backprop.kinks import kinks_at
from graphgrad.backprop.passes import Passes, with_float_arrays
from graphgrad.backprop.prepared import prepared
from graphgrad.backprop.shape_inference import shapes_of
from graphgrad.base.errors import ShapeError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.namespaces.array_values import broadcast_to, is_array, shape_of, without_warnings
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.ops.shapes import Shape, shape_text
from graphgrad.tape.sweeps import Adjoints, forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.backprop.prepared import Prepared
    from graphgrad.base.errors import ExpressionError
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.tape import Tape

__all__ = ["backprop"]

SEED_HINT: Final = "give seed=…, on the command line --seed: an array of that shape, or a number for all entries"


def backprop(
    graph: GraphData,
    at: Mapping[str, Any],
    wrt: Iterable[str] | None = None,
    *,
    kind: Kind = FLOATS,
    seed: Any = None,
) -> Passes:
    """Run both passes at a point, in numbers of a kind, and return everything that they computed.

    `seed` is the adjoint of the output, 1 by default; an output that is an array needs one of its own shape, or a
    number for all entries. Raises `UnknownNameError` for a name that is no input and for an input without a value,
    `ShapeError` where arrays do not fit, and `DomainError` where a value or a local derivative does not exist: the
    error's `passes` holds what was computed before.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*x", parse("x*x")), {"x": 3})
    >>> passes.value, passes.grad
    (9.0, {'x': 6.0})
    """
    if not kind.promises_digits:
        return _run_at(graph, at, wrt, kind, seed)
    from graphgrad.backprop.enough_digits import with_enough_digits

    return with_enough_digits(lambda finer: _run_at(graph, at, wrt, finer, seed), kind)


def _run_at(graph: GraphData, at: Mapping[str, Any], wrt: Iterable[str] | None, kind: Kind, seed: Any) -> Passes:
    plan = prepared(graph, wrt)
    if not plan.is_large:
        return _run_prepared(graph, plan, at, kind, seed)
    with collector_paused():
        return _run_prepared(graph, plan, at, kind, seed)


def _run_prepared(graph: GraphData, plan: Prepared, at: Mapping[str, Any], kind: Kind, seed: Any) -> Passes:
    inputs = values_at(graph, plan.tape, at, kind)
    arrays = plan.has_array_operations or any(map(is_array, inputs.values()))
    if seed is None and not arrays:
        return _run(_Run(graph, plan, inputs, kind, kind.one), kind.namespace)
    seed = None if seed is None else read_value(graph, "seed", seed, kind)
    shapes = _shapes(graph, plan.tape, inputs) if arrays else None
    shape = shapes[graph.output] if shapes else ()
    if seed is None and not (shape and plan.wrt):
        seed = kind.one
    _refuse_seed(graph, seed, shape)
    seed = broadcast_to(seed, shape)[()] if arrays else seed
    run = _Run(graph, plan, inputs, kind, seed, arrays=arrays)
    return _run_arrays(run) if arrays else _run(run, kind.namespace)


class _Run(NamedTuple):
    """A graph and a point, before the passes."""

    graph: GraphData
    plan: Prepared
    inputs: dict[str, Any]
    kind: Kind
    seed: Any
    arrays: bool = False

    def passes(self, values: list[Any], backward: Adjoints | None = None, kinks: tuple[int, ...] = ()) -> Passes:
        """Return what the passes have computed; before the backward pass it has no adjoints."""
        graph, plan, inputs, kind, seed, arrays = self
        adjoints = Adjoints([]) if backward is None else backward
        return Passes(graph, plan.tape, inputs, plan.wrt, kind, values, adjoints, kinks, arrays, seed)


def _shapes(graph: GraphData, tape: Tape, inputs: Mapping[str, Any]) -> list[Shape]:
    shapes = {name: shape_of(value) for name, value in inputs.items()}
    if graph.guard:
        graph.guard(shapes)
    return shapes_of(graph, tape, shapes)


def _run(run: _Run, m: Namespace) -> Passes:
    graph, plan = run.graph, run.plan
    values = forward(plan.tape, m, run.inputs, plan.floats if m is FLOATS.namespace else None)
    fault = fault_in(values[graph.output])
    if fault is not None:
        raise _error_at(run, values, fault)
    try:
        adjoints = backward_pass(plan, m, values, run.seed)
    except Fault as on_edge:
        raise _error_at(run, values, on_edge) from None
    return run.passes(values, adjoints, kinks_at(plan.tape, m, values, adjoints, plan.fixed) if plan.has_kinks else ())


def _run_arrays(run: _Run) -> Passes:
    """Run on whole arrays; if a number is not finite, run again entry by entry, so that the error names the entry."""
    from graphgrad.namespaces.arrays import Entrywise, namespace_of_arrays

    with without_warnings():  # the passes report overflows themselves
        with suppress(NotFiniteError):
            return _run(run, namespace_of_arrays(run.kind))
        m = Entrywise(run.kind.namespace)
        inputs = {name: m.lift(value) for name, value in run.inputs.items()}
        return with_float_arrays(_run(run._replace(inputs=inputs, seed=m.lift(run.seed)), m), run.inputs, run.seed)


def _error_at(run: _Run, values: list[Any], fault: Fault) -> ExpressionError:
    """Return the error for a fault: at the node that has no value, or at the edge that has no local derivative."""
    passes, origin = run.passes(values), fault_origin(values, fault)
    place = (fault.edge or (passes.graph.output,)) if origin is None else (origin,)
    error = fault_error(passes, fault, *place)
    error.passes = passes
    return error


def _refuse_seed(graph: GraphData, seed: Any, shape: Shape) -> None:
    """Raise `ShapeError` if the output is an array and its seed is missing or has another shape."""
    if seed is None:
        message = (
            f"the output is an array of {shape_text(shape)}, so its gradient takes a seed: the adjoint of the output"
        )
        raise ShapeError(message, graph.source, graph.spans[graph.output], hint=SEED_HINT)
    if is_array(seed) and seed.shape != shape:
        message = f"the seed is {shape_text(seed.shape)}, and the output {shape_text(shape)}"
        raise ShapeError(message, graph.source, graph.spans[graph.output], hint=SEED_HINT)
