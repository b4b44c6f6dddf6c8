"""Store the names and the numbers of many nodes in arrays, instead of a dict and several objects for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from fractions import Fraction
from itertools import chain, starmap
from typing import TYPE_CHECKING, Final

from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PackedNames", "PackedNumbers"]

WORD: Final = 2**63
"""What is less than this is stored in eight bytes."""


class PackedNames(Mapping[int, str]):
    """Texts by node. Those that are added in the order of their nodes take few bytes; any others are in a dict.

    >>> names = PackedNames({0: "x"})
    >>> names[7] = "speed"
    >>> names[7], names.get(3), [*names.items()]
    ('speed', None, [(0, 'x'), (7, 'speed')])
    """

    __slots__ = ("_ends", "_nodes", "_others", "_text")

    def __init__(self, names: Mapping[int, str]) -> None:
        """Take the names."""
        self._nodes, self._ends = array("i"), array("q")
        self._text = bytearray()
        self._others: dict[int, str] = {}
        for node, name in names.items():
            self[node] = name

    def __setitem__(self, node: int, name: str) -> None:
        """Name a node that has no name."""
        if self._nodes and node < self._nodes[-1]:
            self._others[node] = name
            return
        self._text += name.encode("utf-8", "surrogatepass")
        self._nodes.append(node)
        self._ends.append(len(self._text))

    def setdefault(self, node: int, name: str) -> str:
        """Name a node unless it has a name; return its name."""
        if self._nodes and node <= self._nodes[-1] and node in self:
            return self[node]
        self[node] = name
        return name

    def place(self, node: int) -> int:
        """Return where a node is among those in the order in which they were added; -1 where it is not.

        >>> PackedNames({0: "x", 7: "y"}).place(7)
        1
        """
        place = bisect_left(self._nodes, node)
        return place if place < len(self._nodes) and self._nodes[place] == node else -1

    def __getitem__(self, node: int) -> str:
        place = self.place(node)
        if place < 0:
            return self._others[node]
        begin = self._ends[place - 1] if place else 0
        return self._text[begin : self._ends[place]].decode("utf-8", "surrogatepass")

    def __contains__(self, node: object) -> bool:
        return node in self._others or (isinstance(node, int) and self.place(node) >= 0)

    def __iter__(self) -> Iterator[int]:
        return chain(self._nodes, self._others)

    def __len__(self) -> int:
        return len(self._nodes) + len(self._others)

    def __repr__(self) -> str:
        return f"PackedNames({dict(self)})"


class PackedNumbers(Mapping[int, Number]):
    """Literals by node, which are added in the order of their nodes; each is made when it is read.

    >>> numbers = PackedNumbers({1: Number(Fraction(1, 2), "0.5")})
    >>> numbers[1]
    Number(value=Fraction(1, 2), text='0.5')
    """

    __slots__ = ("_denominators", "_long", "_numerators", "_texts")

    def __init__(self, numbers: Mapping[int, Number]) -> None:
        """Take the literals."""
        self._texts = PackedNames({})
        self._numerators, self._denominators = array("q"), array("q")
        self._long: dict[int, Fraction] = {}
        for node, number in numbers.items():
            self[node] = number

    def __setitem__(self, node: int, number: Number) -> None:
        """Add the literal of a node behind all others."""
        ratio = number.value.as_integer_ratio()
        is_short = -WORD <= ratio[0] < WORD > ratio[1]
        if not is_short:
            self._long[node] = number.value
        self._texts[node] = number.text
        self._numerators.append(ratio[0] if is_short else 0)
        self._denominators.append(ratio[1] if is_short else 1)

    def __getitem__(self, node: int) -> Number:
        text, place = self._texts[node], self._texts.place(node)
        value = self._long.get(node)
        return Number(Fraction(self._numerators[place], self._denominators[place]) if value is None else value, text)

    def fractions(self) -> dict[int, Fraction]:
        """Return the values by node."""
        values = starmap(Fraction, zip(self._numerators, self._denominators, strict=True))
        return dict(zip(self._texts, values, strict=True)) | self._long

    def __contains__(self, node: object) -> bool:
        return node in self._texts

    def __iter__(self) -> Iterator[int]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"PackedNumbers({dict(self)})"
