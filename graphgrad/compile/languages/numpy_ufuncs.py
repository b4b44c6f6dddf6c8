"""Map operations to ufuncs of NumPy and of SciPy."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install
from graphgrad.compile.functions.numpy_turns import SineAndCosine
from graphgrad.compile.languages.special_columns import SPECIAL_COLUMNS, row_by_row
from graphgrad.namespaces import special
from graphgrad.ops.targets import NUMPY

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["SCIPY", "TOGETHER", "UFUNCS", "Ufuncs"]

UFUNCS: Final[Spellings] = {
    **NUMPY,
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "abs": "abs",
    "sign": "sign",
    "min": "minimum",
    "max": "maximum",
    "logaddexp": "logaddexp",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
"""The ufuncs of NumPy; an operation of many operands chains its ufunc of two."""

SCIPY: Final[Spellings] = {
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "lgamma": "gammaln",
    "digamma": "digamma",
    "polygamma": "polygamma",
    "erfinv": "erfinv",
    "erfcinv": "erfcinv",
}
"""The functions of scipy.special."""


def _polygamma(ufuncs: Ufuncs, n: Any, x: Any) -> Any:
    """Compute by SciPy's Hurwitz zeta function, DLMF 25.11.12, where n ≥ 1 and x > 0, else row by row."""
    np, scipy = ufuncs.numpy, ufuncs.scipy
    n, x = np.broadcast_arrays(n, x)
    by_zeta = (n >= 1) & (n == np.floor(n)) & (x > 0)
    if scipy is None or not by_zeta.any():
        return ufuncs.polygamma_by_row(n, x)
    values = scipy.gamma(n + 1) * np.where(n % 2, 1, -1) * scipy.zeta(n + 1, x)
    if not by_zeta.all():
        values[~by_zeta] = ufuncs.polygamma_by_row(n[~by_zeta], x[~by_zeta])
    return values


NEAR_0: Final = 0.125
"""Where SciPy's logarithm of gamma has lost digits; around 1 and 2 it is so small between 0.8 and 2.25."""


def _log_gamma(ufuncs: Ufuncs, x: Any) -> Any:
    """Compute by SciPy's function, but around its zeros by the project's own."""
    np, x = ufuncs.numpy, ufuncs.numpy.asarray(x)
    values = np.asarray(ufuncs.scipy.gammaln(x))
    small = np.abs(values) < NEAR_0
    if small.any():
        between, below = small & (x > 0), small & (x < 0)
        near = x[between]
        first = near < 1.5  # noqa: PLR2004  as in the function itself
        t = near - np.where(first, 1, 2).astype(x.dtype)
        values[between] = special.log_gamma_of_2_plus(t) - np.log1p(np.where(first, t, 0))
        values[below] = ufuncs.log_gamma_by_row(x[below]) if below.any() else 0
    return values[()]


COMPOSED: Final[Spellings] = {"lgamma": _log_gamma, "polygamma": _polygamma}
"""Operations made of several functions of NumPy and SciPy."""

WITHOUT_SCIPY: Final[Spellings] = {"polygamma": _polygamma}
"""Those among them that need no SciPy."""


TOGETHER: Final[Spellings] = {"sin": (SineAndCosine, 0), "cos": (SineAndCosine, 1)}
"""Functions that are computed in pairs where both are needed of one operand: by what, and the place in the pair."""


class Ufuncs:
    """The functions on arrays by operation; SciPy is loaded with the first function from it.

    >>> from graphgrad.ops.table import OPS
    >>> Ufuncs().of(OPS["atan2"])
    <ufunc 'arctan2'>
    """

    def __init__(self) -> None:
        """Load NumPy."""
        import numpy as np

        self.numpy = np

    def knows(self, op: Op) -> bool:
        """Whether there is a function for an operation."""
        return op.chooses or op.name in UFUNCS or op.name in SCIPY or op.name in SPECIAL_COLUMNS

    def of(self, op: Op) -> Callable[..., Any]:
        """Return the function for an operation: a ufunc, or a function without `out=`.

        Raises `GraphgradError` where it needs SciPy and that is not installed.
        """
        if op.name in UFUNCS:
            return getattr(self.numpy, UFUNCS[op.name])  # type: ignore[no-any-return]
        if op.name in SPECIAL_COLUMNS:
            is_here = self.scipy is not None
            return partial(SPECIAL_COLUMNS[op.name], self.numpy, self.scipy) if is_here else self.by_row(op.name)
        if self.scipy is None and op.name not in WITHOUT_SCIPY:
            raise GraphgradError(f"columns of {op.name} need SciPy, which is not installed", hint=install("scipy"))
        if op.name in COMPOSED:
            return partial(COMPOSED[op.name], self)
        return getattr(self.scipy, SCIPY[op.name])  # type: ignore[no-any-return]

    def together(self, op: Op) -> Callable[..., None]:
        """Return a function that fills two arrays, the places of which are in `TOGETHER`."""
        function, _ = TOGETHER[op.name]
        return function(self.numpy)  # type: ignore[no-any-return]

    @cached_property
    def scipy(self) -> Any:
        """The module scipy.special, None where it is not installed."""
        try:
            import scipy.special
        except ImportError:
            return None
        return scipy.special

    def by_row(self, name: str) -> Callable[..., Any]:
        """Return the project's own special function on arrays, nan where it fails."""
        return row_by_row(self.numpy, name)  # type: ignore[no-any-return]

    @cached_property
    def log_gamma_by_row(self) -> Any:
        """The project's own logarithm of gamma on arrays."""
        return self.numpy.vectorize(special.log_gamma, otypes=[float])

    @cached_property
    def polygamma_by_row(self) -> Any:
        """The project's own polygamma function on arrays, nan where it fails."""
        return self.numpy.vectorize(partial(_or_nan, special.polygamma), otypes=[float])


def _or_nan(f: Callable[..., float], *xs: float) -> float:
    try:
        return f(*xs)
    except (ArithmeticError, ValueError):
        return float("nan")
