"""Format a chain rule as plain text, as Markdown with formulas, or as LaTeX."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from graphgrad.analysis.explain.chain import MAX_COUNT, Formula
from graphgrad.analysis.explain.phrases import WORDS
from graphgrad.base.errors import RenderError
from graphgrad.base.public import public
from graphgrad.base.terminal_text import columns, isolated, printable
from graphgrad.namespaces.display import short
from graphgrad.printing.latex import number_tex
from graphgrad.printing.latex_names import escaped
from graphgrad.text.quoted_names import outside_quotes
from graphgrad.typeset.plain import number_phrase
from graphgrad.typeset.unicode_text import RAISED, unicode_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.analysis.explain.chain import Chain, Factor, Gathered, Path
    from graphgrad.check.sympy_formula import SympyDerivative

__all__ = ["FORMATS", "Explanation"]

MAX_POINT: Final = 12
"""The most inputs whose values are written."""

MAX_USES: Final = 6
"""The most nodes whose uses are told."""

MAX_WARNINGS: Final = 12
"""The most kinks and overflows that are written."""

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


class _Plain:
    """Plain text for a terminal: formulas in Unicode, as pictures show them."""

    times, plus, dots, between = " · ", " + ", "…", "\n"

    def pick(self, formula: Formula) -> str:
        if "`" in formula.text:  # a name with blanks or signs is told from the formula by its quotes
            return printable(outside_quotes(_with_signs, formula.text))
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
            return printable(outside_quotes(_with_signs, formula.text))

    def number(self, value: Any) -> str:
        return number_phrase(short(value))

    def partial(self, of: str, by: str, occurrence: int = 0) -> str:
        which = f"⁽{str(occurrence).translate(SUPERSCRIPTS)}⁾" if occurrence else ""
        return f"∂{_grouped(of)}/∂{_grouped(by)}{which}"

    def inline(self, text: str) -> str:
        return text

    def prose(self, text: str) -> str:
        return printable(text)

    def heading(self, text: str) -> str:
        return text

    def equations(self, equations: Sequence[Equation]) -> str:
        return "\n".join(line for sides in equations for line in _lines(sides))

    def remark(self, text: str) -> str:
        return f"  ({text})"

    def finished(self, text: str) -> str:
        return isolated(text)


class _Latex(_Plain):
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


def _with_signs(text: str) -> str:
    return text.replace("**", "^").replace("*", "·").replace("-", "−")


def _grouped(text: str) -> str:
    """Return a formula in parentheses, a single name as it is."""
    return text if ONE_NAME.fullmatch(text) else f"({text})"


FORMATS: Final[dict[str, _Plain]] = {"text": _Plain(), "markdown": _Markdown(), "latex": _Latex()}


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


@public
@dataclass(frozen=True)
class Explanation:
    """An explanation of a derivative: `chain` as data, sympy's derivative as `sympy`, `str()` in format and language.

    The chain is that of the output's derivative; where the passes had another `seed` than 1, the text says so.

    >>> from graphgrad import parse
    >>> explanation = parse("x*y").backprop({"x": 3, "y": 5}).explain("x")
    >>> explanation.chain.derivative, explanation.sympy.text
    (5.0, 'y')
    """

    chain: Chain
    sympy: SympyDerivative
    format: str = "text"
    language: str = "en"
    seed: Any = 1

    def __str__(self) -> str:
        """Return the explanation as text."""
        style = FORMATS[self.format]
        return style.finished("\n\n".join(style.between.join(block) for block in _Blocks(self).blocks()))

    def _repr_markdown_(self) -> str:
        """Show itself in a notebook, with formulas."""
        return str(replace(self, format="markdown"))

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the explanation as plain text and with formulas; without it, the text would be that of a dataclass."""
        return {"text/plain": str(replace(self, format="text")), "text/markdown": self._repr_markdown_()}


