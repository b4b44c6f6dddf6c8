"""Compute derivatives by arrays whole, and refuse graphs of derivatives where shapes make them another one.

A derivative's graph adds over the entries of the output, or works entry by entry. For numbers that is the derivative;
for arrays it may be a sum of what was asked for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.shape_inference import shapes_of
from graphgrad.base.errors import GraphgradError, LimitError
from graphgrad.namespaces.array_values import as_array, shape_of
from graphgrad.namespaces.arrays import namespace_of_arrays
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.ops.shapes import shape_text
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.shapes import Shape

__all__ = ["gradient_guard", "gradient_values", "hessian_guard", "hessian_values", "jacobian_guard", "jacobian_values"]

MAX_PASSES: Final = 10_000
"""The most entries of an output: each takes both passes."""

MAX_NUMBERS: Final = 10_000_000
"""The most numbers of a Jacobian."""

WHOLE: Final = "take .at(point), which computes the whole of it"


def gradient_values(
    graph: GraphData, names: Sequence[str], at: Mapping[str, Any], kind: Kind = FLOATS
) -> dict[str, Any]:
    """Return the derivatives of the sum of a graph's output by inputs, each in the shape of its input.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> gradient_values(build("x*y", parse("x*y")), ["y"], {"x": [1, 2], "y": 3})
    {'y': 3.0}
    """
    return backprop(graph, at, names, kind=kind, seed=1).grad


def jacobian_values(
    graph: GraphData, names: Sequence[str], at: Mapping[str, Any], kind: Kind = FLOATS
) -> dict[str, Any]:
    """Return the Jacobian by each input: an array of the output's axes followed by the input's.

    Raises `LimitError` where it has too many entries.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> jacobian_values(build("A @ x", parse("A @ x")), ["x"], {"A": [[1, 2], [3, 4]], "x": [5, 6]})["x"]
    array([[1., 2.],
           [3., 4.]])
    """
    passes = backprop(graph, at, [], kind=kind)
    shape = shape_of(passes.value)
    if not shape:
        return backprop(graph, at, names, kind=kind).grad
    sizes = [prod(shape_of(value)) for value in passes.inputs.values()]
    _refuse_large(prod(shape), sum(sizes))
    rows = [backprop(graph, at, names, kind=kind, seed=_unit(shape, i)).grad for i in range(prod(shape))]
    if not rows:
        return {name: as_array([]).reshape(*shape, *shape_of(passes.inputs.get(name))) for name in names}
    stack = namespace_of_arrays(kind).np.stack
    return {name: stack([row[name] for row in rows]).reshape(*shape, *shape_of(rows[0][name])) for name in names}


def _refuse_large(outputs: int, inputs: int) -> None:
    if outputs > MAX_PASSES or outputs * inputs > MAX_NUMBERS:
        message = f"the Jacobian of {outputs} numbers by {inputs} is too large"
        raise LimitError(message, hint=f"at most {MAX_PASSES} rows and {MAX_NUMBERS} numbers are computed")


def _unit(shape: Shape, place: int) -> Any:
    seed = as_array([0.0] * prod(shape))
    seed[place] = 1
    return seed.reshape(shape)


def jacobian_guard(graph: GraphData, row: str) -> Callable[[Mapping[str, Shape]], None]:
    """Return a guard that raises `GraphgradError` where the output is an array."""
    return partial(_refuse_array, graph, row)


def _refuse_array(graph: GraphData, row: str, shapes: Mapping[str, Shape]) -> None:
    output = _output_shape(graph, shapes)
    if output:
        message = f"'{row}' is an array of {shape_text(output)}, and this entry of the Jacobian is for numbers"
        raise GraphgradError(message, hint=WHOLE)


def gradient_guard(graph: GraphData, name: str) -> Callable[[Mapping[str, Shape]], None]:
    """Return a guard that raises `GraphgradError` where an input is broadcast, by a graph that works entry by entry."""
    return partial(_refuse_broadcast, graph, name)


def _refuse_broadcast(graph: GraphData, name: str, shapes: Mapping[str, Shape]) -> None:
    output, input_shape = _output_shape(graph, shapes), shapes.get(name, ())
    if output != input_shape:
        message = f"'{name}' is broadcast from {shape_text(input_shape)} to {shape_text(output)}"
        raise GraphgradError(f"{message}, and this derivative works entry by entry", hint=WHOLE)


def hessian_guard(shapes: Mapping[str, Shape]) -> None:
    """Raise `GraphgradError` where an input is an array."""
    name = next((name for name, shape in shapes.items() if shape), None)
    if name is None:
        return
    hint = "take hvp, the Hessian times a vector, or an entry each as an input"
    raise GraphgradError(f"a Hessian is for numbers, and '{name}' is an array", hint=hint)


def hessian_values(inputs: Mapping[str, Any], _kind: Kind) -> dict[Any, Any]:
    """Raise `GraphgradError`: an input is an array."""
    hessian_guard({name: shape_of(value) for name, value in inputs.items()})
    return {}


def _output_shape(graph: GraphData, shapes: Mapping[str, Shape]) -> Shape:
    known = {name: shapes.get(name, ()) for name in graph.inputs}
    return shapes_of(graph, lower(replace(graph, guard=None)), known)[graph.output]
