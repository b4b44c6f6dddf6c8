"""Apply functions of LaTeX to their operands: those in brackets behind the name, and the one below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.text.calls import resolved
from graphgrad.text.dialects.latex_state import Rope
from graphgrad.text.reader import Parenthesis
from graphgrad.text.statement import Apply, Call

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.dialects.latex_state import Waiting
    from graphgrad.text.statement import Span

__all__ = ["apply_called"]


def apply_called(reader: LatexReader, function: Waiting, whole: Span, operands: int) -> None:
    """Apply a function to its operands, which have just ended."""
    _refuse_factor(reader, function, operands)
    reader.code.append(_below(reader, function, whole, operands) or _resolved(reader, function, whole, operands))
    reader.spans.append(whole)


def _resolved(reader: LatexReader, function: Waiting, whole: Span, operands: int) -> Apply | Call:
    if function.word in reader.grammar.below and function.word not in reader.grammar.functions:
        shown = reader.shown(function.span)
        reader.fail(f"the index of {shown} is missing", function.span, f"write {shown}_{{n}}(x)")
    if function.is_defined:
        return _called(reader, function, whole, operands)
    call = Parenthesis(function.span, function.word, operands, function.params)
    return resolved(call, whole, reader.source, reader.grammar)


def _called(reader: LatexReader, function: Waiting, whole: Span, operands: int) -> Call:
    """Return the call of a function that the text defines."""
    count = len(reader.functions[function.word])
    if count != operands:
        shown = reader.shown(function.span)
        reader.fail(f"{shown} takes {count} operand{'s' * (count != 1)}, not {operands}", whole)
    return Call(function.word, operands)


def _below(reader: LatexReader, function: Waiting, whole: Span, operands: int) -> Rope | None:
    r"""Return what a function gives that has an operand below its name, too: \log_{b}(x)."""
    if not function.below:
        return None
    known = reader.grammar.below[function.word]
    op, is_first = next((each for each in known if each[0].arity == operands + 1), (None, False))
    if op is None:
        count = " or ".join(str(each.arity - 1) for each, _ in known)
        reader.fail(f"{reader.shown(function.span)} takes {count} operands in brackets, not {operands}", whole)
    operand = reader.code[function.at :], reader.spans[function.at :]
    del reader.code[function.at :], reader.spans[function.at :]
    lower = [item for item, _ in function.below], [span for _, span in function.below]
    both = (lower, operand) if is_first else (operand, lower)
    return Rope((*both, ([Apply(op, operands + 1)], [whole])))


def _refuse_factor(reader: LatexReader, function: Waiting, operands: int) -> None:
    """Refuse a letter with an index before a sum in brackets: I_1(R_1 + R_2) may be a product."""
    if not function.letter:
        return
    shown = reader.shown(function.span)
    is_greek = function.word in reader.grammar.letters
    called = shown if is_greek else rf"\operatorname{{{shown[0]}}}{shown[1:]}"
    one, other = rf"the product {shown} \cdot (…)", f"the function {called}(…)"
    is_sum = operands == 1 and reader.code[-1] in (reader.grammar.infix["+"][2], reader.grammar.infix["-"][2])
    if is_sum and not is_greek:
        reader.fail_both((function.span[0], reader.last), one, other)
    reader.letters.setdefault(function.letter, (function.span, one, other))
