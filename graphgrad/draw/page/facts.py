"""Collect the page's data on a graph and its picture, ready for JSON: nodes, edges, arrows, steps, inputs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.terminal_text import isolated, printable
from graphgrad.draw.options import PASSES, DrawOptions
from graphgrad.draw.page.program import has_arrays
from graphgrad.draw.scene.labels import shown
from graphgrad.draw.scene.schedule import schedule
from graphgrad.draw.view import LEAVES
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.display import entries, short
from graphgrad.namespaces.kinds import kind_of, known_kind
from graphgrad.ops.op import nothing
from graphgrad.printing.operators import Text
from graphgrad.printing.reading import Reading
from graphgrad.printing.text import TEXT, Notation, number
from graphgrad.tape.sweeps import forward
from graphgrad.text.quoted_names import outside_quotes, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.scene.schedule import Schedule
    from graphgrad.draw.view import Edge, Node, View
    from graphgrad.ops.op import Op

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
"""The syntax in which a page writes an operation with its operands' numbers."""

LONG: Final = 10**9
"""A count of paths from here on is written with an exponent."""

Places = dict[int, int]
"""A node's index in the list of nodes."""


def facts(view: View, drawn: Scene, options: DrawOptions) -> dict[str, Any]:
    """Return the page's data on a graph and its picture; nodes and edges are referred to by index.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.view import view_of
    >>> view = view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes)
    >>> facts(view, scene(view), DrawOptions())["edges"][0]
    {'tail': 0, 'head': 2, 'position': 0, 'formula': 'y', 'factor': 'y', 'silent': False, 'back': 4}
    """
    places = {node: i for i, node in enumerate(view.nodes)}
    values, adjoints = PASSES[options.passes]
    steps = schedule(view, values=values, adjoints=adjoints)
    shown = {"value": values, "adjoint": adjoints}
    arrays = has_arrays(view)
    return {
        "source": _source(view.source),
        "output": places[view.output],
        "blame": [isolated(printable(sentence)) for sentence in view.blame],
        "adjointName": view.adjoint_name,
        "outputName": _printed_name(view.output_name),
        "nodes": _nodes(view, places, steps),
        "edges": [_edge(view, edge, places, steps) for edge in view.all_edges],
        "arrows": _arrows(view, drawn, places),
        "inputs": [
            _input(name, node, places, view.indices, wanted=name in view.wrt) for name, node in view.inputs.items()
        ],
        "steps": _steps(steps, places, values=values),
        "cells": [(word, f"{name}s") for name, word in options.style.cells if shown[name]],
        "numbers": _numbers(view, _float),
        "texts": _numbers(view, _text) if arrays or _has_texts(view) else None,
        "arrays": arrays,
        "powers": {"signed": number("-1").power, "fraction": number("1/2").power},
    }


def _source(text: str) -> str:
    lines = "\n".join(printable(line.rstrip()) for line in text.strip().splitlines())
    return lines if len(lines) <= MAX_SOURCE else lines[: MAX_SOURCE - 1] + "…"


class _Words(Reading):
    """The text of every operation in terms of the symbols of its operands."""

    def __init__(self, view: View) -> None:
        self._symbol, self._targets = view.read, iter(view.tape.steps)
        self.words: dict[int, str] = {}

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Keep an operation's text, and return its symbol for the operations that use it."""
        target = next(self._targets).target
        text = super().value(op, operands)
        self.words[target] = words = text.condition or text.string
        symbol = self._symbol(target)
        return text if symbol == words else Text(symbol)


def _nodes(view: View, places: Places, steps: Schedule) -> list[dict[str, Any]]:
    notation, counts = _Words(view), _paths(view)
    forward(view.tape, notation, {name: notation.name(name) for name in view.tape.inputs})
    return [
        {
            "key": f"n{number}",
            "kind": node.kind,
            "symbol": _symbol(view, node),
            "named": bool(node.name),
            "words": _printed(notation.words.get(number, "")),
            "template": _template(node.op, len(view.operands[number])) if node.op else "",
            "kink": node.op.kink.convention if node.op and node.op.kink else "",
            "flat": node.op is not None and node.op.flat,
            "chooses": node.op is not None and node.op.chooses,
            "entries": [_entries(node.value), _entries(node.adjoint)],
            "operands": [places[operand] for operand in view.operands.get(number, ())],
            "adjoint": node.adjoint is not None,
            "paths": _count(counts[number]),
            "steps": (steps.forward[number], steps.arrives[number]),
        }
        for number, node in view.nodes.items()
    ]


def _symbol(view: View, node: Node) -> str:
    if node.name:
        return _printed_name(node.name)
    return printable(node.label) if node.kind in LEAVES else _printed(view.read(node.number))


def _template(op: Op, count: int) -> str:
    """Return an operation's text with {operand:power:sign} for its operands, as the places of a `Form` have them."""
    form = PAGE.form(op)
    if form is None:
        blanks = [Text(f"{{{i}:0:0}}") for i in range(count)]
        return _printed(Notation().value(op, blanks).string)
    return form.start + "".join(f"{{{i}:{power}:{sign}}}{behind}" for i, power, sign, behind in form.places)


