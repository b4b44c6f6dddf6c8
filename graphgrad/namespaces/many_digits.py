"""Evaluate rules in mpmath's floats of many digits, and define them as a kind of number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from threading import get_ident
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.lazy_module import LazyModule
from graphgrad.namespaces.kind import DIGITS, Kind, plain_from_json
from graphgrad.namespaces.namespace import ORDERED, Fault, Ordered, undefined
from graphgrad.namespaces.special_floats import KERNELS
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.namespaces import polygamma_series as series
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops import special_witnesses as witnesses
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
else:
    series = LazyModule("graphgrad.namespaces.polygamma_series")
    witnesses = LazyModule("graphgrad.ops.special_witnesses")

__all__ = ["MANY_DIGITS", "MPMATH_DIGITS", "ManyDigits", "Mpmath", "Precise", "as_fraction", "is_finite_real"]

GUARD_DIGITS: Final = 10
"""The digits that are computed beyond the chosen precision and not shown."""

MARGIN: Final = 1
"""The digits beyond those promised that the bound has to leave: it is of first order, and the last digit is rounded."""

MOST_MORE: Final = 1000
"""The most digits beyond twice the chosen precision that are computed with."""

MAX_PRECISION: Final = 10_000
"""The highest precision that can be chosen, in digits."""

NO_NUMBER: Final = (0, 0, 1, 0)
"""The representation (sign, mantissa, exponent, bit count) of a value that is no finite number."""

MPMATH_DIGITS = 60
"""The precision of the reference that floats are checked against."""

MAX_EXPONENT: Final = 200_000
"""The largest binary exponent: a number beyond it becomes infinite, one below its negative becomes 0."""


def _special(name: str) -> Callable[..., Any]:
    """Return a special function; their module is loaded with the first call."""

    def call(m: Mpmath, *xs: Any) -> Any:
        from graphgrad.namespaces.special_digits import SPECIAL_DIGITS

        function: Any = SPECIAL_DIGITS[name]
        return function(m.context, *xs)

    return call


def _slope_of_sinc(m: Any, x: Any) -> Any:
    """Return (cos(x) - sin(x)/x)/x; near 0 its terms cancel."""
    if not x:
        return m.zero
    with m.extraprec(2 * max(0, -int(m.mag(x))) + 20):
        slope = (m.cos(x) - m.sin(x) / x) / x
    return +slope


FUNCTIONS: Final[Spellings] = {
    **ORDERED,
    **LIBM,
    "pi": "pi",
    "erf": "erf",
    "erfc": "erfc",
    "gamma": lambda m, x: witnesses.gamma_of_digits(m.context, x),
    "digamma": "digamma",
    "pow": lambda _m, x, y: x**y,
    "sind": lambda m, x: m.context.sinpi(x / 180),
    "cosd": lambda m, x: m.context.cospi(x / 180),
    "tand": lambda m, x: m.context.sinpi(x / 180) / m.context.cospi(x / 180),
    "sin_over_x_slope": lambda m, x: _slope_of_sinc(m.context, x),
    "cbrt": lambda m, x: m.sign(x) * m.context.cbrt(abs(x)),
    "log2": lambda m, x: m.context.log(x) / m.context.log(2),
    "lgamma": lambda m, x: m.context.log(abs(m.context.gamma(x))),
    "polygamma": lambda m, n, x: series.polygamma_of_order(m.context, n, x),
    **{name: _special(name) for name in KERNELS},
}
"""mpmath's functions, and functions for what it lacks or defines otherwise."""


class Mpmath(Ordered):
    """Floats of `MPMATH_DIGITS` digits, the reference for checks: the same rules with negligible rounding.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Mpmath()
    >>> print(m.value(OPS["sqrt"], [m.const(Fraction(2))]))
    1.41421356237309504880168872420969807856967187537694807317668
    """

    spellings = FUNCTIONS

    def __init__(self, *, stable: bool = False, digits: int = MPMATH_DIGITS) -> None:
        """Create a context of its own, so that the user's precision of mpmath stays as it is."""
        from mpmath import MPContext

        self.stable = stable
        self.context = self.library = MPContext()
        self.context.dps = digits

    def const(self, number: Fraction) -> Any:
        """Return the number, rounded to the context's precision."""
        return self.context.mpf(number.numerator) / number.denominator


