"""The graph with the numbers of both passes on it, and every local derivative as a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.graph.data import attributes_of, multi_di_graph
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.namespace import Fault, Pullback
from graphgrad.printing.names import named
from graphgrad.printing.operators import Text
from graphgrad.printing.text import Notation
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import ADJOINT, Writer, derivative_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import networkx as nx

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_FORMULAS", "MAX_SYMBOL", "annotated", "formula"]

MAX_FORMULAS: Final = 2_000
"""Beyond so many edges, the local derivatives are given as numbers alone."""

MAX_SYMBOL: Final = 24
"""An operand with a longer text than this is called v and its node's number in formulas."""


def annotated(passes: Passes) -> nx.MultiDiGraph[int]:
    """Return the graph anew: value, adjoint and symbol on nodes; partial, contribution and formula on edges.

    An attribute is None where a pass did not come: what has no value, what leads to no wanted input. The graph's own
    attributes at, wrt and exact are what the passes were asked for.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> dag = annotated(backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3}))
    >>> dag.edges[0, 2, 0]
    {'partial': 3.0, 'contribution': 3.0, 'formula': 'b'}
    """
    symbols = _symbols(passes)
    dag = multi_di_graph(passes.graph, _nodes(passes, symbols), _edges(passes, symbols))
    dag.graph.update(at=dict(passes.inputs), wrt=passes.wrt, **passes.kind.settings)
    return dag


def _nodes(passes: Passes, symbols: list[Any]) -> Iterator[dict[str, Any]]:
    ops = {step.target: step.op for step in passes.graph.steps}
    adjoints = passes.found.adjoints
    for node, (value, symbol) in enumerate(zip(passes.values, symbols, strict=True)):
        attributes = attributes_of(passes.graph, node, ops.get(node))
        attributes["value"] = None if isinstance(value, Fault) else value
        attributes["adjoint"] = adjoints.get(node)
        attributes["symbol"] = symbol.string if symbol else None
        yield attributes


def _edges(passes: Passes, symbols: list[Any]) -> Iterator[tuple[Step, list[dict[str, Any]]]]:
    """Yield the attributes of the edges of every step that the output needs."""
    return ((step, _row(passes, symbols, step)) for step in passes.tape.steps)


def _row(passes: Passes, symbols: list[Any], step: Step) -> list[dict[str, Any]]:
    nothing = [None] * len(step.operands)
    partials = passes.found.partials.rows.get(step.target, nothing)
    contributions = passes.found.contributions.rows.get(step.target, nothing)
    row = [
        {
            "partial": partial.d if isinstance(partial, Pullback) else partial,
            "contribution": partial if contribution is None else contribution,
            "formula": _formula(passes, symbols, step, position),
        }
        for position, (partial, contribution) in enumerate(zip(partials, contributions, strict=True))
    ]
    return [_red(passes, step, position) | edge for position, edge in enumerate(row)] if step.op.adjoint_text else row


def _red(passes: Passes, step: Step, position: int) -> dict[str, str]:
    """Return what a textbook writes on the arrow back, where it says so."""
    written = step.op.adjoint_text.get(position)
    if written is None or passes.found.adjoints.get(step.target) != 1:
        return {}
    return {"red": written(*(shape_of(passes.values[i]) for i in step.operands))}


def _symbols(passes: Passes) -> list[Any]:
    """Return what each node is called in formulas: by its name, or where it is long by its number."""
    names = passes.graph.names

    def name_of(node: int, text: Text) -> str | None:
        return names.get(node) or (f"v{node}" if len(text.string) > MAX_SYMBOL else None)

    small = len(passes.tape.steps) <= MAX_FORMULAS
    return named(passes.tape, Notation(), name_of)[0] if small else [None] * passes.tape.size


def _formula(passes: Passes, symbols: list[Any], step: Step, position: int) -> str | None:
    """Return a local derivative as text, where it is of interest and its operands have texts."""
    if symbols[step.target] is None or (step.target, position) not in passes.found.partials:
        return None
    return formula(passes.tape, step, position, symbols, Notation()).string


def formula(  # noqa: PLR0913  an edge, what its operands are called, and in which notation
    tape: Tape, step: Step, position: int, symbols: Sequence[Text], m: Notation, *, z: Text | None = None
) -> Text:
    """Return a local derivative in a notation: its plain rule, written on a tape that folds 0 and 1, then read.

    That of an array is what its operation makes of the adjoint g.

    `symbols` are the operands by register, `z` is the step's own value, written out by default.
    """
    writer = Writer(stable=False)
    names = {str(i): symbols[operand] for i, operand in enumerate(step.operands)}
    refs = [
        writer.const(tape.constants[operand]) if operand in tape.constants else writer.input(str(i))
        for i, operand in enumerate(step.operands)
    ]
    own = writer.value(step.op, refs) if z is None else writer.input("z")
    written = writer.tape([derivative_of(step.op, position, writer, own, refs)])
    inputs = {**names, "z": z, ADJOINT: Text(ADJOINT)}
    return forward(written, m, {i: inputs[i] for i in written.inputs})[written.outputs[0]]  # type: ignore[no-any-return]
