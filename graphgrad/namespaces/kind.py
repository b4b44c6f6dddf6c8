"""Define a kind of number: how it is read, shown, stored and compared, and the namespace that rules are read in."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from graphgrad.namespaces.namespace import Namespace

__all__ = ["DIGITS", "Kind", "plain_from_json", "six_digits"]

DIGITS: Final = 6
"""Significant digits of a number that is looked at."""

FRACTION: Final = re.compile(r"-?\d+(/0*[1-9]\d*|(\.\d+)?(e[+-]?\d{1,5})?)", re.ASCII)
"""How a number stands in a text: whole, as a fraction, or as a decimal of chosen precision."""


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of number, and everything that depends on the kind.

    A new kind is a subclass with its namespace in one file, and an entry in `graphgrad.namespaces.kinds.KINDS`. Its
    operators return `NotImplemented` for what is no number.
    """

    name: ClassVar[str]
    """What its numbers are called, in the plural; JSON stores it where neither `exact` nor `precision` asks for it."""

    types: ClassVar[tuple[type, ...]] = ()
    """The types whose values are of this kind."""

    exact: ClassVar[bool] = False
    """Whether nothing is ever rounded."""

    real: ClassVar[bool] = False
    """Whether each is one real number: sympy can check it, and a page moves it with a slider."""

    plain: ClassVar[bool] = False
    """Whether Python compares it with a fraction exactly."""

    chosen_by_value: ClassVar[bool] = True
    """Whether one value of it at a point is enough for both passes to compute in it."""

    dtype: ClassVar[str] = ""
    """The NumPy type that arrays of it have; empty where they are computed entry by entry."""

    largest: ClassVar[str] = "every bound"
    """What an overflow is beyond."""

    # ---- which values, and what asks for it

    def takes(self, value: Any) -> bool:
        """Whether a value is a number of this kind."""
        return isinstance(value, self.types)

    @property
    def settings(self) -> dict[str, Any]:
        """What is stored of it beside a graph, from which `asked_for` finds it again."""
        return {"exact": False, "precision": None, "numbers": self.name}

    def asked_for(self, settings: Mapping[str, Any]) -> Kind | None:
        """Return the kind, of so many digits where it has a precision, if these settings ask for it."""
        return self if settings.get("numbers") == self.name else None

    @cached_property
    def namespace(self) -> Namespace:
        """The namespace that rules are read in."""
        raise NotImplementedError

    # ---- from what a user gives

    def read(self, given: Any, fraction: Callable[[Any], Fraction]) -> Any:
        """Return a number that is given in any form; `fraction` makes an exact one of it.

        Raises `TypeError`, `ValueError` or `OverflowError` for what is no number.
        """
        return self.namespace.const(fraction(given))

    def known_finite(self, values: Collection[Any]) -> bool:
        """Whether all values are finite numbers of this kind; false where it takes long to tell."""
        del values
        return False

    # ---- what it is

    def is_finite(self, value: Any) -> bool:
        """Whether a number is neither infinite nor nan."""
        return math.isfinite(value)

    def is_infinite(self, value: Any) -> bool:
        """Whether a number is infinite, or has an entry that is."""
        return math.isinf(value)

    def fraction(self, value: Any) -> Fraction:
        """Return the fraction that a number stands for where it is given: a float is the decimal it is written as."""
        raise TypeError(f"{self.name} are no fractions: {value!r}")

    def rational(self, value: Any) -> Any:
        """Return a number as what Python compares exactly with a fraction."""
        return value

    # ---- as text

    @abstractmethod
    def short(self, value: Any) -> str:
        """Return a number to look at: six significant digits."""

    def digits(self, value: Any) -> str:
        """Return a number with all the digits that were asked for."""
        return self.short(value)

    def entries(self, value: Any) -> str:
        """Return a number with all the digits that were asked for, or an array's numbers where they are few."""
        return self.digits(value)

    @abstractmethod
    def text(self, value: Any) -> str:
        """Return the shortest text that reads back as the same number."""

    # ---- as JSON

    def to_json(self, value: Any) -> Any:
        """Return what JSON holds of a number, from which `from_json` returns the same one."""
        return self.text(value)

    def from_json(self, stored: Any, like: Any = None) -> Any:
        """Return a stored number, with the precision of the one that was computed in its place, if there is one.

        Raises `TypeError` or `ValueError` for what is none.
        """
        del like
        return plain_from_json(stored)

    def to_answer(self, value: Any) -> Any:
        """Return what the command's JSON holds of a number: the digits that were asked for."""
        return self.to_json(value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Be copied without the namespace, which is made anew when it is needed."""
        return type(self), astuple(self)


def six_digits(number: float) -> str:
    """Return a float to look at, zero without its sign.

    >>> six_digits(715.0000000000001), six_digits(1.5e-7), six_digits(-0.0)
    ('715', '1.5e-07', '0')
    """
    text = f"{number:.{DIGITS}g}"
    return "0" if text == "-0" else text


def plain_from_json(stored: Any) -> Any:
    """Return a number that JSON holds: a float, a whole number, or a fraction, which is written as text.

    >>> plain_from_json("1/3"), plain_from_json(0.5), plain_from_json("-inf")
    (Fraction(1, 3), 0.5, -inf)
    """
    if isinstance(stored, str):
        return Fraction(stored) if FRACTION.fullmatch(stored) else {"inf": math.inf, "-inf": -math.inf}[stored]
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        raise TypeError(f"{stored!r} is no number")
    return stored
