"""Read and write names in backquotes, which may hold any character except the end of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.arguments import texts_of
from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.signs import normalised
from graphgrad.text.tokens import NAME, QUOTED
from graphgrad.text.vocabulary import CONSTANTS

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

__all__ = [
    "column_names",
    "dotted_names",
    "grouped",
    "is_writable",
    "listed_names",
    "name_and_rest",
    "outside_quotes",
    "unquoted",
    "written",
    "written_names",
]

PLAIN: Final = lazy_pattern(NAME)
NEGATION: Final = "not"
"""A word that is an operator before an operand."""

CLOSED: Final = lazy_pattern(QUOTED)
IN_QUOTES: Final = lazy_pattern(f"({QUOTED})")
BEGINS_QUOTED: Final = lazy_pattern(rf"\s*{QUOTED}")
DOT: Final = lazy_pattern(r"\.(?=(?:[^`]*`[^`]*`)*[^`]*\Z)")
"""A dot that an even number of backquotes follows, which stands outside of them."""
UP_TO_COMMA: Final = lazy_pattern(r"[^,]*")
UP_TO_EQUALS: Final = lazy_pattern(r"[^=,]*")


def written(name: str) -> str:
    """Return a name as it stands in an expression: in backquotes where it would be read as anything else.

    >>> written("price"), written("unit price"), written("pi"), written("a`b")
    ('price', '`unit price`', '`pi`', '`a``b`')
    """
    return name if _is_plain(name) else f"`{name.replace('`', '``')}`"


def written_names(names: Iterable[str]) -> str:
    """Return names as a list with commas that `listed_names` reads.

    >>> written_names(["n", "a, b"])
    'n, `a, b`'
    """
    return ", ".join(map(written, names))


def is_writable(name: str) -> bool:
    r"""Whether an expression can hold a name: one that is not empty and has no end of a line.

    >>> is_writable("unit price"), is_writable("a\nb")
    (True, False)
    """
    return bool(name) and "\n" not in name


def grouped(text: str) -> str:
    """Return an expression in parentheses, a single name as it is.

    >>> grouped("x"), grouped("`a b`"), grouped("`a`*`b`")
    ('x', '`a b`', '(`a`*`b`)')
    """
    return text if text.isidentifier() or CLOSED.fullmatch(text) else f"({text})"


def outside_quotes(change: Callable[[str], str], text: str) -> str:
    """Change all of an expression but its names in backquotes.

    >>> outside_quotes(str.upper, "a*`b c`")
    'A*`b c`'
    """
    if "`" not in text:
        return change(text)
    return "".join(piece if i % 2 else change(piece) for i, piece in enumerate(IN_QUOTES.split(text)))


def unquoted(text: str) -> str | None:
    """Return the name that stands in backquotes, character by character; None where the text is no such name.

    >>> unquoted("`a``b`"), unquoted("` x `"), unquoted("x"), unquoted("`a`b`")
    ('a`b', ' x ', None, None)
    """
    return text[1:-1].replace("``", "`") if CLOSED.fullmatch(text) else None


def listed_names(text: str) -> list[str]:
    """Return the names in a list with commas, each read as in an expression, but blanks within it need no backquotes.

    Within backquotes a comma belongs to the name. A part that only begins with a backquote stays as it is.

    >>> listed_names("unit price, `a, b`,n")
    ['unit price', 'a, b', 'n']
    """
    names: list[str] = []
    rest: str | None = text
    while rest is not None:
        name, after = _cut(rest, UP_TO_COMMA)
        names.append(_read(name))
        rest = after[1:] if after else None
    return names


def column_names(given: str | Iterable[str], what: str) -> tuple[str, ...]:
    """Return the names of columns, each once; a text is a list with commas, and a blank one has none.

    Raises `GraphgradError` for anything else; `what` is the argument's name.

    >>> column_names("n, unit price, n", "keep"), column_names(" ", "keep"), column_names(["a, b"], "keep")
    (('n', 'unit price'), (), ('a, b',))
    """
    if isinstance(given, str):
        given = listed_names(given) if given.strip() else ()
    return tuple(dict.fromkeys(texts_of(given, what, 'columns: ["x", "y"]')))


def dotted_names(text: str) -> list[str]:
    """Return the parts of a name with dots, to the letter; within backquotes a dot belongs to a part.

    >>> dotted_names("shop.`orders.2024`"), dotted_names("a b.c")
    (['shop', 'orders.2024'], ['a b', 'c'])
    """
    return [part if (name := unquoted(part)) is None else name for part in DOT.split(text)]


def name_and_rest(text: str) -> tuple[str, str]:
    """Split a text after the name that it begins with, at an equals sign or a comma outside of backquotes.

    >>> name_and_rest("unit price=3, n=5"), name_and_rest("`a=b` = 1")
    (('unit price', '=3, n=5'), ('a=b', '= 1'))
    """
    name, rest = _cut(text, UP_TO_EQUALS)
    return _read(name), rest


def _cut(text: str, up_to: re.Pattern[str]) -> tuple[str, str]:
    in_quotes = BEGINS_QUOTED.match(text)
    end = up_to.match(text, in_quotes.end() if in_quotes else 0).end()  # type: ignore[union-attr]  # or an empty text
    return text[:end], text[end:]


def _read(text: str) -> str:
    name = unquoted(text.strip())
    return normalised(text.strip()) if name is None else name


def _is_plain(name: str) -> bool:
    if name in CONSTANTS or name == NEGATION or not name.isidentifier():
        return False
    return name.isascii() or (PLAIN.fullmatch(name) is not None and normalised(name) == name)
