"""Define `Grammar`: the table of tokens, operators, names and handlers by which the one parser reads a dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.text.statement import Apply, Span

__all__ = ["Grammar", "Handler", "Hint", "Tokenizer"]

Handler = Callable[[Any, str, "Span"], None]
"""What reads a token: a function of the `Reader`, which is the parser's state, the token's text and its span."""

Tokenizer = Callable[[str], Iterable[tuple[str, str]]]
"""A function that splits a text into pairs of blanks and the token after them; joined, they are the text."""

Hint = tuple[str, str]
"""A message and a hint."""


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """How a dialect is written, over a table of operations.

    Attributes:
        dialect: the dialect's name.
        operations: the table that names of operations are looked up in.
        tokens: what splits a text into tokens.
        infix: by an operator between two operands, its binding powers and what it applies. Equal binding powers do not
            chain, a weaker right one chains to the right. They are read where an operand has just ended, so that a
            word such as `and` can be an operator there and a name elsewhere.
        prefix: by an operator before its operand, its right binding power and what it applies.
        postfix: by what stands behind an operand, the operation.
        functions: by the name before a parenthesis, the operations that it may mean, by their numbers of operands.
        constants: by a name, the operation without operands that it means.
        refused: by a token, the message that refuses it.
        words: by a name, the hint for a text that runs two operands together and has this name as one of them.
        handlers: by a token, what reads it.
        longer: by the first character of a token that is longer and no operator, what reads it.
        other: what reads any other token; it refuses what the dialect does not know.
        matrix_signs: the operators that the dialect reads as those of matrices where both operands are arrays, and that
            are therefore refused there.
    """

    dialect: str
    operations: Operations
    tokens: Tokenizer
    infix: Mapping[str, tuple[int, int, Apply]]
    prefix: Mapping[str, tuple[int, Apply]]
    postfix: Mapping[str, Op]
    functions: Mapping[str, tuple[Op, ...]]
    constants: Mapping[str, Op]
    refused: Mapping[str, Hint]
    words: Mapping[str, str]
    handlers: Mapping[str, Handler]
    longer: Mapping[str, Handler]
    other: Handler
    matrix_signs: frozenset[str] = frozenset()
