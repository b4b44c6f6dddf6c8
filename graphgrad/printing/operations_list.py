"""Print the table of operations: each call, its derivatives and its convention at a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops.table import OPS
from graphgrad.printing.operators import Text
from graphgrad.printing.text import Notation
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer, derivative_of

if TYPE_CHECKING:
    from graphgrad.ops.op import Op

__all__ = ["OPERANDS", "called", "derivative", "operations", "operations_rows"]

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


def operations_rows() -> list[tuple[str, str, str, str]]:
    """Return each operation's call, description, derivatives, and convention at a kink."""
    return [_row(op) for op in OPS.values()]


def _row(op: Op) -> tuple[str, str, str, str]:
    op = op.with_params({})
    count = 0 if op.on_arrays and op.variadic else len(op.rules)
    derivatives = ", ".join(derivative(op, i) or "none" for i in range(count))
    more = called(op)[:-1] + ", …)" if op.variadic else called(op)
    return more, op.about, derivatives, f"; {op.kink.convention}" if op.kink else ""


def called(op: Op, notation: Notation | None = None) -> str:
    r"""Return an operation applied to x, y, z, in text or in another notation.

    >>> from graphgrad.printing.latex import Latex
    >>> called(OPS["div"]), called(OPS["div"], Latex())
    ('x/y', '\\frac{x}{y}')
    """
    return (notation or Notation()).value(op.with_params({}), [Text(x) for x in OPERANDS[: op.arity]]).string


def derivative(op: Op, position: int, notation: Notation | None = None) -> str | None:
    r"""Return an operation's derivative by one operand as a formula of x, y, z; None where it has none.

    That of an operation on arrays is its pullback of the adjoint g.

    >>> from graphgrad.printing.latex import Latex
    >>> derivative(OPS["div"], 1), derivative(OPS["div"], 1, Latex())
    ('-x/y**2', '\\frac{-x}{y^{2}}')
    """
    if op.rule(position) is None:
        return None
    op, m = op.with_params({}), Writer(stable=False)
    refs = [m.input(x) for x in OPERANDS[: op.arity]]
    z = m.value(op, refs)
    tape = m.tape([derivative_of(op, position, m, z, refs)])
    return str(forward(tape, notation or Notation(), {x: Text(x) for x in tape.inputs})[tape.outputs[0]].string)
