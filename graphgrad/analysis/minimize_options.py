"""Declare the options of `minimize`, and reject wrong values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

from graphgrad.base.errors import GraphgradError
from graphgrad.base.options import refuse_tolerance
from graphgrad.base.public import public

if TYPE_CHECKING:
    from graphgrad.namespaces.value_types import Values

    Bounds = Mapping[str, tuple[float | None, float | None]]

__all__ = ["METHODS", "MinimizeKeywords", "MinimizeOptions"]

METHODS: Final = (
    *("BFGS", "CG", "COBYLA", "COBYQA", "L-BFGS-B", "Nelder-Mead", "Newton-CG", "Powell", "SLSQP", "TNC"),
    *("trust-constr",),
)
"""SciPy's methods that need no second derivatives, for the hint on a misspelt name."""


@public
class MinimizeKeywords(TypedDict, total=False):
    """The keyword arguments of `minimize`, for the signature of a function that passes them on.

    >>> import graphgrad as gg
    >>> from typing import Unpack
    >>> def least(text: str, **options: Unpack[gg.MinimizeKeywords]) -> float:
    ...     g = gg.parse(text)
    ...     return gg.minimize(g, dict.fromkeys(g.inputs, 1.0), **options).value
    >>> round(least("(x - 3)**2 + 1", tolerance=1e-9), 6)
    1.0
    """

    at: Values | None
    method: str | None
    bounds: Bounds | None
    tolerance: float | None
    options: Mapping[str, object] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MinimizeOptions:
    """The options of `minimize`: the fields of `MinimizeKeywords`, with their defaults.

    >>> MinimizeOptions(tolerance=-1)
    Traceback (most recent call last):
    graphgrad.GraphgradError: tolerance = -1 is not a number from 0 on
    """

    at: Values | None = None
    method: str | None = None
    bounds: Bounds | None = None
    tolerance: float | None = None
    options: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        """Raise `GraphgradError` for a wrong value."""
        for name in ("at", "bounds", "options"):
            value = getattr(self, name)
            if not isinstance(value, Mapping | None):
                raise GraphgradError(f"{name} = {value!r} is not a mapping", hint=f"give {name}={{name: value}}")
        _refuse_method(self.method)
        if self.tolerance is not None:
            refuse_tolerance(self.tolerance)
        for name, bounds in (self.bounds or {}).items():
            _refuse_bounds(name, bounds)


def _refuse_method(method: object) -> None:
    if not (method is None or isinstance(method, str) or callable(method)):
        hint = f"take one of SciPy's methods: {', '.join(METHODS)}"
        raise GraphgradError(f"method = {method!r} is not the name of a method", hint=hint)


def _refuse_bounds(name: str, bounds: object) -> None:
    try:
        low, high = (None if bound is None else float(bound) for bound in bounds)  # type: ignore[attr-defined]
        wrong = low is not None and high is not None and not low <= high
    except (TypeError, ValueError):
        wrong = True
    if wrong:
        hint = "give (low, high), None where there is no bound"
        raise GraphgradError(f"the bounds of '{name}' are {bounds!r}", hint=hint)
