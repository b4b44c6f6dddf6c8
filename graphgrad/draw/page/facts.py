"""A graph and its picture as facts for a page: nodes, edges, arrows, steps and inputs, ready for JSON."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.terminal_text import printable
from graphgrad.draw.page.program import edges_of, has_arrays, op_of, tape_of
from graphgrad.draw.scene.graph_queries import operands, used
from graphgrad.draw.scene.scene import PASSES
from graphgrad.draw.scene.schedule import LEAVES, schedule
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.display import entries, short
from graphgrad.namespaces.kinds import kind_of, known_kind
from graphgrad.ops.op import nothing
from graphgrad.printing.operators import Text
from graphgrad.printing.text import TEXT, Notation, number
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import networkx as nx

    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.scene.schedule import Schedule
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_PATHS", "facts"]

MAX_PATHS: Final = 12
"""The most paths that a page lists; it counts more, and sums node by node."""

MAX_SOURCE: Final = 600
"""The most characters of the program that stand above the picture."""

PAGE: Final = replace(
    TEXT,
    signs={"**": "^", "*": " × ", "-": "−"},
    sign_after_operator=False,
    sign_after_sign=False,
    constant=lambda index: index.replace("-", "−"),
)
"""How a page writes an operation with its operands' numbers."""

LONG: Final = 10**9
"""A count of paths from here on is written with an exponent."""

Places = dict[int, int]
"""Where in the list of nodes a node stands."""

Edge = tuple[int, int, int]
"""Operand, result, position."""