class Precise(Mpmath):
    """Floats of a chosen precision and some guard digits; an operation without a real value gives a `Fault`.

    >>> from graphgrad.ops.table import OPS
    >>> m = Precise(50)
    >>> print(m.value(OPS["sqrt"], [m.const(Fraction(2))]))
    1.41421356237309504880168872420969807856967187537694807317668
    >>> m.value(OPS["log"], [m.const(Fraction(-1))])
    Fault('not defined')
    """

    def __init__(self, digits: int, working: int = 0) -> None:
        """Compute with the stable forms of the rules, in `working` digits, of which so many are shown."""
        super().__init__(stable=True, digits=max(working, digits + GUARD_DIGITS))
        self.digits, self.working = digits, working
        self.context.shown = digits
        self.context.mpf.__reduce__ = lambda number: (_loaded, (digits, working, number._mpf_))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what it is made of, for pickle and copies."""
        return type(self), (self.digits, self.working)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Return an operation's value, or a `Fault` where there is none."""
        return self._guarded(op, operands, operands, "not defined", lambda: op.value(self.operations, *operands))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative, or a `Fault` where there is none."""
        partial = super().partial
        return self._guarded(op, operands, [*operands, z], "not finite", lambda: partial(op, position, z, operands))

    def _guarded(
        self, op: Op, operands: Sequence[Any], arguments: Sequence[Any], reason: str, compute: Callable[[], Any]
    ) -> Any:
        """Return the computed number, or a `Fault` where it is not real or the computation raises."""
        try:
            number = compute()
        except Fault as fault:
            return fault
        except (ArithmeticError, ValueError, TypeError, AttributeError):
            # mpmath refuses a `Fault`, compares no complex numbers, and knows no angle of them
            return undefined(op, operands, reason)
        if isinstance(number, Fault) or type(number) is int:
            return number
        if self._is_pole(number, arguments):
            return Fault(op, operands, reason)
        return Fault(op, operands, "indeterminate") if self.context.isnan(number) else self._bounded(number)

    def _is_pole(self, number: Any, arguments: Sequence[Any]) -> bool:
        """Whether a result is complex, or infinite although all its arguments are finite."""
        m = self.context
        finite = not any(isinstance(x, Fault) or m.isinf(x) for x in arguments)
        return isinstance(number, m.mpc) or (finite and m.isinf(number))

    def _bounded(self, number: Any) -> Any:
        """Return a number with its exponent bounded by `MAX_EXPONENT`."""
        m = self.context
        number = m.mpf(number)
        if m.isinf(number):
            return number
        size = m.mag(number) if number else 0
        return m.sign(number) * m.inf if size > MAX_EXPONENT else m.zero if size < -MAX_EXPONENT else number


@dataclass(frozen=True)
class ManyDigits(Kind):
    """mpmath's floats of a chosen precision; a number is shown in the precision of its own context.

    `working` is how many digits they are computed with, at least ten more than the precision.
    """

    precision: int = 50
    working: int = field(default=0, repr=False)

    name: ClassVar[str] = "numbers of many digits"
    real: ClassVar[bool] = True
    chosen_by_value: ClassVar[bool] = False
    promises_digits: ClassVar[bool] = True
    reading: ClassVar[str] = ": here floats are the decimals that they are written as"
    largest: ClassVar[str] = "10**60000"

    def takes(self, value: Any) -> bool:
        """Whether a value is a float of mpmath or of sympy, which have the same representation."""
        return hasattr(value, "_mpf_")

    @property
    def settings(self) -> dict[str, Any]:
        working = {"working": self.working} if self.working else {}
        return {"exact": False, "precision": self.precision, **working}

    def selected_by(self, settings: Mapping[str, Any]) -> Kind | None:
        precision = settings.get("precision")
        if precision is None:
            return None
        working = settings.get("working", 0)
        _refuse_unless(precision, 1, MAX_PRECISION)
        _refuse_unless(working, 0, _most_digits(precision))
        return ManyDigits(precision, working)

    @cached_property
    def namespace(self) -> Namespace:
        return Precise(self.precision, self.working)

    @property
    def decimal_digits(self) -> int:
        return self.precision

    def digits_in_doubt(self, relative: float) -> int:
        right = -relative - MARGIN
        return math.ceil(min(self.precision - right, self.precision)) if right < self.precision else 0

    @property
    def finest(self) -> ManyDigits | None:
        most = _most_digits(self.precision)
        return ManyDigits(self.precision, most) if self.working < most else None

    def finer(self, relative: float) -> ManyDigits | None:
        working, finest = max(self.working, self.precision + GUARD_DIGITS), self.finest
        if finest is None or not self.digits_in_doubt(relative):
            return None
        more = max(working // 2, math.ceil(min(relative + self.precision + MARGIN, working)))
        return ManyDigits(self.precision, min(working + more, finest.working))

    def reading_error(self, value: Any) -> Any:
        """Return half a unit in the last place of a number that fills the precision; one with fewer bits is exact."""
        m = self.namespace.context
        bits = m.mpf(value).man.bit_length()  # an adjoint without a contribution is the integer 0
        return abs(value) * self.unit_roundoff if m.prec // 2 < bits else 0

    def delivered(self, value: Any) -> Any:
        """Return a number of ten digits more than the chosen precision."""
        return Precise(self.precision).context.mpf(value) if self.working and self.takes(value) else value

    @property
    def unit_roundoff(self) -> Any:
        m = self.namespace.context
        return m.ldexp(1, -m.prec)

    def is_finite(self, value: Any) -> bool:
        return bool(value - value == 0)

    def log10(self, value: Any) -> float:
        return float(value.context.log10(abs(value)))

    def is_infinite(self, value: Any) -> bool:
        return bool(abs(value) == math.inf)

    def fraction(self, value: Any) -> Fraction:
        return as_fraction(value)

    def rational(self, value: Any) -> Any:
        """Return a finite number as a fraction of the same value, an infinite one as a float."""
        return as_fraction(value) if self.is_finite(value) else float(value)

    def short(self, value: Any) -> str:
        return _decimal(value, DIGITS)

    def digits(self, value: Any) -> str:
        return _decimal(value, getattr(value.context, "shown", value.context.dps - GUARD_DIGITS))

    def text(self, value: Any) -> str:
        return _decimal(value, value.context.dps)

    def from_json(self, stored: Any, like: Any = None) -> Any:
        number = plain_from_json(stored)
        return number if like is None else like.context.convert(number)

    def to_answer(self, value: Any) -> str:
        return self.digits(value)


MANY_DIGITS: Final = ManyDigits()


def _refuse_unless(digits: Any, least: int, most: int) -> None:
    """Raise `GraphgradError` for a precision that is no whole number within its bounds."""
    if not isinstance(digits, int) or not least <= digits <= most:
        raise GraphgradError(f"a precision of {digits} digits", hint=f"take a whole number from 1 to {most}")


def _most_digits(precision: int) -> int:
    """Return the most digits that are computed with for a chosen precision."""
    return 2 * precision + MOST_MORE


def _decimal(value: Any, count: int) -> str:
    """Format an mpmath number, without mpmath's trailing ".0" and "+"."""
    text: str = value.context.nstr(value, count)
    return text.replace(".0e", "e").removesuffix(".0").removeprefix("+")


