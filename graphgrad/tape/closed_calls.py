"""Close the calls of a text's functions: each becomes one operation, whose rules are read from the function's body."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.base.errors import ExpressionError
from graphgrad.graph.builder import Builder
from graphgrad.graph.expansion import Expansion
from graphgrad.namespaces.namespace import Fault, namespace_of
from graphgrad.ops.op import ArrayOp, Op, Step
from graphgrad.tape.sweeps import backward, forward
from graphgrad.tape.tape import Tape, lower

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from graphgrad.graph.calls import Call, Calls, Function
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace, Operations
    from graphgrad.ops.shapes import Shape

__all__ = ["body_of", "closed", "closed_with_bodies", "outer_node"]


def closed(graph: GraphData, written_out: Collection[str] = ()) -> GraphData:
    """Return the graph in which each call of a function that the text defines is one operation with its name.

    The calls of functions that are to be `written_out` are not closed.

    The nodes keep their numbers. Where a call's value is a node that was there before, as that of f(x) = x, nothing is
    closed.

    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.graph.builder import build
    >>> text = "f(x, y) = x**2 + y; f(3, a)*b"
    >>> [(step.op.name, step.operands) for step in lower(closed(build(text, parse(text)))).steps]
    [('f', (0, 1)), ('mul', (4, 5))]
    """
    return closed_with_bodies(graph, written_out)[0]


def closed_with_bodies(graph: GraphData, written_out: Collection[str] = ()) -> tuple[GraphData, dict[Op, Tape]]:
    """Return what `closed` returns, and the body of each operation that stands for calls, as a tape of its operands.

    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.graph.builder import build
    >>> text = "f(x, y) = x**2 + y; f(3, a)*b"
    >>> [(op.name, [*body.inputs]) for op, body in closed_with_bodies(build(text, parse(text)))[1].items()]
    [('f', ['x', 'y'])]
    """
    if graph.calls is None or not graph.calls.made:
        return graph, {}
    made = _Closing(graph, graph.calls.without(written_out))
    steps = made.steps()
    spans = list(graph.spans)
    for node, call in made.calls.items():
        spans[node] = call.span
    return replace(graph, steps=steps, spans=spans, calls=None), made.bodies


def body_of(graph: GraphData, function: Function, *, placeholders: dict[str, Op] | None = None) -> GraphData:
    """Return the body of a function as a graph: its inputs are the parameters, then the outer nodes by their numbers.

    With a table of `placeholders`, calls in it are operations without rules, to be printed.
    Raises `ExpressionError` where the body cannot stand for itself, as where a parameter is the end of a range.
    """
    builder = Builder(graph.source, share=True)
    nodes = {name: builder.input(name, (0, 0)) for name in function.parameters}
    builder.outer = {outer.node: builder.input(_outer_name(outer.node), (0, 0)) for outer in function.outer}
    builder.expansion = Expansion(builder, graph.calls.functions if graph.calls else {}, placeholders=placeholders)
    return builder.graph(builder.expansion.expression(function.body, nodes))


def _outer_name(node: int) -> str:
    """Return the name of an outer node within a body: no text can hold it."""
    return f"\n{node}"


def outer_node(name: str) -> int | None:
    """Return the node of the whole graph that an input of a body stands for; None for a parameter.

    >>> outer_node("x"), outer_node(_outer_name(3))
    (None, 3)
    """
    return int(name[1:]) if name.startswith("\n") else None


class _Body(NamedTuple):
    """A function's body as a tape, whose inputs are its operands in their order."""

    tape: Tape

    def value(self, m: Namespace, operands: Sequence[Any]) -> list[Any]:
        """Return the value in every register, in a namespace."""
        return forward(self.tape, m, dict(zip(self.tape.inputs, operands, strict=True)))

    def pulled(self, m: Namespace, position: int, g: Any, operands: Sequence[Any]) -> Any:
        """Return the adjoint of an operand, from that of the value; the integer 0 where nothing flows back."""
        register = list(self.tape.inputs.values())[position]
        fixed = self.tape.fixed([register])
        if self.tape.outputs[0] in fixed:
            return 0
        found = backward(self.tape, m, self.value(m, operands), fixed, g).adjoints.row[register]
        return 0 if found is None else found


def _value_rule(body: _Body) -> Callable[..., Any]:
    def rule(m: Operations, *operands: Any, **_: Any) -> Any:
        return body.value(namespace_of(m), operands)[body.tape.outputs[0]]

    return rule


