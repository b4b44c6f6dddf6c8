"""How an expression is written: the namespace of text, with no more parentheses than its parser needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import PRODUCT, SIGN, SUM
from graphgrad.ops.table import OPS
from graphgrad.text.arguments import index_text, params_text
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op

__all__ = ["ATOM", "SIGN_POWER", "Notation", "Text", "number_text"]

ATOM: Final = 1_000
"""The power of what never needs parentheses: a name, a number, a call."""

SIGN_POWER: Final = SIGN[1]
"""The power of a number with a minus sign."""


PLAIN_DIGITS: Final = 17
"""The longest whole number written without an exponent."""


class Text(NamedTuple):
    """A piece of an expression, and how tightly it holds together."""

    string: str
    power: int = ATOM

    def under(self, power: int) -> str:
        """Return the text as it stands where something binds with `power`."""
        return self.string if self.power >= power else f"({self.string})"

    def before_mark(self) -> str:
        """Return the text as it stands before a dot or a bracket, which a number would swallow."""
        return f"({self.string})" if self.power < ATOM or self.string[0] in "0123456789." else self.string

    def after(self, power: int) -> str:
        """Return the text as it stands after an operator, where a sign needs no parentheses: 2**-x."""
        return self.string if self.power == SIGN_POWER else self.under(power)


class Notation(Namespace):
    """Reads an operation as the text that parses to it.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Notation()
    >>> total = m.value(OPS["add"], [Text("a"), Text("b")])
    >>> m.value(OPS["mul"], [total, m.const(Fraction(-1, 2))]).string
    '(a + b)*-0.5'
    """

    def name(self, name: str) -> Text:
        """Return a name as text."""
        return Text(name)

    def const(self, number: Fraction) -> Text:
        """Return an exact number as text."""
        string = number_text(number)
        power = PRODUCT[0] if "/" in string else SIGN_POWER if number < 0 else ATOM
        return Text(string, power)

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as text."""
        if op.prefix:
            return Text(op.symbols[0] + operands[0].under(op.binds[1]), op.power)
        if op.infix:
            left, right = operands[0].under(op.binds[0]), operands[1].after(op.binds[1])
            blank = " " if op.power <= SUM[0] else ""
            return Text(f"{left}{blank}{op.symbols[0]}{blank}{right}", op.power)
        defaults = OPS[op.name].options if op.params else {}
        params = params_text(op, defaults)
        if op.postfix == BRACKETS:
            return Text(operands[0].before_mark() + index_text(op.params[0][1]))
        if op.postfix and not params:
            return Text(operands[0].before_mark() + op.postfix)
        return Text(f"{op.spoken}({', '.join(x.string for x in operands)}{params})" if op.arity else op.name)


def number_text(number: Fraction) -> str:
    """Return an exact number as its shortest decimal text, or as a fraction where it has none.

    >>> from fractions import Fraction
    >>> number_text(Fraction(27, 25)), number_text(Fraction(1, 3)), number_text(Fraction(10)**300)
    ('1.08', '1/3', '1e300')
    """
    places = max(_power(number.denominator, 2), _power(number.denominator, 5))
    if number.denominator != 2 ** _power(number.denominator, 2) * 5 ** _power(number.denominator, 5):
        return f"{number.numerator}/{number.denominator}"
    sign, digits = "-" * (number < 0), str(abs(number.numerator) * 10**places // number.denominator)
    if places == 0:
        bare = digits.rstrip("0")
        return sign + (digits if len(digits) <= PLAIN_DIGITS else f"{bare}e{len(digits) - len(bare)}")
    if len(digits) < places - 3:
        return f"{sign}{digits}e-{places}"
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _power(number: int, prime: int) -> int:
    found = 0
    while number % prime == 0:
        number //= prime
        found += 1
    return found
