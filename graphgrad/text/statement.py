"""The syntax of a parsed program: statements in postfix order, flat, so that no recursion is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op

__all__ = [
    "Apply",
    "Call",
    "Code",
    "Compound",
    "Item",
    "Name",
    "NameAt",
    "Number",
    "Part",
    "Repeat",
    "Span",
    "Statement",
    "TakeAt",
    "Unfinished",
]

Span = tuple[int, int]


@final
class Number(NamedTuple):
    """A literal: its exact value, and the text it was written as."""

    value: Fraction
    text: str


@final
class Name(NamedTuple):
    """A use of an input or of a named intermediate."""

    text: str


@final
class Apply(NamedTuple):
    """An operation of the table, with its parameters fixed, on the `arity` results before it."""

    op: Op
    arity: int


class Part(NamedTuple):
    """An operation within a `Compound`, and its span.

    `places` says what its operands are: first come those of the whole, then the results of the parts before it.
    """

    op: Op
    places: tuple[int, ...]
    span: Span


@final
class Compound(NamedTuple):
    """Several operations on the `arity` results before it; the last one gives its value.

    It names an operand that several of them have, or that they have in another order than the text's.
    """

    arity: int
    parts: tuple[Part, ...]


class Unfinished:
    """What is to be applied to operands of which the last one has not been read yet.

    Attributes:
        arity: the number of its operands.
    """

    arity: int = 0

    def finished(self, starts: Sequence[int], last: int) -> Compound:
        """Return what is applied, from the starts of the operands and the end of the last one."""
        raise NotImplementedError


@final
class Call(NamedTuple):
    """A call of a function that the text defines, with the `arity` results before it as operands."""

    text: str
    arity: int


class Code(NamedTuple):
    """An expression within an item: its items in postfix order, and where each stands."""

    items: tuple[Item, ...]
    spans: Sequence[Span]


@final
class Repeat(NamedTuple):
    """An operation over the values of an expression for each whole number of an index, both ends included.

    `text` is the name of the index; `sum(x[i] for i in 0..9)` is Repeat("i", 0, 9, x[i], add).
    """

    text: str
    first: Code
    last: Code
    body: Code
    op: Op


@final
class TakeAt(NamedTuple):
    """A part of the array before it, at places that depend on an index: `x[2*i, 0]`; `op` is what takes the part.

    A place is an expression, or what stands in an index of constants.
    """

    text: str
    places: tuple[Any, ...]
    op: Op


@final
class NameAt(NamedTuple):
    """A name whose index depends on that of a sum: x_{i+1} is x_2 where i is 1.

    `text` is the name without its index; a place is an expression, or a part of the name.
    """

    text: str
    places: tuple[Code | str, ...]


Item = Number | Name | Apply | Compound | Call | Repeat | TakeAt | NameAt


class Statement(NamedTuple):
    """`target = code`, or a bare expression where `target` is None; `spans` says where each item of `code` stands.

    Without any code, it declares the input `target`. With `parameters`, it defines the function `target`.

    >>> from graphgrad.ops.table import OPS
    >>> Statement(None, (Name("x"), Number(2, "2"), Apply(OPS["pow"], 2)), ((0, 1), (3, 4), (0, 4))).code[-1].op.name
    'pow'
    """

    target: str | None
    code: tuple[Item, ...]
    spans: Sequence[Span]
    target_span: Span = (0, 0)
    parameters: tuple[str, ...] | None = None
