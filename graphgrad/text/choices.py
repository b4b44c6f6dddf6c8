"""Read choices, a if c else b and piecewise(c, a, b), and the words of logic."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply, Compound, Name, Part, Unfinished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.text.grammar import Form, Handler
    from graphgrad.text.reader import Parenthesis, Reader
    from graphgrad.text.statement import Item, Span

__all__ = [
    "CALLED_WORDS",
    "CONJUNCTION",
    "FORMS",
    "WORD_HANDLERS",
    "WORD_OPERATORS",
    "choice_of",
    "conjunction",
    "negation",
]

WORD_OPERATORS: Final = {"and": "∧", "or": "∨", "xor": "⊻", "not": "¬", "&&": "∧"}
"""Words and signs of programs, by the sign that they are another spelling of."""

CHOICE: Final = 0
"""The binding power of what stands behind `else`: less than that of any operator."""

OPEN: Final = -1
"""The binding power of an `if` without its `else`: that of an open parenthesis."""

CONJUNCTION: Final = WORD_OPERATORS["and"]
EXPONENT: Final = lazy_pattern(r"[-−]?[0-9][0-9.]*")
"""What stands directly behind a sign that may be a caret."""

BEGINS_OPERAND: Final = lazy_pattern(r"[ \t]*(?!(?:and|or|xor|if|else|for|in)\b)(?:[^\W]|[(`|√∛∜⌊⌈¬]|\.[0-9])")
"""What stands behind `not` where it is an operator, and no name."""


class _Conditional(Unfinished):
    """A choice `a if c else b`, whose operands are a, c and b."""

    __slots__ = ("op",)
    arity = 3

    def __init__(self, op: Op) -> None:
        self.op = op

    def finished(self, starts: Sequence[int], last: int) -> Compound:
        """Return the choice, which takes the condition first."""
        return Compound(self.arity, (Part(self.op, (1, 0, 2), (starts[0], last)),))


@lru_cache(maxsize=16)
def choice_of(operations: Operations) -> Op:
    """Return the operation that takes one of its operands."""
    return next(op for op in operations.values() if op.chooses)


def if_word(reader: Reader, text: str, span: Span) -> None:
    """Read `if` behind an operand; it is a name elsewhere."""
    if not reader.complete:
        reader.grammar.other(reader, text, span)
        return
    reader.reduce(CHOICE)
    reader.stack.append((OPEN, _Conditional(choice_of(reader.grammar.operations)), span[0]))
    reader.complete = False


def else_word(reader: Reader, text: str, span: Span) -> None:
    """Read `else` behind the condition; it is a name where no operand has ended."""
    if not reader.complete:
        reader.grammar.other(reader, text, span)
        return
    reader.reduce(OPEN)
    if reader.stack[-1] is BARRIER:
        reader.fail("this 'else' has no if", span, "write a if condition else b")
    _, item, _ = reader.stack.pop()
    reader.stack.append((CHOICE, item, span[0]))
    reader.complete = False


def not_word(reader: Reader, text: str, span: Span) -> None:
    """Read `not` before an operand; it is a name where something else follows."""
    if reader.complete or not BEGINS_OPERAND.match(reader.source, span[1]):
        _name(reader, text, span)
    else:
        negation(reader, WORD_OPERATORS[text], span)


def negation(reader: Reader, text: str, span: Span) -> None:
    """Read the sign of a logical not, which stands before a whole comparison."""
    if text not in reader.grammar.prefix:
        reader.fail("there is no logical 'not' in this table of operations", span, "write x == 0")
    binds, item = reader.grammar.prefix[text]
    reader.require_operator(text, span)
    if reader.stack[-1][0] > binds:
        reader.fail("a logical 'not' cannot stand here", span, "put it in parentheses: (not x)")
    reader.stack.append((binds, item, span[0]))


def conjunction(reader: Reader, text: str, span: Span) -> None:
    """Read the sign of a logical and; where it stands like a caret, x∧2, two readers would read it differently."""
    source = reader.source
    if not reader.complete or "and" not in reader.grammar.infix:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    exponent = EXPONENT.match(source, span[1])
    if exponent and reader.last == span[0]:
        left = source[reader.starts[-1] : reader.last][-20:]
        whole = reader.starts[-1], exponent.end()
        reader.refuse_readings(whole, f"{left}^{exponent.group()}", f"{left} and {exponent.group()}")
    reader.infix("and", span)


def _name(reader: Reader, text: str, span: Span) -> None:
    reader.require_operator(text, span)
    reader.add(Name(text), span)


# ---- calls


def if_call(reader: Reader, call: Parenthesis, whole: Span) -> Item:
    """Return the choice that `if(condition, then, else)` is."""
    op = choice_of(reader.grammar.operations)
    _refuse_parameters(reader, call)
    if call.operands != op.arity:
        message = f"if takes {op.arity} operands, not {call.operands}"
        reader.fail(message, whole, "write if(condition, then, else)")
    return Apply(op, call.operands)


def piecewise(reader: Reader, call: Parenthesis, whole: Span) -> Item:
    """Return the choices that `piecewise(condition, value, …, otherwise)` is."""
    op, count = choice_of(reader.grammar.operations), call.operands
    _refuse_parameters(reader, call)
    if count == 1 or count % 2 == 0:
        message = "piecewise takes pairs of a condition and a value, and then the value where no condition holds"
        reader.fail(message, whole, "for example: piecewise(x < 0, 0, x < 1, x, 1)")
    parts: list[Part] = []
    otherwise = count - 1
    for i in range(count - 3, -1, -2):
        parts.append(Part(op, (i, i + 1, otherwise), whole))
        otherwise = count + len(parts) - 1
    return Compound(count, tuple(parts))


def _refuse_parameters(reader: Reader, call: Parenthesis) -> None:
    for _, span in call.params.values():
        left, _, right = reader.source[slice(*span)].partition("=")
        hint = f"to compare, write {left.strip()} == {right.strip()}"
        reader.fail(f"{call.function} has no parameters", span, hint)


FORMS: Final[Mapping[str, Form]] = {"if": if_call, "piecewise": piecewise}
WORD_HANDLERS: Final[Mapping[str, Handler]] = {"if": if_word, "else": else_word, "not": not_word, "¬": negation}
CALLED_WORDS: Final = frozenset({"and", "or", "xor", "if", "else", "not"})
"""Words that may stand directly before a parenthesis that is not theirs: a and(b)."""
