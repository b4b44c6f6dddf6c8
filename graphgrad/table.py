"""The rule table as a reader sees it: every operation with its derivatives, domain and kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.notation import Notation, Text
from graphgrad.rules import OPS
from graphgrad.run.sweeps import forward
from graphgrad.tape import Writer

if TYPE_CHECKING:
    from graphgrad.op import Op

__all__ = ["derivative_text", "operations", "operations_markdown", "operations_rows"]

OPERANDS: Final = "xyz"


def operations() -> str:
    """Return the table of operations as aligned text.

    >>> print(operations().splitlines()[0])
    x + y            sum; derivatives 1, 1
    """
    rows = operations_rows()
    return "\n".join(
        f"{called:<16} {about}{f'; derivatives {d}' if d else ''}{kink}" for called, about, d, kink in rows
    )


def operations_markdown() -> str:
    """Return the table of operations as Markdown."""
    head = ["| operation | what it is | derivatives by its operands | where it has none |", "| --- | --- | --- | --- |"]
    cells = [(f"`{called}`", about, d and f"`{d}`", kink[2:]) for called, about, d, kink in operations_rows()]
    return "\n".join([*head, *(f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |" for row in cells)])


def operations_rows() -> list[tuple[str, str, str, str]]:
    """Return how each operation is called, what it is, its derivatives, and its convention at a kink."""
    return [_row(op) for op in OPS.values()]


def _row(op: Op) -> tuple[str, str, str, str]:
    called = Notation().value(op, [Text(x) for x in OPERANDS[: op.arity]]).string
    called = f"{op.name}(x, y, …)" if op.variadic else called
    derivatives = ", ".join(derivative_text(op, i) for i in range(len(op.d)))
    return called, op.about, derivatives, f"; {op.kink.convention}" if op.kink else ""


def derivative_text(op: Op, position: int) -> str:
    """Return an operation's derivative by one operand, as a formula of x, y, z.

    >>> derivative_text(OPS["div"], 1)
    '-x/y**2'
    """
    if op.rule(position) is None:
        return "none"
    m = Writer(stable=False)
    refs = [m.input(x) for x in OPERANDS[: op.arity]]
    tape = m.tape([m.partial(op, position, m.value(op, refs), refs)])
    return str(forward(tape, Notation(), {x: Text(x) for x in tape.inputs})[tape.outputs[0]].string)
