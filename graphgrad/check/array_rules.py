"""Prove every array rule in use by sympy on arrays of symbols, of the node's shape or a smaller one: level (a)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.report import PROBES, Row
from graphgrad.check.sympy_witness import DIGITS, SECONDS, agree, exact_number, is_zero
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.symbolic import SwellError, Sympy
from graphgrad.ops.op import nothing
from graphgrad.ops.shapes import MisfitError, shape_text
from graphgrad.printing.operators import Text
from graphgrad.printing.text import Notation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.tape.tape import Tape

__all__ = ["array_rule_rows", "holds_classes", "smaller"]

MAX_SYMBOLS: Final = 16
"""The most entries of all operands together for which a rule is proven on the node's own shape."""

SMALLEST: Final = 2
"""The size of the smallest reduced axis."""

LETTERS: Final = "xyz"
"""The names of up to three operands."""

MATRIX_AXES: Final = 2

MAX_SHOWN: Final = 4
"""The most shapes, or entries of an operand, in a message."""

Shapes = tuple["Shape", ...]


def array_rule_rows(tape: Tape, shapes: Sequence[Shape]) -> Iterator[Row]:
    """Yield a row for every rule on whole arrays that a tape uses, one for each combination of operand shapes."""
    used = dict.fromkeys((step.op, tuple(shapes[i] for i in step.operands)) for step in tape.steps if step.op.on_arrays)
    for op, own in used:
        small = smaller(op, own)
        for position in range(len(own)):
            if op.rule(position) is not nothing and not holds_classes(op, own, position):
                yield _row(op, own, small, position)


def holds_classes(op: Op, shapes: Sequence[Shape], position: int) -> bool:
    """Whether an operand holds class indices, which have no derivative."""
    return op.classes == position and len({*map(len, shapes[:2])}) > 1


def smaller(op: Op, own: Shapes) -> Shapes | None:
    """Return the operands' shapes if small, else smaller ones of the same structure; None where there are none.

    Axes of equal size stay equal; a size of 1 stays 1.

    >>> from graphgrad.ops.table import OPS
    >>> smaller(OPS["matmul"], ((100, 64), (64, 50)))
    ((4, 3), (3, 2))
    """
    if _entries(own) <= MAX_SYMBOLS and _fits(op, own):
        return own
    sizes = sorted({size for shape in own for size in shape if size > SMALLEST})
    free = [size for size in range(SMALLEST, SMALLEST + 2 * len(sizes) + 2) if not any(size in shape for shape in own)]
    for most in (len(sizes), 2, 1):
        small = {size: free[min(i, most - 1)] for i, size in enumerate(sizes)}
        shapes = tuple(tuple(small.get(n, n) for n in shape) for shape in own)
        if _entries(shapes) <= 2 * MAX_SYMBOLS and _fits(op, shapes):
            return shapes
    return None


def _entries(shapes: Shapes) -> int:
    return sum(map(prod, shapes))


def _fits(op: Op, shapes: Shapes) -> bool:
    try:
        return prod(op.shape(*shapes)) > 0
    except MisfitError:
        return False


def _row(op: Op, own: Shapes, small: Shapes | None, position: int) -> Row:
    names = LETTERS if len(own) <= len(LETTERS) else [f"x{i}" for i in range(len(own))]
    called = Notation().value(op, [Text(name) for name in names[: len(own)]]).string
    subject = f"∂({called})/∂{names[position]}"
    if small is None:
        return Row(
            "array rule", f"{subject} on {_shapes_text(own)}", "not attempted", note="no small shape has its structure"
        )
    level, fault = _level_and_fault(op, small, position)
    kind = level if small == own else f"{level}, smaller"
    where = f"{subject} on {_shapes_text(small)}" + (f" for {_shapes_text(own)}" if small != own else "")
    status = "not attempted" if fault.startswith("sympy") else "failed" if fault else "ok"
    return Row(kind, where, status, note=fault)


def _shapes_text(shapes: Shapes) -> str:
    return ", ".join(map(shape_text, shapes[:MAX_SHOWN])) + ", …" * (len(shapes) > MAX_SHOWN)


@lru_cache(maxsize=1024)
def _level_and_fault(op: Op, shapes: Shapes, position: int) -> tuple[str, str]:
    """Return the level on which a rule is checked, and its fault, empty where it is right."""
    try:
        return within(SECONDS, lambda: _Proof(op, shapes, position).level_and_fault())
    except DeadlineError as error:
        return "array rule", f"sympy {error}"
    except (SwellError, RecursionError) as error:
        return "array rule", f"sympy stopped: {error}"


