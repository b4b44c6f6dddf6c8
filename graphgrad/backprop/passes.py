"""Hold what both passes at a point computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.array_values import as_floats, shape_of, unboxed
from graphgrad.namespaces.kinds import FLOATS, known_kind

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape

__all__ = ["Passes", "rational", "with_float_arrays"]


@dataclass(frozen=True, slots=True)
class Passes:
    """Everything that both passes computed, by register (the graph's node) and by edge (node, operand's position).

    `values` are those of the forward pass, `backward` is the result of the backward pass, and `arrays` says whether
    anything is an array.
    """

    graph: GraphData
    tape: Tape
    inputs: dict[str, Any]
    wrt: tuple[str, ...]
    kind: Kind
    values: list[Any]
    backward: Adjoints
    kinks: tuple[int, ...] = ()
    arrays: bool = False
    seed: Any = 1

    @property
    def namespace(self) -> Namespace:
        """The namespace the numbers were computed in."""
        if not self.arrays:
            return self.kind.namespace
        from graphgrad.namespaces.arrays import namespace_of_arrays

        return namespace_of_arrays(self.kind)

    def as_rationals(self) -> Passes:
        """Return the same passes with numbers that Python compares exactly with fractions."""
        if self.kind.plain:
            return self
        backward = self.backward.mapped(rational, rational, rational)
        inputs = {name: rational(number) for name, number in self.inputs.items()}
        values, seed = [*map(rational, self.values)], rational(self.seed)
        return replace(self, kind=FLOATS, inputs=inputs, values=values, backward=backward, seed=seed)

    @property
    def value(self) -> Any:
        """The output's value."""
        value = self.values[self.graph.output]
        return unboxed(value) if self.arrays else value

    @property
    def grad(self) -> dict[str, Any]:
        """The gradient by name, 0 where the output does not depend on an input."""
        zero = self.kind.zero if not self.arrays else self.namespace.const(Fraction(0))
        adjoint, nodes = self.backward.adjoints.get, self.graph.nodes
        grad = {name: adjoint(nodes[name], zero) + zero for name in self.wrt}
        return {name: self._filled(name, partial) for name, partial in grad.items()} if self.arrays else grad

    def _filled(self, name: str, partial: Any) -> Any:
        """Return a derivative in its input's shape, also the number 0 of an input that the output does not use."""
        value = self.inputs.get(name, partial)
        return unboxed(partial if shape_of(partial) == shape_of(value) else value * 0 + partial)


def with_float_arrays(passes: Passes, inputs: dict[str, Any], seed: Any) -> Passes:
    """Return passes that were run entry by entry with arrays of floats, as inputs and seed are; a `Fault` is nan."""
    backward = passes.backward.mapped(as_floats, contribution=as_floats)
    values = [as_floats(value) for value in passes.values]
    return replace(passes, inputs=inputs, seed=seed, values=values, backward=backward)


def rational(number: Any) -> Any:
    """Return a number or an array in numbers that Python compares exactly with fractions; anything else unchanged."""
    kind = known_kind(number)
    return kind.rational(number) if kind else number
