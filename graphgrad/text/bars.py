"""Read what stands between bars or brackets of its own: |x|, ⌊x⌋, ⌈x⌉."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.text.reader import BARRIER, Parenthesis
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["BAR", "BARS", "bar", "bars", "close_bracket", "open_bracket"]

BAR, BARS = "|", "||"
DISJUNCTION: Final = "or"


def open_bracket(reader: Reader, text: str, span: Span) -> None:
    """Read a bracket that opens."""
    reader.require_operator(text, span)
    reader.open.append(Parenthesis(span, sign=text))
    reader.stack.append(BARRIER)


def close_bracket(reader: Reader, text: str, span: Span) -> None:
    """Read a bracket that closes: apply its operation."""
    if not reader.open:
        pair = next(sign for sign, (closing, _) in reader.grammar.brackets.items() if closing == text)
        reader.fail(f"this '{text}' closes nothing", span, f"leave it out, or open it with {pair} before")
    opening = reader.open[-1]
    brackets = reader.grammar.brackets
    if opening.sign not in brackets or brackets[opening.sign][0] != text:
        reader.refuse_open_parenthesis()
    reader.close(span)
    reader.code.append(Apply(brackets[opening.sign][1], 1))
    reader.starts[-1], reader.last = opening.span[0], span[1]
    reader.spans.append((reader.starts[-1], reader.last))


def bar(reader: Reader, text: str, span: Span) -> None:
    """Read a bar, which opens where an operand is missing, and else closes."""
    if not reader.complete:
        open_bracket(reader, text, span)
    elif reader.open and reader.open[-1].sign == text:
        close_bracket(reader, text, span)
    elif isinstance(reader.code[-1], Number):
        open_bracket(reader, text, span)
    else:
        _refuse_bar(reader, text, span)


def _refuse_bar(reader: Reader, text: str, span: Span) -> NoReturn:
    left = reader.source[reader.starts[-1] : reader.last][-20:]
    hint = f"to multiply write {left}*{text}…{text}" + (f"; for a logical 'or', {left} or …" if text == BAR else "")
    reader.fail(f"an operator is missing before '{text}'", span, hint)


def bars(reader: Reader, _text: str, span: Span) -> None:
    """Read two bars: both open or both close, or they are a logical or."""
    middle = span[0] + 1
    pair = (span[0], middle), (middle, span[1])
    if not reader.complete:
        for each in pair:
            open_bracket(reader, BAR, each)
        return
    signs = [opening.sign for opening in reader.open[-2:]]
    if signs[-1:] != [BAR]:
        reader.infix(DISJUNCTION, span) if DISJUNCTION in reader.grammar.infix else _refuse_bar(reader, BAR, span)
        return
    if signs != [BAR, BAR]:
        left = reader.source[reader.open[-1].span[0] + 1 : span[0]].strip()[-20:]
        reader.refuse_readings((reader.open[-1].span[0], span[1]), f"abs({left})*abs(…)", f"abs({left} or …)")
    outer, inner = (opening.span[0] for opening in reader.open[-2:])
    if inner == outer + 1:
        x = reader.source[inner + 1 : span[0]].strip()[:20]
        reader.refuse_readings((outer, span[1]), f"norm({x})", f"abs({x})")
    for each in pair:
        close_bracket(reader, BAR, each)
