"""Prove every derivative rule in use by sympy, or compare it at points of its domain: level (a)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.report import PROBES, Row
from graphgrad.check.sympy_witness import SECONDS, SIDE, agree, exact_number, is_zero, witness
from graphgrad.namespaces.display import short
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.symbolic import Sympy
from graphgrad.ops.op import Naturals, Op
from graphgrad.printing.operators import Text
from graphgrad.printing.text import Notation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.tape.tape import Tape

__all__ = ["rule_rows"]

MOST_OPERANDS = 3
"""The most operands for which a variadic rule is proven."""

Point = tuple[Fraction, ...]


def rule_rows(tape: Tape) -> Iterator[Row]:
    """Yield a row for every rule of numbers that a tape uses."""
    for op, count in dict.fromkeys((step.op, len(step.operands)) for step in tape.steps if not step.op.on_arrays):
        for position in range(len(op.d)):
            if op.rule(position) is not None:
                yield _rule_row(op, min(count, MOST_OPERANDS), position)


@lru_cache(maxsize=1024)
def _rule_row(op: Op, count: int, position: int) -> Row:
    called = Notation().value(op, [Text(x) for x in "xyz"[:count]]).string
    subject = f"∂({called})/∂{'xyz'[position]}"
    try:
        level, fault = within(SECONDS, lambda: _level_and_fault(op, count, position))
    except DeadlineError as error:
        return Row("rule", subject, "not attempted", note=f"sympy {error}")
    return Row(level, subject, "failed" if fault else "ok", note=fault)


def _level_and_fault(op: Op, count: int, position: int) -> tuple[str, str]:
    """Return the level on which a rule is checked, and its fault, empty where it is right."""
    points = _points(op, count)
    fault = _stable_fault(op, position, points)
    if op.flat:
        return "rule at points", fault or _flat_fault(op, points)
    if _is_proven(op, count, position):
        return "rule", fault
    return "rule at points", fault or _rule_fault(op, position, points)


def _points(op: Op, count: int) -> list[Point]:
    """Return points of the operation's domain; their coordinates differ, and none is an integer."""
    probes = [op.domain(i).probes(PROBES + 1 + 2 * i) for i in range(count)]
    return [tuple(Fraction(p[(k + 2 * i) % len(p)]) for i, p in enumerate(probes)) for k in range(PROBES)]


def _is_proven(op: Op, count: int, position: int) -> bool:
    """Whether sympy proves that its derivative minus the rule is 0."""
    m = Sympy()
    xs = [_symbol(m, op, i) for i in range(count)]
    z = m.value(op, xs)
    difference = m.sympy.diff(z, xs[position]) - m.partial(op, position, z, xs)
    # Sympy simplifies step functions for seconds, to no effect.
    has_steps = difference.has(m.sympy.Piecewise, m.sympy.Heaviside)
    return is_zero(m, difference, simplify=not has_steps)


def _symbol(m: Sympy, op: Op, position: int) -> Any:
    domain, name = op.domain(position), f"x{position}"
    if isinstance(domain, Naturals):
        return m.sympy.Symbol(name, integer=True, nonnegative=True)
    return m.sympy.Symbol(name, positive=True) if domain.low >= 0 else m.symbol(name)


def _rule_fault(op: Op, position: int, points: Sequence[Point]) -> str:
    """Return where the rule and sympy's derivative differ, both in high precision; empty where they agree."""
    m = Mpmath()
    for point in points:
        xs = [m.const(x) for x in point]
        ours = exact_number(m.partial(op, position, m.value(op, xs), xs))
        theirs = witness(op, len(point)).partial(position, point)
        if ours is None or theirs is None or not agree(ours, theirs):
            return f"the rule gives {_number_text(ours)}, sympy {_number_text(theirs)}, at {_point_text(point)}"
    return ""


def _number_text(number: Fraction | None) -> str:
    return "no number" if number is None else short(float(number))


def _point_text(point: Point) -> str:
    return ", ".join(f"{name} = {short(float(x))}" for name, x in zip("xyz", point, strict=False))


def _stable_fault(op: Op, position: int, points: Sequence[Point]) -> str:
    """Return where the numerically stable form differs from the plain one in high precision; empty where they agree."""
    if not op.stable_f and position not in (op.stable_d or {}):
        return ""
    plain, stable = Mpmath(), Mpmath(stable=True)
    for point in points:
        xs = [plain.const(x) for x in point]
        z = plain.value(op, xs)
        values = z, stable.value(op, xs)
        partials = plain.partial(op, position, z, xs), stable.partial(op, position, z, xs)
        if not agree(*values) or not agree(*partials):
            return f"the stable reading differs from the plain one at {_point_text(point)}"
    return ""


def _flat_fault(op: Op, points: Sequence[Point]) -> str:
    """Return where an operation declared piecewise constant changes within a step; empty where it does not."""
    m = Sympy()
    for point in points:
        values = {m.value(op, [m.const(x + h) for x in point]) for h in (-SIDE, Fraction(0), SIDE)}
        if len(values) > 1:
            return f"declared piecewise constant, but it changes at {_point_text(point)}"
    return ""
