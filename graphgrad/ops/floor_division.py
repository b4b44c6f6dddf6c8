"""Divide floats with a whole quotient that is exact, by the error of a product.

In floats, 1/0.1 is 10, but ten times the float 0.1 is more than 1: the whole quotient is 9. The product q*y is taken
with its rounding error, from the halves of q and y: T. Dekker, "A floating-point technique for extending the available
precision", Numerische Mathematik 18 (1971).
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["floor_mod", "floor_quotient", "halves"]

SPLIT: Final = 2**27 + 1
"""The factor that separates the upper 26 bits of a float."""

DOWN: Final = 2**28
"""Numbers are divided by it first, so that none overflows times `SPLIT`."""


def floor_quotient(m: Any, x: Any, y: Any) -> Any:
    """Return the floor of x/y.

    >>> from graphgrad.namespaces.floats import Floats
    >>> floor_quotient(Floats().operations, 1.0, 0.1), floor_quotient(Floats().operations, -7.0, 2.0)
    (9.0, -4.0)
    """
    q = m.floor(x / y)
    rest = _rest(x, y, q)
    return q - _is_negative(m, rest, y) + _is_whole(m, x, rest, y)


def floor_mod(m: Any, x: Any, y: Any) -> Any:
    """Return x minus y times the floor of x/y, which has the sign of y.

    >>> from graphgrad.namespaces.floats import Floats
    >>> floor_mod(Floats().operations, 1.0, 0.1) == 1.0 % 0.1, floor_mod(Floats().operations, -7.0, 2.0)
    (True, 1.0)
    """
    rest = _rest(x, y, m.floor(x / y))
    return m.where(_is_negative(m, rest, y), rest + y, m.where(_is_whole(m, x, rest, y), rest - y, rest))


def _rest(x: Any, y: Any, q: Any) -> Any:
    """Return x - q*y, rounded once."""
    product = q * y
    (q_high, q_low), (y_high, y_low) = halves(q), halves(y)
    error = ((q_high * y_high - product) + q_high * y_low + q_low * y_high) + q_low * y_low
    return (x - product) - error


def halves(x: Any) -> tuple[Any, Any]:
    """Return two numbers of at most 27 bits each whose sum is x.

    >>> halves(0.1)
    (0.09999999962747097, 3.7252903539730653e-10)
    """
    small = x / DOWN
    shifted = SPLIT * small
    high = (shifted - (shifted - small)) * DOWN
    return high, x - high


def _is_negative(m: Any, rest: Any, y: Any) -> Any:
    """Return 1 where the rest has another sign than y: the quotient was rounded up."""
    return m.lt(rest * m.sign(y), 0)


def _is_whole(m: Any, x: Any, rest: Any, y: Any) -> Any:
    """Return 1 where the rest holds another y: the quotient was rounded down; not where a rest is rounded up to y."""
    return m.ge((rest - y) * m.sign(y), 0) * m.ge(m.abs(x), m.abs(y))
