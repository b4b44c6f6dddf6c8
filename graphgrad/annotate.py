"""The graph with the numbers of both passes on it, and every local derivative as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces import Fault
from graphgrad.notation import Notation, Text
from graphgrad.run.sweeps import forward
from graphgrad.tape import Writer

if TYPE_CHECKING:
    import networkx as nx

    from graphgrad.passes import Passes
    from graphgrad.tape import Step

__all__ = ["MAX_FORMULAS", "annotated"]

MAX_FORMULAS: Final = 2_000
"""Beyond so many edges, the local derivatives are given as numbers alone."""

MAX_SYMBOL: Final = 24
"""An operand with a longer text than this is called v and its node's number in formulas."""


def annotated(passes: Passes) -> nx.MultiDiGraph[int]:
    """Return a copy of the graph: value, adjoint and symbol on nodes; partial, contribution and formula on edges.

    An attribute is None where a pass did not come: what has no value, what leads to no wanted input.

    >>> from graphgrad.backprop import backprop
    >>> from graphgrad.graph import build
    >>> from graphgrad.parse import parse
    >>> dag = annotated(backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3}))
    >>> dag.edges[0, 2, 0]
    {'partial': 3.0, 'contribution': 3.0, 'formula': 'b'}
    """
    dag = passes.graph.dag.copy()
    symbols = _symbols(passes)
    for node, attributes in dag.nodes.items():
        value = passes.values[node]
        attributes["value"] = None if isinstance(value, Fault) else value
        attributes["adjoint"] = passes.found.adjoints.get(node)
        attributes["symbol"] = symbols[node].string if symbols[node] else None
    for step in passes.tape.steps:
        for position, operand in enumerate(step.operands):
            dag.edges[operand, step.target, position].update(_edge(passes, symbols, step, position))
    return dag


def _edge(passes: Passes, symbols: list[Any], step: Step, position: int) -> dict[str, Any]:
    edge = step.target, position
    partial = passes.found.partials.get(edge)
    contribution = passes.found.contributions.get(edge, None if partial is None else partial)
    return {"partial": partial, "contribution": contribution, "formula": _formula(passes, symbols, step, position)}


def _symbols(passes: Passes) -> list[Any]:
    """Return what each node is called in formulas."""
    names = {name: Text(name) for name in passes.graph.inputs}
    short = _Short(passes)
    return forward(passes.tape, short, names) if len(passes.tape.steps) <= MAX_FORMULAS else [None] * passes.tape.size


class _Short(Notation):
    """Text in which a long operand is called by its node's name or number."""

    def __init__(self, passes: Passes) -> None:
        self._targets = iter(passes.tape.steps)
        self._names = passes.graph.names

    def value(self, op: Any, operands: Any) -> Text:  # noqa: ANN401
        target = next(self._targets).target
        text = super().value(op, operands)
        name = self._names.get(target) or (f"v{target}" if len(text.string) > MAX_SYMBOL else "")
        return Text(name) if name else text


def _formula(passes: Passes, symbols: list[Any], step: Step, position: int) -> str | None:
    """Return a local derivative as text: its plain rule, written on a tape that folds 0 and 1, then read as text."""
    if (step.target, position) not in passes.found.partials or symbols[step.target] is None:
        return None
    m = Writer(stable=False)
    names = {str(i): symbols[operand] for i, operand in enumerate(step.operands)}
    refs = [
        m.const(passes.tape.constants[operand]) if operand in passes.tape.constants else m.input(str(i))
        for i, operand in enumerate(step.operands)
    ]
    tape = m.tape([m.partial(step.op, position, m.value(step.op, refs), refs)])
    return forward(tape, Notation(), {i: names[i] for i in tape.inputs})[tape.outputs[0]].string  # type: ignore[no-any-return]
