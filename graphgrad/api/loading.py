"""Load a graph, or both passes on it, from JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.api.graph import Graph
from graphgrad.api.result import Backprop
from graphgrad.base.public import public
from graphgrad.ops.operations import table_given

if TYPE_CHECKING:
    from pathlib import Path

    from graphgrad.namespaces.value_types import Number
    from graphgrad.ops.operations import Operations

__all__ = ["from_json", "load"]


@public
def from_json(text: str, *, operations: Operations | None = None) -> Graph | Backprop[Number, Number]:
    """Read back the JSON of `to_json`: a `Backprop` where it holds the numbers of both passes, else a `Graph`.

    The numbers are taken from the text, not computed again, so `check()` checks the stored numbers. A graph with
    operations of your own needs the table that has them, as `parse` does: `operations`. Raises `GraphgradError` for an
    operation that the table lacks, and for any other text.

    >>> from graphgrad import parse
    >>> r = parse("x*y").backprop({"x": 3, "y": 5})
    >>> from_json(r.to_json()) == r
    True
    """
    from graphgrad.backprop import stored_json

    graph, passes = stored_json.from_json(text, table_given(operations))
    return Backprop(passes) if passes else Graph(graph)


@public
def load(path: str | Path, *, operations: Operations | None = None) -> Graph | Backprop[Number, Number]:
    """Read a JSON file that `draw("FILE.json")` or `to_json` wrote; see `from_json`.

    Raises `GraphgradError` where the file cannot be read, holds something else, or an operation that the table
    `operations` lacks.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from graphgrad import parse
    >>> path = Path(mkdtemp(), "apple.json")
    >>> parse("apple*n").backprop({"apple": 100, "n": 5}).draw(path)
    >>> load(path).value
    500.0
    """
    from graphgrad.backprop.stored_json import read_text

    return from_json(read_text(path), operations=operations)
