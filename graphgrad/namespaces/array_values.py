"""Convert, format, store and compare NumPy arrays of any kind of number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.namespaces.kind import Kind
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.shapes import shape_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from graphgrad.ops.shapes import Shape

__all__ = [
    "ArrayKind",
    "array_of",
    "as_array",
    "as_floats",
    "broadcast_to",
    "cycled",
    "each_with_value",
    "is_array",
    "is_entrywise",
    "is_nested",
    "shape_of",
    "unboxed",
    "without_warnings",
]

MAX_ENTRIES: Final = 20
"""The most entries of an array that are shown."""


def shape_of(value: Any) -> Shape:
    """Return a value's shape, `()` for a number."""
    return tuple(getattr(value, "shape", ()))


def is_array(value: Any) -> bool:
    """Whether a value is an array with at least one axis."""
    return type(value) is not float and bool(shape_of(value))


def is_nested(value: Any) -> bool:
    """Whether a value that a user gives is an array: one of NumPy's, a list or a tuple."""
    return isinstance(value, (list, tuple)) or is_array(value)


def unboxed(value: Any) -> Any:
    """Return the Python number in an array without axes or in a NumPy scalar; anything else unchanged."""
    return value.item() if getattr(value, "shape", None) == () else value


def as_array(value: Any) -> Any:
    """Return an array, or numbers in nested lists, as an array of float64.

    Raises `ValueError` if they are not finite numbers.

    >>> as_array([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        message = "its entries are no numbers"
        raise ValueError(message)
    if not np.isfinite(array).all():
        message = "its entries are not all finite"
        raise ValueError(message)
    return array.astype(np.float64)


def is_entrywise(value: Any) -> bool:
    """Whether a value is an array of Python objects, as opposed to NumPy's floats."""
    return getattr(getattr(value, "dtype", None), "kind", "") == "O"


def array_of(read: Callable[[Any], Any], value: Any) -> Any:
    """Return an array, or numbers in nested lists, as an array of Python objects, with `read` applied to each."""
    import numpy as np

    with np.errstate(all="ignore"):  # conversions of Python's numbers set flags that NumPy would warn about
        return np.frompyfunc(read, 1, 1)(np.asarray(value, dtype=object))


def each_with_value(f: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """Return `f` of the entries of arrays of Python objects; 0 where one of them is a `Fault`."""
    import numpy as np

    return np.frompyfunc(lambda *xs: 0 if any(isinstance(x, Fault) for x in xs) else f(*xs), len(arrays), 1)(*arrays)


def broadcast_to(value: Any, shape: Shape) -> Any:
    """Return a read-only view of a number or an array in that shape."""
    import numpy as np

    return np.broadcast_to(value, shape)


def without_warnings() -> AbstractContextManager[Any]:
    """Return a context in which NumPy neither warns of an overflow nor raises an error."""
    import numpy as np

    return np.errstate(all="ignore")


def cycled(entries: Sequence[float], shape: Shape) -> Any:
    """Return an array in that shape, filled with the entries in turn, each round a little larger.

    >>> cycled([1, 2], (3,)).tolist()
    [1.0, 2.0, 1.125]
    """
    import numpy as np

    places = np.arange(math.prod(shape)).reshape(shape)
    return np.asarray(entries, np.float64)[places % len(entries)] + places // len(entries) / 8


def as_floats(value: Any) -> Any:
    """Return an array of Python objects as one of float64; a `Fault` becomes nan."""
    import numpy as np

    if not is_entrywise(value):
        return value
    return np.frompyfunc(lambda x: math.nan if isinstance(x, Fault) else float(x), 1, 1)(value).astype(np.float64)


@dataclass(frozen=True)
class ArrayKind(Kind):
    """NumPy arrays of any kind of number; `kind_of` returns the kind of an entry."""

    kind_of: Callable[[Any], Kind]

    name: ClassVar[str] = "arrays"
    chosen_by_value: ClassVar[bool] = False

    def takes(self, value: Any) -> bool:
        """Whether a value is an array, also one without axes, or a NumPy scalar."""
        return hasattr(value, "shape")

    def is_finite(self, value: Any) -> bool:
        return self._all(value, lambda x: not isinstance(x, Fault) and self.kind_of(x).is_finite(x))

    def is_infinite(self, value: Any) -> bool:
        return not self._all(value, lambda x: isinstance(x, Fault) or not self.kind_of(x).is_infinite(x))

    def rational(self, value: Any) -> Any:
        if not is_entrywise(value):
            return value
        return array_of(lambda x: x if isinstance(x, Fault) else self.kind_of(x).rational(x), value)

    def short(self, value: Any) -> str:
        """Return an array's shape."""
        return shape_text(value.shape) if value.shape else self._short(value.item())

    def digits(self, value: Any) -> str:
        return self.short(value) if value.shape else self._digits(value.item())

    def entries(self, value: Any) -> str:
        if value.size <= MAX_ENTRIES:
            return _bracketed(self._digits, value.tolist())
        return f"{self.short(value)}, from {self._short(value.min())} to {self._short(value.max())}"

    def text(self, value: Any) -> str:
        return _bracketed(lambda x: self.kind_of(x).text(x), value.tolist())

    def to_json(self, value: Any) -> Any:
        return _listed(lambda x: self.kind_of(x).to_json(x), value.tolist())

    def from_json(self, stored: Any, like: Any = None) -> Any:
        """Return a stored array in the shape of the computed one that it replaces."""
        import numpy as np

        entries = np.empty(like.shape, dtype=object)
        entries[...] = stored
        each = zip(entries.flat, like.ravel().tolist(), strict=True)
        array = np.empty_like(like)
        array.flat = [self.kind_of(x).from_json(entry, x) for entry, x in each]
        return array

    def to_answer(self, value: Any) -> Any:
        return _listed(lambda x: self.kind_of(x).to_answer(x), value.tolist())

    def _all(self, value: Any, holds: Callable[[Any], bool]) -> bool:
        return all(map(holds, value.ravel().tolist()))

    def _short(self, entry: Any) -> str:
        return self.kind_of(entry).short(entry)

    def _digits(self, entry: Any) -> str:
        return self.kind_of(entry).digits(entry)


def _listed(each: Callable[[Any], Any], entries: Any) -> Any:
    """Return nested lists with `each` applied to every entry."""
    return [_listed(each, x) for x in entries] if isinstance(entries, list) else each(entries)


def _bracketed(each: Callable[[Any], str], entries: Any) -> str:
    """Return nested lists as text, with `each` applied to every entry."""
    return f"[{', '.join(_bracketed(each, x) for x in entries)}]" if isinstance(entries, list) else each(entries)
