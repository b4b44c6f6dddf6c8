"""The scheme of the cube root: a polynomial, a step of fourth order, and a step of Newton's method.

Only products are needed for 1/∛f (J.-M. Muller, Elementary Functions, 3rd ed., 2016, chapter 5); the root is f times
its square. The coefficients are those of `benchmarks/coefficients.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import FRACTION, SHIFTER
from graphgrad.compile.functions.logarithms import LEAST_NORMAL, LIFT, as_double, reduced_logarithm

if TYPE_CHECKING:
    from graphgrad.compile.functions.lanes import Lanes
    from graphgrad.ops.targets import Spellings

__all__ = ["ROOTS"]

THIRD: Final = 1 / 3

INVERSE_CBRT: Final = (
    2.1247872899450377,
    -3.051741400667305,
    3.789943754514311,
    -2.817093361492751,
    1.198723528513944,
    -0.26893584476480975,
    0.024615523486558565,
)
"""1/∛f for f from 1/√8 to √8, to some thousandths."""

STEP: Final = 1 / 3, 2 / 9, 14 / 81
"""((1 − e)**(-1/3) − 1)/e."""


def cbrt(m: Lanes, x: Any) -> Any:
    """Return the real cube root."""
    size = m.size(x)
    usual = (size >= LEAST_NORMAL) & (size < math.inf)
    return m.signed(m.patched(~usual, _cbrt(m, size), lambda size: _cbrt_at_the_ends(m, size), size), x)


def _cbrt(m: Lanes, x: Any) -> Any:
    """Return the root of x = 8**q·f, for normal positive x."""
    exponent, _ = reduced_logarithm(m, x)
    shifted = m.fma(as_double(m, exponent), THIRD, SHIFTER)
    q = m.bits(shifted) << FRACTION
    f = m.of_bits(m.bits(x) - (q + q + q))
    inverse = m.polynomial(f, INVERSE_CBRT)
    error = m.fma(-f * inverse, inverse * inverse, 1.0)
    inverse = m.fma(inverse * error, m.horner(error, STEP), inverse)
    square_of_inverse = inverse * inverse
    root = f * square_of_inverse
    remainder = m.remainder(f, root * root, root)
    root = m.fma(remainder, square_of_inverse * THIRD, root)
    return m.of_bits(m.bits(root) + q)


def _cbrt_at_the_ends(m: Lanes, x: Any) -> Any:
    """Return the root of 0, infinity, nan or a number below the normal ones."""
    return m.where((x > 0.0) & (x < math.inf), _cbrt(m, x * 2.0**LIFT) * 2.0 ** (-LIFT // 3), x)


ROOTS: Final[Spellings] = {"cbrt": cbrt}
"""The schemes of this module by operation."""
