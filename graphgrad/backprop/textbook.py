"""Write local derivatives as a textbook has them: with the shapes at a point known, no helper operation is left."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.ops.shapes import axes_of
from graphgrad.ops.table import OPS, SOFTMAX, SUM_ALONG
from graphgrad.tape.writer import ADJOINT, Ref, Writer
from graphgrad.text.arguments import index_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["ZEROS", "Textbook"]

CLOSE: Final = 1e-9
"""How far from 1 the sum of probabilities may be."""

ZEROS: Final = "zeros"
"""The input that stands for an array of zeros."""

MATRIX: Final = 2
"""The number of a matrix's axes."""


class Textbook(Writer):
    """The namespace in which the VJP of one operation on arrays is written for readers.

    The shapes of its operands are known. So, what other namespaces do by helper operations is a number, an operation
    that a program can have, or nothing: the number of rows is 2, a sum spread to the shape of its operand is g.

    >>> import numpy as np
    >>> m = Textbook()
    >>> x, t = m.known("x", np.ones((2, 3))), m.known("t", np.array([0.0, 1.0]))
    >>> m.row_count(x).register in m.tape([m.row_count(x)]).constants
    True
    """

    def __init__(self) -> None:
        """Start an empty tape whose inputs have known shapes."""
        super().__init__(stable=False)
        self._sizes: dict[int, Shape] = {}
        self._probabilities: set[int] = set()

    def known(self, name: str, value: Any) -> Ref:
        """Return the operand for an input of a known value: used are its shape, and whether its rows sum to 1."""
        return self.sized(name, shape_of(value), probabilities=_are_probabilities(value))

    def sized(self, name: str, shape: Shape, *, probabilities: bool = False) -> Ref:
        """Return the operand for an input of a known shape; `probabilities` says that its rows sum to 1."""
        ref = self.input(name)
        self._sizes[ref.register] = shape
        self._probabilities |= {ref.register} if probabilities else set()
        return ref

    def size(self, x: Ref | float) -> Shape:
        """Return the shape of a register."""
        return self._sizes.get(self.lift(x).register, ())

    def sums_to_1(self, x: Ref | float) -> bool:
        """Whether an input has rows that sum to 1."""
        return self.lift(x).register in self._probabilities

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, and the shape of its result."""
        result = super().value(op, operands)
        if result.register not in self._sizes:
            self._sizes[result.register] = op.shape(*map(self.size, operands))
        return result

    def back(self, op: Op, position: int, operands: Sequence[Ref], *, g: Any = None, beside: bool = False) -> Ref:
        """Return the VJP by the operand at a position in its shape, of the adjoint g, or of a number in its place.

        `beside` says that the operands are beside the operation's kink.
        """
        z = self.value(op, operands)
        adjoint = self.sized(ADJOINT, self.size(z)) if g is None else g
        rule = op.kink.beside if beside and op.kink else op.textbook.get(position)
        pulled = (
            rule(self.operations, adjoint, z, *operands)
            if rule
            else op.pull(self.operations, position, adjoint, z, *operands, stable=False)
        )
        return _sum_like(self, pulled, operands[position])


def _are_probabilities(value: Any) -> bool:
    """Whether the rows of an array sum to 1; larger entries are not added, as their sum can overflow."""
    return (
        is_array(value)
        and value.dtype.kind == "f"
        and bool(((value >= 0) & (value <= 1 + CLOSE)).all())
        and bool((abs(value.sum(axis=-1) - 1) < CLOSE).all())
    )


def _sum_like(m: Textbook, g: Ref | float, x: Ref | float) -> Ref:
    """Sum over the axes along which x was broadcast."""
    g, wanted, given = m.lift(g), m.size(x), m.size(g)
    more = len(given) - len(wanted)
    if more < 0:
        return g
    if more:
        g = m.lift(m.sum_along(g, axis=tuple(range(more)) if more > 1 else 0))
    axes = tuple(i for i, (a, b) in enumerate(zip(given[more:], wanted, strict=True)) if b == 1 < a)
    return m.lift(m.sum_along(g, axis=axes if len(axes) > 1 else axes[0], keepdims=True)) if axes else g


def _spread_like(m: Textbook, g: Ref | float, x: Ref | float, *, axis: Any = None, keepdims: bool = False) -> Ref:
    """Give a sum's adjoint the axes that were summed over; along them it is the same for all entries."""
    g, shape = m.lift(g), m.size(x)
    if keepdims or not m.size(g):
        return g
    axes = {i % len(shape) for i in ((axis,) if isinstance(axis, int) else axis)}
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return g if kept[len(axes) :] == m.size(g) and axes == {*range(len(axes))} else m.reshape(g, shape=kept)


def _sum_along(m: Textbook, x: Ref | float, *, axis: Any = None, keepdims: bool = False) -> Ref:
    """Sum along axes; of one-hot rows and other probabilities, along the last axis, the sum is 1."""
    ndim = len(m.size(x))
    if m.sums_to_1(x) and axis in (-1, ndim - 1):
        return m.lift(1)
    along = {"axis": axis, "keepdims": keepdims} if ndim > 1 else {}
    return m.value(SUM_ALONG.with_params(along), [x])


