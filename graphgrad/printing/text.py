"""Print expressions as text, with no more parentheses than the parser needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON, LOGICAL, PRODUCT, SUM
from graphgrad.ops.table import STACK
from graphgrad.printing.operators import NUMBER, SIGN_POWER, Syntax, Text
from graphgrad.text.arguments import params_text
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.graph.data import Default
    from graphgrad.ops.op import Op

__all__ = ["TEXT", "Notation", "default_text", "number", "number_text"]

PLAIN_DIGITS: Final = 17
"""The longest whole number written without an exponent."""


TEXT: Final = Syntax(
    infix=dict.fromkeys((*LOGICAL, COMPARISON, SUM), "#1 {} #2"),
    other_infix="#1{}#2",
    postfix="#1{}",
    index="#1[{}]",
    sign_after_sign=True,
    array_brackets=("[", "]"),
)
"""The syntax that the parser reads."""


class Notation(Namespace):
    """The namespace whose values are text that parses to the operation.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Notation()
    >>> total = m.value(OPS["add"], [Text("a"), Text("b")])
    >>> m.value(OPS["mul"], [total, m.const(Fraction(-1, 2))]).string
    '(a + b)*-0.5'
    """

    syntax: ClassVar[Syntax] = TEXT

    def name(self, name: str) -> Text:
        """Return a name as text."""
        return Text(written(name))

    def const(self, value: Fraction) -> Text:
        """Return an exact number as text."""
        return number(number_text(value))

    def partial_of(self, function: str, parameter: str) -> Text:
        """Return the name of a function's derivative by a parameter."""
        return Text(f"∂{self.name(function).string}/∂{self.name(parameter).string}")

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as text."""
        return self.syntax.written(op, operands) or self.call(op, operands)

    def call(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as a function call, or as the name of a constant."""
        if not op.arity:
            return Text(op.name)
        if array := self.array(op, operands):
            return array
        operands = operands[: len(operands) - op.hidden]
        params = params_text(op, self.syntax.unspoken)
        return self.syntax.called(op.spoken, operands, f", {params}" if params else "")

    def array(self, op: Op, operands: Sequence[Text]) -> Text | None:
        """Return an array with its entries in brackets; None for other operations, and where no brackets are for it."""
        left, right = self.syntax.array_brackets
        if not left or (op.name, op.params) != (STACK.name, STACK.params):
            return None
        return Text(f"{left}{', '.join([x.string for x in operands])}{right}")


def number(string: str) -> Text:
    """Return a number's text as a piece of an expression.

    >>> number("-2")[:2], number("1/3")[:2]
    (('-2', 40), ('1/3', 30))
    """
    return Text(string, PRODUCT[0] if "/" in string else SIGN_POWER if string.startswith("-") else NUMBER)


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


def default_text(default: Default) -> str:
    """Return the value that a name is assigned: a number, or an array of numbers.

    >>> from fractions import Fraction
    >>> default_text((Fraction(1), Fraction(1, 2)))
    '[1, 0.5]'
    """
    return f"[{', '.join(map(default_text, default))}]" if isinstance(default, tuple) else number_text(default)


def _power(number: int, prime: int) -> int:
    """Return the exponent of a prime factor."""
    exponent = 0
    while number % prime == 0:
        number //= prime
        exponent += 1
    return exponent
