"""Register the kinds of numbers, find the kind of a value, and choose the kind to compute in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_values import ArrayKind, array_of, as_array, is_array, is_nested
from graphgrad.namespaces.floats import FLOATS
from graphgrad.namespaces.many_digits import MANY_DIGITS
from graphgrad.namespaces.rationals import FRACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.namespaces.kind import Kind

__all__ = [
    "FLOATS",
    "FRACTIONS",
    "KINDS",
    "delivered",
    "fraction",
    "kind_for",
    "kind_of",
    "known_kind",
    "read",
    "selected_kind",
]


def kind_of(value: Any) -> Kind:
    """Return the kind of a number or of an array of numbers.

    Raises `TypeError` for a value that is no number.

    >>> kind_of(Fraction(1, 3)).short(Fraction(1, 3)), kind_of(0.5).name
    ('1/3', 'floats')
    """
    kind = known_kind(value)
    if kind is None:
        raise TypeError(f"{value!r} is no number")
    return kind


def known_kind(value: Any) -> Kind | None:
    """Return the kind of a number or of an array of numbers; None for any other value."""
    return BY_TYPE.get(type(value)) or next((kind for kind in KINDS if kind.takes(value)), None)


def selected_kind(settings: Mapping[str, Any]) -> Kind:
    """Return the kind that settings such as `exact` and `precision` select.

    Raises `GraphgradError` if they contradict each other, or if the precision is out of range.

    >>> selected_kind({"exact": True}).name, selected_kind({"precision": 30}), selected_kind({}).name
    ('fractions', ManyDigits(precision=30), 'floats')
    """
    selected = (kind.selected_by(settings) for kind in KINDS)
    return next((kind for kind in selected if kind), FLOATS)


def kind_for(values: Iterable[Any], *, exact: bool = False, precision: int | None = None) -> Kind:
    """Return the kind to compute in: the one that the arguments select, else one chosen by a value, else floats."""
    if exact or precision is not None:
        return selected_kind({"exact": exact, "precision": precision})
    if BY_TYPE.keys() >= set(map(type, values)):  # the fast path
        return FLOATS
    kinds = (known_kind(value) for value in values if type(value) not in BY_TYPE)
    return next((kind for kind in kinds if kind and kind.chosen_by_value), FLOATS)


def read(kind: Kind, given: Any) -> Any:
    """Return a given value as a number of that kind, an array or nested lists as an array of them.

    Raises `TypeError`, `ValueError` or `OverflowError` for any other value.

    >>> read(FRACTIONS, 1.1), read(FLOATS, [1, 2])
    (Fraction(11, 10), array([1., 2.]))
    """
    if isinstance(given, float) or not is_nested(given):
        return kind.read(given, fraction)
    return as_array(given) if kind.dtype else array_of(lambda x: kind.read(x, fraction), given)


def delivered(kind: Kind, value: Any) -> Any:
    """Return a result of passes in a kind as it is handed to the caller."""
    return array_of(kind.delivered, value) if is_array(value) and not kind.dtype else kind.delivered(value)


def fraction(value: Any) -> Fraction:
    """Return a number, given in any form, as an exact fraction; a float is the decimal that it is written as.

    >>> fraction(1.1), fraction("1/3")
    (Fraction(11, 10), Fraction(1, 3))
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal | str):
        return Fraction(value)
    return kind_of(value).fraction(value)


KINDS: Final[tuple[Kind, ...]] = (FRACTIONS, MANY_DIGITS, FLOATS, ArrayKind(kind_of))
"""All kinds; a value is of the first one that takes it."""

BY_TYPE: Final = {each: kind for kind in KINDS for each in kind.types}
"""The kind of each type that belongs to one: the fast path of `known_kind`."""
