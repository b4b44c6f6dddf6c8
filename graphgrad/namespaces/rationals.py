"""Evaluate rules exactly in rational numbers, and define fractions as a kind of number."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from graphgrad.base.errors import GraphgradError, LimitError
from graphgrad.namespaces.kind import DIGITS, Kind, six_digits
from graphgrad.namespaces.namespace import ORDERED, CachedOperations, Fault, OffDomainError, Operations, Ordered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["EXACT_DIGITS", "FRACTIONS", "Exact", "FractionKind"]

EXACT_DIGITS = 10_000
"""The most digits a numerator or denominator may have in exact mode."""

MAX_FRACTION: Final = 9
"""The most characters of a fraction that is shown as one; a longer fraction is shown as a decimal."""


def _power(_m: Exact, x: Fraction, y: Fraction) -> Fraction:
    if y.denominator != 1:
        raise _irrational()
    if abs(y) * (_bits(x) - 1) > EXACT_DIGITS / math.log10(2):
        raise _too_long()
    return Fraction(x ** int(y))


FUNCTIONS: Final[Spellings] = {
    **ORDERED,
    "pow": _power,
    "floor": lambda _m, x: Fraction(math.floor(x)),
    "ceil": lambda _m, x: Fraction(math.ceil(x)),
}
"""The functions whose values at rational numbers are rational."""


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
        """Return an operation's value, or a `Fault` if it is not rational or longer than `EXACT_DIGITS`."""
        return self._guarded(op, operands, lambda: op.value(_EXACT, *operands, stable=False))

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative, or a `Fault` if it is not rational or longer than `EXACT_DIGITS`."""
        return self._guarded(op, operands, lambda: super(Exact, self).partial(op, position, z, operands))

    def _guarded(self, op: Op, operands: Sequence[Any], compute: Any) -> Any:
        try:
            number = compute()
        except ZeroDivisionError:
            return Fault(op, operands, "not defined")
        except OffDomainError as error:  # raised before the operands were used: one may be a `Fault`
            fault = next((x for x in operands if isinstance(x, Fault)), None)
            return Fault(op, operands, error.reason, error.error) if fault is None else fault
        except Fault as fault:
            return fault
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
        text = str(value)
        return text if len(text) <= MAX_FRACTION and Fraction(rounded) != value else rounded

    def text(self, value: Any) -> str:
        return str(value)

    def to_answer(self, value: Any) -> Any:
        return int(value) if value.denominator == 1 else str(value)


FRACTIONS: Final = FractionKind()


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
