"""Evaluate rules exactly in rational numbers, and define fractions as a kind of number."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from graphgrad.base.errors import GraphgradError, LimitError
from graphgrad.namespaces.kind import DIGITS, Kind, six_digits
from graphgrad.namespaces.namespace import (
    ORDERED,
    CachedOperations,
    Fault,
    OffDomainError,
    Operations,
    Ordered,
    undefined,
)
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["EXACT_DIGITS", "FRACTIONS", "Exact", "FractionKind"]

EXACT_DIGITS = 10_000
"""The most digits a numerator or denominator may have in exact mode."""

SPECIAL: Final = frozenset({0, 1, 2})
"""The rational numbers at which a transcendental function may be rational."""

NEAR_0: Final = Fraction(1, 10**300)
"""What stands for a smaller fraction, and its inverse for a larger one, where a function is asked for its domain."""

POLE: Final = 2
"""The half of a right angle, counted from 0, at which the tangent has a pole."""

MAX_FRACTION: Final = 9
"""The most characters of a fraction that is shown as one; a longer fraction is shown as a decimal."""

LONG_BITS: Final = 14_000
"""The bits of an integer of at most 4214 digits, which Python writes and reads."""


def _power(_m: Exact, x: Fraction, y: Fraction) -> Fraction:
    if x < 0 and y.denominator != 1:
        raise ValueError(x, y)
    if abs(y) * (_bits(x) - 1) > EXACT_DIGITS / math.log10(2):
        raise _too_long()
    root = x if y.denominator == 1 else _root(x, y.denominator)
    return Fraction(root) ** y.numerator


def _root(x: Fraction, degree: int) -> Fraction:
    """Return the root of a fraction ≥ 0 in lowest terms: rational only if those of both its terms are whole."""
    return Fraction(_whole_root(x.numerator, degree), _whole_root(x.denominator, degree))


def _whole_root(x: int, degree: int) -> int:
    """Return the whole root of a whole number ≥ 0, by Newton's method from above."""
    if x in {0, 1}:
        return x
    root, step = 0, 1 << -(-x.bit_length() // degree)
    while root != step and degree < x.bit_length():
        root, step = step, min(step, ((degree - 1) * step + x // step ** (degree - 1)) // degree)
    if root**degree != x:
        raise _irrational()
    return root


def _square_root(_m: Exact, x: Fraction) -> Fraction:
    if x < 0:
        raise ValueError(x)
    return _root(x, 2)


def _hypotenuse(_m: Exact, x: Fraction, y: Fraction) -> Fraction:
    return _root(x * x + y * y, 2)


def _cube_root(_m: Exact, x: Fraction) -> Fraction:
    return _root(x, 3) if x >= 0 else -_root(-x, 3)


def _logarithm(base: int) -> Any:
    """Return the logarithm to a base: rational only for a whole power of the base, and then whole."""

    def logarithm(_m: Exact, x: Fraction) -> Fraction:
        if x <= 0:
            raise ValueError(x)
        power = max(x.numerator, x.denominator)
        exponent = round(math.log(power, base))
        if min(x.numerator, x.denominator) != 1 or base**exponent != power:
            raise _irrational()
        return Fraction(exponent if x >= 1 else -exponent)

    return logarithm


def _factorial(_m: Exact, x: Fraction) -> Fraction:
    """Return gamma at a whole number; at halves it is a multiple of √π, elsewhere none is known to be rational."""
    if x.denominator != 1:
        raise _irrational()
    if x <= 0:
        raise ValueError(x)
    if math.lgamma(min(int(x), EXACT_DIGITS)) > EXACT_DIGITS * math.log(10):
        raise _too_long()
    return Fraction(math.factorial(int(x) - 1))


def _angle(_m: Exact, y: Fraction, x: Fraction) -> Fraction:
    if y == 0 and x >= 0:
        return Fraction(0)
    raise _irrational()


def _at_0_1_or_2(function: Any) -> Any:
    """Return a transcendental function on fractions: none but 0, 1 and 2 has a rational value, and that is 0 or 1.

    For the exponential and what is made of it, this is the theorem of Lindemann and Weierstrass.
    """

    def rational(_m: Exact, x: Fraction) -> Fraction:
        try:
            value = function(math.copysign(min(max(abs(x), NEAR_0), 1 / NEAR_0), x) if x else 0.0)
        except OverflowError:
            raise _irrational() from None
        if x not in SPECIAL or value not in {0, 1}:
            raise _irrational()
        return Fraction(value)

    return rational


def _sine_of_degrees(degrees: Fraction) -> Fraction:
    """Return the sine, which is rational at multiples of 30 degrees at most: I. Niven, "Irrational numbers" (1956)."""
    thirds = degrees % 360 / 30
    rational = {0: 0, 1: 1, 3: 2, 5: 1, 6: 0, 7: -1, 9: -2, 11: -1}
    if thirds not in rational:
        raise _irrational()
    return Fraction(rational[int(thirds)], 2)


def _tangent_of_degrees(degrees: Fraction) -> Fraction:
    """Return the tangent, which is rational at multiples of 45 degrees only, and has a pole at 90."""
    halves = degrees % 180 / 45
    if halves == POLE:
        raise ValueError(degrees)
    if halves.denominator != 1:
        raise _irrational()
    return Fraction((0, 1, 0, -1)[int(halves)])


def _binomial(_m: Exact, n: Fraction, k: Fraction) -> Fraction:
    """Return a binomial coefficient of whole numbers; elsewhere none is known to be rational."""
    if n.denominator != 1 or k.denominator != 1:
        raise _irrational()
    if n < 0:
        raise ValueError(n)
    if n * min(k, n - k) > EXACT_DIGITS**2:
        raise _too_long()
    return Fraction(math.comb(int(n), int(k)) if k >= 0 else 0)


FUNCTIONS: Final[Spellings] = {
    **{name: _at_0_1_or_2(getattr(math, name)) for name in LIBM if hasattr(math, name)},
    **ORDERED,
    "erf": _at_0_1_or_2(math.erf),
    "erfc": _at_0_1_or_2(math.erfc),
    "lgamma": _at_0_1_or_2(math.lgamma),
    "gamma": _factorial,
    "factorial": lambda m, x: _factorial(m, x + 1),
    "binomial": _binomial,
    "pow": _power,
    "sqrt": _square_root,
    "cbrt": _cube_root,
    "hypot": _hypotenuse,
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "atan2": _angle,
    "sind": lambda _m, x: _sine_of_degrees(x),
    "cosd": lambda _m, x: _sine_of_degrees(x + 90),
    "tand": lambda _m, x: _tangent_of_degrees(x),
    "min": lambda _m, *xs: Fraction(min(xs)),
    "max": lambda _m, *xs: Fraction(max(xs)),
    "floor": lambda _m, x: Fraction(math.floor(x)),
    "ceil": lambda _m, x: Fraction(math.ceil(x)),
}
"""The functions whose values at rational numbers are rational, everywhere or at some of them."""


class Exact(Ordered):
    """Rational numbers without rounding; a result that is not rational is a `Fault`.

    >>> from graphgrad.ops.table import OPS
    >>> Exact().value(OPS["div"], [Fraction(1), Fraction(3)])
    Fraction(1, 3)
    """

    spellings = FUNCTIONS

    @property
    def operations(self) -> Operations:
        """The operations that rules call, one cache for all fractions."""
        return _EXACT

    def const(self, number: Fraction) -> Fraction:
        """Return the number itself."""
        return number

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value by either of its rules, or a `Fault` if it is irrational or too long."""
        z = self._guarded(op, operands, lambda: op.value(_EXACT, *operands, stable=False))
        if not isinstance(z, Fault) or op.stable_f is None:
            return Fraction(z) if type(z) is int else z  # an integer divides to a float
        other = self._guarded(op, operands, lambda: op.value(_EXACT, *operands))
        return z if isinstance(other, Fault) else Fraction(other)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative, or a `Fault` if it is not rational or longer than `EXACT_DIGITS`."""
        return self._guarded(op, operands, lambda: super(Exact, self).partial(op, position, z, operands))

    def _guarded(self, op: Op, operands: Sequence[Any], compute: Any) -> Any:
        try:
            number = compute()
        except (ZeroDivisionError, ValueError):
            return undefined(op, operands, "not defined")
        except OffDomainError as error:
            return undefined(op, operands, error.reason, error.error)
        except Fault as fault:
            return fault
        except TypeError:  # Python computes no remainder of a `Fault`
            return next(x for x in operands if isinstance(x, Fault))
        if isinstance(number, Fault) or _digits(number) <= EXACT_DIGITS:
            return number
        return Fault(op, operands, _too_long().reason, LimitError)

    def unsupported(self, op: Op) -> NoReturn:
        """Raise the error for an operation whose values are not rational."""
        del op
        raise _irrational()


_EXACT: Final = CachedOperations(Exact())


def _irrational() -> OffDomainError:
    return OffDomainError("not a rational number, so it has no exact value")


def _too_long() -> OffDomainError:
    return OffDomainError(f"longer than {EXACT_DIGITS} digits", LimitError)


def _bits(number: Fraction | int) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _digits(number: Fraction | int) -> int:
    return int(_bits(number) * math.log10(2))


class FractionKind(Kind):
    """Python's `Fraction`."""

    name: ClassVar[str] = "fractions"
    types: ClassVar[tuple[type, ...]] = (Fraction,)
    exact: ClassVar[bool] = True
    real: ClassVar[bool] = True
    plain: ClassVar[bool] = True
    chosen_by_value: ClassVar[bool] = False

    @property
    def settings(self) -> dict[str, Any]:
        return {"exact": True, "precision": None}

    def selected_by(self, settings: Mapping[str, Any]) -> Kind | None:
        if not settings.get("exact"):
            return None
        if settings.get("precision") is not None:
            raise GraphgradError("exact fractions have no precision", hint="take either exact or precision")
        return self

    @cached_property
    def namespace(self) -> Namespace:
        return Exact()

    def is_finite(self, value: Any) -> bool:
        del value
        return True

    def is_infinite(self, value: Any) -> bool:
        del value
        return False

    def fraction(self, value: Any) -> Fraction:
        return Fraction(value)

    def short(self, value: Any) -> str:
        """Return six significant digits, or a short fraction that they would round.

        >>> FRACTIONS.short(Fraction(1, 3)), FRACTIONS.short(Fraction(27, 25)), FRACTIONS.short(Fraction(10) ** 400)
        ('1/3', '1.08', '1e+400')
        """
        rounded = _rounded(value)
        text = fraction_text(value) if max(value.as_integer_ratio(), key=abs).bit_length() < LONG_BITS else rounded
        return text if len(text) <= MAX_FRACTION and Fraction(rounded) != value else rounded

    def text(self, value: Any) -> str:
        return fraction_text(value)

    def to_answer(self, value: Any) -> Any:
        is_short = value.denominator == 1 and value.numerator.bit_length() < LONG_BITS
        return int(value) if is_short else fraction_text(value)


FRACTIONS: Final = FractionKind()


def fraction_text(value: Fraction) -> str:
    """Return all digits of a fraction; `str` refuses integers of more than 4300 digits.

    >>> fraction_text(Fraction(-1, 3)), len(fraction_text(Fraction(10) ** 5000))
    ('-1/3', 5001)
    """
    numerator, denominator = map(_integer_text, (value.numerator, value.denominator))
    return numerator if denominator == "1" else f"{numerator}/{denominator}"


def _integer_text(number: int) -> str:
    return str(number) if number.bit_length() < LONG_BITS else f"{Decimal(number):f}"


def _rounded(value: Fraction) -> str:
    """Format a fraction in six significant digits, also one beyond the range of floats."""
    try:
        return six_digits(float(value)) if float(value) or not value else _rounded_in_decimal(value)
    except OverflowError:
        return _rounded_in_decimal(value)


def _rounded_in_decimal(value: Fraction) -> str:
    from decimal import Context

    context = Context(prec=DIGITS)
    number = context.divide(context.create_decimal(value.numerator), context.create_decimal(value.denominator))
    return f"{number.normalize(context):e}"
