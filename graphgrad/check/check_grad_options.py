"""Declare the options of checking a hand-written gradient, and refuse wrong values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from graphgrad.base.options import refuse_tolerance
from graphgrad.base.public import public

__all__ = ["CheckGradKeywords", "CheckGradOptions"]


@public
class CheckGradKeywords(TypedDict, total=False):
    """The optional keyword arguments of `check_grad`, for the signature of a function that passes them on.

    >>> import graphgrad as gg
    >>> from typing import Unpack
    >>> def is_square(grad: float, **options: Unpack[gg.CheckGradKeywords]) -> bool:
    ...     return bool(gg.check_grad(lambda x: x**2, [grad], at={"x": 3}, **options))
    >>> is_square(6.001), is_square(6.001, tolerance=1e-3)
    (False, True)
    """

    tolerance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckGradOptions:
    """The options of checking a hand-written gradient: the fields of `CheckGradKeywords`, with their defaults.

    `tolerance` is the relative error that the rounding of the hand-written gradient may cause.

    >>> CheckGradOptions(tolerance="small")
    Traceback (most recent call last):
    graphgrad.GraphgradError: tolerance = 'small' is not a number from 0 on
    """

    tolerance: float = 1e-8

    def __post_init__(self) -> None:
        """Refuse a wrong value."""
        refuse_tolerance(self.tolerance)
