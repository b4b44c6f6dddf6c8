"""Read schemes in NumPy: a lane is an entry of an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.functions.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.compile.functions.lanes import P

__all__ = ["NumpyLanes", "computed"]

SPLITTER: Final = 2.0**27 + 1
"""A product with it splits a double into halves whose products are exact (G. W. Veltkamp)."""


def computed(scheme: Callable[..., Any], *operands: Any) -> Any:
    """Return a scheme's value on arrays of one dimension and one size, as doubles."""
    import numpy as np

    with np.errstate(all="ignore"):
        lanes = NumpyLanes(np)
        return lanes.real(scheme(lanes, *(np.asarray(x, np.float64) for x in operands)))


class NumpyLanes(Lanes):
    """The machine whose lanes are the entries of arrays. It has no fused product and sum."""

    def __init__(self, numpy: Any) -> None:
        """Take the module."""
        self.np = numpy

    def real(self, x: Any) -> Any:
        """Return what a scheme computed as an array of doubles."""
        return self.np.asarray(x, self.np.float64)

    def fma(self, x: Any, y: Any, z: Any) -> Any:
        return x * y + z

    def product(self, x: Any, y: Any) -> tuple[Any, Any]:
        high = x * y
        (a, b), (c, d) = _halves(x), _halves(y)
        return high, ((a * c - high) + a * d + b * c) + b * d

    def remainder(self, x: Any, quotient: Any, y: Any) -> Any:
        high, low = self.product(quotient, y)
        return (x - high) - low

    def once(self, part: type[P], x: Any) -> P:
        return part(*part.of(self, x))

    def looked_up(self, numbers: Sequence[float], index: Any) -> Any:
        return self.np.array(numbers)[index]

    def rounded(self, x: Any) -> Any:
        return self.np.rint(x)

    def root(self, x: Any) -> Any:
        return self.np.sqrt(x)

    def size(self, x: Any) -> Any:
        return self.np.abs(x)

    def signed(self, x: Any, y: Any) -> Any:
        return self.np.copysign(x, y)

    def fmod(self, x: Any, y: Any) -> Any:
        return self.np.fmod(x, y)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self.np.where(condition, x, y)

    def is_nan(self, x: Any) -> Any:
        return self.np.isnan(x)

    def bits(self, x: Any) -> Any:
        return self.real(x).view(self.np.int64)

    def of_bits(self, bits: Any) -> Any:
        return self.np.asarray(bits, self.np.int64).view(self.np.float64)

    def all_patched(
        self, condition: Any, common: Sequence[Any], rare: Callable[..., Sequence[Any]], *operands: Any
    ) -> Sequence[Any]:
        if not condition.any():
            return common
        results = []
        for value, other in zip(common, rare(*(x[condition] for x in operands)), strict=True):
            mended = self.np.array(value, self.np.float64)
            mended[condition] = other
            results.append(mended)
        return results


def _halves(x: Any) -> tuple[Any, Any]:
    """Return the upper and lower half of a double's digits."""
    scaled = x * SPLITTER
    high = scaled - (scaled - x)
    return high, x - high
