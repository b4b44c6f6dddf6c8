"""Tell the types of the columns of a text, so that no value loses anything by its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["TypeGuess", "guessed_types"]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A type that a column has where each value matches `pattern`, none matches `lossy`, and each can be cast."""

    type: pa.DataType
    pattern: str
    lossy: str = ""

    def takes(self, values: pa.Array) -> bool:
        if not pc.all(pc.match_substring_regex(values, self.pattern)).as_py():
            return False
        if self.lossy and pc.any(pc.match_substring_regex(values, self.lossy)).as_py():
            return False
        try:
            pc.cast(values, self.type)
        except pa.ArrowInvalid:
            return False
        return True


CANDIDATES: Final[tuple[_Candidate, ...]] = (
    _Candidate(pa.int64(), r"^-?(?:0|[1-9][0-9]*)$"),
    # An id with leading zeros, or with more digits than a float64 has, stays text.
    _Candidate(pa.float64(), r"^[-+]?(?:[0-9.]|[iI][nN][fF]|[nN][aA][nN])", r"^[-+]?(?:0[0-9]|[0-9]{16,}$)"),
    _Candidate(pa.bool_(), r"^(?:true|True|TRUE|false|False|FALSE)$"),
    _Candidate(pa.date32(), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    _Candidate(pa.timestamp("us"), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"),
)
"""In this order the first that takes all values of a column is its type; where none does, it stays text."""


class TypeGuess:
    """The types that all values of a column met so far can have.

    >>> guess = TypeGuess()
    >>> guess.meet(pa.array(["1", "", "20"]))
    >>> guess.type
    DataType(int64)
    >>> guess.meet(pa.array(["1.5"]))
    >>> guess.type
    DataType(double)
    >>> guess.meet(pa.array(["n/a"]))
    >>> guess.type
    DataType(string)
    """

    def __init__(self) -> None:
        """Begin with every type."""
        self.candidates = CANDIDATES
        self.is_empty = True

    def meet(self, values: pa.Array) -> None:
        """Leave the types that these values can have; an empty text is a null of any."""
        values = values.filter(pc.not_equal(values, ""))
        if len(values) and self.candidates:
            self.is_empty = False
            self.candidates = tuple(candidate for candidate in self.candidates if candidate.takes(values))

    @property
    def type(self) -> pa.DataType:
        """The column's type."""
        return pa.string() if self.is_empty or not self.candidates else self.candidates[0].type


def guessed_types(names: Iterable[str], batches: Iterable[pa.RecordBatch]) -> Mapping[str, pa.DataType]:
    """Return the types of columns of text.

    >>> guessed_types(["id", "n"], [pa.record_batch({"id": ["007", "011"], "n": ["3", ""]})])
    {'id': DataType(string), 'n': DataType(int64)}
    """
    guesses = {name: TypeGuess() for name in names}
    for batch in batches:
        for name, guess in guesses.items():
            guess.meet(batch.column(name))
    return {name: guess.type for name, guess in guesses.items()}
