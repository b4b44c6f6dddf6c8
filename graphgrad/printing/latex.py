r"""How an expression is typeset: the namespace of LaTeX, for math mode with amsmath, MathJax or KaTeX."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from graphgrad.base.terminal_text import printable
from graphgrad.ops.elementary import COMPARISON, POWER, PRODUCT
from graphgrad.printing.text import ATOM, Notation, Text, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op

from typing import TYPE_CHECKING

from graphgrad.printing.program import definitions_of
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import GraphData


__all__ = ["Latex", "aligned", "escaped", "name_tex", "number_tex", "typeset"]


PARAMETER: Final = re.compile(r"(\{|^)?#(\d)")
"""An operand's place in an operation's LaTeX, with the brace that encloses it."""

ESCAPES: Final = {
    **{ord(character): f"\\{character}" for character in "{}$&#_%"},
    ord("\\"): r"\textbackslash{}",
    ord("^"): r"\textasciicircum{}",
    ord("~"): r"\textasciitilde{}",
}
GREEK: Final = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
"""The letters that LaTeX has a macro for."""

RELATION: Final = COMPARISON[0] - 1
"""The power of a comparison; where it is a number, 1 or 0, it stands in Iverson's brackets."""

BASE_OF_POWER: Final = POWER[0] - 1
"""The power of what needs parentheses only under an exponent, such as a fraction."""


class Latex(Notation):
    r"""Reads an operation as LaTeX; names that would be typeset alike are kept apart.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Latex()
    >>> total = m.value(OPS["add"], [m.name("apple"), m.name("x_1")])
    >>> print(m.value(OPS["div"], [total, m.const(Fraction(2))]).string)
    \frac{\mathrm{apple} + x_{1}}{2}
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Typeset these names first: where two would look alike, the first one gets the fine form."""
        self._names: dict[str, str] = {}
        self._fine: set[str] = set()
        for name in names:
            self.name(name)

    def name(self, name: str) -> Text:
        """Return a name as LaTeX."""
        if name not in self._names:
            fine = name_tex(name)
            self._names[name] = _literal(name) if fine in self._fine else fine
            self._fine.add(fine)
        return Text(self._names[name])

    def const(self, number: Fraction) -> Text:
        """Return an exact number as LaTeX."""
        string = number_tex(number_text(number))
        if string.startswith("-") or r"\cdot" in string:
            return Text(string, PRODUCT[0])
        return Text(string, ATOM if string.replace(".", "").isdecimal() else BASE_OF_POWER)

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as LaTeX."""
        if "#" in op.tex:
            return Text(_filled(op, operands), _power(op))
        return Text(op.tex + rf"\left({', '.join(x.string for x in operands)}\right)" * bool(operands))


def _power(op: Op) -> int:
    """Return how tightly an operation's LaTeX holds together."""
    if op.chooses:
        return 0
    if op.prefix:
        return PRODUCT[0]
    enclosing = all(brace == "{" for brace, _ in PARAMETER.findall(op.tex))
    return ATOM if not op.infix else BASE_OF_POWER if enclosing else op.power


def _filled(op: Op, operands: Sequence[Text]) -> str:
    """Return an operation's LaTeX with its operands in their places, in parentheses where they stand bare."""

    def operand(place: re.Match[str]) -> str:
        before, position = place[1], int(place[2]) - 1
        if before == "{":
            return before + operands[position].string
        return _bare(op, position, operands[position], first=before == "")

    return PARAMETER.sub(operand, op.tex)


def _bare(op: Op, position: int, operand: Text, *, first: bool) -> str:
    if op.chooses and position == 0:
        return operand.string if operand.power == RELATION else rf"{operand.string} \ne 0"
    needed = _power_needed(op, position)
    if operand.power >= needed and (first or not op.symbols or not operand.string.startswith("-")):
        return operand.string
    left, right = "[]" if operand.power == RELATION else "()"
    return rf"\left{left}{operand.string}\right{right}"


def _power_needed(op: Op, position: int) -> int:
    """Return how tightly an operand has to hold together to stand bare; sums and products read alike in any order."""
    if op.prefix:
        return PRODUCT[0]
    return 0 if not op.symbols else op.power if op.commutes else op.binds[position]


