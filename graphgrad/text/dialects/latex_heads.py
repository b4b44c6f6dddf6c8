r"""Read what stands at a function's name: \log_{b} x, \operatorname{J}_{n}(x), \operatorname{erf}^{-1}, \sqrt[n]{x}."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_names import spelled
from graphgrad.text.dialects.latex_reader import CALL
from graphgrad.text.dialects.latex_state import Bracket, Macro, Rope, Waiting
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply, Number

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["begin_command", "begin_root", "below", "finish_root", "letter_function"]

INVERSE: Final = re.compile(r"\s*\^\s*\{\s*-\s*1\s*\}" + CALL.pattern)
"""What stands behind the name of an inverse function."""

INDEXED: Final = re.compile(r"([A-Z])\s*_\s*(.*)", re.DOTALL)
"""A letter with an index."""


def below(reader: LatexReader, span: Span) -> bool:
    r"""Read the sign of what stands below a function's name, as \log_{b} x; False where none can have it."""
    top = reader.stack[-1][1]
    is_head = type(top) is Waiting and top.at == len(reader.code) and not (top.below or top.after or top.params)
    if reader.complete or not is_head or top.word not in reader.grammar.below:
        return False
    reader.open.append(Macro(span, at=len(reader.code), powers=top, done=_note_below))
    reader.stack.append(BARRIER)
    return True


def _note_below(reader: LatexReader, macro: Macro) -> None:
    """Note what stands below a function's name; some functions are known by it."""
    function = macro.powers
    if function is None:
        return
    code, spans = reader.cut(macro.at)
    function.span, function.at, reader.complete = (function.span[0], reader.last), len(reader.code), False
    number = code[0].text if len(code) == 1 and isinstance(code[0], Number) else ""
    known = reader.grammar.known(function.word, f"_{{{number}}}")
    if known:
        function.word = known
    else:
        function.below = [*zip(code, spans, strict=True)]


def letter_function(reader: LatexReader, text: str, span: Span) -> Waiting | None:
    r"""Return the function that a letter before a bracket is, as J_0(x) and \Gamma(x); None where it is a number."""
    grammar = reader.grammar
    match = INDEXED.fullmatch(text)
    is_head = match is not None and match[1] in grammar.below
    if not (is_head or text in grammar.letters):
        return None
    is_inverse = grammar.known(text, "^{-1}") and INVERSE.match(reader.source, span[1])
    if not is_inverse and not CALL.match(reader.source, span[1]):
        return None
    found = spelled(text, reader.spelled_out)
    called = found.name if found else text
    if called in reader.assigned or reader.used[called] > 0:
        return None
    if match is None or not is_head:
        return Waiting(text, span, letter=called)
    index = match[2].strip()
    inner = index[1:-1] if index.startswith("{") else index
    known = grammar.known(match[1], f"_{{{inner.strip()}}}")
    if known or not grammar.below[match[1]]:
        return Waiting(known, span, letter=called) if known else None
    place = span[0] + text.index(inner, 1)
    return Waiting(match[1], span, letter=called, below=reader.within(inner, place))


# ---- commands with arguments


def begin_command(reader: LatexReader, text: str, span: Span) -> None:
    """Prepare for a command with arguments, which stands in braces where it is another one's argument."""
    reader.begin(text, span, "macro")
    if reader.open and isinstance(reader.open[-1], Macro) and not reader.open[-1].is_exponent:
        reader.fail(f"{text} stands in braces here", span, f"write {{{text}…}}")


def begin_root(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read the beginning of \sqrt[3]{x}, whose index stands in brackets."""
    begin_command(reader, text, span)
    reader.open.append(Bracket(span, kind="root", begin=len(reader.code)))
    reader.stack.append(BARRIER)


def finish_root(reader: LatexReader, opening: Bracket) -> None:
    """Read the end of a root's index, behind which its operand stands."""
    reader.stack.pop()
    reader.open.pop()
    code, spans = reader.cut(opening.begin)
    reader.complete = False
    number = code[0].text if len(code) == 1 and isinstance(code[0], Number) else ""
    macros = reader.grammar.macros
    known = r"\sqrt" if number == "2" else rf"\sqrt[{number}]"
    if known in macros:
        item, before = Apply(macros[known][0], 1), []
    else:
        item, before = Apply(reader.grammar.root, 2), [(Rope(((code, spans),)), opening.span)]
    reader.open.append(Macro(opening.span, at=len(reader.code), items=(item,), before=before))
    reader.stack.append(BARRIER)
