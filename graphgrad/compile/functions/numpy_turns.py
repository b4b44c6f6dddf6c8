"""Compute sine and cosine of one column together in NumPy, whose own are scalar loops for 64-bit floats.

The scheme is that of `trigonometric.py` with what NumPy lacks: no fused product and sum, so that π/2 is subtracted in
parts whose products are exact. It is computed in arrays that stay in the cache, and faster than one of NumPy's loops.
"""

from __future__ import annotations

import math
from threading import local
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import SHIFTER
from graphgrad.compile.functions.trigonometric import COSINE, SINE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SineAndCosine"]

HALF_PI: Final = tuple(map(float.fromhex, ("0x1.921fb54400000p+0", "0x1.0b4611a600000p-34", "0x1.3198a2e037073p-69")))
"""π/2 in three parts; products of the first two with whole numbers of 20 bits are exact."""

LARGE: Final = 2.0**14
"""Numbers beyond which NumPy's own functions are called."""

ROWS: Final = 1 << 13
"""The rows computed at a time: the scratch arrays fit a core's own cache, and calls cost little."""

FEWEST: Final = 1 << 12
"""So few rows that NumPy's loops are as fast."""

SCRATCH: Final = 7


class SineAndCosine:
    """A function on columns that fills two arrays."""

    def __init__(self, numpy: Any) -> None:
        """Take the module."""
        self.numpy = numpy
        self._own = local()

    def __call__(self, x: Any, sine: Any, cosine: Any) -> None:
        """Fill the arrays, of which neither is `x`."""
        kind = self.numpy.float64
        pays = all(array.dtype == kind and array.shape == x.shape and array.ndim == 1 for array in (x, sine, cosine))
        for first in range(0, len(x), ROWS) if pays else (0,):
            rows = slice(first, first + ROWS) if pays else ...
            arrays = x[rows], sine[rows], cosine[rows]
            if pays and len(arrays[0]) >= FEWEST and max(arrays[0].max(), -arrays[0].min()) < LARGE:  # and no nan
                self._fill(*arrays)
            else:
                self.numpy.sin(arrays[0], out=arrays[1])
                self.numpy.cos(arrays[0], out=arrays[2])

    def _fill(self, x: Any, sine: Any, cosine: Any) -> None:
        np = self.numpy
        scratch = [row[: len(x)] for row in self._scratch()]
        shifted, rest, low, square, first, second, other = scratch
        np.multiply(x, 2 / math.pi, out=shifted)
        np.add(shifted, SHIFTER, out=shifted)
        self._reduce(x, shifted, rest, low, (first, second))
        np.multiply(rest, rest, out=square)
        self._polynomial(square, SINE, first)
        self._polynomial(square, COSINE, second)
        # sin(r) = r + (r·r²·S + low), with the sign of r also for 0
        np.multiply(first, square, out=first)
        np.multiply(first, rest, out=first)
        np.add(first, low, out=first)
        np.add(first, rest, out=first)
        np.copysign(first, rest, out=first)
        # cos(r) = 1 − r²/2 + (what its rounding leaves out + r⁴·C − r·low)
        np.multiply(rest, low, out=low)
        np.multiply(square, 0.5, out=rest)
        np.multiply(square, square, out=square)
        np.multiply(second, square, out=second)
        np.subtract(second, low, out=second)
        np.subtract(1.0, rest, out=other)
        np.subtract(1.0, other, out=low)
        np.subtract(low, rest, out=low)
        np.add(second, low, out=second)
        np.add(second, other, out=second)
        self._turn([row.view(np.int64) for row in scratch], sine.view(np.int64), cosine.view(np.int64))

    def _scratch(self) -> Any:
        """Return the arrays of this thread."""
        if not hasattr(self._own, "rows"):
            self._own.rows = self.numpy.empty((SCRATCH, ROWS))
        return self._own.rows

    def _reduce(self, x: Any, shifted: Any, rest: Any, low: Any, scratch: Sequence[Any]) -> None:
        """Fill `rest` and `low` with x less the multiple of π/2."""
        np, count, (other, part) = self.numpy, low, scratch
        np.subtract(shifted, SHIFTER, out=count)
        np.multiply(count, HALF_PI[0], out=other)
        np.subtract(x, other, out=other)
        np.multiply(count, HALF_PI[1], out=part)
        np.subtract(other, part, out=rest)
        np.subtract(other, rest, out=other)
        np.subtract(other, part, out=other)
        np.multiply(count, HALF_PI[2], out=count)
        np.subtract(other, count, out=low)

    def _polynomial(self, x: Any, coefficients: Sequence[float], out: Any) -> None:
        np = self.numpy
        *rest, last = coefficients
        np.multiply(x, last, out=out)
        for number in rest[:0:-1]:
            np.add(out, number, out=out)
            np.multiply(out, x, out=out)
        np.add(out, rest[0], out=out)

    def _turn(self, scratch: Sequence[Any], sine: Any, cosine: Any) -> None:
        """Exchange sine and cosine after an odd number of quarters of a turn, and give them their signs."""
        np = self.numpy
        quarters, sign, exchanged, _, first, second, _ = scratch
        np.left_shift(quarters, 63, out=exchanged)
        np.right_shift(exchanged, 63, out=exchanged)
        np.right_shift(quarters, 1, out=sign)
        np.left_shift(sign, 63, out=sign)
        np.bitwise_xor(first, second, out=quarters)
        np.bitwise_and(quarters, exchanged, out=quarters)
        np.bitwise_xor(first, quarters, out=first)
        np.bitwise_xor(second, quarters, out=second)
        np.bitwise_xor(first, sign, out=sine)
        np.left_shift(exchanged, 63, out=exchanged)
        np.bitwise_xor(sign, exchanged, out=sign)
        np.bitwise_xor(second, sign, out=cosine)
