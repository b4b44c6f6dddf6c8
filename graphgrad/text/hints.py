"""Say what to write instead of the signs and functions of other programs."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import ExpressionSyntaxError
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.table import OPERATIONS
from graphgrad.text.hint_tables import CHARACTERS, FUNCTIONS, KINDS, LOGARITHMS, MODULES, NAMES
from graphgrad.text.instead import INSTEAD

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphgrad.text.grammar import Grammar

__all__ = ["character_hint", "function_hint", "name_hint", "read_as", "refuse_foreign"]

LOGARITHM: Final = lazy_pattern(r"log_?([0-9]+|[a-z])")
DOT: Final = lazy_pattern(r"\.\s*((?:[^\W\d]\w*\.)*)([^\W\d]\w*)(\s*\(\s*\)?)?")
CELL: Final = lazy_pattern(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
"""A cell of a spreadsheet."""

CELL_BEFORE: Final = lazy_pattern(r"(?<!\w)\$?[A-Z]{1,3}\$?[0-9]{1,7}$")
NAME_BEFORE: Final = lazy_pattern(r"[^\W\d][\w.]{0,60}$")
NUMBER_BEFORE: Final = lazy_pattern(r"[0-9][0-9_.]{0,40}$")
NUMBER_AFTER: Final = lazy_pattern(r".\s*([0-9][0-9_.]{0,40})")
PRIMES: Final = "'’′"
COMMAND: Final = lazy_pattern(r"\\[a-zA-Z]+")
LATEX, PYTHON, MATLAB, EXCEL = "latex", "python", "matlab", "excel"


def read_as(dialect: str) -> str:
    """Return how to read a text in a dialect.

    >>> read_as("latex")
    'read it with --from latex, or parse(text, dialect="latex")'
    """
    return f'read it with --from {dialect}, or parse(text, dialect="{dialect}")'


# ---- names and functions


def name_hint(name: str) -> str:
    """Return what to write where a name that has no value is meant as what it is elsewhere; empty where it is nothing.

    >>> name_hint("e"), name_hint("sin"), name_hint("price")
    ('for the exponential function write exp(x)', 'the function is written sin(…)', '')
    """
    if name in NAMES:
        return NAMES[name]
    if not name[0].isascii() and name[1:2].isalpha() and name[0] in OPERATIONS.aliases:
        return f"to multiply write {name[0]}*{name[1:]}"
    row = OPERATIONS.get(OPERATIONS.aliases.get(name, name))
    return f"the function is written {name}(…)" if row is not None and row.arity and not row.symbols else ""


def function_hint(name: str, known: Collection[str], forms: Collection[str] = ()) -> str:
    """Return what to write for a function that is not known; `forms` are what is written like a function, too.

    >>> function_hint("arctg", ["atan"]), function_hint("SIN", ["sin"]), function_hint("weight", ["sin"])
    ('write atan(x)', 'write sin(…)', 'to multiply, write weight*(…)')
    """
    lower = name.lower()
    if name in INSTEAD:
        return INSTEAD[name]
    if lower in known or lower in forms:
        return f"write {lower}(…)"
    base = LOGARITHM.fullmatch(name)
    if base:
        return f"write {LOGARITHMS.get(base.group(1), LOGARITHMS['']).format(base.group(1))}"
    written = FUNCTIONS.get(name) or FUNCTIONS.get(lower)
    if written:
        return f"write {written}"
    return suggestion(name, known, f"to multiply, write {name}*(…)")


# ---- characters and sequences of them


def refuse_foreign(grammar: Grammar, source: str, position: int) -> None:
    """Raise the error for a sign of another language that stands at a position, or around it; else do nothing."""
    if not grammar.foreign:
        return
    for start in range(max(position - 2, 0), position + 1):
        for sign, message, hint in grammar.foreign:
            if source.startswith(sign, start) and start + len(sign) > position:
                raise ExpressionSyntaxError(message, source, (start, start + len(sign)), hint=hint)
    if source[position : position + 1] == ".":
        _refuse_dot(source, position, grammar.functions)
    command = COMMAND.match(source, position)
    if command:
        message = f"{command.group()} is LaTeX"
        raise ExpressionSyntaxError(message, source, command.span(), hint=read_as(LATEX))


def _refuse_dot(source: str, position: int, functions: Collection[str]) -> None:
    """Refuse a dot between names: a function of a module, a method, an attribute; or an operator of MATLAB's."""
    before, after = NAME_BEFORE.search(source, max(position - 64, 0), position), DOT.match(source, position)
    following = source[position + 1 : position + 2]
    if following and following in "*/^'\\":
        hint = f"operators work entry by entry as they are: write {following}; or {read_as(MATLAB)}"
        raise ExpressionSyntaxError(f".{following} is no operator here", source, (position, position + 2), hint=hint)
    if not before or not after:
        return
    owner, (modules, name, call) = before.group(), after.groups()
    owner += f".{modules}".rstrip(".")
    span = before.start(), after.end(2)
    is_function = name.lower() in functions
    if owner.split(".")[0] in MODULES:
        written = f"{name.lower()}(…)" if is_function and call else name.lower()
        hint = f"write {written} without '{owner}.'; or {read_as(PYTHON)}"
        raise ExpressionSyntaxError("functions belong to no module here", source, span, hint=hint)
    if is_function and call:
        operands = f"{owner}" if ")" in call else f"{owner}, …"
        hint = f"write {name.lower()}({operands})"
        raise ExpressionSyntaxError("functions are no methods here", source, span, hint=hint)
    quoted = f"a name with a dot in it stands in backquotes: `{owner}.{name}`"
    raise ExpressionSyntaxError("a name has no dot in it", source, span, hint=quoted)


def character_hint(source: str, position: int) -> str:
    """Return what to write instead of a character that means nothing.

    >>> character_hint("30°", 2)
    'write 30*pi/180'
    """
    character = source[position]
    beside = _hint_beside(source, position)
    if beside:
        return beside
    number = NUMBER_BEFORE.search(source, max(position - 41, 0), position)
    next_number = NUMBER_AFTER.match(source, position)
    cell = CELL.match(source, position)
    if character == "$" and cell:
        return f"write the cell as {''.join(cell.groups())}; or {read_as(EXCEL)}"
    if unicodedata.category(character) == "Sc":
        amount = number.group() if number else next_number.group(1) if next_number else "the number"
        return f"write {amount}, without the sign of a currency"
    if character in CHARACTERS:
        return CHARACTERS[character].replace("30", number.group() if number else "30")
    name = unicodedata.name(character, "")
    return next((hint for words, hint in KINDS if any(word in name for word in words)), KINDS[-1][1])


def _hint_beside(source: str, position: int) -> str:
    """Return what to write instead of a character that means something by what stands beside it; empty for others."""
    character, before = source[position], max(position - 64, 0)
    if character == ":" and CELL_BEFORE.search(source, before, position):
        return f"cells are read in a spreadsheet's formula: {read_as(EXCEL)}"
    if character not in PRIMES:
        return ""
    number, following = NUMBER_BEFORE.search(source, before, position), NUMBER_AFTER.match(source, position)
    if number and following:
        return f"write {number.group()}{following.group(1)}"
    if NAME_BEFORE.search(source, before, position):
        return "a derivative is computed by --wrt and gradient(); transpose a matrix by x.T; quote a name as `x'`"
    return ""
