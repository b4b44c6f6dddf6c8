"""Define `Grammar`: the table of tokens, operators, names and handlers by which the one parser reads a dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.text.statement import Apply, Span

__all__ = ["Form", "Grammar", "Handler", "Hint", "Tokenizer"]

Handler = Callable[[Any, str, "Span"], None]
"""What reads a token: a function of the `Reader`, which is the parser's state, the token's text and its span."""

Form = Callable[[Any, Any, "Span"], Any]
"""What makes an item of a closed call: a function of the `Reader`, the `Parenthesis` and the span of the call."""

Tokenizer = Callable[[str], Iterable[tuple[str, str]]]
"""A function that splits a text into pairs of blanks and the token after them; joined, they are the text."""

Hint = tuple[str, str]
"""A message and a hint."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
        beside: what reads an operand that stands directly behind another one: it puts an operator between them,
            or refuses them.
        matrix_signs: the operators that the dialect reads as those of matrices where both operands are arrays, and that
            are therefore refused there.
        roots: by a sign before its operand that binds more tightly than a power, the operations to apply.
        brackets: by an opening bracket, the closing one, and the operation on what stands between them.
        foreign: signs of other languages, with what they are called in a message and what to write instead.
        chain: what reads a comparison behind another one. None refuses it.
        forms: by a name before a parenthesis, what makes an item of the call that is no operation of the table's own.
        reader: the parser's state, where it has more than `Reader`; None for that one.
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
    beside: Handler
    matrix_signs: frozenset[str] = frozenset()
    roots: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)
    brackets: Mapping[str, tuple[str, Op]] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    foreign: Sequence[tuple[str, str, str]] = ()
    chain: Callable[[Any, Apply, Span], None] | None = None
    reader: type[Any] | None = field(default=None, kw_only=True)
