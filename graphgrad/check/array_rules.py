"""Hold every array rule in use against its row's witness, and prove it on arrays of sympy's symbols: level (a)."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.array_probes import array_probes, holds_classes
from graphgrad.check.array_readings import direction_held, forms, pulled_back
from graphgrad.check.array_shapes import of_shape, operand_names, smaller, without_shape
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import SECONDS, is_zero
from graphgrad.check.value_rules import bounded_row, called, row_at_probes
from graphgrad.check.value_witness import attempt
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.symbolic import Sympy
from graphgrad.ops.op import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.check.array_probes import Shapes
    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.tape.tape import Tape

__all__ = ["array_rule_rows", "holds_classes"]


def array_rule_rows(tape: Tape, shapes: Sequence[Shape]) -> Iterator[Row]:
    """Yield a row for every rule on whole arrays that a tape uses, one for each combination of operand shapes."""
    used = dict.fromkeys((step.op, tuple(shapes[i] for i in step.operands)) for step in tape.steps if step.op.on_arrays)
    for op, own in used:
        for position in range(len(own)):
            if op.rule(position) is not nothing and not holds_classes(op, own, position):
                yield _row(op, own, position)


def _row(op: Op, own: Shapes, position: int) -> Row:
    subject, small = f"∂({called(op, len(own))})/∂{operand_names(len(own))[position]}", smaller(op, own)
    if small is None:
        return without_shape("array rule", subject, own)
    return of_shape(_checked_rule(op, small, position), subject, own, small)


@lru_cache(maxsize=1024)
def _checked_rule(op: Op, shapes: Shapes, position: int) -> Row:
    """Return the row of a rule, held against differences of the witness, and proven by sympy where that is possible."""
    return bounded_row("array rule", "", lambda: _held_and_proven(op, shapes, position))


def _held_and_proven(op: Op, shapes: Shapes, position: int) -> Row:
    found = (direction_held(op, shapes, position, point) for point in array_probes(op, shapes))
    row = row_at_probes("array rule at points", "", found)
    if row.status == "failed":
        return row._replace(level="array rule") if row.note.startswith("the stable") else row
    if op.kink:
        return row
    return Row("array rule", "", "ok") if _is_proven(op, shapes, position) else row


def _is_proven(op: Op, shapes: Shapes, position: int) -> bool:
    """Whether sympy proves a rule within its part of the time; else it holds at the probes."""
    try:
        return bool(within(SECONDS / 2, lambda: attempt(lambda: _Proof(op, shapes, position).is_proven())))
    except DeadlineError:
        return False


class _Proof:
    """One rule on arrays of symbols: the pullback of a symbolic adjoint against sympy's entrywise derivatives.

    For `z = a @ x` with shapes (2, 2) and (2,), and the adjoint g = [g0, g1], sympy differentiates the number
    g0*z0 + g1*z1 by each entry of x. The rule's pullback `a.T @ g` must have the same entries:

    >>> from graphgrad.ops.table import OPS
    >>> proof = _Proof(OPS["matmul"], ((2, 2), (2,)), 1)
    >>> proof.derivatives
    [g0*x0_0 + g1*x0_2, g0*x0_1 + g1*x0_3]
    >>> proof.flat(pulled_back(proof.op, proof.arrays, 1, (proof.g, proof.z, proof.operands), stable=False))
    [g0*x0_0 + g1*x0_2, g0*x0_1 + g1*x0_3]
    """

    def __init__(self, op: Op, shapes: Shapes, position: int) -> None:
        self.op, self.shapes, self.position = op, shapes, position
        self.m = Sympy()
        self.arrays = Entrywise(self.m)
        self.operands = [self.symbols(i) for i in range(len(shapes))]
        self.z = self.arrays.value(op, self.operands)
        self.g = self.named("g", op.shape(*shapes))
        total = self.m.sympy.Add(*self.flat(self.arrays.np.multiply(self.g, self.z)))
        self.derivatives = [self.m.sympy.diff(total, x) for x in self.flat(self.operands[position])]

    def flat(self, array: Any) -> list[Any]:
        return list(self.arrays.np.asarray(array, dtype=object).flat)

    def named(self, name: str, shape: Shape, *, positive: bool = False) -> Any:
        """Return an array of symbols name0, name1, …."""
        make = self.m.sympy.Symbol
        symbols = [make(f"{name}{i}", real=True, positive=positive or None) for i in range(prod(shape))]
        return self.array(symbols, shape)

    def array(self, entries: Sequence[Any], shape: Shape) -> Any:
        array = self.arrays.np.empty(len(entries), dtype=object)
        array[:] = entries
        return array.reshape(shape)[()]

    def symbols(self, position: int) -> Any:
        """Return an operand of symbols, or of numbers where it holds class indices."""
        shape = self.shapes[position]
        if holds_classes(self.op, self.shapes, position):
            return self.array([self.m.sympy.Integer(i % 2) for i in range(prod(shape))], shape)
        return self.named(f"x{position}_", shape, positive=getattr(self.op.domain(position), "low", 0) >= 0)

    def is_proven(self) -> bool:
        """Whether sympy proves that the rule, in all its forms, gives its own derivatives."""
        pullbacks = (
            pulled_back(self.op, self.arrays, self.position, (self.g, self.z, self.operands), stable=form)
            for form in forms(self.op, self.shapes, self.position)
        )
        return all(self.is_equal(pullback) for pullback in pullbacks)

    def is_equal(self, pullback: Any) -> bool:
        differences = [ours - theirs for ours, theirs in zip(self.flat(pullback), self.derivatives, strict=True)]
        has_steps = any(d.has(self.m.sympy.Piecewise, self.m.sympy.Heaviside, self.m.sympy.Max) for d in differences)
        return all(is_zero(self.m, d, simplify=not has_steps) for d in differences)
