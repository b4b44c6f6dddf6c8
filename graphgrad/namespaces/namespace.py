"""Define namespaces, which evaluate rules, and the `Fault` that replaces a value that does not exist."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import DomainError, GraphgradError
from graphgrad.ops.op import nothing
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

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
    "namespace_of",
    "refused_fault",
    "undefined",
    "unknown_derivative",
]


class Fault(Exception):  # noqa: N818  it is passed on as a value, and raised only when used
    """The value of an operation outside its domain: any arithmetic with it raises it."""

    def __init__(
        self, op: Op, operands: Sequence[Any], reason: str, error: type[ExpressionError] = DomainError
    ) -> None:
        """Take the operation and its operands; a backward sweep that stops at the fault sets its `edge`."""
        super().__init__(reason)
        self.op, self.operands, self.reason, self.error = op, tuple(operands), reason, error
        self.edge: tuple[int, int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what it is made of, for pickle and copies."""
        return type(self), (self.op, self.operands, self.reason, self.error), {"edge": self.edge}

    def _raise(self, *_: object) -> NoReturn:
        raise self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _raise
    __pow__ = __rpow__ = __neg__ = __abs__ = __float__ = __bool__ = __floor__ = __ceil__ = _raise
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _raise
    numerator = denominator = property(_raise)
    __hash__ = Exception.__hash__


class OffDomainError(ArithmeticError):
    """A result is no number of its namespace, with the reason and the class of the error to report."""

    def __init__(self, reason: str, error: type[ExpressionError] = DomainError) -> None:
        """Take the arguments of the `Fault` that it becomes."""
        super().__init__(reason)
        self.reason, self.error = reason, error


class NotFiniteError(ArithmeticError):
    """An array has an entry that is not finite, so that it must be computed entry by entry."""


class Pullback:
    """The local derivative of an array operation: a linear map; `adjoint * pullback` is the operand's contribution."""

    __slots__ = ("apply", "d")
    __array_ufunc__ = None

    def __init__(self, apply: Callable[[Any], Any], d: Any = None) -> None:
        """Take the map, and the factor of each entry if the operation works entry by entry."""
        self.apply, self.d = apply, d

    def __rmul__(self, adjoint: Any) -> Any:
        """Return the contribution to the operand's adjoint."""
        return self.apply(adjoint)


class Operations:
    """The operations of a namespace by name, which is all that a rule can use.

    `within` are the operations whose rules are being evaluated.
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

    def __call__(self, op: Op) -> Any:
        """Return a row of a user's table as a function, or the number that a constant is."""
        return self._namespace.function(op, self._within)


def namespace_of(m: Operations) -> Namespace:
    """Return the namespace whose operations a rule is given, for a rule that is read from a tape."""
    return m._namespace  # noqa: SLF001  a property would be taken for an operation of its name


class CachedOperations(Operations):
    """Operations that are cached after the first lookup."""

    def __getattr__(self, name: str) -> Any:
        """Return an operation and cache it."""
        if name not in OPS:
            raise AttributeError(name)
        operation = self._namespace.function(OPS[name], self._within)
        object.__setattr__(self, name, operation)
        return operation


class Namespace:
    """Evaluates the rules of operations; the sweeps call it for values and local derivatives.

    The table `spellings` maps an operation to the name of a function in `library`, or to a function of the namespace
    and the operands. An operation that is not in the table is evaluated by the rule in its own row.
    """

    stable = True
    spellings: Spellings = MappingProxyType({})
    library: Any = None

    @cached_property
    def operations(self) -> Operations:
        """The operations that rules call."""
        return CachedOperations(self)

    def quiet(self) -> AbstractContextManager[Any]:
        """Return a context in which numbers beyond the range raise no warning."""
        return nullcontext()

    def const(self, number: Fraction) -> Any:
        """Return an exact constant as a number of this namespace."""
        raise NotImplementedError

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value."""
        return op.value(self.operations, *operands, stable=self.stable)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return an operation's local derivative by one operand, or a `Fault` if its row declares none."""
        if op.on_arrays:
            return self.pullback(op, position, z, operands)
        d = op.partial(self.operations, position, z, *operands, stable=self.stable)
        return unknown_derivative(op, operands) if d is None else d

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return an array operation's `Pullback` from its adjoint to an operand's, in the operand's shape."""
        if op.rule(position) is nothing:
            return 0
        m = self.operations
        pull = partial(op.pull, m, position, stable=self.stable)
        return Pullback(lambda g: m.sum_like(pull(g, z, *operands), operands[position]))

    def function(self, op: Op, within: frozenset[Op] = frozenset()) -> Any:
        """Return an operation as a function of this namespace, or the number that a constant is.

        `within` are the operations whose rules are being evaluated; an operation among them is not defined by other
        operations, and is left to `unsupported`.
        """
        spelling = self.spellings.get(op.name)
        if isinstance(spelling, str):
            return getattr(self.library, spelling)
        if spelling is not None:
            return partial(spelling, self) if op.arity else spelling(self)
        return self.unsupported(op) if op in within else self._spelled_out(op, CachedOperations(self, within | {op}))

    def _spelled_out(self, op: Op, m: Operations) -> Any:
        """Return an operation as its rule in the row defines it."""
        if op.options:
            return lambda *xs, **params: op.with_params(params).value(m, *xs, stable=self.stable)
        return partial(op.value, m, stable=self.stable) if op.arity else op.value(m, stable=self.stable)

    def unsupported(self, op: Op) -> Any:
        """Raise the error for an operation that neither the table nor other operations define."""
        raise GraphgradError(f"there is no function for {op.name}, and its row does not say it in other operations")

    def __getattr__(self, name: str) -> Any:
        """Return an operation by name, unless an attribute of the namespace has that name; rules use `operations`."""
        if name not in OPS:
            raise AttributeError(name)
        return self.function(OPS[name])


def unknown_derivative(op: Op, operands: Sequence[Any]) -> Fault:
    """Return the `Fault` for a derivative that the row does not declare."""
    return Fault(op, operands, "not known: this operand must be a constant")


def undefined(op: Op, operands: Sequence[Any], reason: str, error: type[ExpressionError] = DomainError) -> Fault:
    """Return the `Fault` among the operands of an operation that failed, perhaps on another operand; else a new one."""
    fault = next((x for x in operands if isinstance(x, Fault)), None)
    return Fault(op, operands, reason, error) if fault is None else fault


def refused_fault(operands: Sequence[Any], error: TypeError) -> Fault:
    """Return the `Fault` among operands that a library refused with a `TypeError`; raise the error if there is none.

    A library such as mpmath does not know a `Fault`, and refuses it without the arithmetic that raises it.
    """
    fault = next((x for x in operands if isinstance(x, Fault)), None)
    if fault is None:
        raise error
    return fault


ORDERED: Final[Spellings] = {
    "where": lambda _m, condition, x, y: x if condition else y,  # the branch not taken may be a `Fault`
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
"""The operations on numbers that Python's comparisons order."""


class Ordered(Namespace):
    """Numbers that Python's comparisons order."""

    spellings = ORDERED
