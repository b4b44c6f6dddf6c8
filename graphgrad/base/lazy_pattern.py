"""Compile a regular expression when it is first used."""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazy_pattern"]


class _LazyPattern:
    """A pattern whose methods are those of the compiled one; each is kept once it was asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled with its first use, as importing many of them takes milliseconds.

    >>> lazy_pattern(r"[0-9]+").sub("n", "x1")
    'xn'
    """
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))
