"""Refuse commas that may stand within a number: 1,000*x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["refuse_thousands"]

GROUP: Final = 3
"""The digits of a group in 1,000,000."""

DIGITS_BEFORE: Final = lazy_pattern(r"(?<![\w.,])[0-9]{1,3}$")
FOLLOWING: Final = lazy_pattern(r"(?:[ ]?[-+*/][ ]?\w{1,12})?(?![\w(])|")
DIGITS_AFTER: Final = lazy_pattern(r"[0-9]+(?:,[0-9]{3})*(?![\w.]*[\w(])")


def refuse_thousands(reader: Reader, span: Span) -> None:
    """Refuse a comma that may stand within a number: 1,000; 1,5 outside of a call."""
    source, at = reader.source, span[0]
    before = DIGITS_BEFORE.search(source, max(at - 40, 0), at)
    after = DIGITS_AFTER.match(source, span[1])
    if not before or not after:
        return
    number, end = before.group() + after.group(), after.end()
    whole = before.start(), end
    in_call = bool(reader.open and reader.open[-1].function)
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
