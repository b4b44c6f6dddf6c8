"""The parts of the parser's state for LaTeX: functions that wait for operands, brackets, commands, pieces of code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from graphgrad.text.reader import Parenthesis
from graphgrad.text.statement import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.text.statement import Item, Span

__all__ = ["Bracket", "Macro", "Rope", "Spans", "Waiting", "flat"]

Spans = list[tuple["Item", "Span"]]
"""Items of code, each with its place in the text."""


@dataclass(slots=True, eq=False)
class Rope:
    """A piece of code that is put in place when its statement ends, so that a choice costs no copies of its parts."""

    parts: tuple[tuple[Sequence[Item], Sequence[Span]], ...]


def flat(code: Sequence[Any], spans: Sequence[Span]) -> tuple[list[Item], list[Span]]:
    """Return code with its spans, the parts of ropes in their places."""
    items: list[Item] = []
    places: list[Span] = []
    waiting = [zip(code, spans, strict=True)]
    while waiting:
        for item, span in waiting[-1]:
            if isinstance(item, Rope):
                waiting += [zip(*part, strict=True) for part in reversed(item.parts)]
                break
            items.append(item)
            places.append(span)
        else:
            waiting.pop()
    return items, places


@dataclass(slots=True, eq=False)
class Waiting:
    """A function before its operand, on the stack; `after` is what else is applied: a power.

    `below` is an operand that stands below its name, `at` is where the operand's code begins. `letter` is the name that
    it would be in a product; `is_defined` says that the text defines it.
    """

    arity: ClassVar[int] = 1

    word: str
    span: Span
    at: int = 0
    params: dict[str, tuple[Any, Span]] = field(default_factory=dict)
    after: Spans = field(default_factory=list)
    below: Spans = field(default_factory=list)
    letter: str = ""
    is_defined: bool = False
    constant_to: int = 0

    def is_constant(self, reader: Any) -> bool:
        """Whether the operand has no name so far; what has been looked at is not looked at again."""
        start, self.constant_to = max(self.at, self.constant_to), len(reader.code)
        return not any(isinstance(reader.code[i], Name | Rope) for i in range(start, self.constant_to))

    def finish(self, reader: Any, start: int) -> None:
        """Apply the function to the operand that has just ended."""
        reader.called(self, (start, reader.last), 1)


@dataclass(slots=True)
class Bracket(Parenthesis):
    """An open bracket of a kind: of a function's operands where there is a `call`.

    `factor` is the name before it that is a factor if the bracket is raised to a power.
    """

    kind: str = "("
    call: Waiting | None = None
    factor: str = ""


@dataclass(slots=True)
class Macro(Parenthesis):
    """A command that takes `needs` arguments in braces, and the items that it applies; or an exponent.

    `before` are operands that stood elsewhere, and `done` reads what has been in the braces where that is no operand.
    """

    needs: int = 1
    got: int = 0
    at: int = 0
    items: tuple[Item, ...] = ()
    powers: Waiting | None = None
    before: list[tuple[Any, Span]] = field(default_factory=list)
    done: Callable[[Any, Macro], None] | None = None
    is_exponent: bool = False