def number_tex(text: str) -> str:
    r"""Return a number, given as text, as LaTeX.

    >>> print(number_tex("1.08"), number_tex("-1/3"), number_tex("1.5e-07"), number_tex("1e300"))
    1.08 -\frac{1}{3} 1.5 \cdot 10^{-7} 10^{300}
    """
    sign, digits = text[: text.startswith("-")], text.removeprefix("-")
    if "/" in digits:
        above, below = digits.split("/")
        return rf"{sign}\frac{{{above}}}{{{below}}}"
    mantissa, e, exponent = digits.partition("e")
    if not e:
        return sign + {"inf": r"\infty"}.get(digits, digits)
    if "." not in mantissa and len(mantissa) > 1:
        mantissa, exponent = f"{mantissa[0]}.{mantissa[1:]}", str(int(exponent) + len(mantissa) - 1)
    power = f"10^{{{int(exponent)}}}"
    return sign + (power if mantissa == "1" else rf"{mantissa} \cdot {power}")


def name_tex(name: str) -> str:
    r"""Return a name as it is typeset: Greek letters, indices, words upright, other scripts as text.

    >>> print(name_tex("x"), name_tex("alpha"), name_tex("β2"), name_tex("learning_rate"), name_tex("りんご"))
    x \alpha \beta_{2} \mathrm{learning}_{\mathrm{rate}} \text{りんご}
    """
    base, *indices = name.split("_")
    digits = re.fullmatch(r"(\D+?)([0-9]+)", base)
    if digits:
        base, indices = digits[1], [digits[2], *indices]
    if not all(part.isalnum() for part in (base, *indices)):
        return _literal(name)
    subscript = ",".join(index if index.isdecimal() else _word(index) for index in indices)
    return _word(base) + (f"_{{{subscript}}}" if indices else "")


def _word(word: str) -> str:
    if len(word) == 1:
        greek = unicodedata.name(word, "").replace("LAMDA", "LAMBDA").partition(" LETTER ")
        letter = {"GREEK SMALL": greek[2].lower(), "GREEK CAPITAL": greek[2].capitalize()}.get(greek[0])
        word = letter if letter and GREEK.fullmatch(letter) else word
    if GREEK.fullmatch(word):
        return f"\\{word}"
    if word.isascii() and word.isalnum():
        return word if len(word) == 1 else rf"\mathrm{{{word}}}"
    return _literal(word)


def _literal(name: str) -> str:
    return rf"\mathrm{{{escaped(name)}}}" if re.fullmatch(r"\w+", name, re.ASCII) else rf"\text{{{escaped(name)}}}"


def escaped(text: str) -> str:
    r"""Return any text so that LaTeX shows it and obeys nothing in it.

    >>> print(escaped(r"50% of $x_1$ \input"))
    50\% of \$x\_1\$ \textbackslash{}input
    """
    return printable(text).translate(ESCAPES)


def typeset(graph: GraphData) -> str:
    r"""Return a graph as LaTeX for math mode.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> print(typeset(build("(a + b)/2", parse("(a + b)/2"))))
    \frac{a + b}{2}
    """
    m = Latex(graph.names.values())
    definitions, [text] = definitions_of(lower(graph), graph.names, m)
    equations = [(m.name(name).string, defined.string) for name, defined in definitions]
    output = graph.output_name
    if output and m.name(output) == text:
        return aligned(equations)
    return aligned([*equations, (m.name(output).string if output else "", text.string)])


def aligned(equations: Sequence[tuple[str, str]]) -> str:
    r"""Return equations, each a left and a right side, one below the other; a single one stands alone.

    >>> print(aligned([("s", "x + y"), ("", "s^{2}")]))
    \begin{aligned}
    s &= x + y \\
    & s^{2}
    \end{aligned}
    """
    if len(equations) == 1:
        [(left, right)] = equations
        return f"{left} = {right}" if left else right
    lines = " \\\\\n".join(f"{left} &= {right}" if left else f"& {right}" for left, right in equations)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
