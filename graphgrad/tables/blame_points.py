"""Say what made the results of a row nan or infinite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.blame import Blame
    from graphgrad.compile.protocol import Compiled
    from graphgrad.tables.tally import Point

__all__ = ["BlamedRow", "blamed"]

STATES: Final = ("nan", "infinite")
"""What is not finite."""


@public
class BlamedRow(NamedTuple):
    """A row, numbered from 1 on, whose results are not all finite: its inputs, and what made them so.

    >>> from graphgrad import parse
    >>> from graphgrad.tables.blame_points import blamed
    >>> from graphgrad.tables.tally import Point
    >>> print(blamed([parse("log(x)*y").compile()], [Point(6, 0, {"x": 0.0, "y": 2.0})])[0])
    row 7: the value is infinite because log(0) is not defined: here x = 0
    """

    row: int
    inputs: dict[str, float]
    blame: tuple[Blame, ...]

    def __str__(self) -> str:
        """Return the row's number, and what is to blame."""
        sentences = "; ".join(blame.sentence for blame in self.blame)
        return f"row {self.row}: {sentences or 'the result is not finite'}"


def blamed(functions: Sequence[Compiled], points: Sequence[Point]) -> tuple[BlamedRow, ...]:
    """Return what is to blame in rows that a tally names."""
    return tuple(_blamed(functions[point.formula], point) for point in points)


def _blamed(function: Compiled, point: Point) -> BlamedRow:
    columns = {name: np.array([x]) for name, x in point.inputs.items()}
    found = function.blame(columns, 1) if columns else ()
    states = [row.blame for row in found if row.blame.state in STATES]
    return BlamedRow(point.row + 1, dict(point.inputs), tuple(states))
