"""Runs a tape in another array library: JAX, PyTorch, Dask, CuPy, and whatever follows the array API standard.

The standard is that of https://data-apis.org/array-api/. Nothing is computed outside the library, so its devices, its
laziness and its tracing stay what they are: a compiled function may stand inside `jax.jit`.
"""

from __future__ import annotations

import importlib
import sys
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.optimize.lowering import Rows, lean
from graphgrad.namespaces.namespace import Namespace
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["library_of", "run_in"]

STANDARD: Final = """
    abs acos acosh asin asinh atan atan2 atanh ceil cos cosh exp expm1 floor hypot log log10 log1p log2 sign sin sinh
    sqrt tan tanh
"""
"""The functions of the array API standard that the field shares."""

OFTEN: Final = """
    digamma erf erfc
"""
"""Functions that most libraries have besides."""

KNOWN: Final = frozenset((STANDARD + OFTEN).split())

SPECIAL: Final = {"cupy": "cupyx.scipy.special", "dask": "scipy.special", "jax": "jax.scipy.special"}
"""Where a library keeps the special ones, if not among the others."""


def library_of(values: Iterable[Any]) -> Any:
    """Return the namespace of functions of the first array that is not one of NumPy's; None where all are.

    >>> library_of([2.0, [1, 2]]) is None
    True
    """
    for value in values:
        package = type(value).__module__.partition(".")[0]
        if hasattr(value, "shape") and package != "numpy":
            own = getattr(value, "__array_namespace__", None)
            return own() if own else sys.modules[{"dask": "dask.array"}.get(package, package)]
    return None


def run_in(library: Any, tape: Tape, at: Mapping[str, Any], wrt: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    """Return value and gradient, row by row, as arrays of the library, all of one shape."""
    import numpy as np

    arrays = {name: x for name, x in at.items() if hasattr(x, "shape")}
    m = _Arrays(library, next(iter(arrays.values())))
    short = lean(tape, m.knows, m.title, Rows)
    inputs = {name: m.number(at[name]) for name in short.inputs if name in at}
    with np.errstate(all="ignore"):  # a library may stand on NumPy
        values = forward(short, m, inputs)
    whole = reduce(lambda x, y: x + y, map(m.zeros, arrays.values()))
    value, *partials = (values[register] + whole for register in short.outputs)
    return value, dict(zip(wrt, partials, strict=True))


class _Arrays(Namespace):
    """An array library's functions, found by an operation's name or alias; numbers stand as arrays without axes."""

    def __init__(self, library: Any, like: Any) -> None:
        self._library = library
        self.title = library.__name__
        self._zero = library.sum(self.zeros(like))

    def zeros(self, like: Any) -> Any:
        """Return zeros in an array's shape; floats where it holds integers."""
        return self._library.zeros_like(like) * 1.0

    def number(self, value: Any) -> Any:
        """Return a number, or an array of integers, as an array of floats: not every function takes numbers."""
        whole = any(kind in str(getattr(value, "dtype", "")) for kind in ("int", "bool"))
        return value * 1.0 if whole else value if hasattr(value, "shape") else self._zero + float(value)

    def const(self, number: Fraction) -> float:
        """Return a constant as a number: beside an array it takes the array's type."""
        return float(number)

    def knows(self, op: Op) -> bool:
        """Whether the library has a function for an operation, or Python an operator."""
        return op.dunder != "" or hasattr(type(self), op.name) or self._found(op) is not None

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Apply an operation."""
        if hasattr(type(self), op.name):
            return getattr(self, op.name)(*operands)
        found = self._found(op)
        return found(*map(self.number, operands)) if found else op.value(self, *operands)

    def _found(self, op: Op) -> Callable[..., Any] | None:
        if op.name not in KNOWN:
            return None
        return self._named(op.name, *op.aliases)

    def _named(self, *names: str) -> Callable[..., Any] | None:
        found = (getattr(place, name, None) for name in names for place in (self._library, self._special))
        return next(filter(callable, found), None)

    @cached_property
    def _special(self) -> Any:
        package = self.title.partition(".")[0]
        try:
            return importlib.import_module(SPECIAL.get(package, f"{package}.special"))
        except ImportError:
            return None

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self._library.where(condition != 0, self.number(x), self.number(y))

    def _indicator(self, holds: Any) -> Any:
        return self._library.where(holds, self._zero + 1.0, self._zero)

    def lt(self, x: Any, y: Any) -> Any:
        return self._indicator(x < y)

    def le(self, x: Any, y: Any) -> Any:
        return self._indicator(x <= y)

    def gt(self, x: Any, y: Any) -> Any:
        return self._indicator(x > y)

    def ge(self, x: Any, y: Any) -> Any:
        return self._indicator(x >= y)

    def eq(self, x: Any, y: Any) -> Any:
        return self._indicator(x == y)

    def ne(self, x: Any, y: Any) -> Any:
        return self._indicator(x != y)

    def min(self, *xs: Any) -> Any:
        return reduce(self._library.minimum, map(self.number, xs))

    def max(self, *xs: Any) -> Any:
        return reduce(self._library.maximum, map(self.number, xs))

    def pow(self, x: Any, y: Any) -> Any:
        return x**y

    def cbrt(self, x: Any) -> Any:
        found = self._named(self.cbrt.__name__)
        return found(x) if found else self._library.sign(x) * self._library.abs(x) ** (1 / 3)

    def lgamma(self, x: Any) -> Any:
        return self._required("gammaln")(x)

    def gamma(self, x: Any) -> Any:
        """Return the library's own, or else |gamma| with the sign that the floor's parity tells."""
        if found := self._named(self.gamma.__name__):
            return found(x)
        below = self._library.floor(x)
        return self._library.exp(self.lgamma(x)) * self.where(x < 0, 1.0 - 2.0 * (below % 2.0), 1.0)

    def polygamma(self, n: Any, x: Any) -> Any:
        return self._required(self.polygamma.__name__)(int(n), x)

    def _required(self, name: str) -> Callable[..., Any]:
        found = self._named(name)
        if found is None:
            raise GraphgradError(f"{self.title} has no function {name}", hint="give NumPy arrays")
        return found
