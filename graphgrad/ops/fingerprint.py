"""Tell whether two functions compute the same, as far as their code shows: one number for all rules of a table."""

from __future__ import annotations

import sys
from functools import partial
from hashlib import sha256
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["fingerprint"]


def fingerprint(values: Iterable[Any]) -> str:
    """Return a text that differs where functions have another code, or use other constants.

    It starts with the version of Python, whose code it is.

    >>> one, same, other = (lambda x: x + 1), (lambda y: y + 1), (lambda x: x - 1)
    >>> fingerprint([one]) == fingerprint([same]), fingerprint([one]) == fingerprint([other])
    (True, False)
    """
    digest = sha256()
    for text in _texts(values):
        digest.update(text.encode())
        digest.update(b"\0")
    return f"{sys.implementation.cache_tag}:{digest.hexdigest()[:32]}"


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Yield what tells values from others: the code of functions, and what it refers to."""
    stack, seen = [*values], set[int]()
    while stack:
        value = stack.pop()
        if isinstance(value, partial):
            stack += [value.func, value.args, sorted(value.keywords.items())]
        elif isinstance(value, FunctionType):
            if id(value) not in seen:
                seen.add(id(value))
                stack += [
                    value.__code__,
                    value.__defaults__,
                    value.__kwdefaults__ and sorted(value.__kwdefaults__.items()),
                ]
                stack += [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
                stack += [value.__globals__[name] for name in value.__code__.co_names if name in value.__globals__]
        elif isinstance(value, CodeType):
            yield value.co_code.hex()
            yield repr(value.co_names)
            stack += value.co_consts
        elif isinstance(value, tuple | list | frozenset):
            yield f"{type(value).__name__} {len(value)}"
            stack += sorted(value, key=repr) if isinstance(value, frozenset) else value
        elif isinstance(value, int | float | complex | str | bytes | None):
            yield repr(value)
        else:
            yield getattr(value, "__qualname__", type(value).__qualname__)


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty cell raises
    except ValueError:
        return False
    return True
