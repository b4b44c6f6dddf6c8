"""Set `__module__` of exported classes and functions to the root: tracebacks read `graphgrad.DomainError`."""

from __future__ import annotations

import sys
from typing import Any, Final, TypeVar

__all__ = ["ROOT", "public"]

ROOT: Final = "graphgrad"

Exported = TypeVar("Exported")


def public(exported: Exported) -> Exported:
    """Return a class or function with the root as its `__module__`, where pickle and Sphinx look for it.

    Doctest skips members of other modules, so it is added to `__test__` of the module that defines it.

    >>> from graphgrad.base import errors
    >>> errors.DomainError, errors.__test__["DomainError"] is errors.DomainError
    (<class 'graphgrad.DomainError'>, True)
    """
    member: Any = exported
    vars(sys.modules[member.__module__]).setdefault("__test__", {})[member.__name__] = member
    member.__module__ = ROOT
    return exported
