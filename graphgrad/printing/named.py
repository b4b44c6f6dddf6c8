"""Print a tape with names for some of its registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.namespace import Namespace
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.printing.operators import Text
    from graphgrad.printing.text import Notation
    from graphgrad.tape.tape import Tape

__all__ = ["named"]


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
    ('s*c', [('s', Text(string='a + b', power=20, condition='', condition_power=10))])
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
