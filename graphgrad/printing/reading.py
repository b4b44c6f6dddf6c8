"""Print formulas for people: as the text and the LaTeX of a program, without what only a program needs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.ops.elementary import PRODUCT, SIGN, SUM
from graphgrad.ops.table import NEG, TRANSPOSE
from graphgrad.printing.latex import LATEX, Latex
from graphgrad.printing.latex_names import numbered
from graphgrad.printing.operators import BASE, UNSPOKEN, Text
from graphgrad.printing.text import TEXT, Notation
from graphgrad.text.arguments import params_text
from graphgrad.text.quoted_names import outside_quotes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.ops.op import Op

__all__ = ["Reading", "ReadingTex", "as_factor", "with_signs"]

READING: Final = replace(TEXT, unspoken=UNSPOKEN, indicator="[#1]", is_condition=False)
"""The syntax of formulas as text for people: a comparison used as a number, 1 or 0, stands in Iverson brackets."""


READING_TEX: Final = replace(LATEX, unspoken=UNSPOKEN, indicator=r"\left[#1\right]")
"""The same in LaTeX."""


class Reading(Notation):
    """The namespace of formulas as text for people: two minus signs are none.

    >>> from graphgrad.ops.table import OPS
    >>> [Reading().value(OPS["neg"], [Text(text, 30)]).string for text in ("-x/y", "x*y")]
    ['x/y', '-x*y']
    >>> total = OPS["sum_along"].with_params({"axis": 0, "keepdims": True})
    >>> Reading().value(total, [Text("x")]).string, Notation().value(total, [Text("x")]).string
    ('sum(x, axis=0)', 'sum(x, axis=0, keepdims=True)')
    """

    syntax: ClassVar = READING

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as text."""
        return _shorter(self, op, operands) or super().value(op, operands)

    def call(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as a function call, a helper by the word that people read."""
        if op.chooses:
            operands = [Text(self.syntax.truth(operands[0])) if operands[0].condition else operands[0], *operands[1:]]
        if not op.helper:
            return super().call(op, operands)
        params = params_text(op, self.syntax.unspoken)
        return self.syntax.called(op.helper, operands, f", {params}" if params else "")


class ReadingTex(Latex):
    r"""The same in LaTeX; the number after a letter is an index.

    >>> ReadingTex().name("x1").string, ReadingTex(["x_1"]).name("x1").string
    ('x_{1}', '\\mathrm{x1}')
    """

    syntax: ClassVar = READING_TEX

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Take all names of the graph, of which no two are to be read alike."""
        taken = frozenset(names)
        super().__init__(taken)
        self._taken = taken

    def name(self, name: str) -> Text:
        """Return a name as LaTeX."""
        return super().name(_indexed(name, self._taken))

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as LaTeX."""
        return _shorter(self, op, operands) or super().value(op, operands)


def _shorter(m: Notation, op: Op, operands: Sequence[Text]) -> Text | None:
    """Return what people write shorter: a choice between 1 and 0, what is transposed twice, and two minus signs."""
    if op.chooses:
        return _indicator(m, operands)
    return _untransposed(m, op, operands) if op is TRANSPOSE else _without_sign(op, operands)


def _untransposed(m: Notation, op: Op, operands: Sequence[Text]) -> Text | None:
    """Return a text that was transposed as it was before.

    >>> _untransposed(Reading(), TRANSPOSE, [Text("x.T")])
    Text(string='x', power=1000, condition='', condition_power=10)
    """
    sign = Notation.value(m, op, [Text("")]).string
    string, power, *_ = operands[0]
    return Text(string.removesuffix(sign)) if string.endswith(sign) and power >= BASE else None


def _indicator(m: Notation, operands: Sequence[Text]) -> Text | None:
    """Return a choice between 1 and 0 in Iverson brackets, and the opposite choice as 1 less that.

    >>> _indicator(Reading(), [Text("c"), Text("0"), Text("1")])
    Text(string='1 - [c != 0]', power=20, condition='', condition_power=10)
    """
    condition, *branches = operands
    indicator = m.syntax.indicator.replace("#1", m.syntax.truth(condition))
    match [branch.string for branch in branches]:
        case ["1", "0"]:
            return Text(indicator)
        case ["0", "1"]:
            return Text(f"1 - {indicator}", SUM[0])
    return None


@lru_cache(maxsize=4096)
def _indexed(name: str, taken: frozenset[str]) -> str:
    return numbered(name, taken)


def _without_sign(op: Op, operands: Sequence[Text]) -> Text | None:
    """Return the sign change of a text that begins with a minus sign for the whole of it, and that of a product.

    The minus sign of a product is that of its first factor, so that no brackets are needed: -a*b for -(a*b).
    """
    if op is not NEG or operands[0].power < PRODUCT[0] or operands[0].condition:
        return None
    string, power, *_ = operands[0]
    if string.startswith("-"):
        return Text(string[1:].lstrip(), power)
    return Text(f"-{string}", power) if power < SIGN[0] else None


def as_factor(text: Text, m: Notation) -> str:
    """Return a formula as a factor of a product of formulas: a sum, and what begins with a minus sign, in brackets.

    >>> as_factor(Text("-x", 40), Reading()), as_factor(Text("1/x", PRODUCT[0]), Reading())
    ('(-x)', '1/x')
    """
    return m.syntax.bracketed(text) if text.power < PRODUCT[0] or text.string.startswith("-") else text.string


def with_signs(text: str) -> str:
    """Return a formula as text with the signs of a textbook; names in backquotes stay as they are.

    >>> with_signs("-2*`a-b`**2")
    '−2·`a-b`^2'
    """
    return outside_quotes(_signed, text)


def _signed(text: str) -> str:
    return text.replace("**", "^").replace("*", "·").replace("-", "−")
