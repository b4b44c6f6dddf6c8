"""Read how much an input changes, written as a number or as +1, -10% or ±0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.constants import constant_value
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.graph.builder import build
from graphgrad.namespaces.kinds import FLOATS, FRACTIONS, fraction
from graphgrad.text.parser import parse
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind


__all__ = ["PLUS_MINUS", "amount", "full_gradient", "value_of"]

PLUS_MINUS: Final = ("±", "+/-", "+-")
"""The marks before an uncertainty; output shows the first."""


def amount(text: Any, value: Any, *, of: str, kind: Kind = FLOATS) -> Any:
    """Return how much the input `of` changes; a text that ends in % is relative to its value.

    Raises `GraphgradError` for a text or a value that is no amount.

    >>> amount("+10%", 200.0, of="apple"), amount(-1, 200.0, of="apple"), amount("±0.5", 200.0, of="apple")
    (20.0, -1.0, 0.5)
    """
    if not isinstance(text, str):
        return _number(text, of, kind)
    bare = _bare(text)
    number = _number(_constant(bare.removesuffix("%"), text, of), of, kind)
    return number * abs(value) / 100 if bare.endswith("%") else number


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


def full_gradient(passes: Passes, names: Sequence[str]) -> Mapping[str, Any]:
    """Return the derivatives of the output by these inputs; run the passes again if they lack some or have a seed."""
    if passes.seed == 1 and set(names) <= set(passes.wrt):
        return passes.grad
    names = tuple(dict.fromkeys([*passes.wrt, *names]))
    return backprop(passes.graph, passes.inputs, names, kind=passes.kind).grad


def value_of(passes: Passes, name: str) -> Any:
    """Return an input's value.

    Raises `GraphgradError` if it has none, as an input may that the output does not use.
    """
    if name not in passes.inputs:
        raise GraphgradError(f"'{name}' has no value", hint=f"give {written(name)}=…")
    return passes.inputs[name]
