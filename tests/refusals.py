"""Errors of texts, whose spans lie in the text, and random texts to look for others."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["error_of", "pointed_at", "random_texts", "refused"]


def error_of(text: str, dialect: str = "graphgrad") -> gg.ExpressionError | None:
    """Return the error of a text, None where it parses."""
    try:
        gg.parse(text, dialect=dialect)
    except gg.ExpressionError as error:
        start, end = error.span
        assert 0 <= start <= end <= len(text), text
        return error
    return None


def refused(text: str, dialect: str = "graphgrad") -> gg.ExpressionError:
    """Return the error of a text that does not parse."""
    error = error_of(text, dialect)
    if error is None:
        pytest.fail(f"{text!r} is read")
    return error


def pointed_at(text: str, error: gg.ExpressionError) -> str:
    """Return the part of a text that an error points at."""
    return text[slice(*error.span)]


def random_texts(
    pieces: Sequence[str], seed: int, count: int, *, most: int = 12, blanks: Sequence[str] = ("", " ")
) -> Iterator[str]:
    """Yield texts of random pieces, each with one of the blanks behind it."""
    chosen = random.Random(seed)
    for _ in range(count):
        yield "".join(chosen.choice(pieces) + chosen.choice(blanks) for _ in range(chosen.randint(1, most)))
