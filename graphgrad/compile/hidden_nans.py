"""Tell which registers of a tape may hold a nan that its results do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["hiding"]


def hiding(tape: Tape) -> list[int]:
    """Return the registers in which a nan could hide from the results: what is compared, chosen by, or swallowed.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> hiding(m.tape([m.where(x, y, 1) + y]))
    [0]
    """
    counts = {op: count for op in {step.op for step in tape.steps} if (count := _hidden(op)) != 0}
    operands = (step.operands[: counts[step.op]] for step in tape.steps if step.op in counts)
    return list(dict.fromkeys(x for some in operands for x in some))


def _hidden(op: Op) -> int | None:
    """Return in how many of its operands, from the first on, an operation could hide a nan, None if in all."""
    swallows = any(result for _, result in (op.absorbing or {}).values())
    return None if swallows or op.kink else int(op.chooses)
