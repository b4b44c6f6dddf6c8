"""Read an amount that is written as a number or as +1, -10% or ±0.5: the number, and whether it is in percent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.constants import constant_value
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.graph.builder import build
from graphgrad.namespaces.kinds import FRACTIONS, fraction
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.namespaces.kind import Kind

__all__ = ["PLUS_MINUS", "written_amount"]

PLUS_MINUS: Final = ("±", "+/-", "+-")
"""The marks before an uncertainty; output shows the first."""


def written_amount(text: Any, of: str, kind: Kind) -> tuple[Any, bool]:
    """Return the number of an amount of `of`, and whether it is in percent of a value.

    Raises `GraphgradError` for what is no amount.

    >>> from graphgrad.namespaces.kinds import FLOATS
    >>> written_amount("±10%", "apple", FLOATS), written_amount(-1, "apple", FLOATS)
    ((10.0, True), (-1.0, False))
    """
    if not isinstance(text, str):
        return _number(text, of, kind), False
    bare = _bare(text)
    return _number(_constant(bare.removesuffix("%"), text, of), of, kind), bare.endswith("%")


def _bare(text: str) -> str:
    text = text.strip()
    mark = next((mark for mark in PLUS_MINUS if text.startswith(mark)), "")
    return text.removeprefix(mark).strip()


def _constant(text: str, whole: str, of: str) -> Any:
    try:
        return constant_value(build(text, parse(text)), FRACTIONS)
    except ExpressionError:
        pass
    try:
        return constant_value(build(text, parse(text)))
    except ExpressionError:
        message = f"{of}: {whole.strip() or 'nothing'} is no amount"
        raise GraphgradError(message, hint=f"write a number, +1, -10% or {PLUS_MINUS[0]}0.5") from None


def _number(number: Any, of: str, kind: Kind) -> Any:
    try:
        return kind.read(number, fraction)
    except (TypeError, ValueError, OverflowError):
        raise GraphgradError(f"{of}: {number!r} is no amount", hint="give a number") from None
