"""Show the beginning of an operand in a hint."""

from __future__ import annotations

from typing import Final

from graphgrad.base.lazy_pattern import lazy_pattern

__all__ = ["shown"]

OPERAND: Final = lazy_pattern(r"[√∛∜]*(?:`[^`\n]{1,30}`|\.?\w[\w.]*)?")
"""A name or a number, perhaps behind the sign of a root."""

ENCLOSED: Final = lazy_pattern(
    r"\([^()\n]{0,16}\)|\|[^|\n]{1,16}\||‖[^‖\n]{1,16}‖|⌊[^⌋\n]{1,16}⌋|⌈[^⌉\n]{1,16}⌉|\[[^]\n]{1,16}\]"
)
"""What stands between brackets and is shown whole."""

CLOSING: Final = {"(": ")", "|": "|", "‖": "‖", "⌊": "⌋", "⌈": "⌉", "[": "]"}


def shown(source: str, start: int) -> str:
    """Return the operand that begins at a place as hints show it.

    >>> [shown(text, 0) for text in ("x + 1", "(a + b)*c", "sin(x*(y + 1))", "√|x|", "√(a + (b))")]
    ['x', '(a + b)', 'sin(…)', '√|x|', '√(…)']
    """
    operand = OPERAND.match(source, start)
    at = operand.end() if operand else start
    sign = source[at : at + 1]
    begin = source[start:at][:30]
    if sign not in CLOSING or (sign != "(" and begin.strip("√∛∜")):
        return begin or sign
    whole = ENCLOSED.match(source, at)
    return begin + (whole.group() if whole else f"{sign}…{CLOSING[sign]}")
