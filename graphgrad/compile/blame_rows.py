"""Find the first rows of columns with a number that is nan, infinite, 0 or huge, and what made it so."""

from __future__ import annotations

import math
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.blame import Blame, blames
from graphgrad.backprop.both_passes import backprop
from graphgrad.base.arguments import count_of
from graphgrad.base.errors import DomainError
from graphgrad.base.public import public
from graphgrad.compile.broadcast_columns import broadcast_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphgrad.graph.data import GraphData

__all__ = ["RowBlame", "blame_rows"]

MAX_CANDIDATES: Final = 1_000
"""The most rows with such a number that are computed again: a 0 may be right."""


@public
class RowBlame(NamedTuple):
    """The number of a row, and what made its value or a derivative nan, infinite, 0 or huge.

    >>> from graphgrad import parse
    >>> f = parse("log(x)*y").compile()
    >>> f.blame({"x": [1.5, 0, 2], "y": 2})
    (RowBlame(row=1, blame=Blame(of='value', state='infinite', ...)),)
    """

    row: int
    blame: Blame


def blame_rows(graph: GraphData, function: Any, at: Any, rows: int) -> tuple[RowBlame, ...]:
    """Return what is to blame in the first rows concerned, at most `rows` of them.

    A graph with operations on arrays has no rows, and so there is nothing to blame.
    """
    import numpy as np

    if any(step.op.on_arrays for step in graph.steps):
        return ()
    rows = count_of(rows, "rows")
    columns = broadcast_columns(graph, at)
    with np.errstate(all="ignore"):
        value, grad = function(**columns)
    concerned = np.zeros(np.shape(value), dtype=bool)
    for number in (value, *grad.values()):
        concerned |= ~np.isfinite(number) | (np.asarray(number) == 0)
    candidates = np.flatnonzero(concerned)[:MAX_CANDIDATES].tolist()
    results = {"value": value, **{f"∂/∂{name}": partial for name, partial in grad.items()}}
    found = islice(_found(graph, tuple(grad), columns, results, candidates), rows)
    return tuple(chain.from_iterable(found))


def _found(
    graph: GraphData,
    wrt: tuple[str, ...],
    columns: Mapping[str, Any],
    results: Mapping[str, Any],
    candidates: list[int],
) -> Iterator[list[RowBlame]]:
    for row in candidates:
        point = {name: float(column[row]) for name, column in columns.items()}
        try:
            row_blames = blames(backprop(graph, point, wrt))
        except DomainError as error:
            numbers = {of: float(x[row]) for of, x in results.items()}
            row_blames = tuple(_of_error(graph, error, numbers))
        if row_blames:
            yield [RowBlame(row, blame) for blame in row_blames]


def _of_error(graph: GraphData, error: DomainError, numbers: Mapping[str, float]) -> Iterator[Blame]:
    """Yield what the interpreter refuses as a blame: for the value if it is not finite, else for the derivatives."""
    hint = f": {error.hint}" if error.hint else ""
    node = graph.spans.index(error.span) if error.span in graph.spans else graph.output
    odd = {of: "nan" if math.isnan(x) else "infinite" for of, x in numbers.items() if not math.isfinite(x)}
    for of, state in list(odd.items())[: 1 if "value" in odd else None]:
        subject = "the value" if of == "value" else of
        sentence = f"{subject} is {state} because {error.message}{hint}"
        yield Blame(of, state, sentence, error.span, node, (node,), {})
