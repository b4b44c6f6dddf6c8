"""Derive graphs of gradients, Jacobians, Hessians, JVPs and HVPs by writing the backward sweep onto the tape.

A higher order is the gradient of a derivative already on the tape, so all entries share common subexpressions. A
Hessian times a vector is the gradient of the gradient times the vector, at a small multiple of the function's cost:
B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 6 (1994).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.arguments import mapping_of, quoted, texts_of
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.namespaces.kinds import fraction
from graphgrad.printing.inlining import MAX_REPEATED
from graphgrad.printing.names import output_name
from graphgrad.tape.derivative_writer import CompactDerivativeWriter
from graphgrad.tape.gradient import adjoints_of, derivatives_exist, weighted_adjoints
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Ref
from graphgrad.text.quoted_names import is_writable, written_names
from graphgrad.transform.array_derivatives import (
    gradient_guard,
    gradient_values,
    hessian_guard,
    hessian_values,
    jacobian_guard,
    jacobian_values,
)
from graphgrad.transform.derived import Derived, Label
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind

__all__ = ["OUTPUT", "gradient", "hessian", "hvp", "jacobian", "jvp"]


OUTPUT: Final = "output"
"""The name of an output that the program does not name."""

WEIGHTS: Final = "weights of the output"
"""The input that a Jacobian's product is linear in; no program's input has such a name."""


def _read_by(derive: Callable[..., Derived], graph: GraphData, derivation: _Derivation, *more: Any) -> Any:
    """Return the function that derives the same for people; None where arrays may appear, or for people already."""
    return partial(derive, graph, *more, stable=False) if derivation.m.stable and not derivation.m.has_arrays else None


def gradient(graph: GraphData, wrt: Iterable[str] | None = None, *, stable: bool = True) -> Derived:
    """Return the derivatives by inputs, all by default, keyed by name.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.printing.program import program
    >>> from graphgrad.text.parser import parse
    >>> derived = gradient(build("sin(x)*y", parse("sin(x)*y")))
    >>> program(derived.entry("x")), derived.values({"x": 0, "y": 3})
    ('y*cos(x)', {'x': 3.0, 'y': 0.0})
    """
    graph = graph if stable else graph.to_read
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph, stable=stable)
    entries = derivation.gradient(derivation.written(graph.output), names)
    derived = derivation.derived(entries, {name: Label("", (name,)) for name in names})
    guards = {} if derivation.m.has_arrays else {name: gradient_guard(graph, name) for name in names}
    return replace(
        derived,
        by_arrays=partial(gradient_values, graph, names),
        guards=guards,
        reading=_read_by(gradient, graph, derivation, names),
    )


def jacobian(
    graph: GraphData, outputs: Iterable[str] | None = None, wrt: Iterable[str] | None = None, *, stable: bool = True
) -> Derived:
    """Return the derivatives of named intermediates, by default of the output, keyed by (output, input).

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> list(jacobian(build("s = x*y; s + x", parse("s = x*y; s + x")), ["s"]).labels)
    [('s', 'x'), ('s', 'y')]
    """
    graph = graph if stable else graph.to_read
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph, stable=stable)
    graphs = {row: replace(graph, output=node) for row, node in named_outputs(graph, outputs).items()}
    rows = {row: derivation.gradient(derivation.written(each.output), names) for row, each in graphs.items()}
    entries = {(row, name): ref for row, refs in rows.items() for name, ref in refs.items()}
    derived = derivation.derived(entries, {(row, name): Label(_shown(graph, row), (name,)) for row, name in entries})
    guards = {(row, name): jacobian_guard(graphs[row], row) for row, name in entries}
    arrays = [(row, name) for row, name in entries if derivation.m.may_be_array(derivation.written(graphs[row].output))]
    reading = _read_by(jacobian, graph, derivation, [*graphs], names)
    return replace(
        derived,
        by_arrays=partial(_rows_at, graphs, names),
        guards=guards,
        for_numbers=arrays,
        always_whole=bool(arrays),
        reading=reading,
    )


def _rows_at(
    graphs: Mapping[str, GraphData], names: Sequence[str], at: Mapping[str, Any], kind: Kind
) -> dict[Any, Any]:
    """Return the Jacobians of several outputs at a point, keyed by (output, input)."""
    whole = {row: jacobian_values(graph, names, at, kind) for row, graph in graphs.items()}
    return {(row, name): value for row, values in whole.items() for name, value in values.items()}


def hessian(graph: GraphData, wrt: Iterable[str] | None = None, *, stable: bool = True) -> Derived:
    """Return the second derivatives keyed by (input, input); symmetric entries are computed once.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> derived = hessian(build("x*x*y", parse("x*x*y")))
    >>> derived.values({"x": 3, "y": 5})
    {('x', 'x'): 10.0, ('x', 'y'): 6.0, ('y', 'x'): 6.0, ('y', 'y'): 0.0}
    """
    graph = graph if stable else graph.to_read
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph, stable=stable)
    refs: dict[tuple[str, str], Ref] = {}
    for i, (name, first) in enumerate(derivation.gradient(derivation.written(graph.output), names).items()):
        for other, second in derivation.gradient(first, names[i:]).items():
            refs[name, other] = refs[other, name] = second
    entries = {(row, column): refs[row, column] for row in names for column in names}
    derived = derivation.derived(entries, {key: Label("", key) for key in entries})
    guards, arrays = dict.fromkeys(entries, hessian_guard), entries if derivation.m.has_arrays else ()
    reading = _read_by(hessian, graph, derivation, names)
    return replace(derived, by_arrays=hessian_values, guards=guards, for_numbers=arrays, reading=reading)


def jvp(graph: GraphData, tangents: Mapping[str, Any] | None = None, *, stable: bool = True) -> Derived:
    """Return the derivative along a direction; `graphgrad.Graph.jvp` describes tangents.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> jvp(build("x*y", parse("x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'output': 11.0}
    """
    graph = graph if stable else graph.to_read
    [(row, node)] = named_outputs(graph, None).items()
    derivation = _Derivation(graph, stable=stable)
    ref, direction = derivation.written(node), derivation.direction(tangents)
    if derivation.m.may_be_array(ref):
        derivation, product = _product_with_array(derivation, ref, direction)
    else:
        product = derivation.along(ref, direction)
    derived = derivation.derived({row: product}, {row: Label(_shown(graph, row), ())})
    return replace(derived, reading=_read_by(jvp, graph, derivation, tangents))


def _product_with_array(derivation: _Derivation, ref: Ref, direction: Mapping[str, Ref]) -> tuple[_Derivation, Ref]:
    """Return the Jacobian of an array times a direction: the derivative of wᵀJv by w, in which w stands for its shape.

    wᵀJ is a backward sweep with the adjoint w. It is linear in w, so that its derivative by w holds no value of w.
    """
    m, w = derivation.m, derivation.m.input(WEIGHTS)
    with derivatives_exist(derivation.graph):
        adjoints = weighted_adjoints(m.tape([ref]), m, _all(m, ref), [*direction], w)
        terms: list[Any] = [m.paired(adjoint, direction[name]) for name, adjoint in adjoints.items()]
        total = m.lift(sum(terms))
        [product] = weighted_adjoints(m.tape([total]), m, _all(m, total), [WEIGHTS], m.lift(1)).values()
    again = _Derivation(derivation.graph)
    again.tangents = {name: again.m.input(name) for name in derivation.tangents}
    output = again.written(derivation.graph.output)
    tape = m.tape([product])
    return again, forward(tape, again.m, {**again.inputs, **again.tangents, WEIGHTS: output})[tape.outputs[0]]


def _all(m: CompactDerivativeWriter, last: Ref) -> list[Any]:
    """Return references to all registers of a tape."""
    return [Ref(m, register) for register in range(m.tape([last]).size)]


def hvp(
    graph: GraphData,
    vector: Mapping[str, Any] | None = None,
    wrt: Iterable[str] | None = None,
    *,
    stable: bool = True,
) -> Derived:
    """Return the Hessian times a vector, by input, without the Hessian.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> hvp(build("x*x*y", parse("x*x*y")), {"x": 1, "y": 2}).values({"x": 3, "y": 5})
    {'x': 22.0, 'y': 6.0}
    """
    graph = graph if stable else graph.to_read
    names, derivation = choose_wrt(graph, wrt), _Derivation(graph, stable=stable)
    [(row, node)] = named_outputs(graph, None).items()
    along = derivation.along(derivation.written(node), derivation.direction(vector))
    entries = derivation.gradient(along, names)
    derived = derivation.derived(entries, {name: Label(f"d{_shown(graph, row)}", (name,)) for name in names})
    if derivation.m.has_arrays:
        return derived
    directional = derivation.graph_of(along)
    return replace(
        derived,
        by_arrays=partial(gradient_values, directional, names),
        guards={name: gradient_guard(directional, name) for name in names},
        reading=_read_by(hvp, graph, derivation, vector, names),
    )


def named_outputs(graph: GraphData, outputs: Iterable[str] | None) -> dict[str, int]:
    """Return the nodes to differentiate by name: named intermediates, or the output."""
    own = graph.output_name or OUTPUT
    nodes = {name: node for node, name in graph.names.items()} | {own: graph.output}
    names = [own] if outputs is None else [outputs] if isinstance(outputs, str) else texts_of(outputs, "outputs")
    for name in names:
        if name not in nodes:
            hint = f"the names are: {written_names([*nodes][:10])}"
            raise UnknownNameError(f"'{name}' is not a name in the program", graph.source, hint=hint)
    return {name: nodes[name] for name in names}


def _shown(graph: GraphData, row: str) -> str:
    """Return the name of an output in labels: that of pictures where the program gives it none."""
    return row if row in graph.names.values() or row == graph.output_name else output_name(graph)


class _Derivation:
    """A function on a tape that its derivatives are written onto."""

    def __init__(self, graph: GraphData, *, stable: bool = True) -> None:
        self.graph, self.m = graph, CompactDerivativeWriter(stable=stable)
        self.inputs = {name: self.m.input(name) for name in graph.inputs}
        self.tangents: dict[str, Ref] = {}
        self.names: dict[int, str] = {}

    def written(self, node: int) -> Ref:
        """Write a node with its operands onto the tape; return its reference."""
        values = forward(lower(replace(self.graph, output=node)), self.m, self.inputs)
        self.names |= {values[i].register: name for i, name in self.graph.names.items() if values[i] is not None}
        return values[node]  # type: ignore[no-any-return]

    def gradient(self, ref: Ref, names: Sequence[str]) -> dict[str, Ref]:
        """Return the derivatives of a register of the tape by inputs, keyed by name."""
        tape = self.m.tape([ref])
        values = [Ref(self.m, register) for register in range(tape.size)]
        return adjoints_of(tape, self.m, values, names, self.graph)

    def direction(self, tangents: Mapping[str, Any] | None) -> dict[str, Ref]:
        """Return a direction on the tape: a tangent is a number or a new input."""
        named = _tangent_names(self.graph) if tangents is None else tangents
        named = mapping_of(named, "the direction")
        choose_wrt(self.graph, named)
        return {name: self._tangent(name, tangent) for name, tangent in named.items()}

    def _tangent(self, name: str, tangent: Any) -> Ref:
        if not isinstance(tangent, str):
            try:
                return self.m.const(fraction(tangent))
            except (TypeError, ValueError, OverflowError):
                hint = "give a number or the name of a new input, whose value may be an array"
                raise GraphgradError(f"the tangent of '{name}' cannot be {quoted(tangent)}", hint=hint) from None
        if tangent in self.graph.names.values() or not is_writable(tangent):
            message = f"the tangent {tangent!r} is not a new name"
            raise GraphgradError(message, hint="write a number, or a name that the program does not use")
        self.tangents[tangent] = self.m.input(tangent)
        return self.tangents[tangent]

    def along(self, ref: Ref, direction: Mapping[str, Ref]) -> Ref:
        """Return the directional derivative: the sum of partial derivatives times tangents."""
        total: Any = 0
        for name, derivative in self.gradient(ref, tuple(direction)).items():
            total = total + self.m.paired(derivative, direction[name])
        return self.m.lift(total)

    def graph_of(self, ref: Ref) -> GraphData:
        """Return what a register of the tape holds as a graph, with the function's inputs and tangents."""
        graph = raised(self.m.tape([ref]), [*self.inputs, *self.tangents], self.names, repeated=MAX_REPEATED)
        return replace(graph, defaults=self.graph.defaults)

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
