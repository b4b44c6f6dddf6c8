"""Interpret a long tape on floats from one flat list of functions and registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.hidden_nans import nan_hiding_places
from graphgrad.namespaces.floats import Floats
from graphgrad.ops.targets import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["interpreted"]

BINARY: Final = 2
"""The operands of a step without a tuple for them, which is the fast path."""


def interpreted(tape: Tape) -> Callable[[Sequence[float]], list[float] | None]:
    """Return a function from the values of a tape's inputs to those of its outputs.

    It returns None where an operation is outside its domain or a result is not finite.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> run = interpreted(m.tape([x * y, x / y]))
    >>> run([3.0, 4.0]), run([3.0, 0.0])
    ([12.0, 0.75], None)
    """
    inputs, outputs, watched = [*tape.inputs.values()], tape.outputs, _watched_registers(tape)
    initial, steps = tape.leaves(Floats(), {}), list(_flat_steps(tape))

    def run(values: Sequence[float]) -> list[float] | None:
        registers = initial.copy()
        read = registers.__getitem__
        for register, value in zip(inputs, values, strict=True):
            registers[register] = value
        try:
            for target, f, x, y in steps:
                registers[target] = f(*map(read, x)) if y is None else f(registers[x], registers[y])
        except (ArithmeticError, ValueError):
            return None
        total = sum(map(read, watched))
        return [float(read(i)) for i in outputs] if total - total == 0 else None

    return run


def _watched_registers(tape: Tape) -> list[int]:
    """Return the registers that are finite only in a valid run: the outputs, and those that can hide a nan from them.

    Inputs and constants are left out: they are finite.
    """
    leaves = {*tape.inputs.values(), *tape.constants}
    return [*tape.outputs, *(x for x in nan_hiding_places(tape) if x not in leaves)]


def _flat_steps(tape: Tape) -> Iterator[tuple[int, Callable[..., Any], Any, int | None]]:
    """Yield target, function and both operands of a binary step; for any other, a tuple of operands and None."""
    functions = {op: _function(op) for op in {step.op for step in tape.steps}}
    for target, op, operands in tape.steps:
        x, y = operands if len(operands) == BINARY else (operands, None)
        yield target, functions[op], x, y


def _function(op: Op) -> Callable[..., Any]:
    """Return the function of an operation on floats: Python's operator, a function of math, or the row's rule."""
    function = OPERATORS.get(op.name) or Floats().function(op)
    return function if op.arity else lambda: function
