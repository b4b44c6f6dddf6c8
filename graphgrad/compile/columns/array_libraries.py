"""Run a tape in another array library: JAX, PyTorch, Dask, CuPy, and any that follows the array API standard.

The standard is https://data-apis.org/array-api/. Nothing is computed outside the library, so that its devices, lazy
evaluation and tracing keep working: a compiled function may be called inside `jax.jit`.
"""

from __future__ import annotations

import importlib
import sys
from functools import cached_property, partial, reduce
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.optimize.lowering import ROW_REWRITES, lowered
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.table import OPS
from graphgrad.ops.targets import LIBM, NUMPY
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["library_of", "run_in"]

SPECIAL: Final = {"cupy": "cupyx.scipy.special", "dask": "scipy.special", "jax": "jax.scipy.special"}
"""The module of a library's special functions, where they are not among its others."""


def library_of(values: Iterable[Any]) -> Any:
    """Return the namespace of the first array that is not NumPy's; None where there is none.

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
    tape = lowered(tape, m.knows, m.title, ROW_REWRITES)
    inputs = {name: m.number(at[name]) for name in tape.inputs if name in at}
    with np.errstate(all="ignore"):  # a library may call NumPy
        values = forward(tape, m, inputs)
    full_shape = reduce(lambda x, y: x + y, map(m.zeros, arrays.values()))
    value, *partials = (values[register] + full_shape for register in tape.outputs)
    return value, dict(zip(wrt, partials, strict=True))


class _Arrays(Namespace):
    """The namespace of an array library; a number is an array without axes."""

    def __init__(self, library: Any, like: Any) -> None:
        self.library: Any = library
        self.title = library.__name__
        self._zero = library.sum(self.zeros(like))

    def zeros(self, like: Any) -> Any:
        """Return zeros in an array's shape; floats where it holds integers."""
        return self.library.zeros_like(like) * 1.0

    def number(self, value: Any) -> Any:
        """Return a number or an array of integers as an array of floats: not every function takes numbers."""
        whole = any(kind in str(getattr(value, "dtype", "")) for kind in ("int", "bool"))
        return value * 1.0 if whole else value if hasattr(value, "shape") else self._zero + float(value)

    def const(self, number: Fraction) -> float:
        """Return a constant as a float, which takes the type of the array it is combined with."""
        return float(number)

    def knows(self, op: Op) -> bool:
        """Whether an operation is a function of the library, or is made of its functions."""
        return self._function(op) is not None

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Apply an operation."""
        function = self._function(op)
        if function is None:
            raise GraphgradError(f"{self.title} has no function {op.spoken}", hint="give NumPy arrays")
        return function(*operands)

    def _function(self, op: Op) -> Callable[..., Any] | None:
        for spelling in LIBRARIES.get(op.name, ()):
            if callable(spelling):
                return partial(spelling, self)
            if function := self.named(spelling):
                return partial(self._called, function)
        return None

    def _called(self, function: Callable[..., Any], *operands: Any) -> Any:
        return function(*map(self.number, operands))

    def named(self, name: str) -> Callable[..., Any] | None:
        """Return a function of the library; None where it has none."""
        candidates = (getattr(module, name, None) for module in (self.library, self._special))
        return next(filter(callable, candidates), None)

    def required(self, name: str) -> Callable[..., Any]:
        """Return a function of the library; `GraphgradError` where it has none."""
        function = self.named(name)
        if function is None:
            raise GraphgradError(f"{self.title} has no function {name}", hint="give NumPy arrays")
        return function

    @cached_property
    def _special(self) -> Any:
        package = self.title.partition(".")[0]
        try:
            return importlib.import_module(SPECIAL.get(package, f"{package}.special"))
        except ImportError:
            return None

    def indicator(self, holds: Any) -> Any:
        """Return 1 where a comparison holds, else 0."""
        return self.library.where(holds, self._zero + 1.0, self._zero)


def _cube_root(m: _Arrays, x: Any) -> Any:
    return m.library.sign(x) * m.library.abs(x) ** (1 / 3)


def _gamma(m: _Arrays, x: Any) -> Any:
    """Return |gamma| with its sign, which for negative numbers is the parity of their floor."""
    below = m.library.floor(x)
    return m.library.exp(_log_gamma(m, x)) * _choice(m, x < 0, 1.0 - 2.0 * (below % 2.0), 1.0)


def _log_gamma(m: _Arrays, x: Any) -> Any:
    return m.required("gammaln")(x)


def _choice(m: _Arrays, condition: Any, x: Any, y: Any) -> Any:
    return m.library.where(condition != 0, m.number(x), m.number(y))


def _gamma_density(m: _Arrays, a: Any, x: Any) -> Any:
    return m.library.exp((m.number(a) - 1.0) * m.library.log(m.number(x)) - x - _log_gamma(m, m.number(a)))


def _beta_density(m: _Arrays, a: Any, b: Any, x: Any) -> Any:
    a, b, x = m.number(a), m.number(b), m.number(x)
    below = _log_gamma(m, a) + _log_gamma(m, b) - _log_gamma(m, a + b)
    return m.library.exp((a - 1.0) * m.library.log(x) + (b - 1.0) * m.library.log1p(-x) - below)


COMPOSED: Final[Spellings] = {
    "add": lambda _m, x, y: x + y,
    "sub": lambda _m, x, y: x - y,
    "mul": lambda _m, x, y: x * y,
    "div": lambda _m, x, y: x / y,
    "neg": lambda _m, x: -x,
    "pow": lambda _m, x, y: x**y,
    "lt": lambda m, x, y: m.indicator(x < y),
    "le": lambda m, x, y: m.indicator(x <= y),
    "gt": lambda m, x, y: m.indicator(x > y),
    "ge": lambda m, x, y: m.indicator(x >= y),
    "eq": lambda m, x, y: m.indicator(x == y),
    "ne": lambda m, x, y: m.indicator(x != y),
    "where": _choice,
    "min": lambda m, *xs: reduce(m.library.minimum, map(m.number, xs)),
    "max": lambda m, *xs: reduce(m.library.maximum, map(m.number, xs)),
    "lgamma": _log_gamma,
    "polygamma": lambda m, n, x: m.required("polygamma")(int(n), x),
}
"""Operations made of Python's operators and of the library's functions."""

LIBRARIES: Final[Spellings] = {
    **{name: (function, NUMPY[name]) for name, function in LIBM.items()},
    **{name: (function,) for name, function in COMPOSED.items()},
    "abs": ("abs",),
    "sign": ("sign",),
    "erf": ("erf",),
    "erfc": ("erfc",),
    "digamma": ("digamma", "psi"),
    "cbrt": ("cbrt", _cube_root),
    "gamma": ("gamma", _gamma),
    "factorial": (lambda m, x: m.value(OPS["gamma"], [m.number(x) + 1.0]),),
    "betaln": ("betaln",),
    "beta": ("beta",),
    "gammainc": ("gammainc",),
    "gammaincc": ("gammaincc",),
    "betainc": ("betainc",),
    "erfinv": ("erfinv",),
    "erfcinv": (lambda m, x: m.required("ndtri")(m.number(x) / 2) * -(0.5**0.5),),
    "norminv": ("ndtri",),
    "log_ndtr": ("log_ndtr",),
    "erfcx": ("erfcx",),
    "exp1": ("exp1",),
    "expi": ("expi",),
    "gamma_density": (_gamma_density,),
    "beta_density": (_beta_density,),
    "digamma_step": (lambda m, x, h: m.value(OPS["digamma"], [m.number(x) + h]) - m.value(OPS["digamma"], [x]),),
}
"""The candidates for an operation, in this order: the standard's name, other names, a composed function."""
