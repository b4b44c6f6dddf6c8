"""Evaluate an expression without inputs by the forward pass alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import has_arrays
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind

__all__ = ["constant_value"]


def constant_value(graph: GraphData, kind: Kind = FLOATS) -> Any:
    """Return the value of a graph without inputs; where it has none, `backprop` raises the error.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.namespaces.kinds import FRACTIONS
    >>> from graphgrad.text.parser import parse
    >>> constant_value(build("pi/4", parse("pi/4")))
    0.7853981633974483
    >>> constant_value(build("1/3", parse("1/3")), FRACTIONS)
    Fraction(1, 3)
    """
    tape = lower(graph)
    if not graph.inputs and not has_arrays(tape, {}):
        value = forward(tape, kind.namespace, {})[graph.output]
        if not isinstance(value, Fault):
            return value
    return backprop(graph, {}, [], kind=kind).value
