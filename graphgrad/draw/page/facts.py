"""Collect the page's data on a graph and its picture, ready for JSON: nodes, edges, arrows, steps, inputs."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.arguments import as_float
from graphgrad.base.terminal_text import isolated, printable
from graphgrad.draw.page.maths import Maths
from graphgrad.draw.page.program import has_arrays
from graphgrad.draw.scene.labels import shown
from graphgrad.draw.scene.schedule import schedule
from graphgrad.draw.view import LEAVES
from graphgrad.draw.words import PASSES
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.display import entries, short
from graphgrad.namespaces.kinds import kind_of, known_kind
from graphgrad.ops.elementary import COMPARISON
from graphgrad.ops.op import nothing
from graphgrad.printing.latex import right_side
from graphgrad.printing.operators import Text
from graphgrad.printing.reading import ReadingTex
from graphgrad.printing.text import TEXT, number
from graphgrad.tape.sweeps import forward
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.plain import name_phrase, number_phrase
from graphgrad.typeset.unicode_text import unicode_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.draw.options import DrawOptions
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.scene.schedule import Schedule
    from graphgrad.draw.view import Edge, Node, View
    from graphgrad.ops.op import Op

__all__ = ["MAX_PATHS", "facts"]

MAX_PATHS: Final = 12
"""The most paths that a page lists; it counts more, and sums node by node."""

MAX_SOURCE: Final = 600
"""The most characters of the program that stand above the picture."""

PAGE: Final = replace(TEXT, sign_after_operator=False, sign_after_sign=False)
"""The syntax by which numbers in place of an operation's operands are put in brackets."""

NEGATIVE: Final = re.compile(r"(?<== )-(?=\d)|(?<=\de)-(?=\d)")
"""The minus sign of a number in a sentence."""

LONG: Final = 10**9
"""A count of paths from here on is written with an exponent."""

Places = dict[int, int]
"""A node's index in the list of nodes."""


def facts(view: View, drawn: Scene, options: DrawOptions) -> dict[str, Any]:
    """Return the page's data on a graph and its picture; nodes, edges and formulas are referred to by index.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.options import DrawOptions
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.view import view_of
    >>> view = view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes)
    >>> made = facts(view, scene(view), DrawOptions())
    >>> made["edges"][0]["back"], [reading for reading, _, _ in made["maths"]]
    (4, ['g', 'E', 'x', 'y', 'x·y', '{0:30:30} · {1:31:1001}'])
    """
    places = {node: i for i, node in enumerate(view.nodes)}
    values, adjoints = PASSES[options.passes]
    steps = schedule(view, values=values, adjoints=adjoints)
    shown = {"value": values, "adjoint": adjoints}
    arrays = has_arrays(view)
    maths = Maths()
    return {
        "source": _source(view.source),
        "output": places[view.output],
        "blame": [isolated(printable(NEGATIVE.sub("−", sentence))) for sentence in view.blame],
        "adjointName": maths.mark(_name(view, view.adjoint_name)),
        "outputName": maths.mark(_name(view, view.output_name)),
        "nodes": _nodes(view, maths, places, steps),
        "edges": [_edge(view, edge, maths, places, steps) for edge in view.all_edges],
        "arrows": _arrows(view, drawn, places),
        "inputs": [
            _input(node, maths.mark(_name(view, name)), places, view, name=name) for name, node in view.inputs.items()
        ],
        "steps": _steps(steps, places, values=values),
        "cells": [(word, f"{name}s") for name, word in options.style.cells if shown[name]],
        "numbers": _numbers(view, _float),
        "texts": _numbers(view, _text) if arrays or _has_texts(view) else None,
        "arrays": arrays,
        "powers": {"signed": number("-1").power, "fraction": number("1/2").power},
        "maths": maths.written,
    }


def _source(text: str) -> str:
    lines = "\n".join(printable(line.rstrip()) for line in text.strip().splitlines())
    return lines if len(lines) <= MAX_SOURCE else lines[: MAX_SOURCE - 1] + "…"


class _Words(ReadingTex):
    """The LaTeX of every operation in terms of the symbols of its operands."""

    def __init__(self, view: View, symbols: Mapping[int, str]) -> None:
        super().__init__(view.known_names)
        self._symbols, self._targets = symbols, iter(view.tape.steps)
        self.words: dict[int, str] = {}

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Keep an operation's formula, and return its symbol for the operations that use it."""
        target = next(self._targets).target
        text = super().value(op, operands)
        self.words[target] = right_side(text)
        symbol = self._symbols.get(target, text.string)
        return text if symbol in {text.string, text.condition} else Text(symbol)


def _name(view: View, name: str) -> str:
    """Return the LaTeX of a name in whole, however long it is."""
    return name_phrase(name, view.known_names).tex if name else ""


def _symbols(view: View) -> dict[int, str]:
    """Return the LaTeX of each node's symbol: its name, its number, or how formulas call it."""

    def symbol(node: Node) -> str:
        if node.name:
            return _name(view, node.name)
        if node.kind in LEAVES:
            return number_phrase(node.label).tex
        symbol = view.symbol(node.number)
        return symbol.tex if isinstance(symbol, Phrase) else _name(view, symbol)

    return {number: symbol(node) for number, node in view.nodes.items()}


def _nodes(view: View, maths: Maths, places: Places, steps: Schedule) -> list[dict[str, Any]]:
    symbols, counts = _symbols(view), _paths(view)
    notation = _Words(view, symbols)
    forward(view.tape, notation, {name: notation.name(name) for name in view.tape.inputs})
    symbols |= {
        n: notation.words[n]
        for n, node in view.nodes.items()
        if node.op and node.op.binds == COMPARISON and not node.name
    }
    return [
        {
            "key": f"n{number}",
            "kind": node.kind,
            "symbol": maths.mark(symbols[number]),
            "named": bool(node.name),
            "words": maths.mark(notation.words[number]) if number in notation.words else "",
            "template": _template(node.op, maths, len(view.operands.get(number, ()))),
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


def _template(op: Op | None, maths: Maths, count: int) -> str:
    """Return how an operation is written with numbers; a choice has no numbers to compute with."""
    return "" if op is None or op.chooses else maths.template(op, PAGE.form(op), count)


def _entries(value: Any) -> str:
    """Return a small array's numbers as text, or a large one's shape and range; empty for a number."""
    return entries(value).replace("-", "−") if is_array(value) else ""


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


def _edge(view: View, edge: Edge, maths: Maths, places: Places, steps: Schedule) -> dict[str, Any]:
    op = view.nodes[edge.result].op
    formula, factor = view.told(edge)
    return {
        "tail": places[edge.operand],
        "head": places[edge.result],
        "position": edge.position,
        "formula": maths.mark(formula),
        "factor": maths.mark(_signed(factor)),
        "silent": op is not None and op.rule(edge.position) is nothing,
        "back": steps.backward.get(edge.result) if _flows(edge) else None,
    }


@lru_cache(maxsize=4096)
def _signed(tex: str) -> str:
    """Return a factor of a product: one that begins with a minus sign on one line, as a fraction may, in brackets."""
    return rf"\left({tex}\right)" if unicode_of(tex).startswith("−") else tex


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


def _input(node: Node, symbol: str, places: Places, view: View, *, name: str) -> dict[str, Any]:
    return {
        "name": printable(name),
        "symbol": symbol,
        "node": places.get(node.number),
        "wanted": name in view.wrt,
        "indices": node.number in view.indices,
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
    return as_float(number) if number is not None and kind_of(number).real else None


def _text(number: Any) -> str:
    return "" if number is None else short(number).replace("-", "−")
