"""Choose which parts of a tape get a name where it is written, and which stand where they are used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.printing.named import named
from graphgrad.printing.names import LETTERS, fresh

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.printing.operators import Text
    from graphgrad.printing.text import Notation
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_INLINE", "MAX_REPEATED", "Program", "definitions_of", "in_notation"]

MAX_REPEATED: Final = 40
"""A longer subexpression with several uses becomes a statement of its own."""

MAX_INLINE: Final = 500
"""A longer subexpression becomes a statement of its own, so that text stays linear in the graph."""


class Program(NamedTuple):
    """A tape in a notation: the name or text of every register, and the definitions of names by register."""

    texts: list[Any]
    definitions: dict[int, tuple[str, Text]]


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
