"""Derivatives as graphs: the backward sweep, read on the tape that it sweeps, as often as asked.

Every order is the same step, the gradient of what stands on the tape, so entries share all they have in common. A
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
"""What the output is called where the program gives it no name."""


class Label(NamedTuple):
    """What an entry is: the derivative of `above` by `below`, or a differential of `above` where that is empty.

    >>> str(Label("", ("x", "y"))), str(Label("s", ("x",))), str(Label("E", ()))
    ('∂²/∂x∂y', '∂s/∂x', 'dE')
    """

    above: str
    below: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as text."""
        if not self.below:
            return f"d{self.above}"
        return f"∂{'²' * (len(self.below) > 1)}{self.above}/{''.join(f'∂{name}' for name in self.below)}"


@dataclass(frozen=True, slots=True)
class Derived:
    """Derivatives of one function on one tape, whose outputs are the entries; `names` are those of its registers."""

    function: GraphData
    tape: Tape
    labels: dict[Any, Label]
    names: dict[int, str]

    def entry(self, key: Any) -> GraphData:
        """Return an entry as a graph of its own; it has the function's inputs and defaults."""
        register = self.tape.outputs[[*self.labels].index(key)]
        tape = self.tape.leading_to(register)
        graph = raised(tape, self.function.inputs, self.names, repeated=MAX_REPEATED)
        return replace(graph, defaults=self.function.defaults)

    def values(self, at: Mapping[str, Any], kind: Kind = FLOATS) -> dict[Any, Any]:
        """Return all entries at a point, what they have in common being computed once; errors as `backprop`'s."""
        inputs = values_at(replace(self.function, nodes=self.tape.inputs), self.tape, at, kind)
        if any(len(label.below) > 1 for label in self.labels.values()):
            hint = "take hvp, the Hessian times a vector, or an entry each as an input"
            refuse_array_inputs(inputs, "a Hessian is", hint)
        m = namespace_of_arrays(kind) if has_arrays(self.tape, inputs) else kind.namespace
        try:
            registers = forward(self.tape, m, inputs)
        except NotFiniteError:
            return {key: backprop(self.entry(key), at, [], seed=1).value for key in self.labels}
        found = {key: registers[output] for key, output in zip(self.labels, self.tape.outputs, strict=True)}
        for key, value in found.items():
            if isinstance(value, Fault):
                backprop(self.entry(key), at, [], kind=kind)
        return found


def gradient(graph: GraphData, wrt: Iterable[str] | None = None) -> Derived:
    """Return the derivatives by these inputs, all by default, by name.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> derived = gradient(build("sin(x)*y", parse("sin(x)*y")))
    >>> program(derived.entry("x")), derived.values({"x": 0, "y": 3})
    ('y*cos(x)', {'x': 3.0, 'y': 0.0})
    """
    names, work = choose_wrt(graph, wrt), _Derivation(graph)
    entries = work.gradient(work.written(graph.output), names)
    return work.derived(entries, {name: Label("", (name,)) for name in names})


def jacobian(graph: GraphData, outputs: Iterable[str] | None = None, wrt: Iterable[str] | None = None) -> Derived:
    """Return the derivatives of named intermediates, or else of the output, by (output, input).

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> list(jacobian(build("s = x*y; s + x", parse("s = x*y; s + x")), ["s"]).labels)
    [('s', 'x'), ('s', 'y')]
    """
    names, work = choose_wrt(graph, wrt), _Derivation(graph)
    rows = {row: work.gradient(ref, names) for row, ref in work.rows(outputs).items()}
    entries = {(row, name): ref for row, refs in rows.items() for name, ref in refs.items()}
    return work.derived(entries, {(row, name): Label(row, (name,)) for row, name in entries})


