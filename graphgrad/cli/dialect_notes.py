"""Say in the answer where a dialect reads the expression in another order than graphgrad's own language."""

from __future__ import annotations

from typing import NamedTuple

from graphgrad.text.dialects.excel.precedence import precedence_notes

__all__ = ["DialectNotes", "dialect_notes"]

EXCEL = "excel"


class DialectNotes(NamedTuple):
    """Sentences on how an expression was read."""

    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """Return a line for each."""
        return "\n".join(self.sentences)

    def as_dict(self) -> list[str]:
        """Return the sentences for JSON."""
        return list(self.sentences)


def dialect_notes(text: str, dialect: str) -> DialectNotes | None:
    """Return what there is to say of a text in a dialect, None where there is nothing.

    >>> print(dialect_notes("=-A1^2", "excel"))
    as in Excel, -A1^2 is (-A1)^2: a sign binds more tightly than a power
    """
    sentences = precedence_notes(text, dialect) if dialect.startswith(EXCEL) else ()
    return DialectNotes(sentences) if sentences else None
