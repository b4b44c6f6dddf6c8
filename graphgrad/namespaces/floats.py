"""Evaluate rules in Python floats with `math`, and define floats as a kind of number."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from functools import cache, cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.namespaces import special
from graphgrad.namespaces.kind import Kind, six_digits
from graphgrad.namespaces.namespace import (
    ORDERED,
    CachedOperations,
    Fault,
    Operations,
    Ordered,
    refused_fault,
    undefined,
    unknown_derivative,
)
from graphgrad.namespaces.special_floats import SPECIAL_FLOATS
from graphgrad.ops.targets import LIBM, NUMPY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["FLOATS", "FloatKind", "Floats"]

DOUBTED: Final = 3
"""The fewest digits in doubt that are told: one or two are lost in any computation."""


PAIR: Final = 2
"""The number of operands of most operations."""

PLAIN: Final = frozenset({float, int})
"""The types of most given values."""

MOST_ROWS: Final = 4_096
"""The most rows whose rules are kept."""


class _PartialRules(dict[Any, Any]):
    """A cache of each operation's rules for its local derivatives, in their stable forms, by position."""

    def __missing__(self, op: Op) -> Any:
        if len(self) > MOST_ROWS:
            self.clear()  # rows of tables that a program makes and forgets
        stable = op.stable_d or {}
        rules = [stable.get(position, plain) for position, plain in enumerate(op.d)]
        self[op] = _GeneralRules(op) if op.variadic or not all(rules) else rules
        return self[op]


class _GeneralRules:
    """The rules of an operation with any number of operands, or without a derivative by some of them."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __getitem__(self, position: int) -> Any:
        if self.op.rule(position) is None:
            return lambda _m, _z, *operands: unknown_derivative(self.op, operands)
        return lambda m, z, *operands: self.op.partial(m, position, z, *operands)


_RULES: Final = _PartialRules()


def _of_floats(f: Callable[..., float]) -> Callable[..., float]:
    return lambda _m, *xs: f(*xs)


FUNCTIONS: Final[Spellings] = {
    **ORDERED,
    **LIBM,
    "pi": "pi",
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "lt": lambda _m, x, y: float(x < y),
    "le": lambda _m, x, y: float(x <= y),
    "gt": lambda _m, x, y: float(x > y),
    "ge": lambda _m, x, y: float(x >= y),
    "eq": lambda _m, x, y: float(x == y),
    "ne": lambda _m, x, y: float(x != y),
    "sign": lambda _m, x: float(x > 0) - float(x < 0),
    "floor": lambda _m, x: float(math.floor(x)) if math.isfinite(x) else x,
    "ceil": lambda _m, x: float(math.ceil(x)) if math.isfinite(x) else x,
    "exp2": "exp2",
    "rem": "fmod",
    "trunc": lambda _m, x: float(math.trunc(x)) if math.isfinite(x) else x,
    "round": lambda _m, x: float(round(x)) if math.isfinite(x) else x,
    "lgamma": lambda _m, x: special.log_gamma(x),
    "exp_minus_square": lambda _m, x: special.exp_minus_square(x),
    "digamma": lambda _m, x: special.digamma(x),
    "polygamma": lambda _m, n, x: special.polygamma(n, x),
    **{name: _of_floats(f) for name, f in SPECIAL_FLOATS.items()},
}
"""The functions of `math`, and functions for what it lacks or returns in another type."""


class Floats(Ordered):
    """Python floats with `math`: nan becomes a `Fault`, overflow becomes inf.

    >>> from graphgrad.ops.table import OPS
    >>> Floats().value(OPS["sqrt"], [2.0])
    1.4142135623730951
    >>> Floats().value(OPS["log"], [-1.0])
    Fault('not defined')
    """

    spellings = FUNCTIONS
    library: Any = math

    @property
    def operations(self) -> Operations:
        """The operations that rules call, one cache for all floats."""
        return _FLOATS

    def const(self, number: Fraction) -> float:
        """Return the nearest float."""
        return float(number)

    def value(self, op: Op, operands: Sequence[float | Fault]) -> float | Fault:
        """Return an operation's value, or a `Fault` where there is none."""
        rule = op.stable_f or op.f
        try:
            if len(operands) == PAIR:  # most calls, which take half the time so
                x, y = operands
                z = float(rule(_FLOATS, x, y))
            else:
                z = float(rule(_FLOATS, *operands))
        except OverflowError:
            return _saturated(op, operands, lambda: _saturating().value(op, operands))
        except (ValueError, ZeroDivisionError):
            return undefined(op, operands, "not defined")
        except TypeError as error:
            return refused_fault(operands, error)
        except Fault as fault:
            return fault
        return z if z == z else Fault(op, operands, "indeterminate")  # noqa: PLR0124  nan alone differs from itself

    def partial(self, op: Op, position: int, z: float, operands: Sequence[float]) -> Any:
        """Return a local derivative, or a `Fault` where there is none."""
        rule = _RULES[op][position]
        try:
            if len(operands) == PAIR:
                x, y = operands
                d = rule(_FLOATS, z, x, y)
            else:
                d = rule(_FLOATS, z, *operands)
            return d if d == d else Fault(op, operands, "indeterminate")  # noqa: PLR0124  nan alone differs from itself
        except OverflowError:
            return _saturated(op, operands, lambda: _saturating().partial(op, position, z, operands))
        except (ValueError, ZeroDivisionError):
            return undefined(op, operands, "not finite")
        except TypeError as error:
            return refused_fault(operands, error)
        except Fault as fault:
            return fault


