"""Say in the answer where a dialect reads the expression in another order than graphgrad's own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphgrad.text.dialects.precedence import precedence_notes

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations

__all__ = ["DialectNotes", "dialect_notes"]


class DialectNotes(NamedTuple):
    """Sentences on how an expression was read."""

    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """Return a line for each."""
        return "\n".join(self.sentences)

    def as_dict(self) -> list[str]:
        """Return the sentences for JSON."""
        return list(self.sentences)


def dialect_notes(text: str, dialect: str, operations: Operations | None = None) -> DialectNotes | None:
    """Return what there is to say of a text in a dialect, None where there is nothing.

    >>> print(dialect_notes("=-A1^2", "excel"))
    as in Excel, -A1^2 is (-A1)^2: a sign binds more tightly than a power
    >>> print(dialect_notes("2^3^2 + 2^-2^x", "matlab"))
    as in MATLAB, 2^3^2 is (2^3)^2: powers chain to the left
    as in MATLAB, 2^-2^x is (2^-2)^x: powers chain to the left
    """
    sentences = precedence_notes(text, dialect, operations)
    return DialectNotes(sentences) if sentences else None
