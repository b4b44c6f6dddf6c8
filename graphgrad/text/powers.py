"""Read superscripts, x², roots, √x, factorials, n!, and powers of functions, sin²(x)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.ops.elementary import POWER, SIGN
from graphgrad.text.reader import BARRIER, ROOT, Parenthesis
from graphgrad.text.signs import SUPERSCRIPTS, lowered
from graphgrad.text.statement import Apply, Compound, Name, Number, Part
from graphgrad.text.tokens import tokens

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = [
    "FACTORIAL",
    "exclamation",
    "finish_power",
    "is_power_of_function",
    "powered_function",
    "refuse_run_together",
    "root",
    "superscript",
]

FACTORIAL: Final = "!"
TRANSPOSED, TRANSPOSITION = "ᵀ", ".T"
RAISED: Final = "**"
AFTER: Final = lazy_pattern(rf"[ \t]*(?:(?:\*\*|\^)[ \t]*([\w.]*)|([{SUPERSCRIPTS}]+))")
"""Another power behind a power."""

NEGATED: Final = lazy_pattern(r"[ \t]*[\w(]")
"""What stands behind the sign of a logical not."""

PARENTHESIS: Final = lazy_pattern(r"[ \t]*\(")
LETTERS: Final = lazy_pattern(r"[^\W\d_]{2,}")
POWERED: Final = lazy_pattern(r"[ \t]*(?:\*\*|\^)?[ \t]*([^ \t(]+)[ \t]*(.*)", re.DOTALL)
"""The power behind a function's name, and its operands."""

NAMED: Final = lazy_pattern(
    rf"([^\W\d]\w*?)[ \t]*(?:[{SUPERSCRIPTS}]+|(?:\*\*|\^)[ \t]*(?:[-−]?[ \t]*[\w.]+|\([^()\n]*\)))"
)
"""A function's name with its power: sin², sin^2."""


# ---- superscripts


def superscript(reader: Reader, text: str, span: Span) -> None:
    """Read superscripts behind an operand: its power, or its transposition."""
    exponent = lowered(text)
    if not reader.complete:
        reader.fail(f"a number or a name is missing before '{text}'", span, f"write a power as x^{exponent}")
    if text == TRANSPOSED and TRANSPOSITION in reader.grammar.postfix:
        reader.applied(Apply(reader.grammar.postfix[TRANSPOSITION].with_params({}), 1), span)
        return
    _refuse_superscript(reader, exponent, span)
    reader.stack.append((POWER[1], reader.grammar.infix[RAISED][2], span[0]))
    reader.complete = False
    reader.open.append(Parenthesis(span))
    reader.stack.append(BARRIER)
    depth, at = len(reader.open), span[0]
    for blank, token in tokens(exponent):
        at += len(blank)
        if token:
            reader.feed(token, (at, at + len(token)))
        at += len(token)
    if not reader.complete:
        reader.fail(f"the exponent {exponent} lacks a number or a name", span, "write a power as x² or x^2")
    if len(reader.open) > depth:
        reader.refuse_open_parenthesis()
    if len(reader.open) < depth:
        reader.fail(f"parentheses do not match in the exponent {exponent}", span)
    reader.end_operand()
    reader.stack.pop()
    reader.open.pop()
    _, item, _ = reader.stack.pop()
    reader.starts.pop()
    reader.applied(item, span)  # type: ignore[arg-type]  # it is the power


def _refuse_superscript(reader: Reader, exponent: str, span: Span) -> None:
    """Refuse a superscript that two readers would read differently: √x², x²^3, xᵃᵇ."""
    source, operand = reader.source, reader.source[reader.starts[-1] : reader.last][-20:]
    if reader.stack[-1][0] == ROOT:
        start = reader.stack[-1][2]
        sign = source[start]
        operand += "(…)" if operand in reader.grammar.functions and PARENTHESIS.match(source, span[1]) else ""
        reader.refuse_readings((start, span[1]), f"{sign}({operand}^{exponent})", f"({sign}{operand})^{exponent}")
    refuse_run_together(reader, operand, reader.last - len(operand), behind=f"^{exponent}")
    after = AFTER.match(source, span[1])
    if after:
        whole, power = (reader.starts[-1], after.end()), lowered(after.group(1) or "…")
        reader.refuse_readings(whole, f"({operand}^{exponent})^{power}", f"{operand}^({exponent}^{power})")
    letters = LETTERS.search(exponent)
    if letters:
        name, product = letters.group(), "*".join(letters.group())
        spelled = [exponent.replace(name, each) for each in (name, product)]
        whole = reader.starts[-1], span[1]
        reader.refuse_readings(whole, f"{operand}^({spelled[1]})", f"{operand}^({spelled[0]})")


def refuse_run_together(reader: Reader, name: str, start: int, before: str = "", behind: str = "") -> None:
    """Refuse 2πr and πr², in which πr is one name, and is read as a product."""
    first = name[:1]
    if first.isascii() or first not in reader.grammar.constants or not name[1:2].isalpha():
        return
    rest = name[1:]
    hint = f"write {before}{first}*{rest}{behind}, or `{name}` in backquotes for the name"
    reader.fail(f"{name} is one name", (start, start + len(name)), hint)


