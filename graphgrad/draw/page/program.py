"""What a page runs: both passes of an annotated graph as a program, and the graph with all that can flow back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.languages.javascript_passes import Checked, both_passes
from graphgrad.draw.scene.graph_queries import operands, used
from graphgrad.draw.scene.schedule import LEAVES
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.kinds import known_kind
from graphgrad.ops.op import Step
from graphgrad.ops.table import OPS
from graphgrad.tape.tape import Tape
from graphgrad.tape.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx

    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Op
    from graphgrad.tape.transcript import Transcript

__all__ = ["Lesson", "edges_of", "has_arrays", "lesson", "op_of", "roomy", "tape_of"]

WIDE: Final = -1234.56
"""As wide as most numbers that a slider leads to."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An annotated graph in which all that can flow back has its place, and its two passes as JavaScript.

    `program` is a function of the inputs' values, "null" where there is none; `hint` says what a reader can do.
    """

    dag: nx.MultiDiGraph[int]
    program: str = "null"
    hint: str = ""


def lesson(dag: nx.MultiDiGraph[int]) -> Lesson:
    """Return what a page is made of.

    >>> from graphgrad import parse
    >>> made = lesson(parse("where(x > 0, log(x), 0)").backprop({"x": -1}).dag)
    >>> made.dag.edges[0, 3, 0]["contribution"], "Math.log" in made.program
    (0.0, True)
    """
    fixed_kind = _kind_without_sliders(dag)
    if fixed_kind:
        return Lesson(dag, hint=f"{fixed_kind.name.capitalize()} have no sliders: the numbers stay as they are.")
    tape = tape_of(dag)
    fixed = tape.fixed(dag.graph["inputs"][name] for name in dag.graph["wrt"])
    try:
        found = transcript(tape, fixed, Checked().knows)
    except GraphgradError:
        return Lesson(dag, hint="An operation here has no counterpart in JavaScript: the numbers stay as they are.")
    program = both_passes(found, list(dag.graph["inputs"]), _registers(dag, found))
    return Lesson(_opened(dag, found), program, "Move a slider, or write a number: both passes run anew.")


def _kind_without_sliders(dag: nx.MultiDiGraph[int]) -> Kind | None:
    kinds = (known_kind(value) for _, value in dag.nodes(data="value"))
    return next((kind for kind in kinds if kind and not kind.real), None)


def has_arrays(dag: nx.MultiDiGraph[int]) -> bool:
    """Whether any value is an array."""
    return any(is_array(value) for _, value in dag.nodes(data="value"))


def op_of(attributes: Mapping[str, Any]) -> Op:
    """Return the operation of a node."""
    op = OPS[attributes["op"]]
    return op.with_params(attributes["params"]) if "params" in attributes else op


def tape_of(dag: nx.MultiDiGraph[int]) -> Tape:
    """Return the tape of an annotated graph's output; its registers are the nodes."""
    nodes = {node: dag.nodes[node] for node in sorted(used(dag))}
    steps = tuple(
        Step(node, op_of(attributes), tuple(operands(dag, node)))
        for node, attributes in nodes.items()
        if attributes["kind"] not in LEAVES
    )
    constants = {node: attributes["number"] for node, attributes in nodes.items() if attributes["kind"] == "constant"}
    return Tape(len(dag), dict(dag.graph["inputs"]), constants, steps, (dag.graph["output"],))


def _opened(dag: nx.MultiDiGraph[int], found: Transcript) -> nx.MultiDiGraph[int]:
    """Return the graph with a 0 wherever nothing flows back at this point, though elsewhere something does."""
    opened = dag.copy()
    for result, position in found.flows:
        edge = opened.edges[operands(dag, result)[position], result, position]
        edge["contribution"] = edge["contribution"] or 0.0
    for node in found.adjoints:
        opened.nodes[node]["adjoint"] = opened.nodes[node]["adjoint"] or 0.0
    return opened


def _registers(dag: nx.MultiDiGraph[int], found: Transcript) -> dict[str, list[int | None]]:
    nodes, edges = sorted(used(dag)), [(result, position) for _, result, position in edges_of(dag)]
    by_node = {"values": found.values, "adjoints": found.adjoints}
    by_edge = {"partials": found.partials, "flows": found.flows, "open": found.open}
    lists = {name: [registers.get(node) for node in nodes] for name, registers in by_node.items()}
    lists |= {name: [registers.get(edge) for edge in edges] for name, registers in by_edge.items()}
    return lists | {"kinks": [found.kinks.get(node) for node in nodes]}


def edges_of(dag: nx.MultiDiGraph[int]) -> list[tuple[int, int, int]]:
    """Return all edges that the output is made from: operand, result, position."""
    return [
        (operand, node, position) for node in sorted(used(dag)) for position, operand in enumerate(operands(dag, node))
    ]


def roomy(dag: nx.MultiDiGraph[int]) -> nx.MultiDiGraph[int]:
    """Return the graph with wide numbers wherever it has one: its layout has room for those to come."""
    wide = dag.copy()
    for attributes in wide.nodes.values():
        attributes.update({name: WIDE for name in ("value", "adjoint") if attributes.get(name) is not None})
    for edge in wide.edges.values():
        edge.update({name: WIDE for name in ("partial", "contribution") if edge.get(name) is not None})
    return wide
