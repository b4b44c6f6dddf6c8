"""Order the formulas that a cell depends on, each after those that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graphgrad.text.dialects.excel.references import Cell

__all__ = ["evaluation_order"]

MAX_REFERENCES: Final = 5_000_000
"""The most references between formulas that are followed."""

MAX_SHOWN: Final = 12
"""The most cells of a circle that an error names."""


def evaluation_order(wanted: Cell, precedents: Callable[[Cell], Iterable[Cell]]) -> list[Cell]:
    """Return the formulas that a cell needs, itself last. Raises `GraphgradError` for a circle, which it names.

    >>> from graphgrad.text.dialects.excel.references import Cell
    >>> a, b, c = (Cell("S", row, 1) for row in (1, 2, 3))
    >>> [str(cell) for cell in evaluation_order(c, {a: [], b: [a], c: [a, b]}.get)]
    ['S!A1', 'S!A2', 'S!A3']
    >>> evaluation_order(c, {a: [b], b: [a], c: [a]}.get)
    Traceback (most recent call last):
    graphgrad.GraphgradError: these formulas need each other: S!A1 → S!A2 → S!A1
    break the circle: write the value of one of these cells as a number
    """
    order: list[Cell] = []
    finished: set[Cell] = set()
    path: dict[Cell, Iterator[Cell]] = {wanted: iter(precedents(wanted))}
    followed = 0
    while path:
        cell, rest = next(reversed(path.items()))
        followed += 1
        for other in rest:
            followed += 1
            if other in path:
                raise _circle([*path], other)
            if other not in finished:
                path[other] = iter(precedents(other))
                break
        else:
            del path[cell]
            finished.add(cell)
            order.append(cell)
        if followed > MAX_REFERENCES:
            message = f"the formulas below {wanted} have more than {MAX_REFERENCES} references to each other"
            raise LimitError(message, hint="sum in steps: a running total adds to the cell above")
    return order


def _circle(path: list[Cell], start: Cell) -> GraphgradError:
    circle = [str(cell) for cell in path[path.index(start) :]]
    if len(circle) > MAX_SHOWN:
        circle[MAX_SHOWN - 1 : -1] = [f"… {len(circle) - MAX_SHOWN} more …"]
    shown = " → ".join([*circle, circle[0]])
    hint = "break the circle: write the value of one of these cells as a number"
    return GraphgradError(f"these formulas need each other: {shown}", hint=hint)