def exponent_start(reader: Reader) -> int | None:
    """Return the place of the sign of a power whose exponent has just ended; None where there is none."""
    for power, item, start in reversed(reader.stack):
        if item is not None and power == POWER[1]:
            return start
        if item is None or power != SIGN[1]:
            return None
    return None


# ---- roots and factorials


def root(reader: Reader, text: str, span: Span) -> None:
    """Read the sign of a root, which takes the operand directly behind it."""
    reader.require_operator(text, span)
    for op in reader.grammar.roots[text]:
        reader.stack.append((ROOT, Apply(op, 1), span[0]))


def exclamation(reader: Reader, text: str, span: Span) -> None:
    """Read the sign of a factorial."""
    source = reader.source
    if not reader.complete:
        if reader.stack[-1] is BARRIER or NEGATED.match(source, span[1]):
            reader.fail(
                "! stands behind a number or a name, for its factorial", span, "for a logical 'not' write not x"
            )
        reader.refuse_missing_operand(span)
    if text not in reader.grammar.postfix:
        reader.fail("there is no factorial in this table of operations", span, "write gamma(x + 1)")
    operand = source[reader.starts[-1] : reader.last][-20:]
    if source[span[1] : span[1] + 1] in ("!", "！"):
        message = f"{operand}!! can be read in two ways"
        hint = f"write ({operand}!)!; a double factorial, {operand}*({operand} - 2)*…, has no name here"
        reader.fail(message, (reader.starts[-1], span[1] + 1), hint)
    if reader.stack[-1][0] == ROOT:
        start = reader.stack[-1][2]
        reader.refuse_readings((start, span[1]), f"{source[start]}({operand}!)", f"({source[start]}{operand})!")
    reader.applied(Apply(reader.grammar.postfix[text], 1), span)


# ---- powers of functions


def is_power_of_function(reader: Reader) -> bool:
    """Read a parenthesis behind sin² or sin^2 as the function's; False where it stands behind something else.

    The exponent stays the operand before those of the call. Raises `ExpressionSyntaxError` for an exponent with which
    two readers mean different functions: sin^-1(x).
    """
    function, begin = powered_function(reader)
    if not function:
        return False
    if function in reader.functions or not _drop_name(reader):
        _refuse_power(reader, function, (begin, reader.last))
    reader.open.append(Parenthesis((begin, begin + len(function)), function, powered=True))
    reader.stack.append(BARRIER)
    reader.complete = False
    return True


def _drop_name(reader: Reader) -> bool:
    """Take the name, which was read as an operand, out before its power; False where the power is an expression."""
    if exponent_start(reader) is None:
        match reader.code[-3:]:
            case [Name(), Number() | Name(), Apply()]:
                del reader.code[-1], reader.code[-2], reader.spans[-1], reader.spans[-2]
                return True
        return False
    if not isinstance(reader.code[-1], Number) or reader.stack[-1][0] != POWER[1]:
        return False
    del reader.code[-2], reader.spans[-2], reader.starts[-2]
    reader.stack.pop()
    return True


def powered_function(reader: Reader) -> tuple[str, int]:
    """Return the function that has just been raised to a power, and the start of its name: sin², sin^2; else ''."""
    begin = reader.starts[-1 if exponent_start(reader) is None else -2]
    named = NAMED.fullmatch(reader.source, begin, reader.last)
    function = named.group(1) if named else ""
    return function if function in reader.grammar.functions or function in reader.functions else "", begin


def _refuse_power(reader: Reader, function: str, span: Span) -> NoReturn:
    """Refuse the power of a function that two readers would read differently: its inverse, or how often it is applied.

    Other powers stand behind the parentheses.
    """
    exponent = reader.source[span[0] + len(function) : span[1]].strip(" \t*^()")
    power = lowered(exponent).replace("−", "-").replace(" ", "")
    if power == "-1":
        inverses = [name for name in (f"a{function}", f"arc{function}") if name in reader.grammar.functions]
        first = f"{inverses[0]}(…)" if inverses else "the inverse function by its name"
        reader.refuse_readings(span, first, f"1/{function}(…)")
    raised = power if power.isalnum() else f"({power})"
    if function in reader.functions:
        again = f"{function}({function}(…))" if power == "2" else f"{function} as often as it is applied"
        reader.refuse_readings(span, f"{function}(…)^{raised}", again)
    reader.fail(f"the power of {function} stands behind its parentheses", span, f"write {function}(…)^{raised}")


def finish_power(reader: Reader, opening: Parenthesis, whole: Span) -> None:
    """Raise the call that has just been read, `whole`, to the power that stands before it."""
    after = AFTER.match(reader.source, whole[1])
    if after:
        power, call = lowered(after.group(1) or after.group(2) or "…"), reader.source[slice(*whole)][:30]
        function = opening.function
        exponent, operands = POWERED.match(call, len(function)).groups()  # type: ignore[union-attr]  # it has been read
        second = f"{function}{operands}^({lowered(exponent)}^{power})"
        reader.refuse_readings((whole[0], after.end()), f"({call})^{power}", second)
    raised = reader.grammar.infix[RAISED][2].op
    reader.starts.pop()
    reader.code.append(Compound(2, (Part(raised, (1, 0), whole),)))
    reader.spans.append(whole)
