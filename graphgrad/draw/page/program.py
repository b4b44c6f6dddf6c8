"""Write both passes as the JavaScript that the page runs, and mark every edge along which an adjoint can flow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from graphgrad.backprop.passes import rational
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.languages.javascript_passes import Checked, both_passes
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.kinds import known_kind
from graphgrad.tape.transcript import transcript

if TYPE_CHECKING:
    from graphgrad.draw.view import Edge, Node, View
    from graphgrad.namespaces.kind import Kind
    from graphgrad.tape.transcript import Transcript

__all__ = ["Lesson", "has_arrays", "lesson", "roomy"]

WIDE: Final = -1234.56
"""A number as wide as most numbers that a slider leads to."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A view with a number wherever an adjoint can flow at some point, and both passes as JavaScript.

    `program` is a function of the inputs' values, "null" where there is none; `hint` is a line for the reader.
    """

    view: View
    program: str = "null"
    hint: str = ""


def lesson(view: View) -> Lesson:
    """Return the view and the program of a page.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> made = lesson(view_of(parse("where(x > 0, log(x), 0)").backprop({"x": -1}).passes))
    >>> made.view.edges[3][0].contribution, "Math.log" in made.program
    (0.0, True)
    """
    fixed_kind = _kind_without_sliders(view)
    if fixed_kind:
        return Lesson(view, hint=f"{fixed_kind.name.capitalize()} have no sliders: the numbers stay as they are.")
    tape = replace(view.tape, constants={n: c for n, c in view.tape.constants.items() if n in view.nodes})
    fixed = tape.fixed(view.inputs[name].number for name in view.wrt)
    try:
        both = transcript(tape, fixed, Checked().knows, _seed(view))
    except GraphgradError:
        return Lesson(view, hint="An operation here has no counterpart in JavaScript: the numbers stay as they are.")
    program = both_passes(both, list(view.inputs), _registers(view, both))
    return Lesson(_open(view, both), program, "Move a slider, or write a number: both passes run anew.")


def _seed(view: View) -> Fraction:
    """Return the adjoint of the output, 1 where there was no backward pass."""
    seed = view.nodes[view.output].adjoint
    return Fraction(1) if seed is None else Fraction(rational(seed))


def _kind_without_sliders(view: View) -> Kind | None:
    kinds = (known_kind(node.value) for node in (*view.nodes.values(), *view.inputs.values()))
    return next((kind for kind in kinds if kind and not kind.real), None)


def has_arrays(view: View) -> bool:
    """Tell whether any value is an array."""
    return any(is_array(node.value) for node in (*view.nodes.values(), *view.inputs.values()))


def _open(view: View, both: Transcript) -> View:
    """Return the view with 0 for every adjoint and flow that is absent at this point but exists at others."""

    def node(each: Node) -> Node:
        return each._replace(adjoint=each.adjoint or 0.0) if each.number in both.adjoints else each

    def edge(each: Edge) -> Edge:
        flows = (each.result, each.position) in both.flows
        return each._replace(contribution=each.contribution or 0.0) if flows else each

    return view.changed(node, edge)


def _registers(view: View, both: Transcript) -> dict[str, list[int | None]]:
    by_node = {"values": both.values, "adjoints": both.adjoints}
    by_edge = {"partials": both.partials, "flows": both.flows, "open": both.open}
    edges = [(edge.result, edge.position) for edge in view.all_edges]
    lists = {name: [registers.get(node) for node in view.nodes] for name, registers in by_node.items()}
    lists |= {name: [registers.get(edge) for edge in edges] for name, registers in by_edge.items()}
    return lists | {"kinks": [both.kinks.get(node) for node in view.nodes]}


def roomy(view: View) -> View:
    """Return the view with a wide number in place of every number, so that its layout has room for later ones."""

    def wide(number: object) -> float | None:
        return None if number is None else WIDE

    def node(each: Node) -> Node:
        return each._replace(value=wide(each.value), adjoint=wide(each.adjoint))

    def edge(each: Edge) -> Edge:
        return each._replace(partial=wide(each.partial), contribution=wide(each.contribution))

    return view.changed(node, edge)