def facts(
    dag: nx.MultiDiGraph[int], drawn: Scene, passes: str = "both", cells: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return what a page has to know of an annotated graph and its picture; nodes and edges go by their places.

    `cells` are those of the picture's theme.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> dag = parse("x*y").backprop({"x": 3, "y": 5}).dag
    >>> facts(dag, scene(dag))["edges"][0]
    {'tail': 0, 'head': 2, 'position': 0, 'formula': 'y', 'silent': False, 'back': 4}
    """
    nodes, edges = sorted(used(dag)), edges_of(dag)
    places = {node: i for i, node in enumerate(nodes)}
    values, adjoints = PASSES[passes]
    steps = schedule(dag, values=values, adjoints=adjoints)
    shown = {"value": values, "adjoint": adjoints}
    return {
        "source": _source(dag.graph["source"]),
        "output": places[dag.graph["output"]],
        "outputName": printable(dag.graph.get("output_name") or ""),
        "nodes": _nodes(dag, places, steps),
        "edges": [_edge(dag, edge, places, steps) for edge in edges],
        "arrows": _arrows(dag, drawn, places, edges),
        "inputs": [_input(dag, name, node, places) for name, node in dag.graph["inputs"].items()],
        "steps": _steps(steps, places, values=values),
        "cells": [(word, f"{name}s") for name, word in cells if shown[name]],
        "numbers": _numbers(dag, nodes, edges, _float),
        "texts": _numbers(dag, nodes, edges, _text) if _has_texts(dag) or has_arrays(dag) else None,
        "arrays": has_arrays(dag),
        "powers": {"signed": number("-1").power, "fraction": number("1/2").power},
    }


def _source(text: str) -> str:
    lines = "\n".join(printable(line.rstrip()) for line in text.strip().splitlines())
    return lines if len(lines) <= MAX_SOURCE else lines[: MAX_SOURCE - 1] + "…"


class _Words(Notation):
    """Text of every operation in terms of its operands, which are called by their own symbols."""

    def __init__(self, dag: nx.MultiDiGraph[int], tape: Tape) -> None:
        self._nodes, self._targets = dag.nodes, iter(tape.steps)
        self.words: dict[int, str] = {}

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as text, or its symbol where that is another one."""
        target = next(self._targets).target
        text = super().value(op, operands)
        self.words[target] = text.string
        symbol = self._nodes[target].get("symbol") or f"v{target}"
        return text if symbol == text.string else Text(symbol)


def _nodes(dag: nx.MultiDiGraph[int], places: Places, steps: Schedule) -> list[dict[str, Any]]:
    tape, counts = tape_of(dag), _paths(dag)
    told = _Words(dag, tape)
    forward(tape, told, {name: Text(name) for name in tape.inputs})
    return [
        {
            "key": f"n{node}",
            "kind": dag.nodes[node]["kind"],
            "symbol": _symbol(dag.nodes[node], node),
            "words": _printed(told.words.get(node, "")),
            "template": _template(dag, node),
            "kink": _convention(dag.nodes[node]),
            "flat": bool(dag.nodes[node]["op"]) and op_of(dag.nodes[node]).flat,
            "entries": [_entries(dag.nodes[node].get(name)) for name in ("value", "adjoint")],
            "operands": [places[operand] for operand in operands(dag, node)],
            "adjoint": dag.nodes[node].get("adjoint") is not None,
            "paths": _count(counts[node]),
            "steps": (steps.forward[node], steps.arrives[node]),
        }
        for node in places
    ]


def _symbol(attributes: Mapping[str, Any], node: int) -> str:
    if attributes["kind"] in LEAVES:
        return printable(attributes["label"])
    return printable(attributes["name"] or _printed(attributes.get("symbol") or f"v{node}"))


def _template(dag: nx.MultiDiGraph[int], node: int) -> str:
    """Return an operation's text with {operand:power:sign} for its operands, as the places of a `Form` have them."""
    if not dag.nodes[node]["op"]:
        return ""
    op = op_of(dag.nodes[node])
    form = PAGE.form(op)
    if form is None:
        blanks = [Text(f"{{{i}:0:0}}") for i in range(len(operands(dag, node)))]
        return _printed(Notation().value(op, blanks).string)
    return form.start + "".join(f"{{{i}:{power}:{sign}}}{behind}" for i, power, sign, behind in form.places)


def _convention(attributes: Mapping[str, Any]) -> str:
    """Return what is taken where an operation has no derivative."""
    kink = op_of(attributes).kink if attributes["op"] else None
    return kink.convention if kink else ""


def _entries(value: Any) -> str:
    """Return an array's numbers, as far as they are few."""
    return entries(value).replace("-", "−") if is_array(value) else ""


def _printed(text: str) -> str:
    """Return an expression with the signs of print."""
    return printable(text.replace("**", "^").replace("*", "×").replace("-", "−"))


def _paths(dag: nx.MultiDiGraph[int]) -> dict[int, int]:
    """Return along how many paths each node's adjoint comes from the output."""
    counts = dict.fromkeys(sorted(used(dag)), 0)
    counts[dag.graph["output"]] = 1
    for node in reversed(counts):
        for operand, _, edge in dag.in_edges(node, data=True):
            if _flows(edge):
                counts[operand] += counts[node]
    return counts


def _flows(edge: Mapping[str, Any]) -> bool:
    """Whether anything can flow back along an edge: not where its rule gives the integer 0."""
    return edge.get("contribution") is not None and type(edge["contribution"]) is not int


def _count(paths: int) -> int | str:
    """Return a number of paths, as text where they are too many to list."""
    if paths <= MAX_PATHS:
        return paths
    return f"{paths:,}" if paths < LONG else short(Fraction(paths))


def _edge(dag: nx.MultiDiGraph[int], edge: Edge, places: Places, steps: Schedule) -> dict[str, Any]:
    tail, head, position = edge
    attributes = dag.edges[edge]
    return {
        "tail": places[tail],
        "head": places[head],
        "position": position,
        "formula": _printed(attributes.get("formula") or ""),
        "silent": op_of(dag.nodes[head]).rule(position) is nothing,
        "back": steps.backward.get(head) if _flows(attributes) else None,
    }


def _arrows(dag: nx.MultiDiGraph[int], drawn: Scene, places: Places, edges: Sequence[Edge]) -> list[dict[str, Any]]:
    """Return of each arrow whose value stands above it, after which words, and from which steps its lines are there."""
    starts = (
        {"out": dag.graph["output"]} | {f"t{node}": node for node in places} | {_key(edge): edge[0] for edge in edges}
    )
    index = {_key(edge): i for i, edge in enumerate(edges)}
    return [
        {
            "key": arrow.key,
            "node": places[starts[arrow.key]],
            "edge": index.get(arrow.key),
            "before": _before(arrow.above, _text(dag.nodes[starts[arrow.key]].get("value"))),
            "steps": arrow.steps,
        }
        for arrow in drawn.arrows
        if arrow.key in starts
    ]


def _key(edge: Edge) -> str:
    return "e{}_{}_{}".format(*edge)


def _before(label: str, number: str) -> str | None:
    """Return what stands before the number in a label; None where the number is not there."""
    return label.removesuffix(number) if number and label.endswith(number) else None


def _input(dag: nx.MultiDiGraph[int], name: str, node: int, places: Places) -> dict[str, Any]:
    wanted = name in dag.graph["wrt"]
    return {
        "name": printable(name),
        "node": places.get(node),
        "wanted": wanted,
        "value": _float(dag.nodes[node]["value"]),
    }


def _steps(steps: Schedule, places: Places, *, values: bool) -> list[dict[str, Any]]:
    """Return what happens at each step: a value, the start of the backward pass, what a node sends back."""
    told: list[dict[str, Any]] = [{"kind": "graph"} for _ in steps.words]
    if values:
        told[1] = {"kind": "inputs"}
        told_values = {step: node for node, step in steps.forward.items() if step > 1}
        for step, node in told_values.items():
            told[step] = {"kind": "value", "node": places[node]}
    if steps.start < len(told):
        told[steps.start] = {"kind": "start"}
    for node, step in steps.backward.items():
        told[step] = {"kind": "back", "node": places[node]}
    return told


def _numbers(
    dag: nx.MultiDiGraph[int], nodes: Sequence[int], edges: Sequence[Edge], read: Callable[[Any], Any]
) -> dict[str, list[Any]]:
    """Return the numbers of both passes as Python found them."""
    by_node = {name: [read(dag.nodes[node].get(name[:-1])) for node in nodes] for name in ("values", "adjoints")}
    by_node["kinks"] = [None for _ in nodes]
    by_edge = {
        "partials": [read(dag.edges[edge].get("partial")) for edge in edges],
        "flows": [read(dag.edges[edge].get("contribution")) for edge in edges],
        "open": [int(_flows(dag.edges[edge])) for edge in edges],
    }
    return by_node | by_edge


def _has_texts(dag: nx.MultiDiGraph[int]) -> bool:
    """Whether the page's own script would write the numbers otherwise than Python: fractions, and no real numbers."""
    kind = known_kind(dag.nodes[dag.graph["output"]].get("value"))
    return kind is not None and (kind.exact or not kind.real)


def _float(number: Any) -> float | None:
    return float(number) if number is not None and kind_of(number).real else None


def _text(number: Any) -> str:
    return "" if number is None else short(number).replace("-", "−")
