"""Read the operators of LaTeX, exponents, equals signs, and what separates statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_choices import Choice
from graphgrad.text.dialects.latex_handlers import power_of_e, refuse
from graphgrad.text.dialects.latex_heads import below
from graphgrad.text.dialects.latex_matrices import refuse_at_matrix
from graphgrad.text.dialects.latex_series import bound, is_index
from graphgrad.text.dialects.latex_state import Bracket, Macro, Waiting
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply, Name, Number

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = [
    "SIGNS",
    "caret",
    "equals",
    "operator_sign",
    "prime",
    "subscript",
]

SIGNS: Final = {
    "*": "*",
    r"\cdot": "*",
    r"\times": "*",
    r"\ast": "*",
    "×": "*",
    "·": "*",
    "⋅": "*",
    r"\odot": "*",
    "/": "/",
    r"\div": "/",
    "÷": "/",
    "+": "+",
    "-": "-",
    "−": "-",
    "@": "@",
    "<": "<",
    r"\lt": "<",
    ">": ">",
    r"\gt": ">",
    r"\le": "<=",
    r"\leq": "<=",
    r"\leqslant": "<=",
    "≤": "<=",
    r"\ge": ">=",
    r"\geq": ">=",
    r"\geqslant": ">=",
    "≥": ">=",
    r"\ne": "!=",
    r"\neq": "!=",
    "≠": "!=",
    r"\land": "∧",
    r"\wedge": "∧",
    "∧": "∧",
    r"\lor": "∨",
    r"\vee": "∨",
    "∨": "∨",
    r"\veebar": "⊻",
    "⊻": "⊻",
    r"\lnot": "¬",
    r"\neg": "¬",
    "¬": "¬",
    r"\mathbin{}": r"\mathbin{}",
    r"\mathbin{@}": "@",
}
"""The operators of the plain language, by what LaTeX writes."""

PRODUCTS: Final = frozenset(("*", "/", "@", r"\mathbin{}"))

COMPARES: Final = frozenset(("[", "|", "‖", "⌊", "⌈"))
"""Brackets in which an equals sign compares."""

TRANSPOSED: Final = re.compile(r"\^\s*\{?\s*T\s*\}?")


def operator_sign(reader: LatexReader, text: str, span: Span) -> None:
    """Read an operator between two operands, or before one."""
    plain = SIGNS.get(re.sub(r"\s", "", text))
    grammar = reader.grammar
    if plain is None:
        reader.fail(f"{text} is no operator here", span, r"a matrix product is written \mathbin{@}")
    if not reader.complete:
        _before(reader, text, plain, span)
        return
    if plain not in grammar.infix:
        reader.fail(f"an operator is missing before '{text}'", span)
    if plain in {"*", "/"} and text != r"\odot":
        refuse_at_matrix(reader, text, span, r"a matrix product is written \mathbin{@}, one of the entries \odot")
    if plain in PRODUCTS:
        reader.may_follow(text, span)
    reader.infix(plain, span)


def _before(reader: LatexReader, text: str, plain: str, span: Span) -> None:
    if reader.open and isinstance(reader.open[-1], Macro):
        reader.refuse_missing_operand(span)
    if (
        len(reader.stack) == 1
        and not reader.open
        and not reader.target
        and reader.new_line
        and reader.dangling is not None
    ):
        reader.fail_both(span, "the line before, continued", rf"a formula of its own (\left({text}…\right))")
    if plain in reader.grammar.prefix:
        binds, item = reader.grammar.prefix[plain]
        reader.stack.append((binds, item, span[0]))
    elif plain != "+":
        reader.fail(f"a number or a name is missing before '{text}'", span)


# ---- exponents


def caret(reader: LatexReader, _text: str, span: Span) -> None:
    """Read the sign of an exponent, which is a single character, a command, or stands in braces."""
    top = reader.stack[-1][1]
    if bound(reader, "^", span):
        return
    if not reader.complete:
        if (
            type(top) is not Waiting
            or top.at != len(reader.code)
            or (top.after[-1:] and top.after[-1][0] == reader.grammar.infix["**"][2])
        ):
            reader.fail("a base is missing before '^'", span)
        powered = Macro((span[0], span[1]), at=len(reader.code), powers=top)
        reader.open.append(powered)
        reader.stack.append(BARRIER)
        return
    if reader.factor[1] == reader.last:
        reader.used[reader.factor[0]] += 1
    if reader.powered == reader.last:
        reader.fail("two exponents follow each other", span, "write x^{a^{b}} or {x^{a}}^{b}")
    refuse_at_matrix(reader, "this power", span, r"the inverse is \operatorname{inv}\left( … \right)")
    if reader.unclear == reader.last:
        left = reader.source[reader.starts[-1] : reader.last]
        reader.fail(f"this exponent can be that of {left} or that of what is in it", span, "write one more bracket")
    items: tuple[Apply, ...] = (reader.grammar.infix["**"][2],)
    if power_of_e(reader):
        place = reader.spans.pop()
        reader.euler = reader.euler or place
        reader.code.pop()
        start = reader.starts.pop()
        reader.open.append(Macro((start, span[1]), items=(Apply(reader.grammar.exp, 1),)))
        reader.complete = False
        reader.stack.append(BARRIER)
        return
    binds, item = reader.grammar.infix["**"][1:]
    reader.stack.append((binds, item, span[0]))
    reader.open.append(Macro(span, items=items, is_exponent=True))
    reader.stack.append(BARRIER)
    reader.complete = False


def subscript(reader: LatexReader, text: str, span: Span) -> None:
    """Read the sign of what stands below a function's name."""
    if bound(reader, text, span) or below(reader, span):
        return
    top = reader.stack[-1][1]
    if not reader.complete and type(top) is Waiting:
        called = reader.shown(top.span)
        reader.fail(f"what stands below {called} is not read", span, rf"write the operands in brackets: {called}(…)")
    refuse(reader, text, span)


