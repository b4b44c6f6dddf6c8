"""JavaScript that computes both passes with all their numbers; what does not exist is NaN, as here it is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.compile.languages.helpers import needed
from graphgrad.compile.languages.javascript import JAVASCRIPT, JavaScript
from graphgrad.compile.languages.language import INDENT, Code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.transcript import Transcript

__all__ = ["Checked", "both_passes"]

FILES: Final = ("checked.js", "special.js")
"""The functions that come along, the first of a name being the one meant."""

CHECKED: Final[Spellings] = {
    **JAVASCRIPT,
    "div": "div",
    "pow": "pow",
    "log": "log",
    "log2": "log2",
    "log10": "log10",
    "log1p": "log1p",
    "atanh": "atanh",
    "hypot": "hypot",
    "lt": "lt",
    "le": "le",
    "gt": "gt",
    "ge": "ge",
    "eq": "eq",
    "ne": "ne",
    "where": "where",
}
"""The functions of JavaScript, and of those that need not fail there, ones that check their operands."""


class Checked(JavaScript):
    """JavaScript in which an operation outside its domain is NaN, and so is all that is computed from it.

    >>> from graphgrad.ops.table import OPS
    >>> Checked().value(OPS["div"], [Code("x"), Code("y")]).string
    'div(x, y)'
    """

    spellings = CHECKED


def both_passes(found: Transcript, inputs: Sequence[str], numbers: Mapping[str, Iterable[int | None]]) -> str:
    """Return an expression: a function of the inputs' values, in this order, that returns lists of `numbers`.

    These are registers of the transcript's tape by the lists' names; None is a number that there is not.

    >>> from graphgrad.tape.transcript import transcript
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> found = transcript(m.tape([x * x]), set(), Checked().knows)
    >>> print(both_passes(found, ["x"], {"values": [0, 1], "adjoints": [found.adjoints[0], None]}))
    (() => {
        return (x) => {
            const v1 = x[0] * x[0];
            const v4 = x[0] + x[0];
            return {values: [x[0], v1], adjoints: [v4, null]};
        };
    })()
    """
    language = Checked()
    texts: list[Code] = found.tape.leaves(language, {name: Code(f"x[{i}]") for i, name in enumerate(inputs)})
    body = list(_statements(found.tape, language, texts))
    lists = (f"{name}: [{', '.join(_text(texts, i) for i in registers)}]" for name, registers in numbers.items())
    called = language.called(op for _, op, _ in found.tape.steps)
    lines = [
        *(line for source in _helpers(called) for line in source.splitlines()),
        "return (x) => {",
        *(INDENT + line for line in body),
        f"{INDENT}return {{{', '.join(lists)}}};",
        "};",
    ]
    return "\n".join(["(() => {", *(INDENT + line for line in lines), "})()"])


def _statements(tape: Tape, language: Checked, texts: list[Code]) -> Iterator[str]:
    for target, op, operands in tape.steps:
        text = language.value(op, [texts[i] for i in operands])
        texts[target] = Code(f"v{target}")
        yield language.assign(texts[target].string, text.string, declare=True)


def _text(texts: list[Code], register: int | None) -> str:
    return "null" if register is None else texts[register].string


def _helpers(names: Collection[str]) -> Iterator[str]:
    """Yield the functions that are called."""
    checked = needed(FILES[0], names)
    yield from checked
    yield from (source for source in needed(FILES[1], names) if source not in checked)
