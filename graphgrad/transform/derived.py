"""Hold the derivatives of one function on one tape: their labels, their graphs, their values at a point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import has_arrays, values_at
from graphgrad.base.errors import DomainError
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.arrays import namespace_of_arrays
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.ops.shapes import Shape
from graphgrad.printing.inlining import MAX_REPEATED
from graphgrad.tape.sweeps import forward
from graphgrad.text.quoted_names import written
from graphgrad.transform.raising import raised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.tape.tape import Tape

__all__ = ["Derived", "Label"]

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
