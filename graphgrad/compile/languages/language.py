"""A tape as straight-line source code, generic over the language."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count, takewhile
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.optimize.lowering import SHORTER, lean
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON, PRODUCT, SUM
from graphgrad.printing.operators import ATOM, SIGN_POWER, Syntax
from graphgrad.printing.operators import Text as Code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["ARITHMETIC", "INDENT", "Body", "Code", "Language", "Signature", "called_in", "function"]

MAX_INLINE: Final = 40
"""A longer expression becomes a statement of its own."""

DEEPEST: Final = 16
"""How deep branches nest; further in, both sides of a choice are computed."""

SIGNS: Final = frozenset(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="])
ARITHMETIC: Final = Syntax(dict.fromkeys((SUM, PRODUCT, COMPARISON), "#1 {} #2"), known=SIGNS)
"""The operators that look and bind alike in all these languages."""

INDENT: Final = "    "

Path = tuple[tuple[int, bool], ...]
"""The branches that a statement stands in: each a condition's register, and which way it has to turn out."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function is called, what it is about, and the names of what its gradient is by."""

    name: str
    about: str
    wrt: tuple[str, ...]


class Language(Namespace):
    """Reads an operation as source text; a subclass says how its language spells things.

    `operators` spells operators, comparisons and choices. `lazy` says whether a choice computes but one of its sides,
    `shorter` what costs less when written otherwise.

    The table `spellings` has the name of a function, or a call with {} for each operand. What it does not name, and is
    no operator, is spelled out from the operation's row.
    """

    title: ClassVar[str]
    operators: ClassVar[Syntax]
    reserved: ClassVar[frozenset[str]]
    lazy: ClassVar[bool] = True
    shorter: Spellings = SHORTER

    def const(self, number: Fraction) -> Code:
        """Return a number as the shortest text that reads back as the same float."""
        value = Floats().const(number)
        return Code(repr(value), SIGN_POWER if value < 0 else ATOM)

    def knows(self, op: Op) -> bool:
        """Whether the language can say an operation in a few words."""
        return op.name in self.spellings or self.operators.knows(op)

    def called(self, ops: Iterable[Op]) -> set[str]:
        """Return the names of the functions that operations are spelled with."""
        return {name for op in ops for name in called_in(self.spellings.get(op.name, ""))}

    def value(self, op: Op, operands: Sequence[Code]) -> Code:
        """Return an operation as text."""
        spelling = self.spellings.get(op.name, "")
        if "(" in spelling:
            return Code(spelling.format(*[x.string for x in operands]))
        written = None if spelling else self.operators.written(op, operands)
        return written or self.operators.called(spelling, operands)

    def watched(self, tape: Tape) -> list[int]:  # noqa: ARG002
        """Return the registers that have to be named, because the function has to look at them once more."""
        return []

    def guard(self, condition: str, *, holds: bool) -> str:
        """Return the line that opens a branch."""
        raise NotImplementedError

    def guard_end(self) -> tuple[str, ...]:
        """Return the lines that close a branch."""
        raise NotImplementedError

    def assign(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment, of a new name where it is to be declared."""
        raise NotImplementedError

    def declare(self, names: Sequence[str]) -> list[str]:
        """Return the lines that declare names which branches assign."""
        raise NotImplementedError

    def whole(self, body: Body, signature: Signature) -> str:
        """Return the whole function around its body."""
        raise NotImplementedError

    def identifier(self, name: str) -> str:
        """Return a name as this language may write it: the one door for the names of outsiders."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a function: its parameters by input, lines, results, what it watches, the operations it calls."""

    parameters: dict[str, str]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    watched: tuple[str, ...]
    ops: frozenset[Op]


def called_in(spelling: str) -> list[str]:
    """Return the names of the functions that a spelling calls.

    >>> called_in("sqrt"), called_in("float(floor({}))")
    (['sqrt'], ['float', 'floor'])
    """
    return re.findall(r"[\w.]+(?=\()", f"{spelling}(")


def function(tape: Tape, language: Language, signature: Signature) -> str:
    """Return the source of a function that computes a tape's outputs: the value, and the gradient.

    >>> from graphgrad.compile.languages.javascript import JavaScript
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> print(function(m.tape([m.exp(2 * x)]), JavaScript(), Signature("f", "exp(2*x)", ())))
    // exp(2*x)
    function f(x) {
        return [Math.exp(2.0 * x), {}];
    }
    """
    tape = lean(tape, language.knows, language.title, language.shorter)
    return language.whole(_Body(tape, language).body(), signature)


class _Body:
    """Writes the statements of a tape."""

    def __init__(self, tape: Tape, language: Language) -> None:
        self.tape, self.language = tape, language
        self.uses = Counter(operand for step in tape.steps for operand in step.operands)
        self.uses.update(tape.outputs)
        self.watched = language.watched(tape)
        self.uses.update(self.watched)
        self.paths = _paths(tape, deepest=DEEPEST if language.lazy else 0)
        self.parameters = identifiers(tape.inputs, language)
        self.texts = tape.leaves(language, {name: Code(own) for name, own in self.parameters.items()})
        self.open: Path = ()
        self.lines: list[str] = []
        self.declared: list[str] = []

    def body(self) -> Body:
        prefix = _prefix(self.parameters.values())
        numbers = count(1)
        for step in _ordered(self.tape, self.paths):
            text = self.language.value(step.op, [self.texts[i] for i in step.operands])
            if self.uses[step.target] > 1 or len(text.string) > MAX_INLINE:
                text = self.assigned(step, text, f"{prefix}{next(numbers)}")
            self.texts[step.target] = text
        self.enter(())
        results = tuple(self.texts[register].string for register in self.tape.outputs)
        lines = (*self.language.declare(self.declared), *self.lines)
        watched = tuple(self.texts[register].string for register in self.watched)
        return Body(self.parameters, lines, results, watched, frozenset(step.op for step in self.tape.steps))

    def assigned(self, step: Step, text: Code, name: str) -> Code:
        path = self.paths[step.target]
        self.enter(path)
        if path:
            self.declared.append(name)
        self.lines.append(INDENT * len(path) + self.language.assign(name, text.string, declare=not path))
        return Code(name)

    def enter(self, path: Path) -> None:
        """Close and open branches until the next statement stands where it belongs."""
        common = len(_common(self.open, path))
        for depth in range(len(self.open) - 1, common - 1, -1):
            self.lines += [INDENT * depth + line for line in self.language.guard_end()]
        for depth in range(common, len(path)):
            register, holds = path[depth]
            condition = self.language.operators.truth(self.texts[register])
            self.lines.append(INDENT * depth + self.language.guard(condition, holds=holds))
        self.open = path


def _paths(tape: Tape, deepest: int) -> dict[int, Path]:
    """Return the branches that each register is needed in alone: it is computed only there."""
    paths: dict[int, Path] = dict.fromkeys(tape.outputs, ())
    for step in reversed(tape.steps):
        path = paths[step.target]
        for position, operand in enumerate(step.operands):
            needed = path
            branch = step.operands[0], position == 1
            if step.op.chooses and position and branch not in path and len(path) < deepest:
                needed = (*path, branch)
            paths[operand] = _common(paths[operand], needed) if operand in paths else needed
    return paths


def _ordered(tape: Tape, paths: dict[int, Path]) -> list[Step]:
    """Return the steps in an order in which a condition comes before the branches that hang on it."""
    steps = {step.target: step for step in tape.steps}
    done: dict[int, Step] = {}
    for target in steps:
        stack = [target]
        while stack:
            step = steps[stack[-1]]
            needs = [*step.operands, *(condition for condition, _ in paths[step.target])]
            missing = [i for i in needs if i in steps and i not in done]
            if not missing:
                done[step.target] = step
                stack.pop()
            stack += reversed(missing)
    return list(done.values())


def _prefix(names: Collection[str]) -> str:
    """Return what the names of intermediate results begin with, such that none is a parameter's."""
    prefixes = ("v" + "_" * i for i in count())
    return next(p for p in prefixes if not any(re.fullmatch(rf"{p}\d+", name) for name in names))


def _common(a: Path, b: Path) -> Path:
    return tuple(x for x, _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def identifiers(names: Iterable[str], language: Language) -> dict[str, str]:
    """Return names as a language may write them, no two alike, none of them the language's own."""
    found: dict[str, str] = {}
    taken = set(language.reserved)
    for name in names:
        own = language.identifier(name)
        while own in taken:
            own += "_"
        taken.add(own)
        found[name] = own
    return found
