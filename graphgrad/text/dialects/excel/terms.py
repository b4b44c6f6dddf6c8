"""Define the numbers that Excel's functions are written over: arithmetic on them adds operations to what is built."""

from __future__ import annotations

from fractions import Fraction
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.ops.table import COMPARISON, OPERATIONS
from graphgrad.text.dialects.excel.references import Area
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphgrad.base.errors import ExpressionError
    from graphgrad.ops.op import Op
    from graphgrad.text.dialects.excel.references import Cell
    from graphgrad.text.statement import Span

__all__ = [
    "DIFFERENT",
    "DIVISION",
    "EQUAL",
    "MAX_QUOTED",
    "MISSING",
    "NOT_AVAILABLE",
    "Arithmetic",
    "CellError",
    "Cells",
    "Content",
    "Grid",
    "Missing",
    "Operand",
    "Refused",
    "Term",
    "Value",
]


MAX_QUOTED: Final = 40
"""The most characters that are quoted of a text."""

NOT_AVAILABLE: Final = "#N/A"
"""The error of what is not found."""


class Term:
    """A number: its node, whether it is TRUE or FALSE, and its value where the formula alone says it."""

    __slots__ = ("logical", "m", "node", "number")

    def __init__(self, m: Arithmetic, node: int, number: Fraction | None = None, *, logical: bool = False) -> None:
        """Refer to a node of what is being built."""
        self.m, self.node, self.number, self.logical = m, node, number, logical

    if TYPE_CHECKING:

        def __add__(self, other: Term | float | Fraction) -> Term: ...
        def __neg__(self) -> Term: ...

        __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __add__


class CellError(ExpressionSyntaxError):
    """An error that a cell would show, such as #N/A, so that IFERROR takes its second operand."""

    @property
    def is_missing(self) -> bool:
        """Whether it is #N/A."""
        return NOT_AVAILABLE in self.message


class Refused(NamedTuple):
    """What is not understood: an error, which is raised where the number is needed."""

    error: ExpressionError


class Missing:
    """An operand that is left out, as in `IF(a,,b)`."""


MISSING = Missing()

Content = Term | str | Refused | None
"""What a cell holds: a number, a text, something that is not understood, or nothing."""


class Grid(NamedTuple):
    """The results of arithmetic on ranges, row by row."""

    rows: tuple[tuple[Content, ...], ...]


Value = Content | Area | Grid | Missing
"""What a function is given, and what it gives."""


class Operand(NamedTuple):
    """An operand, and where it stands."""

    value: Value
    span: Span


class Cells(Protocol):
    """What a formula is read with: it says what cells hold, and takes the operations."""

    def operation(self, op: Op, nodes: tuple[int, ...], span: Span) -> int:
        """Add an operation; return its node."""

    def constant(self, number: Number, span: Span) -> int:
        """Add a number; return its node."""

    def operation_at(self, node: int) -> tuple[Op, tuple[int, ...]] | None:
        """Return the operation at a node, and its operands; None for a number or a cell."""

    def number_at(self, node: int) -> Fraction | None:
        """Return the number at a node; None for a cell or an operation."""

    def content(self, m: Arithmetic, cell: Cell, span: Span) -> Content:
        """Return what a cell holds."""

    def known(self, cell: Cell) -> Fraction | None:
        """Return the number that a cell holds as it is, without a formula; None for any other cell."""

    def used(self, area: Area, span: Span) -> Area | None:
        """Return the part of an area that has cells with something in them, None where that is nothing."""

    def filled(self, area: Area) -> Iterable[Cell]:
        """Yield the cells of a used area that have something in them, and perhaps others, row by row."""

    def named(self, m: Arithmetic, name: str, span: Span) -> Content | Area:
        """Return what a name means."""


class Arithmetic:
    """The namespace of Excel's functions: `m.log(x)` adds the operation, at the span of the call that is being read."""

    def __init__(self, cells: Cells, operations: Mapping[str, Op] = OPERATIONS) -> None:
        """Take what the operations are added to, and the table that names them.

        `failing` and `missing` say under which condition a node is an error, or #N/A, as far as that has been asked.
        """
        self.cells, self.operations = cells, operations
        self.span: Span = (0, 0)
        self.notes: list[str] = []
        self.failing: dict[int, Term | None] = {}
        self.missing: dict[int, Term | None] = {}
        self._constants: dict[Fraction, Term] = {}

    def __getattr__(self, name: str) -> Any:
        """Return an operation as a function, or the number that a constant is."""
        op = self.operations.get(name)
        if op is None:
            raise AttributeError(name)
        return partial(self.apply, op) if op.arity else self.apply(op)

    def apply(self, op: Op, *operands: Term | float | Fraction) -> Term:
        """Add an operation."""
        nodes = tuple([(x if isinstance(x, Term) else self.lift(x)).node for x in operands])
        return Term(self, self.cells.operation(op, nodes, self.span), logical=op.binds == COMPARISON)

    def lift(self, operand: Term | float | Fraction) -> Term:
        """Return an operand, a number as a constant."""
        if isinstance(operand, Term):
            return operand
        number = Fraction(operand)
        if number not in self._constants:
            text = str(number.numerator) if number.denominator == 1 else repr(float(number))
            self._constants[number] = self.literal(Number(number, text))
        return self._constants[number]

    def literal(self, number: Number, *, logical: bool = False) -> Term:
        """Add a number as it is written."""
        return Term(self, self.cells.constant(number, self.span), number.value, logical=logical)

    def truth(self, value: Term | int) -> Term:
        """Return a condition as TRUE or FALSE."""
        if isinstance(value, int):
            return self.literal(Number(Fraction(bool(value)), str(int(bool(value)))), logical=True)
        if value.logical:
            return value
        return Term(self, value.node, value.number, logical=True)

    def total(self, terms: Sequence[Term]) -> Term:
        """Return the sum of numbers, added from the left."""
        return reduce(add, terms) if terms else self.lift(0)


def _overload(op: Op) -> None:
    def forward(self: Term, *others: Term | float) -> Term:
        return self.m.apply(op, self, *others)

    def reflected(self: Term, other: Term | float) -> Term:
        return self.m.apply(op, other, self)

    setattr(Term, f"__{op.dunder}__", forward)
    if op.arity > 1:
        setattr(Term, f"__r{op.dunder}__", reflected)


for _op in OPERATIONS.values():
    if _op.dunder:
        _overload(_op)

EQUAL, DIFFERENT = (next(op for op in OPERATIONS.values() if sign in op.symbols) for sign in ("==", "!="))
"""The comparisons that texts have, too."""

DIVISION = next(op for op in OPERATIONS.values() if "/" in op.symbols)
"""What 0/0 is written with, which stands for #N/A."""