def hessian(graph: GraphData, wrt: Iterable[str] | None = None) -> Derived:
    """Return the second derivatives by (input, input); those of a pair and of its mirror image are one.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> derived = hessian(build("x*x*y", parse("x*x*y")))
    >>> derived.values({"x": 3, "y": 5})
    {('x', 'x'): 10.0, ('x', 'y'): 6.0, ('y', 'x'): 6.0, ('y', 'y'): 0.0}
    """
    names, work = choose_wrt(graph, wrt), _Derivation(graph)
    found: dict[tuple[str, str], Ref] = {}
    for i, (name, first) in enumerate(work.gradient(work.written(graph.output), names).items()):
        for other, second in work.gradient(first, names[i:]).items():
            found[name, other] = found[other, name] = second
    entries = {(row, column): found[row, column] for row in names for column in names}
    return work.derived(entries, {key: Label("", key) for key in entries})


def jvp(graph: GraphData, tangents: Mapping[str, Any] | None = None) -> Derived:
    """Return the derivative along a direction; see `graphgrad.Graph.jvp` for what a tangent may be.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> jvp(build("x*y", parse("x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'output': 11.0}
    """
    work = _Derivation(graph)
    [(row, ref)] = work.rows(None).items()
    return work.derived({row: work.along(ref, work.direction(tangents))}, {row: Label(row, ())})


def hvp(graph: GraphData, vector: Mapping[str, Any] | None = None, wrt: Iterable[str] | None = None) -> Derived:
    """Return the Hessian times a vector, by input, without the Hessian.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> hvp(build("x*x*y", parse("x*x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'x': 22.0, 'y': 6.0}
    """
    names, work = choose_wrt(graph, wrt), _Derivation(graph)
    [(row, ref)] = work.rows(None).items()
    entries = work.gradient(work.along(ref, work.direction(vector)), names)
    return work.derived(entries, {name: Label(f"d{row}", (name,)) for name in names})


class _Derivation:
    """A function written on a tape, which its derivatives are written on, too."""

    def __init__(self, graph: GraphData) -> None:
        self.graph, self.m = graph, CompactDerivativeWriter()
        self.inputs = {name: self.m.input(name) for name in graph.inputs}
        self.tangents: dict[str, Ref] = {}
        self.names: dict[int, str] = {}

    def written(self, node: int) -> Ref:
        """Return a node, written with all that it is made from."""
        values = forward(lower(replace(self.graph, output=node)), self.m, self.inputs)
        self.names |= {values[i].register: name for i, name in self.graph.names.items() if values[i] is not None}
        return values[node]  # type: ignore[no-any-return]

    def rows(self, outputs: Iterable[str] | None) -> dict[str, Ref]:
        """Return what is to be differentiated, by name: named intermediates, or the output."""
        own = self.graph.output_name or OUTPUT
        nodes = {name: node for node, name in self.graph.names.items()} | {own: self.graph.output}
        names = [own] if outputs is None else [*outputs]
        for name in names:
            if name not in nodes:
                hint = f"the names are: {', '.join([*nodes][:10])}"
                raise UnknownNameError(f"'{name}' is not a name in the program", self.graph.source, hint=hint)
        return {name: self.written(nodes[name]) for name in names}

    def gradient(self, ref: Ref, names: Sequence[str]) -> dict[str, Ref]:
        """Return the derivatives by inputs of anything that stands on the tape."""
        tape = self.m.tape([ref])
        values = [Ref(self.m, register) for register in range(tape.size)]
        return adjoints_of(tape, self.m, values, names, self.graph.source)

    def direction(self, tangents: Mapping[str, Any] | None) -> dict[str, Ref]:
        """Return a direction on the tape: numbers, or inputs of their own."""
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
        """Return the derivative along a direction: partial derivatives times tangents, added up."""
        total: Any = 0
        for name, partial in self.gradient(ref, tuple(direction)).items():
            total = total + self.m.paired(partial, direction[name])
        return self.m.lift(total)

    def derived(self, entries: Mapping[Any, Ref], labels: dict[Any, Label]) -> Derived:
        function = replace(self.graph, inputs=(*self.inputs, *self.tangents))
        return Derived(function, self.m.tape([*entries.values()]), labels, self.names)


def _tangent_names(graph: GraphData) -> dict[str, str]:
    """Return dx for x, with underscores where that name is taken."""
    taken = {*graph.names.values()}
    found: dict[str, str] = {}
    for name in graph.inputs:
        tangent = f"d{name}"
        while tangent in taken:
            tangent += "_"
        taken.add(tangent)
        found[name] = tangent
    return found
