"""Derive graphs of gradients, Jacobians, Hessians, JVPs and HVPs by writing the backward sweep onto the tape.

A higher order is the gradient of a derivative already on the tape, so all entries share common subexpressions. A
Hessian times a vector is the gradient of the gradient times the vector, at a small multiple of the function's cost:
B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 6 (1994).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt, has_arrays, values_at
from graphgrad.backprop.refuse_arrays import refuse_array_inputs
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.namespaces.arrays import namespace_of_arrays
from graphgrad.namespaces.kinds import FLOATS, fraction
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.printing.program import MAX_REPEATED
from graphgrad.tape.derivative_writer import CompactDerivativeWriter
from graphgrad.tape.gradient import adjoints_of
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Ref
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.tape.tape import Tape

__all__ = ["OUTPUT", "Derived", "Label", "gradient", "hessian", "hvp", "jacobian", "jvp"]


OUTPUT: Final = "output"
"""The name of an output that the program does not name."""


class Label(NamedTuple):
    """The label of an entry: the derivative of `above` by the names `below`; the differential of `above` without any.

    >>> str(Label("", ("x", "y"))), str(Label("s", ("x",))), str(Label("E", ()))
    ('∂²/∂x∂y', '∂s/∂x', 'dE')
    """

    above: str
    below: tuple[str, ...]

    def __str__(self) -> str:
        """Return the label as text."""
        if not self.below:
            return f"d{self.above}"
        return f"∂{'²' * (len(self.below) > 1)}{self.above}/{''.join(f'∂{name}' for name in self.below)}"


@dataclass(frozen=True, slots=True)
class Derived:
    """Derivatives of one function on one tape: an output per entry, labels by key, the names of registers."""

    function: GraphData
    tape: Tape
    labels: dict[Any, Label]
    names: dict[int, str]

    def entry(self, key: Any) -> GraphData:
        """Return an entry as a graph with the function's inputs and defaults."""
        register = self.tape.outputs[[*self.labels].index(key)]
        tape = self.tape.leading_to(register)
        graph = raised(tape, self.function.inputs, self.names, repeated=MAX_REPEATED)
        return replace(graph, defaults=self.function.defaults)

    def values(self, at: Mapping[str, Any], kind: Kind = FLOATS) -> dict[Any, Any]:
        """Return all entries at a point, from one sweep; raises as `backprop` does."""
        inputs = values_at(replace(self.function, nodes=self.tape.inputs), self.tape, at, kind)
        if any(len(label.below) > 1 for label in self.labels.values()):
            hint = "take hvp, the Hessian times a vector, or an entry each as an input"
            refuse_array_inputs(inputs, "a Hessian is", hint)
        m = namespace_of_arrays(kind) if has_arrays(self.tape, inputs) else kind.namespace
        try:
            registers = forward(self.tape, m, inputs)
        except NotFiniteError:
            return {key: backprop(self.entry(key), at, [], seed=1).value for key in self.labels}
        values = {key: registers[output] for key, output in zip(self.labels, self.tape.outputs, strict=True)}
        for key, value in values.items():
            if isinstance(value, Fault):
                backprop(self.entry(key), at, [], kind=kind)  # raises the error of the fault
        return values


def gradient(graph: GraphData, wrt: Iterable[str] | None = None) -> Derived:
    """Return the derivatives by inputs, all by default, keyed by name.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> derived = gradient(build("sin(x)*y", parse("sin(x)*y")))
    >>> program(derived.entry("x")), derived.values({"x": 0, "y": 3})
    ('y*cos(x)', {'x': 3.0, 'y': 0.0})
    """
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph)
    entries = derivation.gradient(derivation.written(graph.output), names)
    return derivation.derived(entries, {name: Label("", (name,)) for name in names})


def jacobian(graph: GraphData, outputs: Iterable[str] | None = None, wrt: Iterable[str] | None = None) -> Derived:
    """Return the derivatives of named intermediates, by default of the output, keyed by (output, input).

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> list(jacobian(build("s = x*y; s + x", parse("s = x*y; s + x")), ["s"]).labels)
    [('s', 'x'), ('s', 'y')]
    """
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph)
    rows = {row: derivation.gradient(ref, names) for row, ref in derivation.rows(outputs).items()}
    entries = {(row, name): ref for row, refs in rows.items() for name, ref in refs.items()}
    return derivation.derived(entries, {(row, name): Label(row, (name,)) for row, name in entries})