def behind(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read what stands behind an operand: n!, x^{\top}."""
    op = reader.grammar.behind.get(text)
    if op is None:
        refuse(reader, text, span)
    if not reader.complete:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    if function := reader.waiting():
        called = reader.shown(function.span)
        reader.fail(f"this '{text}' can be that of {called} or that of its operand", span, "write brackets")
    if reader.last in {reader.powered, reader.unclear}:
        reader.fail(f"this '{text}' can be that of the power or that of its exponent", span, "write brackets")
    if text == "!" and reader.source.startswith("!", span[1]):
        reader.fail("a double factorial is not read", (span[0], span[1] + 1), "write brackets: (n!)!")
    reader.applied(Apply(op.with_params({}), 1), span)


def prime(reader: LatexReader, text: str, span: Span) -> None:
    """Read the sign of a derivative at the name of a function, if that is an operation."""
    top = reader.stack[-1][1]
    known = "" if reader.complete or type(top) is not Waiting else reader.grammar.known(top.word, text)
    if not known:
        refuse(reader, text, span)
    top.word, top.span = known, (top.span[0], span[1])


def raised(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read an exponent that is no number: ^{\top} transposes; ^T can be a power."""
    if TRANSPOSED.fullmatch(text):
        _raised_to_t(reader, text, span)
        return
    if "top" in text or "T" in text or "intercal" in text:
        transposed = next(each for each in reader.grammar.behind if "top" in each)
        behind(reader, transposed, span)
        return
    if "circ" in text:
        if reader.complete and not isinstance(reader.code[-1], Number):
            shown = reader.source[reader.starts[-1] : reader.last]
            reader.fail(f"{shown}^\\circ can be read as degrees or as a name", span, rf"write {shown}_{{0}} for a name")
        reader.fail("degrees are not read", span, r"write 30 \cdot \frac{\pi}{180}")
    if "prime" in text:
        refuse(reader, "'", span)
    if "(" in text or "[" in text:
        reader.fail(f"{text} can be read as an index, a derivative or a power", span, "write x_{1} or x^{2}")
    reader.fail(f"{text} is no power", span, "write x_{1} for a name")


def _raised_to_t(reader: LatexReader, text: str, span: Span) -> None:
    start = reader.starts[-1] if reader.complete else span[0]
    if reader.complete and (
        reader.matrix == reader.last or reader.source.startswith((r"\mathbf", r"\boldsymbol", r"\bm"), start)
    ):
        raised(reader, r"^{\top}", span)
        return
    shown = reader.source[start : reader.last]
    if reader.complete and not _is_scalar(reader):
        message = rf"this can be read as {shown} transposed (^{{\top}}) or as a power with the exponent T"
        reader.doubts.setdefault("T", (span, message, "write the one that is meant, or use T elsewhere"))
    else:
        reader.used["T"] += 1
    place = span[0] + text.index("T")
    caret(reader, "^", (span[0], span[0] + 1))
    if "{" in text:
        reader.open.append(Bracket((span[0], place), kind="brace"))
        reader.stack.append(BARRIER)
    reader.add(Name("T"), (place, place + 1))
    if "{" in text:
        reader.stack.pop()
        reader.open.pop()
        reader.last = span[1]
    reader.ended()


def _is_scalar(reader: LatexReader) -> bool:
    """Whether the operand that has just ended is a number to every reader: e, 2, or (1 + r)."""
    code, infix = reader.code, reader.grammar.infix
    if power_of_e(reader) or isinstance(code[-1], Number):
        return True
    return code[-1] in (infix["+"][2], infix["-"][2]) and any(isinstance(item, Number) for item in code[-3:-1])


# ---- statements


def equals(reader: LatexReader, _text: str, span: Span) -> None:
    """Read an equals sign: of a definition, or of a comparison within brackets and conditions."""
    innermost = reader.open[-1] if reader.open else None
    if is_index(reader, span):
        return
    if isinstance(innermost, Choice) and innermost.value is not None:
        compared(reader, span)
        return
    if isinstance(innermost, Bracket) and (innermost.kind in COMPARES or innermost.call):
        compared(reader, span)
        return
    code = reader.code
    if reader.open or reader.target or not reader.complete or len(reader.stack) > 1 or not _is_name(reader):
        hint = r"leave the left side out; a comparison stands in brackets: [x = y]; a new line begins behind \\"
        reader.fail("only a name can be given a value", span, hint)
    reader.target, reader.target_span, reader.complete = code[0].text, reader.spans[0], False
    reader.letter_e = None if reader.target == reader.grammar.euler else reader.letter_e
    reader.clear_statement()


def _is_name(reader: LatexReader) -> bool:
    return len(reader.code) == 1 and isinstance(reader.code[0], Name) and reader.spans[0][0] == reader.starts[0]


def compared(reader: LatexReader, span: Span) -> None:
    """Read an equals sign as a comparison."""
    if not reader.complete:
        reader.fail("a number or a name is missing before '='", span)
    reader.infix("==", span)
