"""Read the brackets of LaTeX, of any size, and what separates what is in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.text.array_literals import stacked
from graphgrad.text.dialects.latex_handlers import bracket, parameters
from graphgrad.text.dialects.latex_heads import finish_root
from graphgrad.text.dialects.latex_matrices import refuse_at_matrix
from graphgrad.text.dialects.latex_series import indexed_array
from graphgrad.text.dialects.latex_state import Bracket, Macro, Waiting
from graphgrad.text.dialects.latex_tokens import BLANKS, NAME
from graphgrad.text.handlers import next_operand
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["DELIMITED", "brace", "close_brace", "comma", "delimiter", "head"]

DELIMITED: Final = re.compile(
    r"(?:\\(left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*)?"
    r"([()\[\]|]|\\[{}|]|\\[lr](?:floor|ceil|vert|Vert|brace|brack))(?:[^_]*_(?:\{(.*)\}|(.)))?",
    re.DOTALL,
)
OPENS: Final = {
    "(": "(",
    "[": "[",
    r"\{": "{",
    r"\lbrace": "{",
    r"\lbrack": "[",
    r"\lfloor": "⌊",
    r"\lceil": "⌈",
    r"\lvert": "|",
    r"\lVert": "‖",
}
CLOSES: Final = {
    ")": "(",
    "]": "[",
    r"\}": "{",
    r"\rbrace": "{",
    r"\rbrack": "[",
    r"\rfloor": "⌊",
    r"\rceil": "⌈",
    r"\rvert": "|",
    r"\rVert": "‖",
}
BOTH: Final = {"|": "|", r"\|": "‖"}
FENCES: Final = {
    "⌊": (r"\lfloor", r"\rfloor"),
    "⌈": (r"\lceil", r"\rceil"),
    "|": ("|", "|"),
    "‖": (r"\|", r"\|"),
}
"""The brackets that are an operation, as a row of the table has them."""

NONE: Final = ("", "")
"""The brackets that are no operation."""

PIECE: Final = re.compile(r"\s*\}\s*(?:\\left|\\[bB]igg?l?)?\s*\(")
NEXT: Final = re.compile(rf"{BLANKS}{NAME.pattern}{BLANKS}(?:=|:=|\\coloneqq)")
"""What stands behind a comma between two formulas: a name that is given a value."""

SEPARATES: Final = re.compile(r"(?:\s|\\[,;:! ]|\\q?quad)*(?:&|\\\\|\\end|\\text|\\\]|\\\)|\$|\Z)")
"""What a comma or a full stop stands before, that only punctuates."""


def delimiter(reader: LatexReader, text: str, span: Span) -> None:
    """Read a bracket."""
    match = DELIMITED.fullmatch(text)
    if match is None:
        reader.fail(f"{text} is no bracket", span)
    size, sign, below, digit = match.groups()
    side = {"left": "open", "right": "close"}.get(size or "", "")
    side = side or ("open" if (size or "").endswith("l") else "close" if (size or "").endswith("r") else "")
    kind = OPENS.get(sign) or CLOSES.get(sign) or BOTH[sign]
    if not side:
        side = "open" if sign in OPENS else "close" if sign in CLOSES else _side(reader, kind, span)
    if side == "close":
        _close(reader, text, span, kind, below or digit or "")
        return
    if below or digit:
        reader.fail("an index cannot stand here", span)
    if kind == "[" and indexed_array(reader, span):
        return
    _refuse_within_command(reader, span)
    bracket(reader, span, kind)


def _side(reader: LatexReader, kind: str, span: Span) -> str:
    """Tell whether a bar opens or closes."""
    if not reader.complete:
        return "open"
    innermost = reader.open[-1] if reader.open else None
    if isinstance(innermost, Bracket) and innermost.kind == kind:
        return "close"
    if reader.bars >= 0:
        left = reader.source[max(0, reader.last - 20) : reader.last]
        message = f"this bar behind {left} can open or close"
        reader.fail(message, span, r"write \left| x \right|")
    return "open"


def _refuse_within_command(reader: LatexReader, span: Span) -> None:
    if reader.open and isinstance(reader.open[-1], Macro):
        reader.refuse_missing_braces(span)


def _close(reader: LatexReader, text: str, span: Span, kind: str, below: str) -> None:
    opening = _innermost(reader, text, span)
    if opening.kind == "root" and kind == "[":
        if not reader.complete:
            reader.refuse_missing_operand(span)
        reader.reduce(-1)
        finish_root(reader, opening)
        return
    if opening.kind == "head" and kind == "(":
        _next_piece(reader, opening, span)
        return
    if opening.kind != kind and {opening.kind, kind} != {"⌊", "⌈"}:
        _refuse_order(reader, opening, text, span)
    fence = FENCES.get(opening.kind, NONE)[0], FENCES.get(kind, NONE)[1]
    if opening.operands > 1 and opening.call is None:
        _finish_array(reader, opening, span)
        return
    _finish(reader, opening, span, fence, below)


def _innermost(reader: LatexReader, text: str, span: Span) -> Bracket:
    """Return the innermost bracket, which a sign closes."""
    opening = reader.open[-1] if reader.open else None
    if opening is None:
        reader.fail(f"this '{text}' closes nothing", span)
    if not isinstance(opening, Bracket):
        reader.refuse_open_parenthesis()
    return opening


def _refuse_order(reader: LatexReader, opening: Bracket, text: str, span: Span) -> NoReturn:
    hint = "close the brackets in the order of their opening"
    reader.fail(f"this '{text}' does not close '{reader.shown(opening.span)}'", span, hint)


def _finish_array(reader: LatexReader, opening: Bracket, span: Span) -> None:
    """Close the brackets of an array: [1, 2, 3]."""
    reader.close(span)
    stacked(reader, opening, (opening.span[0], span[1]))
    reader.ended()


def _finish(reader: LatexReader, opening: Bracket, span: Span, fence: tuple[str, str], below: str = "") -> None:
    """Close a bracket, and apply what it is, and the function before it."""
    reader.close(span)
    whole = opening.span[0], span[1]
    left = fence[0]
    if left:
        _fence(reader, whole, fence, below)
        reader.bars = span[1]
    elif below:
        reader.fail("an index cannot stand here", span, r"an index of an array is x\left[0\right]")
    reader.last = span[1]
    call = opening.call
    if call is not None:
        start = call.span[0]
        if not _fused(reader, call.word, left):
            reader.called(call, (start, span[1]), opening.operands)
        else:
            reader.spans[-1] = start, span[1]
        reader.starts[-1] = start
        if left or opening.kind == "brace":
            reader.unclear = span[1]
        elif opening.kind == "(":
            reader.unclear = span[1] if reader.source[span[1] : span[1] + 1] == "(" else reader.unclear
    else:
        reader.starts[-1] = opening.span[0]
    reader.factor = opening.factor, span[1]
    reader.ended()


def _fence(reader: LatexReader, whole: Span, fence: tuple[str, str], below: str) -> None:
    op = reader.grammar.fences.get(fence)
    left, right = fence
    refuse_at_matrix(reader, f"{left} {right}", whole, r"the determinant is \det\left( … \right)")
    if op is None:
        reader.fail(f"the brackets {left} {right} are not read", whole, r"write \lfloor x + \frac{1}{2} \rfloor")
    if below and below != "2":
        params = {name: value for name, (value, _) in parameters(reader, below, whole).items()}
        if not set(params) <= set(op.options):
            reader.fail("what stands below these bars is no parameter", whole, r"the norm is \left\|x\right\|")
        op = op.with_params(params)
    elif not op.on_arrays and below:
        reader.fail("an index cannot stand here", whole)
    reader.code.append(Apply(op.with_params({}) if not below or below == "2" else op, 1))
    reader.spans.append(whole)


def _fused(reader: LatexReader, called: str, left: str) -> bool:
    r"""Replace \log\left|\Gamma(x)\right| by the operation that is written so."""
    before = reader.code[-2] if left == "|" and len(reader.code) > 1 else None
    op = reader.grammar.fused.get((called, before.op)) if isinstance(before, Apply) else None
    if op is None or not isinstance(before, Apply):
        return False
    del reader.code[-2:], reader.spans[-2:]
    reader.code.append(Apply(op, before.arity))
    reader.spans.append((0, 0))
    return True


# ---- braces


def brace(reader: LatexReader, _text: str, span: Span) -> None:
    """Read an opening brace: of a command's argument, or as a bracket."""
    if reader.open and isinstance(reader.open[-1], Macro) and not reader.complete:
        reader.open.append(Bracket(span, kind="brace"))
        reader.stack.append(BARRIER)
        return
    bracket(reader, span, "brace")


