"""Call a traced function at a few points, and compare its values with those of its graph.

Some differences no recording operand can see: an argument that NumPy reads otherwise, a branch on the type, a function
that does not give the same number twice.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import value_bound
from graphgrad.base.errors import GraphgradError
from graphgrad.graph.array_defaults import in_floats
from graphgrad.namespaces.array_values import as_array, is_array, shape_of, unboxed
from graphgrad.namespaces.display import short
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData

__all__ = ["refuse_other_values"]

RANGES: Final = ((0.3, 0.5), (1.1, 1.9), (-2.7, 1.6))
"""The low end and the width of the ranges that points are taken from: inside (0, 1), above 1, below 0."""

GOLDEN: Final = 0.6180339887498949
"""Multiples of the golden ratio's inverse, modulo 1, are spread evenly and are no round numbers."""

TOLERANCE: Final = 1e-9
"""The largest difference, relative to the largest value of any node, that counts as rounding."""


def refuse_other_values(function: Callable[..., Any], graph: GraphData) -> None:
    """Raise `GraphgradError` if a traced function and its graph differ at the first point where both have a value.

    A function that cannot be called with numbers, or with small arrays where its graph has operations on arrays, is not
    compared.
    """
    for point in _points(graph):
        passes = _passes(graph, point)
        if passes is None:
            continue
        values = [value for value in _values(function, point) if value is not None]
        if any(_agree(passes, value) for value in values):
            return
        if values:
            at = ", ".join(f"{written(name)} = {short(number)}" for name, number in point.items())
            numbers = f"the function returns {short(values[0])}, and the graph's value is {short(passes.value)}"
            hint = "write the formula with Python's operators and NumPy's functions, without random numbers and state"
            raise GraphgradError(f"the graph is not the function: at {at} {numbers}", hint=hint)


def _points(graph: GraphData) -> Iterator[dict[str, Any]]:
    """Yield the points: arrays first where the graph has operations on them, with the defaults first."""
    arrays: list[tuple[int, ...]] = [(2,), (2, 2)] if any(step.op.on_arrays for step in graph.steps) else []
    for shape in (*arrays, ()):
        for low, width in RANGES:
            point = {name: _probe(shape, i, low, width) for i, name in enumerate(graph.inputs)}
            yield point | {name: in_floats(default) for name, default in graph.defaults.items()}
    yield {name: i + 1.0 for i, name in enumerate(graph.inputs)}


def _probe(shape: tuple[int, ...], index: int, low: float, width: float) -> Any:
    """Return the number, or the array, of one input."""
    if not shape:
        return low + width * ((index + 1) * GOLDEN % 1)
    numbers = [low + width * ((4 * index + 1 + i) * GOLDEN % 1) for i in range(2 ** len(shape))]
    return as_array(numbers).reshape(shape)


def _passes(graph: GraphData, point: dict[str, Any]) -> Passes | None:
    """Return both passes at a point; None where the graph has no finite value there."""
    try:
        passes = backprop(graph, point, seed=1)
    except (GraphgradError, ArithmeticError, ValueError, TypeError):
        return None
    return passes if _is_finite(passes.value) else None


def _values(function: Callable[..., Any], point: dict[str, Any]) -> Iterator[Any]:
    """Yield the function's value as called with Python's floats, then with NumPy's, whose `+` of truths is another."""
    yield _value(function, [*point.values()])
    np = sys.modules.get("numpy")
    if np:
        with np.errstate(all="ignore"):
            yield _value(function, [as_array(number)[()] for number in point.values()])


def _value(function: Callable[..., Any], arguments: list[Any]) -> Any:
    """Return the function's value, a float or an array of them; None where it has none that is finite."""
    try:
        value = unboxed(function(*arguments))
        value = value.astype(float) if is_array(value) and value.dtype.kind in "biuf" else float(value)
        return value if _is_finite(value) else None
    except Exception:  # noqa: BLE001  a stranger's function may raise anything, and is then not compared
        return None


def _is_finite(value: Any) -> bool:
    """Whether a number, or every entry of an array, is finite."""
    return bool((value - value == 0).all()) if is_array(value) else math.isfinite(value)


def _agree(passes: Passes, value: Any) -> bool:
    """Whether a value is the graph's, up to the rounding of both."""
    if shape_of(passes.value) != shape_of(value):
        return False
    error = abs(value - passes.value)
    scale = TOLERANCE * max(map(_size, passes.values), default=0.0)
    if is_array(error):
        return bool((error <= scale).all())
    return error <= scale or value_bound(passes).covers(error)


def _size(value: Any) -> float:
    """Return the largest absolute value of a node, the scale of its rounding; 0 where it has none that is finite."""
    if isinstance(value, Exception) or not _is_finite(value):
        return 0.0
    return float(abs(value).max() if is_array(value) else abs(value))
