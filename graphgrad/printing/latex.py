r"""Typeset a graph in LaTeX, for math mode with amsmath, MathJax or KaTeX."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.ops.elementary import PRODUCT
from graphgrad.ops.table import NEG, POW
from graphgrad.printing.inlining import definitions_of
from graphgrad.printing.latex_names import escaped, greek_letters, name_tex
from graphgrad.printing.operators import BASE, NUMBER, RELATION, SIGN_POWER, Syntax, Text
from graphgrad.printing.text import Notation, number_text
from graphgrad.tape.tape import lower
from graphgrad.text.arguments import params_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op

__all__ = ["LATEX", "Latex", "aligned", "number_tex", "right_side", "typeset"]

NOT_ZERO: Final = r" \ne 0"

CONSTANT: Final = re.compile(r'\w+="([A-Za-z,]*)(?:->([A-Za-z]*))?"|([A-Za-z_]+)|(\.\.\.)|(:)')


def _constant(text: str) -> str:
    r"""Return parameters, or an index, as LaTeX.

    >>> print(_constant("axis=(0, 1), keepdims=True"), _constant("1:, ..."))
    \mathrm{axis}=(0, 1), \mathrm{keepdims}=\mathrm{True} 1{:}, \ldots
    >>> print(_constant('subscripts="ij,jk->ik"'))
    ij,jk \to ik
    """
    return CONSTANT.sub(_constant_part, text)


def _constant_part(match: re.Match[str]) -> str:
    letters, output, word, dots, _ = match.groups()
    if letters is not None:
        return letters if output is None else rf"{letters} \to {output}"
    return rf"\mathrm{{{escaped(word)}}}" if word else r"\ldots" if dots else "{:}"


LATEX: Final = Syntax(
    from_rows=True,
    index=r"#1\left[{}\right]",
    nonzero=f"#1{NOT_ZERO}",
    is_condition=False,
    sign_after_operator=False,
    brackets=(r"\left(", r"\right)"),
    relation_brackets=(r"\left[", r"\right]"),
    array_brackets=(r"\left[", r"\right]"),
    constant=_constant,
)
"""Patterns come from each operation's row. A comparison used as a number, 1 or 0, stands in Iverson brackets."""


SCIENTIFIC: Final = re.compile(r"[\d.]+ \\times 10\^\{-?\d+\}")
"""A number with a power of ten."""

MANY_ZEROS: Final = 6
"""The number of zeros at the end of a whole number from which on it is written with a power of ten."""


OTHERWISE_READ: Final = ("e", "T")
"""The names of a base and of an exponent with which a power would be read as exp(x), or as a transposed matrix."""


class Latex(Notation):
    r"""The namespace whose values are LaTeX; no two names are typeset alike.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> m = Latex()
    >>> total = m.value(OPS["add"], [m.name("apple"), m.name("x_1")])
    >>> print(m.value(OPS["div"], [total, m.const(Fraction(2))]).string)
    \frac{\mathrm{apple} + x_{1}}{2}
    """

    syntax: ClassVar = LATEX

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Take all names of the graph: if one contains the letter α, the name alpha is spelled out."""
        self._letters = greek_letters(names)

    def name(self, name: str) -> Text:
        """Return a name as LaTeX."""
        return Text(_name(name, self._letters))

    def const(self, value: Fraction) -> Text:
        """Return an exact number as LaTeX."""
        string = number_tex(number_text(value))
        if r"\times" in string:
            return Text(string, PRODUCT[0])
        if string.startswith("-"):
            return Text(string, SIGN_POWER)
        return Text(string, NUMBER if string.replace(".", "").isdecimal() else BASE)

    def partial_of(self, function: str, parameter: str) -> Text:
        """Return the name of a function's derivative by a parameter."""
        of, by = self.name(function).string, self.name(parameter).string
        return Text(rf"\frac{{\partial {of}}}{{\partial {by}}}", BASE)

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as LaTeX."""
        if op.chooses:
            operands = [_condition(operands[0]), *operands[1:]]
        if op is POW:
            operands = [_unlike(x, other) for x, other in zip(operands, OTHERWISE_READ, strict=True)]
        if op is NEG and SCIENTIFIC.fullmatch(operands[0].string):
            return Text(f"-{operands[0].string}", PRODUCT[0])
        return super().value(op, operands)

    def call(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as a function call, with its parameters as a subscript of the function's name."""
        if op.parameters:
            return self.syntax.called(self.name(op.name).string, operands[: len(operands) - op.hidden])
        if len(operands) > 1 and (array := self.array(op, operands)):
            return array
        params = params_text(op, self.syntax.unspoken)
        name = op.tex if not ("#" in op.tex or (params and "_" in op.tex)) else _operator(op)
        below = f"_{{{_constant(params)}}}" if params else ""
        return self.syntax.called(name + below, operands) if op.arity else Text(name)


