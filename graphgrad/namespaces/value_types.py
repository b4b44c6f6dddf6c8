"""Define the types of the numbers that users give and get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal
    from fractions import Fraction
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Amount",
    "ArrayLike",
    "Floats",
    "ManyDigits",
    "Number",
    "Numbers",
    "Objects",
    "Scalar",
    "Unknown",
    "Value",
    "Values",
    "Wrt",
]


@public
class ManyDigits(Protocol):
    """A real number of mpmath, an `mpf`: the result of a run with `precision`.

    >>> from graphgrad import parse
    >>> root = parse("sqrt(x)").backprop({"x": 2}, precision=20).value
    >>> float(root), str(root * root - 2 < 1e-20)
    (1.4142135623730951, 'True')
    """

    @property
    def man_exp(self) -> tuple[int, int]:
        """The mantissa and the exponent of the number, which is mantissa × 2**exponent.

        >>> from graphgrad import parse
        >>> parse("x/4").backprop({"x": 3}, precision=20).value.man_exp
        (3, -2)
        """

    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __float__(self) -> float: ...
    def __int__(self) -> int: ...
    def __abs__(self) -> Self: ...
    def __neg__(self) -> Self: ...
    def __add__(self, other: Self | float, /) -> Self: ...
    def __radd__(self, other: float, /) -> Self: ...
    def __sub__(self, other: Self | float, /) -> Self: ...
    def __rsub__(self, other: float, /) -> Self: ...
    def __mul__(self, other: Self | float, /) -> Self: ...
    def __rmul__(self, other: float, /) -> Self: ...
    def __truediv__(self, other: Self | float, /) -> Self: ...
    def __rtruediv__(self, other: float, /) -> Self: ...
    def __pow__(self, other: Self | float, /) -> Self: ...
    def __lt__(self, other: Self | float, /) -> bool: ...
    def __le__(self, other: Self | float, /) -> bool: ...
    def __gt__(self, other: Self | float, /) -> bool: ...
    def __ge__(self, other: Self | float, /) -> bool: ...


Floats: TypeAlias = "NDArray[np.float64]"
"""The results for arrays."""

Objects: TypeAlias = "NDArray[np.object_]"
"""The results for arrays whose entries are fractions or numbers of many digits."""

Number: TypeAlias = "float | Fraction | ManyDigits | Floats | Objects"
"""Any number that a file may hold."""

Unknown: TypeAlias = Any
"""A result that a type checker cannot determine: with arrays, the value may still be a number."""

Scalar: TypeAlias = "float | np.floating[Any] | np.integer[Any] | np.bool_ | Fraction | Decimal | ManyDigits | str"
"""The forms of one number; a text is a decimal."""

ArrayLike: TypeAlias = "NDArray[np.generic] | Sequence[object]"
"""The forms of an array: one of NumPy's, or nested lists of numbers."""

Value: TypeAlias = "Scalar | ArrayLike"
"""The forms of an input's value."""

Numbers: TypeAlias = "Mapping[str, Scalar]"
"""A point of numbers."""

Values: TypeAlias = "Mapping[str, object]"
"""A point of arrays and numbers; mypy infers `object` for the values of such a dict."""

Wrt: TypeAlias = "Iterable[str] | None"
"""The names of inputs to differentiate by; None stands for all."""

Amount: TypeAlias = "float | np.floating[Any] | np.integer[Any] | Fraction | Decimal | str"
"""The change of an input: a number, or a text such as "+1", "-10%" or "±0.5"."""
