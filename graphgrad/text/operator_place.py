"""Find where in a text the operator of an expression stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.ops.own import is_own
from graphgrad.text.own_signs import tokenizer

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.text.statement import Span

__all__ = ["operation_start"]


def operation_start(source: str, span: Span, op: Op) -> int:
    """Return the start of an infix operator in the span of its expression, of any other operation the span's start.

    In a - b*c - d it is the last minus that is not within parentheses; of powers, which chain to the right, the first.

    >>> from graphgrad.ops.table import OPS
    >>> text = "(exp(x) - 1)/x - -3"
    >>> [operation_start(text, (0, len(text)), OPS[name]) for name in ("sub", "div", "exp")]
    [15, 12, 0]
    """
    start, end = span
    if not op.infix:
        return start
    places = _operator_places(source[start:end], op)
    left, right = op.binds
    return start + (places[-1 if left <= right else 0] if places else 0)


def _operator_places(text: str, op: Op) -> list[int]:
    """Return the places of an operator's symbols between operands, at the lowest depth of parentheses that has any."""
    places: dict[int, list[int]] = {}
    at = depth = 0
    after_operand = False
    for blanks, token in tokenizer(op.symbols if is_own(op) else ())(text):
        at += len(blanks)
        if token[-1:] in "([{" and token:
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
        if token in op.symbols and after_operand:
            places.setdefault(depth, []).append(at)
        after_operand = bool(token) and (token[-1] in ")]}%." or token[-1].isalnum() or token[-1] in "_`")
        at += len(token)
    return places[min(places)] if places else []