@lru_cache(maxsize=4096)
def _name(name: str, letters: frozenset[str]) -> str:
    return name_tex(name, letters)


def _operator(op: Op) -> str:
    return rf"\operatorname{{{escaped(op.spoken)}}}"


def _unlike(x: Text, other: str) -> Text:
    """Return x so that it is a name to every reader."""
    return x._replace(string=rf"\mathit{{{other}}}") if x.string == other else x


def _condition(x: Text) -> Text:
    r"""Return x as a condition: in brackets, where it is a number compared with 0."""
    if not x.condition.endswith(NOT_ZERO):
        return x
    return x._replace(condition=LATEX.bracketed(x._replace(string=x.condition)))


def number_tex(text: str) -> str:
    r"""Return a number, given as text, as LaTeX.

    >>> print(number_tex("1.08"), number_tex("-1/3"), number_tex("1.5e-07"), number_tex("300000000"))
    1.08 \frac{-1}{3} 1.5 \times 10^{-7} 3 \times 10^{8}
    """
    if "/" in text:
        above, below = text.split("/")
        return rf"\frac{{{above}}}{{{below}}}"
    sign, digits = text[: text.startswith("-")], text.removeprefix("-")
    mantissa, e, exponent = digits.partition("e")
    if digits.strip("0").isdecimal() and (zeros := len(digits) - len(digits.rstrip("0"))) >= MANY_ZEROS:
        mantissa, e, exponent = digits[:-zeros], "e", str(zeros)
    if not e:
        return sign + {"inf": r"\infty"}.get(digits, digits)
    if "." not in mantissa and len(mantissa) > 1:
        mantissa, exponent = f"{mantissa[0]}.{mantissa[1:]}", str(int(exponent) + len(mantissa) - 1)
    return rf"{sign}{mantissa} \times 10^{{{int(exponent)}}}"


def typeset(graph: GraphData) -> str:
    r"""Return a graph as LaTeX for math mode.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> print(typeset(build("(a + b)/2", parse("(a + b)/2"))))
    \frac{a + b}{2}
    """
    graph = graph.to_read
    written_out = _typeset(graph)
    with_functions = _with_functions(graph) if graph.calls else None
    return with_functions if with_functions and len(with_functions) < len(written_out) else written_out


def _with_functions(graph: GraphData) -> str | None:
    """Return a graph with the definitions of its functions; None where they cannot be printed."""
    from graphgrad.printing.definitions import equations

    m = Latex([*graph.names.values(), *(graph.calls.functions if graph.calls else ())])
    lines: list[tuple[str, str]] = []
    for name, parameters, text in equations(graph, m) or ():
        shown = name or graph.output_name
        left = m.name(shown).string if shown else ""
        if parameters is not None:
            left = LATEX.called(left, [m.name(each) for each in parameters]).string
        if text.string != left:
            lines.append((left, right_side(text) if left else _alone(text, is_first=not lines)))
    return aligned(lines) if lines else None


def _typeset(graph: GraphData) -> str:
    m = Latex(graph.names.values())
    definitions, [text] = definitions_of(lower(graph), graph.names, m)
    equations = [(m.name(name).string, right_side(defined)) for name, defined in definitions]
    output = graph.output_name
    if output and m.name(output) == text:
        given = graph.defaults.get(output)
        if given is None or isinstance(given, tuple):
            return aligned(equations or [("", text.string)])
        return aligned(equations or [(text.string, m.const(given).string)])
    last = (m.name(output).string, right_side(text)) if output else ("", _alone(text, is_first=not equations))
    return aligned([*equations, last])


def right_side(text: Text) -> str:
    """Return a piece of an expression for the right side of an equation: a comparison is put in brackets."""
    return LATEX.bracketed(text) if text.power <= RELATION and text.condition else text.string


def _alone(text: Text, *, is_first: bool) -> str:
    """Return a piece to stand alone: in brackets where it would be read as an equation, or as the last line's end."""
    continues = not is_first and text.string.startswith("-")
    return LATEX.bracketed(text) if continues or (text.condition and " = " in text.condition) else text.string


def aligned(equations: Sequence[tuple[str, str]]) -> str:
    r"""Return equations, as pairs of left and right sides, aligned below each other; a single one without alignment.

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
