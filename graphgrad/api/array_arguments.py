"""Read an array that is written beside an expression: as nested lists, or as @ and a NumPy file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import FileError, GraphgradError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.namespaces.value_types import ArrayLike, Scalar

__all__ = ["array_from", "array_in", "is_array_text"]

MEMBER: Final = re.compile(r"(.+\.npz):(.+)", re.DOTALL)


def is_array_text(text: str) -> bool:
    """Tell whether a value is written as an array."""
    return text.lstrip().startswith(("[", "@"))


def array_in(text: str, number: Callable[[str], Scalar], label: str) -> list[object]:
    """Return an array as nested lists, each entry read by `number`; `label` names the text in errors.

    Raises `GraphgradError` where the brackets are wrong or an entry is missing.

    >>> array_in("[[1, 2], [3, 4]]", float, "x")
    [[1.0, 2.0], [3.0, 4.0]]
    """
    stack: list[list[object]] = [[]]
    pending, depth = "", 0
    for character in text.strip():
        if depth == 0 and character in "[],":
            pending = _push(stack, pending, character, number, label)
        else:
            depth += (character == "(") - (character == ")")
            pending += character
    whole = stack[0][0] if len(stack) == len(stack[0]) == 1 else None
    if not isinstance(whole, list) or pending.strip():
        raise _unreadable(label)
    return whole


def _push(stack: list[list[object]], pending: str, character: str, number: Callable[[str], Scalar], label: str) -> str:
    """Put the entry before a bracket or a comma onto the stack of open lists; return the text still pending."""
    if character == "[":
        if pending.strip():
            raise _unreadable(label)
        stack.append([])
        return ""
    if pending.strip():
        stack[-1].append(number(pending))
    if character == "]":
        if len(stack) == 1:
            raise _unreadable(label)
        done = stack.pop()
        stack[-1].append(done)
    elif not stack[-1]:
        raise _unreadable(label)
    return ""


def _unreadable(label: str) -> GraphgradError:
    return GraphgradError(f"{label}: this is no array", hint="write it as [[1,2],[3,4]]")


def array_from(text: str, name: str, label: str) -> ArrayLike:
    """Return the array in `@file.npy` or in `@file.npz:member`, by default the member called `name`.

    Pickled objects are refused, so that no code in a file runs. Raises `FileError` where the file cannot be read, and
    `GraphgradError` where it has no such array.
    """
    from zipfile import BadZipFile
    from zlib import error as BadCompressionError  # noqa: N812  zlib calls it `error`

    import numpy as np

    path = text.strip()[1:]
    match = MEMBER.fullmatch(path)
    path, member = match.groups() if match else (path, name)
    try:
        with open(path, "rb") as file:  # noqa: PTH123  Path would change a user's path
            loaded = np.load(file, allow_pickle=False)
            array: ArrayLike = (
                loaded[_member(loaded.files, member, path, label)] if hasattr(loaded, "files") else loaded
            )
            return array
    except OSError as error:
        raise FileError(f"{label}: cannot read {path}: {error.strerror or error}") from None
    except (ValueError, EOFError, MemoryError, BadZipFile, BadCompressionError):
        hint = "write it with numpy.save or numpy.savez, from an array of numbers"
        raise GraphgradError(f"{label}: {path} holds no array of numbers", hint=hint) from None


def _member(members: list[str], member: str, path: str, label: str) -> str:
    if member in members:
        return member
    if len(members) == 1:
        return members[0]
    known = ", ".join(members[:10]) or "none"
    raise GraphgradError(f"{label}: {path} has no member '{member}'", hint=f"its members: {known}")
