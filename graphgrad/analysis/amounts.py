"""Read how much an input changes, written as a number or as +1, -10% or ±0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.written_amounts import PLUS_MINUS, written_amount
from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind


__all__ = ["PLUS_MINUS", "amount", "full_gradient", "value_of"]


def amount(text: Any, value: Any, *, of: str, kind: Kind = FLOATS) -> Any:
    """Return how much the input `of` changes; a text that ends in % is relative to its value.

    Raises `GraphgradError` for a text or a value that is no amount.

    >>> amount("+10%", 200.0, of="apple"), amount(-1, 200.0, of="apple"), amount("±0.5", 200.0, of="apple")
    (20.0, -1.0, 0.5)
    """
    number, is_relative = written_amount(text, of, kind)
    return number * abs(value) / 100 if is_relative else number


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
