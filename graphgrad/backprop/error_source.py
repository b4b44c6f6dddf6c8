"""Name the operation whose rounding the error of an output comes from, and the one that magnifies it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.faults import node_text
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.namespace import Fault
from graphgrad.text.operator_place import operation_start
from graphgrad.text.quoted_names import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.sweeps import Edge
    from graphgrad.tape.tape import Tape

__all__ = ["ErrorSource", "Recorded", "operation_place", "share_text"]

MAGNIFIED: Final = 10
"""The least factor that is called a magnification."""


SMALLEST_SHARE: Final = 1e-4
"""The least share that is written as a number."""


class ErrorSource(NamedTuple):
    """Where an error comes from: the rounding of `name`, and what magnifies it by `factor`, if anything does.

    `place` is the name's line and column in the text, `share` its part of the bound of the error.
    """

    node: int
    name: str
    place: str
    share: float
    magnifier: str = ""
    factor: float = 1.0

    def __str__(self) -> str:
        """Return a clause: the rounding of exp(x) at column 2, and what magnifies it."""
        clause = f"the rounding of {self.name} at {self.place}"
        if not self.magnifier:
            return clause
        if math.isinf(self.factor):
            return f"{clause}; {self.magnifier} cancels all digits"
        return f"{clause}, which {self.magnifier} magnifies {self.factor:.2g} times"


class Recorded(NamedTuple):
    """A tape with its values; `edges` maps the registers beyond the graph's nodes to the edges that they belong to."""

    passes: Passes
    tape: Tape
    values: Sequence[Any]
    edges: Mapping[int, Edge]

    def node(self, register: int) -> int:
        """Return the node of the graph that a register belongs to."""
        return self.edges[register][0] if register in self.edges else register

    def name(self, register: int) -> str:
        """Return a register in words: the text of its node, or the local derivative that it belongs to."""
        graph = self.passes.graph
        if register not in self.edges:
            return node_text(graph, register)
        of, by = self.ends(register)
        return f"the derivative of {of} by {by}"

    def label(self, register: int) -> str:
        """Return a register in short: the text of its node, or ∂(…)/∂… of its edge."""
        if register not in self.edges:
            return node_text(self.passes.graph, register)
        of, by = map(grouped, self.ends(register))
        return f"∂{of}/∂{by}"

    def ends(self, register: int) -> tuple[str, str]:
        """Return the texts of the result and of the operand of a register's edge."""
        node, position = self.edges[register]
        operand = self.passes.tape.step(node).operands[position]
        return node_text(self.passes.graph, node), node_text(self.passes.graph, operand)

    def source(self, bound: ErrorBound) -> ErrorSource | None:
        """Return where most of a bound comes from; None where nothing is rounded.

        >>> from graphgrad import parse
        >>> from graphgrad.backprop.error_bound import value_bound
        >>> passes = parse("(exp(x) - 1)/x").backprop({"x": 1e-15}).passes
        >>> print(Recorded(passes, passes.tape, passes.values, {}).source(value_bound(passes)))
        the rounding of exp(x) at column 2, which the difference at column 9 magnifies 9e+14 times
        """
        worst = bound.worst
        if worst is None:
            return None
        node = self.node(worst)
        start = self.passes.graph.spans[node][0]
        place = self.passes.graph.place(start)
        source = ErrorSource(node, self.name(worst), place, float(bound.terms[worst] / bound.total))
        magnifications = self.magnifications(worst, bound.adjoints)
        factor, register = max(magnifications, key=lambda pair: pair[0], default=(1.0, None))
        if register is None or factor < MAGNIFIED:
            return source
        return source._replace(magnifier=self.magnifier(register), factor=factor)

    def magnifier(self, register: int) -> str:
        """Return an operation with its place: the difference at column 9."""
        node, graph = self.node(register), self.passes.graph
        if register in self.edges:
            return f"{self.name(register)} at {graph.place(graph.spans[node][0])}"
        op = self.tape.step(register).op
        noun = op.about.split(",")[0] if op.infix else op.spoken
        return f"the {noun} at {operation_place(graph, self.passes.tape, node)}"

    def magnifications(self, register: int, adjoints: Sequence[Any]) -> Iterator[tuple[float, int]]:
        """Yield the factors by which operations on the way to the output magnify a relative error.

        The way is that along which most of the error flows. The factor of z by its operand x is |∂z/∂x · x/z|.
        """
        users: dict[int, list[tuple[int, int]]] = {}
        for step in self.tape.steps:
            for position, operand in enumerate(step.operands):
                users.setdefault(operand, []).append((step.target, position))
        while register != self.tape.outputs[0]:
            flows = [
                (abs(adjoints[target] * partial), -target, abs(partial))
                for target, position in users.get(register, ())
                if adjoints[target] is not None and (partial := self.partial(target, position)) is not None
            ]
            if not flows:
                return
            _, after, partial = max(flows)
            yield _ratio(partial * abs(self.values[register]), abs(self.values[-after])), -after
            register = -after

    def partial(self, target: int, position: int) -> Any:
        """Return a local derivative that is a number, else None."""
        step, m = self.tape.step(target), self.namespace
        xs = [self.values[i] for i in step.operands]
        if step.op.on_arrays or any(is_array(x) or isinstance(x, Fault) for x in (self.values[target], *xs)):
            return None
        partial = m.partial(step.op, position, self.values[target], xs)
        return None if isinstance(partial, Fault) else partial

    @property
    def namespace(self) -> Namespace:
        """The namespace of the passes."""
        return self.passes.kind.namespace


def _ratio(error: Any, value: Any) -> float:
    if not value:
        return math.inf if error else 1.0
    return float(error / value)


def operation_place(graph: GraphData, tape: Tape, node: int) -> str:
    """Return where a node's operator or function stands: "column 9", or "line 2, column 3"."""
    return graph.place(operation_start(graph.source, graph.spans[node], tape.step(node).op))


def share_text(share: float) -> str:
    """Return a share as a percentage that is 100 only where it is all.

    >>> share_text(0.99995), share_text(1.0), share_text(0.123), share_text(1e-9)
    ('99.99 %', '100 %', '12 %', '< 0.01 %')
    """
    if share < SMALLEST_SHARE:
        return "< 0.01 %"
    if share < 0.9:  # noqa: PLR2004  from there on, the digits that count are those of the rest
        return f"{100 * share:.2g} %"
    return "100 %" if share == 1 else f"{min(math.floor(share * 10_000) / 100, 99.99):g} %"
