r"""Read choices in LaTeX: \begin{cases}."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_state import Rope
from graphgrad.text.reader import BARRIER, Parenthesis
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Item, Span

__all__ = [
    "AND_OR",
    "CONDITION_WORDS",
    "SIGNS_OF_RELATIONS",
    "Choice",
    "begin_choice",
    "condition_word",
    "end_choice",
    "end_row",
    "next_cell",
]

WORD: Final = re.compile(
    r"\\(?:text|mathrm|textrm|mbox|operatorname)\s*\{(?:\\[ ,;]|\s|~)*(.*?)(?:\\[ ,;]|\s|~)*\}", re.DOTALL
)
IF: Final = frozenset(("if", "for", "when", "falls", "if and only if", ", if", "if,", "für"))
OTHERWISE: Final = frozenset(
    ("otherwise", "else", "sonst", "otherwise.", "if otherwise", "elsewhere", "in all other cases")
)
CONDITION_WORDS: Final = IF | OTHERWISE
"""What stands before a condition, or in its place."""

AND_OR: Final = {"and": "∧", "or": "∨", "und": "∧", "oder": "∨"}
"""The operators of the plain language, by words between two conditions."""

SIGNS_OF_RELATIONS: Final = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
"""Which of less, equal and greater a comparison admits, by its operator in the plain language."""

Segment = tuple["list[Item]", "list[Span]"]


@dataclass(slots=True)
class Choice(Parenthesis):
    """A choice that is open: its rows of value and condition, and what is being read."""

    at: int = 0
    lines: list[tuple[Segment, Segment | None]] = field(default_factory=list)
    value: Segment | None = None
    otherwise: bool = False
    has_begun: bool = False


def begin_choice(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read \begin{cases}."""
    reader.begin(text, span, "bracket")
    reader.open.append(Choice(span, at=len(reader.code)))
    reader.stack.append(BARRIER)


def next_cell(reader: LatexReader, choice: Choice, span: Span) -> None:
    """Read the sign between a value and its condition."""
    if choice.value is not None:
        reader.fail("a row has a value and a condition", span, r"write a & \text{if } x > 0 \\")
    choice.value = _segment(reader, choice, span)[:2]
    choice.has_begun = False


def _segment(reader: LatexReader, choice: Choice, span: Span) -> tuple[list[Item], list[Span], int]:
    """Take the code of a cell, which ends here, with the place where the cell begins."""
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.reduce(-1)
    reader.complete = False
    start = reader.starts[-1]
    return *reader.cut(choice.at), start


def condition_word(reader: LatexReader, text: str, span: Span) -> bool:
    r"""Read \text{if} and \text{otherwise}; False where they would be names."""
    choice = reader.open[-1] if reader.open else None
    match = WORD.fullmatch(text)
    if match is None:
        return False
    said = match[1].strip().lower()
    if said in AND_OR and reader.complete and not match[0].startswith(r"\mathrm"):
        reader.infix(AND_OR[said], span)
        return True
    return isinstance(choice, Choice) and _in_choice(reader, choice, said, text, span)


def _in_choice(reader: LatexReader, choice: Choice, said: str, text: str, span: Span) -> bool:
    if said not in IF | OTHERWISE or choice.has_begun:
        return False
    if choice.value is None or reader.complete:
        if text.startswith(r"\mathrm"):
            return False
        reader.fail("an & is missing before the condition", span, r"write a & \text{if } x > 0 \\")
    choice.otherwise = choice.otherwise or said in OTHERWISE
    choice.has_begun = True
    return True


def end_row(reader: LatexReader, choice: Choice, span: Span) -> None:
    """End a row, if there is one."""
    if choice.value is None and not reader.complete and reader.stack[-1] is BARRIER:
        return
    if choice.lines and choice.lines[-1][1] is None:
        reader.fail("nothing can stand behind the row for all other cases", span)
    if choice.value is None:
        choice.lines.append((_segment(reader, choice, span)[:2], None))
    elif choice.otherwise:
        if reader.complete or reader.stack[-1] is not BARRIER:
            reader.fail("a row for all other cases has no condition", span, r"write b & \text{otherwise}")
        choice.lines.append((choice.value, None))
    else:
        code, spans, start = _segment(reader, choice, span)
        choice.lines.append((choice.value, _condition(reader, code, spans, start)))
    choice.value, choice.otherwise = None, False


def _condition(reader: LatexReader, code: list[Item], spans: list[Span], start: int) -> Segment:
    """Return a condition; a number that is compared with 0, and not in brackets, is a condition itself."""
    ne = reader.grammar.infix["!="][2]
    is_truth = code[-1] is ne and isinstance(code[-2], Number) and code[-2].value == 0 and spans[-1][0] == start
    return (code[:-2], spans[:-2]) if is_truth else (code, spans)


def end_choice(reader: LatexReader, choice: Choice, span: Span) -> None:
    r"""Read \end{cases}."""
    end_row(reader, choice, span)
    rows = choice.lines
    if not rows:
        reader.fail("there is no row in it", (choice.span[0], span[1]))
    if rows[-1][1] is not None:
        if not _is_exhaustive(reader, [condition for _, condition in rows if condition]):
            hint = r"give the last row \text{otherwise}"
            reader.fail("no row says what is taken where no condition holds", (choice.span[0], span[1]), hint)
        rows[-1] = rows[-1][0], None
    whole = choice.span[0], span[1]
    parts: list[tuple[Sequence[Item], Sequence[Span]]] = []
    for value, condition in rows:
        parts += [condition, value] if condition else [value]
    where = Apply(reader.grammar.where, 3)
    parts.append(([where] * (len(rows) - 1), [whole] * (len(rows) - 1)))
    reader.stack.pop()
    reader.open.pop()
    reader.code.append(Rope(tuple(parts)))
    reader.spans.append(whole)
    reader.starts.append(whole[0])
    reader.last, reader.complete = span[1], True
    reader.ended()


def _is_exhaustive(reader: LatexReader, conditions: list[Segment]) -> bool:
    """Whether one of the conditions always holds, as x < 0 and x >= 0: comparisons of the same two numbers."""
    admitted = {id(reader.grammar.infix[sign][2]): signs for sign, signs in SIGNS_OF_RELATIONS.items()}
    signs = [admitted.get(id(code[-1]), "") for code, _ in conditions]
    operands = [code[:-1] for code, _ in conditions]
    return all(each == operands[0] for each in operands) and set("<=>") <= set("".join(signs))
