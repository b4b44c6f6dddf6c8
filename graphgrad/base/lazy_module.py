"""Name the functions of a module that is imported only when one of them is called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LazyModule"]


class LazyModule:
    """The functions of a module as attributes; it is imported with the first call of one.

    >>> LazyModule("math").sqrt(4.0)
    2.0
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        """Take the full name of the module."""
        self._path = path

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a function that calls the module's function of this name."""
        return partial(_call, self._path, name)


def _call(path: str, name: str, /, *args: Any, **options: Any) -> Any:
    from importlib import import_module

    return getattr(import_module(path), name)(*args, **options)
