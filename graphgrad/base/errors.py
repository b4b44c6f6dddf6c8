"""Define the errors that a user can cause, with a message, a hint and the place in the text.

::

    GraphgradError                    every failure a user can cause
    ├── ExpressionError               the text, a name or a value is at fault; .span says where
    │   ├── ExpressionSyntaxError     the text cannot be parsed
    │   ├── UnknownNameError          an unknown name, or an input without a value
    │   ├── DomainError               a value outside the domain of an operation
    │   ├── ShapeError                arrays whose shapes do not fit; .operands says which
    │   └── LimitError                larger than a stated limit
    └── RenderError                   the picture cannot be made
        └── FileError                 a file cannot be read or written
"""

from __future__ import annotations

from typing import Any, ClassVar

from graphgrad.base.public import public
from graphgrad.base.terminal_text import columns, printable

__all__ = [
    "DomainError",
    "ExpressionError",
    "ExpressionSyntaxError",
    "FileError",
    "GraphgradError",
    "LimitError",
    "RenderError",
    "ShapeError",
    "UnknownNameError",
]

Span = tuple[int, int]

EXCERPT_CHARACTERS = 60
"""The most characters of a source line that are shown on either side of the fault."""


@public
class GraphgradError(Exception):
    """The base class of all errors; `message` is one line, `hint` a remedy, `kind` an identifier for programs.

    >>> import graphgrad as gg
    >>> try:
    ...     gg.parse("x*y").backprop({"x": 3, "y": 5}).check("most")
    ... except gg.GraphgradError as error:
    ...     error.message, error.hint
    ("unknown level of checking 'most'", 'one of: full, strict, local, off')
    """

    kind: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the one-line message and the hint apart, so that each front end can lay them out."""
        super().__init__(message)
        self.message = printable(message)
        self.hint = printable(hint)

    def __str__(self) -> str:
        """Message and hint, a line each."""
        return "\n".join(line for line in (self.message, self.hint) if line)


@public
class ExpressionError(GraphgradError):
    """The text, a name or a value is at fault; `span` is the (start, end) in `source`.

    Where a pass failed, `passes` holds the results up to the failure; else it is None.

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


@public
class ExpressionSyntaxError(ExpressionError):
    """The text cannot be parsed as an expression.

    >>> import graphgrad as gg
    >>> gg.parse("1/2x")
    Traceback (most recent call last):
    graphgrad.ExpressionSyntaxError: 1/2x can be read in two ways
      1/2x
      ^^^^
      write (1/2)*x, or 1/(2*x)
    """

    kind = "syntax_error"


@public
class UnknownNameError(ExpressionError):
    """An unknown name, or an input without a value.

    >>> import graphgrad as gg
    >>> gg.parse("sine(x)")
    Traceback (most recent call last):
    graphgrad.UnknownNameError: unknown function 'sine'
      sine(x)
      ^^^^
      did you mean 'sin'?
    """

    kind = "name_error"


@public
class DomainError(ExpressionError):
    """A value outside the domain of an operation or of its derivative.

    >>> import graphgrad as gg
    >>> gg.parse("2*log(x)").backprop({"x": -1})
    Traceback (most recent call last):
    graphgrad.DomainError: log(-1) is not defined
      2*log(x)
        ^^^^^^
      here x = -1
    """

    kind = "domain_error"


@public
class ShapeError(ExpressionError):
    """Arrays whose shapes do not fit; `operands` are their spans in the source and their shapes.

    >>> import graphgrad as gg
    >>> gg.parse("A @ x").backprop({"A": [[1, 2]], "x": [1, 2, 3]})
    Traceback (most recent call last):
    graphgrad.ShapeError: @ does not take these shapes: A is 1×2, x is (3,): 2 ≠ 3
      A @ x
      ^^^^^
    """

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


@public
class LimitError(ExpressionError):
    """Larger than a stated limit.

    >>> import graphgrad as gg
    >>> gg.parse("1e999*x")
    Traceback (most recent call last):
    graphgrad.LimitError: a number beyond the largest float64, 1.8e308
      1e999*x
      ^^^^^
    """

    kind = "limit_error"


@public
class RenderError(GraphgradError):
    """The picture cannot be made: no engine, a format it lacks, a graph too large to draw.

    >>> import graphgrad as gg
    >>> gg.parse("x*y").backprop({"x": 3, "y": 5}).draw("apple.bmp")
    Traceback (most recent call last):
    graphgrad.RenderError: no picture can be drawn into 'apple.bmp': its suffix names no format
    take a name that ends in .svg, .png, .pdf, .dot, .mmd, .tex, .typ, .gif, .apng, .mp4, .html, .json, .graphml
    """

    kind = "render_error"


@public
class FileError(RenderError):
    """A file cannot be read or written; the command's exit status is then 3.

    >>> import graphgrad as gg
    >>> gg.parse("x*y").backprop({"x": 3, "y": 5}).draw("no/such/folder/apple.svg")
    Traceback (most recent call last):
    graphgrad.FileError: cannot write 'no/such/folder/apple.svg': No such file or directory
    """

    kind = "file_error"


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
