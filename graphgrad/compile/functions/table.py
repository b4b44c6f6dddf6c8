"""List the functions that have a scheme, which is at most 1 ulp off the exact value but for `logaddexp`, as in NumPy.

An entry makes the function part of the loop that columns are compiled to, and needs nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.compile.functions.composed import REMAINDERS, SUMS
from graphgrad.compile.functions.error_functions import ERROR_FUNCTIONS
from graphgrad.compile.functions.exponentials import EXPONENTIALS
from graphgrad.compile.functions.hyperbolics import HYPERBOLICS
from graphgrad.compile.functions.inverse_hyperbolics import INVERSE_HYPERBOLICS
from graphgrad.compile.functions.inverse_trigonometric import INVERSE_TRIGONOMETRIC
from graphgrad.compile.functions.logarithms import LOGARITHMS
from graphgrad.compile.functions.powers import POWERS
from graphgrad.compile.functions.roots import ROOTS
from graphgrad.compile.functions.trigonometric import TRIGONOMETRIC

if TYPE_CHECKING:
    from graphgrad.ops.targets import Spellings

__all__ = ["FUNCTIONS", "SHARING"]

FUNCTIONS: Final[Spellings] = {
    **ERROR_FUNCTIONS,
    **EXPONENTIALS,
    **HYPERBOLICS,
    **INVERSE_HYPERBOLICS,
    **INVERSE_TRIGONOMETRIC,
    **LOGARITHMS,
    **POWERS,
    **REMAINDERS,
    **ROOTS,
    **SUMS,
    **TRIGONOMETRIC,
}
"""An operation's name → its scheme."""

SHARING: Final = frozenset({*ERROR_FUNCTIONS, *HYPERBOLICS, *POWERS, *TRIGONOMETRIC})
"""Those that compute a part once for all functions of one operand: in a loop, they are written side by side."""
