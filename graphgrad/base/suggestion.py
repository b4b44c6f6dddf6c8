"""Suggest the known name that is most similar to a misspelt one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["suggestion"]


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint for an unknown name: the most similar known one, or `otherwise` where none is similar.

    >>> suggestion("sine", ["sin", "cos"]), suggestion("q", ["sin", "cos"], "known are: sin, cos")
    ("did you mean 'sin'?", 'known are: sin, cos')
    >>> suggestion("a1", ["A1", "a12"])
    "did you mean 'A1'?"
    """
    from difflib import get_close_matches

    known = list(known)
    similar = [each for each in known if each.casefold() == name.casefold()] or get_close_matches(name, known, 1)
    return f"did you mean '{similar[0]}'?" if similar else otherwise
