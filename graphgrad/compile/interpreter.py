"""Runs a long tape over and over on floats, from one flat list of functions and registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.compile.hidden_nans import hiding
from graphgrad.namespaces.floats import Floats
from graphgrad.ops.targets import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["looked_at", "machine", "start"]

BINARY = 2


def machine(tape: Tape) -> Callable[[Sequence[float]], list[float] | None]:
    """Return a function from the values of a tape's inputs to those of its outputs.

    It gives None where the run was not plain: an operation outside its domain, or a result that is not finite.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> run = machine(m.tape([x * y, x / y]))
    >>> run([3.0, 4.0]), run([3.0, 0.0])
    ([12.0, 0.75], None)
    """
    inputs, outputs, watched = [*tape.inputs.values()], tape.outputs, looked_at(tape)
    blank, steps = start(tape), list(_listed(tape))

    def run(values: Sequence[float]) -> list[float] | None:
        registers = blank.copy()
        at = registers.__getitem__
        for register, value in zip(inputs, values, strict=True):
            registers[register] = value
        try:
            for target, f, x, y in steps:
                registers[target] = f(*map(at, x)) if y is None else f(registers[x], registers[y])
        except (ArithmeticError, ValueError):
            return None
        total = sum(map(at, watched))
        return [float(at(i)) for i in outputs] if total - total == 0 else None

    return run


def start(tape: Tape) -> list[Any]:
    """Return a tape's registers before it runs: its constants alone."""
    return tape.leaves(Floats(), {})


def looked_at(tape: Tape) -> list[int]:
    """Return the registers in which a run that was not plain shows: the outputs, and what could hide a nan from them.

    The inputs are finite, and so are the constants.
    """
    given = {*tape.inputs.values(), *tape.constants}
    return [*tape.outputs, *(x for x in hiding(tape) if x not in given)]


def _listed(tape: Tape) -> Iterator[tuple[int, Callable[..., Any], Any, int | None]]:
    """Yield target, function and two registers; or all registers of a step that has not two, and None."""
    functions = {op: _function(op) for op in {step.op for step in tape.steps}}
    for target, op, operands in tape.steps:
        x, y = operands if len(operands) == BINARY else (operands, None)
        yield target, functions[op], x, y


def _function(op: Op) -> Callable[..., Any]:
    """Return what computes an operation on floats: Python's operator, a function of math, or its row."""
    found = OPERATORS.get(op.name) or Floats().function(op)
    return found if op.arity else lambda: found
