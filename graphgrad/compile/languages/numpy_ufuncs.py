"""NumPy's functions on arrays by operation, and SciPy's where NumPy has none."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.languages import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.op import Op

__all__ = ["Ufuncs"]

SCIPY: Final = """
    digamma erf erfc gamma polygamma
"""
"""What scipy.special has, and NumPy lacks, under an operation's own name."""


class Ufuncs:
    """Functions that take arrays and an array for the result; SciPy is loaded where the first of its own is asked for.

    >>> from graphgrad.ops.table import OPS
    >>> Ufuncs().of(OPS["atan2"])
    <ufunc 'arctan2'>
    """

    sub: ClassVar = "subtract"
    mul: ClassVar = "multiply"
    div: ClassVar = "divide"
    neg: ClassVar = "negative"
    pow: ClassVar = "power"
    lt: ClassVar = "less"
    le: ClassVar = "less_equal"
    gt: ClassVar = "greater"
    ge: ClassVar = "greater_equal"
    eq: ClassVar = "equal"
    ne: ClassVar = "not_equal"
    lgamma: ClassVar = "gammaln"

    def __init__(self) -> None:
        """Load NumPy."""
        import numpy as np

        self.numpy = np

    def knows(self, op: Op) -> bool:
        """Whether there is a function for an operation."""
        return bool(op.chooses or self.name(op) or hasattr(type(self), f"_{op.name}"))

    def name(self, op: Op) -> str:
        """Return the name of the ufunc for an operation, empty where there is none."""
        names = (getattr(type(self), op.name, op.name), *op.aliases)
        in_numpy = (name for name in names if isinstance(getattr(self.numpy, name, None), self.numpy.ufunc))
        return next(in_numpy, "") or next((n for n in names if n in SCIPY.split() or n == type(self).lgamma), "")

    def of(self, op: Op) -> Callable[..., Any]:
        """Return the function for an operation: a ufunc, or one that returns its result."""
        if own := getattr(self, f"_{op.name}", None):
            return own  # type: ignore[no-any-return]
        name = self.name(op)
        return getattr(self.numpy, name, None) or getattr(self.scipy(op), name)  # type: ignore[no-any-return]

    def scipy(self, op: Op) -> Any:
        """Return scipy.special for an operation."""
        if self._special is None:
            hint = "pip install 'graphgrad[scipy]'"
            raise GraphgradError(f"columns of {op.name} need SciPy, which is not installed", hint=hint)
        return self._special

    @cached_property
    def _special(self) -> Any:
        try:
            import scipy.special as found
        except ImportError:
            return None
        return found

    def _polygamma(self, n: Any, x: Any) -> Any:
        """Return SciPy's Hurwitz zeta function, DLMF 25.11.12, where that is known, and all else row by row."""
        np = self.numpy
        n, x = np.broadcast_arrays(n, x)
        known = (n >= 1) & (n == np.floor(n)) & (x > 0)
        if self._special is None or not known.any():
            return self._elementwise(n, x)
        values = self._special.gamma(n + 1) * np.where(n % 2, 1, -1) * self._special.zeta(n + 1, x)
        if not known.all():
            values[~known] = self._elementwise(n[~known], x[~known])
        return values

    @cached_property
    def _elementwise(self) -> Any:
        return self.numpy.vectorize(_polygamma_or_nan, otypes=[float])


def _polygamma_or_nan(n: float, x: float) -> float:
    try:
        return special.polygamma(n, x)
    except (ArithmeticError, ValueError):
        return float("nan")
