"""What every namespace can do, and the value that stands where a number could not be."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import DomainError, GraphgradError
from graphgrad.ops.op import nothing
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.base.errors import ExpressionError
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = [
    "ORDERED",
    "CachedOperations",
    "Fault",
    "Namespace",
    "NotFiniteError",
    "OffDomainError",
    "Operations",
    "Ordered",
    "Pullback",
    "unknown",
]


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


class Operations:
    """What a rule sees of a namespace: the operations by their names, and nothing else.

    `within` are the operations that are being read from their rows.
    """

    __slots__ = ("_namespace", "_within")

    def __init__(self, namespace: Namespace, within: frozenset[Op] = frozenset()) -> None:
        self._namespace, self._within = namespace, within

    def __getattr__(self, name: str) -> Any:
        """Return an operation as a function, or the number that a constant is."""
        op = OPS.get(name)
        if op is None:
            raise AttributeError(name)
        return self._namespace.function(op, self._within)


class CachedOperations(Operations):
    """The same, each operation looked up once."""

    def __getattr__(self, name: str) -> Any:
        """Return an operation, and keep it."""
        found = super().__getattr__(name)
        object.__setattr__(self, name, found)
        return found


class Namespace:
    """Reads the rows of the table; the sweeps ask it for values and local derivatives.

    An operation is what the table `spellings` says: the name of a function of `library`, or a function of the namespace
    and the operands. What the table does not name is read from the operation's own row.
    """

    stable = True
    spellings: Spellings = MappingProxyType({})
    library: Any = None

    @cached_property
    def operations(self) -> Operations:
        """What rules are read with."""
        return CachedOperations(self)

    def const(self, number: Fraction) -> Any:
        """Return an exact constant as a number of this namespace."""
        raise NotImplementedError

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read an operation's value."""
        return op.value(self.operations, *operands, stable=self.stable)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read an operation's local derivative by one operand; a `Fault` where the row declares none."""
        if op.on_arrays:
            return self.pullback(op, position, z, operands)
        d = op.partial(self.operations, position, z, *operands, stable=self.stable)
        return unknown(op, operands) if d is None else d

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return the map from an array operation's adjoint to an operand's, in the operand's shape."""
        if op.rule(position) is nothing:
            return 0
        m = self.operations
        pull = partial(op.pull, m, position, stable=self.stable)
        return Pullback(lambda g: m.sum_like(pull(g, z, *operands), operands[position]))

    def function(self, op: Op, within: frozenset[Op] = frozenset()) -> Any:
        """Return an operation as a function of this namespace, or the number that a constant is.

        `within` are operations that are being read from their rows: where one of them is asked for, its row says no
        more than its own name.
        """
        spelling = self.spellings.get(op.name)
        if isinstance(spelling, str):
            return getattr(self.library, spelling)
        if spelling is not None:
            return partial(spelling, self) if op.arity else spelling(self)
        return self.lacking(op) if op in within else self._spelled_out(op, CachedOperations(self, within | {op}))

    def _spelled_out(self, op: Op, m: Operations) -> Any:
        """Return an operation as its row says it."""
        if op.options:
            return lambda *xs, **params: op.with_params(params).value(m, *xs, stable=self.stable)
        return partial(op.value, m, stable=self.stable) if op.arity else op.value(m, stable=self.stable)

    def lacking(self, op: Op) -> Any:
        """Raise the error for an operation that is not made of others, and that no table spells."""
        raise GraphgradError(f"there is no function for {op.name}, and its row does not say it in other operations")

    def __getattr__(self, name: str) -> Any:
        """Return an operation whose name no attribute of the namespace has; rules are read with `operations`."""
        if name not in OPS:
            raise AttributeError(name)
        return self.function(OPS[name])


def unknown(op: Op, operands: Sequence[Any]) -> Fault:
    """Return what stands for a derivative that the row does not declare."""
    return Fault(op, operands, "not known: this operand must be a constant")


ORDERED: Final[Spellings] = {
    "where": lambda _m, condition, x, y: x if condition else y,  # the other one is not touched at all
    "lt": lambda m, x, y: m.const(Fraction(x < y)),
    "le": lambda m, x, y: m.const(Fraction(x <= y)),
    "gt": lambda m, x, y: m.const(Fraction(x > y)),
    "ge": lambda m, x, y: m.const(Fraction(x >= y)),
    "eq": lambda m, x, y: m.const(Fraction(bool(x == y))),
    "ne": lambda m, x, y: m.const(Fraction(bool(x != y))),
    "sign": lambda m, x: m.const(Fraction((x > 0) - (x < 0))),
    "min": lambda _m, *xs: min(xs),
    "max": lambda _m, *xs: max(xs),
    "abs": lambda _m, x: abs(x),
}
"""Operations on numbers that compare as Python's do."""


class Ordered(Namespace):
    """Numbers that compare as Python's do."""

    spellings = ORDERED
