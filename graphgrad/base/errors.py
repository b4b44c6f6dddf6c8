"""The errors that a user can cause, with the text position and a hint.

GraphgradError                    every failure a user can cause
├── ExpressionError               the text, a name or a value is at fault; .span says where
│   ├── ExpressionSyntaxError     it cannot be read
│   ├── UnknownNameError          a name that means nothing here, or an input without a value
│   ├── DomainError               a value leaves what an operation is defined for
│   ├── ShapeError                arrays whose shapes do not fit; .operands says which
│   └── LimitError                larger than a stated limit
└── RenderError                   the picture cannot be made
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphgrad.base.terminal_text import columns, printable

__all__ = [
    "DomainError",
    "ExpressionError",
    "ExpressionSyntaxError",
    "GraphgradError",
    "LimitError",
    "RenderError",
    "ShapeError",
    "UnknownNameError",
]

Span = tuple[int, int]

EXCERPT_CHARACTERS = 60
"""How much of a long source line is shown on either side of the fault."""


class GraphgradError(Exception):
    """Every failure a user can cause; `hint` says what to do instead."""

    kind: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the one-line message and the hint apart, so that each front end can lay them out."""
        super().__init__(message)
        self.message = printable(message)
        self.hint = printable(hint)

    def __str__(self) -> str:
        """Message and hint, a line each."""
        return "\n".join(line for line in (self.message, self.hint) if line)


class ExpressionError(GraphgradError):
    """The text, a name or a value is at fault; `span` is the (start, end) in `source`.

    Where a pass had to stop, `passes` holds all that had been computed before; else it is None.

    >>> print(ExpressionError("unknown function 'sine'", "2*sine(x)", (2, 6), hint="did you mean 'sin'?"))
    unknown function 'sine'
      2*sine(x)
        ^^^^
      did you mean 'sin'?
    """

    def __init__(self, message: str, source: str = "", span: Span = (0, 0), *, hint: str = "") -> None:
        """Point at `span` of `source`."""
        super().__init__(message, hint=hint)
        self.source = source
        self.span = span
        self.passes: Any = None

    def __str__(self) -> str:
        """Message, source line, caret under the span, hint."""
        shown = [*excerpt(self.source, self.span), self.hint]
        return "\n".join([self.message, *("  " + line for line in shown if line)])


class ExpressionSyntaxError(ExpressionError):
    """The text cannot be read as an expression."""

    kind = "syntax_error"


class UnknownNameError(ExpressionError):
    """A name that means nothing here, or an input that was given no value."""

    kind = "name_error"


class DomainError(ExpressionError):
    """A value leaves what an operation, or its derivative, is defined for."""

    kind = "domain_error"


class ShapeError(ExpressionError):
    """Arrays whose shapes do not fit; `operands` are their spans in the source and their shapes."""

    kind = "shape_error"

    def __init__(
        self,
        message: str,
        source: str = "",
        span: Span = (0, 0),
        *,
        hint: str = "",
        operands: tuple[tuple[Span, tuple[int, ...]], ...] = (),
    ) -> None:
        """Point at `span`, and remember the operands."""
        super().__init__(message, source, span, hint=hint)
        self.operands = operands


class LimitError(ExpressionError):
    """Larger than a stated limit."""

    kind = "limit_error"


class RenderError(GraphgradError):
    """The picture cannot be made: no engine, a format it lacks, a graph too large to draw."""

    kind = "render_error"


def excerpt(source: str, span: Span) -> list[str]:
    """Return the source line that holds the span's start, and a line of carets under the span.

    >>> excerpt("a + りんご * 2", (4, 7))
    ['a + りんご * 2', '    ^^^^^^']
    """
    if not source.strip():
        return []
    start, end = span
    line_start = max(source.rfind("\n", 0, start) + 1, start - EXCERPT_CHARACTERS)
    line_end = source.find("\n", start)
    line_end = min(len(source) if line_end < 0 else line_end, max(start, line_start) + EXCERPT_CHARACTERS)
    before, marked = printable(source[line_start:start]), printable(source[start : min(end, line_end)])
    line = before + marked + printable(source[min(end, line_end) : line_end])
    return [line.rstrip(), " " * columns(before) + "^" * max(columns(marked), 1)]
