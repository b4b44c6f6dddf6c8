"""Give what the root exports its address there: a traceback then reads `graphgrad.DomainError`."""

from __future__ import annotations

import sys
from typing import Any, Final, TypeVar

__all__ = ["ROOT", "public"]

ROOT: Final = "graphgrad"

Exported = TypeVar("Exported")


def public(exported: Exported) -> Exported:
    """Return a class or function with the root as its module, where pickle and Sphinx then look for it.

    Doctest, which goes by addresses, finds it in the `__test__` of the module that defines it.

    >>> from graphgrad.base import errors
    >>> errors.DomainError, errors.__test__["DomainError"] is errors.DomainError
    (<class 'graphgrad.DomainError'>, True)
    """
    named: Any = exported
    vars(sys.modules[named.__module__]).setdefault("__test__", {})[named.__name__] = named
    named.__module__ = ROOT
    return exported
