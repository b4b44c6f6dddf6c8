"""Write both passes as a JavaScript function that returns all their numbers, NaN for each fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.compile.languages.helpers import helpers, needed_among
from graphgrad.compile.languages.javascript import JAVASCRIPT, JavaScript, known_helpers
from graphgrad.compile.languages.language import INDENT
from graphgrad.printing.operators import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.transcript import Transcript

__all__ = ["Checked", "both_passes"]

FILE: Final = "compile/languages/checked.js"
"""The file of the helpers that are taken instead of JavaScript's of the same name."""

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
"""JavaScript's functions, replaced by helpers where JavaScript returns a number outside the operation's domain."""


class Checked(JavaScript):
    """JavaScript in which an operation outside its domain returns NaN, and so does all that is computed from it.

    >>> from graphgrad.ops.table import OPS
    >>> Checked().value(OPS["div"], [Text("x"), Text("y")]).string
    'div(x, y)'
    """

    spellings = CHECKED


def both_passes(passes: Transcript, inputs: Sequence[str], numbers: Mapping[str, Iterable[int | None]]) -> str:
    """Return a function expression from the list of the inputs' values to an object of lists of numbers.

    `numbers` has the registers of each list by its name, None for null.

    >>> from graphgrad.tape.transcript import transcript
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> passes = transcript(m.tape([x * x]), set(), Checked().knows)
    >>> print(both_passes(passes, ["x"], {"values": [0, 1], "adjoints": [passes.adjoints[0], None]}))
    (() => {
        return (x) => {
            const v1 = x[0] * x[0];
            const v4 = x[0] + x[0];
            return {values: [x[0], v1], adjoints: [v4, null]};
        };
    })()
    """
    language = Checked()
    texts: list[Text] = passes.tape.leaves(language, {name: Text(f"x[{i}]") for i, name in enumerate(inputs)})
    body = list(_statements(passes.tape, language, texts))
    lists = (f"{name}: [{', '.join(_text(texts, i) for i in registers)}]" for name, registers in numbers.items())
    called = language.called(op for _, op, _ in passes.tape.steps)
    lines = [
        *(line for source in _helpers(called) for line in source.splitlines()),
        "return (x) => {",
        *(INDENT + line for line in body),
        f"{INDENT}return {{{', '.join(lists)}}};",
        "};",
    ]
    return "\n".join(["(() => {", *(INDENT + line for line in lines), "})()"])


def _statements(tape: Tape, language: Checked, texts: list[Text]) -> Iterator[str]:
    for target, op, operands in tape.steps:
        text = language.value(op, [texts[i] for i in operands])
        texts[target] = Text(f"v{target}")
        yield language.assign(texts[target].string, text.string, declare=True)


def _text(texts: list[Text], register: int | None) -> str:
    return "null" if register is None else texts[register].string


def _helpers(names: Collection[str]) -> list[str]:
    """Return the source of the helpers that are called."""
    return needed_among({**known_helpers(names), **helpers(FILE)}, names)
