"""Count what is reported about rows; tallies of parts of a table add up to that of the whole."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was met in some rows.

    >>> Tally(rows=2) + Tally(rows=3)
    Tally(rows=5)
    """

    rows: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of these rows and those after them."""
        return Tally(self.rows + other.rows)
