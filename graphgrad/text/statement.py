"""The syntax of a parsed program: statements in postfix order, flat, so that no recursion is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    from fractions import Fraction

    from graphgrad.ops.op import Op

__all__ = ["Apply", "Item", "Name", "Number", "Span", "Statement"]

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


Item = Number | Name | Apply


class Statement(NamedTuple):
    """`target = code`, or a bare expression where `target` is None; `spans` says where each item of `code` stands.

    Without any code, it declares the input `target`.

    >>> from graphgrad.ops.table import OPS
    >>> Statement(None, (Name("x"), Number(2, "2"), Apply(OPS["pow"], 2)), ((0, 1), (3, 4), (0, 4))).code[-1].op.name
    'pow'
    """

    target: str | None
    code: tuple[Item, ...]
    spans: tuple[Span, ...]
    target_span: Span = (0, 0)
