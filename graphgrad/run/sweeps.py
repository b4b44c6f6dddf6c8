"""The one forward sweep and the one backward sweep, generic over the namespace they are read in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Adjoints(NamedTuple):
    """What a backward sweep finds: an adjoint per register reached, a local derivative and what flowed per edge."""

    adjoints: dict[int, Any]
    partials: Edges
    contributions: Edges


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
    found = Adjoints({tape.outputs[0]: seed}, Edges(), Edges())
    adjoints, partials, contributions = found.adjoints, found.partials.rows, found.contributions.rows
    at, partial = values.__getitem__, m.partial
    for target, op, operands in reversed(tape.steps):
        if target not in adjoints or target not in wanted:
            continue
        adjoint, z, xs = adjoints[target], values[target], [*map(at, operands)]
        ds: list[Any] = []
        flows: list[Any] = []
        for position, operand in enumerate(operands):
            d = flow = None
            if operand in wanted:
                d = partial(op, position, z, xs)
                if type(d) is not int or d != 0:
                    try:
                        flow = adjoint * d
                    except Fault as fault:
                        fault.edge = target, position
                        raise
                    adjoints[operand] = adjoints[operand] + flow if operand in adjoints else flow
            ds.append(d)
            flows.append(flow)
        partials[target], contributions[target] = ds, flows
    return found
