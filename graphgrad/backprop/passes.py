"""What both passes at a point computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.arrays import Arrays, Entrywise, as_floats
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.many_digits import Precise, as_fraction
from graphgrad.namespaces.rationals import Exact

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape

__all__ = ["Passes", "floated", "namespace_of", "rational"]


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
    precision: int | None = None
    arrays: bool = False
    seed: Any = 1

    @property
    def namespace(self) -> Namespace:
        """The namespace the numbers were computed in."""
        return namespace_of(arrays=self.arrays, exact=self.exact, precision=self.precision)

    def as_fractions(self) -> Passes:
        """Return the same with every number of chosen precision as the fraction that it is."""
        found = self.found._replace(
            adjoints=self.found.adjoints.mapped(rational),
            partials=self.found.partials.mapped(rational),
            contributions=self.found.contributions.mapped(rational),
        )
        inputs = {name: rational(number) for name, number in self.inputs.items()}
        return replace(self, inputs=inputs, values=[*map(rational, self.values)], found=found, precision=None)

    @property
    def value(self) -> Any:
        """The output's value."""
        value = self.values[self.graph.output]
        return _plain(value) if self.arrays else value

    @property
    def grad(self) -> dict[str, Any]:
        """The gradient by name, 0 where the output does not depend on an input."""
        zero = self.namespace.const(Fraction(0))
        grad = {name: self.found.adjoints.get(self.graph.node(name), zero) + zero for name in self.wrt}
        return {name: self._filled(name, partial) for name, partial in grad.items()} if self.arrays else grad

    def _filled(self, name: str, partial: Any) -> Any:
        """Return a derivative in its input's shape, also where the output does not depend on it."""
        value = self.inputs.get(name, partial)
        return _plain(partial if getattr(partial, "shape", ()) == getattr(value, "shape", ()) else value * 0 + partial)


def _plain(value: Any) -> Any:
    """Return one of NumPy's numbers as one of Python's; an array as it is."""
    return value.item() if getattr(value, "shape", None) == () else value


def namespace_of(*, arrays: bool = False, exact: bool = False, precision: int | None = None) -> Namespace:
    """Return the namespace for fractions, for so many digits, or for floats; for arrays of them where there are any."""
    numbers = Precise(precision) if precision else Exact() if exact else Floats()
    if not arrays:
        return numbers
    return Entrywise(numbers) if precision or exact else Arrays()


def floated(passes: Passes, inputs: dict[str, Any]) -> Passes:
    """Return passes that were run entry by entry with arrays of floats in them; an entry without a value is nan."""
    found = passes.found._replace(
        adjoints=passes.found.adjoints.mapped(as_floats), contributions=passes.found.contributions.mapped(as_floats)
    )
    return replace(passes, inputs=inputs, values=[as_floats(value) for value in passes.values], found=found)


def rational(number: Any) -> Any:
    """Return a number of chosen precision as the fraction that it is, any other as it is."""
    if not hasattr(number, "_mpf_"):
        return number
    return as_fraction(number) if number - number == 0 else float(number)
