"""Choose the names of intermediate values and outputs that people read."""

from __future__ import annotations

from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from graphgrad.graph.data import GraphData
    from graphgrad.tape.tape import Tape

__all__ = ["LETTERS", "ReadingNames", "fresh", "output_name"]

LETTERS: Final = "stuvw"
"""The names of intermediate values that have none."""

REGISTER: Final = "v"
"""The letter that gets no number: v1 looks like the number of a register."""

OUTPUTS: Final = "EFGH"
"""The names of an output that has none."""


def fresh(letters: str, taken: Container[str | None]) -> Iterator[str]:
    """Yield unused letters, then unused letters with numbers.

    >>> from itertools import islice
    >>> list(islice(fresh("st", {"s"}), 3))
    ['t', 's1', 't1']
    """
    yield from (letter for letter in letters if letter not in taken)
    numbered = letters.replace(REGISTER, "")
    for number in count(1):
        yield from (name for letter in numbered if (name := f"{letter}{number}") not in taken)


def output_name(graph: GraphData) -> str:
    """Return the output's name: the program's, else the first of E, F, G and H that the program does not use.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> [output_name(build(text, parse(text))) for text in ("x*y", "z = x*y", "E*y")]
    ['E', 'z', 'F']
    """
    known = graph.output_name or graph.names.get(graph.output)
    return known or next(fresh(OUTPUTS, {*graph.names.values(), *graph.inputs}))


class ReadingNames:
    """The names of a graph's operations for people: the program's, the output's, else unused letters in order.

    They are the same in pictures, on the page and in explanations. They are made when first used.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.tape.tape import lower
    >>> graph = build("(a*b + c)*s", parse("(a*b + c)*s"))
    >>> names = ReadingNames(graph, lower(graph))
    >>> [names[step.target] for step in lower(graph).steps]
    ['t', 'u', 'E']
    """

    def __init__(self, graph: GraphData, tape: Tape) -> None:
        """Take a graph and its tape."""
        self._graph, self._tape = graph, tape

    @cached_property
    def output(self) -> str:
        """The output's name."""
        return output_name(self._graph)

    @cached_property
    def all(self) -> dict[int, str]:
        """The names by node, in the order of the tape."""
        given, output = self._graph.names, self._graph.output
        letters = fresh(LETTERS, {*given.values(), *self._graph.inputs, self.output})
        return {
            node: given.get(node) or (self.output if node == output else next(letters)) for node, *_ in self._tape.steps
        }

    def __getitem__(self, node: int) -> str:
        """Return the name of an operation."""
        given = self._graph.names.get(node)
        return given or (self.output if node == self._graph.output else self.all[node])
