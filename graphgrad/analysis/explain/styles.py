"""The formats of explanations: plain text, Markdown with formulas, LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.base.terminal_text import columns, isolated, printable
from graphgrad.namespaces.display import short
from graphgrad.printing.latex import number_tex
from graphgrad.printing.latex_names import escaped
from graphgrad.printing.reading import with_signs
from graphgrad.typeset.plain import number_phrase
from graphgrad.typeset.unicode_text import RAISED, unicode_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.analysis.explain.chain import Formula

__all__ = ["FORMATS", "MINUS", "QUOTED", "TIMES", "Equation", "Style"]

MAX_LINE: Final = 100
"""The most columns of an equation on one line."""

BREAK: Final = " \\\\\n&= "
"""What stands between the sides of a long equation in LaTeX: one below the other."""

MACRO: Final = re.compile(r"\\[A-Za-z]+|[{}^_ ]")
"""What takes no room in a typeset formula."""

ONE_NAME: Final = re.compile(rf"(?:(?![{''.join(RAISED)}])[\w,.])+|`(?:[^`]|``)+`")
"""A name, with subscripts or in quotes."""

SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

MINUS: Final = ("-", "−")
TIMES: Final = ("×", r"\times")
"""How a negative number begins, and what a number with a power of ten contains, in any format."""

Equation = list[str]
"""The sides of an equation, from left to right."""


class Style:
    """Plain text for a terminal: formulas in Unicode, as pictures show them."""

    times, plus, dots, between = " · ", " + ", "…", "\n"

    def pick(self, formula: Formula) -> str:
        """Return a formula of the graph."""
        return printable(unicode_of(formula.tex))

    def factor(self, formula: Formula) -> str:
        """Return a formula as a factor of a product; a fraction, too, begins with the minus sign above its line."""
        text = self.pick(formula)
        return f"({text})" if text.startswith(MINUS) else text

    def sympy(self, formula: Formula) -> str:
        """Return sympy's formula; sympy's own text where its LaTeX is none of ours."""
        try:
            return self.pick(formula)
        except RenderError:
            return printable(with_signs(formula.text))

    def number(self, value: Any) -> str:
        """Return a number."""
        return number_phrase(short(value))

    def partial(self, of: str, by: str, occurrence: int = 0) -> str:
        """Return ∂of/∂by, with the place of the operand where it has several."""
        which = f"⁽{str(occurrence).translate(SUPERSCRIPTS)}⁾" if occurrence else ""
        return f"∂{_grouped(of)}/∂{_grouped(by)}{which}"

    def inline(self, text: str) -> str:
        """Return a formula within a sentence."""
        return text

    def prose(self, text: str) -> str:
        """Return a sentence."""
        return printable(text)

    def heading(self, text: str) -> str:
        """Return a heading."""
        return text

    def equations(self, equations: Sequence[Equation]) -> str:
        """Return equations below each other."""
        return "\n".join(line for sides in equations for line in _lines(sides))

    def remark(self, text: str) -> str:
        """Return a sentence beside the equations."""
        return f"  ({text})"

    def finished(self, text: str) -> str:
        """Return the whole text, as it is shown."""
        return isolated(text)


class _Quoted(Style):
    """The same where names have blanks or signs, which are told from formulas by their quotes."""

    def pick(self, formula: Formula) -> str:
        return printable(with_signs(formula.text))


class _Latex(Style):
    """LaTeX for a document that loads amsmath."""

    times, plus, dots = r" \cdot ", " + ", r"\dots"

    def pick(self, formula: Formula) -> str:
        return formula.tex

    def factor(self, formula: Formula) -> str:
        return formula.tex

    def sympy(self, formula: Formula) -> str:
        return formula.tex

    def number(self, value: Any) -> str:
        return number_tex(short(value))

    def partial(self, of: str, by: str, occurrence: int = 0) -> str:
        which = f"^{{({occurrence})}}" if occurrence else ""
        return rf"\frac{{\partial {of}}}{{\partial {_grouped_tex(by)}{which}}}"

    def inline(self, text: str) -> str:
        return f"${text}$"

    def prose(self, text: str) -> str:
        return escaped(text)

    def equations(self, equations: Sequence[Equation]) -> str:
        return f"\\begin{{align*}}\n{_rows(equations)}\n\\end{{align*}}"

    def remark(self, text: str) -> str:
        return f"({text})"

    def finished(self, text: str) -> str:
        return text


class _Markdown(_Latex):
    """Markdown with LaTeX formulas between dollar signs, for notebooks and code hosts."""

    between = "\n\n"

    def prose(self, text: str) -> str:
        return re.sub(r"([\\`*_{}\[\]<>()#+.!|$~-])", r"\\\1", printable(text))

    def heading(self, text: str) -> str:
        return f"**{text}**"

    def equations(self, equations: Sequence[Equation]) -> str:
        return f"$$\n\\begin{{aligned}}\n{_rows(equations)}\n\\end{{aligned}}\n$$"


def _grouped_tex(tex: str) -> str:
    """Return a formula in LaTeX in parentheses, a single name as it is; x^2 under ∂ would be a second derivative."""
    return tex if "^" not in tex else rf"\left({tex}\right)"


def _grouped(text: str) -> str:
    """Return a formula in parentheses, a single name as it is."""
    return text if ONE_NAME.fullmatch(text) else f"({text})"


QUOTED: Final = _Quoted()

FORMATS: Final[dict[str, Style]] = {"text": Style(), "markdown": _Markdown(), "latex": _Latex()}


def _rows(equations: Sequence[Equation]) -> str:
    return " \\\\\n".join(
        f"{sides[0]} &= {(' = ' if _is_short(sides) else BREAK).join(sides[1:])}" for sides in equations
    )


def _is_short(sides: Equation) -> bool:
    """Tell whether an equation in LaTeX fits on a line, by its characters, without the names of macros."""
    return sum(len(MACRO.sub("", side)) for side in sides) <= MAX_LINE


def _lines(sides: Equation) -> Iterator[str]:
    """Yield an equation as a line, or as a line for each side below the first equals sign."""
    line = "  " + " = ".join(sides)
    if columns(line) <= MAX_LINE or len(sides) < 3:  # noqa: PLR2004  two sides stand on one line
        yield line
        return
    first, second, *more = sides
    yield f"  {first} = {second}"
    blanks = " " * (columns(first) + 2)
    yield from (f"{blanks} = {side}" for side in more)
