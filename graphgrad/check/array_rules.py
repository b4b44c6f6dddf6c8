"""Level (a) for arrays: every rule in use, by sympy on arrays of symbols, of the node's own shape or a smaller one."""

from __future__ import annotations

import string
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
"""The most entries that the operands of a rule may have together, for sympy to get arrays of that shape."""

SMALLEST: Final = 2
"""The size that the smallest of the larger axes gets in a smaller shape."""

Shapes = tuple["Shape", ...]


def array_rule_rows(tape: Tape, shapes: Sequence[Shape]) -> Iterator[Row]:
    """Yield a row for every rule of a whole array that a tape uses, at each combination of its operands' shapes."""
    used = dict.fromkeys((step.op, tuple(shapes[i] for i in step.operands)) for step in tape.steps if step.op.on_arrays)
    for op, own in used:
        small = smaller(op, own)
        for position in range(len(own)):
            if op.rule(position) is not nothing and not holds_classes(op, own, position):
                yield _row(op, own, small, position)


def holds_classes(op: Op, shapes: Sequence[Shape], position: int) -> bool:
    """Whether an operand holds class indices, which are no numbers to change."""
    return op.classes == position and len({*map(len, shapes[:2])}) > 1


def smaller(op: Op, own: Shapes) -> Shapes | None:
    """Return the operands' shapes if they are small, else smaller ones of the same structure, if there are any.

    Axes of one size keep one size; a size of 1 stays.

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
        found = tuple(tuple(small.get(n, n) for n in shape) for shape in own)
        if _entries(found) <= 2 * MAX_SYMBOLS and _fits(op, found):
            return found
    return None


def _entries(shapes: Shapes) -> int:
    return sum(map(prod, shapes))


def _fits(op: Op, shapes: Shapes) -> bool:
    try:
        return prod(op.shape(*shapes)) > 0
    except MisfitError:
        return False


def _row(op: Op, own: Shapes, small: Shapes | None, position: int) -> Row:
    names = string.ascii_lowercase[-3:] if len(own) <= 3 else [f"x{i}" for i in range(len(own))]  # noqa: PLR2004
    called = Notation().value(op, [Text(name) for name in names[: len(own)]]).string
    subject = f"∂({called})/∂{names[position]}"
    if small is None:
        return Row("array rule", f"{subject} on {_told(own)}", "not attempted", note="no small shape has its structure")
    level, fault = _judged(op, small, position)
    kind = level if small == own else f"{level}, smaller"
    where = f"{subject} on {_told(small)}" + (f" for {_told(own)}" if small != own else "")
    status = "not attempted" if fault.startswith("sympy") else "failed" if fault else "ok"
    return Row(kind, where, status, note=fault)


def _told(shapes: Shapes) -> str:
    return ", ".join(map(shape_text, shapes[:4])) + ", …" * (len(shapes) > 4)  # noqa: PLR2004


@lru_cache(maxsize=1024)
def _judged(op: Op, shapes: Shapes, position: int) -> tuple[str, str]:
    """Return how a rule was held, and what is wrong with it."""
    try:
        return within(SECONDS, lambda: _Proof(op, shapes, position).judged())
    except DeadlineError as error:
        return "array rule", f"sympy {error}"
    except (SwellError, RecursionError) as error:
        return "array rule", f"sympy stopped: {error}"


class _Proof:
    """One rule on arrays of one shape: sympy's derivative of each entry, and what the rule makes of an adjoint."""

    def __init__(self, op: Op, shapes: Shapes, position: int) -> None:
        self.op, self.shapes, self.position = op, shapes, position
        self.m = Sympy()
        self.arrays = Entrywise(self.m)
        self.operands = [self.symbols(i) for i in range(len(shapes))]
        self.z = self.arrays.value(op, self.operands)
        self.g = self.named("g", op.shape(*shapes))
        total = self.m.sympy.Add(*self.flat(self.arrays.np.multiply(self.g, self.z)))
        self.theirs = [self.m.sympy.diff(total, x) for x in self.flat(self.operands[position])]

    def judged(self) -> tuple[str, str]:
        """Return how the rule was held, and what is wrong with it."""
        fault = self.unstable()
        if not self.op.kink and self.is_proven():
            return "array rule", fault
        return "array rule at points", fault or self.fault_at_points()

    def flat(self, array: Any) -> list[Any]:
        return list(self.arrays.np.asarray(array, dtype=object).flat)

    def named(self, name: str, shape: Shape, *, positive: bool = False) -> Any:
        """Return an array of symbols; class indices are numbers from the start."""
        make = self.m.sympy.Symbol
        found = [make(f"{name}{i}", real=True, positive=positive or None) for i in range(prod(shape))]
        return self.array(found, shape)

    def array(self, entries: Sequence[Any], shape: Shape) -> Any:
        array = self.arrays.np.empty(len(entries), dtype=object)
        array[:] = entries
        return array.reshape(shape)[()]

    def symbols(self, position: int) -> Any:
        shape = self.shapes[position]
        if holds_classes(self.op, self.shapes, position):
            return self.array([self.m.sympy.Integer(i % 2) for i in range(prod(shape))], shape)
        return self.named(f"x{position}_", shape, positive=getattr(self.op.domain(position), "low", 0) >= 0)

    def ours(self, m: Entrywise, z: Any, operands: Sequence[Any], g: Any, *, stable: bool) -> Any:
        """Return what the rule gives, summed back to the operand's shape."""
        pulled = self.op.pull(m.operations, self.position, g, z, *operands, stable=stable)
        return m.sum_like(pulled, operands[self.position])

    def is_proven(self) -> bool:
        readings = [self.ours(self.arrays, self.z, self.operands, self.g, stable=stable) for stable in self.readings()]
        return all(self.is_equal(reading) for reading in readings)

    def readings(self) -> tuple[bool, ...]:
        """Return which readings must hold: the plain one is that of matrices where there is another."""
        matrices = all(len(shape) == 2 for shape in self.shapes[:2])  # noqa: PLR2004
        return (True, False) if not self.op.stable_d or matrices or self.op.classes is not None else (True,)

    def is_equal(self, reading: Any) -> bool:
        differences = [ours - theirs for ours, theirs in zip(self.flat(reading), self.theirs, strict=True)]
        choices = any(d.has(self.m.sympy.Piecewise, self.m.sympy.Heaviside, self.m.sympy.Max) for d in differences)
        return all(is_zero(self.m, d, simplify=not choices) for d in differences)

    def points(self) -> Iterator[list[list[Fraction]]]:
        """Yield values for the operands' entries, of their domains, no two alike."""
        for k in range(PROBES):
            yield [
                [Fraction(x) for x in self.op.domain(i).probes(prod(shape) + 7 * k + 2 * i + 3)[-prod(shape) :]]
                for i, shape in enumerate(self.shapes)
            ]

    def fault_at_points(self) -> str:
        for point in self.points():
            theirs = self.sympys(point)
            for stable in self.readings():
                ours = self.at(point, stable=stable)
                if ours is None or not all(map(_same, ours, theirs)):
                    return f"the rule differs from sympy's derivative at {_shown(point)}"
        return ""

    def sympys(self, point: list[list[Fraction]]) -> list[Fraction | None]:
        symbols = [x for operand in self.operands for x in self.flat(operand)]
        numbers = {
            x: self.m.const(v) for x, v in zip(symbols, [v for vs in point for v in vs], strict=True) if x.is_Symbol
        }
        numbers |= {g: self.m.const(Fraction(i + 2, 3)) for i, g in enumerate(self.flat(self.g))}
        return [exact_number(self.m.sympy.N(d, DIGITS, subs=numbers)) for d in self.theirs]

    def at(self, point: list[list[Fraction]], *, stable: bool) -> list[Fraction | None] | None:
        m, z, operands = self.numbers(point, stable=stable)
        g = self.array([m.const(Fraction(i + 2, 3)) for i in range(prod(self.op.shape(*self.shapes)))], m.np.shape(z))
        if isinstance(z, Fault):
            return None
        return [exact_number(x) for x in self.flat(self.ours(m, z, operands, g, stable=stable))]

    def numbers(self, point: list[list[Fraction]], *, stable: bool) -> tuple[Entrywise, Any, list[Any]]:
        m = Entrywise(Mpmath(stable=stable))
        operands = []
        for values, shape, symbols in zip(point, self.shapes, self.operands, strict=True):
            entries = [
                m.const(v) if s.is_Symbol else m.const(Fraction(int(s)))
                for v, s in zip(values, self.flat(symbols), strict=True)
            ]
            operands.append(self.array(entries, shape))
        return m, m.value(self.op, operands), operands

    def unstable(self) -> str:
        """Say where the reading of the value for floats differs from the plain one."""
        if not self.op.stable_f:
            return ""
        for point in self.points():
            plain, stable = (self.flat(self.numbers(point, stable=which)[1]) for which in (False, True))
            if not all(agree(a, b) for a, b in zip(plain, stable, strict=True)):
                return f"the stable reading differs from the plain one at {_shown(point)}"
        return ""


def _same(ours: Fraction | None, theirs: Fraction | None) -> bool:
    return ours is not None and theirs is not None and agree(ours, theirs, scale=Fraction(1, 10**10))


def _shown(point: list[list[Fraction]]) -> str:
    return "; ".join(", ".join(f"{float(x):.3g}" for x in values[:4]) for values in point)
