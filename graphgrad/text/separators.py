"""Refuse commas and semicolons that separate no operands, and commas that may stand within a number: 1,000*x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.statement import Number

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["refuse_comma", "refuse_semicolon", "refuse_thousands"]

CALLS: Final = 3
"""How many of the parentheses around a comma are looked at for a hint."""

PIECEWISE: Final = "piecewise"

GROUP: Final = 3
"""The digits of a group in 1,000,000."""

DIGITS_BEFORE: Final = lazy_pattern(r"(?<![\w.,])[0-9]{1,3}$")
FOLLOWING: Final = lazy_pattern(r"(?:[ ]?[-+*/][ ]?\w{1,12})?(?![\w(])|")
DIGITS_AFTER: Final = lazy_pattern(r"[0-9]+(?:,[0-9]{3})*(?![\w.]*[\w(])")


def refuse_thousands(reader: Reader, span: Span) -> None:
    """Refuse a comma that may stand within a number: 1,000; 1,5 outside of a call."""
    source, at = reader.source, span[0]
    if not reader.code or not isinstance(reader.code[-1], Number):
        return
    before = DIGITS_BEFORE.search(source, max(at - 40, 0), at)
    after = DIGITS_AFTER.match(source, span[1])
    if not before or not after:
        return
    number, end = before.group() + after.group(), after.end()
    whole = before.start(), end
    in_call = bool(reader.open and (reader.open[-1].function or reader.open[-1].sign == "["))
    grouped = len(after.group().split(",")[0]) == GROUP and all(len(p) == GROUP for p in after.group().split(","))
    if in_call and not (grouped and after.group().startswith("0")):
        return
    plain = number.replace(",", "")
    if in_call:
        reader.refuse_readings(whole, plain, f"{before.group()}, {after.group().replace(',', ', ')} with blanks")
    following = FOLLOWING.match(source, end).group()  # type: ignore[union-attr]  # it matches an empty text
    hint = (
        f"write {plain}{following}" if grouped else f"the decimal point is '.': write {before.group()}.{after.group()}"
    )
    reader.fail("a comma only separates the operands of a function", span, hint)


def refuse_comma(reader: Reader, span: Span) -> NoReturn:
    """Refuse a comma outside of a call and of an array."""
    hint = "the decimal point is '.'"
    if PIECEWISE in [opening.function for opening in reader.open[-CALLS:]]:
        hint = f"write {PIECEWISE}(condition, value, …, otherwise)"
    elif reader.open:
        hint += "; an array stands in brackets: [1, 2]"
    reader.fail("a comma only separates the operands of a function", span, hint)


def refuse_semicolon(reader: Reader, span: Span) -> NoReturn:
    """Refuse a semicolon within parentheses or brackets."""
    from graphgrad.text.hints import read_as

    opening = reader.open[-1]
    if opening.sign == "[":
        hint = f"rows are arrays: [[1, 2], [3, 4]]; or {read_as('matlab')}"
        reader.fail("a semicolon ends a statement, and no row of an array", span, hint)
    if opening.function:
        hint = f"a comma separates operands; before it, the parenthesis of {opening.function} is closed"
        reader.fail("a semicolon ends a statement", span, hint)
    reader.refuse_open_parenthesis()
