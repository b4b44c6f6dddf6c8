"""Read the arguments of public functions, and refuse those of a wrong kind by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from math import inf
from operator import index
from typing import TYPE_CHECKING, Any, Final, SupportsFloat, SupportsIndex, cast

from graphgrad.base.errors import GraphgradError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "as_float",
    "chosen",
    "count_of",
    "flag_of",
    "mapping_of",
    "number_of",
    "path_of",
    "python_value",
    "quoted",
    "text_of",
    "texts_of",
]

MAX_QUOTED: Final = 60
"""The most characters that are quoted of a wrong argument."""


def quoted(value: object) -> str:
    """Return an argument as it is quoted in a message: cut to a limit.

    >>> quoted("x" * 100)[-4:]
    'xxx…'
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a stranger's object may raise anything when it is shown
        text = f"a {type(value).__name__}"
    return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…"


def _refused(value: object, what: str, wanted: str, error: type[GraphgradError] = GraphgradError) -> GraphgradError:
    return error(f"{what} cannot be {quoted(value)}", hint=f"give {wanted}")


def text_of(value: object, what: str, wanted: str = "a text") -> str:
    """Return a text; raise `GraphgradError` for anything else.

    >>> text_of(5, "the expression")
    Traceback (most recent call last):
    graphgrad.GraphgradError: the expression cannot be 5
    give a text
    """
    if isinstance(value, str):
        return value
    raise _refused(value, what, wanted)


def texts_of(value: object, what: str, wanted: str = 'names: ["x", "y"]') -> tuple[str, ...]:
    """Return several texts; raise `GraphgradError` for anything else.

    >>> texts_of(["x", 5], "wrt")
    Traceback (most recent call last):
    graphgrad.GraphgradError: wrt cannot be ['x', 5]
    give names: ["x", "y"]
    """
    if isinstance(value, Iterable):
        texts = tuple(value)
        if all(isinstance(text, str) for text in texts):
            return texts
    raise _refused(value, what, wanted)


def mapping_of(value: object, what: str, wanted: str = 'values by name: {"x": 1}') -> Mapping[Any, Any]:
    """Return a mapping, an empty one for None; raise `GraphgradError` for anything else.

    >>> mapping_of([1, 2], "the point")
    Traceback (most recent call last):
    graphgrad.GraphgradError: the point cannot be [1, 2]
    give values by name: {"x": 1}
    """
    if type(value) is dict or isinstance(value, Mapping):
        return value
    if value is None:
        return {}
    raise _refused(value, what, wanted)


def flag_of(value: object, what: str) -> bool:
    """Return whether a value is true; raise `GraphgradError` where it is neither, as an array.

    >>> flag_of(1, "exact")
    True
    """
    try:
        return bool(value)
    except (TypeError, ValueError):
        raise _refused(value, what, "True or False") from None


def as_float(number: SupportsFloat) -> float:
    """Return the nearest float, an infinity for what is beyond.

    >>> as_float(10**400), as_float(-(10**400))
    (inf, -inf)
    """
    try:
        return float(number)
    except OverflowError:
        return inf if cast("Any", number) > 0 else -inf


def number_of(value: Any, what: str) -> float:
    """Return a number as a float; raise `GraphgradError` for anything else.

    >>> number_of("x", "a value")
    Traceback (most recent call last):
    graphgrad.GraphgradError: a value cannot be 'x'
    give a number
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise _refused(value, what, "a number") from None


def count_of(value: object, what: str) -> int:
    """Return a number of things, from 1 on; raise `GraphgradError` for anything else.

    >>> count_of(0, "rows")
    Traceback (most recent call last):
    graphgrad.GraphgradError: rows cannot be 0
    give a whole number from 1 on
    """
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        with suppress(TypeError):
            if (count := index(value)) >= 1:
                return count
    raise _refused(value, what, "a whole number from 1 on")


def path_of(value: Any, what: str = "a path", error: type[GraphgradError] = GraphgradError) -> Path:
    """Return a path; raise `error` for anything else.

    >>> path_of(None)
    Traceback (most recent call last):
    graphgrad.GraphgradError: a path cannot be None
    give a text or a Path
    """
    from pathlib import Path

    try:
        path = Path(value)
        if "\0" not in str(path):
            return path
    except (TypeError, ValueError):
        pass
    raise _refused(value, what, "a text or a Path", error)


def chosen(value: object, known: Iterable[str]) -> bool:
    """Whether a value is one of the known names; an array or a list is none.

    >>> chosen("full", ["full", "off"]), chosen(["full"], ["full", "off"])
    (True, False)
    """
    return isinstance(value, str) and value in {*known}


def python_value(value: Any, default: Any = 0) -> Any:
    """Return an option as Python's own numbers, a truth value where its default is one.

    Options are keys of a cache, where an equal number of another type, such as NumPy's, would take their place.

    >>> python_value(True), python_value(1, False), python_value([2, True])
    (1, True, (2, 1))
    """
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, (tuple, list)):
        return tuple(map(python_value, value))
    if isinstance(default, bool) and value in {0, 1}:
        return bool(value)
    return int(value) if isinstance(value, bool) else value
