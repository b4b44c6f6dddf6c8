"""Hold every value rule in use against the witness that its row names: level (a)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.array_probes import array_probes
from graphgrad.check.array_readings import entries_held
from graphgrad.check.array_shapes import of_shape, operand_names, smaller, without_shape
from graphgrad.check.probes import probes
from graphgrad.check.readings import value_held
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import SECONDS
from graphgrad.check.value_witness import referee
from graphgrad.printing.operators import Text
from graphgrad.printing.text import Notation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from graphgrad.check.array_probes import Shapes
    from graphgrad.check.readings import Held
    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.tape.tape import Tape

__all__ = ["MOST_OPERANDS", "array_value_rule_rows", "bounded_row", "called", "row_at_probes", "value_rule_rows"]

MOST_OPERANDS = 3
"""The most operands for which a variadic rule is checked."""

UNWITNESSED = "the value rule is not held against anything: its row names no witness"


def value_rule_rows(tape: Tape) -> Iterator[Row]:
    """Yield a row for the value rule of every operation on numbers that a tape uses."""
    for op, count in dict.fromkeys((step.op, len(step.operands)) for step in tape.steps if not step.op.on_arrays):
        yield _value_rule_row(op, min(count, MOST_OPERANDS))


def array_value_rule_rows(tape: Tape, shapes: Sequence[Shape]) -> Iterator[Row]:
    """Yield a row for the value rule of every operation on arrays, one for each combination of operand shapes."""
    used = dict.fromkeys((step.op, tuple(shapes[i] for i in step.operands)) for step in tape.steps if step.op.on_arrays)
    for op, own in used:
        yield _array_value_rule_row(op, own)


def called(op: Op, count: int) -> str:
    """Return an operation on operands x, y and z in writing."""
    return Notation().value(op, [Text(x) for x in operand_names(count)]).string


@lru_cache(maxsize=1024)
def _value_rule_row(op: Op, count: int) -> Row:
    subject = called(op, count)
    if op.witness is None:
        return Row("value rule", subject, "not attempted", note=UNWITNESSED)
    if isinstance(op.witness, str) and not hasattr(referee().context, op.witness):
        note = f"mpmath has no function '{op.witness}', which its row names as the witness"
        return Row("value rule", subject, "not attempted", note=note)
    return bounded_row(
        "value rule",
        subject,
        lambda: row_at_probes("value rule", subject, (value_held(op, point) for point in probes(op, count))),
    )


def _array_value_rule_row(op: Op, own: Shapes) -> Row:
    subject, small = called(op, len(own)), smaller(op, own)
    if op.witness is None:
        return Row("array value rule", subject, "not attempted", note=UNWITNESSED)
    if small is None:
        return without_shape("array value rule", subject, own)
    return of_shape(_entries_row(op, small), subject, own, small)


@lru_cache(maxsize=1024)
def _entries_row(op: Op, shapes: Shapes) -> Row:
    level = "array value rule"
    return bounded_row(
        level,
        "",
        lambda: row_at_probes(level, "", (entries_held(op, shapes, point) for point in array_probes(op, shapes))),
    )


def bounded_row(level: str, subject: str, check: Callable[[], Row]) -> Row:
    """Return the row of a check within the time limit."""
    try:
        return within(SECONDS, check)
    except DeadlineError as error:
        return Row(level, subject, "not attempted", note=f"the check of the rule {error}")


def row_at_probes(level: str, subject: str, found: Iterable[Held]) -> Row:
    """Return the row of what was found at the probes, up to the first fault."""
    held = 0
    for fault in found:
        if fault:
            return Row(level, subject, "failed", note=fault)
        held += fault is not None
    if held:
        return Row(level, subject, "ok", points=held)
    return Row(level, subject, "not attempted", note="it has no number to compare at any probe")
