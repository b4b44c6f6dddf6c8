"""Compute with arrays: float64 in NumPy's loops, other numbers entry by entry."""

from __future__ import annotations

import math
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces import special
from graphgrad.namespaces.array_matrices import IN_LAPACK
from graphgrad.namespaces.array_structure import STRUCTURE, Structure, entries_along
from graphgrad.namespaces.array_values import as_floats
from graphgrad.namespaces.namespace import Fault, Namespace, NotFiniteError, OffDomainError, Pullback
from graphgrad.namespaces.special_floats import SPECIAL_FLOATS
from graphgrad.ops.op import nothing
from graphgrad.ops.targets import NUMPY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.namespaces.kind import Kind
    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings

__all__ = ["ARRAYS", "IN_FLOATS", "Arrays", "Entrywise", "largest", "namespace_of_arrays"]


def _entry_by_entry(m: Arrays, f: Any) -> Any:
    """Return a function of floats as one of arrays, nan where it raises."""

    def quiet(*xs: float) -> float:
        try:
            return float(f(*xs))
        except (ValueError, OverflowError, ZeroDivisionError):
            return math.nan

    return lambda *xs: m.np.asarray(m.np.frompyfunc(quiet, len(xs), 1)(*xs), m.dtype)


def largest(m: Arrays, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    """Return the largest entries along axes."""
    return m.np.maximum.reduce(x, axis=axis, keepdims=keepdims)


def _smallest(m: Arrays, x: Any, *, axis: int | Shape | None = None, keepdims: bool = False) -> Any:
    return m.np.minimum.reduce(x, axis=axis, keepdims=keepdims)


def _count(m: Arrays, x: Any, *, axis: int | Shape | None = None) -> Any:
    return m.dtype(m.np.size(x)) if axis is None else entries_along(m, x, axis=axis)


def _entries_of(f: Any) -> Any:
    """Return a function of floats as one of a namespace and arrays."""
    return lambda m, *xs: _entry_by_entry(m, f)(*xs)


IN_FLOATS: Final[Spellings] = {
    "erf": lambda m, x: _entry_by_entry(m, math.erf)(x),
    "erfc": lambda m, x: _entry_by_entry(m, math.erfc)(x),
    "gamma": lambda m, x: _entry_by_entry(m, math.gamma)(x),
    "lgamma": lambda m, x: _entry_by_entry(m, special.log_gamma)(x),
    "digamma": lambda m, x: _entry_by_entry(m, special.digamma)(x),
    "polygamma": lambda m, n, x: _entry_by_entry(m, special.polygamma)(n, x),
    **{name: _entries_of(f) for name, f in SPECIAL_FLOATS.items()},
}
"""The functions that NumPy lacks, computed in Python's floats whatever the type of the entries is."""

ARRAYS: Final[Spellings] = {
    **STRUCTURE,
    **NUMPY,
    "pi": "pi",
    "abs": "abs",
    "sign": "sign",
    "where": "where",
    "amax": largest,
    "amin": _smallest,
    "row_count": lambda m, x: m.dtype(math.prod(m.np.shape(x)[:-1])),
    "count_along": _count,
    "max": lambda m, *xs: reduce(m.np.maximum, xs),
    "min": lambda m, *xs: reduce(m.np.minimum, xs),
    "lt": lambda m, x, y: m.dtype(1) * (x < y),
    "le": lambda m, x, y: m.dtype(1) * (x <= y),
    "gt": lambda m, x, y: m.dtype(1) * (x > y),
    "ge": lambda m, x, y: m.dtype(1) * (x >= y),
    "eq": lambda m, x, y: m.dtype(1) * (x == y),
    "ne": lambda m, x, y: m.dtype(1) * (x != y),
    **IN_FLOATS,
    **IN_LAPACK,
}
"""NumPy's functions, and functions for the operations that it lacks or restricts to two operands."""


class Arrays(Structure):
    """Arrays of float64 in NumPy's loops: the fast path, which raises `NotFiniteError` for an entry that is not finite.

    >>> from graphgrad.namespaces.array_values import as_array
    >>> from graphgrad.ops.table import OPS
    >>> Arrays().value(OPS["exp"], [as_array([0, 1])])
    array([1.        , 2.71828183])
    """

    spellings = ARRAYS

    def __init__(self, dtype: str = "float64") -> None:
        """Load NumPy."""
        super().__init__()
        self.dtype = self.np.dtype(dtype).type

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what it is made of, for pickle and copies."""
        return type(self), (self.dtype.__name__,)

    def const(self, number: Fraction) -> Any:
        """Return the nearest float."""
        return self.dtype(float(number))

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value; a division by 0 within it is refused, as it is for single numbers."""
        with self.np.errstate(all="ignore", divide="ignore" if op.on_arrays else "raise"):
            return self._finite(lambda: op.value(self.operations, *operands))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative as a `Pullback`: the linear map from the value's adjoint to the operand's."""
        partial = super().partial
        with self.np.errstate(all="ignore"):
            d = self._computed(lambda: partial(op, position, z, operands))
        if isinstance(d, (Pullback, Fault)) or (type(d) is int and d == 0):
            return d
        d = self._finite(lambda: d)
        return Pullback(lambda g: self.operations.sum_like(g * d, operands[position]), d)

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return an array operation's pullback, which raises `NotFiniteError` for an entry that is not finite."""
        pullback = super().pullback(op, position, z, operands)
        return Pullback(lambda g: self._quiet(pullback, g)) if isinstance(pullback, Pullback) else pullback

    def _quiet(self, pullback: Pullback, g: Any) -> Any:
        with self.np.errstate(all="ignore"):
            return self._finite(lambda: g * pullback)

    def _computed(self, compute: Any) -> Any:
        """Return what is computed; where numbers beside arrays raise, as 1/0 does, raise `NotFiniteError`."""
        try:
            return compute()
        except (ArithmeticError, ValueError) as error:
            raise NotFiniteError from error

    def _finite(self, compute: Any) -> Any:
        array = self._computed(lambda: self.np.asarray(compute(), self.dtype))
        if not self.np.isfinite(array).all():
            raise NotFiniteError
        return array[()]


class Entrywise(Structure):
    """Arrays of fractions, sympy expressions or numbers of many digits, computed entry by entry in their namespace.

    With floats it is the fallback of `Arrays`: an entry without a value is a `Fault`, as it is for single numbers.

    >>> import numpy as np
    >>> from graphgrad.namespaces.floats import Floats
    >>> from graphgrad.ops.table import OPS
    >>> Entrywise(Floats()).value(OPS["log"], [np.array([1.0, -1.0], dtype=object)])
    array([0.0, Fault('not defined')], dtype=object)

    Each entry has its own local derivative. An adjoint that is the integer 0 gives the contribution 0 without touching
    it: in `where(x > 0, sqrt(x), 0)`, the second entry of the square root has no derivative and gets the adjoint 0:

    >>> m, x = Entrywise(Floats()), np.array([4.0, -1.0], dtype=object)
    >>> d = m.partial(OPS["sqrt"], 0, m.value(OPS["sqrt"], [x]), [x])
    >>> np.array([1.0, 0], dtype=object) * d
    array([0.25, 0], dtype=object)
    """

    def __init__(self, entries: Namespace) -> None:
        """Load NumPy, and set the namespace of the entries."""
        super().__init__()
        self.entries, self.stable = entries, entries.stable

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what it is made of, for pickle and copies."""
        return type(self), (self.entries,)

    def const(self, number: Fraction) -> Any:
        """Return a constant of the entries' namespace."""
        return self.entries.const(number)

    def lift(self, value: Any) -> Any:
        """Return an array of floats as an array of the namespace's numbers."""
        from fractions import Fraction

        return self._each(lambda x: self.entries.const(Fraction(x)))(value)

    def function(self, op: Op, within: frozenset[Op] = frozenset()) -> Any:
        """Return an operation as a function; an operation on numbers is applied to each entry."""
        if op.on_arrays:
            return super().function(op, within)
        function = self.entries.function(op)
        return self._each(function) if op.arity else function

    def _each(self, f: Any) -> Any:
        def each(*xs: Any) -> Any:
            with self.np.errstate(all="ignore"):  # Python's floats set flags that NumPy would warn about
                return self.np.frompyfunc(f, len(xs), 1)(*xs)

        return each

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value; an operation on numbers is applied to each entry."""
        if not op.on_arrays:
            return self._each(lambda *xs: self.entries.value(op, xs))(*operands) if operands else self._constant(op)
        fault = _whole_fault(operands)
        if fault is not None:
            return fault
        value = super().value
        return self._guarded(
            op,
            operands,
            lambda: value(op, operands),
            lambda m: op.value(m.operations, *map(as_floats, operands)),
        )

    def _constant(self, op: Op) -> Any:
        return self.entries.value(op, [])

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative as a `Pullback`: the linear map from the value's adjoint to the operand's."""
        if op.on_arrays:
            return self.pullback(op, position, z, operands)
        if op.rule(position) is nothing:
            return 0
        d = self._each(lambda z, *xs: self._entry_partial(op, position, z, xs))(z, *operands)
        return Pullback(lambda g: self.operations.sum_like(self._each(_contribution)(g, d), operands[position]), d)

    def _entry_partial(self, op: Op, position: int, z: Any, xs: Sequence[Any]) -> Any:
        try:
            return self.entries.partial(op, position, z, xs)
        except Fault as fault:
            return fault

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return an array operation's pullback, which raises a `Fault` where its result does not exist."""
        pullback = super().pullback(op, position, z, operands)
        if not isinstance(pullback, Pullback):
            return pullback

        fault = _whole_fault([z, *operands])

        def in_loops(m: Any, g: Any) -> Any:
            return m.sum_like(op.pull(m, position, *map(as_floats, (g, z, *operands))), operands[position])

        def apply(g: Any) -> Any:
            if fault is not None:
                self._each(_contribution)(g, fault)  # raises the fault unless nothing flows back
                return self.np.zeros(self.np.shape(operands[position]), dtype=object)[()]
            pulled = self._guarded(op, operands, lambda: g * pullback, lambda m: in_loops(m.operations, g))
            if isinstance(pulled, Fault):
                raise pulled
            return pulled

        return Pullback(apply)

    def _guarded(self, op: Op, operands: Sequence[Any], compute: Callable[[], Any], in_loops: Any) -> Any:
        """Return the computed array, or a `Fault` where the computation raises.

        Where a float overflows, Python raises an error, and NumPy's loops give infinity.
        """
        as_faults = self._each(lambda x: self._nan_as_fault(op, operands, x))
        try:
            with self.np.errstate(all="ignore"):
                return as_faults(compute())
        except OffDomainError as error:
            return Fault(op, operands, error.reason, error.error)
        except OverflowError:
            with self.np.errstate(all="ignore"):
                return as_faults(in_loops(_arrays("float64")))
        except ZeroDivisionError:
            return Fault(op, operands, "not defined")
        except ValueError as error:
            return Fault(op, operands, str(error) if str(error).startswith("not defined:") else "not defined")
        except Fault as fault:
            return fault

    def _nan_as_fault(self, op: Op, operands: Sequence[Any], x: Any) -> Any:
        return Fault(op, operands, "indeterminate") if isinstance(x, float) and math.isnan(x) else x


def _whole_fault(operands: Sequence[Any]) -> Fault | None:
    """Return the first operand that is a `Fault` as a whole, not entry by entry."""
    return next((x for x in operands if isinstance(x, Fault)), None)


def _contribution(adjoint: Any, d: Any) -> Any:
    # The integer 0 gives 0 even if the other factor is infinite or a `Fault`: nothing flows back along the edge.
    if (type(adjoint) is int and adjoint == 0) or (type(d) is int and d == 0):
        return 0
    return adjoint * d


def namespace_of_arrays(kind: Kind) -> Structure:
    """Return the namespace for arrays of a kind of number: NumPy's loops if it has a dtype, else entry by entry.

    >>> from graphgrad.namespaces.floats import FLOATS
    >>> type(namespace_of_arrays(FLOATS)).__name__
    'Arrays'
    """
    return _arrays(kind.dtype) if kind.dtype else Entrywise(kind.namespace)


@cache
def _arrays(dtype: str) -> Arrays:
    return Arrays(dtype)