class _Proof:
    """One rule on arrays of symbols: the pullback of a symbolic adjoint against sympy's entrywise derivatives.

    For `z = a @ x` with shapes (2, 2) and (2,), and the adjoint g = [g0, g1], sympy differentiates the number
    g0*z0 + g1*z1 by each entry of x. The rule's pullback `a.T @ g` must have the same entries:

    >>> from graphgrad.ops.table import OPS
    >>> proof = _Proof(OPS["matmul"], ((2, 2), (2,)), 1)
    >>> proof.derivatives
    [g0*x0_0 + g1*x0_2, g0*x0_1 + g1*x0_3]
    >>> proof.flat(proof.pullback(proof.arrays, proof.z, proof.operands, proof.g, stable=False))
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

    def level_and_fault(self) -> tuple[str, str]:
        """Return "array rule" where it is proven, else "array rule at points"; and its fault, empty where right."""
        fault = self.stable_fault()
        if not self.op.kink and self.is_proven():
            return "array rule", fault
        return "array rule at points", fault or self.fault_at_points()

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

    def pullback(self, m: Entrywise, z: Any, operands: Sequence[Any], g: Any, *, stable: bool) -> Any:
        """Return the rule's pullback of the adjoint g, summed over broadcast axes to the operand's shape."""
        pulled = self.op.pull(m.operations, self.position, g, z, *operands, stable=stable)
        return m.sum_like(pulled, operands[self.position])

    def is_proven(self) -> bool:
        pullbacks = [self.pullback(self.arrays, self.z, self.operands, self.g, stable=form) for form in self.forms()]
        return all(self.is_equal(pullback) for pullback in pullbacks)

    def forms(self) -> tuple[bool, ...]:
        """Return the forms to check, stable and plain; a plain form beside a stable one holds for matrices only."""
        are_matrices = all(len(shape) == MATRIX_AXES for shape in self.shapes[:2])
        return (True, False) if not self.op.stable_d or are_matrices or self.op.classes is not None else (True,)

    def is_equal(self, pullback: Any) -> bool:
        differences = [ours - theirs for ours, theirs in zip(self.flat(pullback), self.derivatives, strict=True)]
        has_steps = any(d.has(self.m.sympy.Piecewise, self.m.sympy.Heaviside, self.m.sympy.Max) for d in differences)
        return all(is_zero(self.m, d, simplify=not has_steps) for d in differences)

    def points(self) -> Iterator[list[list[Fraction]]]:
        """Yield values for the operands' entries from their domains, all different."""
        for k in range(PROBES):
            yield [
                [Fraction(x) for x in self.op.domain(i).probes(prod(shape) + 7 * k + 2 * i + 3)[-prod(shape) :]]
                for i, shape in enumerate(self.shapes)
            ]

    def fault_at_points(self) -> str:
        for point in self.points():
            theirs = self.derivatives_at(point)
            for stable in self.forms():
                ours = self.pullback_at(point, stable=stable)
                if ours is None or not all(map(_same, ours, theirs)):
                    return f"the rule differs from sympy's derivative at {_shown(point)}"
        return ""

    def derivatives_at(self, point: list[list[Fraction]]) -> list[Fraction | None]:
        symbols = [x for operand in self.operands for x in self.flat(operand)]
        numbers = {
            x: self.m.const(v) for x, v in zip(symbols, [v for vs in point for v in vs], strict=True) if x.is_Symbol
        }
        numbers |= {g: self.m.const(Fraction(i + 2, 3)) for i, g in enumerate(self.flat(self.g))}
        return [exact_number(self.m.sympy.N(d, DIGITS, subs=numbers)) for d in self.derivatives]

    def pullback_at(self, point: list[list[Fraction]], *, stable: bool) -> list[Fraction | None] | None:
        m, z, operands = self.evaluated(point, stable=stable)
        g = self.array([m.const(Fraction(i + 2, 3)) for i in range(prod(self.op.shape(*self.shapes)))], m.np.shape(z))
        if isinstance(z, Fault):
            return None
        return [exact_number(x) for x in self.flat(self.pullback(m, z, operands, g, stable=stable))]

    def evaluated(self, point: list[list[Fraction]], *, stable: bool) -> tuple[Entrywise, Any, list[Any]]:
        """Return a namespace of high precision, and the operation's value and operands in it."""
        m = Entrywise(Mpmath(stable=stable))
        operands = []
        for values, shape, symbols in zip(point, self.shapes, self.operands, strict=True):
            entries = [
                m.const(v) if s.is_Symbol else m.const(Fraction(int(s)))
                for v, s in zip(values, self.flat(symbols), strict=True)
            ]
            operands.append(self.array(entries, shape))
        return m, m.value(self.op, operands), operands

    def stable_fault(self) -> str:
        """Return where the stable form of the value differs from the plain one; empty where they agree."""
        if not self.op.stable_f:
            return ""
        for point in self.points():
            plain, stable = (self.flat(self.evaluated(point, stable=form)[1]) for form in (False, True))
            if not all(agree(a, b) for a, b in zip(plain, stable, strict=True)):
                return f"the stable reading differs from the plain one at {_shown(point)}"
        return ""


def _same(ours: Fraction | None, theirs: Fraction | None) -> bool:
    return ours is not None and theirs is not None and agree(ours, theirs, scale=Fraction(1, 10**10))


def _shown(point: list[list[Fraction]]) -> str:
    return "; ".join(", ".join(f"{float(x):.3g}" for x in values[:MAX_SHOWN]) for values in point)
