"""Functions of Python's math with infinity in place of an `OverflowError`; generated code contains their source."""

from __future__ import annotations

import math

__all__: list[str] = []  # as text, an operation's name stands in the rules alone


def exp(x: float) -> float:
    """Return the exponential; infinity where it is beyond the floats."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def expm1(x: float) -> float:
    """Return exp(x) - 1; infinity where it is beyond the floats."""
    try:
        return math.expm1(x)
    except OverflowError:
        return math.inf


def cosh(x: float) -> float:
    """Return the hyperbolic cosine; infinity where it is beyond the floats."""
    try:
        return math.cosh(x)
    except OverflowError:
        return math.inf


def sinh(x: float) -> float:
    """Return the hyperbolic sine; infinity of its sign where it is beyond the floats."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def gamma(x: float) -> float:
    """Return the gamma function; infinity of its sign where it is beyond the floats."""
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def pow(x: float, y: float) -> float:
    """Return x to the power y; infinity of its sign where it is beyond the floats."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf


def floor(x: float) -> float:
    """Return the largest whole number not above x, which infinity is itself."""
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """Return the smallest whole number not below x, which infinity is itself."""
    return float(math.ceil(x)) if math.isfinite(x) else x
