"""Broadcast the columns that are given for a graph's inputs to one shape, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.arguments import mapping_of, number_of
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.run_columns import as_column, is_column
from graphgrad.compile.columns.tabular import is_frame, is_series
from graphgrad.graph.array_defaults import in_floats

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData

__all__ = ["broadcast_columns"]


def broadcast_columns(graph: GraphData, at: Any) -> dict[str, Any]:
    """Return the values of all inputs, defaults included, as flat arrays of one length; `at` may be a frame.

    Raises `UnknownNameError` for a name that is no input, and `GraphgradError` where the shapes do not go together.

    >>> from graphgrad import parse
    >>> broadcast_columns(parse("x*y").data, {"x": [1, 2], "y": 3})
    {'x': array([1, 2]), 'y': array([3., 3.])}
    """
    import numpy as np

    if is_frame(at) or any(map(is_series, mapping_of(at, "the columns").values())):
        from graphgrad.compile.rows import rows_of

        at = rows_of(graph, at).numbers
    at = mapping_of(at, "the columns")
    choose_wrt(graph, at)
    given = {**{name: in_floats(x) for name, x in graph.defaults.items()}, **at}
    columns = [as_column(np, name, x if is_column(x) else number_of(x, name)) for name, x in given.items()]
    try:
        arrays = np.broadcast_arrays(*columns)
    except ValueError:
        shapes = ", ".join(f"{name} {column.shape}" for name, column in zip(given, columns, strict=True))
        raise GraphgradError(f"the columns' shapes do not go together: {shapes}") from None
    return {name: array.reshape(-1) for name, array in zip(given, arrays, strict=True)}
