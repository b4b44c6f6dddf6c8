"""Find a path through a tape from one register to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphgrad.tape.sweeps import Edge
    from graphgrad.tape.tape import Tape

__all__ = ["path_between"]


def path_between(tape: Tape, start: int, end: int) -> dict[int, Edge]:
    """Return for each register on a path up from `start` the edge that leads on; the path ends with that to `end`.

    >>> from graphgrad import parse
    >>> from graphgrad.tape.tape import lower
    >>> tape = lower(parse("sin(x)*y").data)
    >>> path_between(tape, 0, tape.outputs[0])
    {1: (3, 0), 0: (1, 0)}
    """
    came: dict[int, Edge] = {}
    operands = {step.target: step.operands for step in tape.steps}
    reached = {start}
    for step in tape.steps:
        position = next((i for i, operand in enumerate(step.operands) if operand in reached), None)
        if position is not None and step.target not in reached:
            reached.add(step.target)
            came[step.target] = step.target, position
    path: dict[int, Edge] = {}
    while end != start and end in came:
        edge = came[end]
        end = operands[end][edge[1]]
        path[end] = edge
    return path
