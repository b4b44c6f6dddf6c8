"""Write the page's formulas twice, typeset and as a line of text, and refer to them by marks within its texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.base.terminal_text import isolated, printable
from graphgrad.ops.elementary import POWER
from graphgrad.printing.latex import right_side
from graphgrad.printing.operators import ATOM, Text
from graphgrad.printing.reading import ReadingTex
from graphgrad.typeset.html import html_of
from graphgrad.typeset.unicode_text import RAISED, unicode_of

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.printing.operators import Form

__all__ = ["Maths"]

MARK: Final = "\ue000{}\ue001"
"""How a text of the page refers to a formula: by its number in the list."""

OPERAND: Final = 0xE010
"""The first of the characters that stand for an operation's operands until their numbers are known."""

PLACE: Final = re.compile("(√?)([\ue010-\uf8ff])")
"""The place of an operand, with the sign of a root before it."""

NUMBER: Final = re.compile("(−?[0-9.]+)?")
"""A number, or nothing at all."""

NO_NAME: Final = frozenset(" ()[]{}|+−·×/^√") | RAISED
"""What no single name contains."""


_Formula = tuple[str, str, bool]


class Maths:
    r"""The formulas of a page: for each its line of text, its HTML, and whether it is a single name.

    >>> maths = Maths()
    >>> maths.mark("x^{2}") == "\ue0000\ue001", maths.mark("-2")
    (True, '−2')
    >>> maths.written
    [('x²', '<span class="gg-math"><i>x</i><span class="gg-sign">^</span><sup>2</sup></span>', False)]
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._places: dict[_Formula, int] = {}

    @property
    def written(self) -> list[_Formula]:
        """The formulas in the order of their numbers."""
        return [*self._places]

    def mark(self, tex: str) -> str:
        """Return the mark of a formula in LaTeX; a number is a text by itself."""
        written = _written(tex)
        return written if isinstance(written, str) else MARK.format(self._places.setdefault(written, len(self._places)))

    def template(self, op: Op, form: Form | None, count: int) -> str:
        """Return the mark of an operation with {operand:power:sign} for its operands, as in the places of a form.

        A number with less power needs brackets; a raised one needs none where it is typeset.
        """
        return MARK.format(self._places.setdefault(_template(op, form, count), len(self._places)))


@lru_cache(maxsize=4096)
def _written(tex: str) -> _Formula | str:
    reading = unicode_of(tex)
    return reading if NUMBER.fullmatch(reading) else _formula(reading, html_of(tex, stacked=False))


@lru_cache(maxsize=1024)
def _template(op: Op, form: Form | None, count: int) -> _Formula:
    operands = [Text(chr(OPERAND + i)) for i in range(count)]
    tex = right_side(ReadingTex().value(op, operands))
    needs = {place.operand: (place.power, place.sign) for place in form.places} if form else {}
    raised = {1: (0, 0)} if op.binds == POWER else {}
    return _formula(_with_places(unicode_of(tex), needs), _with_places(html_of(tex, stacked=False), needs | raised))


def _formula(reading: str, html: str) -> _Formula:
    return isolated(printable(reading)), isolated(printable(html)), NO_NAME.isdisjoint(reading)


def _with_places(text: str, needs: dict[int, tuple[int, int]]) -> str:
    def place(match: re.Match[str]) -> str:
        operand = ord(match[2]) - OPERAND
        power, sign = (ATOM, ATOM) if match[1] else needs.get(operand, (0, 0))
        return f"{match[1]}{{{operand}:{power}:{sign}}}"

    return PLACE.sub(place, text.replace("·", " · "))
