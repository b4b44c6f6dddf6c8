"""What every namespace can do, and the value that stands where a number could not be."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from graphgrad.base.errors import DomainError
from graphgrad.ops.op import nothing
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.base.errors import ExpressionError
    from graphgrad.ops.op import Op

__all__ = ["Fault", "Namespace", "NotFiniteError", "OffDomainError", "Ordered", "Pullback"]


class Fault(Exception):  # noqa: N818  it is a value first: what stands where a number could not be
    """The value of an operation outside its domain: whatever touches it, raises it."""

    def __init__(
        self, op: Op, operands: Sequence[Any], reason: str, error: type[ExpressionError] = DomainError
    ) -> None:
        """Remember what was asked of which operands; a backward sweep that stops on it sets its `edge`."""
        super().__init__(reason)
        self.op, self.operands, self.reason, self.error = op, tuple(operands), reason, error
        self.edge: tuple[int, int] | None = None

    def _touch(self, *_: object) -> NoReturn:
        raise self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _touch
    __pow__ = __rpow__ = __neg__ = __abs__ = __float__ = __bool__ = __floor__ = __ceil__ = _touch
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _touch
    numerator = denominator = property(_touch)
    __hash__ = Exception.__hash__


class OffDomainError(ArithmeticError):
    """A result is no number of its namespace; it says why, and as which error that is told."""

    def __init__(self, reason: str, error: type[ExpressionError] = DomainError) -> None:
        """Keep what a `Fault` is told."""
        super().__init__(reason)
        self.reason, self.error = reason, error


class NotFiniteError(ArithmeticError):
    """Something among an array's entries is no finite number: they have to be read one by one."""


class Pullback:
    """The local derivative of an array: a linear map, which an adjoint is multiplied by to take it to an operand."""

    __slots__ = ("apply", "d")
    __array_ufunc__ = None

    def __init__(self, apply: Callable[[Any], Any], d: Any = None) -> None:
        """Keep the map, and what it multiplies by where it works entry by entry."""
        self.apply, self.d = apply, d

    def __rmul__(self, adjoint: Any) -> Any:
        """Return the operand's adjoint."""
        return self.apply(adjoint)


class Namespace:
    """Reads the rows of the table; the sweeps ask it for values and local derivatives."""

    stable = True

    def const(self, number: Fraction) -> Any:
        """Return an exact constant as a number of this namespace."""
        raise NotImplementedError

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read an operation's value."""
        return op.value(self, *operands, stable=self.stable)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read an operation's local derivative by one operand; a `Fault` where the row declares none."""
        if op.on_arrays:
            return self.pullback(op, position, z, operands)
        d = op.partial(self, position, z, *operands, stable=self.stable)
        return Fault(op, operands, "not known: this operand must be a constant") if d is None else d

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return the map from an array operation's adjoint to an operand's, in the operand's shape."""
        if op.rule(position) is nothing:
            return 0
        pull = partial(op.pull, self, position, stable=self.stable)
        return Pullback(lambda g: self.sum_like(pull(g, z, *operands), operands[position]))

    def __getattr__(self, name: str) -> Any:
        """Read from its row what the library does not have."""
        if name not in OPS:
            raise AttributeError(name)
        op = OPS[name]
        if op.options:
            return lambda *xs, **params: op.with_params(params).value(self, *xs, stable=self.stable)
        return partial(op.value, self, stable=self.stable)


class Ordered(Namespace):
    """Numbers that compare as Python's do."""

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return x where the condition is not 0, else y, which is then not touched at all."""
        return x if condition else y

    def lt(self, x: Any, y: Any) -> Any:
        """Return 1 where x < y, else 0."""
        return self.const(Fraction(x < y))

    def le(self, x: Any, y: Any) -> Any:
        """Return 1 where x ≤ y, else 0."""
        return self.const(Fraction(x <= y))

    def gt(self, x: Any, y: Any) -> Any:
        """Return 1 where x > y, else 0."""
        return self.const(Fraction(x > y))

    def ge(self, x: Any, y: Any) -> Any:
        """Return 1 where x ≥ y, else 0."""
        return self.const(Fraction(x >= y))

    def eq(self, x: Any, y: Any) -> Any:
        """Return 1 where x and y are equal, else 0."""
        return self.const(Fraction(bool(x == y)))

    def ne(self, x: Any, y: Any) -> Any:
        """Return 1 where x and y differ, else 0."""
        return self.const(Fraction(bool(x != y)))

    def sign(self, x: Any) -> Any:
        """Return −1, 0 or 1."""
        return self.const(Fraction((x > 0) - (x < 0)))

    def min(self, *xs: Any) -> Any:
        """Return the smallest."""
        return min(xs)

    def max(self, *xs: Any) -> Any:
        """Return the largest."""
        return max(xs)

    def abs(self, x: Any) -> Any:
        """Return the absolute value."""
        return abs(x)
