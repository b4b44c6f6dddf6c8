"""Define what a kind of number provides: reading, formatting, JSON, comparison, and a namespace for rules."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import astuple, dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from graphgrad.namespaces.namespace import Namespace

__all__ = ["DIGITS", "Kind", "plain_from_json", "six_digits"]

DIGITS: Final = 6
"""The significant digits of a number that is shown to people."""

LONG, LONGEST = 4_300, 1_000_000
"""The characters of a number beyond which Python does not read it, and beyond which nothing is read."""

FRACTION: Final = re.compile(r"-?\d+(/0*[1-9]\d*|(\.\d+)?(e[+-]?\d{1,5})?)", re.ASCII)
"""A number as JSON text: an integer, a fraction, or a decimal of chosen precision."""


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of number, and everything that depends on the kind.

    A new kind is one file, with a subclass and its namespace, and an entry in `graphgrad.namespaces.kinds.KINDS`. The
    operators of its numbers return `NotImplemented` for an operand that is no number.
    """

    name: ClassVar[str]
    """The name of its numbers, in the plural; JSON stores it for a kind that `exact` and `precision` do not select."""

    types: ClassVar[tuple[type, ...]] = ()
    """The types whose values are of this kind."""

    exact: ClassVar[bool] = False
    """Whether its arithmetic never rounds."""

    real: ClassVar[bool] = False
    """Whether each value is one real number, which sympy can check and a slider on a page can move."""

    plain: ClassVar[bool] = False
    """Whether Python compares its numbers with fractions exactly."""

    chosen_by_value: ClassVar[bool] = True
    """Whether both passes compute in this kind as soon as one value at the point is of it."""

    dtype: ClassVar[str] = ""
    """The dtype of its arrays in NumPy; empty if arrays are computed entry by entry."""

    promises_digits: ClassVar[bool] = False
    """Whether both passes run again, with more digits, until those that were asked for are right."""

    reading: ClassVar[str] = ""
    """How its numbers are read, where that decides: what a message on a jump says after the place."""

    largest: ClassVar[str] = "every bound"
    """The bound that the warning of an overflow names."""

    # ---- its values, and the settings that select it

    def takes(self, value: Any) -> bool:
        """Whether a value is a number of this kind."""
        return isinstance(value, self.types)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that JSON stores beside a graph, from which `selected_by` returns the kind."""
        return {"exact": False, "precision": None, "numbers": self.name}

    def selected_by(self, settings: Mapping[str, Any]) -> Kind | None:
        """Return the kind, in the precision that the settings name, if these settings select it."""
        return self if settings.get("numbers") == self.name else None

    @cached_property
    def namespace(self) -> Namespace:
        """The namespace that evaluates rules in this kind."""
        raise NotImplementedError

    @cached_property
    def zero(self) -> Any:
        """The number 0."""
        return self.namespace.const(Fraction(0))

    @cached_property
    def one(self) -> Any:
        """The number 1."""
        return self.namespace.const(Fraction(1))

    @property
    def decimal_digits(self) -> int:
        """The significant decimal digits of its numbers, 0 where arithmetic never rounds."""
        return 0

    @property
    def unit_roundoff(self) -> Any:
        """The largest relative error of one correctly rounded operation, 0 where arithmetic never rounds."""
        return 0

    @property
    def smallest(self) -> Any:
        """The smallest positive number, which bounds the error of an underflow; 0 where there is none."""
        return 0

    # ---- input

    def read(self, given: Any, fraction: Callable[[Any], Fraction]) -> Any:
        """Return a number that is given in any form; `fraction` converts it to an exact one.

        Raises `TypeError`, `ValueError` or `OverflowError` for a value that is no number.
        """
        return self.namespace.const(fraction(given))

    def read_at_once(self, values: Collection[Any]) -> Collection[Any] | None:
        """Return values as `read` does, where that is quick and all are finite numbers; else None."""
        return values if self.known_finite(values) else None

    def known_finite(self, values: Collection[Any]) -> bool:
        """Whether all values are finite numbers of this kind; False also where the test would be slow."""
        del values
        return False

    # ---- properties

    def is_finite(self, value: Any) -> bool:
        """Whether a number is neither infinite nor nan."""
        return math.isfinite(value)

    @property
    def finest(self) -> Kind | None:
        """The same kind computed with the most digits; None where it promises none, or has no more."""
        return None

    def finer(self, relative: float) -> Kind | None:
        """Return the kind to compute in again, if it promises more digits than a relative error of 10**relative leaves.

        None where the digits suffice, and where there is none with more.
        """
        del relative
        return None

    def reading_error(self, value: Any) -> Any:
        """Return the largest error of a number that was read from a decimal, 0 where it is the number."""
        del value
        return 0

    def delivered(self, value: Any) -> Any:
        """Return a result as it is handed to the caller."""
        return value

    def digits_in_doubt(self, relative: float) -> int:
        """Return how many decimal digits are in doubt at a relative error of 10**relative; 0 where too few to be told.

        A loss of one or two digits is that of any computation in floats.
        """
        del relative
        return 0

    def log10(self, value: Any) -> float:
        """Return the decimal logarithm of a number's absolute value, which is not 0."""
        return math.log10(abs(value))

    def is_infinite(self, value: Any) -> bool:
        """Whether a number is infinite, or has an entry that is."""
        return math.isinf(value)

    def fraction(self, value: Any) -> Fraction:
        """Return the exact value of a number that a user gives; a float is the decimal that it is written as."""
        raise TypeError(f"{self.name} are no fractions: {value!r}")

    def rational(self, value: Any) -> Any:
        """Return a number in a form that Python compares exactly with fractions."""
        return value

    # ---- text

    @abstractmethod
    def short(self, value: Any) -> str:
        """Return a number in six significant digits."""

    def digits(self, value: Any) -> str:
        """Return a number in the precision that was chosen, six significant digits by default."""
        return self.short(value)

    def entries(self, value: Any) -> str:
        """Return what `digits` does; for a small array, its numbers."""
        return self.digits(value)

    @abstractmethod
    def text(self, value: Any) -> str:
        """Return the shortest text that reads back as the same number."""

    # ---- JSON

    def to_json(self, value: Any) -> Any:
        """Return a number as JSON data, which `from_json` reads back exactly."""
        return self.text(value)

    def from_json(self, stored: Any, like: Any = None) -> Any:
        """Return a stored number, in the type and precision of the computed number `like`, if it is given.

        Raises `TypeError` or `ValueError` for data that is no number.
        """
        del like
        return plain_from_json(stored)

    def to_answer(self, value: Any) -> Any:
        """Return a number as data for the command's JSON, in the precision that was chosen."""
        return self.to_json(value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the kind without its namespace, which the copy creates again when needed."""
        return type(self), astuple(self)


def six_digits(number: float) -> str:
    """Return a float in six significant digits, zero without its sign.

    >>> six_digits(715.0000000000001), six_digits(1.5e-7), six_digits(-0.0)
    ('715', '1.5e-07', '0')
    """
    text = f"{number:.{DIGITS}g}"
    return "0" if text == "-0" else text


def plain_from_json(stored: Any) -> Any:
    """Return a number from JSON data: a float, an integer, or a fraction or infinity written as text.

    >>> plain_from_json("1/3"), plain_from_json(0.5), plain_from_json("-inf")
    (Fraction(1, 3), 0.5, -inf)
    """
    if isinstance(stored, str):
        return _fraction(stored) if FRACTION.fullmatch(stored) else {"inf": math.inf, "-inf": -math.inf}[stored]
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        raise TypeError(f"{stored!r} is no number")
    return stored


def _fraction(text: str) -> Fraction:
    """Read a fraction; Python itself reads no integers of more than 4300 digits."""
    if len(text) <= LONG:
        return Fraction(text)
    if len(text) > LONGEST:
        message = f"a number of {len(text)} characters is too long"
        raise ValueError(message)
    return Fraction(*(int(Decimal(part)) for part in text.split("/")))
