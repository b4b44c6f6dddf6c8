"""Write a graph, or both passes on it, as node-link JSON, which networkx reads too, and load it back."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.base.arguments import path_of
from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.graph.data import Default, GraphData
from graphgrad.graph.point_branches import with_point_branches
from graphgrad.namespaces.kind import plain_from_json
from graphgrad.namespaces.kinds import known_kind, selected_kind
from graphgrad.ops.op import Step
from graphgrad.ops.table import OPERATIONS
from graphgrad.tape.sweeps import Adjoints
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import networkx as nx

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.operations import Operations
    from graphgrad.tape.sweeps import Edges

__all__ = ["VERSION", "from_json", "read_text", "to_json"]

FORMAT: Final = "graphgrad"
VERSION: Final = 1
"""The version of the format; it increases with every change that an older reader would misread."""


def to_json(dag: nx.MultiDiGraph[int]) -> str:
    """Return a graph, annotated or not, as JSON with a line for each node and edge.

    Floats are written with the fewest digits that read back exactly, fractions as "p/q", numbers of chosen precision as
    text, infinities as "inf" and "-inf", arrays as nested lists, and what a pass did not reach as null.

    >>> from graphgrad import parse
    >>> print(parse("x*y").backprop({"x": 3, "y": 5}).to_json().splitlines()[7])
    {"id": 0, "kind": "input", "name": "x", "op": null, "label": "x", "span": [0, 1], "value": 3.0, "adjoint": 5.0},
    """
    head = {"format": FORMAT, "version": VERSION, "directed": True, "multigraph": True}
    about = {name: _encoded(value) for name, value in dag.graph.items()}
    nodes = [{"id": node, **_stored_attributes(attributes)} for node, attributes in dag.nodes.items()]
    edges = [
        {"source": tail, "target": head, "key": position, **_stored_attributes(attributes)}
        for tail, head, position, attributes in dag.edges(keys=True, data=True)
    ]
    parts = [f"{_text(name)}: {_text(value)}" for name, value in {**head, "graph": about}.items()]
    parts += [f"{_text(name)}: {_lines(rows)}" for name, rows in {"nodes": nodes, "edges": edges}.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def read_text(path: str | Path) -> str:
    """Return the text of a file.

    Raises `FileError` if it cannot be read.
    """
    try:
        return path_of(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _why(error)
        raise FileError(f"cannot read {str(path)!r}: {reason}") from None


def _why(error: ValueError) -> str:
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


def from_json(text: str, operations: Operations | None = None) -> tuple[GraphData, Passes | None]:
    """Return the graph that JSON holds, and both passes if it holds their numbers.

    The numbers are those that are stored, not computed again, so that a check judges the file. `operations` is the
    table that the graph's operations are found in. Raises `GraphgradError` for one that it lacks, and for any other
    text.

    >>> from graphgrad import parse
    >>> graph, passes = from_json(parse("x*y").backprop({"x": 3, "y": 5}).to_json())
    >>> passes.grad
    {'x': 5.0, 'y': 3.0}
    """
    try:
        stored = json.loads(text)
        _refuse_other_formats(stored)
        graph = _graph(stored, OPERATIONS if operations is None else operations)
        return graph, _passes(graph, stored) if stored["graph"].get("at") is not None else None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise GraphgradError(f"this is no graph that graphgrad wrote: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _refuse_other_formats(stored: Any) -> None:
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise ValueError(f'its "format" is not "{FORMAT}"')
    if stored["version"] != VERSION:
        raise GraphgradError(f"version {stored['version']!r} of the format is not {VERSION}", hint="update graphgrad")


def _graph(stored: Any, operations: Operations) -> GraphData:
    about, nodes = stored["graph"], stored["nodes"]
    if [node["id"] for node in nodes] != list(range(len(nodes))):
        raise ValueError("its nodes are not numbered in order")
    operands = _operands(stored["edges"], len(nodes))
    steps = [_step(node, operands[node["id"]], operations) for node in nodes if node["kind"] == "operation"]
    inputs = {name: _node(nodes, number, "input") for name, number in about["inputs"].items()}
    constants = {node["id"]: _constant(node) for node in nodes if node["kind"] == "constant"}
    return GraphData(
        _string(about["source"]),
        tuple(inputs),
        {name: _default(value) for name, value in about["defaults"].items()},
        range(len(nodes))[about["output"]],
        about["output_name"] and _string(about["output_name"]),
        with_point_branches(steps, constants, inputs.values()),
        constants,
        {node["id"]: _string(node["name"]) for node in nodes if node["name"] is not None},
        [_span(node["span"]) for node in nodes],
        inputs,
        {name: _span(span) for name, span in about["literals"].items()},
    )


def _default(stored: Any) -> Default:
    return tuple(map(_default, stored)) if isinstance(stored, list) else Fraction(plain_from_json(stored))


def _operands(edges: Any, count: int) -> list[dict[int, int]]:
    """Return each node's operands by position."""
    operands: list[dict[int, int]] = [{} for _ in range(count)]
    for edge in edges:
        if not 0 <= edge["source"] < edge["target"]:
            raise ValueError("an edge does not lead to a later node")
        operands[edge["target"]][edge["key"]] = edge["source"]
    return operands


