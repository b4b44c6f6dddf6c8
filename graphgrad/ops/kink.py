"""Declare where an operation has no derivative, and what is taken there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kink"]


@public
@dataclass(frozen=True, slots=True)
class Kink:
    """Where an operation has no derivative, and the convention for it there.

    Attributes:
        at: a rule `at(m, x, y)` that gives 1 there and 0 elsewhere.
        convention: a sentence that says which derivative is taken there.
        isolated: whether it takes a branch at single points, whose own derivatives need not be the function's.
        beside: the textbook's rule of the derivative beside it, if that of the row says more.

    >>> from graphgrad.ops.table import OPS
    >>> OPS["abs"].kink.convention
    'at 0 the derivative taken is 0'
    """

    at: Callable[..., Any]
    convention: str
    isolated: bool = False
    beside: Callable[..., Any] | None = None
