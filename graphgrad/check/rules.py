"""Hold every derivative rule in use against its row's witness at probes, and prove it by sympy: level (a)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.probes import is_inside, probes
from graphgrad.check.readings import derivative_held
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import is_zero
from graphgrad.check.value_rules import MOST_OPERANDS, bounded_row, called, row_at_probes
from graphgrad.check.value_witness import attempt
from graphgrad.namespaces.symbolic import Sympy
from graphgrad.ops.op import Naturals, Op

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.tape.tape import Tape

__all__ = ["rule_rows"]

CLEARLY: Final = 1e-6
"""A number larger than this is no rounding of a 0."""


def rule_rows(tape: Tape) -> Iterator[Row]:
    """Yield a row for every rule of numbers that a tape uses."""
    for op, count in dict.fromkeys((step.op, len(step.operands)) for step in tape.steps if not step.op.on_arrays):
        for position in range(len(op.d)):
            if op.rule(position) is not None:
                yield _rule_row(op, min(count, MOST_OPERANDS), position)


@lru_cache(maxsize=1024)
def _rule_row(op: Op, count: int, position: int) -> Row:
    subject = f"∂({called(op, count)})/∂{'xyz'[position]}"
    return bounded_row("rule", subject, lambda: _derivative_row(op, count, position, subject))


def _derivative_row(op: Op, count: int, position: int, subject: str) -> Row:
    row = row_at_probes("rule at points", subject, (derivative_held(op, position, p) for p in probes(op, count)))
    if row.status == "failed":
        is_plain = not row.note.startswith("the stable")
        note = f"declared piecewise constant, but {row.note}" if op.flat else row.note
        return row._replace(level="rule at points" if is_plain else "rule", note=note)
    proven = not op.flat and attempt(lambda: _is_proven(op, count, position))
    return Row("rule", subject, "ok") if proven else row


def _is_proven(op: Op, count: int, position: int) -> bool:
    """Whether sympy proves that its derivative minus the rule is 0."""
    m = Sympy()
    xs = [_symbol(m, op, i) for i in range(count)]
    z = m.value(op, xs)
    theirs, ours = m.sympy.diff(z, xs[position]), m.sympy.sympify(m.partial(op, position, z, xs))
    if theirs == ours and not theirs.has(m.sympy.nan, m.sympy.zoo, m.sympy.oo, -m.sympy.oo):
        return True  # without a difference, for which sympy would load its tensors
    difference = theirs - ours
    if _is_clearly_not_zero(m, op, difference, xs):
        return False  # sympy would simplify for seconds, to no effect
    # Sympy simplifies step functions for seconds, to no effect.
    has_steps = difference.has(m.sympy.Piecewise, m.sympy.Heaviside)
    return is_zero(m, difference, simplify=not has_steps)


def _is_clearly_not_zero(m: Sympy, op: Op, difference: Any, xs: list[Any]) -> bool:
    """Whether an expression is far from 0 at a probe."""
    point = next((point for point in probes(op, len(xs)) if is_inside(op, point)), None)
    if point is None:
        return False
    numbers = {x: m.const(value) for x, value in zip(xs, point, strict=True)}
    return bool(abs(m.sympy.N(difference, subs=numbers)) > CLEARLY)


def _symbol(m: Sympy, op: Op, position: int) -> Any:
    domain, name = op.domain(position), f"x{position}"
    if isinstance(domain, Naturals):
        return m.sympy.Symbol(name, integer=True, nonnegative=True)
    return m.sympy.Symbol(name, positive=True) if domain.low >= 0 else m.symbol(name)
