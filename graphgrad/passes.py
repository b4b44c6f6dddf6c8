"""What both passes at a point computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces import Exact, Floats, Precise, as_fraction
from graphgrad.run.sweeps import Adjoints

if TYPE_CHECKING:
    from graphgrad.graph import GraphData
    from graphgrad.namespaces import Namespace
    from graphgrad.tape import Tape

__all__ = ["Passes", "namespace_of", "rational"]


@dataclass(frozen=True, slots=True)
class Passes:
    """Everything that both passes computed, by register (the graph's node) and by edge (node, operand's position)."""

    graph: GraphData
    tape: Tape
    inputs: dict[str, Any]
    wrt: tuple[str, ...]
    exact: bool
    values: list[Any]
    found: Adjoints
    kinks: tuple[int, ...] = ()
    overflows: tuple[int, ...] = ()
    precision: int | None = None

    @property
    def namespace(self) -> Namespace:
        """The namespace the numbers were computed in."""
        return namespace_of(exact=self.exact, precision=self.precision)

    def as_fractions(self) -> Passes:
        """Return the same with every number of chosen precision as the fraction that it is."""
        found = Adjoints(
            {node: rational(number) for node, number in self.found.adjoints.items()},
            *(edges.mapped(rational) for edges in (self.found.partials, self.found.contributions)),
        )
        inputs = {name: rational(number) for name, number in self.inputs.items()}
        return replace(self, inputs=inputs, values=[*map(rational, self.values)], found=found, precision=None)

    @property
    def value(self) -> Any:  # noqa: ANN401
        """The output's value."""
        return self.values[self.graph.output]

    @property
    def grad(self) -> dict[str, Any]:
        """The gradient by name, 0 where the output does not depend on an input."""
        zero = self.namespace.const(Fraction(0))
        return {name: self.found.adjoints.get(self.graph.node(name), zero) + zero for name in self.wrt}


def namespace_of(*, exact: bool, precision: int | None = None) -> Namespace:
    """Return the namespace for fractions, for so many digits, or for floats."""
    return Precise(precision) if precision else Exact() if exact else Floats()


def rational(number: Any) -> Any:  # noqa: ANN401
    """Return a number of chosen precision as the fraction that it is, any other as it is."""
    if not hasattr(number, "_mpf_"):
        return number
    return as_fraction(number) if number - number == 0 else float(number)
