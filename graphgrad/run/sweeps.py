"""The one forward sweep and the one backward sweep, generic over the namespace they are read in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.namespaces import Fault

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphgrad.namespaces import Namespace
    from graphgrad.tape import Tape

__all__ = ["Adjoints", "backward", "forward"]


class Adjoints(NamedTuple):
    """What a backward sweep finds: an adjoint per register reached, a local derivative and what flowed per edge."""

    adjoints: dict[int, Any]
    partials: dict[tuple[int, int], Any]
    contributions: dict[tuple[int, int], Any]


def forward(tape: Tape, m: Namespace, inputs: dict[str, Any]) -> list[Any]:
    """Return the value in every register.

    >>> from graphgrad.namespaces import Floats
    >>> from graphgrad.tape import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> forward(m.tape([x * x]), Floats(), {"x": 3.0})
    [3.0, 9.0]
    """
    values = tape.leaves(m, inputs)
    for target, op, operands in tape.steps:
        values[target] = m.value(op, [values[i] for i in operands])
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
    found = Adjoints({tape.outputs[0]: seed}, {}, {})
    adjoints, partials, contributions = found
    for target, op, operands in reversed(tape.steps):
        if target not in adjoints or target not in wanted:
            continue
        xs = [values[i] for i in operands]
        for position, operand in enumerate(operands):
            if operand not in wanted:
                continue
            edge = target, position
            partials[edge] = d = m.partial(op, position, values[target], xs)
            if type(d) is int and d == 0:
                continue
            contributions[edge] = flow = _flow(adjoints[target], d, edge)
            adjoints[operand] = adjoints[operand] + flow if operand in adjoints else flow
    return found


def _flow(adjoint: Any, d: Any, edge: tuple[int, int]) -> Any:  # noqa: ANN401
    try:
        return adjoint * d
    except Fault as fault:
        fault.edge = edge
        raise