class _Blocks:
    """Writes the blocks of an explanation, each a heading and the lines below it."""

    def __init__(self, explanation: Explanation) -> None:
        self.chain, self.sympy, self.seed = explanation.chain, explanation.sympy, explanation.seed
        self.style, self.words = FORMATS[explanation.format], WORDS[explanation.language]
        self.of, self.by = self.style.pick(self.chain.output), self.style.pick(self.chain.name)
        self.whole = self.style.partial(self.of, self.by)

    def blocks(self) -> Iterator[list[str]]:
        yield [self.heading("title"), *self.point()]
        if self.chain.steps:
            yield [self.heading("steps"), self.equations(self.steps()), *self.left_out()]
        if self.chain.factors:
            yield [self.heading("local"), self.equations(map(self.local, self.chain.factors)), *self.occurrences()]
        yield from self.combined()
        if self.seed != 1:
            yield [self.heading("seed"), self.equations([self.seeded()])]
        yield [self.heading("sympy"), self.closing()]
        if self.chain.warnings:
            yield [self.heading("note"), *map(self.warning, self.chain.warnings[:MAX_WARNINGS])]

    def warning(self, text: str) -> str:
        return self.style.remark(self.style.prose(text))

    def phrase(self, word: str, **more: Any) -> str:
        names = {"of": self.style.inline(self.of), "by": self.style.inline(self.by)}
        return str(getattr(self.words, word)).format(**names, **more)

    def heading(self, word: str, **more: Any) -> str:
        return self.style.heading(self.phrase(word, **more))

    def equations(self, equations: Iterable[Equation]) -> str:
        return self.style.equations([*equations])

    def point(self) -> list[str]:
        equations = [f"{self.style.pick(name)} = {self.style.number(value)}" for name, value in self.chain.at]
        more = [self.style.dots] * (len(equations) > MAX_POINT)
        values = ", ".join(map(self.style.inline, equations[:MAX_POINT] + more))
        return [self.phrase("point", values=values)] if equations else []

    def steps(self) -> Iterator[Equation]:
        for name, formula, value in self.chain.steps:
            yield [self.style.pick(name), self.style.pick(formula), *self.value(value)]

    def value(self, value: Any) -> list[str]:
        return [] if isinstance(value, Exception) else [self.style.number(value)]

    def left_out(self) -> list[str]:
        count = self.chain.left_out
        return [self.style.remark(self.phrase("left_out", count=count))] if count else []

    def occurrences(self) -> list[str]:
        repeated = any(factor.occurrence for factor in self.chain.factors)
        return [self.style.remark(self.phrase("occurrences"))] if repeated else []

    def name(self, factor: Factor) -> str:
        return self.style.partial(self.style.pick(factor.of), self.style.pick(factor.by), factor.occurrence)

    def local(self, factor: Factor) -> Equation:
        sides = [self.name(factor), self.style.pick(factor.formula), self.style.number(factor.value)]
        return [*dict.fromkeys(sides)]

    def combined(self) -> Iterator[list[str]]:
        """Yield the blocks that combine the local derivatives: along paths, or node by node."""
        derivative = self.style.number(self.chain.derivative)
        if self.chain.gathered:
            yield [
                self.heading("gather", count=self.count()),
                self.equations(map(self.gathered, self.chain.gathered)),
                self.end(),
            ]
        elif not self.chain.paths:
            why = "flat" if self.chain.depends else "nothing"
            yield [self.heading(why), self.equations([[self.whole, derivative]])]
        elif not self.chain.paths[0].factors:
            yield [self.heading("itself"), self.equations([[self.whole, derivative]])]
        elif len(self.chain.paths) == 1:
            yield [self.heading("path"), self.equations([self.path(self.chain.paths[0], first=self.whole)]), self.end()]
        else:
            products = self.style.plus.join(self.operand(path.product) for path in self.chain.paths)
            yield [
                self.heading("paths", count=self.count()),
                self.equations(map(self.path, self.chain.paths)),
                self.end(),
            ]
            yield [self.heading("sum"), self.equations([[self.whole, products, derivative]]), *self.uses()]

    def seeded(self) -> Equation:
        """Return the entry of the gradient: the seed times the derivative."""
        seed, derivative = self.multiplied(self.seed), self.chain.derivative
        product = self.style.number(self.seed * derivative)
        return [*(self.style.times.join((seed, by)) for by in (self.whole, self.multiplied(derivative))), product]

    def count(self) -> str:
        count = self.chain.path_count
        return str(count) if count < MAX_COUNT else f"> {MAX_COUNT}"

    def end(self) -> str:
        """Return the sentence that says with what the product begins."""
        seed = f"{self.style.partial(self.of, self.of)} = 1"
        return self.style.remark(self.phrase("end", seed=self.style.inline(seed)))

    def uses(self) -> Iterator[str]:
        """Yield a sentence for each node because of which there is a sum."""
        for name, by in self.chain.uses[:MAX_USES]:
            counts = Counter(self.style.inline(self.style.pick(user)) for user in by)
            is_single = len(counts) == 1
            users = [
                f"{user} ({self.often(count)})" if count > 1 and not is_single else user
                for user, count in counts.items()
            ]
            listed = users[0] if not users[1:] else self.words.also.join((", ".join(users[:-1]), users[-1]))
            node = self.style.inline(self.style.pick(name))
            yield self.style.remark(self.phrase("used", node=node, often=self.often(len(by)), users=listed))

    def often(self, count: int) -> str:
        return self.words.twice if count == 2 else self.words.times.format(count=count)  # noqa: PLR2004  twice

    def path(self, path: Path, first: str = "") -> Equation:
        """Return the product along a path three times: derivatives, their formulas, their numbers; from the end on."""
        factors = path.factors[::-1]
        written = (
            map(self.name, factors),
            (self.style.factor(factor.multiplied) for factor in factors),
            (self.multiplied(factor.value) for factor in factors),
        )
        sides = [first, *map(self.style.times.join, written), self.style.number(path.product)]
        return [*dict.fromkeys(side for side in sides if side)]

    def gathered(self, gathered: Gathered) -> Equation:
        sums: list[list[str]] = [[], [], []]
        for user, adjoint, factor in gathered.terms:
            outer = self.style.partial(self.of, self.style.pick(user))
            formula, number = self.style.factor(factor.multiplied), self.multiplied(factor.value)
            terms = [(outer, self.name(factor)), (outer, formula), (self.multiplied(adjoint), number)]
            for total, term in zip(sums, terms, strict=True):
                total.append(term[1] if user == self.chain.output else self.style.times.join(term))
        for total in sums if gathered.left_out else ():
            total.append(self.style.dots)
        whole = self.style.partial(self.of, self.style.pick(gathered.name))
        sides = [whole, *map(self.style.plus.join, sums), self.style.number(gathered.adjoint)]
        return [*dict.fromkeys(sides)]

    def operand(self, value: Any) -> str:
        """Return a number as a term of a sum: a negative one in brackets."""
        number = self.style.number(value)
        return f"({number})" if number.startswith(MINUS) else number

    def multiplied(self, value: Any) -> str:
        """Return a number as a factor of a product: a negative one and a power of ten in brackets."""
        number = self.style.number(value)
        return f"({number})" if number.startswith(MINUS) or any(sign in number for sign in TIMES) else number

    def closing(self) -> str:
        sympy = self.sympy
        if not sympy.sides and sympy.value is None:
            return self.style.remark(self.phrase("not_attempted", why=self.style.prose(sympy.why)))
        formula = self.style.sympy(Formula(sympy.text, sympy.tex)) if sympy.text else self.style.dots
        sides = [self.whole, formula, *([] if sympy.sides else [self.style.number(sympy.value)])]
        equation = self.equations([[*dict.fromkeys(sides)]])
        if not sympy.sides:
            return equation
        numbers = ", ".join(self.style.inline(self.style.number(float(side))) for side in sympy.sides)
        return "\n".join([equation, self.style.remark(": ".join([self.phrase("sides"), numbers]))])
