"""Run a tape forward for the values and backward for the adjoints, in any namespace.

A namespace says what a number is: read in floats, a sweep computes; read in a `Writer`, it writes another tape.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.tape.tape import Tape

__all__ = ["Adjoints", "Edges", "Registers", "backward", "forward"]


PAIR: Final = 2
"""The number of operands of most operations."""

Edge = tuple[int, int]
"""A result's register, and the position of its operand."""


class Edges(Mapping[Edge, Any]):
    """A value per edge, computed when first used: a row per result, by its operands' positions, None for no value."""

    def __init__(self, read: Callable[[], dict[int, list[Any]]] = dict) -> None:
        """Take the function that computes the rows."""
        self._read = read

    @cached_property
    def rows(self) -> dict[int, list[Any]]:
        """The rows of values by the result's register."""
        return self._read()

    def mapped(self, change: Callable[[Any], Any]) -> Edges:
        """Return the same edges with `change` applied to their values."""
        return Edges(lambda: {node: [x if x is None else change(x) for x in row] for node, row in self.rows.items()})

    def __getitem__(self, edge: Edge) -> Any:
        value = self.rows[edge[0]][edge[1]]
        if value is None:
            raise KeyError(edge)
        return value

    def __iter__(self) -> Iterator[Edge]:
        return ((node, i) for node, row in self.rows.items() for i, value in enumerate(row) if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Registers(Mapping[int, Any]):
    """A value per register, None for no value."""

    __slots__ = ("row",)

    def __init__(self, row: list[Any]) -> None:
        """Take the values in the order of the registers."""
        self.row = row

    def mapped(self, change: Callable[[Any], Any]) -> Registers:
        """Return the same registers with `change` applied to their values."""
        return Registers([x if x is None else change(x) for x in self.row])

    def __getitem__(self, register: int) -> Any:
        value = self.row[register]
        if value is None:
            raise KeyError(register)
        return value

    def get(self, register: int, default: Any = None) -> Any:
        """Return the value of a register, or the default."""
        value = self.row[register]
        return default if value is None else value

    def __iter__(self) -> Iterator[int]:
        return (register for register, value in enumerate(self.row) if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Adjoints:
    """The result of a backward sweep; most callers need the adjoints alone, so everything else is made when first read.

    Attributes:
        row: the adjoint in every register, None where the sweep did not reach.
        closed: the edges along which nothing flows back, because a rule gave the integer 0.
    """

    def __init__(
        self,
        row: list[Any],
        closed: Collection[Edge] = (),
        partials: Callable[[], dict[int, list[Any]]] = dict,
        contributions: Callable[[], dict[int, list[Any]]] | None = None,
    ) -> None:
        """Take the adjoints, and the functions that compute the rows of edges."""
        self.row, self.closed, self._partials, self._contributions = row, closed, partials, contributions

    @cached_property
    def adjoints(self) -> Registers:
        """The adjoint of each register that the sweep reached."""
        return Registers(self.row)

    @cached_property
    def partials(self) -> Edges:
        """The local derivative on each edge."""
        return Edges(self._partials)

    @cached_property
    def contributions(self) -> Edges:
        """Adjoint times local derivative on each edge; the sum over a register's uses is its adjoint."""
        return Edges(self._contributions or partial(_contributions, self.row, self.partials))

    def mapped(
        self,
        adjoint: Callable[[Any], Any],
        partial: Callable[[Any], Any] | None = None,
        contribution: Callable[[Any], Any] | None = None,
    ) -> Adjoints:
        """Return the same result with functions applied to the numbers of each kind; those of edges may stay."""
        row = [x if x is None else adjoint(x) for x in self.row]
        partials = self.partials.mapped(partial) if partial else self.partials
        contributions = self.contributions.mapped(contribution) if contribution else self.contributions
        return Adjoints(row, self.closed, lambda: partials.rows, lambda: contributions.rows)

    def carries(self, edge: Edge) -> bool:
        """Whether anything flows back along an edge from an operand that is not fixed."""
        return self.row[edge[0]] is not None and edge not in self.closed


def forward(tape: Tape, m: Namespace, inputs: dict[str, Any], constants: list[Any] | None = None) -> list[Any]:
    """Return the value in every register; `constants` are the registers that hold only those, where they are known.

    >>> from graphgrad.namespaces.floats import Floats
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> forward(m.tape([x * x]), Floats(), {"x": 3.0})
    [3.0, 9.0]
    """
    if constants is None:
        values = tape.leaves(m, inputs)
    else:
        values, places = constants.copy(), tape.inputs
        for name, number in inputs.items():
            values[places[name]] = number
    value, at = m.value, values.__getitem__
    for target, op, operands in tape.steps:
        if len(operands) == PAIR:  # most steps, which take less time so
            i, j = operands
            values[target] = value(op, (values[i], values[j]))
        else:
            values[target] = value(op, [*map(at, operands)])
    return values


def backward(tape: Tape, m: Namespace, values: list[Any], fixed: Collection[int], seed: Any) -> Adjoints:
    """Return the adjoint of every register that the output depends on and that is not fixed.

    Edges from a `fixed` register are skipped, and so is an edge whose local derivative a rule gives as the integer 0. A
    local derivative that is a `Fault` stops the sweep: it is raised with its `edge` set.

    >>> from graphgrad.namespaces.floats import Floats
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> backward(m.tape([x * x]), Floats(), [3.0, 9.0], set(), 1.0).row
    [6.0, 1.0]
    """
    adjoints: list[Any] = [None] * tape.size
    adjoints[tape.outputs[0]] = seed
    closed: set[Edge] = set()
    at, derivative = values.__getitem__, m.partial
    for target, op, operands in reversed(() if tape.outputs[0] in fixed else tape.steps):
        adjoint = adjoints[target]
        if adjoint is None:
            continue
        z = values[target]
        xs = (values[operands[0]], values[operands[1]]) if len(operands) == PAIR else [*map(at, operands)]
        for position, operand in enumerate(operands):
            if operand not in fixed:
                d = derivative(op, position, z, xs)
                if type(d) is int and d == 0:
                    closed.add((target, position))
                    continue
                try:
                    flow = adjoint * d
                except Fault as fault:
                    fault.edge = target, position
                    raise
                others = adjoints[operand]
                adjoints[operand] = flow if others is None else others + flow
    return Adjoints(adjoints, closed, partial(_partials, tape, m, values, fixed, adjoints))


def _partials(
    tape: Tape, m: Namespace, values: Sequence[Any], fixed: Collection[int], adjoints: Sequence[Any]
) -> dict[int, list[Any]]:
    """Return the local derivatives of a backward sweep, read again: most callers do not need them."""
    rows = {}
    for target, op, operands in reversed(tape.steps):
        if adjoints[target] is not None and target not in fixed:
            z, xs = values[target], [values[i] for i in operands]
            rows[target] = [None if x in fixed else m.partial(op, i, z, xs) for i, x in enumerate(operands)]
    return rows


def _contributions(adjoints: Sequence[Any], partials: Edges) -> dict[int, list[Any]]:
    """Return adjoint times local derivative per edge, None where nothing flows back."""
    return {
        node: [None if d is None or (type(d) is int and d == 0) else adjoints[node] * d for d in row]
        for node, row in partials.rows.items()
    }