def close_brace(reader: LatexReader, text: str, span: Span) -> None:
    """Read a closing brace."""
    opening = _innermost(reader, text, span)
    if opening.kind != "brace":
        _refuse_order(reader, opening, text, span)
    _finish(reader, opening, span, NONE)


def comma(reader: LatexReader, text: str, span: Span) -> None:
    """Read what separates the operands of a function; at the end of a line it only punctuates."""
    innermost = reader.open[-1] if reader.open else None
    is_call = isinstance(innermost, Bracket) and innermost.call is not None
    if not is_call and SEPARATES.match(reader.source, span[1]):
        return
    if text == "," and reader.complete and not reader.open and NEXT.match(reader.source, span[1]):
        reader.end_of_statement(span[0])
        return
    if text == ".":
        _refuse_dot(reader, span)
    if not reader.complete:
        reader.refuse_missing_operand(span)
    reader.reduce(-1)
    is_array = isinstance(innermost, Bracket) and innermost.kind == "["
    if not (is_call or is_array):
        hint = r"a thousand is 1000 or 1\,000; a condition is no part of a formula"
        reader.fail("a comma only separates the operands of a function", span, hint)
    next_operand(reader, span)


def _refuse_dot(reader: LatexReader, span: Span) -> NoReturn:
    reader.fail("this dot is no part of a number", span, r"write \cdot for a product")


# ---- names with an operand above or below them


def head(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read the beginning of \psi^{(n)}\left(x\right)."""
    _refuse_within_command(reader, span)
    reader.begin(text, span, "function")
    reader.open.append(Bracket(span, kind="head", call=Waiting(text, span, at=len(reader.code))))
    reader.stack.append(BARRIER)


def _next_piece(reader: LatexReader, opening: Bracket, span: Span) -> None:
    """Read what stands between the operands of such a name."""
    if not reader.complete:
        reader.refuse_missing_operand(span)
    piece = PIECE.match(reader.source, span[1])
    if piece is None:
        word = opening.call.word if opening.call else ""
        reader.fail("a bracket is missing here", span, rf"write {word}n)}}\left(x\right)")
    reader.reduce(-1)
    opening.kind, opening.operands, reader.complete, reader.skip = "(", 2, False, piece.end()
