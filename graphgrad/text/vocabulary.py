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
    "brackets_of",
    "constants_of",
    "functions_of",
    "glued",
    "named_rows",
    "postfix_of",
    "roots_of",
    "strange",
]

ROOTS, FOURTH_ROOT = "√∛", "∜"

BRACKETS: Final = "[]"
"""The mark of the operation that is written as an index behind its operand."""


def functions_of(operations: Operations) -> dict[str, tuple[Op, ...]]:
    """Return the operations that a name before a parenthesis may mean.

    >>> [op.name for op in functions_of(OPERATIONS)["ln"]]
    ['log']
    """
    rows = [op for op in operations.values() if op.arity]
    functions: dict[str, tuple[Op, ...]] = {}
    for op in rows:
        functions[op.spoken] = (*functions.get(op.spoken, ()), op)
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
    "[": (
        "no index can be read here",
        "an index is of constants, behind an array: x[0, 1:3]; arrays themselves are given as values",
    ),
    "]": ("this ']' closes nothing", "an index is of constants, behind an array: x[0, 1:3]"),
    "{": ("braces mean nothing here", "write ( )"),
    "}": ("braces mean nothing here", "write ( )"),
}
BETWEEN: Final[Spellings] = {
    "mod": "for the remainder write mod(a, b)",
    "rem": "for the remainder write mod(a, b)",
    "div": "for the floor of a quotient write floordiv(a, b)",
    "where": "for a value write x = 3 before; for a choice, where(condition, a, b)",
    "var": "write name = expression",
}
"""What to write instead of the name of an operation between operands, by that name."""

WORDS: Final[dict[str, str]] = {
    **BETWEEN,
    "in": "for an interval write 0 < x < 1",
    "is": "to compare write a == b",
    "AND": "write a and b",
    "OR": "write a or b",
    "XOR": "write a xor b",
    "NOT": "write not a",
    "MOD": "for the remainder write mod(a, b)",
    "of": "write a*b for a part of b: 20%*b",
    **dict.fromkeys(("dx", "dy", "dt"), "write the function itself; --wrt x names what to differentiate by"),
    "if": "for a choice write a if condition else b",
    "for": "over an index write sum(i*x[i] for i in 0..9)",
    "then": "for a choice write a if condition else b",
    "elif": "for a choice write piecewise(c1, a, c2, b, otherwise)",
    "times": "to multiply write a*b",
    "plus": "to add write a + b",
    "minus": "to subtract write a - b",
    "over": "to divide write a/b",
    "percent": "write 8%",
    "lambda": "write the function's expression itself",
    "return": "write the expression itself",
    "def": "write name = expression, or f(x) = expression",
    "let": "write name = expression",
    "const": "write name = expression",
    "end": "a statement ends with its line, or with ;",
}
"""What to write instead of a word of other languages between operands."""


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


def strange(character: str) -> str:
    """Return the message for a character that means nothing.

    >>> strange("$")
    "'$' means nothing in an expression"
    """
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    is_plain = character.isascii() and character.isprintable()
    shown = f"'{character}'" if is_plain else f"'{character}' ({name})"
    return f"{shown} means nothing in an expression"


def roots_of(operations: Operations) -> dict[str, tuple[Op, ...]]:
    """Return the operations that the sign of a root applies, by the signs that rows have as their glyphs.

    >>> [op.name for op in roots_of(OPERATIONS)["∛"]]
    ['cbrt']
    """
    rows = {op.glyph: op for op in operations.values() if op.arity == 1}
    roots = {sign: (rows[sign],) for sign in ROOTS if sign in rows}
    return roots | ({FOURTH_ROOT: roots[ROOTS[0]] * 2} if ROOTS[0] in roots else {})


def brackets_of(operations: Operations) -> dict[str, tuple[str, Op]]:
    """Return the closing bracket and the operation of each bracket that a row has around a dot as its glyph.

    >>> {opening: (closing, op.name) for opening, (closing, op) in brackets_of(OPERATIONS).items()}
    {'|': ('|', 'abs'), '⌊': ('⌋', 'floor'), '⌈': ('⌉', 'ceil'), '‖': ('‖', 'norm')}
    """
    rows = [op for op in operations.values() if op.glyph[1:-1] == "·" and op.postfix != BRACKETS]
    return {op.glyph[0]: (op.glyph[-1], op.with_params({})) for op in rows}


def postfix_of(operations: Operations) -> dict[str, Op]:
    """Return the operations that are written behind their operand; that of the glyph x! is written with !.

    >>> sorted(postfix_of(OPERATIONS))
    ['!', '.T', '[]']
    """
    behind = {op.postfix: op for op in operations.values() if op.postfix}
    return behind | {op.glyph[1]: op for op in operations.values() if op.glyph == "x!"}
