"""What both passes at a point computed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces import Exact, Floats

if TYPE_CHECKING:
    from graphgrad.graph import GraphData
    from graphgrad.namespaces import Namespace
    from graphgrad.run.sweeps import Adjoints
    from graphgrad.tape import Tape

__all__ = ["Passes"]


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

    @property
    def namespace(self) -> Namespace:
        """The namespace the numbers were computed in."""
        return Exact() if self.exact else Floats()

    @property
    def value(self) -> Any:  # noqa: ANN401
        """The output's value."""
        return self.values[self.graph.output]

    @property
    def grad(self) -> dict[str, Any]:
        """The gradient by name, 0 where the output does not depend on an input."""
        zero = Fraction(0) if self.exact else 0.0
        return {name: self.found.adjoints.get(self.graph.node(name), zero) + zero for name in self.wrt}
