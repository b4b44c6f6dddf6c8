"""Split a formula with sums over rows into formulas of one row, and the formula of their sums."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from graphgrad.base.errors import ExpressionError
from graphgrad.graph.data import GraphData
from graphgrad.tables.reductions import COUNT, REDUCTIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from graphgrad.ops.op import Step

__all__ = ["Aggregate", "Split", "split"]

FIXED, ROWS, WHOLE, MIXED = range(4)
"""What a node is: the same for all rows, one number per row, one for the table, or one per row that needs such."""


class Aggregate(NamedTuple):
    """A sum, mean, extreme or count over the rows of a formula of one row; `name` is that of its input in the whole."""

    name: str
    kind: str
    graph: GraphData


class Split(NamedTuple):
    """The aggregates of a formula, and the formula of them; none where it gives one number per row."""

    aggregates: tuple[Aggregate, ...]
    whole: GraphData


def split(graph: GraphData, columns: Collection[str]) -> Split:
    """Return the aggregates over these columns of which a formula consists.

    Raises `ExpressionError` for an aggregate of aggregates of rows, which takes two passes, for other operations on
    arrays, and where the result is one number per row that needs an aggregate.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> found = split(build("sum(a*b)/sum(b)", parse("sum(a*b)/sum(b)")), {"a", "b"})
    >>> [(a.name, a.kind, a.graph.inputs) for a in found.aggregates], found.whole.inputs
    ([('sum(a*b)', 'a sum', ('a', 'b')), ('sum(b)', 'a sum', ('b',))], ('sum(a*b)', 'sum(b)'))
    """
    parts = _Parts(graph)
    needed = parts.needed(graph.output, ())
    kinds = {node: ROWS if name in columns else FIXED for name, node in graph.nodes.items()}
    kinds |= dict.fromkeys(graph.constants, FIXED)
    names: dict[int, str] = {}
    taken: set[str] = set()
    aggregates: list[Aggregate] = []
    for step in graph.steps:
        if step.target not in needed:
            continue
        if not step.op.on_arrays:
            kinds[step.target] = _joined([kinds[operand] for operand in step.operands])
            continue
        kind = _reduction(graph, step, kinds)
        text = _text(graph, step.target)
        name = text if text not in taken else f"{text} at {step.target}"
        taken.add(name)
        names[step.target], kinds[step.target] = name, WHOLE
        aggregates.append(Aggregate(name, kind, parts.of(step.operands[0], {})))
    if kinds[graph.output] == MIXED:
        message = "one number per row, which needs one of the whole table: that takes two passes"
        raise _error(graph, graph.output, message, _in_two(aggregates))
    return Split(tuple(aggregates), parts.of(graph.output, names))


def _joined(kinds: list[int]) -> int:
    found = {*kinds} - {FIXED}
    return MIXED if len(found) > 1 else next(iter(found), FIXED)


def _reduction(graph: GraphData, step: Step, kinds: Mapping[int, int]) -> str:
    """Return what kind of aggregate a step is."""
    kind: str | None = REDUCTIONS.get(step.op.name)
    if kind is None or any(x is not None and x is not False for _, x in step.op.params):
        hint = "over the rows of a table there are sum(x), mean(x), max(x) and min(x)"
        raise _error(graph, step.target, "this works on arrays, and a table's rows are numbers", hint)
    [operand] = step.operands
    if kinds[operand] == ROWS:
        return kind
    if kinds[operand] == MIXED:
        message = "what is summed up here needs a number of the whole table first: that takes two passes"
        raise _error(graph, step.target, message, "compute the inner one first, and give it as a constant by --at")
    hint = "name a column in it" if kind == COUNT else "name a column in it, or leave the function out"
    raise _error(graph, step.target, "nothing in this changes from row to row", hint)


def _in_two(aggregates: list[Aggregate]) -> str:
    first = aggregates[0].name
    return f"compute {first} first, write a name for it in the formula, and give the name its value by --at"


def _error(graph: GraphData, node: int, message: str, hint: str) -> ExpressionError:
    return ExpressionError(message, graph.source, graph.spans[node], hint=hint)


def _text(graph: GraphData, node: int) -> str:
    start, end = graph.spans[node]
    return graph.names.get(node) or graph.source[start:end]


class _Parts:
    """Takes the graphs of nodes out of a graph, each in the time that its own size takes."""

    def __init__(self, graph: GraphData) -> None:
        self.graph = graph
        self.steps = {step.target: (i, step) for i, step in enumerate(graph.steps)}
        self.inputs = {node: (i, name) for i, (name, node) in enumerate(graph.nodes.items())}

    def needed(self, output: int, leaves: Collection[int]) -> set[int]:
        """Return a node and all that it is computed from, down to these leaves."""
        needed, waiting = {output}, [output]
        while waiting:
            node = waiting.pop()
            if node in self.steps and node not in leaves:
                fresh = {*self.steps[node][1].operands} - needed
                needed |= fresh
                waiting += fresh
        return needed

    def of(self, output: int, leaves: Mapping[int, str]) -> GraphData:
        """Return the graph of a node, in which some nodes are inputs with these names."""
        graph, needed = self.graph, sorted(self.needed(output, leaves))
        number = {node: i for i, node in enumerate(needed)}
        renamed = {leaves[node]: number[node] for node in needed if node in leaves}
        inner = [node for node in needed if node not in leaves]
        own = sorted((*self.inputs[node], number[node]) for node in inner if node in self.inputs)
        inputs = {name: node for _, name, node in own} | renamed
        steps = sorted((self.steps[node] for node in inner if node in self.steps), key=itemgetter(0))
        names = {number[node]: graph.names[node] for node in needed if node in graph.names}
        return GraphData(
            source=graph.source,
            inputs=tuple(inputs),
            defaults={name: graph.defaults[name] for name in inputs if name in graph.defaults},
            output=number[output],
            output_name=None,
            steps=[
                step._replace(target=number[step.target], operands=tuple(number[x] for x in step.operands))
                for _, step in steps
            ],
            constants={number[node]: graph.constants[node] for node in needed if node in graph.constants},
            names=names | {node: name for name, node in renamed.items()},
            spans=[graph.spans[node] for node in needed],
            nodes=inputs,
        )
