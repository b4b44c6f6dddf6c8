"""Read MATLAB's calls: the axis of a reduction, words as operands, an index behind a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from graphgrad.text import handlers
from graphgrad.text.definitions import EQUALS
from graphgrad.text.dialects.functions import TEXTS
from graphgrad.text.dialects.matlab_names import ALONG, DEVIATIONS, EITHER, REFUSED_CALLS
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.reader import Parenthesis
    from graphgrad.text.statement import Span

__all__ = ["EMPTY", "PART", "WORD", "begin_call", "close", "empty", "indexed", "is_called", "word"]

AT: Final = r"(?:[0-9]{1,9}|end(?:[ ]*-[ ]*[0-9]{1,9})?)"
PART: Final = rf"(?:{AT}[ ]*:[ ]*{AT}(?:[ ]*:[ ]*{AT})?|{AT}|:)"
"""A part of an index of constants."""

EMPTY: Final = r",[ \t]*\[[ \t]*\](?=[ \t]*,)"
"""The place of an operand that is left out: max(x, [], 2)."""

WORD: Final = r",[ \t]*(?:'[a-zA-Z]*'|\"[a-zA-Z]*\")(?=[ \t]*\))"
"""A last operand that is a word: sum(x, 'all')."""

LEFT_OUT, SAID = "[]", "'"
"""How an operand that is left out, and a word, are noted among the parameters of a call."""

FROBENIUS: Final[Spellings] = {"norm": "fro"}
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "all": tuple({**ALONG, **DEVIATIONS}.values()),
    **{said: (function,) for function, said in FROBENIUS.items()},
}
"""What a word may be said to, beside the tail of an incomplete function."""

UPPER: Final[Spellings] = {"gammainc": "gammaincc"}
FLAT: Final[Spellings] = {"reshape": "reshape"}
"""What makes a vector of an array."""

TAILS: Final = ("lower", "upper")

WEIGHTED: Final = 2
"""The place of the weight in var(x, 1, 2), and the number of operands of max(x, y)."""


def word(reader: Any, text: str, span: Span) -> None:
    """Read a last operand that is a word."""
    said = text[1:].strip()[1:-1]
    function = reader.open[-1].function if reader.open and reader.complete else ""
    if function not in WORDS.get(said, ()) and not (function in UPPER and said in TAILS):
        start = span[0] + text.index(said) - 1 if said else span[0]
        message, hint = TEXTS
        reader.fail(message, (start, span[1]), hint)
    reader.open[-1].params[SAID] = said, span


def empty(reader: Any, _text: str, span: Span) -> None:
    """Read the place of an operand that is left out."""
    function = reader.open[-1].function if reader.open and reader.complete else ""
    if function not in {**EITHER, **DEVIATIONS}.values() or reader.open[-1].operands > 1:
        reader.fail("an empty array is not read here", span, "it stands in max(x, [], 2), min, var and std")
    reader.open[-1].params[LEFT_OUT] = None, span


def begin_call(reader: Any, text: str, span: Span) -> None:
    """Read a function's name with its opening parenthesis."""
    name = text[:-1].rstrip()
    if f"{name}(" in REFUSED_CALLS and name not in reader.called and name not in reader.known:
        reader.fail(f"{name} is not read here", (span[0], span[0] + len(name)), REFUSED_CALLS[f"{name}("])
    handlers.call(reader, text, span)


def close(reader: Any, text: str, span: Span) -> None:
    """Close a parenthesis or a call; a reduction that is given no axis takes the first."""
    opening = reader.open[-1] if reader.open else None
    if opening is None or opening.sign != "(" or not opening.function:
        handlers.close_parenthesis(reader, text, span)
        return
    name, whole = opening.function, (opening.span[0], span[1])
    if name not in reader.called:
        _refuse_no_call(reader, opening, whole)
    reader.close_call(span)
    if name not in reader.called and reader.complete:
        reader.end_operand()
        _read_words(reader, opening)
        if name in DEVIATIONS.values():
            _read_weight(reader, opening, whole)
        elif name in ALONG.values():
            _read_axis(reader, opening, whole)
        elif name in FROBENIUS and opening.operands > 1:
            _read_order(reader, opening, whole)
        opening.params.pop(LEFT_OUT, None)
    handlers.close_parenthesis(reader, text, span)


def _refuse_no_call(reader: Any, opening: Parenthesis, whole: Span) -> None:
    """Refuse a function that is defined by an equals sign, and an index that is not constant."""
    name = opening.function
    if not reader.target and len(reader.open) == 1 and EQUALS.match(reader.source, whole[1]):
        reader.fail("an equals sign stands behind a name", whole, f"a function is defined by {name} = @(x) x^2")
    grammar = reader.grammar
    known = name in grammar.functions or name in grammar.forms
    is_own = name == reader.defined and reader.declared is not None
    if name in reader.known or (not known and len(name) == 1 and not is_own):
        reader.fail(
            f"{name}(…) is an index that is not constant", whole, f"write {name}(2), or {name}(1:3); or {name}*(…)"
        )


def _read_words(reader: Any, opening: Parenthesis) -> None:
    said, span = opening.params.pop(SAID, ("", (0, 0)))
    if said == "all":
        opening.params["axis"] = None, span
    elif said == TAILS[1]:
        x = reader.code[opening.begin :]
        if len(x) > WEIGHTED or opening.operands != WEIGHTED:
            hint = "write 1 - gammainc(x, a), or give names to what stands in it"
            reader.fail("this upper tail is not read", span, hint)
        for kept in (reader.code, reader.spans, reader.starts):
            kept[-2:] = kept[-1], kept[-2]
        opening.function = UPPER[opening.function]


