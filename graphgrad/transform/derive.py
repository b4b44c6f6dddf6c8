"""Derive graphs of gradients, Jacobians, Hessians, JVPs and HVPs by writing the backward sweep onto the tape.

A higher order is the gradient of a derivative already on the tape, so all entries share common subexpressions. A
Hessian times a vector is the gradient of the gradient times the vector, at a small multiple of the function's cost:
B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 6 (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt, has_arrays, values_at
from graphgrad.base.arguments import mapping_of, quoted, texts_of
from graphgrad.base.errors import DomainError, GraphgradError, UnknownNameError
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.arrays import namespace_of_arrays
from graphgrad.namespaces.kinds import FLOATS, fraction
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.ops.shapes import Shape
from graphgrad.printing.names import output_name
from graphgrad.printing.program import MAX_REPEATED
from graphgrad.tape.derivative_writer import CompactDerivativeWriter
from graphgrad.tape.gradient import adjoints_of, derivatives_exist, weighted_adjoints
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Ref
from graphgrad.text.quoted_names import is_writable, written, written_names
from graphgrad.transform.array_derivatives import (
    gradient_guard,
    gradient_values,
    hessian_guard,
    hessian_values,
    jacobian_guard,
    jacobian_values,
)
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.tape.tape import Tape

__all__ = ["OUTPUT", "Derived", "Label", "gradient", "hessian", "hvp", "jacobian", "jvp"]


OUTPUT: Final = "output"
"""The name of an output that the program does not name."""

WEIGHTS: Final = "weights of the output"
"""The input that a Jacobian's product is linear in; no program's input has such a name."""

Guard = Callable[[Mapping[str, Shape]], None]
"""A function that raises an error for shapes of inputs with which a graph is not the derivative."""

ByArrays = Callable[[Mapping[str, Any], Any], dict[Any, Any]]
"""A function from the values of inputs and the kind of number to all derivatives by arrays."""


class Label(NamedTuple):
    """The label of an entry: the derivative of `above` by the names `below`; the differential of `above` without any.

    >>> str(Label("", ("x", "y"))), str(Label("s", ("x",))), str(Label("E", ()))
    ('∂²/∂x∂y', '∂s/∂x', 'dE')
    """

    above: str
    below: tuple[str, ...]

    def __str__(self) -> str:
        """Return the label as text."""
        above = written(self.above) if self.above else ""
        if not self.below:
            return f"d{above}"
        return f"∂{'²' * (len(self.below) > 1)}{above}/{''.join(f'∂{written(name)}' for name in self.below)}"


@dataclass(frozen=True, slots=True)
class Derived:
    """Derivatives of one function on one tape: an output per entry, labels by key, the names of registers.

    Where inputs are arrays, `by_arrays` computes all entries at a point, and `guards` refuse graphs of entries. The
    entries `for_numbers` are those of programs with arrays whose formula is right for numbers alone; `always_whole`
    says that arrays may appear where all inputs are numbers. `reading` derives the same by the rules of a textbook,
    whose form people know, instead of those that round better.
    """

    function: GraphData
    tape: Tape
    labels: dict[Any, Label]
    names: dict[int, str]
    by_arrays: ByArrays | None = None
    guards: Mapping[Any, Guard] = field(default_factory=dict)
    for_numbers: Collection[Any] = ()
    always_whole: bool = False
    reading: Callable[[], Derived] | None = None

    def entry(self, key: Any) -> GraphData:
        """Return an entry as a graph with the function's inputs and defaults."""
        register = self.tape.outputs[[*self.labels].index(key)]
        tape = self.tape.leading_to(register)
        graph = raised(tape, self.function.inputs, self.names, repeated=MAX_REPEATED)
        guards = [guard for guard in (self.function.guard, self.guards.get(key)) if guard]
        guard = partial(_guard, guards) if guards else None
        reading = partial(_entry_to_read, self.reading, key) if self.reading else None
        return replace(graph, defaults=self.function.defaults, guard=guard, reading=reading)

    def remark(self, key: Any) -> str:
        """Return a remark on an entry that is right for numbers alone, in a program that has arrays."""
        return "for numbers" if key in self.for_numbers else ""

    def values(self, at: Mapping[str, Any], kind: Kind = FLOATS) -> dict[Any, Any]:
        """Return all entries at a point, from one sweep; raises as `backprop` does."""
        inputs = values_at(replace(self.function, nodes=self.tape.inputs), self.tape, at, kind)
        shapes = {name: shape_of(value) for name, value in inputs.items()}
        if self.by_arrays and (self.always_whole or any(shapes.values())):
            return self.by_arrays(inputs, kind)
        m = namespace_of_arrays(kind) if has_arrays(self.tape, inputs) else kind.namespace
        try:
            registers = forward(self.tape, m, inputs)
        except NotFiniteError:
            return {key: backprop(self.entry(key), at, [], seed=1).value for key in self.labels}
        values = {key: registers[output] for key, output in zip(self.labels, self.tape.outputs, strict=True)}
        self._refuse_branches_of_a_point(at, kind)
        for key, value in values.items():
            if isinstance(value, Fault):
                backprop(self.entry(key), at, [], kind=kind)  # raises the error of the fault
        return values

    def _refuse_branches_of_a_point(self, at: Mapping[str, Any], kind: Kind) -> None:
        """Raise `DomainError` where a second derivative is that of a branch which is taken at this point only.

        For where(x != 0, sin(x)/x, 1) at 0 it would be 0, as the derivatives of 1 are; that of the function is -1/3.
        """
        has_branches = any(step.op.chooses for step in self.tape.steps)
        for key, label in self.labels.items() if has_branches else ():
            if len(label.below) > 1:
                passes = backprop(self.entry(key), at, kind=kind)
                steps = (passes.tape.step(node) for node in passes.kinks)
                if any(step.op.kink and step.op.kink.isolated for step in steps):
                    message = f"{label} is that of a branch which is taken at this point only"
                    span = self.function.spans[self.function.output]
                    raise DomainError(message, self.function.source, span, hint="take a point beside it")


def _guard(guards: Sequence[Guard], shapes: Mapping[str, Shape]) -> None:
    for guard in guards:
        guard(shapes)


def _entry_to_read(derive: Callable[[], Derived], key: Any) -> GraphData:
    return derive().entry(key)


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

    def by_arrays(at: Mapping[str, Any], kind: Kind) -> dict[Any, Any]:
        whole = {row: jacobian_values(each, names, at, kind) for row, each in graphs.items()}
        return {(row, name): whole[row][name] for row, name in entries}

    guards = {(row, name): jacobian_guard(graphs[row], row) for row, name in entries}
    arrays = [(row, name) for row, name in entries if derivation.m.may_be_array(derivation.written(graphs[row].output))]
    reading = _read_by(jacobian, graph, derivation, [*graphs], names)
    return replace(
        derived, by_arrays=by_arrays, guards=guards, for_numbers=arrays, always_whole=bool(arrays), reading=reading
    )


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
    with derivatives_exist(derivation.graph.source):
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

    def by_arrays(at: Mapping[str, Any], kind: Kind) -> dict[Any, Any]:
        return gradient_values(derivation.graph_of(along), names, at, kind)

    guards = {name: gradient_guard(derivation.graph_of(along), name) for name in names}
    return replace(derived, by_arrays=by_arrays, guards=guards, reading=_read_by(hvp, graph, derivation, vector, names))


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
        return adjoints_of(tape, self.m, values, names, self.graph.source)

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
