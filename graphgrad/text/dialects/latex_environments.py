r"""Read what holds formulas in LaTeX, and what separates them: \begin{aligned}, \\\\, &, dollars."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_choices import Choice, begin_choice, end_choice, end_row, next_cell
from graphgrad.text.dialects.latex_handlers import refuse
from graphgrad.text.dialects.latex_matrices import MATRICES, begin_matrix, end_matrix, matrix_row, next_entry
from graphgrad.text.dialects.latex_state import Bracket

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["DISPLAYS", "ampersand", "display", "environment", "new_row"]

ENVIRONMENTS: Final = frozenset(
    (
        *("aligned", "align", "align*", "equation", "equation*", "gather", "gather*", "gathered", "split", "multline"),
        *("multline*", "eqnarray", "eqnarray*", "displaymath", "math", "flalign", "flalign*", "alignedat"),
    )
)
"""Environments that hold formulas, one on each line."""

CASES: Final = frozenset(("cases", "dcases", "rcases"))
NAME: Final = re.compile(r"\\(?:begin|end)\s*\{([A-Za-z]+\*?)\}")


def ampersand(reader: LatexReader, text: str, span: Span) -> None:
    """Read what aligns lines, or separates a value and its condition."""
    innermost = reader.open[-1] if reader.open else None
    if isinstance(innermost, Choice):
        next_cell(reader, innermost, span)
    elif isinstance(innermost, Bracket) and innermost.kind == "row":
        next_entry(reader, innermost, span)
    elif reader.open:
        reader.refuse_open_parenthesis()
    elif not reader.environments:
        refuse(reader, text, span)


def new_row(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read \\, or a semicolon, which end a statement or a row."""
    innermost = reader.open[-1] if reader.open else None
    if isinstance(innermost, Choice) and text != ";":
        end_row(reader, innermost, span)
        return
    if isinstance(innermost, Bracket) and innermost.kind == "row" and text != ";":
        matrix_row(reader, innermost, span)
        return
    if reader.open:
        reader.refuse_open_parenthesis()
    reader.end_of_statement(span[0])
    reader.new_line = text != ";"


def environment(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read \begin{…} and \end{…}."""
    match = NAME.match(re.sub(r"\s", "", text))
    called = match[1] if match else ""
    if called in CASES:
        _cases(reader, text, span)
    elif called in MATRICES:
        _matrix(reader, text, span, called)
    elif called in ENVIRONMENTS:
        _formulas(reader, text, span, called)
    else:
        hint = r"write \begin{bmatrix}" if "matrix" in called or called == "array" else ""
        reader.fail(f"{text} is not read", span, hint)


def _cases(reader: LatexReader, text: str, span: Span) -> None:
    innermost = reader.open[-1] if reader.open else None
    if text.startswith(r"\begin"):
        begin_choice(reader, text, span)
    elif isinstance(innermost, Choice):
        end_choice(reader, innermost, span)
    else:
        _unmatched(reader, text, span)


def _matrix(reader: LatexReader, text: str, span: Span, called: str) -> None:
    innermost = reader.open[-1] if reader.open else None
    if text.startswith(r"\begin"):
        begin_matrix(reader, text, span, called)
    elif isinstance(innermost, Bracket) and innermost.kind == "row":
        end_matrix(reader, innermost, span, called)
    else:
        _unmatched(reader, text, span)


def _formulas(reader: LatexReader, text: str, span: Span, called: str) -> None:
    if text.startswith(r"\begin"):
        if reader.complete or len(reader.stack) > 1 or reader.target:
            reader.fail(f"{text} stands at the beginning of a formula", span)
        reader.environments.append(called)
        return
    if not reader.environments or reader.environments[-1] != called or reader.open:
        _unmatched(reader, text, span)
    reader.environments.pop()
    reader.end_of_statement(span[0])


def _unmatched(reader: LatexReader, text: str, span: Span) -> None:
    if reader.open:
        reader.refuse_open_parenthesis()
    reader.fail(f"{text} ends nothing", span)


DISPLAYS: Final = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
"""What begins a formula in a text, and what ends it."""


def display(reader: LatexReader, text: str, span: Span) -> None:
    """Read the dollars around a formula."""
    if reader.dollars:
        if text != reader.dollars:
            reader.fail(f"this '{text}' does not end the formula", span, f"write {reader.dollars}")
        if reader.open:
            reader.refuse_open_parenthesis()
        reader.end_of_statement(span[0])
        reader.dollars, reader.is_outside = "", True
        return
    if text not in DISPLAYS:
        reader.fail(f"this '{text}' ends nothing", span)
    if (
        reader.complete
        or len(reader.stack) > 1
        or reader.target
        or (reader.dangling is not None and not reader.is_outside)
    ):
        reader.fail(f"this '{text}' stands within a formula", span, "give the formula alone, or whole with its dollars")
    reader.dollars, reader.is_outside = DISPLAYS[text], False
