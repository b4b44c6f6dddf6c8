"""Raise errors for arrays, and other kinds of numbers, where only real numbers are supported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.namespaces.array_values import is_array
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData

__all__ = ["refuse_all_but_reals", "refuse_array_inputs", "refuse_array_operations", "refuse_arrays"]

ENTRIES: Final = "take an entry each as an input"


def refuse_arrays(passes: Passes, what: str) -> None:
    """Raise `GraphgradError` where any value of both passes is an array.

    `what` begins the message: "errors are", which goes on "for numbers, and values here are arrays".
    """
    if passes.arrays:
        raise GraphgradError(f"{what} for numbers, and values here are arrays", hint=ENTRIES)


def refuse_all_but_reals(passes: Passes, what: str) -> None:
    """Raise `GraphgradError` where a value of both passes is an array, or no real number; `what` begins the message."""
    refuse_arrays(passes, what)
    if not passes.kind.real:
        raise GraphgradError(f"{what} for real numbers, and values here are {passes.kind.name}")


def refuse_array_inputs(inputs: Mapping[str, Any], what: str, hint: str = ENTRIES) -> None:
    """Raise `GraphgradError` where an input's value is an array; `what` begins the message.

    >>> import numpy as np
    >>> refuse_array_inputs({"x": np.ones(3)}, "a Hessian is")
    Traceback (most recent call last):
    graphgrad.GraphgradError: a Hessian is for numbers, and 'x' is an array
    take an entry each as an input
    """
    for name, value in inputs.items():
        if is_array(value):
            raise GraphgradError(f"{what} for numbers, and '{name}' is an array", hint=hint)


def refuse_array_operations(graph: GraphData, message: str, hint: str = "") -> None:
    """Raise `ExpressionError` at the first operation on arrays; `{}` in the message is replaced by its symbol.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> refuse_array_operations(build("x @ y", parse("x @ y")), "C has no function for {}")
    Traceback (most recent call last):
    graphgrad.ExpressionError: C has no function for @
      x @ y
      ^^^^^
    """
    first = next((step for step in lower(graph).steps if step.op.on_arrays), None)
    if first is not None:
        raise ExpressionError(message.format(first.op.written), graph.source, graph.spans[first.target], hint=hint)