def _softmax(m: Textbook, x: Ref | float, *, axis: Any = -1) -> Ref:
    return m.value(SOFTMAX.with_params({"axis": axis} if len(m.size(x)) > 1 else {}), [x])


def _count_along(m: Textbook, x: Ref | float, *, axis: Any = None) -> Ref:
    shape = m.size(x)
    return m.lift(prod(shape) if axis is None else prod(shape[i] for i in axes_of(axis, len(shape))))


def _row_count(m: Textbook, x: Ref | float) -> Ref:
    return m.lift(prod(m.size(x)[:-1]))


def _first(m: Textbook, x: Ref | float, _like: Ref | float) -> Ref:
    """Return the first operand: what is broadcast, or has the other's shape already."""
    return m.lift(x)


def _broadcast_like(m: Textbook, x: Ref | float, like: Ref | float) -> Ref:
    """Return what broadcasts by itself; zeros that fill the rest of an array need their shape."""
    return m.sized(ZEROS, m.size(like)) if type(x) is int and not x else m.lift(x)


def _reshape_like(m: Textbook, g: Ref | float, x: Ref | float) -> Ref:
    return m.lift(g) if m.size(g) == m.size(x) else m.reshape(g, shape=m.size(x))


def _place_like(m: Textbook, _g: Ref | float, x: Ref | float, *, at: tuple[Any, ...]) -> Ref:
    """Stand for the adjoint of a part of an array by the part's index."""
    return m.sized(index_text(at), m.size(x))


def _head_like(m: Textbook, g: Ref | float, x: Ref | float, *, axis: int = 0) -> Ref:
    return _cut(m, g, axis, (None, m.size(x)[axis], None))


def _tail_like(m: Textbook, g: Ref | float, x: Ref | float, *, axis: int = 0) -> Ref:
    return _cut(m, g, axis, (m.size(x)[axis], None, None))


def _cut(m: Textbook, g: Ref | float, axis: int, part: tuple[int | None, ...]) -> Ref:
    shape = m.size(g)
    if part[:2] in {(None, shape[axis]), (0, None)}:
        return m.lift(g)
    whole = ((None, None, None),) * (axis % len(shape))
    return m.take(g, at=(*whole, part))  # type: ignore[no-any-return]


def _matmul_left(m: Textbook, g: Ref | float, x: Ref | float, y: Ref | float) -> Any:
    """Write the adjoint of x in x @ y as with matrices, and what that comes to for vectors and stacks of matrices."""
    g, x, y = m.lift(g), m.lift(x), m.lift(y)
    rows, columns = m.size(x), m.size(y)
    if len(columns) == 1:
        return m.outer(g, y) if len(rows) == MATRIX else _with_axis(m, g, -1, least=len(rows)) * y
    return (_with_axis(m, g, -2) if len(rows) == 1 and len(columns) > MATRIX else g) @ _transposed(m, y)


def _matmul_right(m: Textbook, g: Ref | float, x: Ref | float, y: Ref | float) -> Any:
    """Write the adjoint of y in x @ y."""
    g, x, y = m.lift(g), m.lift(x), m.lift(y)
    rows, columns = m.size(x), m.size(y)
    if len(rows) == 1:
        return m.outer(x, g) if len(columns) == MATRIX else _stacked_outer(m, x, g)
    if len(columns) == 1 and len(rows) > MATRIX:
        whole = _transposed(m, x) @ _with_axis(m, g, -1)
        return m.reshape(whole, shape=m.size(whole)[:-1])
    return _transposed(m, x) @ g


def _stacked_outer(m: Textbook, x: Ref, g: Ref) -> Any:
    column: Any = _with_axis(m, x, -1) if m.size(g) else x
    return column * _with_axis(m, g, -2)


def _with_axis(m: Textbook, g: Ref, place: int, *, least: int = 2) -> Any:
    """Return g with an axis of one entry before the last one, at -2, or behind it, at -1; a number as it is."""
    shape = m.size(g)
    if not shape or least < MATRIX:
        return g
    return m.reshape(g, shape=(*shape, 1) if place == -1 else (*shape[:-1], 1, shape[-1]))


def _transposed(m: Textbook, x: Ref) -> Any:
    """Return a matrix, or each of a stack of matrices, transposed."""
    axes = tuple(range(len(m.size(x))))
    return m.transpose(x) if len(axes) <= MATRIX else m.transpose(x, axes=(*axes[:-2], axes[-1], axes[-2]))


SPELLED: Final[Spellings] = {
    "sum_like": _sum_like,
    "spread_like": _spread_like,
    "broadcast_like": _broadcast_like,
    "reshape_like": _reshape_like,
    "place_like": _place_like,
    "head_like": _head_like,
    "tail_like": _tail_like,
    "matmul_left": _matmul_left,
    "matmul_right": _matmul_right,
    "sum_along": _sum_along,
    "softmax": _softmax,
    "count_along": _count_along,
    "row_count": _row_count,
    "one_hot": _first,
    "one_hot_back": _first,
    "less_sum": lambda m, *operands, **along: OPS["less_sum"].with_params(along).f(m.operations, *operands),
    "less_mean": lambda m, *operands, **along: OPS["less_mean"].with_params(along).f(m.operations, *operands),
}
"""How a helper operation is written where the shapes are known."""

Textbook.spellings = SPELLED