def hessian(graph: GraphData, wrt: Iterable[str] | None = None) -> Derived:
    """Return the second derivatives keyed by (input, input); symmetric entries are computed once.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> derived = hessian(build("x*x*y", parse("x*x*y")))
    >>> derived.values({"x": 3, "y": 5})
    {('x', 'x'): 10.0, ('x', 'y'): 6.0, ('y', 'x'): 6.0, ('y', 'y'): 0.0}
    """
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph)
    refs: dict[tuple[str, str], Ref] = {}
    for i, (name, first) in enumerate(derivation.gradient(derivation.written(graph.output), names).items()):
        for other, second in derivation.gradient(first, names[i:]).items():
            refs[name, other] = refs[other, name] = second
    entries = {(row, column): refs[row, column] for row in names for column in names}
    return derivation.derived(entries, {key: Label("", key) for key in entries})


def jvp(graph: GraphData, tangents: Mapping[str, Any] | None = None) -> Derived:
    """Return the derivative along a direction; `graphgrad.Graph.jvp` describes tangents.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> jvp(build("x*y", parse("x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'output': 11.0}
    """
    derivation = _Derivation(graph)
    [(row, ref)] = derivation.rows(None).items()
    return derivation.derived({row: derivation.along(ref, derivation.direction(tangents))}, {row: Label(row, ())})


def hvp(graph: GraphData, vector: Mapping[str, Any] | None = None, wrt: Iterable[str] | None = None) -> Derived:
    """Return the Hessian times a vector, by input, without the Hessian.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> hvp(build("x*x*y", parse("x*x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'x': 22.0, 'y': 6.0}
    """
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph)
    [(row, ref)] = derivation.rows(None).items()
    entries = derivation.gradient(derivation.along(ref, derivation.direction(vector)), names)
    return derivation.derived(entries, {name: Label(f"d{row}", (name,)) for name in names})


class _Derivation:
    """A function on a tape that its derivatives are written onto."""

    def __init__(self, graph: GraphData) -> None:
        self.graph, self.m = graph, CompactDerivativeWriter()
        self.inputs = {name: self.m.input(name) for name in graph.inputs}
        self.tangents: dict[str, Ref] = {}
        self.names: dict[int, str] = {}

    def written(self, node: int) -> Ref:
        """Write a node with its operands onto the tape; return its reference."""
        values = forward(lower(replace(self.graph, output=node)), self.m, self.inputs)
        self.names |= {values[i].register: name for i, name in self.graph.names.items() if values[i] is not None}
        return values[node]  # type: ignore[no-any-return]

    def rows(self, outputs: Iterable[str] | None) -> dict[str, Ref]:
        """Return the references to differentiate by name: named intermediates, or the output."""
        own = self.graph.output_name or OUTPUT
        nodes = {name: node for node, name in self.graph.names.items()} | {own: self.graph.output}
        names = [own] if outputs is None else [*outputs]
        for name in names:
            if name not in nodes:
                hint = f"the names are: {', '.join([*nodes][:10])}"
                raise UnknownNameError(f"'{name}' is not a name in the program", self.graph.source, hint=hint)
        return {name: self.written(nodes[name]) for name in names}

    def gradient(self, ref: Ref, names: Sequence[str]) -> dict[str, Ref]:
        """Return the derivatives of a register of the tape by inputs, keyed by name."""
        tape = self.m.tape([ref])
        values = [Ref(self.m, register) for register in range(tape.size)]
        return adjoints_of(tape, self.m, values, names, self.graph.source)

    def direction(self, tangents: Mapping[str, Any] | None) -> dict[str, Ref]:
        """Return a direction on the tape: a tangent is a number or a new input."""
        named = _tangent_names(self.graph) if tangents is None else tangents
        choose_wrt(self.graph, named)
        return {name: self._tangent(tangent) for name, tangent in named.items()}

    def _tangent(self, tangent: Any) -> Ref:
        if not isinstance(tangent, str):
            return self.m.const(fraction(tangent))
        if tangent in self.graph.names.values() or not tangent.isidentifier():
            message = f"the tangent {tangent!r} is not a new name"
            raise GraphgradError(message, hint="write a number, or a name that the program does not use")
        self.tangents[tangent] = self.m.input(tangent)
        return self.tangents[tangent]

    def along(self, ref: Ref, direction: Mapping[str, Ref]) -> Ref:
        """Return the directional derivative: the sum of partial derivatives times tangents."""
        total: Any = 0
        for name, partial in self.gradient(ref, tuple(direction)).items():
            total = total + self.m.paired(partial, direction[name])
        return self.m.lift(total)

    def derived(self, entries: Mapping[Any, Ref], labels: dict[Any, Label]) -> Derived:
        function = replace(self.graph, inputs=(*self.inputs, *self.tangents))
        return Derived(function, self.m.tape([*entries.values()]), labels, self.names)


def _tangent_names(graph: GraphData) -> dict[str, str]:
    """Return a tangent's name for each input: dx for x, with underscores added where that is taken."""
    taken = {*graph.names.values()}
    tangents: dict[str, str] = {}
    for name in graph.inputs:
        tangent = f"d{name}"
        while tangent in taken:
            tangent += "_"
        taken.add(tangent)
        tangents[name] = tangent
    return tangents
