"""The language's symbols and function names, derived from the table, and the messages for those it lacks."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from graphgrad.ops.table import OPERATIONS

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings

__all__ = [
    "BRACKETS",
    "CONSTANTS",
    "REFUSED",
    "WORDS",
    "constants_of",
    "functions_of",
    "glued",
    "named_rows",
    "strange",
]

BRACKETS: Final = "[]"
"""The mark of the operation that is written as an index behind its operand."""


def functions_of(operations: Operations) -> dict[str, tuple[Op, ...]]:
    """Return the operations that a name before a parenthesis may mean.

    >>> [op.name for op in functions_of(OPERATIONS)["ln"]]
    ['log']
    """
    rows = [op for op in operations.values() if op.arity]
    functions = {op.spoken: tuple(other for other in rows if other.spoken == op.spoken) for op in rows}
    return functions | {
        alias: (operations[name],) for alias, name in operations.aliases.items() if operations[name].arity
    }


def constants_of(operations: Operations) -> dict[str, Op]:
    """Return the operations without operands, by each name that the text may give.

    >>> list(constants_of(OPERATIONS))
    ['pi', 'π']
    """
    constants = {op.name: op for op in operations.values() if not op.arity}
    return constants | {alias: constants[name] for alias, name in operations.aliases.items() if name in constants}


def named_rows(operations: Operations, names: Spellings) -> dict[str, tuple[Op, ...]]:
    """Return operations by other names, which a table gives for some of them.

    >>> [op.name for op in named_rows(OPERATIONS, {"abs": ("fabs", "absolute")})["fabs"]]
    ['abs']
    """
    return {name: (operations[row],) for row, others in names.items() for name in others}


CONSTANTS: Final = constants_of(OPERATIONS)
"""The constants of the default table."""

REFUSED: Final = {
    "//": ("there is no whole-number division", "write floordiv(a, b)"),
    "%": ("% is a percent sign, directly after a number", "for the remainder write mod(a, b)"),
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
