"""Rewrite a tape of array operations for inputs of known shapes, so that nothing is left that looks at shapes alone.

Numbers of rows and entries become constants, and what changes no shape disappears. The gradient of `mean(x*y)` by `y`
counts the entries of `x*y`, and sums an adjoint to the shape of `y`; here there are 6 entries, and `y` has all of them:

>>> from graphgrad.graph.builder import build
>>> from graphgrad.tape.gradient import differentiated
>>> from graphgrad.text.parser import parse
>>> tape = differentiated(build("mean(x*y)", parse("mean(x*y)")), ("y",))
>>> fixed = with_shapes(tape, {"x": (3, 2), "y": (3, 2)})
>>> [step.op.name for step in fixed.steps], sorted(map(int, fixed.constants.values()))
(['mul', 'mean', 'spread_like', 'div', 'mul'], [1, 6])
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.optimize.products_and_signs import CommutativeWriter
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.shapes import axes_of
from graphgrad.ops.table import COMPARISON, NEG
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["register_shapes", "with_shapes"]


def with_shapes(tape: Tape, inputs: Mapping[str, Shape]) -> Tape:
    """Return a tape that computes the same for inputs of these shapes.

    Raises `MisfitError` for operands whose shapes do not fit.
    """
    m = _Writer()
    values = forward(tape, m, {name: m.shaped_input(name, inputs[name]) for name in tape.inputs})
    return m.tape([values[register] for register in tape.outputs])


def register_shapes(tape: Tape, inputs: Mapping[str, Shape]) -> list[Shape]:
    """Return the shape of every register.

    Raises `MisfitError` for operands whose shapes do not fit.
    """
    return forward(tape, _Shapes(), {name: inputs[name] for name in tape.inputs})


class _Shapes(Namespace):
    """The namespace of shapes: an operation's value is the shape of its result."""

    def const(self, _number: Fraction) -> Shape:
        return ()

    def value(self, op: Op, operands: Sequence[Shape]) -> Shape:
        return op.shape(*operands)


class _Writer(CommutativeWriter):
    """Writes a tape together with the shapes of its registers."""

    def __init__(self) -> None:
        super().__init__()
        self._shape_of: dict[int, Shape] = {}
        self._made: dict[int, Step] = {}

    def shaped_input(self, name: str, shape: Shape) -> Ref:
        """Return the operand for an input of a shape."""
        ref = self.input(name)
        self._shape_of[ref.register] = shape
        return ref

    def shape(self, ref: Ref) -> Shape:
        """Return an operand's shape."""
        return self._shape_of.get(ref.register, ())

    def made_by(self, ref: Ref) -> Step | None:
        """Return the step that computes an operand, None for an input or a constant."""
        return self._made.get(ref.register)

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write an operation, or what it is for operands of these shapes."""
        refs = [self.lift(operand) for operand in operands]
        known = self._by_shapes(op, refs)
        return super().value(op, refs) if known is None else known

    def _by_shapes(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        if op.chooses:
            return self._truth(*refs)
        if op.name in SAME and self.shape(refs[0]) == self.shape(refs[1]):
            return refs[0]
        rule = BY_SHAPE.get(op.name)
        return rule(self, *refs, **dict(op.params)) if rule else None

    def _truth(self, condition: Ref, x: Ref, y: Ref) -> Ref | None:
        """Return a comparison where 1 is chosen if it holds and else 0."""
        step = self.made_by(condition)
        is_truth = step is not None and step.op.binds == COMPARISON
        return condition if is_truth and self.number(x) == 1 and self.number(y) == 0 else None

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        shape = op.shape(*(self._shape_of.get(register, ()) for register in registers))
        ref = super()._record(op, registers)
        if self._steps and self._steps[-1].target == ref.register:
            self._made[ref.register] = self._steps[-1]
        self._shape_of[ref.register] = shape
        return ref


def _count_along(m: _Writer, x: Ref, *, axis: int | Shape | None = None) -> Ref:
    shape = m.shape(x)
    return m.const(Fraction(prod(shape[i] for i in axes_of(axis, len(shape)))))


def _total(m: _Writer, x: Ref, **_along: Any) -> Ref | None:
    """Return a number as its own sum."""
    return None if m.shape(x) else x


def _quotient(m: _Writer, x: Any, y: Ref) -> Any:
    """Write -x/3 as x/(-3), which is the same number."""
    number, step = m.number(y), m.made_by(x)
    if number is None or step is None or step.op is not NEG:
        return None
    return m.ref(m, step.operands[0]) / m.const(-number)  # type: ignore[operator]


def _on_rows(m: _Writer, x: Ref, t: Ref) -> Ref | None:
    """Write class indices as rows of 0 and 1, as the derivative does."""
    return None if m.shape(t) == m.shape(x) else m.softmax_cross_entropy(x, m.one_hot(t, x))


SAME: Final[Spellings] = dict.fromkeys(
    ("one_hot", "one_hot_back", "sum_like", "broadcast_like", "reshape_like", "spread_like"), True
)
"""The operations that return the first operand where it has the shape of the second."""

BY_SHAPE: Final[Spellings] = {
    "row_count": lambda m, x: m.const(Fraction(prod(m.shape(x)[:-1]))),
    "count_along": _count_along,
    "sum_along": _total,
    "div": _quotient,
    "softmax_cross_entropy": _on_rows,
}
"""What is written in their place; None where they stay as they are."""
