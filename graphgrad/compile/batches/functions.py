"""Give machine code the scalar functions that Python's floats have: the C library's, else calls back into Python."""

from __future__ import annotations

import ctypes
import math
import sys
from functools import cache
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.machine_code import compiler
from graphgrad.namespaces.floats import FUNCTIONS, Floats
from graphgrad.ops.table import OPS
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["CALLED_BACK", "is_function", "or_nan", "raise_interruption", "symbol"]

CALLED_BACK: Final = "graphgrad_"
"""How the names of Python's functions begin: they take the address of the result before the operands."""

IN_C: Final[Spellings] = {**LIBM, "erf": "erf", "erfc": "erfc", "exp2": "exp2", "rem": "fmod"}
"""The functions that are as good in C."""


def symbol(op: Op) -> str | None:
    """Return the name by which machine code calls an operation; None for one that is written out from its rule.

    >>> symbol(OPS["sin"]), symbol(OPS["gamma"]), symbol(OPS["sigmoid"])
    ('sin', 'graphgrad_gamma', None)
    """
    return _symbol(op) if is_function(op) else None


def is_function(op: Op) -> bool:
    """Whether Python's floats have a function for an operation, which is not written out from its rule."""
    return OPS.get(op.name) is op and op.name in FUNCTIONS and bool(op.arity) and not op.variadic


@cache
def _symbol(op: Op) -> str:
    name = IN_C.get(op.name)
    if name is not None and (function := _in_c(name)):
        return _known(name, function)
    return _known(f"{CALLED_BACK}{op.name}", _called_back(op))


def _known(name: str, function: Any) -> str:
    """Make a function known to machine code by a name."""
    compiler().binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    return name


def _in_c(name: str) -> Any:
    """Return a function of the C library; None where the process has no such symbol."""
    try:
        return getattr(ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None), name)
    except (AttributeError, OSError, TypeError):
        return None


KEPT: Final[list[Any]] = []
"""The functions that machine code calls, which are not to be freed."""


def _called_back(op: Op) -> Any:
    """Return an operation on Python's floats as a function of C, which stores its result at an address.

    A signal may interrupt it before its first line, and ctypes only prints that: the caller's nan then stays there.
    """
    function = or_nan(op)

    def called(place: int, *operands: float) -> None:
        try:
            ctypes.c_double.from_address(place).value = function(*operands)
        except BaseException as interruption:  # noqa: BLE001  it would be lost in machine code
            INTERRUPTIONS[get_ident()] = interruption

    KEPT.append(ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_double] * op.arity)(called))
    return KEPT[-1]


INTERRUPTIONS: Final[dict[int, BaseException]] = {}
"""What interrupted a function that machine code called, such as `KeyboardInterrupt`, by the thread."""


def raise_interruption() -> None:
    """Raise what interrupted this thread in a function that machine code called."""
    if INTERRUPTIONS and (interruption := INTERRUPTIONS.pop(get_ident(), None)):
        raise interruption


def or_nan(op: Op) -> Callable[..., float]:
    """Return an operation on Python's floats, which gives nan where Python raises: the interpreter raises it again.

    >>> or_nan(OPS["gamma"])(5.0), or_nan(OPS["gamma"])(0.0)
    (24.0, nan)
    """
    function = Floats().function(op)

    def called(*operands: float) -> float:
        try:
            return float(function(*operands))
        except Exception:  # noqa: BLE001  whatever it is
            return math.nan

    return called
