"""Write numbers and comparisons as LLVM's assembly has them."""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["CONDITIONS", "literal"]

CONDITIONS: Final = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
"""The conditions of `fcmp` by the signs of comparisons: with nan, only `!=` holds."""


def literal(number: float) -> str:
    """Return a number by the bits of the float.

    >>> literal(1.0)
    '0x3FF0000000000000'
    """
    return f"0x{struct.pack('>d', number).hex().upper()}"
