"""Store many spans in two arrays of numbers, eight bytes for each instead of a tuple and two integers."""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.text.statement import Span

__all__ = ["PackedSpans"]


class PackedSpans(MutableSequence["Span"]):
    """A list of spans; an item is made when it is read, and a slice is a list.

    >>> spans = PackedSpans([(0, 1), (4, 5)])
    >>> spans.append((0, 5))
    >>> spans[-1], spans[:2], len(spans)
    ((0, 5), [(0, 1), (4, 5)], 3)
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        """Take the spans."""
        self._starts, self._ends = self._columns(spans)

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Span]:
        return zip(self._starts, self._ends, strict=True)

    def __reversed__(self) -> Iterator[Span]:
        return zip(reversed(self._starts), reversed(self._ends), strict=True)

    @overload
    def __getitem__(self, place: int) -> Span: ...

    @overload
    def __getitem__(self, place: slice) -> list[Span]: ...

    def __getitem__(self, place: int | slice) -> Span | list[Span]:
        if isinstance(place, slice):
            return [*zip(self._starts[place], self._ends[place], strict=True)]
        return self._starts[place], self._ends[place]

    def __setitem__(self, place: Any, value: Any) -> None:
        self._starts[place], self._ends[place] = self._columns(value) if isinstance(place, slice) else value

    def __delitem__(self, place: int | slice) -> None:
        del self._starts[place], self._ends[place]

    def insert(self, index: int, value: Span) -> None:
        """Insert a span before that at an index."""
        self._starts.insert(index, value[0])
        self._ends.insert(index, value[1])

    def append(self, value: Span) -> None:
        """Add a span at the end."""
        self._starts.append(value[0])
        self._ends.append(value[1])

    def extend(self, values: Iterable[Span]) -> None:
        """Add spans at the end."""
        starts, ends = self._columns(values)
        self._starts += starts
        self._ends += ends

    def clear(self) -> None:
        """Remove all spans."""
        del self[:]

    @staticmethod
    def _columns(spans: Iterable[Span]) -> tuple[array[int], array[int]]:
        """Return the starts and the ends of spans."""
        if isinstance(spans, PackedSpans):
            starts, ends = spans.columns
            return starts[:], ends[:]
        flat = array("i", chain.from_iterable(spans))
        return flat[::2], flat[1::2]

    @property
    def columns(self) -> tuple[array[int], array[int]]:
        """The arrays: the starts and the ends."""
        return self._starts, self._ends

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedSpans):
            return self._starts == other._starts and self._ends == other._ends
        if isinstance(other, list | tuple):
            return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return f"PackedSpans({self[:]})"