_FLOATS: Final = CachedOperations(Floats())


SATURATING: Final[Spellings] = {
    **FUNCTIONS,
    **NUMPY,
    "erf": lambda _m, x: _to_infinity(math.erf, x),
    "erfc": lambda _m, x: _to_infinity(math.erfc, x),
    "gamma": lambda _m, x: _to_infinity(math.gamma, x),
}
"""NumPy's functions, and those of `math` with infinity in place of an `OverflowError`."""


class _Saturating(Floats):
    """NumPy's scalars, which overflow to ±inf and never raise."""

    spellings = SATURATING

    def __init__(self) -> None:
        import numpy as np

        self.library = np
        self._operations = CachedOperations(self)

    @property
    def operations(self) -> Operations:
        """The operations that rules call."""
        return self._operations

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        with self.library.errstate(all="ignore"):
            return op.value(self.operations, *map(self.library.float64, operands))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        float64 = self.library.float64
        with self.library.errstate(all="ignore"):
            return op.partial(self.operations, position, float64(z), *map(float64, operands))


@cache
def _saturating() -> _Saturating:
    return _Saturating()


def _saturated(op: Op, operands: Sequence[Any], compute: Callable[[], Any]) -> float | Fault:
    """Return a number that NumPy computes without an `OverflowError`, or a `Fault` where it is none."""
    try:
        number = float(compute())
    except TypeError as error:
        return refused_fault(operands, error)
    except Fault as fault:
        return fault
    return Fault(op, operands, "indeterminate") if math.isnan(number) else number


def _to_infinity(f: Any, *operands: float) -> float:
    try:
        return float(f(*operands))
    except OverflowError:
        return math.copysign(math.inf, operands[-1])


class FloatKind(Kind):
    """Python's floats and integers; a rule returns the integer 0 for a local derivative that is exactly 0."""

    name: ClassVar[str] = "floats"
    types: ClassVar[tuple[type, ...]] = (float, int)
    real: ClassVar[bool] = True
    plain: ClassVar[bool] = True
    chosen_by_value: ClassVar[bool] = False
    dtype: ClassVar[str] = "float64"
    largest: ClassVar[str] = "float64"
    reading: ClassVar[str] = (
        ": here floats are the binary numbers that they are, with exact and precision the decimals written"
    )

    def takes(self, value: Any) -> bool:
        """Whether a value is a float or an integer, also one of NumPy's."""
        return isinstance(value, Real)

    @property
    def settings(self) -> dict[str, Any]:
        return {"exact": False, "precision": None}

    def selected_by(self, settings: Mapping[str, Any]) -> Kind | None:
        return None if settings.get("numbers", self.name) != self.name else self

    @cached_property
    def namespace(self) -> Namespace:
        return Floats()

    @property
    def unit_roundoff(self) -> float:
        return sys.float_info.epsilon / 2

    @property
    def decimal_digits(self) -> int:
        return 16

    def digits_in_doubt(self, relative: float) -> int:
        lost = min(relative - math.log10(self.unit_roundoff), self.decimal_digits)
        return round(lost) if lost >= DOUBTED else 0

    @property
    def smallest(self) -> float:
        return math.ulp(0.0)

    def read(self, given: Any, fraction: Callable[[Any], Fraction]) -> float:
        del fraction
        return float(given)

    def read_at_once(self, values: Collection[Any]) -> Collection[Any] | None:
        if not PLAIN.issuperset(map(type, values)):
            return None
        try:
            numbers = [*map(float, values)]
        except OverflowError:
            return None
        return numbers if all(map(math.isfinite, numbers)) else None

    def known_finite(self, values: Collection[Any]) -> bool:
        return {*map(type, values)} <= {float} and all(map(math.isfinite, values))

    def fraction(self, value: Any) -> Fraction:
        return Fraction(repr(float(value)))

    def short(self, value: Any) -> str:
        return six_digits(value)

    def text(self, value: Any) -> str:
        return repr(float(value) if isinstance(value, float) else value)

    def to_json(self, value: Any) -> Any:
        return value if isinstance(value, int) or math.isfinite(value) else str(value)


FLOATS: Final = FloatKind()