def _entries(value: Any) -> str:
    """Return a small array's numbers as text, or a large one's shape and range; empty for a number."""
    return entries(value).replace("-", "−") if is_array(value) else ""


@lru_cache(maxsize=1024)
def _printed_name(name: str) -> str:
    return isolated(printable(written(name)))


@lru_cache(maxsize=1024)
def _printed(text: str) -> str:
    """Return an expression with typographic signs, its names as they are."""
    return isolated(printable(outside_quotes(_with_signs, text)))


def _with_signs(text: str) -> str:
    return text.replace("**", "^").replace("*", "×").replace("-", "−")


def _paths(view: View) -> dict[int, int]:
    """Return the number of paths from each node to the output."""
    counts = dict.fromkeys(view.nodes, 0)
    counts[view.output] = 1
    for edge in reversed(view.all_edges):
        if _flows(edge):
            counts[edge.operand] += counts[edge.result]
    return counts


def _flows(edge: Edge) -> bool:
    """Tell whether an adjoint can flow back along an edge: a rule that gives the integer 0 stops it."""
    return edge.contribution is not None and type(edge.contribution) is not int


def _count(paths: int) -> int | str:
    """Return a number of paths, as text where they are too many to list."""
    if paths <= MAX_PATHS:
        return paths
    return f"{paths:,}" if paths < LONG else short(Fraction(paths))


def _edge(view: View, edge: Edge, places: Places, steps: Schedule) -> dict[str, Any]:
    op = view.nodes[edge.result].op
    formula, factor = view.told(edge)
    printed = _printed(formula)
    return {
        "tail": places[edge.operand],
        "head": places[edge.result],
        "position": edge.position,
        "formula": printed,
        "factor": printed if factor == formula else _printed(factor),
        "silent": op is not None and op.rule(edge.position) is nothing,
        "back": steps.backward.get(edge.result) if _flows(edge) else None,
    }


def _arrows(view: View, drawn: Scene, places: Places) -> list[dict[str, Any]]:
    """Return for each arrow its node and edge, the texts before its numbers, and the steps of its lines."""
    starts = (
        {"out": view.output}
        | {f"t{node}": node for node in places}
        | {edge.key: edge.operand for edge in view.all_edges}
    )
    index = {edge.key: i for i, edge in enumerate(view.all_edges)}
    partials = {edge.key: edge.partial for edge in view.all_edges}
    return [
        {
            "key": arrow.key,
            "node": places[starts[arrow.key]],
            "edge": index.get(arrow.key),
            "before": _before(arrow.above, view.nodes[starts[arrow.key]].value),
            "local": _before(arrow.below[-1] if arrow.below else "", partials.get(arrow.key)),
            "steps": arrow.steps,
        }
        for arrow in drawn.arrows
        if arrow.key in starts
    ]


def _before(label: str, value: Any) -> str | None:
    """Return the text before the number in a label; None where the label has no number."""
    number = "" if value is None else str(shown(value))
    return label[: -len(number)] if number and label.endswith(number) else None


def _input(name: str, node: Node, places: Places, indices: Collection[int], *, wanted: bool) -> dict[str, Any]:
    return {
        "name": printable(name),
        "symbol": _printed_name(name),
        "node": places.get(node.number),
        "wanted": wanted,
        "indices": node.number in indices,
        "value": _float(node.value),
    }


def _steps(steps: Schedule, places: Places, *, values: bool) -> list[dict[str, Any]]:
    """Return the event of each step: the inputs, a value, the start of the backward pass, a node that sends back."""
    events: list[dict[str, Any]] = [{"kind": "graph"} for _ in steps.words]
    if values:
        events[1] = {"kind": "inputs"}
        for node, step in steps.forward.items():
            if step > 1:
                events[step] = {"kind": "value", "node": places[node]}
    if steps.start < len(events):
        events[steps.start] = {"kind": "start"}
    for node, step in steps.backward.items():
        events[step] = {"kind": "back", "node": places[node]}
    return events


def _numbers(view: View, read: Callable[[Any], Any]) -> dict[str, list[Any]]:
    """Return the numbers of both passes as Python computed them."""
    nodes = list(view.nodes.values())
    return {
        "values": [read(node.value) for node in nodes],
        "adjoints": [read(node.adjoint) for node in nodes],
        "kinks": [None for _ in nodes],
        "partials": [read(edge.partial) for edge in view.all_edges],
        "flows": [read(edge.contribution) for edge in view.all_edges],
        "open": [int(_flows(edge)) for edge in view.all_edges],
    }


def _has_texts(view: View) -> bool:
    """Tell whether the page needs Python's texts, because its script cannot write the numbers: exact or not real."""
    kind = known_kind(view.nodes[view.output].value)
    return kind is not None and (kind.exact or not kind.real)


def _float(number: Any) -> float | None:
    return float(number) if number is not None and kind_of(number).real else None


def _text(number: Any) -> str:
    return "" if number is None else short(number).replace("-", "−")
