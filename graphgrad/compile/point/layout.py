"""What machine code has to know of this process: where CPython keeps a float's value, and addresses of functions."""

from __future__ import annotations

import builtins
import ctypes
import math
import sys
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.targets import Spellings

__all__ = ["Layout", "address_in_c", "address_of", "layout"]

POINTER: Final = 8
"""The bytes of an address and of a float."""

FLOATS: Final = (1.5, -2.25e300, 5e-324)
"""The floats with which the layout is tried."""

DIRECT: Final[Spellings] = {
    name: name
    for name in (
        *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp"),
        *("expm1", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"),
    )
}
"""The functions of `math` that leave the number to C's; its own are `gamma`, `hypot` and `lgamma`."""

PROBES: Final = (0.0, -0.0, 1e-300, 0.1, -0.3, 0.7, 1.0, -1.0, 1.9, 2.5, -3.7, 7.0, 20.3, -41.9, 333.3, 1e10, -1e5)
"""The numbers at which a function of C is compared with that of Python."""

WINDOWS: Final = "ucrtbase"
"""The library of C on Windows; elsewhere its functions are found by their names in the process itself."""


class Layout(NamedTuple):
    """The offsets of a float's type and of its value, in bytes."""

    kind: int
    value: int


@cache
def layout() -> Layout | None:
    """Return the layout of floats; None where this is not CPython, or one whose objects have more in front.

    That is a build without the global lock, or for debugging: they have not been tried.
    """
    sizes = ctypes.sizeof(ctypes.c_void_p), object.__basicsize__, float.__basicsize__
    if sys.implementation.name != "cpython" or sizes != (POINTER, 2 * POINTER, 3 * POINTER):
        return None
    expected = Layout(POINTER, 2 * POINTER)
    return expected if all(_is_laid_out(x, expected) for x in FLOATS) else None


def _is_laid_out(x: float, expected: Layout) -> bool:
    kind = ctypes.c_void_p.from_address(id(x) + expected.kind).value
    return kind == id(float) and ctypes.c_double.from_address(id(x) + expected.value).value == x


def address_of(name: str) -> int:
    """Return the address of an object, or of a function of CPython's stable interface.

    >>> address_of("PyFloat_Type") == id(float), address_of("PyExc_ValueError") == id(ValueError)
    (True, True)
    """
    prefix, _, rest = name.partition("_")
    if prefix == "PyExc":
        return id(getattr(builtins, rest))
    if rest == "Type":
        return id(getattr(builtins, prefix.removeprefix("Py").lower()))
    return _address(getattr(ctypes.pythonapi, name))


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@cache
def address_in_c(name: str, operands: int) -> int | None:
    """Return the address of C's function that Python's of this name in `math` calls; None for one with other results.

    >>> address_in_c("no_function", 1) is None
    True
    """
    in_c = _function_in_c(name, operands)
    if in_c is None:
        return None
    in_python = getattr(math, name)
    return _address(in_c) if all(_agree(in_python, in_c, at) for at in product(PROBES, repeat=operands)) else None


def _function_in_c(name: str, operands: int) -> Callable[..., float] | None:
    library = _library()
    if name not in DIRECT or not hasattr(library, name):
        return None
    return ctypes.CFUNCTYPE(*[ctypes.c_double] * (operands + 1))((name, library))


@cache
def _library() -> Any:
    return ctypes.CDLL(WINDOWS if sys.platform == "win32" else None)


def _agree(in_python: Callable[..., float], in_c: Callable[..., float], at: tuple[float, ...]) -> bool:
    """Whether two functions give the same bits, or Python's an error and C's no finite number."""
    result = in_c(*at)
    try:
        return in_python(*at).hex() == result.hex()
    except (ArithmeticError, ValueError):
        return not math.isfinite(result)
