"""Derivatives as graphs: both sweeps, read on a tape."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from graphgrad.backprop import choose_wrt
from graphgrad.errors import DomainError
from graphgrad.graph import build
from graphgrad.namespaces import Fault
from graphgrad.parse import parse
from graphgrad.program import statements_of
from graphgrad.run.sweeps import backward, forward
from graphgrad.tape import Writer, lower

if TYPE_CHECKING:
    from graphgrad.graph import GraphData
    from graphgrad.tape import Tape

__all__ = ["gradient"]


def gradient(graph: GraphData, name: str) -> GraphData:
    """Return the graph of the derivative by an input; it has the same inputs and defaults.

    >>> from graphgrad.program import program
    >>> program(gradient(build("sin(x)*y", parse("sin(x)*y")), "x"))
    'y*cos(x)'
    """
    [name] = choose_wrt(graph, [name])
    statements, [text] = statements_of(_derivative(graph, name), {})
    source = "\n".join([*statements, text.string])
    derived = build(source, parse(source), inputs=graph.inputs)
    return replace(derived, defaults=dict(graph.defaults))


def _derivative(graph: GraphData, name: str) -> Tape:
    tape, m = lower(graph), Writer()
    values = forward(tape, m, {other: m.input(other) for other in graph.inputs})
    node = graph.node(name)
    try:
        found = backward(tape, m, values, tape.depending_on([node]), m.const(Fraction(1)))
    except Fault as fault:
        raise DomainError(f"{fault.op.name} is {fault.reason}", graph.source) from None
    return m.tape([found.adjoints.get(node, 0)])