@cache
def _context(digits: int, working: int, _thread: int) -> Any:
    return Precise(digits, working).context


def _loaded(digits: int, working: int, number: tuple[int, ...]) -> Any:
    """Return a number that was stored, in a context of this thread."""
    return _context(digits, working, get_ident()).make_mpf(number)


def is_finite_real(number: Any) -> bool:
    """Whether a value is a finite float of mpmath.

    >>> m = Precise(20)
    >>> is_finite_real(m.const(Fraction(1, 4))), is_finite_real(m.context.inf), is_finite_real(None)
    (True, False, False)
    """
    _, mantissa, exponent, _ = getattr(number, "_mpf_", NO_NUMBER)
    return bool(mantissa) or not exponent


def as_fraction(number: Any, max_exponent: float = math.inf) -> Fraction:
    """Return a finite float of mpmath or sympy as a fraction of the same value.

    Raises `ValueError` for any other value, and for one whose binary exponent is beyond `max_exponent`.

    >>> as_fraction(Precise(20).const(Fraction(1, 4)))
    Fraction(1, 4)
    """
    sign, mantissa, exponent, _ = getattr(number, "_mpf_", NO_NUMBER)
    if abs(exponent) > max_exponent or (not mantissa and exponent):
        raise ValueError("it is no finite number")
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)
