"""Compute sympy's functions in fractions, where their values are rational for rational operands."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, Final

__all__ = ["DECIDED", "EXACT", "SympyNames", "chosen", "every", "half_step", "some"]

SympyNames = Mapping[str, Any]
"""A table from the names of sympy's classes, not of operations, to what computes them."""

MAX_BITS: Final = 100_000
"""The most bits of a power."""

MAX_ROOT: Final = 64
"""The largest root that is taken."""


def chosen(*pairs: Any) -> Any:
    """Return the value of the first true condition: of value, condition, value, condition, and so on; None if none is.

    >>> chosen(1, False, 2, True)
    2
    """
    for value, condition in zip(pairs[::2], pairs[1::2], strict=True):
        if not _is_known(condition):
            return None
        if condition:
            return value
    return None


def _is_known(truth: Any) -> bool:
    """Whether a truth value is one: neither None nor nan, which stand for what has no value."""
    return truth is not None and truth == truth  # noqa: PLR0124  nan alone differs from itself


def every(*truths: Any) -> bool | None:
    """Return whether all are true; None where that depends on one that has no value.

    >>> every(True, None), every(False, None)
    (None, False)
    """
    known = [bool(truth) for truth in truths if _is_known(truth)]
    return False if not all(known) else True if len(known) == len(truths) else None


def some(*truths: Any) -> bool | None:
    """Return whether one of them is true; None where that depends on one that has no value.

    >>> some(False, None), some(True, None)
    (None, True)
    """
    known = [bool(truth) for truth in truths if _is_known(truth)]
    return True if any(known) else False if len(known) == len(truths) else None


def half_step(x: Any) -> Fraction:
    """Return 1 above 0, 0 below it, and 1/2 at 0, which is sympy's convention.

    >>> half_step(0)
    Fraction(1, 2)
    """
    return Fraction((x > 0) - (x < 0) + 1, 2)


def _power(x: Fraction, y: Fraction) -> Fraction | None:
    if abs(y.numerator) * max(x.numerator.bit_length(), x.denominator.bit_length()) > MAX_BITS:
        return None
    root = x if y.denominator == 1 else _root(x, y.denominator)
    return None if root is None else root**y.numerator


def _root(x: Fraction, degree: int) -> Fraction | None:
    """Return the positive root of this degree where it is rational."""
    if x < 0 or degree > MAX_ROOT:
        return None
    from sympy import integer_nthroot

    (p, is_whole), (q, is_unit) = (integer_nthroot(n, degree) for n in (x.numerator, x.denominator))
    return Fraction(int(p), int(q)) if is_whole and is_unit else None


def _impulse(x: Fraction) -> int | None:
    return 0 if x else None


EXACT: Final[SympyNames] = {
    "Add": lambda *xs: reduce(operator.add, xs),
    "Mul": lambda *xs: reduce(operator.mul, xs),
    "Pow": _power,
    "Root": lambda x: _root(x, 2),
    "Abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "Max": max,
    "Min": min,
    "floor": lambda x: Fraction(math.floor(x)),
    "ceiling": lambda x: Fraction(math.ceil(x)),
    "Heaviside": lambda x, *_: half_step(x),
    "DiracDelta": _impulse,
    "Piecewise": chosen,
    "Lt": operator.lt,
    "Le": operator.le,
    "Gt": operator.gt,
    "Ge": operator.ge,
    "Eq": operator.eq,
    "Ne": operator.ne,
    "BooleanTrue": lambda: True,
    "BooleanFalse": lambda: False,
    "And": every,
    "Or": some,
    "Not": operator.not_,
    "Xor": lambda *xs: sum(map(bool, xs)) % 2 == 1,
    "ITE": lambda condition, x, y: chosen(x, condition, y, True),  # noqa: FBT003  it is a list of conditions
}
"""Sympy's functions of rationals."""

DECIDED: Final = frozenset({chosen, every, some})
"""Those that may have a value where one of their operands has none."""