def _taken(reader: Any, opening: Parenthesis, whole: Span, what: str) -> tuple[int, Span]:
    """Take the last operand of a call, which is a constant."""
    item, span = reader.code[-1], reader.spans[-1]
    if not isinstance(item, Number) or item.value.denominator != 1:
        reader.fail(f"the {what} is a constant", whole, f"write the number: {opening.function}(x, 1)")
    reader.code.pop()
    reader.spans.pop()
    reader.starts.pop()
    opening.operands -= 1
    return int(item.value), span


def _read_axis(reader: Any, opening: Parenthesis, whole: Span) -> None:
    """Take the axis of a reduction, counted from 1, from its last operand, the first axis where there is none."""
    if opening.function in EITHER.values() and LEFT_OUT not in opening.params:
        if opening.operands > WEIGHTED:
            hint = f"of three numbers write {opening.function}({opening.function}(a, b), c)"
            reader.fail(f"the third operand of {opening.function} is an axis", whole, hint)
        if opening.operands == WEIGHTED:
            return
    _set_axis(reader, opening, whole)


def _set_axis(reader: Any, opening: Parenthesis, whole: Span) -> None:
    if opening.operands == WEIGHTED and "axis" not in opening.params:
        axis, span = _taken(reader, opening, whole, "axis")
        if axis < 1:
            reader.fail("axes are counted from 1", span, "the first axis is 1")
        opening.params["axis"] = axis - 1, span
    opening.params.setdefault("axis", (0, opening.span))


def _read_weight(reader: Any, opening: Parenthesis, whole: Span) -> None:
    """Take the axis and the weight of var(x, weight, axis); without a weight it divides by n - 1."""
    weight, span = 0, opening.span
    if opening.operands > (1 if LEFT_OUT in opening.params else WEIGHTED):
        axis, at = _taken(reader, opening, whole, "axis")
        if axis < 1:
            reader.fail("axes are counted from 1", at, "the first axis is 1")
        opening.params["axis"] = axis - 1, at
    if opening.operands == WEIGHTED:
        weight, span = _taken(reader, opening, whole, "weight")
    if weight not in (0, 1):
        reader.fail("the weight is 0, for n - 1, or 1, for n", span, "weights of their own are not read")
    opening.params["ddof"] = 1 - weight, span
    opening.params.setdefault("axis", (0, opening.span))


def _read_order(reader: Any, opening: Parenthesis, whole: Span) -> None:
    order, span = _taken(reader, opening, whole, "order")
    if order != WEIGHTED:
        reader.fail("this norm is not read", span, "the norm of order 1 is sum(abs(x)), that of order 2 norm(x)")


# ---- an index


def is_called(reader: Any, name: str) -> bool:
    """Whether a name before a parenthesis is a function, and no array."""
    if name in reader.called:
        return True
    grammar = reader.grammar
    is_function = name in grammar.functions or name in grammar.forms or f"{name}(" in REFUSED_CALLS
    return is_function and name not in reader.known


def indexed(reader: Any, text: str, span: Span) -> None:
    """Read a name with constants in parentheses: an index from 1, or a call of a function."""
    name, _, inside = text[:-1].partition("(")
    written = name.rstrip()
    if is_called(reader, written):
        _called(reader, text, span, len(name) + 1)
        return
    reader.require_operator(text, span)
    reader.add(Name(written), (span[0], span[0] + len(written)))
    parts = [part.strip() for part in inside.split(",")]
    if parts == [":"]:
        _all_entries(reader, span)
        return
    at = tuple(_part(reader, part, span) for part in parts)
    reader.applied(Apply(reader.grammar.postfix[BRACKETS].with_params({"at": at}), 1), span)


def _all_entries(reader: Any, span: Span) -> None:
    """Read x(:), the entries of all columns, one column after the other."""
    grammar = reader.grammar
    [flat] = (grammar.operations[row] for row in FLAT)
    reader.applied(Apply(grammar.postfix[".T"].with_params({}), 1), span)
    reader.applied(Apply(flat.with_params({"shape": (-1,)}), 1), span)


def _part(reader: Any, part: str, span: Span) -> int | tuple[int | None, int | None, int | None]:
    """Return one part of an index, from 0.

    MATLAB's 2:3 has both ends: it is 1:3 from 0.
    """
    if part == ":":
        return None, None, None
    numbers = [_at(reader, each.replace(" ", ""), span) for each in part.split(":")]
    if len(numbers) == 1:
        return numbers[0]
    step = numbers[1] + 1 if len(numbers) > WEIGHTED else 1
    if step < 1:
        reader.fail("the step of an index is a positive number here", span, "write x(1:2:end)")
    last = numbers[-1] + 1
    return numbers[0], last or None, None if step == 1 else step


def _at(reader: Any, text: str, span: Span) -> int:
    """Return a place, from 0, or from the end where it is negative."""
    if text.startswith("end"):
        return -1 - int(text[len("end-") :] or 0)
    if int(text) < 1:
        reader.fail("an index of MATLAB's begins at 1", span, "the first entry is x(1)")
    return int(text) - 1


def _called(reader: Any, text: str, span: Span, opened: int) -> None:
    """Read a call whose operands are whole numbers."""
    if ":" in text or re.search(r"\bend\b", text):
        reader.fail("a range is no operand of a function", span, "an index stands behind the name of an array: x(1:3)")
    start = span[0] + opened
    begin_call(reader, text[:opened], (span[0], start))
    for blank, token in reader.grammar.tokens(text[opened:]):
        start += len(blank)
        if token:
            reader.feed(token, (start, start + len(token)))
        start += len(token)
