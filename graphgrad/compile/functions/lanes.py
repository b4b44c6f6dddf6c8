"""Define the machine of lanes, in which a scheme computes a function on several floats at once.

A scheme is a plain function such as `exp(m, x)`, as a rule of the operation table is one. `m` is a machine of lanes;
`x` holds one double in each lane, and has the operators `+ - * /`, unary `-`, comparisons, and those of conditions
`& | ~`. Floats of Python stand for the same number in all lanes. The machine has two readings: vectors of LLVM
(`llvm_lanes.py`) and arrays of NumPy (`numpy_lanes.py`).

A scheme has no branches: where only few lanes need another computation, `patched` computes it if any lane does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BIAS", "FRACTION", "SHIFTER", "SIGN", "Lanes", "Part"]

FRACTION: Final = 52
"""The bits of a double's fraction, below those of its exponent."""

BIAS: Final = 1023
"""The exponent's field of a double from 1 to 2."""

SIGN: Final = -(1 << 63)
"""The bit of a double's sign, as an integer."""

SHIFTER: Final = 1.5 * 2.0**52
"""A sum with it is rounded to a whole number, which then stands in its last bits: for |x| < 2**51."""


class Part:
    """The base of what several schemes compute from one number first; its fields are doubles in each lane."""

    def __init__(self, *values: Any) -> None:
        """Take the fields in the order of their annotations."""
        vars(self).update(zip(type(self).__annotations__, values, strict=True))

    @classmethod
    def of(cls, m: Lanes, x: Any) -> tuple[Any, ...]:
        """Compute the fields."""
        raise NotImplementedError


P = TypeVar("P", bound=Part)


class Lanes:
    """A machine of lanes: what its reading defines, and what follows from that."""

    def fma(self, x: Any, y: Any, z: Any) -> Any:
        """Return x·y + z, rounded once in machine code; NumPy has no such operation and rounds twice."""
        raise NotImplementedError

    def rounded(self, x: Any) -> Any:
        """Return the nearest whole number, the even one of two."""
        raise NotImplementedError

    def root(self, x: Any) -> Any:
        """Return the square root, correctly rounded."""
        raise NotImplementedError

    def size(self, x: Any) -> Any:
        """Return the absolute value."""
        raise NotImplementedError

    def signed(self, x: Any, y: Any) -> Any:
        """Return |x| with the sign of y, also that of a zero or nan."""
        raise NotImplementedError

    def fmod(self, x: Any, y: Any) -> Any:
        """Return the remainder of a division by the C library's function, lane by lane: for what is rare."""
        raise NotImplementedError

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """Return x in the lanes where the condition holds, y in the others."""
        raise NotImplementedError

    def is_nan(self, x: Any) -> Any:
        """Return the condition that a lane is nan."""
        raise NotImplementedError

    def bits(self, x: Any) -> Any:
        """Return the bits of doubles as integers of 64 bits, with `+ - & | ^ << >>` (arithmetic) and comparisons."""
        raise NotImplementedError

    def of_bits(self, bits: Any) -> Any:
        """Return the doubles that have these bits."""
        raise NotImplementedError

    def all_patched(
        self, condition: Any, common: Sequence[Any], rare: Callable[..., Sequence[Any]], *operands: Any
    ) -> Sequence[Any]:
        """Return the `common` values, and those of `rare(*operands)` in the lanes where the condition holds.

        The function is computed only if the condition holds in any lane, and in NumPy of those lanes only.
        """
        raise NotImplementedError

    def patched(self, condition: Any, common: Any, rare: Callable[..., Any], *operands: Any) -> Any:
        """Return the same for a single value."""
        [value] = self.all_patched(condition, [common], lambda *xs: [rare(*xs)], *operands)
        return value

    def once(self, part: type[P], x: Any) -> P:
        """Return a part of several schemes, which share it: sine and cosine of one number reduce it once."""
        raise NotImplementedError

    def looked_up(self, numbers: Sequence[float], index: Any) -> Any:
        """Return the numbers at these integers from 0 on; lane by lane, so for what is rare."""
        raise NotImplementedError

    def polynomial(self, x: Any, coefficients: Sequence[float]) -> Any:
        """Return the polynomial with these coefficients, of the constant first, by Estrin's scheme.

        It has more products than Horner's, but few that wait for each other: log2(n) instead of n.
        """
        terms: list[Any] = list(coefficients)
        while len(terms) > 1:
            pairs = [self.fma(x, high, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
            terms = pairs + terms[len(pairs) * 2 :]
            x = x * x if len(terms) > 1 else x
        return terms[0]

    def horner(self, x: Any, coefficients: Sequence[float]) -> Any:
        """Return the same by Horner's scheme: the fewest operations and roundings, each waits for the one before."""
        *rest, value = coefficients
        for coefficient in reversed(rest):
            value = self.fma(value, x, coefficient)
        return value

    def product(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return x·y as a rounded product and its error, exactly where `fma` rounds once.

        NumPy's reading computes the same by halves of the factors (T. J. Dekker, Numer. Math. 18, 1971).
        """
        high = x * y
        return high, self.fma(x, y, -high)

    def remainder(self, x: Any, quotient: Any, y: Any) -> Any:
        """Return x − quotient·y, which is a double where the quotient is x/y to a few of its last bits."""
        return self.fma(-quotient, y, x)

    def sum(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return x + y as a rounded sum and its error (D. E. Knuth, TAOCP 2, 4.2.2)."""
        high = x + y
        other = high - x
        return high, (x - (high - other)) + (y - other)

    def ordered_sum(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return the same where |x| ≥ |y|, or x is 0, with fewer operations (T. J. Dekker)."""
        high = x + y
        return high, y - (high - x)

    def quotient(self, x: Any, x_low: Any, y: Any, y_low: Any) -> tuple[Any, Any]:
        """Return (x + x_low)/(y + y_low) as a nearly rounded quotient and the rest."""
        inverse = 1.0 / y
        high = x * inverse
        return high, self.fma(-high, y_low, self.remainder(x, high, y) + x_low) * inverse

    def root_of(self, x: Any, low: Any) -> tuple[Any, Any]:
        """Return the root of x + low, for x > 0, as a rounded root and the rest."""
        high = self.root(x)
        return high, (self.remainder(x, high, high) + low) * (0.5 / high)

    def power_of_2(self, n: Any) -> Any:
        """Return 2**n for whole numbers n from -1022 to 1023."""
        return self.of_bits(self.bits(n + (SHIFTER + BIAS)) << FRACTION)

    def scaled(self, x: Any, n: Any) -> Any:
        """Return x·2**n for whole numbers n from -2000 to 2000 and x near 1: rounded once where it underflows."""
        half = self.rounded(n * 0.5)
        return x * self.power_of_2(half) * self.power_of_2(n - half)
