"""The one forward sweep and the one backward sweep, generic over the namespace they are read in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphgrad.namespaces import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from graphgrad.namespaces import Namespace
    from graphgrad.tape import Tape

__all__ = ["Adjoints", "Edges", "backward", "forward"]


class Edges(Mapping[tuple[int, int], Any]):
    """What stands on edges, by (node led to, operand's position): a row per node, None where nothing stands."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        """Start without any."""
        self.rows: dict[int, list[Any]] = {}

    def mapped(self, change: Callable[[Any], Any]) -> Edges:
        """Return the same edges with what `change` makes of what stands on them."""
        found = Edges()
        found.rows = {node: [x if x is None else change(x) for x in row] for node, row in self.rows.items()}
        return found

    def __getitem__(self, edge: tuple[int, int]) -> Any:  # noqa: ANN401
        found = self.rows[edge[0]][edge[1]]
        if found is None:
            raise KeyError(edge)
        return found

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((node, i) for node, row in self.rows.items() for i, found in enumerate(row) if found is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Adjoints:
    """What a backward sweep finds: an adjoint per register reached, a local derivative per edge."""

    adjoints: dict[int, Any]
    partials: Edges
    flows: Edges | None = None

    @cached_property
    def contributions(self) -> Edges:
        """What flowed back along each edge: those `flows`, or else adjoint times local derivative."""
        if self.flows is not None:
            return self.flows
        found = Edges()
        for node, row in self.partials.rows.items():
            adjoint = self.adjoints[node]
            found.rows[node] = [adjoint * d if _carries(d) else None for d in row]
        return found

    def carries(self, edge: tuple[int, int]) -> bool:
        """Whether anything flowed back along an edge."""
        return _carries(self.partials.get(edge))


def _carries(d: Any) -> bool:  # noqa: ANN401
    return d is not None and (type(d) is not int or d != 0)


def forward(tape: Tape, m: Namespace, inputs: dict[str, Any]) -> list[Any]:
    """Return the value in every register.

    >>> from graphgrad.namespaces import Floats
    >>> from graphgrad.tape import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> forward(m.tape([x * x]), Floats(), {"x": 3.0})
    [3.0, 9.0]
    """
    values, value = tape.leaves(m, inputs), m.value
    at = values.__getitem__
    for target, op, operands in tape.steps:
        values[target] = value(op, [*map(at, operands)])
    return values


def backward(tape: Tape, m: Namespace, values: list[Any], wanted: Collection[int], seed: Any) -> Adjoints:  # noqa: ANN401
    """Return the adjoint of every wanted register that the output depends on.

    Only edges that lead into `wanted` cause work, and none that carries exactly nothing: a local derivative that a rule
    gives as the integer 0. A local derivative that is a `Fault` stops the sweep: it is raised, and names its edge.

    >>> from graphgrad.namespaces import Floats
    >>> from graphgrad.tape import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> backward(m.tape([x * x]), Floats(), [3.0, 9.0], {0, 1}, 1.0).adjoints
    {1: 1.0, 0: 6.0}
    """
    found = Adjoints({tape.outputs[0]: seed}, Edges())
    adjoints, partials = found.adjoints, found.partials.rows
    at, partial = values.__getitem__, m.partial
    for target, op, operands in reversed(tape.steps if tape.outputs[0] in wanted else ()):
        if target not in adjoints:
            continue
        adjoint, z, xs = adjoints[target], values[target], [*map(at, operands)]
        ds = partials[target] = [None] * len(operands)
        for position, operand in enumerate(operands):
            if operand in wanted:
                d = ds[position] = partial(op, position, z, xs)
                if type(d) is not int or d != 0:
                    try:
                        flow = adjoint * d
                    except Fault as fault:
                        fault.edge = target, position
                        raise
                    adjoints[operand] = adjoints[operand] + flow if operand in adjoints else flow
    return found
