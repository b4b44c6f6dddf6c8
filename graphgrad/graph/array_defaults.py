"""Read an array of numbers that a name is assigned, as the default of an input, and give it as floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.ops.table import STACK
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import Default
    from graphgrad.text.statement import Item

__all__ = ["array_default", "in_floats"]


def array_default(code: Sequence[Item]) -> Default | None:
    """Return the rows of an array whose entries are numbers, perhaps with signs; None for any other expression.

    >>> from graphgrad.text.parser import parse
    >>> array_default(parse("[1, -2]")[0].code), array_default(parse("[1, x]")[0].code)
    ((Fraction(1, 1), Fraction(-2, 1)), None)
    """
    stack: list[Default] = []
    for item in code:
        match item:
            case Number(value):
                stack.append(value)
            case Apply(op, 1) if op.prefix and not isinstance(stack[-1], tuple):
                stack[-1] = -stack[-1]
            case Apply(op, count) if op is STACK:
                split = len(stack) - count
                stack[split:] = [tuple(stack[split:])]
            case _:
                return None
    return stack[-1]


def in_floats(default: Default) -> Any:
    """Return a default as a float, or that of an array as nested lists of floats.

    >>> from fractions import Fraction
    >>> in_floats(Fraction(1, 2)), in_floats(((Fraction(1), Fraction(2)),))
    (0.5, [[1.0, 2.0]])
    """
    return [in_floats(each) for each in default] if isinstance(default, tuple) else float(default)
