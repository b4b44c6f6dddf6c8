"""Annotate a graph with the numbers of both passes, and with each local derivative as a formula."""

from __future__ import annotations

from functools import cached_property
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

__all__ = [
    "MAX_FORMULAS",
    "MAX_SYMBOL",
    "EdgeNumbers",
    "Formulas",
    "adjoint_texts",
    "annotated",
    "edge_numbers",
    "formula",
]

MAX_FORMULAS: Final = 2_000
"""The most operations of a graph whose local derivatives are written as formulas; beyond, they are numbers alone."""

MAX_SYMBOL: Final = 24
"""The longest text of an operand in a formula; a longer one is replaced by v and the node's number."""


EdgeNumbers = tuple[Any, Any, bool]
"""An edge's local derivative, its contribution, and whether it has a local derivative.

Both numbers are None where the backward pass did not reach the edge. The local derivative is also None where it is a
linear map, as that of `@`, and not a factor for each entry.
"""


class Formulas:
    """The local derivatives of a graph as text, each written when it is first used.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3})
    >>> formulas = Formulas(passes)
    >>> formulas.partial(passes.tape.step(2), 0), formulas.symbols[2].string
    ('b', 'a*b')
    """

    def __init__(self, passes: Passes) -> None:
        """Take the passes whose local derivatives are written."""
        self._passes = passes

    def partial(self, step: Step, position: int) -> str | None:
        """Return the local derivative of a step by one of its operands; None where the graph is too large."""
        if self.symbols[step.target] is None:
            return None
        return formula(self._passes.tape, step, position, self.symbols, Notation()).string

    def along(self, path: Sequence[tuple[Step, int]]) -> str | None:
        """Return the product of the local derivatives along a path of steps; None where the graph is too large."""
        if any(self.symbols[step.target] is None for step, _ in path):
            return None
        return _along(self._passes.tape, path, self.symbols, Notation()).string

    @cached_property
    def symbols(self) -> list[Any]:
        """The symbol of each node in formulas: its name, its text, or v and its number where the text is long."""
        tape, names = self._passes.tape, self._passes.graph.names

        def name_of(node: int, text: Text) -> str | None:
            return names.get(node) or (f"v{node}" if len(text.string) > MAX_SYMBOL else None)

        return named(tape, Notation(), name_of)[0] if len(tape.steps) <= MAX_FORMULAS else [None] * tape.size


def annotated(passes: Passes) -> nx.MultiDiGraph[int]:
    """Return a new graph with value, adjoint and symbol on nodes; partial, contribution and formula on edges.

    An attribute is None where a pass did not reach: a node without a value, an edge that leads to no wanted input. The
    graph's attributes at, wrt and exact are the arguments of the passes.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> dag = annotated(backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3}))
    >>> dag.edges[0, 2, 0]
    {'partial': 3.0, 'contribution': 3.0, 'formula': 'b'}
    """
    formulas = Formulas(passes)
    edges = ((step, _edge_attributes(passes, formulas, step)) for step in passes.tape.steps)
    dag = multi_di_graph(passes.graph, _node_attributes(passes, formulas), edges)
    dag.graph.update(at=dict(passes.inputs), wrt=passes.wrt, **passes.kind.settings)
    return dag


def _node_attributes(passes: Passes, formulas: Formulas) -> Iterator[dict[str, Any]]:
    ops = {step.target: step.op for step in passes.graph.steps}
    adjoints = passes.backward.adjoints
    for node, (value, symbol) in enumerate(zip(passes.values, formulas.symbols, strict=True)):
        attributes = attributes_of(passes.graph, node, ops.get(node))
        attributes["value"] = None if isinstance(value, Fault) else value
        attributes["adjoint"] = adjoints.get(node)
        attributes["symbol"] = symbol.string if symbol else None
        yield attributes


def _edge_attributes(passes: Passes, formulas: Formulas, step: Step) -> list[dict[str, Any]]:
    """Return the attributes of the edges into a step, by the operand's position."""
    rows = [
        {
            "partial": partial,
            "contribution": contribution,
            "formula": formulas.partial(step, position) if differentiable else None,
        }
        for position, (partial, contribution, differentiable) in enumerate(edge_numbers(passes, step))
    ]
    texts = adjoint_texts(passes, step)
    return [{"red": texts[i]} | row if i in texts else row for i, row in enumerate(rows)] if texts else rows


def edge_numbers(passes: Passes, step: Step) -> list[EdgeNumbers]:
    """Return the numbers on the edges into a step, by the operand's position."""
    nothing = [None] * len(step.operands)
    partials = passes.backward.partials.rows.get(step.target, nothing)
    contributions = passes.backward.contributions.rows.get(step.target, nothing)
    return [
        (
            partial.d if isinstance(partial, Pullback) else partial,
            partial if contribution is None else contribution,
            partial is not None,
        )
        for partial, contribution in zip(partials, contributions, strict=True)
    ]


def adjoint_texts(passes: Passes, step: Step) -> dict[int, str]:
    """Return the textbook formulas of the adjoints that a step sends back, by the operand's position."""
    if not step.op.adjoint_text or passes.backward.adjoints.get(step.target) != 1:
        return {}
    shapes = [shape_of(passes.values[operand]) for operand in step.operands]
    return {position: str(text(*shapes)) for position, text in step.op.adjoint_text.items()}


def formula(  # noqa: PLR0913  an edge, the symbols of its operands, and the notation
    tape: Tape, step: Step, position: int, symbols: Sequence[Text], m: Notation, *, z: Text | None = None
) -> Text:
    """Return a local derivative in a notation; that of an array operation is its VJP of the adjoint g.

    The plain rule is first recorded on a tape, which folds 0 and 1. `symbols` are the texts of the operands by
    register; `z` is that of the step's own value, which is spelled out by default.
    """
    writer = Writer(stable=False)
    names = {str(i): symbols[operand] for i, operand in enumerate(step.operands)}
    refs = [
        writer.const(tape.constants[operand]) if operand in tape.constants else writer.input(str(i))
        for i, operand in enumerate(step.operands)
    ]
    value = writer.value(step.op, refs) if z is None else writer.input("z")
    local = writer.tape([derivative_of(step.op, position, writer, value, refs)])
    inputs = {**names, "z": z, ADJOINT: Text(ADJOINT)}
    return forward(local, m, {i: inputs[i] for i in local.inputs})[local.outputs[0]]  # type: ignore[no-any-return]


def _along(tape: Tape, path: Sequence[tuple[Step, int]], symbols: Sequence[Text], m: Notation) -> Text:
    """Return the product of the local derivatives along a path, from its first step to its last, in a notation."""
    writer, reached = Writer(stable=False), dict[int, Any]()
    product: Any = None
    for step, position in path:
        refs = [
            reached[operand]
            if operand in reached
            else writer.const(tape.constants[operand])
            if operand in tape.constants
            else writer.input(str(operand))
            for operand in step.operands
        ]
        value = reached[step.target] = writer.value(step.op, refs)
        local = derivative_of(step.op, position, writer, value, refs)
        product = local if product is None else product * local
    local_tape = writer.tape([product])
    return forward(local_tape, m, {name: symbols[int(name)] for name in local_tape.inputs})[local_tape.outputs[0]]  # type: ignore[no-any-return]
