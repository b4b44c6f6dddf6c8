"""The language's symbols and function names, derived from the table, and the messages for those it lacks."""

from __future__ import annotations

import unicodedata
from typing import Final

from graphgrad.ops.table import ALIASES, OPS
from graphgrad.text.statement import Apply

__all__ = ["BRACKETS", "CONSTANTS", "FUNCTIONS", "INFIX", "POSTFIX", "PREFIX", "REFUSED", "WORDS", "glued", "strange"]

BRACKETS: Final = "[]"
"""The mark of the operation that is written as an index behind its operand."""

INFIX: Final = {symbol: (*op.binds, Apply(op.name, 2)) for op in OPS.values() if op.infix for symbol in op.symbols}
PREFIX: Final = {symbol: (op.binds[1], Apply(op.name, 1)) for op in OPS.values() if op.prefix for symbol in op.symbols}
FUNCTIONS: Final[dict[str, tuple[str, ...]]] = {
    op.spoken: tuple(other.name for other in OPS.values() if other.spoken == op.spoken)
    for op in OPS.values()
    if op.arity
} | {alias: (name,) for alias, name in ALIASES.items() if OPS[name].arity}
POSTFIX: Final = {op.postfix: op for op in OPS.values() if op.postfix}
CONSTANTS: Final[dict[str, str]] = {op.name: op.name for op in OPS.values() if not op.arity} | {
    alias: name for alias, name in ALIASES.items() if not OPS[name].arity
}
REFUSED: Final = {
    "//": ("there is no whole-number division", "write floor_div(a, b)"),
    "%": ("% is a percent sign, directly after a number", "for the remainder write floor_mod(a, b)"),
    ":=": (":= is not an operator here", "write name = expression"),
    "&&": ("there is no logical 'and'", "multiply the conditions: (a > 0)*(b > 0)"),
    "||": ("there is no logical 'or'", "write max(a > 0, b > 0)"),
    "[": (
        "no index can be read here",
        "an index is of constants, behind an array: x[0, 1:3]; arrays themselves are given as values",
    ),
    "]": ("this ']' closes nothing", "an index is of constants, behind an array: x[0, 1:3]"),
    "{": ("braces mean nothing here", "write ( )"),
    "}": ("braces mean nothing here", "write ( )"),
}
WORDS: Final = {
    "and": "for a logical 'and' multiply the conditions: (a > 0)*(b > 0)",
    "or": "for a logical 'or' write max(a > 0, b > 0)",
    "if": "for a choice write where(condition, a, b)",
    "else": "for a choice write where(condition, a, b)",
}


def glued(number: str, name: str) -> tuple[str, str]:
    """Return the message for a number that runs into a name, and a hint.

    >>> glued("2", "x")
    ('a number runs into a name: 2x', 'write 2*x')
    """
    if name in ("e", "E"):
        return f"'{number}{name}' is not a number", f"the exponent is missing: {number}e3"
    if number == "0" and name[0] in "xXoObB":
        return f"'{number}{name}' is not a number", "write it in decimal"
    return f"a number runs into a name: {number}{name}", f"write {number}*{name}"


def strange(character: str) -> tuple[str, str]:
    """Return the message for a character that means nothing, and a hint.

    >>> strange("$")
    ("'$' means nothing in an expression", '')
    """
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    is_plain = character.isascii() and character.isprintable()
    shown = f"'{character}'" if is_plain else f"'{character}' ({name})"
    hint = "write names without quotes, or in backquotes: `unit price`" if character in "\"'" else ""
    return f"{shown} means nothing in an expression", hint
