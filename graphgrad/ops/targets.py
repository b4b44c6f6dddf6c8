"""Spelling tables: what a target calls an operation, and the tables that several targets share.

A table maps an operation's name to the target's own function, or to how it writes one. What a table does not name is
spelled out from the operation's row, so that a new row needs no table at all. A spelling has the value of the row:
`tests/ops/test_spellings.py` holds every one against it.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["LIBM", "NUMPY", "OPERATORS", "Spellings"]

Spellings = Mapping[str, Any]
"""An operation's name → its spelling: the name of a function, or a function, as the target needs it."""

LIBM: Final[Spellings] = {
    name: name
    for name in (
        *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "exp", "expm1"),
        *("floor", "hypot", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh"),
    )
}
"""The functions of `<math.h>`, C99 section 7.12, that most languages and libraries have under the same names."""

NUMPY: Final[Spellings] = {
    **LIBM,
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "pow": "power",
    "exp2": "exp2",
    "rem": "fmod",
    "round": "rint",
    "trunc": "trunc",
}
"""The same in NumPy, in all its versions."""

OPERATORS: Final[Spellings] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}
"""Python's operators. Its power is none of them: it leaves the real numbers."""
