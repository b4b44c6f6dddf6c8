"""Print a tape with names for some of its registers, and choose names that people read."""

from __future__ import annotations

from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.namespace import Namespace
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence
    from fractions import Fraction

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.printing.operators import Text
    from graphgrad.printing.text import Notation
    from graphgrad.tape.tape import Tape

__all__ = ["LETTERS", "ReadingNames", "fresh", "named", "output_name"]

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


def named(
    tape: Tape, m: Notation, name_of: Callable[[int, Text], str | None]
) -> tuple[list[Any], list[tuple[str, Text]]]:
    """Return the text of every register in the notation `m`, and the definitions of names, in the tape's order.

    `name_of` takes each step's register and text, and returns its name; where it returns none, the text is inlined.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.text import Notation
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.tape.tape import lower
    >>> tape = lower(build("(a + b)*c", parse("(a + b)*c")))
    >>> texts, definitions = named(tape, Notation(), lambda node, _: {2: "s"}.get(node))
    >>> texts[-1].string, definitions
    ('s*c', [('s', Text(string='a + b', power=20, condition=''))])
    """
    naming = _Naming(tape, m, name_of)
    texts = forward(tape, naming, {name: m.name(name) for name in tape.inputs})
    return texts, naming.definitions


class _Naming(Namespace):
    def __init__(self, tape: Tape, m: Notation, name_of: Callable[[int, Text], str | None]) -> None:
        self.definitions: list[tuple[str, Text]] = []
        self._m, self._name_of = m, name_of
        self._targets = iter(tape.steps)

    def const(self, number: Fraction) -> Text:
        return self._m.const(number)

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        target = next(self._targets).target
        text = self._m.value(op, operands)
        name = self._name_of(target, text)
        if not name:
            return text
        self.definitions.append((name, text))
        return self._m.name(name)
