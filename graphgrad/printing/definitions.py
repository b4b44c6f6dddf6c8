"""Print a graph with the functions that its text defines, instead of writing their calls out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.base.errors import ExpressionError
from graphgrad.base.lazy_module import LazyModule
from graphgrad.printing.inlining import in_notation
from graphgrad.printing.named import named
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.graph.calls import Calls, Function
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.printing.operators import Text
    from graphgrad.printing.text import Notation
    from graphgrad.tape import closed_calls
    from graphgrad.tape.tape import Tape
else:
    closed_calls = LazyModule("graphgrad.tape.closed_calls")

__all__ = ["Equation", "equations"]

MAX_BODY: Final = 500
"""The most operations of a function's body that is printed as one expression."""


class Equation(NamedTuple):
    """A name, or a function's name with its parameters, and what it is; the output has no name here."""

    name: str
    parameters: tuple[str, ...] | None
    text: Text


class _NotPrintableError(Exception):
    """The functions of a graph cannot be printed: their calls have to be written out."""


def equations(graph: GraphData, m: Notation) -> list[Equation] | None:
    """Return a graph's functions, its named intermediates and its output, each before its first use.

    None where the graph has no functions, and where they cannot be printed: as where an outer name within a function
    is that of one of its parameters.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.text import Notation
    >>> from graphgrad.text.parser import parse
    >>> text = "f(x) = x**2; s = f(a); f(s)"
    >>> [(each.name, each.parameters, each.text.string) for each in equations(build(text, parse(text)), Notation())]
    [('f', ('x',), 'x**2'), ('s', None, 'f(a)'), ('', None, 'f(s)')]
    """
    if graph.calls is None or not graph.calls.made:
        return None
    try:
        return [*_equations(graph, graph.calls, m)]
    except (_NotPrintableError, ExpressionError):
        return None


def _equations(graph: GraphData, calls: Calls, m: Notation) -> Iterator[Equation]:
    tape = lower(closed_calls.closed(graph))
    functions = _Functions(graph, calls, m)
    texts, definitions = in_notation(tape, graph.names, m)
    for step in tape.steps:
        if step.op.parameters:
            yield from functions.before(step.op.name, len(step.operands))
        if step.target in definitions:
            name, text = definitions[step.target]
            yield Equation(name, None, text)
    yield Equation("", None, texts[graph.output])


class _Functions:
    """The functions of a graph, each printed once."""

    def __init__(self, graph: GraphData, calls: Calls, m: Notation) -> None:
        self.graph, self.functions, self.m = graph, calls.functions, m
        self.printed: set[str] = set()
        self.bodies: dict[str, Tape] = {}
        self.placeholders: dict[str, Op] = {}

    def before(self, name: str, count: int) -> Iterator[Equation]:
        """Yield the functions to define before a call with so many operands: its own after those that it calls."""
        self._refuse_incomplete(name, count)
        waiting = [name]
        while waiting:
            function = self.functions[waiting[-1]]
            if function.name in self.printed:
                waiting.pop()
                continue
            tape = self._body(function)
            needed = [step.op.name for step in tape.steps if step.op.parameters and step.op.name not in self.printed]
            if needed:
                waiting += needed
                continue
            self.printed.add(waiting.pop())
            yield self._equation(function, tape)

    def _refuse_incomplete(self, name: str, count: int) -> None:
        """Refuse a call that lacks an operand, which its value does not need."""
        if count != len(self.functions[name].parameters) + len(self.functions[name].outer):
            raise _NotPrintableError

    def _body(self, function: Function) -> Tape:
        if function.name not in self.bodies:
            body = closed_calls.body_of(self.graph, function, placeholders=self.placeholders)
            self.bodies[function.name] = lower(body)
        return self.bodies[function.name]

    def _equation(self, function: Function, tape: Tape) -> Equation:
        inputs: dict[str, int] = {}
        for name, register in tape.inputs.items():
            outer = closed_calls.outer_node(name)
            known = name if outer is None else self.graph.names.get(outer, "")
            if known in inputs or not known:
                raise _NotPrintableError
            inputs[known] = register
        if tape.tree_size() > MAX_BODY:
            raise _NotPrintableError
        texts, _ = named(replace(tape, inputs=inputs), self.m, lambda _, __: None)
        return Equation(function.name, function.parameters, texts[tape.outputs[0]])
