"""Find the registers of a tape that may hold a nan while its outputs are finite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["nan_hiding_places"]


def nan_hiding_places(tape: Tape) -> list[int]:
    """Return the registers whose nan may not reach an output: operands of comparisons, kinks and absorbing operations.

    A choice hides a nan in its condition:

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> nan_hiding_places(m.tape([m.where(x, y, 1) + y]))
    [0]
    """
    counts = {op: count for op in {step.op for step in tape.steps} if (count := _hidden(op)) != 0}
    slices = (step.operands[: counts[step.op]] for step in tape.steps if step.op in counts)
    return list(dict.fromkeys(x for operands in slices for x in operands))


def _hidden(op: Op) -> int | None:
    """Return how many leading operands of an operation may hide a nan, None for all."""
    swallows = any(result for _, result in (op.absorbing or {}).values())
    return None if swallows or (op.kink and not op.chooses) else int(op.chooses)
