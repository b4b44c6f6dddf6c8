"""Print a graph as the text of a program that parses to the same graph."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import GraphgradError
from graphgrad.printing.named import named
from graphgrad.printing.names import LETTERS, fresh
from graphgrad.printing.text import Notation, number_text
from graphgrad.tape.tape import lower
from graphgrad.text.quoted_names import is_writable, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.printing.operators import Text
    from graphgrad.tape.tape import Tape

__all__ = [
    "MAX_INLINE",
    "MAX_REPEATED",
    "Program",
    "definitions_of",
    "in_notation",
    "program",
    "refuse_unwritable",
    "statements_of",
]

MAX_REPEATED: Final = 40
"""A longer subexpression with several uses becomes a statement of its own."""

MAX_INLINE: Final = 500
"""A longer subexpression becomes a statement of its own, so that text stays linear in the graph."""


def program(graph: GraphData) -> str:
    r"""Return text that parses to the same graph: inputs with defaults, named intermediates, the output.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "x = 3; s = x*(x + 1); s/2"
    >>> program(build(text, parse(text)))
    'x = 3\ns = x*(x + 1)\ns/2'
    """
    defaults = [f"{written(name)} = {number_text(number)}" for name, number in graph.defaults.items()]
    statements, [text] = statements_of(lower(graph), graph.names)
    return "\n".join([*defaults, *statements, *_output(graph, text)])


class Program(NamedTuple):
    """A tape in a notation: the name or text of every register, and the definitions of names by register."""

    texts: list[Any]
    definitions: dict[int, tuple[str, Text]]


def statements_of(tape: Tape, names: Mapping[int, str], *, repeated: int = MAX_INLINE) -> tuple[list[str], list[Text]]:
    """Return a tape as statements, and the text of each output; `names` maps registers to names."""
    refuse_unwritable(tape)
    texts, definitions = in_notation(tape, names, Notation(), repeated=repeated)
    statements = [f"{written(name)} = {text.string}" for name, text in definitions.values()]
    return statements, [texts[output] for output in tape.outputs]


def definitions_of(
    tape: Tape, names: Mapping[int, str], m: Notation, *, repeated: int = MAX_INLINE
) -> tuple[list[tuple[str, Text]], list[Text]]:
    """Return the definitions of names, as in `in_notation`, and the text of each output."""
    texts, definitions = in_notation(tape, names, m, repeated=repeated)
    return [*definitions.values()], [texts[output] for output in tape.outputs]


def in_notation(tape: Tape, names: Mapping[int, str], m: Notation, *, repeated: int = MAX_INLINE) -> Program:
    """Return a tape in the notation `m`; `names` maps registers to names, and long texts are given one.

    `repeated` is the greatest length of a text with several uses that is inlined.
    """
    uses = Counter(operand for step in tape.steps for operand in step.operands) if repeated < MAX_INLINE else Counter()
    taken = {*tape.inputs, *names.values()}
    letters = fresh(LETTERS, taken)
    registers: list[int] = []

    def name_of(register: int, text: Text) -> str | None:
        longest = repeated if uses[register] > 1 else MAX_INLINE
        name = names.get(register) or (next(letters) if len(text.string) > longest else None)
        registers.extend([register] if name else [])
        return name

    texts, definitions = named(tape, m, name_of)
    return Program(texts, dict(zip(registers, definitions, strict=True)))


def refuse_unwritable(tape: Tape) -> None:
    """Raise `GraphgradError` where the name of an input cannot be parsed."""
    unwritable = [name for name in tape.inputs if not is_writable(name)]
    if unwritable:
        message = f"the input {unwritable[0]!r} has a name that no text can hold"
        raise GraphgradError(message, hint="give its literal another name")


def _output(graph: GraphData, text: Text) -> list[str]:
    if graph.output_name is None:
        return [text.string]
    name = written(graph.output_name)
    return [] if text.string == name else [f"{name} = {text.string}"]