def _partial_rule(body: _Body, position: int) -> Callable[..., Any]:
    def rule(m: Operations, _z: Any, *operands: Any) -> Any:
        try:
            return body.pulled(namespace_of(m), position, namespace_of(m).const(Fraction(1)), operands)
        except Fault as fault:
            return fault

    return rule


def _vjp_rule(body: _Body, position: int) -> Callable[..., Any]:
    def rule(m: Operations, g: Any, _z: Any, *operands: Any) -> Any:
        return body.pulled(namespace_of(m), position, g, operands)

    return rule


def _shape_rule(body: _Body) -> Callable[..., Shape]:
    def rule(*shapes: Shape) -> Shape:
        registers: list[Shape] = [()] * body.tape.size
        for register, shape in zip(body.tape.inputs.values(), shapes, strict=True):
            registers[register] = shape
        for target, op, operands in body.tape.steps:
            registers[target] = op.shape(*[registers[operand] for operand in operands])
        return registers[body.tape.outputs[0]]

    return rule


class _Closing:
    """Replaces the steps that compute calls; `calls` are those that are closed, by the node of their value."""

    def __init__(self, graph: GraphData, calls: Calls) -> None:
        self.graph, self.functions, self.nodes = graph, calls.functions, calls.nodes
        self.ops: dict[tuple[str, tuple[int, ...]], Op | None] = {}
        self.bodies: dict[Op, Tape] = {}
        targets = {step.target for step in graph.steps}
        self.calls: dict[int, Call] = {
            call.result: call for call in calls.made if call.result in targets and call.result not in call.operands
        }

    def steps(self) -> list[Step]:
        """Return the steps that the output needs, from the last one on back: calls within calls are not read."""
        wanted = {self.graph.output}
        kept: list[Step] = []
        for step in reversed(self.graph.steps):
            if step.target in wanted:
                kept.append(self.step(step))
                wanted.update(kept[-1].operands)
            else:
                self.calls.pop(step.target, None)
        return kept[::-1]

    def step(self, step: Step) -> Step:
        """Return a step, or the call that it ends; a call has only operands that were there before its value."""
        call = self.calls.get(step.target)
        if call is None:
            return step
        function = self.functions[call.name]
        operands = [*call.operands, *(self.nodes.get(each.node, each.node) for each in function.outer)]
        kept = tuple(i for i, operand in enumerate(operands) if operand < step.target)
        op = self.op(function, kept) if kept else None
        if op is None:
            del self.calls[step.target]
            return step
        return Step(step.target, op, tuple(operands[i] for i in kept))

    def op(self, function: Function, kept: tuple[int, ...]) -> Op | None:
        """Return the operation of a function's calls, with some of its operands; None where its body does not stand."""
        key = function.name, kept
        if key not in self.ops:
            try:
                body = _body(self.graph, function, kept)
            except ExpressionError:
                self.ops[key] = None
            else:
                op = self.ops[key] = _operation(function, kept, body)
                self.bodies[op] = body.tape
        return self.ops[key]


def _body(graph: GraphData, function: Function, kept: tuple[int, ...]) -> _Body:
    tape = lower(body_of(graph, function))
    names = list(tape.inputs)
    used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
    if any(tape.inputs[name] in used for i, name in enumerate(names) if i not in kept):
        message = "a call stands before one of its operands"
        raise ExpressionError(message, graph.source, function.span)
    return _Body(replace(tape, inputs={names[i]: tape.inputs[names[i]] for i in kept}))


def _operation(function: Function, kept: tuple[int, ...], body: _Body) -> Op:
    written = [*function.parameters, *(each.text for each in function.outer)]
    parameters = tuple(written[i] for i in kept)
    hidden = sum(i >= len(function.parameters) for i in kept)
    spelled: dict[str, Any] = {
        "glyph": function.name,
        "parameters": parameters,
        "hidden": hidden,
        "roles": parameters if len(parameters) > 1 else (),
    }
    positions = range(len(kept))
    if not any(step.op.on_arrays for step in body.tape.steps):
        rules = tuple(_partial_rule(body, i) for i in positions)
        return Op(function.name, _value_rule(body), d=rules, **spelled)
    vjp = tuple(_vjp_rule(body, i) for i in positions)
    return ArrayOp(function.name, _value_rule(body), vjp=vjp, shape=_shape_rule(body), **spelled)
