"""Find small shapes of the same structure on which a rule on arrays is checked, and name them in its row."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from graphgrad.check.report import Row
from graphgrad.ops.shapes import MisfitError, shape_text
from graphgrad.ops.small_shapes import SMALL_INVERSES, SMALL_WINDOWS

if TYPE_CHECKING:
    from graphgrad.check.array_probes import Shapes
    from graphgrad.ops.op import Op

__all__ = ["of_shape", "operand_names", "smaller", "without_shape"]

MAX_SYMBOLS: Final = 16
"""The most entries of all operands together for which a rule is checked on the node's own shape."""

MAX_OF_WINDOWS: Final = 150
"""The same where windows need their size: their rules are linear, which takes sympy less time."""

SMALLEST: Final = 2
"""The size of the smallest reduced axis."""

MAX_SHOWN: Final = 4
"""The most shapes in a message."""


def operand_names(count: int) -> list[str]:
    """Return the names of operands in messages.

    >>> operand_names(2), operand_names(4)
    (['x', 'y'], ['x0', 'x1', 'x2', 'x3'])
    """
    return [*"xyz"[:count]] if count <= len("xyz") else [f"x{i}" for i in range(count)]


def smaller(op: Op, own: Shapes) -> Shapes | None:
    """Return the operands' shapes if small, else smaller ones of the same structure; None where there are none.

    Axes of equal size stay equal, and others different where that is small enough; a size of 1 stays 1.

    >>> from graphgrad.ops.table import OPS
    >>> smaller(OPS["matmul"], ((100, 64), (64, 50)))
    ((4, 3), (3, 2))
    """
    known, is_small = getattr(op.shape, "func", op.shape), _entries(own) <= MAX_SYMBOLS
    rule = SMALL_INVERSES.get(known) or (None if is_small else SMALL_WINDOWS.get(known))
    if rule and _fits(op, own):
        shapes = rule(*own, **dict(op.params))
        return shapes if _entries(shapes) <= MAX_OF_WINDOWS and _fits(op, shapes) else None
    if is_small and _fits(op, own):
        return own
    sizes = sorted({size for shape in own for size in shape if size > SMALLEST})
    free = [size for size in range(SMALLEST, SMALLEST + 2 * len(sizes) + 2) if not any(size in shape for shape in own)]
    renamed = [{size: free[min(i, most - 1)] for i, size in enumerate(sizes)} for most in (len(sizes), 2, 1)]
    for small in (*renamed, dict.fromkeys(sizes, SMALLEST)):
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


def without_shape(level: str, subject: str, own: Shapes) -> Row:
    """Return the row of a rule whose shapes have no smaller ones of their structure."""
    return Row(level, f"{subject} on {_shapes_text(own)}", "not attempted", note="no small shape has its structure")


def of_shape(row: Row, subject: str, own: Shapes, small: Shapes) -> Row:
    """Return a row on the shape that was checked, with the subject in writing."""
    where = f"{subject} on {_shapes_text(small)}" + (f" for {_shapes_text(own)}" if small != own else "")
    return row._replace(level=row.level if small == own else f"{row.level}, smaller", subject=where)


def _shapes_text(shapes: Shapes) -> str:
    return ", ".join(map(shape_text, shapes[:MAX_SHOWN])) + ", …" * (len(shapes) > MAX_SHOWN)