def _step(node: Any, operands: dict[int, int], operations: Operations) -> Step:
    op = operations.get(node["op"])
    if op is None:
        message = f"the graph has the operation {node['op']!r}, which the table lacks"
        raise GraphgradError(message, hint="pass the table that has it: operations=…")
    op = op.with_params(_hashable(node["params"])) if node.get("params") else op
    if not op.takes(len(operands)):
        raise ValueError(f"{op.name} has {len(operands)} operands")
    return Step(node["id"], op, tuple(operands[position] for position in range(len(operands))))


def _hashable(params: Any) -> dict[str, Any]:
    """Return an operation's parameters with tuples again where JSON has lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}


def _node(nodes: Any, number: int, kind: str) -> int:
    if nodes[number]["kind"] != kind:
        raise ValueError(f"node {number} is no {kind}")
    return int(number)


def _constant(node: Any) -> Number:
    return Number(Fraction(plain_from_json(node["number"])), _string(node["label"]))


def _string(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is no text")
    return text


def _span(span: Any) -> tuple[int, int]:
    start, end = map(int, span)
    return start, end


def _passes(graph: GraphData, stored: Any) -> Passes:
    """Run both passes, then replace the computed numbers by the stored ones."""
    about, nodes, edges = stored["graph"], stored["nodes"], stored["edges"]
    kind = selected_kind({**about, "exact": bool(about["exact"])})
    at = {name: _input_value(kind, value) for name, value in about["at"].items()}
    passes = backprop(graph, at, about["wrt"], kind=kind, seed=_seed(kind, nodes[graph.output]))
    values = [_stored(node, "value", value) for node, value in zip(nodes, passes.values, strict=True)]
    adjoints = [
        None if computed is None else _stored(node, "adjoint", computed)
        for node, computed in zip(nodes, passes.backward.row, strict=True)
    ]
    by_edge = {(edge["target"], edge["key"]): edge for edge in edges}
    partials = _edges(passes.backward.partials, by_edge, "partial")
    contributions = _edges(passes.backward.contributions, by_edge, "contribution")
    backward = Adjoints(adjoints, passes.backward.closed, partials, contributions)
    return replace(passes, values=values, backward=backward)


def _seed(kind: Kind, output: Any) -> Any:
    """Return the seed of stored passes: the adjoint of the output, or None where nothing was differentiated."""
    return None if output["adjoint"] is None else _input_value(kind, output["adjoint"])


def _edges(computed: Edges, rows: Any, name: str) -> Callable[[], dict[int, list[Any]]]:
    """Return the function of the stored numbers of all edges that the backward pass reached."""
    stored = {
        node: [
            None if number is None else _stored(rows[node, position], name, number)
            for position, number in enumerate(numbers)
        ]
        for node, numbers in computed.rows.items()
    }
    return lambda: stored


def _stored(row: Any, name: str, computed: Any) -> Any:
    """Return a stored number in the kind of the computed one that it replaces."""
    kind = known_kind(computed)
    return computed if kind is None or row[name] is None else kind.from_json(row[name], computed)


def _input_value(kind: Kind, stored: Any) -> Any:
    """Return an input's stored value: a number of that kind, or nested lists of them."""
    return [_input_value(kind, each) for each in stored] if isinstance(stored, list) else kind.from_json(stored)


def _stored_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a node or an edge that are stored: all but the symbol, which follows from them."""
    return {name: _encoded(value) for name, value in attributes.items() if name != "symbol"}


def _encoded(value: Any) -> Any:
    if isinstance(value, tuple) and value and isinstance(value[0], Fraction | tuple):
        return [_encoded(each) for each in value]
    if value is None or isinstance(value, str | tuple | bool):
        return value
    if isinstance(value, dict):
        return {name: _encoded(each) for name, each in value.items()}
    kind = known_kind(value)
    return kind.to_json(value) if kind else value


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _lines(rows: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(map(_text, rows)) + "\n]" if rows else "[]"
