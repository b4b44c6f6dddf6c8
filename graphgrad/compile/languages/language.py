"""Write a tape as the source of a function; a subclass of `Language` is a target."""

from __future__ import annotations

import re
from collections import Counter
from copy import copy
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import TYPE_CHECKING, ClassVar, Final, Self

from graphgrad.compile.optimize.lowering import POINT_REWRITES, lowered
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON, PRODUCT, SUM
from graphgrad.printing.operators import ATOM, SIGN_POWER, Syntax, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = [
    "ARITHMETIC",
    "INDENT",
    "Apart",
    "Body",
    "Language",
    "Signature",
    "body_of",
    "called_in",
    "distinct_identifiers",
    "function",
    "in_order",
    "path_conditions",
]

MAX_INLINE: Final = 40
"""The most characters of an expression that is inlined; a longer one becomes a statement."""

DEEPEST: Final = 16
"""The most nested branches; further in, both sides of a choice are computed."""

SIGNS: Final = frozenset(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="])
ARITHMETIC: Final = Syntax(dict.fromkeys((SUM, PRODUCT, COMPARISON), "#1 {} #2"), known=SIGNS)
"""The operators that all these languages write alike, with the same precedence."""

INDENT: Final = "    "

Path = tuple[tuple[int, bool], ...]
"""The path condition of a statement: a register and its truth value for each branch around the statement."""


@dataclass(frozen=True, slots=True)
class Apart:
    """How functions that stand before the one that calls them are spelled, by the names of operations.

    `calls` are spelled with {} for each operand, as in `"square({})"`, and `results` with {} for the call, as in
    `"{}[0]"`; `most` is how many one of them has at most. `taken` are the names that no parameter may have.
    """

    calls: Spellings = field(default_factory=dict)
    results: Spellings = field(default_factory=dict)
    most: int = 0
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's name, the expression for its comment, and the inputs that its gradient is by."""

    name: str
    about: str
    wrt: tuple[str, ...]


class Language(Namespace):
    """The namespace in which a number is source text; a subclass is one language.

    Attributes:
        operators: the syntax of operators, comparisons and choices.
        spellings: the function of an operation, as a name or as a call with {} for each operand. An operation that is
            neither here nor an operator is expanded by its row's rule.
        reserved: the names that no parameter may have.
        lazy: whether a choice becomes a branch that computes one of its sides.
        rewrites: the strength reductions that pay in the language.
        first_result: how the first result of a function that a text defines is read from its call; the number in it
            counts. "" where such calls are written out.
        apart: the functions that stand before the one that calls them.
    """

    title: ClassVar[str]
    operators: ClassVar[Syntax]
    reserved: ClassVar[frozenset[str]]
    lazy: ClassVar[bool] = True
    rewrites: Spellings = POINT_REWRITES
    first_result: ClassVar[str] = ""
    apart: Apart = Apart()

    def beside(self, apart: Apart) -> Self:
        """Return the language with functions that stand before the one that calls them."""
        language = copy(self)
        language.apart = apart
        return language

    def const(self, number: Fraction) -> Text:
        """Return the shortest literal that reads back as the same float."""
        value = Floats().const(number)
        return Text(repr(value), SIGN_POWER if value < 0 else ATOM)

    def knows(self, op: Op) -> bool:
        """Whether the language has a function or an operator for an operation."""
        return bool(self.spelling(op)) or self.operators.knows(op)

    def spelling(self, op: Op) -> str:
        """Return the function of an operation, "" where it has none."""
        tables = (self.apart.calls, self.apart.results, self.spellings)
        return next((table[op.name] for table in tables if op.name in table), "")

    def called(self, ops: Iterable[Op]) -> set[str]:
        """Return the names of the functions that these operations call."""
        return {name for op in ops for name in called_in(self.spellings.get(op.name, ""))}

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation on operands as text."""
        spelling = self.spelling(op)
        if "{" in spelling:
            return Text(spelling.format(*[x.string for x in operands]))
        written = None if spelling else self.operators.written(op, operands)
        return written or self.operators.called(spelling, operands)

    def watched(self, tape: Tape) -> list[int]:  # noqa: ARG002  for subclasses that look at it
        """Return the registers that the end of the function reads again, which therefore need names."""
        return []

    def guard(self, condition: str, *, holds: bool) -> str:
        """Return the line that opens a branch."""
        raise NotImplementedError

    def guard_end(self) -> tuple[str, ...]:
        """Return the lines that close a branch."""
        raise NotImplementedError

    def assign(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment, with a declaration if asked for."""
        raise NotImplementedError

    def declare(self, names: Sequence[str]) -> list[str]:
        """Return the lines that declare the names assigned in branches."""
        raise NotImplementedError

    def assign_call(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment of all results of a function, with a declaration if asked for."""
        return self.assign(name, text, declare=declare)

    def declare_calls(self, names: Sequence[str]) -> list[str]:
        """Return the lines that declare the names assigned so in branches."""
        return self.declare(names)

    def results_type(self, most: int) -> dict[str, str]:  # noqa: ARG002  for languages that have to name it
        """Return the definition of the type of at most so many results of a function, by its name."""
        return {}

    def function_apart(self, body: Body, name: str, about: str) -> str:
        """Return the source of a function that returns all results of its body, with a comment."""
        raise NotImplementedError

    def whole(self, body: Body, signature: Signature) -> str:
        """Return the source of the function with this body, helpers and comments included."""
        raise NotImplementedError

    def identifier(self, name: str) -> str:
        """Return an input's name as an identifier: the language's one escaping function."""
        raise NotImplementedError

    def parameters(self, inputs: Iterable[str]) -> dict[str, str]:
        """Return the name of each input in the function's body."""
        return identifiers(inputs, self)


@dataclass(frozen=True, slots=True)
class Body:
    """A function's body: parameters by input, lines, the texts of its results and of watched registers, operations.

    `before` are the functions that stand before it; the operations are theirs as well.
    """

    parameters: dict[str, str]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    watched: tuple[str, ...]
    ops: frozenset[Op]
    before: tuple[str, ...] = ()


def called_in(spelling: str) -> list[str]:
    """Return the names of the functions that a spelling calls.

    >>> called_in("sqrt"), called_in("float(floor({}))")
    (['sqrt'], ['float', 'floor'])
    """
    return re.findall(r"[\w.]+(?=\()", spelling if "(" in spelling else f"{spelling}(")


def function(tape: Tape, language: Language, signature: Signature) -> str:
    """Return the source of a function that computes a tape's outputs, the value first, then the gradient.

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
    tape = lowered(tape, language.knows, language.title, language.rewrites)
    return language.whole(body_of(tape, language), signature)


def body_of(tape: Tape, language: Language) -> Body:
    """Return the body of a function that computes the outputs of a tape, which has only operations of the language."""
    return _BodyWriter(tape, language).body()


class _BodyWriter:
    """Writes a tape's statements: expressions with one use are inlined, choices become branches."""

    def __init__(self, tape: Tape, language: Language) -> None:
        self.tape, self.language = tape, language
        self.uses = Counter(operand for step in tape.steps for operand in step.operands)
        self.uses.update(tape.outputs)
        self.watched = language.watched(tape)
        self.uses.update(self.watched)
        for step in tape.steps:
            if step.op.name in language.apart.results:
                self.uses[step.operands[0]] += self.uses[step.target] - 1
        self.paths = path_conditions(tape, deepest=DEEPEST if language.lazy else 0)
        self.parameters = language.parameters(tape.inputs)
        self.texts = tape.leaves(language, {name: Text(own) for name, own in self.parameters.items()})
        self.current_path: Path = ()
        self.lines: list[str] = []
        self.declared: list[str] = []
        self.declared_calls: list[str] = []

    def body(self) -> Body:
        prefix = _prefix([*self.parameters.values(), *self.language.apart.taken])
        numbers = count(1)
        for step in in_order(self.tape, self.paths):
            text = self.language.value(step.op, [self.texts[i] for i in step.operands])
            is_named = step.op.name not in self.language.apart.results
            if is_named and (self.uses[step.target] > 1 or len(text.string) > MAX_INLINE):
                text = self.assigned(step, text, f"{prefix}{next(numbers)}")
            self.texts[step.target] = text
        self.enter(())
        results = tuple(self.texts[register].string for register in self.tape.outputs)
        declared = (*self.language.declare(self.declared), *self.language.declare_calls(self.declared_calls))
        lines = (*declared, *self.lines)
        watched = tuple(self.texts[register].string for register in self.watched)
        return Body(self.parameters, lines, results, watched, frozenset(step.op for step in self.tape.steps))

    def assigned(self, step: Step, text: Text, name: str) -> Text:
        path = self.paths[step.target]
        is_call = step.op.name in self.language.apart.calls
        self.enter(path)
        if path:
            (self.declared_calls if is_call else self.declared).append(name)
        assign = self.language.assign_call if is_call else self.language.assign
        self.lines.append(INDENT * len(path) + assign(name, text.string, declare=not path))
        return Text(name)

    def enter(self, path: Path) -> None:
        """Close and open branches, so that the next statement stands under this path condition."""
        common = len(_common(self.current_path, path))
        for depth in range(len(self.current_path) - 1, common - 1, -1):
            self.lines += [INDENT * depth + line for line in self.language.guard_end()]
        for depth in range(common, len(path)):
            register, holds = path[depth]
            condition = self.language.operators.truth(self.texts[register])
            self.lines.append(INDENT * depth + self.language.guard(condition, holds=holds))
        self.current_path = path


def path_conditions(tape: Tape, deepest: int) -> dict[int, Path]:
    """Return the path condition of each register: the innermost branches that contain all its uses.

    In `where(x < 0, -x, log(x))`, `-x` is computed where `x < 0` holds, and `log(x)` where it does not.
    """
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


def in_order(tape: Tape, paths: dict[int, Path]) -> list[Step]:
    """Return the steps in topological order, a condition also before the steps in its branches."""
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
    """Return a prefix for the names of temporaries, such that none is a parameter's name."""
    prefixes = ("v" + "_" * i for i in count())
    return next(p for p in prefixes if not any(re.fullmatch(rf"{p}\d+", name) for name in names))


def _common(a: Path, b: Path) -> Path:
    return tuple(x for x, _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def identifiers(names: Iterable[str], language: Language) -> dict[str, str]:
    """Return an identifier for each name, all distinct and none reserved."""
    names, apart = [*names], language.apart
    taken = {*apart.taken, *language.results_type(apart.most)}
    return dict(zip(names, distinct_identifiers(names, language, taken), strict=True))


def distinct_identifiers(names: Iterable[str], language: Language, taken: Iterable[str]) -> list[str]:
    """Return an identifier for each name, all distinct, none reserved and none of those that are taken."""
    result: list[str] = []
    used = {*language.reserved, *taken}
    for name in names:
        identifier = language.identifier(name)
        while identifier in used:
            identifier += "_"
        used.add(identifier)
        result.append(identifier)
    return result
