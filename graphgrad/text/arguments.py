"""Read and write the constant parameters of array operations: axes, shapes, indices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphgrad.ops.op import Op

__all__ = ["CONSTANT", "INDEX", "SUBSCRIPTS", "checked", "index_text", "params_text", "read_constant", "read_index"]

WHOLE: Final = r"[+-]?[0-9]{1,9}"
INDEX: Final = r"\[[^\[\]\n]{0,200}\]"
"""What may stand in brackets behind an array."""

SUBSCRIPTS: Final = r'"[A-Za-z,\ ]{0,200}(?:->[A-Za-z\ ]{0,100})?"'
"""What may stand in quotes: letters for axes, as in "ij,jk->ik"."""

CONSTANT: Final = rf"(?:None|True|False|{WHOLE}|\([-+0-9,\ ]{{0,200}}\)|{INDEX}|{SUBSCRIPTS})"
"""What may stand behind the equals sign of a parameter."""

WORDS: Final = {"None": None, "True": True, "False": False, "...": Ellipsis}
ITEM: Final = lazy_pattern(rf"(None|\.\.\.)|({WHOLE})|((?:{WHOLE})?)\ *(:)\ *((?:{WHOLE})?)(?:\ *:\ *((?:{WHOLE})?))?")
TUPLE: Final = lazy_pattern(rf"\(\ *{WHOLE}\ *(?:,\ *{WHOLE}\ *)*,?\ *\)|\(\ *\)")


def read_index(text: str) -> tuple[Any, ...] | None:
    """Return what stands in brackets: numbers, None, ..., and a (start, stop, step) for a slice; None if it is none.

    >>> read_index("[0, 1:3, ...]"), read_index("[x]")
    ((0, (1, 3, None), Ellipsis), None)
    """
    matches = [ITEM.fullmatch(part.strip()) for part in text[1:-1].split(",")]
    return tuple(_item(match) for match in matches if match) if all(matches) else None


def _item(match: re.Match[str]) -> Any:
    word, number, start, colon, stop, step = match.groups()
    if colon:
        return tuple(int(part) if part else None for part in (start, stop, step))
    return WORDS[word] if word else int(number)


def read_constant(text: str) -> Any:
    """Return the value of a parameter; NotImplemented if it is none.

    >>> read_constant("(0, 1)"), read_constant("-1"), read_constant("[1:]"), read_constant('"ij, j -> i"')
    ((0, 1), -1, ((1, None, None),), 'ij,j->i')
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] == '"':
        return text[1:-1].replace(" ", "")
    if text[0] == "[":
        index = read_index(text)
        return NotImplemented if index is None else index
    if text[0] == "(":
        return tuple(map(int, re.findall(WHOLE, text))) if TUPLE.fullmatch(text) else NotImplemented
    return int(text)


def checked(default: Any, value: Any) -> Any:
    """Return the value of a parameter as the kind that its default is; NotImplemented if it is of another kind.

    An axis that is None or -1 by default can be None for all axes, or several.

    >>> checked(False, 1), checked((), 3), checked(-1, None), checked(0, None)
    (True, (3,), None, NotImplemented)
    """
    if isinstance(default, str):
        return value if isinstance(value, str) else NotImplemented
    if isinstance(default, bool):
        return bool(value) if value in (0, 1) else NotImplemented
    if isinstance(default, tuple):
        return value if isinstance(value, tuple) else (value,) if type(value) is int else NotImplemented
    if default in {None, -1} and (value is None or (isinstance(value, tuple) and all(type(v) is int for v in value))):
        return value
    return value if type(value) is int else NotImplemented


def params_text(op: Op, unspoken: Collection[str] = ()) -> str:
    """Return the parameters that differ from their defaults, except those left `unspoken`, as they stand in a call."""
    given = [(name, value) for name, value in op.params if value != op.options[name] and name not in unspoken]
    return ", ".join(f"{name}={_value_text(value)}" for name, value in given)


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple) and not all(type(item) is int for item in value):
        return index_text(value)
    return f"({', '.join(map(str, value))}{',' * (len(value) == 1)})" if isinstance(value, tuple) else str(value)


def index_text(at: tuple[Any, ...]) -> str:
    """Return an index as it stands behind an array.

    >>> index_text((0, (1, None, None), Ellipsis, None))
    '[0, 1:, ..., None]'
    """
    return f"[{', '.join(map(_item_text, at))}]"


def _item_text(item: Any) -> str:
    if not isinstance(item, tuple):
        return "..." if item is Ellipsis else str(item)
    start, stop, step = ("" if part is None else str(part) for part in item)
    return f"{start}:{stop}" + (f":{step}" if step else "")
