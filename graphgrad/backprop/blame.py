"""Find what made a value or a derivative infinite, 0 or huge: the first node or edge, and the path from there.

In relu(x*w)*v at x = 2, w = -3 the derivative by w is 0. On the way back from the output, the adjoint is v until relu,
where nothing flows on. So relu is to blame, and the path to w is from there:

>>> from graphgrad import parse
>>> for blame in blames(parse("relu(x*w)*v").backprop({"x": 2, "w": -3, "v": 1}, ["w"]).passes):
...     print(blame.sentence)
the value is 0 because relu(x*w) at column 1 is flat at x*w = -6
∂/∂w is 0 because relu(x*w) at column 1 is flat at x*w = -6

A 0 that is right is no fault: at a stationary point, where terms cancel, and where an input is 0 itself.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.error_source import operation_place
from graphgrad.backprop.faults import node_text, output_text, values_text
from graphgrad.backprop.paths import path_between
from graphgrad.backprop.remarkable import HUGE, SENSITIVE, elasticity, state_of
from graphgrad.backprop.rounded_away import rounded_away
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.many_digits import Precise
from graphgrad.namespaces.namespace import Fault
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step
    from graphgrad.tape.sweeps import Edge
    from graphgrad.text.statement import Span

__all__ = ["Blame", "blames"]

MAX_STEPS: Final = 5_000
"""The most operations of a graph in which causes are looked for."""

DIGITS: Final = 50
"""The digits of the exact value that tells an underflow from a 0 that is right."""


@public
class Blame(NamedTuple):
    """What made a number infinite, 0 or huge.

    Attributes:
        of: "value" or "∂/∂x".
        state: "infinite", "zero" or "huge".
        sentence: the cause in words, with its place in the text.
        span: where the cause stands in the text.
        node: the number of its node.
        nodes: the nodes of the path from the cause to the output, or to the input.
        edges: the edges of that path as (result, operand's position), with the line of each: "forward" or "backward".

    >>> from graphgrad import parse
    >>> blame = parse("exp(x)*y").backprop({"x": 800, "y": 2}, ["y"]).blame[0]
    >>> blame.of, blame.state, blame.span
    ('value', 'infinite', (0, 6))
    >>> blame.sentence
    'the value is infinite because exp(x) at column 1 overflows at x = 800'
    """

    of: str
    state: str
    sentence: str
    span: Span
    node: int
    nodes: tuple[int, ...]
    edges: Mapping[tuple[int, int], str]

    def as_dict(self) -> dict[str, Any]:
        """Return the blame as plain data, without its path.

        >>> from graphgrad import parse
        >>> parse("floor(x)").backprop({"x": 2.5}).blame[0].as_dict()["of"]
        '∂/∂x'
        """
        return {"of": self.of, "state": self.state, "sentence": self.sentence, "span": list(self.span)}


class _Cause(NamedTuple):
    """A node, what it does in words, and the edge on which it does so in the backward pass, if it is there."""

    node: int
    words: str
    edge: Edge | None = None


def blames(passes: Passes) -> tuple[Blame, ...]:
    """Return what made the value and each derivative infinite, 0 or huge, as far as that is the fault of a node.

    Arrays, and graphs of more than `MAX_STEPS` operations, are not looked at.
    """
    if passes.arrays or not passes.kind.real or len(passes.tape.steps) > MAX_STEPS:
        return ()
    grad = passes.grad
    suspects = [name for name, number in grad.items() if state_of(passes, number, passes.inputs.get(name))]
    if not suspects and not state_of(passes, passes.value):
        return ()
    search = _Search(passes)
    found = [search.of_value(), *(search.of_derivative(name, grad[name]) for name in suspects)]
    return tuple(blame for blame in found if blame)


WORDS: Final = {"infinite": "infinite", "zero": "0", "huge": "huge"}


@dataclass(frozen=True)
class _Search:
    """The values and adjoints of both passes, in which causes are looked for."""

    passes: Passes

    @cached_property
    def adjoints(self) -> list[Any]:
        return self.passes.backward.adjoints.row

    @cached_property
    def steps(self) -> dict[int, Step]:
        return {step.target: step for step in self.passes.tape.steps}

    @cached_property
    def exact(self) -> Precise:
        return Precise(DIGITS)

    @cached_property
    def values(self) -> list[Any]:
        """The value in each register, nan where there is none because a choice took another branch."""
        return [math.nan if isinstance(value, Fault) else value for value in self.passes.values]

    # ---- the value

    def of_value(self) -> Blame | None:
        """Return what made the output infinite, 0 or huge."""
        passes, output = self.passes, self.passes.graph.output
        state = state_of(passes, passes.value)
        cause = {"infinite": self.overflow, "zero": self.zero, "huge": self.growth}.get(state, _nothing)(output)
        if cause is None and state == "zero":
            cause = self.rounded_away()
        if cause is None:
            return None
        name = output_text(passes.graph, "the value")
        path = path_between(self.passes.tape, cause.node, output)
        return self.blame(("value", name), state, cause, path, dict.fromkeys(path.values(), "forward"))

    def overflow(self, register: int) -> _Cause | None:
        """Return the first operation on the way to a register whose value is infinite though its operands are not."""
        while True:
            step = self.steps.get(register)
            if step is None:
                return None
            infinite = [i for i in step.operands if self.is_infinite(i)]
            if not infinite:
                return self.cause(step, "overflows")
            register = infinite[0]

    def is_infinite(self, register: int) -> bool:
        return self.passes.kind.is_infinite(self.values[register])

    def overflow_at(self, registers: Iterable[int]) -> _Cause | None:
        """Return what made the first infinite value among registers so, if there is one."""
        infinite = next((i for i in registers if self.is_infinite(i)), None)
        return None if infinite is None else self.overflow(infinite)

    def zero(self, register: int) -> _Cause | None:
        """Return the operation that made a value 0: by a factor, an underflow, or because it is flat there."""
        while True:
            step = self.steps.get(register)
            if step is None or self.values[register]:
                return None
            if step.op.chooses:
                register = step.operands[1 if self.values[step.operands[0]] else 2]
                continue
            factor = self.absorbed(step)
            if factor is None:
                return self.overflow_at(step.operands) or self.own_zero(step)
            if factor not in self.steps:
                is_constant = factor in self.passes.tape.constants
                return self.cause(step, "has the factor 0", values=False) if is_constant else None
            register = factor

    def absorbed(self, step: Step, without: int | None = None) -> int | None:
        """Return the operand that decides the result whatever the others are, as 0 does in 0*y."""
        for position, (number, _) in (step.op.absorbing or {}).items():
            if position != without and self.values[step.operands[position]] == number:
                return step.operands[position]
        return None

    def own_zero(self, step: Step) -> _Cause | None:
        """Return an operation as the cause of its value 0, if it underflows or is flat; None where 0 is right."""
        if not any(self.values[i] for i in step.operands):
            return None
        if self.is_flat(step):
            return self.cause(step, "is flat")
        exact = self.exactly(step)
        return self.cause(step, "underflows to 0") if exact else None

    def rounded_away(self) -> _Cause | None:
        """Return the operation whose rounding made the output 0; None where 0 is right."""
        register = rounded_away(self.passes)
        if register is None:
            return None
        return self.cause(self.steps[register], f"is rounded to {short(self.values[register])}")

    def is_flat(self, step: Step) -> bool:
        """Whether no adjoint flows back through an operation, because it is constant around its operands."""
        xs = [self.values[i] for i in step.operands]
        z = self.values[step.target]
        partials = [self.passes.kind.namespace.partial(step.op, i, z, xs) for i in range(len(xs))]
        return bool(partials) and all(type(d) is int and d == 0 for d in partials)

    def exactly(self, step: Step, position: int | None = None) -> Any:
        """Return the exact value of an operation at its operands as they are, or one of its local derivatives."""
        m = self.exact
        try:
            xs = [m.const(Fraction(self.passes.kind.rational(self.values[i]))) for i in step.operands]
            z = m.value(step.op, xs)
            exact = z if position is None else m.partial(step.op, position, z, xs)
            return 0 if isinstance(exact, Fault) else exact
        except (Fault, ArithmeticError, ValueError, TypeError):
            return 0

    def growth(self, register: int) -> _Cause | None:
        """Return the operation that made a value huge: the last whose operands are not."""
        while True:
            step = self.steps.get(register)
            if step is None:
                return None
            huge = [i for i in step.operands if abs(self.values[i]) >= HUGE]
            if not huge:
                value = self.values[register]
                return self.cause(step, f"is {short(value)}") if abs(value) >= HUGE else None
            register = huge[0]

    # ---- derivatives

    def of_derivative(self, name: str, number: Any) -> Blame | None:
        """Return what made a derivative infinite, 0 or huge."""
        passes = self.passes
        register, state = passes.tape.inputs[name], state_of(passes, number, passes.inputs.get(name))
        above = self.above(register)
        if passes.graph.output not in above:
            return self.unused(name, register)
        find = {"infinite": self.infinite_edge, "zero": self.dead_edge, "huge": self.steep_edge}[state]
        cause = find(above)
        if cause is None:
            return None
        words = f"∂{output_text(passes.graph)}/∂{written(name)}"
        operand = self.steps[cause.edge[0]].operands[cause.edge[1]] if cause.edge else cause.node
        path = path_between(self.passes.tape, register, operand if operand in above else register)
        edges = [*path.values(), *([cause.edge] if cause.edge else [])]
        lit = {edge: "backward" if self.flows(edge) else "forward" for edge in edges}
        return self.blame((f"∂/∂{name}", words), state, cause, path, lit)

    def unused(self, name: str, register: int) -> Blame:
        passes = self.passes
        output, by = output_text(passes.graph, "the output"), written(name)
        sentence = f"∂/∂{by} is 0 because {output} does not depend on {by}"
        return Blame(f"∂/∂{name}", "zero", sentence, passes.graph.spans[register], register, (), {})

    def above(self, register: int) -> set[int]:
        """Return the registers that a register is used for, with itself."""
        return self.passes.tape.depending_on([register])

    def edges(self, above: set[int]) -> Iterator[tuple[Step, int]]:
        """Yield the edges on the ways from the output to an input, in the order of the backward pass."""
        for step in reversed(self.passes.tape.steps):
            if step.target in above and self.adjoints[step.target] is not None:
                yield from ((step, i) for i, operand in enumerate(step.operands) if operand in above)

    def flows(self, edge: Edge) -> bool:
        return edge in self.passes.backward.contributions

    def contribution(self, step: Step, position: int) -> Any:
        """Return what flows back along an edge; None where it is closed."""
        return self.passes.backward.contributions.get((step.target, position))

    def infinite_edge(self, above: set[int]) -> _Cause | None:
        """Return the first cause of an infinite flow: an overflow forward, or a product that overflows."""
        is_finite = self.passes.kind.is_finite
        for step, position in self.edges(above):
            flow = self.contribution(step, position)
            if flow is None or is_finite(flow):
                continue
            if cause := self.overflow_at((*step.operands, step.target)):
                return cause
            partial = self.passes.backward.partials[step.target, position]
            adjoint = f"the adjoint {short(self.adjoints[step.target])} times the derivative {short(partial)}"
            words = (
                f"on the edge from {{node}} {adjoint} overflows"
                if is_finite(partial)
                else "has a derivative that overflows"
            )
            return self.cause(step, words, (step.target, position), values=not is_finite(partial))
        return None

    def dead_edge(self, above: set[int]) -> _Cause | None:
        """Return the first edge on which a flow that is not 0 ends; None where one ends by right, or flows cancel."""
        edges = [(step, i) for step, i in self.edges(above) if self.adjoints[step.target] and not _asks(step, i)]
        flowing = {step.operands[i] for step, i in edges if self.contribution(step, i)}
        if not flowing.isdisjoint(self.passes.tape.inputs.values()):
            return None
        causes = [self.why_dead(step, i) for step, i in edges if not self.contribution(step, i)]
        return causes[0] if all(causes) and causes else None

    def why_dead(self, step: Step, position: int) -> _Cause | None:
        edge = step.target, position
        factor = self.absorbed(step, without=position)
        if factor is not None:
            return self.zero_factor(step, factor, edge)
        if not self.flows(edge):
            return self.closed(step, position)
        if self.passes.backward.partials[edge]:
            return self.cause(step, "makes the adjoint underflow to 0", edge)
        if overflow := self.overflow_at((*step.operands, step.target)):
            return overflow._replace(edge=edge)
        exact = self.exactly(step, position)
        if exact:
            return self.cause(step, "has a derivative that underflows to 0", edge)
        zero = next(filter(None, (self.zero(i) for i in step.operands)), None)
        return zero and zero._replace(edge=edge)

    def closed(self, step: Step, position: int) -> _Cause | None:
        """Return why a rule closes an edge: it is flat there, or it takes another operand."""
        edge = step.target, position
        if step.op.chooses:
            return self.cause(step, f"does not take {self.text(step.operands[position])}", edge, values=False)
        return self.cause(step, "is flat" if self.is_flat(step) else "takes another operand", edge)

    def zero_factor(self, step: Step, factor: int, edge: Edge) -> _Cause:
        """Return why a factor is 0, or that it is."""
        earlier = self.zero(factor)
        if earlier:
            return earlier._replace(edge=edge)
        text, value = self.text(factor), short(self.values[factor])
        operand = value if factor in self.passes.tape.constants else f"{text} = {value}"
        return self.cause(step, f"has the operand {operand}", edge, values=False)

    def steep_edge(self, above: set[int]) -> _Cause | None:
        """Return the edge along which a relative change grows most, in percent of the result per percent."""
        values, partials = self.values, self.passes.backward.partials
        steep = [
            (elasticity(partials[step.target, i], values[step.operands[i]], values[step.target]), -step.target, i)
            for step, i in self.edges(above)
            if self.flows((step.target, i))
        ]
        factor, target, position = max(steep, default=(0.0, 0, 0))
        if factor < math.sqrt(SENSITIVE):
            return self.growth(self.passes.graph.output)
        step = self.steps[-target]
        times = f"{factor:.2g}" if math.isfinite(factor) else f"more than {sys.float_info.max:.0e}"
        words = f"changes by {times} % per % of {self.text(step.operands[position])}"
        return self.cause(step, words, (step.target, position))

    # ---- words and paths

    def cause(self, step: Step, words: str, edge: Edge | None = None, *, values: bool = True) -> _Cause:
        """Return a cause: the node, what it does, and at which values of its operands."""
        graph = self.passes.graph
        at = values_text(graph, step.operands, [self.values[i] for i in step.operands]) if values else ""
        return _Cause(step.target, words + (f" at {at}" if at else ""), edge)

    def text(self, register: int) -> str:
        return node_text(self.passes.graph, register)

    def blame(
        self, of: tuple[str, str], state: str, cause: _Cause, path: Mapping[int, Edge], edges: Mapping[Edge, str]
    ) -> Blame:
        graph = self.passes.graph
        node = f"{self.text(cause.node)} at {operation_place(graph, self.passes.tape, cause.node)}"
        words = cause.words.format(node=node) if "{node}" in cause.words else f"{node} {cause.words}"
        sentence = f"{of[1]} is {WORDS[state]} because {words}"
        ends = ((result, self.steps[result].operands[position]) for result, position in edges)
        nodes = tuple(dict.fromkeys((cause.node, *path, *chain.from_iterable(ends))))
        return Blame(of[0], state, sentence, graph.spans[cause.node], cause.node, nodes, edges)


def _asks(step: Step, position: int) -> bool:
    """Whether an operand is the condition of a choice, through which nothing flows."""
    return step.op.chooses and not position


def _nothing(_register: int) -> None:
    return None
